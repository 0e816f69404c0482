//! Reads a page as far as is needed: until it ends, until as much is decoded as may be, or, where it
//! is a stream that will not end, until its first part is there.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header, response::Parts};
use hyper::ext::ReasonPhrase;
use tokio::time::Instant;

use super::{
    classify,
    client::{RequestStyle, ResponseBody},
    decode::Decoder,
    text,
};
use model::{
    failure_detail::{FailureDetail, ForeignText},
    outcome::{Cause, Failure},
};

/// Bytes kept of a page when no text is expected: enough for its title and the marks of bot walls.
const KEPT_WITHOUT_TEXT: usize = 64 * 1024;
/// Media types of streams, which never end.
const STREAM_TYPES: [&str; 4] =
    ["text/event-stream", "multipart/x-mixed-replace", "audio/", "video/"];

/// A page that is being read.
pub(super) struct PageReader {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    /// The server's own words for the status, where they are not the usual ones.
    pub(super) reason: ForeignText,
    decoder: Decoder,
    most: usize,
    /// True if its length was announced.
    announced: bool,
    /// Arrival of its first and of its last part.
    first: Option<Instant>,
    newest: Instant,
}

/// Reason why a page could not be read.
pub(super) enum ReadError {
    /// Broken framing; another way of reading may help.
    Garbled(RequestStyle, Cause),
    /// For good.
    Failed(Cause),
}

impl PageReader {
    pub(super) fn new(head: Parts, body: &ResponseBody, most: usize, whole: bool) -> Self {
        let reason = head
            .extensions
            .get::<ReasonPhrase>()
            .map(|said| ForeignText::new(&String::from_utf8_lossy(said.as_bytes())));
        let (status, headers) = (head.status.as_u16(), head.headers);
        let keep = if whole { most } else { KEPT_WITHOUT_TEXT.min(most) };
        let decoder = Decoder::new(&headers, most, keep);
        let (announced, newest) = (body.is_announced(), Instant::now());
        let reason = reason.unwrap_or_default();
        Self { status, headers, reason, decoder, most, announced, first: None, newest }
    }

    /// Reads it, and no further than to this text, if it is a stream.
    pub(super) async fn read(
        &mut self,
        mut body: ResponseBody,
        text: Option<&str>,
    ) -> Result<(), ReadError> {
        let stream = !self.announced && self.is_stream();
        while !self.decoder.is_full() {
            let part = body.chunk().await.map_err(|error| {
                let cause = classify::body(&*error);
                match classify::other_reading(&*error) {
                    Some(style) => ReadError::Garbled(style, cause),
                    None => ReadError::Failed(cause),
                }
            })?;
            let Some(part) = part else {
                self.decoder.finish();
                return Ok(());
            };
            self.newest = Instant::now();
            self.first.get_or_insert(self.newest);
            self.decoder.take(&part).map_err(|_| undecodable())?;
            if stream && self.has_begun() && text.is_none_or(|text| self.contains(text)) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Returns whether a text is in what was read of it.
    pub(super) fn contains(&self, text: &str) -> bool {
        text::contains(&self.headers, self.kept(), text)
    }

    /// Returns whether it counts as read although it has not ended within this time: it keeps
    /// coming, as streams do. A page that announced its length, or a page for people that stopped
    /// in the middle, hangs.
    pub(super) fn flows(&self, limit: Duration, found: bool) -> bool {
        let going_on = self.newest.elapsed() < limit / 3;
        !self.announced && self.has_begun() && (going_on || found || !self.is_for_people())
    }

    /// Arrival of the first part of what is no page for people: whoever asks for a log or an answer
    /// that never ends has what is there by then. A page for people that takes so long is slow.
    pub(super) fn began(&self) -> Option<Instant> {
        self.first.filter(|_| !self.is_for_people())
    }

    /// The bytes kept of it.
    pub(super) fn kept(&self) -> &[u8] {
        self.decoder.kept()
    }

    /// Bytes of it, decoded, as far as it was read.
    pub(super) fn bytes(&self) -> usize {
        self.decoder.read()
    }

    /// Returns whether there is more of it than may be read.
    pub(super) fn is_cut(&self) -> bool {
        self.decoder.is_full()
    }

    /// Bytes of it that may be read.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// Returns whether it says that it is HTML.
    pub(super) fn is_html(&self) -> bool {
        self.has_type("text/html") || self.has_type("application/xhtml")
    }

    fn is_for_people(&self) -> bool {
        self.is_html() || !self.headers.contains_key(header::CONTENT_TYPE)
    }

    fn is_stream(&self) -> bool {
        STREAM_TYPES.iter().any(|kind| self.has_type(kind))
    }

    fn has_begun(&self) -> bool {
        self.decoder.read() > 0
    }

    fn has_type(&self, kind: &str) -> bool {
        let told =
            self.headers.get(header::CONTENT_TYPE).map(|value| value.as_bytes().trim_ascii());
        let start = told.and_then(|told| told.get(..kind.len()));
        start.is_some_and(|start| start.eq_ignore_ascii_case(kind.as_bytes()))
    }
}

/// Returns whether a transfer coding is chunks; `None` without one. Others, such as `identity`, say nothing of where
/// a body ends: curl and browsers go by its length.
pub(super) fn is_chunked(headers: &HeaderMap) -> Option<bool> {
    let codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let chunked = |value: &HeaderValue| value.as_bytes().to_ascii_lowercase().ends_with(b"chunked");
    codings.map(chunked).reduce(|one, other| one || other)
}

/// The length of a body, as a header gives it.
pub(super) fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Returns whether headers give a length that is none, or several that differ.
pub(super) fn has_wrong_length(headers: &HeaderMap) -> bool {
    let lengths = headers.get_all(header::CONTENT_LENGTH).iter();
    let mut lengths = lengths.map(|value| value.to_str().ok()?.parse::<u64>().ok());
    let first = lengths.next();
    first.is_some_and(|first| first.is_none() || lengths.any(|other| other != first))
}

fn undecodable() -> ReadError {
    ReadError::Failed(Cause::new(Failure::Body, FailureDetail::PageUndecodable))
}
