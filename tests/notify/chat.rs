//! Slack's hooks, ntfy and Apprise: what they are sent, by the fields that their documents name.

use model::notification::{Apprise, Channel, Destination};
use prober::clock::Clock;
use stillup::notify::{Sender, trial};

use crate::{
    receiver::{Receiver, ReceiverMood, Request},
    support::{NotifierUnderTest, channel, public_url, secret},
};

/// Request that a receiver gets when a site goes down.
async fn told(receiver: &Receiver, target: Destination) -> Request {
    let channel = channel("team", target);
    let mut notifier = NotifierUnderTest::new(&["a.example"]).await;
    let _all = (notifier.plan(std::slice::from_ref(&channel)).await, notifier.deliver(&channel));
    notifier.turn("a.example", false).await;
    let seen = receiver.wait_for(1).await;
    notifier.counted("team", (0, 1, 0)).await;
    seen[0].clone()
}

async fn tried(channel: Channel) -> Result<String, String> {
    let sender = Sender::new(channel, &public_url()).unwrap();
    trial(&sender, &public_url(), &Clock::system()).await
}

#[tokio::test]
async fn a_hook_of_slack_gets_text_and_an_attachment() {
    let receiver = Receiver::start(ReceiverMood::Answers(200)).await;
    let url = secret(&receiver.url("services/T0/B0/hush"));
    let request = told(&receiver, Destination::Slack { url }).await;
    let body = request.json();
    assert_eq!(request.path, "/services/T0/B0/hush");
    assert_eq!(body["text"], ":red_circle: a.example is down");
    let attachment = &body["attachments"][0];
    assert_eq!(attachment["title_link"], "https://up.example/a.example");
    let text = attachment["text"].as_str().unwrap();
    assert!(text.starts_with("a.example is down") && text.contains("connection refused"), "{text}");
    assert!(attachment["fallback"].is_string() && attachment["color"] == "#c4281c", "{body}");
    assert!(attachment["ts"].as_i64().unwrap() > 1_700_000_000, "{body}");
}

#[tokio::test]
async fn ntfy_gets_topic_title_priority_and_a_link() {
    let receiver = Receiver::start(ReceiverMood::Answers(200)).await;
    let target = Destination::Ntfy {
        server: receiver.url("").parse().unwrap(),
        topic: secret("stillup"),
        token: Some(secret("tk_1")),
    };
    let request = told(&receiver, target).await;
    let body = request.json();
    assert_eq!((request.path.as_str(), request.header("authorization")), ("/", "Bearer tk_1"));
    assert_eq!((&body["topic"], &body["title"]), (&"stillup".into(), &"a.example is down".into()));
    assert_eq!((&body["priority"], &body["tags"][0]), (&4.into(), &"red_circle".into()));
    assert_eq!(body["click"], "https://up.example/a.example");
    assert!(
        body["message"].as_str().unwrap().ends_with("\nhttps://up.example/a.example"),
        "{body}"
    );
}

#[tokio::test]
async fn apprise_gets_its_key_or_its_addresses() {
    let receiver = Receiver::start(ReceiverMood::Answers(200)).await;
    let server = || receiver.url("").parse().unwrap();
    let to = Apprise::Key(secret("my key"));
    let request = told(&receiver, Destination::Apprise { server: server(), to }).await;
    let body = request.json();
    assert_eq!((request.path.as_str(), &body["type"]), ("/notify/my%20key", &"failure".into()));
    assert_eq!((&body["title"], &body["format"]), (&"a.example is down".into(), &"text".into()));
    assert!(body.get("urls").is_none());

    let to = Apprise::Urls(secret("json://localhost,xml://localhost"));
    tried(channel("team", Destination::Apprise { server: server(), to })).await.unwrap();
    let request = receiver.wait_for(2).await.remove(1);
    assert_eq!((request.path.as_str(), &request.json()["type"]), ("/notify/", &"info".into()));
    assert_eq!(request.json()["urls"], "json://localhost,xml://localhost");

    receiver.turn(ReceiverMood::Answers(204));
    let to = Apprise::Key(secret("unknown"));
    let refused = tried(channel("team", Destination::Apprise { server: server(), to })).await;
    assert_eq!(
        refused,
        Err("HTTP 204 No Content: the server keeps nothing under this key".to_owned())
    );
}
