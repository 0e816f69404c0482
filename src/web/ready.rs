//! Answers that are ready: the hot addresses cost a look into a map, not a way through the house.
//!
//! Whole good answers are kept as they went out, within the same second, since sentences count time:
//! those about a site while it is as it was then, those about all sites for a quarter of a second. Only
//! addresses whose parameters change nothing are kept, so what stands behind the `?` neither gets
//! round it nor fills it. Anything out of the ordinary goes the whole way.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock, Weak},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    response::Response,
};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use tokio::time::Instant;

use super::{Shared, metrics::Hot};
use crate::{board::Watched, model::moment::Moment};

/// Answers that are kept.
const MOST: usize = 1_024;
/// Bytes of one that is kept.
const LARGEST: u64 = 32 * 1024;
/// How long an answer about all sites is kept.
const ALL_SITES: Duration = Duration::from_millis(250);
/// What visitors say that they take; with any other word they go the whole way.
const ENCODINGS: [&str; 5] =
    ["", "gzip", "gzip, deflate", "gzip, deflate, br", "gzip, deflate, br, zstd"];

/// The parameters that a badge knows.
const CHANGE_A_BADGE: [&str; 5] = ["label", "style", "color", "labelColor", "window"];

/// The answers that are kept, by path, one for each of [`ENCODINGS`].
#[derive(Debug, Default)]
pub(super) struct Ready {
    answers: RwLock<HashMap<Box<str>, ByEncoding>>,
}

type ByEncoding = [Option<Arc<Kept>>; ENCODINGS.len()];

/// An answer and what it was made of.
#[derive(Debug)]
struct Kept {
    of: Of,
    at: Moment,
    headers: HeaderMap,
    body: Bytes,
}

/// What an answer is about.
#[derive(Debug)]
enum Of {
    Site(Weak<Watched>),
    AllSites,
}

/// Where an answer is kept, or will be.
#[derive(Debug)]
pub(super) struct Place {
    path: Box<str>,
    encoding: usize,
    of: Of,
    at: Moment,
}

/// What is known of a request.
#[derive(Debug)]
pub(super) enum Found {
    /// This is the answer.
    Answer(Response),
    /// It goes the whole way, and the answer is then kept here.
    Missing(Place),
    /// It goes the whole way.
    Other,
}

impl Ready {
    /// Looks for the answer to a request.
    pub(super) fn find<B>(&self, shared: &Shared, request: &Request<B>) -> Found {
        let begun = Instant::now();
        let headers = request.headers();
        let Some(encoding) = encoding(headers) else { return Found::Other };
        if request.method() != Method::GET || headers.contains_key(header::RANGE) {
            return Found::Other;
        }
        let path = request.uri().path();
        let Some((of, route)) = subject(shared, path, request.uri().query()) else {
            return Found::Other;
        };
        let at = shared.now();
        let kept = {
            let answers = self.answers.read().unwrap_or_else(PoisonError::into_inner);
            answers.get(path).and_then(|all| all[encoding].clone())
        };
        let Some(kept) = kept.filter(|kept| kept.still_fits(&of, at)) else {
            return Found::Missing(Place { path: path.into(), encoding, of, at });
        };
        let response = match headers.get(header::IF_NONE_MATCH) {
            None => kept.answer(),
            Some(theirs) if Some(theirs) == kept.headers.get(header::ETAG) => kept.nothing_new(),
            Some(_) => return Found::Other,
        };
        shared.requests.count(route, response.status(), begun);
        Found::Answer(response)
    }

    /// Keeps a good answer for others; gives it back.
    pub(super) async fn keep(&self, place: Place, response: Response) -> Response {
        let (parts, body) = response.into_parts();
        let small = body.size_hint().upper().is_some_and(|bytes| bytes <= LARGEST);
        let encoded = parts.headers.contains_key(header::CONTENT_ENCODING);
        if parts.status != StatusCode::OK || !(small || encoded) {
            return Response::from_parts(parts, body);
        }
        let Ok(body) = body.collect().await else {
            return Response::from_parts(parts, Body::empty());
        };
        let (body, Place { path, encoding, of, at }) = (body.to_bytes(), place);
        let kept = Arc::new(Kept { of, at, headers: parts.headers.clone(), body: body.clone() });
        let mut answers = self.answers.write().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= MOST && !answers.contains_key(&path) {
            answers.clear();
        }
        answers.entry(path).or_default()[encoding] = Some(kept);
        drop(answers);
        Response::from_parts(parts, Body::from(body))
    }
}

impl Kept {
    fn still_fits(&self, of: &Of, now: Moment) -> bool {
        // Their sentences count time, and so does how long they may be kept.
        let same_second = self.at.seconds() == now.seconds() && self.at <= now;
        same_second
            && match (&self.of, of) {
                (Of::Site(then), Of::Site(today)) => Weak::ptr_eq(then, today),
                (Of::AllSites, Of::AllSites) => now.since(self.at) < ALL_SITES,
                _ => false,
            }
    }

    fn answer(&self) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.headers_mut() = self.headers.clone();
        response
    }

    fn nothing_new(&self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.headers_mut() = self.headers.clone();
        for gone in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_ENCODING] {
            response.headers_mut().remove(gone);
        }
        response
    }
}

/// What an address is about, and its route, if its answers may be kept.
fn subject(shared: &Shared, path: &str, query: Option<&str>) -> Option<(Of, Hot)> {
    let board = &shared.web.board;
    if path == "/api/v1/status" {
        return Some((Of::AllSites, Hot::Status));
    }
    let (slug, route) = match path.strip_prefix("/api/v1/sites/") {
        Some(slug) => (slug, Hot::Site),
        None if query.is_none_or(means_nothing) => {
            (path.strip_prefix("/badge/").and_then(|file| file.strip_suffix(".svg"))?, Hot::Badge)
        }
        None => return None,
    };
    board.site(slug).map(|watched| (Of::Site(Arc::downgrade(&watched)), route))
}

/// Whether no parameter changes a badge; a name that is not written plainly may.
fn means_nothing(query: &str) -> bool {
    let mut names = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
    names.all(|name| !CHANGE_A_BADGE.contains(&name) && !name.contains(['%', '+']))
}

/// Which of [`ENCODINGS`] a visitor takes.
fn encoding(headers: &HeaderMap) -> Option<usize> {
    let said = headers
        .get(header::ACCEPT_ENCODING)
        .map_or("", |value: &HeaderValue| value.to_str().unwrap_or("?"));
    ENCODINGS.iter().position(|known| *known == said)
}
