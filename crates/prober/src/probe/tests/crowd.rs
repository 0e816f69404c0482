//! Many probes at once, and probes that are given up.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::{
    io::AsyncWriteExt,
    time::{sleep, timeout},
};

use super::lab::{Look, all_at, head, prober, reply, resolving, says, serve};
use model::outcome::Answer;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_probes_at_once_are_all_right() {
    let server = serve(|mut stream| async move {
        head(&mut stream).await;
        sleep(Duration::from_millis(100)).await;
        stream.write_all(&reply("200 OK", "", b"hello")).await.ok();
    })
    .await;
    let prober = resolving(all_at("127.0.0.1").await);
    let look = Look::text("hello");
    let all = (0..200).map(|number| {
        let url = server.named("http", &format!("name{number}.example"));
        let (look, prober) = (&look, &prober);
        async move { look.at(prober, &url).await }
    });
    for outcome in join_all(all).await {
        assert_eq!(outcome.answer, Answer::Ok);
        let wait = outcome.phases.wait.unwrap();
        assert!(wait >= 95_000, "its own time, not another's: {outcome:?}");
        assert_eq!(outcome.traces.addresses.len(), 1);
    }
    assert_eq!(server.accepted(), 200);
}

#[tokio::test]
async fn a_probe_that_is_given_up_leaves_nothing_behind() {
    let ended = std::sync::Arc::new(tokio::sync::Semaphore::new(0));
    let signal = std::sync::Arc::clone(&ended);
    let silent = serve(move |mut stream| {
        let signal = std::sync::Arc::clone(&signal);
        async move {
            head(&mut stream).await;
            // Ends when the other side lets go.
            head(&mut stream).await;
            signal.add_permits(1);
        }
    })
    .await;
    let prober = prober();
    let url = silent.url();
    for _ in 0..5 {
        let look = Look::default();
        timeout(Duration::from_millis(30), look.at(&prober, &url)).await.unwrap_err();
    }
    let gone = timeout(Duration::from_secs(2), ended.acquire_many(5)).await;
    assert!(gone.is_ok(), "a connection outlives its probe");
    let server = says(reply("200 OK", "", b"hello")).await;
    assert_eq!(Look::default().at(&prober, &server.url()).await.answer, Answer::Ok);
}
