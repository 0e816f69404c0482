//! The time of an attempt runs out, and the detail says where.

use std::time::Duration;

use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{Instant, sleep},
};

use super::{
    authority::Authority,
    lab::{Look, failed_with, head, prober, serve},
};
use model::{
    failure_detail::{FailureDetail, Phase},
    outcome::Failure,
};

/// Holds a connection open for ever.
async fn hold(stream: TcpStream) {
    std::future::pending::<()>().await;
    drop(stream);
}

async fn drip(mut stream: TcpStream, start: &[u8], drop: &[u8]) {
    head(&mut stream).await;
    stream.write_all(start).await.ok();
    while stream.write_all(drop).await.is_ok() {
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn each_part_that_does_not_end_is_told() {
    let silent = serve(hold).await;
    let headers = serve(|stream| drip(stream, b"HTTP/1.1 200 OK\r\nx: ", b"x")).await;
    let body =
        serve(|stream| drip(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n", b"x"))
            .await;
    let stuck = serve(|mut stream| async {
        head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx").await.ok();
        hold(stream).await;
    })
    .await;
    let authority = Authority::new("the authority");
    let trusting = authority.prober().await;
    let plain = prober();
    for (prober, url, phase, status) in [
        (&plain, silent.url(), Phase::Wait, None),
        (&plain, headers.url(), Phase::Wait, None),
        (&plain, body.url(), Phase::Transfer, Some(200)),
        (&plain, stuck.url(), Phase::Transfer, Some(200)),
        (&trusting, silent.named("https", "a.example"), Phase::Tls, None),
    ] {
        let start = Instant::now();
        let outcome = Look::within(200).at(prober, &url).await;
        let took = start.elapsed().as_millis();
        failed_with(&outcome, Failure::Timeout, &FailureDetail::TimedOut { phase, after_ms: 200 });
        assert!((200..300).contains(&took), "{phase:?} took {took} ms");
        assert_eq!(outcome.http_status, status, "{phase:?}");
        let latency = outcome.phases.latency().unwrap();
        assert!((180_000..300_000).contains(&latency), "{phase:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_connection_that_is_never_made_is_told() {
    // A listener whose queue is full no longer answers.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let at = listener.local_addr().unwrap();
    let mut queue = Vec::new();
    while let Ok(Ok(stream)) =
        tokio::time::timeout(Duration::from_millis(50), TcpStream::connect(at)).await
    {
        queue.push(stream);
    }
    let outcome = Look::within(200).at(&prober(), &format!("http://{at}/")).await;
    let detail = FailureDetail::TimedOut { phase: Phase::Connect, after_ms: 200 };
    failed_with(&outcome, Failure::Timeout, &detail);
    assert!(outcome.phases.connect.is_some() && outcome.phases.wait.is_none());
}
