//! Ends of connections: closed properly by TLS or not, by them and by us.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{
    authority::{TestAuthority, certificate},
    lab::{TestProbe, TestServer, failed, head, serve},
    until::{SOON, until},
};
use model::outcome::{Answer, Failure};

/// Answers every request with these bytes, and hangs up without a goodbye.
async fn cut(acceptor: TlsAcceptor, answer: Vec<u8>) -> TestServer {
    serve(move |stream| {
        let (acceptor, answer) = (acceptor.clone(), answer.clone());
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            head(&mut stream).await;
            stream.write_all(&answer).await.ok();
            stream.flush().await.ok();
            let (mut socket, _) = stream.into_inner();
            socket.shutdown().await.ok();
            socket.read_u8().await.ok();
        }
    })
    .await
}

#[tokio::test]
async fn a_page_that_ends_with_the_connection_has_ended_with_or_without_a_goodbye() {
    let authority = TestAuthority::new("the authority");
    let prober = authority.prober().await;
    let acceptor = authority.acceptor(&certificate(&["name.example"]), &[]);
    for (answer, text) in [
        ("HTTP/1.0 200 OK\r\n\r\nhello", Some("hello")),
        ("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello", Some("hello")),
        ("HTTP/1.1 200 OK\r\n\r\n", None),
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", Some("hello")),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            Some("hello"),
        ),
        // A coding that is no framing.
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: identity\r\n\r\nhello", Some("hello")),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: identity\r\ncontent-length: 5\r\n\r\nhello and more",
            Some("hello"),
        ),
        (
            "HTTP/1.1 304 Not Modified\r\ntransfer-encoding: identity\r\ncontent-length: 5\r\n\r\n",
            None,
        ),
        // The second reading.
        ("HTTP/2 200 OK\r\n\r\nhello", Some("hello")),
    ] {
        let server = cut(acceptor.clone(), answer.into()).await;
        let probe = text.map_or_else(TestProbe::default, TestProbe::text);
        let outcome = probe.at(&prober, &server.named("https", "name.example")).await;
        assert_eq!(outcome.answer, Answer::Ok, "{answer}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_cut_where_the_end_was_told_is_a_failure() {
    let authority = TestAuthority::new("the authority");
    let prober = authority.prober().await;
    let acceptor = authority.acceptor(&certificate(&["name.example"]), &[]);
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: identity\r\ncontent-length: 50\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n50\r\nhello",
        "HTTP/1.1 200 OK\r\nx: y\r\n",
        "",
    ] {
        let server = cut(acceptor.clone(), answer.into()).await;
        let outcome =
            TestProbe::default().at(&prober, &server.named("https", "name.example")).await;
        failed(&outcome, Failure::Reset);
    }
}

/// Bytes that a server reads after the request, and the end of its connection.
type Ends = Arc<Mutex<Vec<(Vec<u8>, Result<(), std::io::ErrorKind>)>>>;

async fn listen_to_the_end(mut stream: TlsStream<tokio::net::TcpStream>, ends: Ends) {
    head(&mut stream).await;
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").await.ok();
    stream.flush().await.ok();
    let mut rest = Vec::new();
    let end = stream.read_to_end(&mut rest).await;
    ends.lock().unwrap().push((rest, end.map(|_| ()).map_err(|error| error.kind())));
}

#[tokio::test]
async fn we_say_goodbye() {
    let authority = TestAuthority::new("the authority");
    let prober = authority.prober().await;
    let acceptor = authority.acceptor(&certificate(&["name.example"]), &[]);
    let ends = Ends::default();
    let seen = Arc::clone(&ends);
    let server = serve(move |stream| {
        let (acceptor, ends) = (acceptor.clone(), Arc::clone(&seen));
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                listen_to_the_end(stream, ends).await;
            }
        }
    })
    .await;
    let outcome = TestProbe::default().at(&prober, &server.named("https", "name.example")).await;
    assert_eq!(outcome.answer, Answer::Ok);
    let ended = async || (!ends.lock().unwrap().is_empty()).then_some(());
    until("the server has read to the end", SOON, ended).await;
    // Without a goodbye it would be an unexpected end.
    assert_eq!(*ends.lock().unwrap(), [(Vec::new(), Ok(()))]);
}

/// Announces five bytes over HTTP/2, sends these, and never ends the stream.
async fn never_ends(authority: &TestAuthority, sent: &'static str) -> TestServer {
    let acceptor = authority.acceptor(&certificate(&["name.example"]), &["h2"]);
    serve(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let mut connection = h2::server::handshake(stream).await.unwrap();
            let mut open = Vec::new();
            while let Some(Ok((_, mut respond))) = connection.accept().await {
                let head = http::Response::builder().header("content-length", 5).body(()).unwrap();
                let mut stream = respond.send_response(head, false).unwrap();
                stream.send_data(sent.into(), false).unwrap();
                open.push(stream);
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_page_of_http_2_has_ended_once_its_announced_length_is_there() {
    let authority = TestAuthority::new("the authority");
    let prober = authority.prober().await;
    let whole = never_ends(&authority, "hello").await;
    let url = whole.named("https", "name.example");
    assert_eq!(TestProbe::text("hello").at(&prober, &url).await.answer, Answer::Ok);
    let half = never_ends(&authority, "hel").await;
    let url = half.named("https", "name.example");
    failed(&TestProbe::within(1_000).at(&prober, &url).await, Failure::Timeout);
}
