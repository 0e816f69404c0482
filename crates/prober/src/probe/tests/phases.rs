//! Durations of the phases, and the phase in which an attempt's time ran out.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep},
};

use super::{
    authority::{TestAuthority, certificate},
    lab::{TestProbe, all_at, failed_with, head, probe, prober, reply, resolving, says, serve},
};
use model::{
    failure_detail::{FailureDetail, Phase},
    outcome::{Answer, Failure, Phases},
};

const DELAY: Duration = Duration::from_millis(150);

/// Replies late, and the page later.
async fn slow(mut stream: TcpStream, wait: Duration, transfer: Duration) {
    head(&mut stream).await;
    sleep(wait).await;
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello").await.ok();
    sleep(transfer).await;
    stream.write_all(b"hello").await.ok();
}

#[track_caller]
fn near(took: Option<u32>, millis: u32) {
    let took = took.unwrap() / 1_000;
    assert!(took.abs_diff(millis) <= 50, "{took} ms is not about {millis} ms");
}

#[tokio::test]
async fn a_late_reply_is_waiting_and_a_slow_page_is_transfer() {
    let server = serve(|stream| slow(stream, DELAY, Duration::ZERO)).await;
    let phases = probe(&server.url()).await.phases;
    near(phases.wait, 150);
    near(phases.transfer, 0);
    let server = serve(|stream| slow(stream, Duration::ZERO, DELAY)).await;
    let phases = probe(&server.url()).await.phases;
    near(phases.wait, 0);
    near(phases.transfer, 150);
}

#[tokio::test]
async fn parts_that_are_not_needed_have_no_time() {
    let server = says(reply("200 OK", "", b"hello")).await;
    let Phases { dns, connect, tls, .. } = probe(&server.url()).await.phases;
    assert!(dns.is_none() && connect.is_some() && tls.is_none());
    let prober = resolving(all_at("127.0.0.1").await);
    let outcome = TestProbe::default().at(&prober, &server.named("http", "name.example")).await;
    assert!(outcome.phases.dns.is_some_and(|took| took > 0), "{outcome:?}");
}

#[tokio::test]
async fn the_parts_are_the_whole() {
    let authority = TestAuthority::new("the authority");
    let server = authority.serve(&["name.example"], &["h2"]).await;
    let prober = authority.prober().await;
    let start = Instant::now();
    let outcome = TestProbe::default().at(&prober, &server.named("https", "name.example")).await;
    let wall = start.elapsed().as_micros();
    assert_eq!(outcome.answer, Answer::Ok);
    assert!(outcome.phases.parts().iter().all(Option::is_some), "{outcome:?}");
    let sum = u128::from(outcome.phases.latency().unwrap());
    assert!(sum <= wall && wall - sum < 10_000, "{sum} of {wall}: {outcome:?}");
}

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
    let authority = TestAuthority::new("the authority");
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
        let outcome = TestProbe::within(200).at(prober, &url).await;
        let took = start.elapsed().as_millis();
        failed_with(&outcome, Failure::Timeout, &FailureDetail::TimedOut { phase, after_ms: 200 });
        assert!((200..300).contains(&took), "{phase:?} took {took} ms");
        assert_eq!(outcome.http_status, status, "{phase:?}");
        let latency = outcome.phases.latency().unwrap();
        assert!((180_000..300_000).contains(&latency), "{phase:?}: {outcome:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_handshake_may_take_as_long_as_the_whole_attempt() {
    let authority = TestAuthority::new("the authority");
    let acceptor = authority.acceptor(&certificate(&["a.example"]), &[]);
    let server = serve(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            sleep(Duration::from_secs(11)).await;
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            stream.write_all(&reply("200 OK", "", b"hello")).await.ok();
            stream.read_u8().await.ok();
        }
    })
    .await;
    let prober = authority.prober().await;
    let url = server.named("https", "a.example");
    let outcome = TestProbe::within(30_000).at(&prober, &url).await;
    assert_eq!(outcome.answer, Answer::Ok);
    assert!(outcome.phases.tls.is_some_and(|took| took >= 11_000_000), "{outcome:?}");
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
    let outcome = TestProbe::within(200).at(&prober(), &format!("http://{at}/")).await;
    let detail = FailureDetail::TimedOut { phase: Phase::Connect, after_ms: 200 };
    failed_with(&outcome, Failure::Timeout, &detail);
    assert!(outcome.phases.connect.is_some() && outcome.phases.wait.is_none());
}
