//! Entity tags: a strong hash of each body, and `304 Not Modified` to clients that have it already,
//! by its tag or, where an answer has a `Last-Modified`, by that (RFC 9110, 13).
//!
//! [`answer`] is inside the compression and sees whole bodies; [`mark`] is outside of it and gives
//! each encoding a tag of its own, as a strong tag must have. Only answers in one piece are tagged:
//! a stream passes unchanged.

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt;
use xxhash_rust::xxh3::xxh3_128;

use crate::web::{api::writes::OwnTag, cache_control::read_http_date, error::HttpProblem};

/// Bytes from which on a body is worth compressing.
pub(in crate::web) const MIN_BYTES: u64 = 860;

/// Tags a good answer, or says that the visitor has it.
pub(in crate::web) async fn answer(mut request: Request, next: Next) -> Response {
    if request.method() == Method::HEAD {
        // The tag is that of the body that GET would have; axum removes the body further out.
        *request.method_mut() = Method::GET;
    }
    let reads = request.method() == Method::GET;
    let theirs = Theirs::of(&request);
    let response = next.run(request).await;
    if reads && response.status() == StatusCode::OK {
        tag(response, theirs).await
    } else {
        response
    }
}

/// Validators that the client sent.
#[derive(Debug)]
struct Theirs {
    /// The tags of `If-Match`: nothing but one of these is wanted.
    only: Vec<HeaderValue>,
    /// The requested path, if there are any.
    path: String,
    /// The tags of `If-None-Match`.
    tags: Vec<HeaderValue>,
    /// `If-Modified-Since`, which counts where there is no tag.
    date: Option<HeaderValue>,
}

impl Theirs {
    fn of(request: &Request) -> Self {
        let headers = request.headers();
        let all = |name| headers.get_all(name).iter().cloned().collect::<Vec<_>>();
        let only = all(header::IF_MATCH);
        let path = if only.is_empty() { "" } else { request.uri().path() };
        Self {
            path: path.to_owned(),
            only,
            tags: all(header::IF_NONE_MATCH),
            date: headers.get(header::IF_MODIFIED_SINCE).cloned(),
        }
    }

    /// Returns whether they want this body, if there is a question of that. A weak tag is no match
    /// here.
    fn want(&self, ours: &str) -> bool {
        self.only.is_empty() || tags(&self.only).any(|tag| tag == "*" || names(tag, ours))
    }

    /// The tag that our body has with them, if they have it.
    fn had(&self, ours: &str, headers: &HeaderMap) -> Option<String> {
        if !self.tags.is_empty() {
            let mut tags = tags(&self.tags).map(|tag| tag.trim_start_matches("W/"));
            let found = tags.find(|tag| *tag == "*" || names(tag, ours))?;
            return Some(if found == "*" { ours } else { found }.to_owned());
        }
        let changed = headers.get(header::LAST_MODIFIED).and_then(read_http_date)?;
        (changed <= read_http_date(self.date.as_ref()?)?).then(|| ours.to_owned())
    }
}

async fn tag(response: Response, theirs: Theirs) -> Response {
    let (mut parts, body) = response.into_parts();
    if body.size_hint().exact().is_none() {
        return Response::from_parts(parts, body);
    }
    let Ok(whole) = body.collect().await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let bytes = whole.to_bytes();
    let own = parts.extensions.remove::<OwnTag>().map(|OwnTag(own)| format!(".{own}"));
    let ours = format!("\"{:032x}{}\"", xxh3_128(&bytes), own.unwrap_or_default());
    if !theirs.want(&ours) {
        let why = format!("It has none of the tags of If-Match; its tag is {ours}.");
        return HttpProblem::new(StatusCode::PRECONDITION_FAILED, why, &theirs.path)
            .into_response();
    }
    let had = theirs.had(&ours, &parts.headers);
    if let Ok(value) = HeaderValue::try_from(had.as_deref().unwrap_or(&ours)) {
        parts.headers.insert(header::ETAG, value);
    }
    if had.is_none() {
        return Response::from_parts(parts, Body::from(bytes));
    }
    parts.status = StatusCode::NOT_MODIFIED;
    // RFC 9110, 15.4.5: as in the answer with a body, which the compression would have marked.
    if bytes.len() as u64 >= MIN_BYTES {
        parts.headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    for gone in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        parts.headers.remove(gone);
    }
    Response::from_parts(parts, Body::empty())
}

fn tags(values: &[HeaderValue]) -> impl Iterator<Item = &str> {
    let lists = values.iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).map(str::trim)
}

/// Returns whether a tag names our body, in whatever encoding.
fn names(tag: &str, ours: &str) -> bool {
    let encoding = tag.strip_prefix(ours.trim_end_matches('"'));
    matches!(encoding, Some("\"" | "-gzip\""))
}

/// Gives an encoded body a tag of its own.
pub(in crate::web) async fn mark(mut response: Response) -> Response {
    if let Some(marked) = marked(response.headers()) {
        response.headers_mut().insert(header::ETAG, marked);
    }
    response
}

fn marked(headers: &HeaderMap) -> Option<HeaderValue> {
    let encoding = headers.get(header::CONTENT_ENCODING)?.to_str().ok()?;
    let tag = headers.get(header::ETAG)?.to_str().ok()?.strip_suffix('"')?;
    HeaderValue::try_from(format!("{tag}-{encoding}\"")).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn theirs(name: &'static str, values: &[Vec<u8>]) -> Theirs {
        let mut request = Request::get("/").body(Body::empty()).unwrap();
        for value in values.iter().filter_map(|value| HeaderValue::from_bytes(value).ok()) {
            request.headers_mut().append(name, value);
        }
        Theirs::of(&request)
    }

    proptest! {
        #[test]
        fn only_a_tag_of_ours_or_a_star_in_a_list_of_tags_is_one_that_they_have(
            others in proptest::collection::vec(
                prop_oneof![
                    "(W/)?\"[!#-~]{0,8}\"( ?, ?\"x\"){0,3}".prop_map(String::into_bytes),
                    proptest::collection::vec(any::<u8>(), 0..12),
                ],
                0..4,
            ),
            place in 0..4_usize,
            encoded in any::<bool>(),
        ) {
            let ours = "\"0123456789abcdef0123456789abcdef\"";
            let none = HeaderMap::new();
            let stars = others.iter().any(|value| value.contains(&b'*'));
            if !stars {
                prop_assert_eq!(theirs("if-none-match", &others).had(ours, &none), None);
            }
            let tag = if encoded { ours.replace("f\"", "f-gzip\"") } else { ours.to_owned() };
            let mut with = others;
            with.insert(place.min(with.len()), format!("\"y\", W/{tag}").into_bytes());
            let had = theirs("if-none-match", &with).had(ours, &none);
            prop_assert!(had.as_ref() == Some(&tag) || (stars && had.is_some()), "{had:?}");
            prop_assert!(stars || !theirs("if-match", &with).want(ours), "a weak tag is no match");
            with.push(tag.into_bytes());
            prop_assert!(theirs("if-match", &with).want(ours));
        }
    }
}
