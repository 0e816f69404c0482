//! Notices of people: one message an update, whatever door the update came through.

use std::path::Path;

use model::notification::rule::Topic;
use prober::clock::Clock;
use stillup::{
    config::Defaults,
    operator::{AddedSites, Operator},
};

use crate::{
    receiver::{Receiver, ReceiverMood},
    support::{NotifierUnderTest, webhook},
};

/// The files of a directory, as one process has them.
fn files(dir: &Path) -> Operator {
    Operator::open(dir, AddedSites::open(dir, &dir.join("sites.toml"), Defaults::default()))
}

fn keys(text: &str) -> toml::Table {
    text.parse().unwrap()
}

#[tokio::test]
async fn each_update_is_one_message_for_each_channel_that_wants_it_whoever_wrote_it() {
    let receiver = Receiver::start(ReceiverMood::Answers(200)).await;
    let mut wants = webhook("team", &receiver.url("hook"));
    wants.rule.on = vec![Topic::Notice];
    let deaf = webhook("others", &receiver.url("never"));
    let channels = [wants.clone(), deaf.clone()];
    let dir = tempfile::tempdir().unwrap();
    let mut notifier = NotifierUnderTest::new(&["a.example"]).await;
    notifier.operator = files(dir.path());
    let planner = notifier.plan(&channels).await;
    // Another process at the same database plans as well.
    let _all = (notifier.plan(&channels).await, notifier.deliver(&wants), notifier.deliver(&deaf));
    let clock = Clock::system();
    let text = "title = \"Sign-in fails\"\ntext = \"We look.\"\nimpact = \"major\"";
    let notice = notifier.operator.open_notice(keys(text), "api", clock.now()).unwrap();
    receiver.wait_for(1).await;
    // The command line is another process, whose change this one reads.
    let over = keys("text = \"Over.\"\nstate = \"resolved\"");
    files(dir.path()).update_notice(&notice.id, over, "cli", clock.now(), |_| Ok(())).unwrap();
    notifier.operator.look();
    let seen = receiver.wait_for(2).await;
    // A planner that is started anew tells nothing again.
    planner.kill().await;
    let _again = notifier.plan(&channels).await;
    let last = keys("text = \"It was DNS.\"\nstate = \"postmortem\"");
    notifier.operator.update_notice(&notice.id, last, "api", clock.now(), |_| Ok(())).unwrap();
    receiver.wait_for(3).await;
    notifier.counted("team", (0, 3, 0)).await;
    notifier.counted("others", (0, 0, 0)).await;
    let (opened, closed) = (seen[0].json(), seen[1].json());
    assert_eq!(
        (&opened["type"], &closed["type"]),
        (&"notice.opened".into(), &"notice.resolved".into())
    );
    assert_eq!(opened["data"]["title"], "Sign-in fails: investigating");
    assert_eq!(opened["data"]["page"], format!("https://up.example/notices/{}", notice.id));
    assert_eq!(closed["data"]["summary"], "Over.");
    assert_eq!(closed["data"]["notice"]["update_id"], format!("{}-2", notice.id));
}
