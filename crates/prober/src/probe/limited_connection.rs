//! A connection, plain or TLS, below HTTP: bounded until the reply has begun, and closed as TLS
//! requires, without waiting for it.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

use model::failure_detail::FailureDetail;

/// Bytes that may come before a reply has begun, informational answers and all: more than the
/// headers of a reply may have and a first part of its page.
const MAX_BEFORE_REPLY: usize = 1 << 20;
/// Informational answers (1xx) before the reply.
pub(super) const MAX_INFORMATIONAL: usize = 64;

/// The stream below HTTP.
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Returns whether HTTP/2 was agreed upon.
    pub(super) fn is_http2(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Tls(stream) => stream.get_ref().1.alpn_protocol() == Some(b"h2"),
        }
    }
}

/// More came before a reply than may be.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("more came before the reply than may be")]
pub(super) enum TooMuch {
    Bytes,
    InterimAnswers,
}

impl TooMuch {
    pub(super) fn detail(self) -> FailureDetail {
        match self {
            Self::Bytes => FailureDetail::HeadersTooLarge,
            Self::InterimAnswers => {
                FailureDetail::TooManyInterimAnswers { limit: MAX_INFORMATIONAL as u32 }
            }
        }
    }
}

/// Limits on what may come before the reply.
#[derive(Clone, Debug)]
pub(super) struct Allowance(Arc<Left>);

#[derive(Debug)]
struct Left {
    bytes: AtomicUsize,
    informational: AtomicUsize,
}

impl Allowance {
    pub(super) fn new() -> Self {
        let (bytes, informational) = (MAX_BEFORE_REPLY.into(), MAX_INFORMATIONAL.into());
        Self(Arc::new(Left { bytes, informational }))
    }

    /// Lifts the limit once the reply is there: from then on its reader limits it.
    pub(super) fn lift(&self) {
        self.0.bytes.store(usize::MAX, Relaxed);
    }

    /// An informational answer has come, or, at last, the reply.
    pub(super) fn informed(&self) {
        let left = self.0.informational.load(Relaxed).saturating_sub(1);
        self.0.informational.store(left, Relaxed);
        if left == 0 {
            self.0.bytes.store(0, Relaxed);
        }
    }

    /// Returns whether nothing has come yet.
    pub(super) fn is_untouched(&self) -> bool {
        self.0.bytes.load(Relaxed) == MAX_BEFORE_REPLY
    }

    fn is_lifted(&self) -> bool {
        self.0.bytes.load(Relaxed) == usize::MAX
    }

    /// The limit that is exceeded, if one is.
    pub(super) fn exceeded(&self) -> Option<TooMuch> {
        let many = self.0.informational.load(Relaxed) == 0;
        let excess = if many { TooMuch::InterimAnswers } else { TooMuch::Bytes };
        (self.0.bytes.load(Relaxed) == 0).then_some(excess)
    }

    fn take(&self, bytes: usize) {
        let left = self.0.bytes.load(Relaxed);
        self.0.bytes.store(left.saturating_sub(bytes), Relaxed);
    }
}

/// A connection with its allowance. Leaving it ends it.
pub(super) struct LimitedConnection {
    stream: Stream,
    pub(super) allowance: Allowance,
    /// Reader of HTTP/2 frames, where no other code counts the informational answers.
    frames: Option<Frames>,
}

impl LimitedConnection {
    pub(super) fn new(stream: Stream, allowance: Allowance) -> Self {
        let frames = stream.is_http2().then(Frames::default);
        Self { stream, allowance, frames }
    }
}

/// Boundaries of HTTP/2 frames (RFC 9113, section 4.1).
#[derive(Debug, Default)]
struct Frames {
    head: [u8; 9],
    /// Bytes of the head that have come.
    come: usize,
    /// Bytes of the frame that are still to come.
    left: usize,
}

impl Frames {
    /// Goes over some bytes; gives the number of frames with headers that begin in them.
    fn headers(&mut self, mut bytes: &[u8]) -> usize {
        let mut headers = 0;
        while let [first, rest @ ..] = bytes {
            if self.left > 0 {
                let within = self.left.min(bytes.len());
                self.left -= within;
                bytes = &bytes[within..];
                continue;
            }
            self.head[self.come] = *first;
            self.come += 1;
            bytes = rest;
            if self.come == self.head.len() {
                let [a, b, c, kind, ..] = self.head;
                (self.come, self.left) = (0, u32::from_be_bytes([0, a, b, c]) as usize);
                headers += usize::from(kind == 1);
            }
        }
        headers
    }
}

impl AsyncRead for LimitedConnection {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let connection = self.get_mut();
        if let Some(excess) = connection.allowance.exceeded() {
            return Poll::Ready(Err(io::Error::other(excess)));
        }
        let before = to.filled().len();
        ready!(match &mut connection.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(context, to),
            Stream::Tls(stream) => Pin::new(stream).poll_read(context, to),
        })?;
        if connection.allowance.is_lifted() {
            return Poll::Ready(Ok(()));
        }
        let come = &to.filled()[before..];
        connection.allowance.take(come.len());
        if let Some(frames) = &mut connection.frames {
            (0..frames.headers(come)).for_each(|_| connection.allowance.informed());
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for LimitedConnection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

impl Drop for LimitedConnection {
    /// Says goodbye (`close_notify`), so that no server takes the end for a cut; what does not fit
    /// into the socket at once is left unsaid.
    fn drop(&mut self) {
        if let Stream::Tls(stream) = &mut self.stream {
            let (socket, session) = stream.get_mut();
            session.send_close_notify();
            session.write_tls(&mut AtOnce(socket)).ok();
        }
    }
}

/// Writes what a socket takes without waiting.
struct AtOnce<'a>(&'a TcpStream);

impl io::Write for AtOnce<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_with_headers_are_counted_in_pieces_of_any_size() {
        let frame = |kind: u8, length: u8| {
            [&[0, 0, length, kind, 0, 0, 0, 0, 1][..], &vec![1; usize::from(length)]].concat()
        };
        let all = [frame(4, 0), frame(1, 5), frame(1, 0), frame(0, 200), frame(1, 9)].concat();
        for piece in [1, 7, 9, 100, 1_000] {
            let mut frames = Frames::default();
            let counted: usize = all.chunks(piece).map(|bytes| frames.headers(bytes)).sum();
            assert_eq!(counted, 3, "{piece}");
        }
    }
}
