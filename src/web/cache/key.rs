//! The keys of cached responses: what a request is about, and everything that makes the response another
//! one.

use std::{
    borrow::Cow,
    sync::{Arc, Weak},
};

use http::{HeaderMap, HeaderValue, Method, Request, header};
use tokio::time::Instant;

use crate::{
    board::LiveSite,
    web::{Shared, extractors::locale::Locale, middleware::metrics::HotRoute},
};

/// Values of `Accept-Encoding` and the encoding of the response to them; with any other the request
/// goes to the router.
const ENCODINGS: [(&str, &str); 5] = [
    ("", "plain"),
    ("gzip", "gzip"),
    ("gzip, deflate", "gzip"),
    ("gzip, deflate, br", "gzip"),
    ("gzip, deflate, br, zstd", "gzip"),
];

/// The parameters of a badge.
const BADGE_PARAMETERS: [&str; 6] = ["label", "style", "color", "labelColor", "window", "lang"];
/// Those of the front page, beside the language.
const FRONT_PARAMETERS: [&str; 5] = ["q", "status", "tag", "sort", "page"];
/// Longest query that is read, in bytes.
const MAX_QUERY: usize = 1_024;

/// Subject of a response.
#[derive(Debug)]
pub(super) enum ResponseSubject {
    Site(Weak<LiveSite>),
    AllSites,
}

/// The key of a request whose response may be cached.
#[derive(Debug)]
pub(in crate::web) struct CacheKey {
    /// The name that it is cached under: encoding, path, and the language where there is one.
    pub(super) name: String,
    pub(super) subject: ResponseSubject,
    pub(super) route: HotRoute,
    /// The tag of what the client has already.
    pub(super) if_none_match: Option<HeaderValue>,
    pub(super) begun: Instant,
}

impl CacheKey {
    /// The key of a request; `None` when it has to go to the router.
    pub(in crate::web) fn of<B>(shared: &Shared, request: &Request<B>) -> Option<Self> {
        let begun = Instant::now();
        let headers = request.headers();
        let encoding = encoding(headers)?;
        let mut tags = headers.get_all(header::IF_NONE_MATCH).iter();
        let (first, second) = (tags.next(), tags.next());
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        let plain = reads
            && ![header::RANGE, header::IF_MATCH].iter().any(|name| headers.contains_key(name));
        if !plain || second.is_some() {
            return None;
        }
        let (name, subject, route) = subject(shared, request)?;
        let name = format!("{encoding} {name}");
        Some(Self { name, subject, route, if_none_match: first.cloned(), begun })
    }
}

/// Subject of an address, the name of its response, and its route.
fn subject<'a, B>(
    shared: &Shared,
    request: &'a Request<B>,
) -> Option<(Cow<'a, str>, ResponseSubject, HotRoute)> {
    let (uri, board) = (request.uri(), &shared.web.board);
    let (path, query) = (uri.path(), uri.query().unwrap_or_default());
    if path == "/api/v1/status" {
        return Some((path.into(), ResponseSubject::AllSites, HotRoute::Status));
    }
    if path == "/" {
        let locale =
            means_nothing(query, &FRONT_PARAMETERS).then(|| Locale::of(uri, request.headers()))?;
        // Links keep a chosen language.
        let chosen = locale.chosen().map_or("accepted", |_| "chosen");
        let name = format!("/ {} {chosen}", locale.lang.tag());
        return Some((name.into(), ResponseSubject::AllSites, HotRoute::Front));
    }
    let (slug, route) = match path.strip_prefix("/api/v1/sites/") {
        Some(slug) => (slug, HotRoute::Site),
        None if means_nothing(query, &BADGE_PARAMETERS) => (
            path.strip_prefix("/badge/").and_then(|file| file.strip_suffix(".svg"))?,
            HotRoute::Badge,
        ),
        None => return None,
    };
    board.site(slug).map(|live| (path.into(), ResponseSubject::Site(Arc::downgrade(&live)), route))
}

/// Returns whether no parameter changes the response; a name that is not written plainly may.
fn means_nothing(query: &str, parameters: &[&str]) -> bool {
    let mut names = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
    query.len() <= MAX_QUERY
        && names.all(|name| !parameters.contains(&name) && !name.contains(['%', '+']))
}

/// Encoding of the response to these headers.
fn encoding(headers: &HeaderMap) -> Option<&'static str> {
    let said = headers
        .get(header::ACCEPT_ENCODING)
        .map_or("", |value: &HeaderValue| value.to_str().unwrap_or("?"));
    ENCODINGS.iter().find(|(known, _)| *known == said).map(|(_, encoding)| *encoding)
}
