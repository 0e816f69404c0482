//! Answers of a well-behaved server of the testbed: status, headers and body.
//!
//! Tests may ask for more headers than a client accepts. Must never hold a bomb unpacked.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};

use super::bomb;

/// One HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpAnswer {
    /// The status code.
    pub status: u16,
    /// Names and values, in order.
    pub headers: Vec<(String, String)>,
    /// Body of the answer.
    pub body: AnswerBody,
}

/// The body of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerBody {
    /// These bytes.
    Bytes(Bytes),
    /// A gzip stream of this many zeros, made while it is sent; the answer must say `gzip` itself.
    GzipZeros(u64),
}

impl HttpAnswer {
    /// Status 200 and a small page.
    pub fn ok() -> Self {
        Self::status(200)
    }

    /// Such a status and a small page that names it.
    pub fn status(status: u16) -> Self {
        let page = format!("<!doctype html><title>{status}</title><p>The testbed says {status}.\n");
        let headers = vec![("content-type".to_owned(), "text/html; charset=utf-8".to_owned())];
        Self { status, headers, body: AnswerBody::Bytes(page.into()) }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Replaces the small page by another body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = AnswerBody::Bytes(body.into());
        self
    }

    /// 302 to `url`.
    pub fn redirect(url: &str) -> Self {
        Self::status(302).header("location", url)
    }

    /// 302 to itself, for ever.
    pub fn redirect_loop() -> Self {
        Self::redirect("/again")
    }

    /// 200 with a megabyte of headers.
    pub fn huge_headers() -> Self {
        let value = "x".repeat(8_000);
        (0..128).fold(Self::ok(), |answer, i| answer.header(&format!("x-huge-{i}"), &value))
    }

    /// 200 with a small body that unpacks to this many zeros.
    pub fn gzip_bomb(zeros: u64) -> Self {
        let answer = Self::ok().header("content-encoding", "gzip");
        Self { body: AnswerBody::GzipZeros(zeros), ..answer }
    }

    /// The page that Cloudflare shows to suspected robots.
    pub fn challenge() -> Self {
        let page = "<!doctype html><title>Just a moment...</title>\
                    <p>Checking your browser before accessing this site.\n";
        Self::status(403)
            .header("server", "cloudflare")
            .header("cf-mitigated", "challenge")
            .body(page)
    }

    /// The answer for hyper to send; what HTTP cannot carry becomes a 500 that says so.
    pub(super) fn response(&self) -> Response<UnsyncBoxBody<Bytes, Infallible>> {
        let start = Response::builder().status(self.status);
        let built = self.headers.iter().fold(start, |to, (name, value)| to.header(name, value));
        built.body(self.stream()).unwrap_or_else(|error| {
            let page = Full::from(format!("not an answer: {error}\n")).boxed_unsync();
            let mut response = Response::new(page);
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        })
    }

    fn stream(&self) -> UnsyncBoxBody<Bytes, Infallible> {
        match &self.body {
            AnswerBody::Bytes(bytes) => Full::new(bytes.clone()).boxed_unsync(),
            AnswerBody::GzipZeros(zeros) => bomb::body(*zeros).boxed_unsync(),
        }
    }

    /// The answer as HTTP/1.1 text; a bomb is left out.
    pub(super) fn text(&self) -> Vec<u8> {
        let body: &[u8] = match &self.body {
            AnswerBody::Bytes(bytes) => bytes,
            AnswerBody::GzipZeros(_) => b"",
        };
        let lines = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        let (status, headers, length) = (self.status, lines.collect::<String>(), body.len());
        let start = format!("HTTP/1.1 {status} Bed\r\ncontent-length: {length}\r\n");
        [start.as_bytes(), headers.as_bytes(), b"connection: close\r\n\r\n", body].concat()
    }
}
