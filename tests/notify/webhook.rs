//! The webhook from verdict to receiver, and what its receiver may answer.

use std::time::Duration;

use prober::clock::Clock;
use stillup::notify::{Sender, trial};

use crate::{
    receiver::{Receiver, ReceiverMood},
    support::{KEY, NotifierUnderTest, Task, public_url, webhook},
};

#[tokio::test]
async fn a_site_that_goes_down_and_comes_back_is_told_signed_and_once_each() {
    let receiver = Receiver::start(ReceiverMood::Answers(200)).await;
    let channel = webhook("team", &receiver.url("hook?x=1"));
    let mut notifier = NotifierUnderTest::new(&["a.example"]).await;
    let _all = (notifier.plan(std::slice::from_ref(&channel)).await, notifier.deliver(&channel));
    notifier.turn("a.example", true).await;
    notifier.turn("a.example", false).await;
    receiver.wait_for(1).await;
    notifier.turn("a.example", true).await;
    let seen = receiver.wait_for(2).await;
    notifier.counted("team", (0, 2, 0)).await;

    let (down, up) = (seen[0].json(), seen[1].json());
    assert_eq!((&down["type"], &up["type"]), (&"site.down".into(), &"site.recovered".into()));
    assert_eq!(down["data"]["title"], "a.example is down");
    let summary = down["data"]["summary"].as_str().unwrap();
    assert!(summary.starts_with("a.example is down: no connection"), "{summary}");
    assert_eq!(down["data"]["page"], "https://up.example/a.example");
    assert_eq!(down["data"]["sites"][0]["cause"]["failure"], "connect");
    let summary = up["data"]["summary"].as_str().unwrap();
    assert!(
        summary.starts_with("a.example is up. It was down for less than a minute, from "),
        "{summary}"
    );
    for request in &seen {
        assert!(request.is_signed(KEY.as_bytes()) && !request.is_signed(b"another key"));
        assert_eq!(request.path, "/hook");
        assert_eq!(request.header("content-type"), "application/json");
        let agent = format!("stillup/{} (+https://up.example/)", env!("CARGO_PKG_VERSION"));
        assert_eq!(request.header("user-agent"), agent);
    }
    assert_ne!(seen[0].header("webhook-id"), seen[1].header("webhook-id"));
    assert_eq!(receiver.seen().len(), 2);
}

/// Result of a test message to this receiver.
async fn answer(mood: ReceiverMood) -> Result<String, String> {
    let receiver = Receiver::start(mood).await;
    let mut channel = webhook("team", &receiver.url("hush-hush"));
    channel.timeout = Duration::from_secs(1);
    let sender = Sender::new(channel, &public_url()).unwrap();
    let answer = trial(&sender, &public_url(), &Clock::system()).await;
    assert_eq!(receiver.seen().len(), 1, "a redirect is not followed");
    assert!(receiver.seen()[0].is_signed(KEY.as_bytes()));
    assert!(!format!("{sender:?} {answer:?}").contains("hush"), "{sender:?} {answer:?}");
    answer
}

#[tokio::test]
async fn only_2xx_is_taken_and_the_answer_is_told() {
    assert_eq!(answer(ReceiverMood::Answers(200)).await, Ok("HTTP 200 OK: said".to_owned()));
    assert_eq!(
        answer(ReceiverMood::Answers(404)).await,
        Err("HTTP 404 Not Found: said".to_owned())
    );
    assert_eq!(
        answer(ReceiverMood::Redirects).await,
        Err("HTTP 307 Temporary Redirect".to_owned())
    );
    assert_eq!(answer(ReceiverMood::Silent).await, Err("no answer within 1 s".to_owned()));
    let endless = answer(ReceiverMood::Endless).await.unwrap();
    assert_eq!(endless, format!("HTTP 200 OK: {}", "x".repeat(160 - "HTTP 200 OK: ".len())));
    let repeated = answer(ReceiverMood::Repeats).await.unwrap();
    assert_eq!(repeated, "HTTP 200 OK: you sent *** to ***");
    let nobody = webhook("team", "http://127.0.0.1:1/hush-hush");
    let sender = Sender::new(nobody, &public_url()).unwrap();
    let refused = trial(&sender, &public_url(), &Clock::system()).await.unwrap_err();
    assert!(refused.contains("refused") && !refused.contains("hush"), "{refused}");
}

#[tokio::test]
async fn what_fails_is_tried_again_with_the_same_id_and_a_new_signature() {
    let receiver = Receiver::start(ReceiverMood::Answers(500)).await;
    let channel = webhook("team", &receiver.url(""));
    let mut notifier = NotifierUnderTest::new(&["a.example"]).await;
    let _all = (notifier.plan(std::slice::from_ref(&channel)).await, notifier.deliver(&channel));
    notifier.turn("a.example", false).await;
    for (tries, mood) in [(1, ReceiverMood::Answers(500)), (2, ReceiverMood::Answers(200))] {
        receiver.wait_for(tries).await;
        notifier.noted("HTTP 500 Internal Server Error: said").await;
        receiver.turn(mood);
        notifier.let_time_pass().await;
    }
    let seen = receiver.wait_for(3).await;
    notifier.counted("team", (0, 1, 0)).await;
    for again in &seen {
        assert_eq!(again.header("webhook-id"), seen[0].header("webhook-id"));
        assert_eq!(again.body, seen[0].body);
        assert!(again.is_signed(KEY.as_bytes()));
    }
}

#[tokio::test]
async fn what_cannot_be_told_for_long_is_given_up() {
    let receiver = Receiver::start(ReceiverMood::Answers(500)).await;
    let mut channel = webhook("team", &receiver.url(""));
    channel.retry_for = Duration::ZERO;
    let mut notifier = NotifierUnderTest::new(&["a.example"]).await;
    let _all = (notifier.plan(std::slice::from_ref(&channel)).await, notifier.deliver(&channel));
    notifier.turn("a.example", false).await;
    notifier.counted("team", (0, 0, 1)).await;
    assert_eq!(receiver.seen().len(), 1);
}

#[tokio::test]
async fn a_receiver_that_is_tired_is_left_alone() {
    let receiver = Receiver::start(ReceiverMood::Tired).await;
    let channel = webhook("team", &receiver.url(""));
    let mut notifier = NotifierUnderTest::new(&["a.example"]).await;
    let all: (Task, Task) =
        (notifier.plan(std::slice::from_ref(&channel)).await, notifier.deliver(&channel));
    notifier.turn("a.example", false).await;
    receiver.wait_for(1).await;
    notifier.noted("HTTP 429 Too Many Requests").await;
    drop(all);
    assert!(notifier.next_try_in().await > Duration::from_secs(55));
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_not_tried_again() {
    let receiver = Receiver::start(ReceiverMood::Answers(410)).await;
    let channel = webhook("team", &receiver.url(""));
    let mut notifier = NotifierUnderTest::new(&["a.example"]).await;
    let _all = (notifier.plan(std::slice::from_ref(&channel)).await, notifier.deliver(&channel));
    notifier.turn("a.example", false).await;
    notifier.counted("team", (0, 0, 1)).await;
    notifier.noted("HTTP 410 Gone: said").await;
    assert_eq!(receiver.seen().len(), 1);
}

#[tokio::test]
async fn an_answer_of_a_gigabyte_is_cut_and_a_redirect_to_another_is_not_followed() {
    let inside = Receiver::start(ReceiverMood::Answers(200)).await;
    for (status, head, want) in [
        ("200 OK", "content-length: 1073741824".to_owned(), Ok("HTTP 200 OK: xxxx")),
        ("302 Found", format!("location: {}", inside.url("secret")), Err("HTTP 302 Found: xxxx")),
        ("308 Permanent", "location: http://169.254.169.254/".to_owned(), Err("HTTP 308 ")),
    ] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let (mut stream, _) = listener.accept().await.unwrap();
            drop(stream.read(&mut [0; 4_096]).await);
            let head = format!("HTTP/1.1 {status}\r\n{head}\r\nconnection: close\r\n\r\n");
            let mut sent = 0_u64;
            let mut piece = head.into_bytes();
            while stream.write_all(&piece).await.is_ok() && sent < 1 << 30 {
                sent += piece.len() as u64;
                piece = vec![b'x'; 1 << 16];
            }
            sent
        });
        let sender = Sender::new(webhook("team", &url), &public_url()).unwrap();
        let answer = trial(&sender, &public_url(), &Clock::system()).await;
        let (Ok(said) | Err(said)) = &answer;
        let (Ok(begins) | Err(begins)) = want;
        assert!(answer.is_ok() == want.is_ok() && said.starts_with(begins), "{answer:?}");
        assert!(server.await.unwrap() < 64 << 20, "the rest was not taken");
    }
    assert!(inside.seen().is_empty());
}
