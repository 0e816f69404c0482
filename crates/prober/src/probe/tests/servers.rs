//! Small TCP servers on loopback.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
};

/// A server on loopback.
#[derive(Debug)]
pub(super) struct TestServer {
    pub(super) at: SocketAddr,
    accepted: Arc<AtomicUsize>,
}

impl TestServer {
    pub(super) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.at)
    }

    pub(super) fn named(&self, scheme: &str, name: &str) -> String {
        format!("{scheme}://{name}:{}/", self.at.port())
    }
}

/// Handles each connection to a free port of an address.
pub(super) async fn serve_at<F, H>(ip: &str, handle: H) -> TestServer
where
    F: Future<Output = ()> + Send + 'static,
    H: Fn(TcpStream) -> F + Send + 'static,
{
    let listener = TcpListener::bind((ip, 0)).await.unwrap();
    let at = listener.local_addr().unwrap();
    let accepted = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&accepted);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(handle(stream));
        }
    });
    TestServer { at, accepted }
}

pub(super) async fn serve<F, H>(handle: H) -> TestServer
where
    F: Future<Output = ()> + Send + 'static,
    H: Fn(TcpStream) -> F + Send + 'static,
{
    serve_at("127.0.0.1", handle).await
}

/// Answers each request with what `reply` makes of its head, and ends the connection.
pub(super) async fn replies(reply: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> TestServer {
    let reply = Arc::new(reply);
    serve(move |mut stream| {
        let reply = Arc::clone(&reply);
        async move {
            let head = head(&mut stream).await;
            stream.write_all(&reply(&head)).await.ok();
            stream.shutdown().await.ok();
            // Until the other side is done, so that no reset overtakes the reply.
            stream.read_u8().await.ok();
        }
    })
    .await
}

pub(super) async fn says(reply: impl AsRef<[u8]>) -> TestServer {
    let reply = reply.as_ref().to_vec();
    replies(move |_| reply.clone()).await
}

/// A whole reply with a body.
pub(super) fn reply(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut all = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len());
    all.reserve(body.len());
    let mut all = all.into_bytes();
    all.extend_from_slice(body);
    all
}

/// Reads the head of a request.
pub(super) async fn head(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

/// Ends a connection with a reset.
pub(super) fn reset(stream: TcpStream) {
    stream.set_zero_linger().unwrap();
    drop(stream);
}

/// A port of an address at which nothing listens as long as these tests run: a socket holds it, or
/// the kernel could give it to another.
pub(super) fn nobody(ip: &str) -> u16 {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(ip.parse().unwrap(), 0)).unwrap();
    let port = socket.local_addr().unwrap().port();
    std::mem::forget(socket);
    port
}

/// A server at every address of the machine, IPv6 included where there is any.
pub(super) async fn everywhere() -> TestServer {
    let six = TcpListener::bind("[::]:0").await.is_ok();
    serve_at(if six { "::" } else { "0.0.0.0" }, |mut stream| async move {
        stream.write_all(&reply("200 OK", "", b"inside")).await.ok();
    })
    .await
}
