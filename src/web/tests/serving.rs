//! The server over real sockets: both versions of HTTP, impatience, and a clean end.

use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::oneshot,
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep, timeout},
};

use super::world::world;
use crate::web::{MAX_CONNECTIONS, Web, WebService, serve};

struct RunningServer {
    at: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

async fn running() -> RunningServer {
    running_with(None).await
}

async fn running_with(connections_per_visitor: Option<usize>) -> RunningServer {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let service = WebService::new(Web { connections_per_visitor, ..world().web });
    let task = tokio::spawn(async move {
        serve(listener, service, MAX_CONNECTIONS, async { drop(stopped.await) }).await
    });
    RunningServer { at, stop, task }
}

async fn talk(at: std::net::SocketAddr, words: &[u8]) -> String {
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(words).await.unwrap();
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).await.unwrap();
    String::from_utf8_lossy(&heard).into_owned()
}

#[tokio::test]
async fn http_1_and_2_are_served_and_stop_ends_both() {
    let running = running().await;
    let words = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    assert!(talk(running.at, words).await.starts_with("HTTP/1.1 200 OK"));
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let url = format!("http://{}/api/v1/status", running.at);
    let got = client.get(url).send().await.unwrap();
    assert_eq!((got.status().as_u16(), got.version()), (200, http::Version::HTTP_2));
    // A connection that is merely kept alive must not hold the end up.
    let idle = TcpStream::connect(running.at).await.unwrap();
    running.stop.send(()).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(15), running.task).await;
    ended.unwrap().unwrap().unwrap();
    drop((idle, client));
}

#[tokio::test(start_paused = true)]
async fn who_trickles_or_says_nothing_is_let_go() {
    let running = running().await;
    for words in [&b""[..], b"PRI * HT", b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: "] {
        assert_eq!(talk(running.at, words).await, "", "{words:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_events_lasts_while_it_is_read_and_stop_ends_it() {
    let running = running().await;
    let mut stream = TcpStream::connect(running.at).await.unwrap();
    stream.write_all(b"GET /api/v1/events HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut heard = String::new();
    while heard.matches(": still here").count() < 20 {
        let mut piece = [0; 4096];
        let count = stream.read(&mut piece).await.unwrap();
        assert!(count > 0, "it ended early: {heard}");
        heard.push_str(str::from_utf8(&piece[..count]).unwrap());
    }
    assert!(heard.contains("content-type: text/event-stream"), "{heard}");
    running.stop.send(()).unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    running.task.await.unwrap().unwrap();
    assert!(rest.ends_with(b"0\r\n\r\n"), "the answer is whole");
}

/// Connects from this address of loopback.
async fn connect_from(from: [u8; 4], to: std::net::SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    socket.connect(to).await
}

/// Six thousand connections of one address: each sends a byte of a header a second, and reconnects
/// when it was closed.
fn crowd(at: std::net::SocketAddr) -> JoinSet<()> {
    let mut crowd = JoinSet::new();
    for _ in 0..6_000 {
        crowd.spawn(async move {
            loop {
                let Ok(mut stream) = connect_from([127, 0, 0, 3], at).await else {
                    sleep(Duration::from_millis(200)).await;
                    continue;
                };
                let _ = stream.write_all(b"GET / HTTP/1.1\r\nx: ").await;
                sleep(Duration::from_secs(1)).await;
                while stream.write_all(b"y").await.is_ok() {
                    sleep(Duration::from_secs(1)).await;
                }
            }
        });
    }
    crowd
}

/// Lets this process open as many files as it may: an ordinary user's limit is far below that.
fn open_many_files() {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_with_six_thousand_slow_connections_holds_up_nobody_else() {
    open_many_files();
    let running = running().await;
    let _crowd = crowd(running.at);
    sleep(Duration::from_secs(3)).await;
    let mut fastest = Duration::MAX;
    for _ in 0..5 {
        let begun = Instant::now();
        let answered = timeout(Duration::from_secs(10), async {
            let mut stream = connect_from([127, 0, 0, 2], running.at).await.unwrap();
            let words = b"GET /slack.com HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
            stream.write_all(words).await.unwrap();
            let mut heard = Vec::new();
            stream.read_to_end(&mut heard).await.unwrap();
            assert!(heard.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&heard));
        });
        assert!(answered.await.is_ok(), "the visitor has no answer within ten seconds");
        fastest = fastest.min(begun.elapsed());
        sleep(Duration::from_millis(500)).await;
    }
    // Other work on the machine holds up one or the other; a crowd that is in the way, all of them.
    assert!(fastest < Duration::from_secs(1), "{fastest:?}");
}
