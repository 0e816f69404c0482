//! Servers that keep to their protocol so far that no page comes of it, and whether browsers get one.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::server::TlsStream;

use super::{
    authority::{TestAuthority, certificate},
    lab::{TestProbe, TestServer, failed_with, head, probe, reply, serve},
};
use crate::scheduler::attempt_after;
use model::{
    failure_detail::{FailureDetail as Detail, Phase},
    name::Slug,
    outcome::{Answer, Failure, Outcome},
    site::Site,
};

const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
const SETTINGS_ACKNOWLEDGED: [u8; 9] = [0, 0, 0, 4, 1, 0, 0, 0, 0];
/// Status 200 and no page, on stream 1.
const GOOD: [u8; 10] = [0, 0, 1, 1, 5, 0, 0, 0, 1, 0x88];

/// Goes away, with this error, having taken streams up to this one.
fn goaway(last: u8, error: u8) -> Vec<u8> {
    vec![0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, last, 0, 0, 0, error]
}

/// Ends stream 1 with this error.
fn reset_stream(error: u8) -> Vec<u8> {
    vec![0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, error]
}

/// Refuses stream 1.
fn refused_stream() -> Vec<u8> {
    reset_stream(7)
}

/// A server of HTTP/2 that says this at once, and this after the request.
async fn http2(authority: &TestAuthority, at_once: Vec<u8>, then: Vec<u8>) -> TestServer {
    let acceptor = authority.acceptor(&certificate(&["name.example"]), &["h2"]);
    serve(move |stream| {
        let (acceptor, at_once, then) = (acceptor.clone(), at_once.clone(), then.clone());
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            stream.write_all(&at_once).await.ok();
            stream.flush().await.ok();
            if request(&mut stream).await.is_some() {
                stream.write_all(&then).await.ok();
                stream.flush().await.ok();
            }
            while stream.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {}
        }
    })
    .await
}

/// Reads up to the headers of a request.
async fn request(stream: &mut TlsStream<TcpStream>) -> Option<()> {
    stream.read_exact(&mut [0; 24]).await.ok()?;
    loop {
        let mut frame = [0; 9];
        stream.read_exact(&mut frame).await.ok()?;
        let length = u32::from_be_bytes([0, frame[0], frame[1], frame[2]]) as usize;
        stream.read_exact(&mut vec![0; length]).await.ok()?;
        if frame[3] == 1 {
            return stream.write_all(&SETTINGS_ACKNOWLEDGED).await.ok();
        }
    }
}

async fn seen(authority: &TestAuthority, server: &TestServer) -> Outcome {
    let prober = authority.prober().await;
    TestProbe::within(2_000).at(&prober, &server.named("https", "name.example")).await
}

#[tokio::test]
async fn an_http2_server_that_goes_away_before_it_answers_has_closed_the_connection() {
    let authority = TestAuthority::new("the authority");
    let gone = Detail::ReplyIncomplete;
    for (at_once, then) in [
        ([SETTINGS.to_vec(), goaway(0, 0)].concat(), Vec::new()),
        ([SETTINGS.to_vec(), goaway(0, 11)].concat(), Vec::new()),
        (SETTINGS.to_vec(), goaway(0, 0)),
        (SETTINGS.to_vec(), refused_stream()),
    ] {
        let server = http2(&authority, at_once.clone(), then.clone()).await;
        let outcome = seen(&authority, &server).await;
        failed_with(&outcome, Failure::Reset, &gone);
    }
    // What it has taken it still answers.
    let server = http2(&authority, SETTINGS.to_vec(), [goaway(1, 0), GOOD.to_vec()].concat()).await;
    assert_eq!(seen(&authority, &server).await.answer, Answer::Ok);
}

#[tokio::test]
async fn an_http2_server_that_ends_the_stream_before_it_answers_has_closed_the_connection() {
    let authority = TestAuthority::new("the authority");
    for error in [
        h2::Reason::PROTOCOL_ERROR,
        h2::Reason::INTERNAL_ERROR,
        h2::Reason::STREAM_CLOSED,
        h2::Reason::CANCEL,
        h2::Reason::ENHANCE_YOUR_CALM,
    ] {
        let reset = reset_stream(u32::from(error) as u8);
        let server = http2(&authority, SETTINGS.to_vec(), reset).await;
        let outcome = seen(&authority, &server).await;
        failed_with(&outcome, Failure::Reset, &Detail::ReplyIncomplete);
    }
}

/// A server that answers with this over HTTP/2, and with this over HTTP/1.1.
async fn both(authority: &TestAuthority, over_2: Vec<u8>, over_1: &str) -> TestServer {
    let acceptor = authority.acceptor(&certificate(&["name.example"]), &["h2", "http/1.1"]);
    let over_1 = over_1.to_owned();
    serve(move |stream| {
        let (acceptor, over_2, over_1) = (acceptor.clone(), over_2.clone(), over_1.clone());
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                stream.write_all(&SETTINGS).await.ok();
                request(&mut stream).await;
                stream.write_all(&over_2).await.ok();
                stream.flush().await.ok();
                while stream.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {}
            } else {
                head(&mut stream).await;
                stream.write_all(over_1.as_bytes()).await.ok();
                stream.shutdown().await.ok();
            }
        }
    })
    .await
}

/// Status 200 with these headers, and this page at once.
fn page(headers: &[(&str, &str)], page: &str) -> Vec<u8> {
    let mut block = vec![0x88];
    for (name, value) in headers {
        // A literal that is not indexed, with a name of its own (RFC 7541, section 6.2.2).
        block.extend([&[0, name.len() as u8], name.as_bytes()].concat());
        block.extend([&[value.len() as u8], value.as_bytes()].concat());
    }
    let frame = |kind, flags, content: &[u8]| {
        [&[0, 0, content.len() as u8, kind, flags, 0, 0, 0, 1], content].concat()
    };
    [frame(1, 4, &block), frame(0, 1, page.as_bytes())].concat()
}

#[tokio::test]
async fn a_wrong_length_over_http2_hides_no_page_from_browsers_nor_from_us() {
    let authority = TestAuthority::new("the authority");
    let prober = authority.prober().await;
    let probe = TestProbe { timeout: Duration::from_secs(2), ..TestProbe::text("four characters") };
    let text = "a page of two dozen, four characters";
    for lengths in [&["5"][..], &["200"], &["abc"], &["36", "5"]] {
        let headers: Vec<_> = lengths.iter().map(|value| ("content-length", *value)).collect();
        let lines = lengths.join("\r\ncontent-length: ");
        let over_1 = format!("HTTP/1.1 200 OK\r\ncontent-length: {lines}\r\n\r\n{text}");
        let server = both(&authority, page(&headers, text), &over_1).await;
        let url = server.named("https", "name.example");
        let outcome = probe.at(&prober, &url).await;
        assert_eq!(outcome.answer, Answer::Ok, "{lengths:?}: {outcome:?}");
        assert_eq!(server.accepted(), 2, "{lengths:?}");
        // It is asked for the page, and not taken at its word.
        let missing = TestProbe { expect: TestProbe::text("forty").expect, ..probe.clone() };
        let cause = missing.at(&prober, &url).await.cause().map(|cause| cause.failure);
        assert_eq!(cause, Some(Failure::Body), "{lengths:?}");
    }
}

#[tokio::test]
async fn what_browsers_refuse_over_http2_stays_refused_whatever_http1_would_give() {
    let authority = TestAuthority::new("the authority");
    let good = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
    let refused = page(&[("Upper-Case", "1")], "hello");
    let server = both(&authority, refused, good).await;
    let outcome = seen(&authority, &server).await;
    failed_with(&outcome, Failure::Protocol, &Detail::MalformedHttp);
    // Nor is there a page where the server speaks no other version.
    let only = page(&[("content-length", "abc")], "hello");
    let server = http2(&authority, SETTINGS.to_vec(), only).await;
    let outcome = seen(&authority, &server).await;
    failed_with(&outcome, Failure::Protocol, &Detail::MalformedHttp);
}

/// Settings with so many streams at once.
fn streams(most: u8) -> [u8; 15] {
    [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, most]
}

#[tokio::test]
async fn an_http2_server_that_takes_no_stream_yet_is_waited_for() {
    let authority = TestAuthority::new("the authority");
    let acceptor = authority.acceptor(&certificate(&["name.example"]), &["h2"]);
    let server = serve(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            stream.write_all(&streams(0)).await.ok();
            stream.flush().await.ok();
            tokio::time::sleep(Duration::from_millis(200)).await;
            stream.write_all(&streams(9)).await.ok();
            stream.flush().await.ok();
            if request(&mut stream).await.is_some() {
                stream.write_all(&GOOD).await.ok();
                stream.flush().await.ok();
            }
            while stream.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {}
        }
    })
    .await;
    assert_eq!(seen(&authority, &server).await.answer, Answer::Ok);
    // One that never takes any gives no page. The request may have been on its way before the settings.
    let server = http2(&authority, streams(0).to_vec(), refused_stream()).await;
    let failure = seen(&authority, &server).await.cause().map(|cause| cause.failure);
    assert!(matches!(failure, Some(Failure::Timeout | Failure::Reset)), "{failure:?}");
}

/// A server that ends every handshake with these bytes after the hello.
async fn after_hello(says: &[u8]) -> TestServer {
    let says = says.to_vec();
    serve(move |mut stream| {
        let says = says.clone();
        async move {
            assert_ne!(stream.read(&mut [0; 4096]).await.unwrap_or(0), 0);
            stream.write_all(&says).await.ok();
            stream.shutdown().await.ok();
            while stream.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {}
        }
    })
    .await
}

/// A hello of a server that speaks TLS 1.2 and chooses this protocol by ALPN.
fn chooses(protocol: &[u8]) -> Vec<u8> {
    let length = protocol.len() as u8;
    let extension = [&[0, 16, 0, length + 3, 0, length + 1, length][..], protocol].concat();
    let said = [&[3, 3][..], &[7; 32], &[0, 0xc0, 0x2b, 0, 0, length + 7], &extension].concat();
    let message = [&[2, 0, 0, said.len() as u8][..], &said].concat();
    [&[22, 3, 3, 0, message.len() as u8][..], &message].concat()
}

#[tokio::test]
async fn a_server_that_chooses_a_protocol_nobody_offered_is_down_as_in_browsers() {
    let authority = TestAuthority::new("the authority");
    let server = after_hello(&chooses(b"spdy/3.1")).await;
    let outcome = seen(&authority, &server).await;
    failed_with(&outcome, Failure::Tls, &Detail::NoCommonTls);
    // One that was offered is no fault of the hello: the end of the connection is.
    let server = after_hello(&chooses(b"http/1.1")).await;
    let cause = seen(&authority, &server).await.cause().cloned().unwrap();
    assert_ne!(cause.detail, Detail::NoCommonTls, "{cause:?}");
}

/// A hello of a server that chooses this version of TLS.
fn server_hello(version: [u8; 2]) -> Vec<u8> {
    let said = [&version[..], &[7; 32], &[0, 0, 0x2f, 0]].concat();
    let message = [&[2, 0, 0, said.len() as u8][..], &said].concat();
    [&[22, version[0], version[1], 0, message.len() as u8][..], &message].concat()
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_of_this_century_is_down_as_in_browsers() {
    let authority = TestAuthority::new("the authority");
    let alert = |alert| vec![21, 3, 1, 0, 2, 2, alert];
    for (says, detail) in [
        (alert(70), Detail::TlsAlert { alert: 70 }),
        (server_hello([3, 1]), Detail::NoCommonTls),
        (server_hello([3, 2]), Detail::NoCommonTls),
        // No protocol in common, by ALPN.
        (alert(120), Detail::TlsAlert { alert: 120 }),
    ] {
        let server = after_hello(&says).await;
        failed_with(&seen(&authority, &server).await, Failure::Tls, &detail);
    }
}

#[tokio::test]
async fn a_server_that_ends_the_connection_without_an_answer_is_told_so() {
    let server = serve(|mut stream| async move {
        head(&mut stream).await;
        stream.shutdown().await.ok();
    })
    .await;
    failed_with(&probe(&server.url()).await, Failure::Reset, &Detail::ReplyIncomplete);
    let server = serve(|mut stream| async move {
        stream.shutdown().await.ok();
        head(&mut stream).await;
    })
    .await;
    let outcome = probe(&server.url()).await;
    assert_eq!(outcome.cause().map(|cause| cause.failure), Some(Failure::Reset), "{outcome:?}");
    assert_ne!(outcome.cause().unwrap().detail, Detail::ConnectionClosed { phase: Phase::Tls });
}

#[tokio::test]
async fn a_server_that_ends_its_first_connection_answers_the_next_attempt() {
    let met = Arc::new(AtomicU8::new(0));
    let server = serve(move |mut stream| {
        let first = met.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            head(&mut stream).await;
            if !first {
                stream.write_all(&reply("200 OK", "", b"hello")).await.ok();
            }
            stream.shutdown().await.ok();
        }
    })
    .await;
    let url = server.url().parse().unwrap();
    let site = Site { private: true, ..Site::new(Slug::new("name.example").unwrap(), url) };
    let (outcome, attempts) = attempt_after(&super::lab::prober(), &site, 0).await;
    assert_eq!((outcome.answer, attempts), (Answer::Ok, 2));
}
