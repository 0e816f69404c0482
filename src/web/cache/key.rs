//! Which answers may be ready: what a request is about, and everything that makes the answer another
//! one.

use std::sync::{Arc, Weak};

use http::{HeaderMap, HeaderValue, Method, Request, header};
use tokio::time::Instant;

use crate::{
    board::Watched,
    web::{Shared, extractors::locale::Locale, metrics::Hot},
};

/// How an answer is encoded for those who say that they take this; with any other word they go the
/// whole way.
const ENCODINGS: [(&str, usize); 5] = [
    ("", 0),
    ("gzip", 1),
    ("gzip, deflate", 1),
    ("gzip, deflate, br", 1),
    ("gzip, deflate, br, zstd", 1),
];
/// How many encodings there are: none and gzip.
pub(in crate::web) const ENCODED: usize = 2;

/// The parameters that a badge knows.
const CHANGE_A_BADGE: [&str; 5] = ["label", "style", "color", "labelColor", "window"];
/// Those that the front page knows, beside the language.
const CHANGE_THE_FRONT: [&str; 5] = ["q", "status", "tag", "sort", "page"];
/// Bytes of a query that is looked at.
const LONGEST: usize = 1_024;

/// What an answer is about.
#[derive(Debug)]
pub(in crate::web) enum Of {
    Site(Weak<Watched>),
    AllSites,
}

/// A request whose answer may be ready.
#[derive(Debug)]
pub(in crate::web) struct Wanted {
    /// Under which it is kept: the path, and the language where there is one.
    pub(in crate::web) name: Box<str>,
    /// Which of [`ENCODED`] it is.
    pub(in crate::web) encoding: usize,
    pub(in crate::web) of: Of,
    pub(in crate::web) route: Hot,
    /// What the visitor has already.
    pub(in crate::web) theirs: Option<HeaderValue>,
    pub(in crate::web) begun: Instant,
}

impl Wanted {
    /// What a request wants; `None` when it has to go the whole way.
    pub(in crate::web) fn by<B>(shared: &Shared, request: &Request<B>) -> Option<Self> {
        let begun = Instant::now();
        let headers = request.headers();
        let encoding = encoding(headers)?;
        let mut theirs = headers.get_all(header::IF_NONE_MATCH).iter();
        let (first, second) = (theirs.next(), theirs.next());
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        let plain = reads
            && ![header::RANGE, header::IF_MATCH].iter().any(|name| headers.contains_key(name));
        if !plain || second.is_some() {
            return None;
        }
        let (name, of, route) = subject(shared, request)?;
        Some(Self { name, encoding, of, route, theirs: first.cloned(), begun })
    }
}

/// What an address is about, under which name its answers are kept, and its route.
fn subject<B>(shared: &Shared, request: &Request<B>) -> Option<(Box<str>, Of, Hot)> {
    let (uri, board) = (request.uri(), &shared.web.board);
    let (path, query) = (uri.path(), uri.query().unwrap_or_default());
    if path == "/api/v1/status" {
        return Some((path.into(), Of::AllSites, Hot::Status));
    }
    if path == "/" {
        let locale =
            means_nothing(query, &CHANGE_THE_FRONT).then(|| Locale::of(uri, request.headers()))?;
        // Links keep a language that was chosen.
        let chosen = locale.chosen().map_or("accepted", |_| "chosen");
        let name = format!("/ {} {chosen}", locale.lang.tag());
        return Some((name.into(), Of::AllSites, Hot::Front));
    }
    let (slug, route) = match path.strip_prefix("/api/v1/sites/") {
        Some(slug) => (slug, Hot::Site),
        None if means_nothing(query, &CHANGE_A_BADGE) => {
            (path.strip_prefix("/badge/").and_then(|file| file.strip_suffix(".svg"))?, Hot::Badge)
        }
        None => return None,
    };
    board.site(slug).map(|watched| (path.into(), Of::Site(Arc::downgrade(&watched)), route))
}

/// Whether no parameter changes the answer; a name that is not written plainly may.
fn means_nothing(query: &str, change: &[&str]) -> bool {
    let mut names = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
    query.len() <= LONGEST
        && names.all(|name| !change.contains(&name) && !name.contains(['%', '+']))
}

/// Which of [`ENCODED`] a visitor takes.
fn encoding(headers: &HeaderMap) -> Option<usize> {
    let said = headers
        .get(header::ACCEPT_ENCODING)
        .map_or("", |value: &HeaderValue| value.to_str().unwrap_or("?"));
    ENCODINGS.iter().find(|(known, _)| *known == said).map(|(_, place)| *place)
}
