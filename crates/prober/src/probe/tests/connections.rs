//! Connections that are refused or end before the reply is whole; many at once, and some given up.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{sleep, timeout},
};

use super::lab::{
    TestProbe, all_at, failed, failed_with, head, nobody, probe, prober, reply, reset, resolving,
    says, serve,
};
use model::{
    failure_detail::{FailureDetail, Phase},
    outcome::{Answer, Failure},
};

#[tokio::test]
async fn a_refused_connection_is_told() {
    let url = format!("http://127.0.0.1:{}/", nobody("127.0.0.1"));
    let outcome = probe(&url).await;
    failed_with(&outcome, Failure::Connect, &FailureDetail::ConnectionRefused);
    assert!(outcome.phases.dns.is_none() && outcome.phases.wait.is_none(), "{outcome:?}");
    assert_eq!(outcome.http_status, None);

    let url = format!("https://name.example:{}/", nobody("127.0.0.1"));
    let outcome = TestProbe::default().at(&resolving(all_at("127.0.0.1").await), &url).await;
    failed_with(&outcome, Failure::Connect, &FailureDetail::ConnectionRefused);
    assert!(outcome.phases.dns.is_some() && outcome.phases.tls.is_none(), "{outcome:?}");
    assert_eq!(outcome.traces.addresses.len(), 1);
}

#[tokio::test]
async fn a_network_that_is_not_there_is_told() {
    let outcome = probe("http://[2001:db8::1]:81/").await;
    let detail = failed(&outcome, Failure::Connect);
    let away = [FailureDetail::NetworkUnreachable, FailureDetail::HostUnreachable];
    assert!(away.contains(detail), "{detail:?}");
}

#[tokio::test]
async fn a_reset_after_accept_is_told() {
    let server = serve(|stream| async { reset(stream) }).await;
    let outcome = probe(&server.url()).await;
    // It may come before the connection is known to be there.
    let cause = outcome.cause().unwrap();
    assert!(matches!(cause.failure, Failure::Reset | Failure::Connect), "{cause:?}");
}

#[tokio::test]
async fn a_reset_before_the_reply_is_told() {
    let server = serve(|mut stream| async move {
        head(&mut stream).await;
        reset(stream);
    })
    .await;
    let closed = FailureDetail::ConnectionClosed { phase: Phase::Wait };
    failed_with(&probe(&server.url()).await, Failure::Reset, &closed);
}

#[tokio::test]
async fn an_end_before_the_reply_is_told() {
    for part in ["", "HTTP/1.1 200 OK\r\nserver: x\r\n"] {
        let outcome = probe(&says(part).await.url()).await;
        failed_with(&outcome, Failure::Reset, &FailureDetail::ReplyIncomplete);
    }
}

#[tokio::test]
async fn an_end_in_the_middle_of_the_page_is_told() {
    for part in [
        "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1000\r\n\r\n\x1f",
    ] {
        let outcome = probe(&says(part).await.url()).await;
        failed(&outcome, Failure::Reset);
        assert_eq!(outcome.http_status, Some(200), "{part}");
        assert!(outcome.phases.transfer.is_some());
    }
}

#[tokio::test]
async fn a_reset_in_the_middle_of_the_page_is_told() {
    let server = serve(|mut stream| async move {
        head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhello").await.ok();
        // The reset shall not overtake what was written.
        tokio::time::timeout(std::time::Duration::from_millis(50), stream.read_u8()).await.ok();
        reset(stream);
    })
    .await;
    let outcome = probe(&server.url()).await;
    let closed = FailureDetail::ConnectionClosed { phase: Phase::Transfer };
    failed_with(&outcome, Failure::Reset, &closed);
    assert_eq!(outcome.http_status, Some(200));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_probes_at_once_are_all_right() {
    let server = serve(|mut stream| async move {
        head(&mut stream).await;
        sleep(Duration::from_millis(100)).await;
        stream.write_all(&reply("200 OK", "", b"hello")).await.ok();
    })
    .await;
    let prober = resolving(all_at("127.0.0.1").await);
    let probe = TestProbe::text("hello");
    let all = (0..200).map(|number| {
        let url = server.named("http", &format!("name{number}.example"));
        let (probe, prober) = (&probe, &prober);
        async move { probe.at(prober, &url).await }
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
        let probe = TestProbe::default();
        timeout(Duration::from_millis(30), probe.at(&prober, &url)).await.unwrap_err();
    }
    let gone = timeout(Duration::from_secs(2), ended.acquire_many(5)).await;
    assert!(gone.is_ok(), "a connection outlives its probe");
    let server = says(reply("200 OK", "", b"hello")).await;
    assert_eq!(TestProbe::default().at(&prober, &server.url()).await.answer, Answer::Ok);
}
