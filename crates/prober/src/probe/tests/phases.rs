//! Durations of the phases.

use std::time::Duration;

use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{Instant, sleep},
};

use super::{
    authority::Authority,
    lab::{Look, all_at, head, look, reply, resolving, says, serve},
};
use model::outcome::{Answer, Phases};

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
    let phases = look(&server.url()).await.phases;
    near(phases.wait, 150);
    near(phases.transfer, 0);
    let server = serve(|stream| slow(stream, Duration::ZERO, DELAY)).await;
    let phases = look(&server.url()).await.phases;
    near(phases.wait, 0);
    near(phases.transfer, 150);
}

#[tokio::test]
async fn parts_that_are_not_needed_have_no_time() {
    let server = says(reply("200 OK", "", b"hello")).await;
    let Phases { dns, connect, tls, .. } = look(&server.url()).await.phases;
    assert!(dns.is_none() && connect.is_some() && tls.is_none());
    let prober = resolving(all_at("127.0.0.1").await);
    let outcome = Look::default().at(&prober, &server.named("http", "name.example")).await;
    assert!(outcome.phases.dns.is_some_and(|took| took > 0), "{outcome:?}");
}

#[tokio::test]
async fn the_parts_are_the_whole() {
    let authority = Authority::new("the authority");
    let server = authority.serve(&["name.example"], &["h2"]).await;
    let prober = authority.prober().await;
    let start = Instant::now();
    let outcome = Look::default().at(&prober, &server.named("https", "name.example")).await;
    let wall = start.elapsed().as_micros();
    assert_eq!(outcome.answer, Answer::Ok);
    assert!(outcome.phases.parts().iter().all(Option::is_some), "{outcome:?}");
    let sum = u128::from(outcome.phases.latency().unwrap());
    assert!(sum <= wall && wall - sum < 10_000, "{sum} of {wall}: {outcome:?}");
}
