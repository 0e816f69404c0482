//! The malformed answers, written to the socket byte by byte.
//!
//! The request is read first, so that the kernel closes the connection properly instead of
//! resetting it for unread bytes. Must never answer well by accident: nothing here comes to a
//! proper end.

use std::{
    io,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time,
};
use tokio_rustls::server::TlsStream;

use super::behaviour::Behaviour;

/// The longest request head that is waited for.
const MAX_HEAD: usize = 64 * 1024;
/// A tenth of what it announces.
const PARTIAL: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\
                         content-length: 1000\r\n\r\nThis is the beginning of a longer text, \
                         and whoever reads it will never learn how it was meant to end.\n";
const GARBAGE: &[u8] = b"\x00\x01\x02 220 this is not the protocol you seek \xff\xfe\r\n\r\n";
/// Time for the client to read what was sent before a reset discards it.
const READ_TIME: Duration = Duration::from_millis(30);

/// A connection, plain or TLS, with its socket within reach.
pub(super) trait RawStream: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// The socket under it.
    fn socket(&self) -> &TcpStream;
}

impl RawStream for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl RawStream for TlsStream<TcpStream> {
    fn socket(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// Reads one request and answers it as badly as `behaviour` says.
pub(super) async fn misbehave<S: RawStream>(
    mut stream: S,
    behaviour: &Behaviour,
    hits: &AtomicU64,
) -> io::Result<()> {
    read_head(&mut stream).await?;
    hits.fetch_add(1, Relaxed);
    match behaviour {
        Behaviour::Drip(pause, answer) => drip(&mut stream, &answer.text(), *pause).await?,
        Behaviour::HangMidAnswer => say(&mut stream, PARTIAL).await?,
        Behaviour::ResetMidAnswer => {
            say(&mut stream, PARTIAL).await?;
            time::sleep(READ_TIME).await;
            return stream.socket().set_zero_linger();
        }
        Behaviour::CloseMidAnswer => {
            say(&mut stream, PARTIAL).await?;
            stream.shutdown().await?;
        }
        Behaviour::NotHttp => {
            say(&mut stream, GARBAGE).await?;
            stream.shutdown().await?;
        }
        Behaviour::CloseAfterRequest => stream.shutdown().await?,
        _ => {}
    }
    hold(stream).await
}

/// Holds the connection until the client closes it.
pub(super) async fn hold<S: AsyncRead + Unpin>(mut stream: S) -> io::Result<()> {
    let mut ignored = [0; 1024];
    while stream.read(&mut ignored).await? > 0 {}
    Ok(())
}

async fn read_head<S: RawStream>(stream: &mut S) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await? == 0 || head.len() > MAX_HEAD {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}

async fn say<S: RawStream>(stream: &mut S, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

async fn drip<S: RawStream>(stream: &mut S, bytes: &[u8], pause: Duration) -> io::Result<()> {
    for byte in bytes {
        say(stream, &[*byte]).await?;
        time::sleep(pause).await;
    }
    stream.shutdown().await
}
