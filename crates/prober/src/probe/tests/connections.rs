//! Connections that are refused or end before the reply is whole.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::lab::{
    Look, all_at, failed, failed_with, head, look, nobody, reset, resolving, says, serve,
};
use model::{
    failure_detail::{FailureDetail, Phase},
    outcome::Failure,
};

#[tokio::test]
async fn a_refused_connection_is_told() {
    let url = format!("http://127.0.0.1:{}/", nobody("127.0.0.1"));
    let outcome = look(&url).await;
    failed_with(&outcome, Failure::Connect, &FailureDetail::ConnectionRefused);
    assert!(outcome.phases.dns.is_none() && outcome.phases.wait.is_none(), "{outcome:?}");
    assert_eq!(outcome.http_status, None);

    let url = format!("https://name.example:{}/", nobody("127.0.0.1"));
    let outcome = Look::default().at(&resolving(all_at("127.0.0.1").await), &url).await;
    failed_with(&outcome, Failure::Connect, &FailureDetail::ConnectionRefused);
    assert!(outcome.phases.dns.is_some() && outcome.phases.tls.is_none(), "{outcome:?}");
    assert_eq!(outcome.traces.addresses.len(), 1);
}

#[tokio::test]
async fn a_network_that_is_not_there_is_told() {
    let outcome = look("http://[2001:db8::1]:81/").await;
    let detail = failed(&outcome, Failure::Connect);
    let away = [FailureDetail::NetworkUnreachable, FailureDetail::HostUnreachable];
    assert!(away.contains(detail), "{detail:?}");
}

#[tokio::test]
async fn a_reset_after_accept_is_told() {
    let server = serve(|stream| async { reset(stream) }).await;
    let outcome = look(&server.url()).await;
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
    failed_with(&look(&server.url()).await, Failure::Reset, &closed);
}

#[tokio::test]
async fn an_end_before_the_reply_is_told() {
    for part in ["", "HTTP/1.1 200 OK\r\nserver: x\r\n"] {
        let outcome = look(&says(part).await.url()).await;
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
        let outcome = look(&says(part).await.url()).await;
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
    let outcome = look(&server.url()).await;
    let closed = FailureDetail::ConnectionClosed { phase: Phase::Transfer };
    failed_with(&outcome, Failure::Reset, &closed);
    assert_eq!(outcome.http_status, Some(200));
}
