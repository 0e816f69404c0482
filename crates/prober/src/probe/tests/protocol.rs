//! Replies that are not HTTP, and replies that report trouble.

use super::lab::{failed_with, probe, replies, reply, says};
use model::{
    failure_detail::FailureDetail,
    outcome::{Answer, Failure},
};

#[tokio::test]
async fn what_is_not_http_is_told() {
    for garbage in [
        "SSH-2.0-OpenSSH_9.9\r\n",
        "220 mail.example ESMTP\r\n",
        "\u{1}\u{2}\u{3}\u{4}garbage without end of line",
        "HTTP/1.1 2OO OK\r\n\r\n",
    ] {
        let outcome = probe(&says(garbage).await.url()).await;
        failed_with(&outcome, Failure::Protocol, &FailureDetail::NotHttp);
    }
    for broken in [
        "HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n",
    ] {
        let outcome = probe(&says(broken).await.url()).await;
        failed_with(&outcome, Failure::Protocol, &FailureDetail::MalformedHttp);
    }
}

#[tokio::test]
async fn huge_headers_are_told() {
    for headers in
        [format!("x: {}\r\n", "a".repeat(1 << 20)), "x-many: 0123456789\r\n".repeat(50_000)]
    {
        let outcome = probe(&says(reply("200 OK", &headers, b"")).await.url()).await;
        failed_with(&outcome, Failure::Protocol, &FailureDetail::HeadersTooLarge);
    }
}

#[tokio::test]
async fn very_many_headers_are_fine() {
    let headers = "x-many: 0123456789\r\n".repeat(900);
    let outcome = probe(&says(reply("200 OK", &headers, b"page")).await.url()).await;
    assert_eq!(outcome.answer, Answer::Ok, "{outcome:?}");
}

#[tokio::test]
async fn a_bad_status_is_told() {
    for (line, status, reason) in
        [("500 Oh no", 500, "Oh no"), ("404 Not Found", 404, ""), ("599 Odd", 599, "Odd")]
    {
        let outcome = probe(&says(reply(line, "", b"page")).await.url()).await;
        let detail = FailureDetail::HttpStatus { status, reason: reason.into() };
        failed_with(&outcome, Failure::Http, &detail);
        assert_eq!(outcome.http_status, Some(status));
        assert!(outcome.phases.transfer.is_some(), "{outcome:?}");
    }
}

#[tokio::test]
async fn replies_without_a_body_and_with_news_before_them_are_good() {
    for good in [
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nlocation:\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6;a=b\r\nhello\n\r\n0\r\nx-end: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhello",
        "HTTP/1.0 200 OK\r\n\r\nhello",
    ] {
        let server = replies(move |_| good.as_bytes().to_vec()).await;
        assert_eq!(probe(&server.url()).await.answer, Answer::Ok, "{good}");
    }
}

#[tokio::test]
async fn headers_that_browsers_read_are_no_reason_to_call_a_site_down() {
    for line in [
        "no colon here\r\n",
        ": no name\r\n",
        "x-spaced : 1\r\n",
        "x-folded: 1\r\n and on\r\n",
        "x-name: caf\u{e9}\r\n",
        &"set-cookie: a=1\r\n".repeat(900),
    ] {
        let outcome = probe(&says(reply("200 OK", line, b"hello")).await.url()).await;
        assert_eq!(outcome.answer, Answer::Ok, "{line}");
    }
}

#[tokio::test]
async fn a_page_in_an_encoding_that_nobody_asked_for_is_good() {
    // Deflate without its wrapper, as some servers have always sent it.
    let raw = b"\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x27\x00";
    for encoding in ["deflate", "UTF-8", "identity"] {
        let headers = format!("content-encoding: {encoding}\r\n");
        let outcome = probe(&says(reply("200 OK", &headers, raw)).await.url()).await;
        assert_eq!(outcome.answer, Answer::Ok, "{encoding}");
    }
}
