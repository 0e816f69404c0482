//! Certificates that end soon: each told once for each of the days that a channel names.

use std::time::Duration;

use model::notification::rule::Topic;
use prober::clock::Clock;

use crate::{
    receiver::{Receiver, ReceiverMood},
    support::{NotifierUnderTest, webhook},
};

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn a_certificate_is_told_once_for_each_of_the_days_over_a_restart_too() {
    let receiver = Receiver::start(ReceiverMood::Answers(200)).await;
    let mut wants = webhook("team", &receiver.url("hook"));
    (wants.rule.on, wants.rule.certificate_days) = (vec![Topic::Certificate], vec![21, 7, 1]);
    let deaf = webhook("others", &receiver.url("never"));
    let channels = [wants.clone(), deaf.clone()];
    let notifier = NotifierUnderTest::new(&["a.example", "b.example", "c.example"]).await;
    let now = Clock::system().now();
    // Long enough, soon, and sooner than the first of the days.
    notifier.show_certificate("a.example", now + DAY * 90);
    notifier.show_certificate("b.example", now + DAY * 20);
    notifier.show_certificate("c.example", now + DAY * 5 + DAY / 2);
    let planner = notifier.plan(&channels).await;
    // Another process at the same database plans as well.
    let other = notifier.plan(&channels).await;
    let _all = (notifier.deliver(&wants), notifier.deliver(&deaf));
    let told = receiver.wait_for(1).await[0].json();
    assert_eq!(told["type"], "certificate.ends");
    assert_eq!(told["data"]["title"], "The certificates of 2 sites end soon");
    assert_eq!(told["data"]["count"], 2);
    let lines = told["data"]["certificates"].as_array().unwrap();
    let named: Vec<_> = lines.iter().map(|line| (&line["slug"], &line["days"])).collect();
    assert_eq!(named, [(&"c.example".into(), &7.into()), (&"b.example".into(), &21.into())]);
    assert_eq!(lines[0]["page"], "https://up.example/c.example");
    for planner in [planner, other] {
        planner.kill().await;
    }
    // After a restart only what has become nearer is told, and what was renewed is not.
    notifier.show_certificate("c.example", now + DAY * 90);
    notifier.show_certificate("a.example", now + DAY - Duration::from_secs(1));
    let _again = notifier.plan(&channels).await;
    let told = receiver.wait_for(2).await[1].json();
    assert_eq!(told["data"]["title"], "The certificate of a.example ends in 23 h 59 min");
    assert_eq!(told["data"]["page"], "https://up.example/a.example");
    notifier.counted("team", (0, 2, 0)).await;
    notifier.counted("others", (0, 0, 0)).await;
}
