//! Nothing is lost over a death, no message arrives twice without need, and no channel waits for
//! another.

use crate::{
    receiver::{Receiver, ReceiverMood},
    support::{KEY, NotifierUnderTest, Task, webhook},
};

#[tokio::test]
async fn a_death_between_sending_and_noting_sends_again_with_the_same_id() {
    let receiver = Receiver::start(ReceiverMood::Silent).await;
    let channel = webhook("team", &receiver.url(""));
    let mut notifier = NotifierUnderTest::new(&["a.example"]).await;
    let planner = notifier.plan(std::slice::from_ref(&channel)).await;
    let delivery = notifier.deliver(&channel);
    notifier.turn("a.example", false).await;
    // The receiver has it; before it can say so we die.
    receiver.wait_for(1).await;
    delivery.kill().await;
    planner.kill().await;
    notifier.counted("team", (1, 0, 0)).await;
    receiver.turn(ReceiverMood::Answers(200));

    let _all = (notifier.plan(std::slice::from_ref(&channel)).await, notifier.deliver(&channel));
    notifier.let_time_pass().await;
    let seen = receiver.wait_for(2).await;
    notifier.counted("team", (0, 1, 0)).await;
    assert_eq!(seen[0].header("webhook-id"), seen[1].header("webhook-id"));
    assert_eq!(seen[0].body, seen[1].body);
    assert!(seen[1].is_signed(KEY.as_bytes()));
}

#[tokio::test]
async fn what_arrived_is_not_sent_again_when_postgres_has_lost_that() {
    let receiver = Receiver::start(ReceiverMood::Answers(200)).await;
    let channel = webhook("team", &receiver.url(""));
    let mut notifier = NotifierUnderTest::new(&["a.example"]).await;
    let _all = (notifier.plan(std::slice::from_ref(&channel)).await, notifier.deliver(&channel));
    notifier.turn("a.example", false).await;
    notifier.counted("team", (0, 1, 0)).await;
    // As a standby that was promoted, and lacked the newest.
    notifier.lose_arrivals().await;
    notifier.counted("team", (0, 1, 0)).await;
    assert_eq!(receiver.seen().len(), 1);
}

#[tokio::test]
async fn what_happens_while_nobody_plans_is_told_later_in_its_order() {
    let receiver = Receiver::start(ReceiverMood::Answers(204)).await;
    let channel = webhook("team", &receiver.url(""));
    let mut notifier = NotifierUnderTest::new(&["a.example"]).await;
    notifier.plan(std::slice::from_ref(&channel)).await.kill().await;
    for well in [true, false, true] {
        notifier.turn("a.example", well).await;
    }
    let _all = (notifier.plan(std::slice::from_ref(&channel)).await, notifier.deliver(&channel));
    let seen = receiver.wait_for(2).await;
    let kinds: Vec<_> = seen.iter().map(|request| request.json()["type"].clone()).collect();
    assert_eq!(kinds, ["site.down", "site.recovered"]);
}

#[tokio::test]
async fn several_processes_send_each_message_once() {
    const SITES: usize = 12;
    let receiver = Receiver::start(ReceiverMood::Answers(200)).await;
    let channel = webhook("team", &receiver.url(""));
    let names: Vec<String> = (0..SITES).map(|n| format!("s{n}.example")).collect();
    let mut notifier =
        NotifierUnderTest::new(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut all: Vec<Task> = Vec::new();
    for _ in 0..3 {
        all.push(notifier.plan(std::slice::from_ref(&channel)).await);
        all.push(notifier.deliver(&channel));
    }
    for name in &names {
        notifier.turn(name, false).await;
        notifier.turn(name, true).await;
    }
    // How many sites share a message depends on when they are seen; each is in one of a kind.
    let mut told = Vec::new();
    let mut count = 0;
    while told.len() < 2 * SITES {
        count += 1;
        let seen = receiver.wait_for(count).await;
        told.clear();
        for request in &seen {
            let (kind, sites) =
                (request.json()["type"].clone(), request.json()["data"]["sites"].clone());
            let sites = sites.as_array().unwrap().clone();
            told.extend(sites.iter().map(|site| format!("{kind} {}", site["slug"])));
        }
    }
    drop(all);
    told.sort_unstable();
    let all_told = told.len();
    told.dedup();
    assert_eq!((all_told, told.len()), (2 * SITES, 2 * SITES), "{told:?}");
}

#[tokio::test]
async fn a_receiver_that_says_nothing_holds_up_no_other() {
    let (silent, quick) = (
        Receiver::start(ReceiverMood::Silent).await,
        Receiver::start(ReceiverMood::Answers(200)).await,
    );
    let channels = [webhook("silent", &silent.url("")), webhook("quick", &quick.url(""))];
    let mut notifier =
        NotifierUnderTest::new(&["a.example", "b.example", "c.example", "d.example"]).await;
    let _planner = notifier.plan(&channels).await;
    let _all: Vec<Task> = channels.iter().map(|channel| notifier.deliver(channel)).collect();
    notifier.turn("a.example", false).await;
    silent.wait_for(1).await;
    for site in ["b.example", "c.example", "d.example"] {
        notifier.turn(site, false).await;
    }
    notifier.counted("quick", (0, 4, 0)).await;
    assert_eq!((silent.seen().len(), notifier.counts("silent").await.1), (1, 0));
}

#[tokio::test]
async fn a_new_channel_is_not_told_of_the_past() {
    let receiver = Receiver::start(ReceiverMood::Answers(200)).await;
    let old = webhook("old", "http://127.0.0.1:1/");
    let mut notifier = NotifierUnderTest::new(&["a.example", "b.example"]).await;
    let planner = notifier.plan(std::slice::from_ref(&old)).await;
    notifier.turn("a.example", false).await;
    notifier.counted("old", (1, 0, 0)).await;
    planner.kill().await;
    notifier.turn("b.example", false).await;

    let both = [old, webhook("new", &receiver.url(""))];
    let _all = (notifier.plan(&both).await, notifier.deliver(&both[1]));
    notifier.counted("old", (2, 0, 0)).await;
    notifier.turn("a.example", true).await;
    notifier.turn("b.example", true).await;
    notifier.turn("b.example", false).await;
    let seen = receiver.wait_for(1).await;
    assert_eq!(seen[0].json()["data"]["title"], "b.example is unstable");
    notifier.counted("new", (0, 1, 0)).await;
}

#[tokio::test]
async fn no_minute_has_more_messages_than_the_channel_allows() {
    let receiver = Receiver::start(ReceiverMood::Answers(200)).await;
    let mut channel = webhook("team", &receiver.url(""));
    channel.per_minute = 2;
    let sites = ["a.example", "b.example", "c.example", "d.example"];
    let mut notifier = NotifierUnderTest::new(&sites).await;
    let _all = (notifier.plan(std::slice::from_ref(&channel)).await, notifier.deliver(&channel));
    for site in sites {
        notifier.turn(site, false).await;
    }
    notifier.counted("team", (2, 2, 0)).await;
    assert_eq!(receiver.seen().len(), 2);
}
