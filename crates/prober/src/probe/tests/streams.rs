//! Pages that do not end: streams are up, and what hangs is not.

use std::time::Duration;

use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{Instant, sleep},
};

use super::lab::{LIMIT, TestProbe, TestServer, failed_with, head, prober, serve};
use model::{
    failure_detail::{FailureDetail, Phase},
    outcome::{Answer, Failure},
};

/// The page did not end in time.
const ENDLESS: FailureDetail = FailureDetail::TimedOut { phase: Phase::Transfer, after_ms: 300 };

/// Sends a beginning, then a part again and again; none: silence.
async fn stream(beginning: &'static str, part: &'static str) -> TestServer {
    serve(move |stream| flow(stream, beginning, part)).await
}

async fn flow(mut stream: TcpStream, beginning: &'static str, part: &'static str) {
    head(&mut stream).await;
    stream.write_all(beginning.as_bytes()).await.ok();
    while !part.is_empty() && stream.write_all(part.as_bytes()).await.is_ok() {
        sleep(Duration::from_millis(20)).await;
    }
    std::future::pending::<()>().await;
    drop(stream);
}

#[tokio::test]
async fn a_stream_is_up_once_its_first_part_is_there() {
    for (beginning, part) in [
        (
            "HTTP/1.1 200 OK\r\ncontent-type: multipart/x-mixed-replace; boundary=f\r\n\r\n",
            "--f\r\ncontent-type: image/jpeg\r\n\r\n0123456789\r\n",
        ),
        ("HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg\r\nicy-name: x\r\n\r\n", "0123456789"),
        ("HTTP/1.1 200 OK\r\ncontent-type: video/mp2t\r\n\r\n", "0123456789"),
        // Events may be far apart.
        ("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n: hello\n\n", ""),
        (
            "HTTP/1.1 200 OK\r\ncontent-type: Text/Event-Stream; charset=utf-8\r\n\
             transfer-encoding: chunked\r\n\r\n9\r\n: hello\n\n\r\n",
            "",
        ),
    ] {
        let server = stream(beginning, part).await;
        let start = Instant::now();
        let outcome = TestProbe::default().at(&prober(), &server.url()).await;
        assert_eq!(outcome.answer, Answer::Ok, "{beginning}");
        // The probe does not wait for an end that never comes.
        assert!(start.elapsed() < LIMIT / 2, "{beginning}: {:?}", start.elapsed());
        assert_eq!(outcome.observed.page, None);
    }
}

#[tokio::test]
async fn a_stream_is_read_as_far_as_its_text() {
    let server =
        stream("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n", "data: hello\n\n")
            .await;
    assert_eq!(TestProbe::text("hello").at(&prober(), &server.url()).await.answer, Answer::Ok);
    let short = TestProbe { timeout: Duration::from_millis(300), ..TestProbe::text("good bye") };
    let outcome = short.at(&prober(), &server.url()).await;
    failed_with(&outcome, Failure::Timeout, &ENDLESS);
}

#[tokio::test]
async fn what_still_flows_at_the_limit_is_up() {
    for (beginning, part, text) in [
        // A long poll, a log, a page that never ends.
        ("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"hello\":", "", None),
        ("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n", "hello\n", None),
        ("HTTP/1.1 200 OK\r\n\r\n", "hello\n", None),
        ("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n", "<p>hello", None),
        ("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n", "<p>hello", Some("hello")),
        // What was asked for is there.
        ("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<p>hello", "", Some("hello")),
    ] {
        let server = stream(beginning, part).await;
        let probe = text.map_or_else(TestProbe::default, TestProbe::text);
        let probe = TestProbe { timeout: Duration::from_millis(300), ..probe };
        let outcome = probe.at(&prober(), &server.url()).await;
        assert_eq!(outcome.answer, Answer::Ok, "{beginning}: {outcome:?}");
        assert_eq!(outcome.http_status, Some(200));
        // Who waits for a page waits for its end; a log is there once it begins.
        let for_people = beginning.contains("html") || !beginning.contains("content-type");
        let transfer = outcome.phases.transfer.unwrap_or_default();
        assert_eq!(transfer > 200_000, for_people, "{beginning}: {transfer}");
    }
}

#[tokio::test]
async fn what_hangs_is_down() {
    for (beginning, part, text) in [
        ("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n", "", None),
        ("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n", "", None),
        ("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhello", "", None),
        ("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhello", "", Some("hello")),
        ("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n", "x", None),
        ("HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\ncontent-length: 99\r\n\r\nx", "", None),
        (
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ntransfer-encoding: chunked\r\n\r\n\
             5\r\nhello\r\n",
            "",
            None,
        ),
        ("HTTP/1.1 200 OK\r\n\r\nhello", "", None),
        ("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n", "hello", Some("good bye")),
        ("HTTP/1.1 500 No\r\ncontent-type: text/plain\r\n\r\n", "hello", None),
        ("HTTP/1.1 403 No\r\ncontent-type: text/plain\r\n\r\n", "hello", None),
    ] {
        let server = stream(beginning, part).await;
        let probe = text.map_or_else(TestProbe::default, TestProbe::text);
        let probe = TestProbe { timeout: Duration::from_millis(300), ..probe };
        let outcome = probe.at(&prober(), &server.url()).await;
        failed_with(&outcome, Failure::Timeout, &ENDLESS);
    }
}
