//! The second reading of an answer over HTTP/1 that hyper refuses: as loosely as curl and browsers
//! both read, and no looser. A visitor sees what they read.
//!
//! It reads a status line, headers and a body by chunks, length or the end of the connection, each
//! within a bound. Where curl and browsers both refuse, it refuses too: no HTTP at all, HTTP/0.9, a
//! byte NUL, two lengths.

use std::io;

use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::probe::limited_connection::{LimitedConnection, MAX_INFORMATIONAL, TooMuch};

/// Bytes of a head, informational answers included: somewhat more than browsers take.
const MAX_HEAD: usize = 400 * 1024;
/// The longest line between chunks.
const MAX_CHUNK_LINE: usize = 4 * 1024;

/// The reply cannot be read by the lenient reader either.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the answer cannot be read")]
pub(super) struct Unreadable;

/// The head of an answer.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) version: Version,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
}

/// A body, and the connection that it comes over.
pub(super) struct LenientBody {
    connection: LimitedConnection,
    buffer: BytesMut,
    framing: Framing,
}

/// Framing of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Length(u64),
    /// Bytes left of the chunk; 0: another chunk follows.
    Chunks(u64),
    /// After a chunk, before the end of its line.
    ChunkEnd,
    Connection,
    Ended,
}

/// Sends a request and reads the head of its answer, which is all of it where no more was asked for.
pub(super) async fn ask(
    mut connection: LimitedConnection,
    request: &[u8],
    head_alone: bool,
    heeds_length: bool,
) -> io::Result<(Head, LenientBody)> {
    connection.write_all(request).await?;
    connection.flush().await?;
    let (mut buffer, mut read) = (BytesMut::new(), 0);
    for _ in 0..MAX_INFORMATIONAL {
        let mut start = 0;
        let end = loop {
            if let Some(end) = end_of_head(&buffer, &mut start) {
                break end;
            }
            if buffer.len() + read > MAX_HEAD {
                return Err(io::Error::other(TooMuch::Bytes));
            }
            if connection.read_buf(&mut buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        };
        read += end;
        let head = head(&buffer.split_to(end))?;
        if head.status.is_informational() && head.status != StatusCode::SWITCHING_PROTOCOLS {
            continue;
        }
        let framing = if head_alone { Some(Framing::Ended) } else { framing(&head, heeds_length) };
        let framing = framing.ok_or_else(unreadable)?;
        connection.allowance.lift();
        return Ok((head, LenientBody { connection, buffer, framing }));
    }
    Err(io::Error::other(TooMuch::InterimAnswers))
}

fn unreadable() -> io::Error {
    io::Error::other(Unreadable)
}

/// End of the empty line that ends a head. The lines before `start` were searched already; `start`
/// moves on.
fn end_of_head(bytes: &[u8], start: &mut usize) -> Option<usize> {
    while let Some(length) = bytes[*start..].iter().position(|byte| *byte == b'\n') {
        let (line, first) = (&bytes[*start..*start + length], *start == 0);
        *start += length + 1;
        if !first && without_end(line).is_empty() {
            return Some(*start);
        }
    }
    None
}

/// Reads a head. What has no status line is no HTTP at all, and no rule of it is broken.
fn head(bytes: &[u8]) -> io::Result<Head> {
    let mut lines = bytes.split(|byte| *byte == b'\n').map(without_end);
    let first = lines.next().and_then(status_line);
    let (version, status) = first.ok_or(io::ErrorKind::InvalidData)?;
    if bytes.contains(&0) {
        return Err(unreadable());
    }
    let mut fields: Vec<(&[u8], Vec<u8>)> = Vec::new();
    for line in lines {
        match (line.first(), fields.last_mut()) {
            // A continuation of the line before.
            (Some(b' ' | b'\t'), Some((_, value))) => {
                value.push(b' ');
                value.extend(line.trim_ascii());
            }
            _ => {
                // Browsers leave out what has no name.
                if let Some(colon) = line.iter().position(|byte| *byte == b':') {
                    fields
                        .push((line[..colon].trim_ascii(), line[colon + 1..].trim_ascii().into()));
                }
            }
        }
    }
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        let value: Vec<u8> = value.into_iter().map(|b| if b == b'\r' { b' ' } else { b }).collect();
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name), HeaderValue::from_bytes(&value))
        {
            // As many as fit: a map has a bound of its own.
            headers.try_append(name, value).map_err(|_| unreadable())?;
        }
    }
    Ok(Head { version, status, headers })
}

/// A line without what ends it: servers send CR, nothing, or CR twice before LF.
fn without_end(mut line: &[u8]) -> &[u8] {
    while let [rest @ .., b'\r'] = line {
        line = rest;
    }
    line
}

/// `HTTP/1.1 200 OK`, in any case, with any version that has an answer of this form, and any white
/// space.
fn status_line(line: &[u8]) -> Option<(Version, StatusCode)> {
    let (name, rest) = line.split_at_checked(5)?;
    if !name.eq_ignore_ascii_case(b"HTTP/") {
        return None;
    }
    let end = rest.iter().position(|byte| matches!(byte, b' ' | b'\t'))?;
    let version = match &rest[..end] {
        b"1.0" => Version::HTTP_10,
        [b'1', b'.', digit] if digit.is_ascii_digit() => Version::HTTP_11,
        b"2" | b"2.0" | b"3" | b"3.0" => Version::HTTP_11,
        _ => return None,
    };
    let code = rest[end..].trim_ascii_start();
    let (code, after) = code.split_at_checked(3)?;
    let ends = after.first().is_none_or(|next| !next.is_ascii_digit());
    let status = StatusCode::from_bytes(code).ok().filter(|_| ends)?;
    Some((version, status))
}

/// Framing of the body of such an answer; `None` where it is undecidable.
fn framing(head: &Head, heeds_length: bool) -> Option<Framing> {
    if matches!(head.status.as_u16(), 101 | 204 | 304) {
        return Some(Framing::Ended);
    }
    let has = |value: &HeaderValue| value.as_bytes().to_ascii_lowercase();
    let mut codings = head.headers.get_all(header::TRANSFER_ENCODING).iter().map(has);
    if codings.any(|value| value.windows(7).any(|part| part == b"chunked")) {
        return Some(Framing::Chunks(0));
    }
    if !heeds_length {
        return Some(Framing::Connection);
    }
    let mut told = None;
    for value in head.headers.get_all(header::CONTENT_LENGTH) {
        let text = value.to_str().ok()?;
        let digits = text.strip_prefix('+').unwrap_or(text);
        if !digits.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        // A number out of range, or with something after it, counts as none.
        let length = digits.parse().map_or(Framing::Connection, Framing::Length);
        if told.replace(length).is_some_and(|before| before != length) {
            return None;
        }
    }
    Some(told.unwrap_or(Framing::Connection))
}

impl LenientBody {
    /// The next part of it, if it has not ended.
    pub(super) async fn chunk(&mut self) -> io::Result<Option<Bytes>> {
        if self.framing == Framing::ChunkEnd {
            self.end_of_chunk().await?;
        }
        if self.framing == Framing::Chunks(0) {
            self.next_chunk().await?;
        }
        let most = match self.framing {
            Framing::Ended | Framing::ChunkEnd | Framing::Length(0) => return Ok(None),
            Framing::Length(left) | Framing::Chunks(left) => left,
            Framing::Connection => u64::MAX,
        };
        if self.buffer.is_empty() && !self.fill().await? {
            return match self.framing {
                Framing::Connection => Ok(None),
                _ => Err(io::ErrorKind::UnexpectedEof.into()),
            };
        }
        let part = self.buffer.split_to(self.buffer.len().min(most as usize)).freeze();
        match &mut self.framing {
            Framing::Length(left) => *left -= part.len() as u64,
            Framing::Chunks(left) => {
                *left -= part.len() as u64;
                if *left == 0 {
                    self.framing = Framing::ChunkEnd;
                }
            }
            _ => {}
        }
        Ok(Some(part))
    }

    /// Returns whether its length was announced.
    pub(super) fn is_announced(&self) -> bool {
        matches!(self.framing, Framing::Length(_) | Framing::Ended)
    }

    /// Reads the line before a chunk; the chunk of no length is the end.
    async fn next_chunk(&mut self) -> io::Result<()> {
        let line = self.text_line().await?;
        let digits = line.split(|byte| !byte.is_ascii_hexdigit()).next().unwrap_or_default();
        let rest = line[digits.len()..].trim_ascii_start();
        let size = std::str::from_utf8(digits).ok().and_then(|d| u64::from_str_radix(d, 16).ok());
        match size {
            Some(size) if rest.is_empty() || rest.starts_with(b";") => {
                self.framing = if size == 0 { Framing::Ended } else { Framing::Chunks(size) };
                Ok(())
            }
            _ => Err(unreadable()),
        }
    }

    /// Reads the end of a chunk: nothing but the end of its line.
    async fn end_of_chunk(&mut self) -> io::Result<()> {
        if !self.text_line().await?.is_empty() {
            return Err(unreadable());
        }
        self.framing = Framing::Chunks(0);
        Ok(())
    }

    async fn text_line(&mut self) -> io::Result<Bytes> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line = self.buffer.split_to(end).freeze();
                self.buffer.advance(1);
                return Ok(line.slice(..without_end(&line).len()));
            }
            if self.buffer.len() > MAX_CHUNK_LINE {
                return Err(unreadable());
            }
            if !self.fill().await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// Reads some more, and returns whether there was more. Without another mark, the end of the
    /// connection is the end, whether TLS was closed properly or not.
    async fn fill(&mut self) -> io::Result<bool> {
        self.buffer.reserve(16 * 1024);
        match self.connection.read_buf(&mut self.buffer).await {
            Ok(read) => Ok(read > 0),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::probe::limited_connection::{Allowance, Stream};

    #[test]
    fn a_status_line_is_read_as_curl_and_browsers_both_do() {
        for (line, status) in [
            ("HTTP/1.1 200 OK", Some(200)),
            ("HTTP/2.0 200", Some(200)),
            ("HTTP/2 200 OK", Some(200)),
            ("HTTP/3 503", Some(503)),
            ("http/1.1 200 ok", Some(200)),
            ("HTTP/1.1  200  OK", Some(200)),
            ("HTTP/1.1\t200\tOK", Some(200)),
            ("HTTP/1.1 200", Some(200)),
            ("HTTP/1.1 999 No", Some(999)),
            ("HTTP/1.1 200OK", Some(200)),
            ("HTTP/1.1 2OO OK", None),
            ("HTTP/1.1 20 OK", None),
            ("HTTP/1.1 2000 OK", None),
            ("HTTP/1.1", None),
            ("HTTP/0.9 200 OK", None),
            ("HTTP/1,1 200 OK", None),
            ("HTTP 200 OK", None),
            ("ICY 200 OK", None),
            ("SSH-2.0-OpenSSH_9.9", None),
            ("", None),
        ] {
            let read = status_line(line.as_bytes()).map(|(_, status)| status.as_u16());
            assert_eq!(read, status, "{line}");
        }
    }

    #[test]
    fn a_head_is_read_loosely_but_not_with_a_nul() {
        let read =
            head(b"HTTP/1.1 200 OK\r\r\nA: b\rc\r\r\nno colon\r\nFold: 1\r\n 2\nb c: 1\n\r\n");
        let headers = read.unwrap().headers;
        assert_eq!(headers["a"], "b c");
        assert_eq!(headers["fold"], "1 2");
        assert_eq!(headers.len(), 2);
        assert!(head(b"HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n").is_err());
    }

    #[test]
    fn a_head_ends_with_an_empty_line_of_any_kind() {
        for (text, end) in [
            ("HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody", Some(25)),
            ("HTTP/1.1 200 OK\nA: b\n\nbody", Some(22)),
            ("HTTP/1.1 200 OK\r\r\nA: b\r\r\n\r\r\nbody", Some(28)),
            ("HTTP/1.1 200 OK\r\nA: b\r\n", None),
            ("\r\nHTTP/1.1 200 OK\r\n", None),
        ] {
            assert_eq!(end_of_head(text.as_bytes(), &mut 0), end, "{text}");
        }
    }

    #[test]
    fn a_length_is_read_loosely_but_never_guessed() {
        for (headers, want) in [
            ("Content-Length: +5", Some(Framing::Length(5))),
            ("Content-Length: 99999999999999999999", Some(Framing::Connection)),
            ("Content-Length: 5\nContent-Length: 5", Some(Framing::Length(5))),
            ("Content-Length: 5\nContent-Length: 6", None),
            ("Content-Length: 0x5", Some(Framing::Connection)),
            ("Content-Length: 5.0", Some(Framing::Connection)),
            ("Content-Length: 5 bytes", Some(Framing::Connection)),
            ("Content-Length: many", None),
            ("Content-Length: -5", None),
            ("Content-Length:", None),
            ("Content-Length: 5\nTransfer-Encoding: Chunked", Some(Framing::Chunks(0))),
            ("A: b", Some(Framing::Connection)),
        ] {
            let read = head(format!("HTTP/1.0 200 OK\n{headers}\n\n").as_bytes()).unwrap();
            assert_eq!(framing(&read, true), want, "{headers}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader_of_heads(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            head_like in "(HTTP/1.[01x] ?[0-9a-z]{0,4} ?[A-Z]{0,3}\r?\n)?\
                          ([A-Za-z-]{0,18} ?:[ -~\t]{0,20}\r?\n|[ \t][a-z]{0,5}\n){0,8}\r?\n?",
            length in "(content-length: [+0-9 ]{0,25}\r\n){0,3}",
        ) {
            let told = format!("HTTP/1.1 200 OK\r\n{length}\r\n");
            for bytes in [bytes.as_slice(), head_like.as_bytes(), told.as_bytes()] {
                let mut start = 0;
                let end = end_of_head(bytes, &mut start);
                prop_assert!(end.is_none_or(|end| end <= bytes.len()));
                if let Ok(head) = head(bytes) {
                    let _ = framing(&head, true);
                }
            }
        }
    }

    /// A body that has arrived whole, with nothing after it.
    async fn body(bytes: &[u8], framing: Framing) -> LenientBody {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stream = tokio::net::TcpStream::connect(address).await.unwrap();
        drop(listener.accept().await.unwrap());
        let connection = LimitedConnection::new(Stream::Plain(stream), Allowance::new());
        connection.allowance.lift();
        LenientBody { connection, buffer: bytes.into(), framing }
    }

    #[tokio::test]
    async fn no_bytes_break_the_reader_of_chunks_and_it_gives_no_more_than_came() {
        let mut random = fastrand::Rng::with_seed(5);
        let pieces: [&[u8]; 9] = [
            b"3\r\nabc\r\n",
            b"0\r\n\r\n",
            b"\n",
            b"ff",
            b"ffffffffffffffff\n",
            b";x=1",
            b"a",
            b"\x00",
            b" ",
        ];
        let mut whole = 0;
        for _ in 0..100 {
            let parts = random.usize(0..8);
            let bytes: Vec<u8> =
                (0..parts).flat_map(|_| random.choice(pieces).unwrap().to_vec()).collect();
            for framing in
                [Framing::Chunks(0), Framing::Length(random.u64(..)), Framing::Connection]
            {
                let mut body = body(&bytes, framing).await;
                let (mut read, mut turns) = (0, 0);
                let end = loop {
                    match body.chunk().await {
                        Ok(Some(part)) => read += part.len(),
                        end => break end,
                    }
                    turns += 1;
                    assert!(turns <= bytes.len(), "{bytes:?}");
                };
                assert!(read <= bytes.len(), "{bytes:?}");
                whole += u32::from(end.is_ok());
            }
        }
        assert!(whole > 100, "what goes on to the end of its connection is whole: {whole}");
    }
}
