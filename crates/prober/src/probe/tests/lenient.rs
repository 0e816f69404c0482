//! Answers that curl and browsers read although they break the rules, and those that neither reads.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::lab::{TestProbe, failed_with, head, probe, prober, replies, says, serve};
use model::{
    failure_detail::{FailureDetail, Phase},
    outcome::{Answer, Failure, HttpVersion},
    restriction::Restriction,
};

/// Answers with the text `hello` in their page that curl (7.88) and browsers show.
const SHOWN: [&str; 26] = [
    "HTTP/1.1 200OK\r\ncontent-length: 5\r\n\r\nhello",
    "HTTP/1.1 200-OK\r\ncontent-length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\ncontent-length: 0x5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\ncontent-length: 5.0\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\ncontent-length: 5 bytes\r\n\r\nhello",
    "HTTP/2.0 200 OK\r\ncontent-length: 5\r\n\r\nhello",
    "HTTP/2 200 OK\r\ncontent-length: 5\r\n\r\nhello",
    "HTTP/2 200\r\ncontent-length: 5\r\n\r\nhello",
    "http/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
    "HTTP/1.1  200 OK\r\ncontent-length: 5\r\n\r\nhello",
    "HTTP/1.1 200\tOK\r\ncontent-length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nx-bare: a\rb\r\ncontent-length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\ncontent-length: +5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999999\r\n\r\nhello",
    "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\nhello\n0\n\n",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\nllo\n0\n\n",
    "HTTP/1.1 200 OK\r\r\ncontent-length: 5\r\r\n\r\r\nhello",
    "HTTP/1.1 200 OK\ncontent-length: 5\n\nhello",
    "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 5\r\n\r\nhello",
    "HTTP/2 200 OK\r\ncontent-length: 5\r\ncontent-length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nx-spaced : 1\r\ncontent-length: 5\r\n\r\nhello",
    "HTTP/2 100 Continue\r\n\r\nHTTP/2 200 OK\r\ncontent-length: 5\r\n\r\nhello",
    "HTTP/2 200 OK\r\n\r\nhello, and the end of the connection is that of the page",
    "HTTP/2 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nx-end: 1\r\n\r\n",
    "HTTP/2 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0005 \r\nhello\r\n0\r\n\r\n",
];

#[tokio::test]
async fn answers_that_curl_and_browsers_read_are_read() {
    let prober = prober();
    for answer in SHOWN {
        let server = says(answer).await;
        let outcome = TestProbe::text("hello").at(&prober, &server.url()).await;
        assert_eq!(outcome.answer, Answer::Ok, "{answer}: {outcome:?}");
        assert_eq!(outcome.http_status, Some(200), "{answer}");
        assert!(outcome.phases.wait.is_some() && outcome.phases.transfer.is_some());
        // A text that is not there is not found in another reading either.
        let outcome = TestProbe::text("good bye").at(&prober, &server.url()).await;
        let missing = FailureDetail::TextNotFound { text: "good bye".into(), within_kib: None };
        failed_with(&outcome, Failure::Body, &missing);
    }
}

#[tokio::test]
async fn thousands_of_headers_are_read_and_a_megabyte_of_them_is_not() {
    for (lines, good) in [(101, true), (1_100, true), (9_000, true), (60_000, false)] {
        let headers = "x-many: 0123456789\r\n".repeat(lines);
        let answer = format!("HTTP/1.1 200 OK\r\n{headers}content-length: 5\r\n\r\nhello");
        let outcome = TestProbe::text("hello").at(&prober(), &says(answer).await.url()).await;
        if good {
            assert_eq!(outcome.answer, Answer::Ok, "{lines}: {outcome:?}");
        } else {
            failed_with(&outcome, Failure::Protocol, &FailureDetail::HeadersTooLarge);
        }
    }
}

#[tokio::test]
async fn what_neither_curl_nor_browsers_read_is_down() {
    for answer in [
        "hello, this is HTTP/0.9",
        "HTTP/0.9 200 OK\r\n\r\nhello",
        "ICY 200 OK\r\n\r\nhello",
        "HTTP/1.1 2OO OK\r\n\r\nhello",
        "HTTP/1.1 OK\r\n\r\nhello",
        "SSH-2.0-OpenSSH_9.9\r\n",
        "<html>hello</html>",
    ] {
        let outcome = probe(&says(answer).await.url()).await;
        failed_with(&outcome, Failure::Protocol, &FailureDetail::NotHttp);
    }
    for broken in [
        "HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!",
        "HTTP/2 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!",
        "HTTP/1.1 200 OK\r\ncontent-length: five\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\nhello",
    ] {
        let outcome = probe(&says(broken).await.url()).await;
        failed_with(&outcome, Failure::Protocol, &FailureDetail::MalformedHttp);
    }
    for chunks in ["zz\r\nhello\r\n", "5\r\nhellohello\r\n0\r\n\r\n", "-5\r\nhello\r\n", "\r\n\r\n"]
    {
        let answer = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}");
        let outcome = probe(&says(answer).await.url()).await;
        failed_with(&outcome, Failure::Protocol, &FailureDetail::MalformedHttp);
    }
}

#[tokio::test]
async fn a_cut_stays_a_cut_in_the_second_reading() {
    for answer in [
        "HTTP/2 200 OK\r\ncontent-length: 50\r\n\r\nhello",
        "HTTP/2 200 OK\r\ntransfer-encoding: chunked\r\n\r\n50\r\nhello",
        "HTTP/2 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ] {
        let outcome = probe(&says(answer).await.url()).await;
        failed_with(
            &outcome,
            Failure::Reset,
            &FailureDetail::ConnectionClosed { phase: Phase::Transfer },
        );
    }
}

#[tokio::test]
async fn a_status_is_judged_in_the_second_reading_as_in_the_first() {
    let outcome = probe(&says("HTTP/2 503 No\r\ncontent-length: 0\r\n\r\n").await.url()).await;
    failed_with(&outcome, Failure::Http, &FailureDetail::http_status(503));
    let outcome = probe(&says("HTTP/2 403 No\r\ncontent-length: 0\r\n\r\n").await.url()).await;
    assert_eq!(outcome.answer, Answer::Restricted(Restriction::of_status(403)));
    let outcome = probe(&says("HTTP/2 204 No\r\n\r\n").await.url()).await;
    assert_eq!(outcome.answer, Answer::Ok);
    assert_eq!(outcome.traces.http_version, Some(HttpVersion::Http11));
    let server = replies(|head| {
        let there = head.starts_with("GET /there ");
        let answer = if there {
            "HTTP/2 200 OK\r\ncontent-length: 5\r\n\r\nhello"
        } else {
            "HTTP/2 302 Found\r\nlocation: /there\r\ncontent-length: 0\r\n\r\n"
        };
        answer.as_bytes().to_vec()
    })
    .await;
    let outcome = TestProbe::text("hello").at(&prober(), &server.url()).await;
    assert_eq!((outcome.answer, outcome.traces.redirects), (Answer::Ok, 1));
}

#[tokio::test]
async fn statuses_beyond_599_are_read() {
    for status in [600, 700, 998] {
        let server = says(format!("HTTP/1.1 {status} Odd\r\ncontent-length: 0\r\n\r\n")).await;
        let odd = FailureDetail::HttpStatus { status, reason: "Odd".into() };
        failed_with(&probe(&server.url()).await, Failure::Http, &odd);
        let outcome = TestProbe::statuses(status, 999).at(&prober(), &server.url()).await;
        assert_eq!((outcome.answer, outcome.http_status), (Answer::Ok, Some(status)));
    }
}

/// The time of the first reading is not the site's: it was ours that could not read.
#[tokio::test]
async fn only_the_reading_that_counts_is_timed() {
    let server = serve(|mut stream| async move {
        head(&mut stream).await;
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        stream.write_all(b"HTTP/2 200 OK\r\ncontent-length: 5\r\n\r\nhello").await.ok();
        stream.read_u8().await.ok();
    })
    .await;
    let outcome = probe(&server.url()).await;
    assert_eq!(outcome.answer, Answer::Ok);
    let wait = outcome.phases.wait.unwrap();
    assert!((100_000..180_000).contains(&wait), "{wait}");
    assert_eq!(server.accepted(), 2);
}
