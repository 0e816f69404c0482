//! Notes go to the channels that ask for them: once when one begins, once when it is over.

use model::notification::rule::Topic;

use crate::{
    receiver::{Receiver, ReceiverMood},
    support::{KEY, NotifierUnderTest, webhook},
};

const SITE: &str = "a.example";

#[tokio::test]
async fn a_note_is_told_once_when_it_begins_and_once_when_it_is_over() {
    let receiver = Receiver::start(ReceiverMood::Answers(204)).await;
    let mut asks = webhook("asks", &receiver.url("asks"));
    asks.rule.on = Topic::ALL.to_vec();
    let quiet = webhook("quiet", &receiver.url("quiet"));
    let channels = [asks, quiet];
    let mut notifier = NotifierUnderTest::new(&[SITE]).await;
    let planner = notifier.plan(&channels).await;
    let _deliveries: Vec<_> = channels.iter().map(|channel| notifier.deliver(channel)).collect();
    notifier.turn(SITE, true).await;
    notifier.looks(SITE, 2).await;
    let begun = receiver.wait_for(1).await;
    let body = begun[0].json();
    assert_eq!((begun[0].path.as_str(), &body["type"]), ("/asks", &"site.noted".into()));
    assert_eq!(body["data"]["title"], "a.example fails now and then");
    assert!(begun[0].is_signed(KEY.as_bytes()));
    let note = &body["data"]["sites"][0]["notes"][0];
    assert_eq!((&note["kind"], &note["ended_at"]), (&"intermittent".into(), &().into()));
    assert!(note["since"].as_str().unwrap().ends_with('Z'), "{note}");

    // A restart changes nothing, and sends nothing twice.
    planner.kill().await;
    let _planner = notifier.plan(&channels).await;
    notifier.looks(SITE, 1).await;
    for well in [false, true] {
        notifier.turn(SITE, well).await;
    }
    let all = receiver.wait_for(6).await;
    let told = |path: &str| -> Vec<String> {
        let mine = all.iter().filter(|request| request.path == path);
        mine.map(|request| request.json()["type"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(told("/quiet"), ["site.down", "site.recovered"]);
    let mut asked = told("/asks");
    asked.sort_unstable();
    assert_eq!(asked, ["site.down", "site.note_over", "site.noted", "site.recovered"]);
}

#[tokio::test]
async fn a_dutch_channel_hears_of_a_note_in_dutch() {
    let receiver = Receiver::start(ReceiverMood::Answers(200)).await;
    let mut channel = webhook("team", &receiver.url(""));
    (channel.rule.on, channel.language) = (vec![Topic::Notes], "nl");
    let mut notifier = NotifierUnderTest::new(&[SITE]).await;
    let _all = (notifier.plan(std::slice::from_ref(&channel)).await, notifier.deliver(&channel));
    notifier.turn(SITE, true).await;
    notifier.looks(SITE, 2).await;
    let seen = receiver.wait_for(1).await;
    let data = &seen[0].json()["data"];
    assert_eq!((&data["title"], &data["language"]), (&"a.example hapert".into(), &"nl".into()));
}
