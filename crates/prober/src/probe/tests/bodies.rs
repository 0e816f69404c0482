//! Pages: read as far as may be, decoded, and searched.

use std::{io::Write, time::Duration};

use flate2::{Compression, write::GzEncoder};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{Instant, timeout},
};

use super::lab::{
    LIMIT, MAX_BODY, TestProbe, failed_with, head, probe, prober, replies, reply, says, serve,
};
use model::{
    failure_detail::FailureDetail,
    outcome::{Answer, Failure},
};

/// A page without this text in so much of it as was searched.
fn not_found(text: &str, within_kib: Option<u32>) -> FailureDetail {
    FailureDetail::TextNotFound { text: text.into(), within_kib }
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn an_endless_page_is_read_as_far_as_may_be() {
    let server = serve(|mut stream| async move {
        head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok();
        while stream.write_all(&[b'a'; 16 * 1024]).await.is_ok() {}
    })
    .await;
    let start = Instant::now();
    assert_eq!(probe(&server.url()).await.answer, Answer::Ok);
    let outcome = TestProbe::text("b").at(&prober(), &server.url()).await;
    failed_with(&outcome, Failure::Body, &not_found("b", Some(256)));
    assert!(start.elapsed() < LIMIT / 2, "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_decompression_bomb_costs_little() {
    let bomb = gzip(&vec![0; 256 << 20]);
    let server = says(reply("200 OK", "content-encoding: gzip\r\n", &bomb)).await;
    let start = Instant::now();
    assert_eq!(probe(&server.url()).await.answer, Answer::Ok);
    assert!(start.elapsed() < LIMIT / 2, "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_page_that_cannot_be_decoded_is_told() {
    let mut broken = gzip(b"hello, this is a page that goes wrong in the middle");
    broken[14] ^= 0xff;
    broken[15] ^= 0xff;
    for (coding, body) in [
        ("gzip", &broken[..]),
        ("gzip", b"this is no gzip at all"),
        ("br", b"\xff\xff\xff\xff\xff"),
        ("zstd", b"this is no zstd at all"),
    ] {
        let headers = format!("content-encoding: {coding}\r\n");
        let outcome = probe(&says(reply("200 OK", &headers, body)).await.url()).await;
        failed_with(&outcome, Failure::Body, &FailureDetail::PageUndecodable);
        assert_eq!(outcome.http_status, Some(200));
    }
}

#[tokio::test]
async fn a_text_is_found_in_what_was_decoded() {
    for (headers, body) in
        [("", b"so hello there".to_vec()), ("content-encoding: gzip\r\n", gzip(b"so hello there"))]
    {
        let server = says(reply("200 OK", headers, &body)).await;
        assert_eq!(TestProbe::text("hello").at(&prober(), &server.url()).await.answer, Answer::Ok);
        let outcome = TestProbe::text("good bye").at(&prober(), &server.url()).await;
        failed_with(&outcome, Failure::Body, &not_found("good bye", None));
    }
}

#[tokio::test]
async fn a_text_is_found_across_pieces_of_the_page() {
    let server = serve(|mut stream| async move {
        stream.set_nodelay(true).unwrap();
        head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await.ok();
        for piece in ["3\r\nshe\r\n", "2\r\nll\r\n", "1\r\no\r\n", "0\r\n\r\n"] {
            stream.write_all(piece.as_bytes()).await.ok();
            // Each piece travels alone; the other side says nothing more.
            timeout(Duration::from_millis(5), stream.read_u8()).await.ok();
        }
    })
    .await;
    assert_eq!(TestProbe::text("hello").at(&prober(), &server.url()).await.answer, Answer::Ok);
}

#[tokio::test]
async fn a_text_is_searched_up_to_the_limit_and_not_beyond() {
    for (before, found) in [(MAX_BODY - 5, true), (MAX_BODY - 4, false)] {
        let body = [vec![b'x'; before], b"hello".to_vec()].concat();
        let server = replies(move |_| reply("200 OK", "", &body)).await;
        let outcome = TestProbe::text("hello").at(&prober(), &server.url()).await;
        assert_eq!(outcome.answer == Answer::Ok, found, "{before}");
        if !found {
            failed_with(&outcome, Failure::Body, &not_found("hello", Some(256)));
        }
    }
}

#[tokio::test]
async fn a_page_with_a_wrong_trailer_or_none_or_another_name_for_its_coding_is_good() {
    let packed = gzip(b"so hello there");
    let garbage = [&packed[..], b"garbage"].concat();
    let wrong = [&packed[..packed.len() - 8], b"not sums"].concat();
    for (coding, body) in [
        ("gzip", &packed[..packed.len() - 8]),
        ("gzip", &packed[..packed.len() - 3]),
        ("gzip", &garbage),
        ("gzip", &wrong),
        ("identity, gzip", &packed),
        ("x-gzip", &packed),
        ("GZIP", &packed),
    ] {
        let server = says(reply("200 OK", &format!("content-encoding: {coding}\r\n"), body)).await;
        let outcome = TestProbe::text("hello").at(&prober(), &server.url()).await;
        assert_eq!(outcome.answer, Answer::Ok, "{coding}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_text_is_found_by_its_characters() {
    let latin1 = reply("200 OK", "content-type: text/html; charset=iso-8859-1\r\n", b"caf\xe9");
    let server = says(latin1).await;
    assert_eq!(TestProbe::text("caf\u{e9}").at(&prober(), &server.url()).await.answer, Answer::Ok);
    let outcome = TestProbe::text("th\u{e9}").at(&prober(), &server.url()).await;
    failed_with(&outcome, Failure::Body, &not_found("th\u{e9}", None));
}
