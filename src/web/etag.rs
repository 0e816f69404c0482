//! Entity tags: a strong hash of each body, and `304 Not Modified` to those who have it already.
//!
//! [`answer`] stands inside the compression and sees whole bodies; [`mark`] stands outside of it
//! and gives each encoding a tag of its own, as a strong tag must have. Only answers in one piece
//! are touched: a stream passes by as it is.

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt;
use xxhash_rust::xxh3::xxh3_128;

/// Bytes from which on a body is worth compressing.
pub(super) const WORTH_IT: u64 = 860;

/// Tags a good answer, or says that the visitor has it.
pub(super) async fn answer(mut request: Request, next: Next) -> Response {
    if request.method() == Method::HEAD {
        // The tag is that of the body that GET would have; axum takes the body away further out.
        *request.method_mut() = Method::GET;
    }
    let reads = request.method() == Method::GET;
    let theirs = request.headers().get_all(header::IF_NONE_MATCH).iter().cloned().collect();
    let response = next.run(request).await;
    if reads && response.status() == StatusCode::OK {
        tag(response, theirs).await
    } else {
        response
    }
}

async fn tag(response: Response, theirs: Vec<HeaderValue>) -> Response {
    let (mut parts, body) = response.into_parts();
    if body.size_hint().exact().is_none() {
        return Response::from_parts(parts, body);
    }
    let Ok(whole) = body.collect().await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let bytes = whole.to_bytes();
    let ours = format!("\"{:032x}\"", xxh3_128(&bytes));
    let had = matching(&theirs, &ours);
    if let Ok(value) = HeaderValue::try_from(had.as_deref().unwrap_or(&ours)) {
        parts.headers.insert(header::ETAG, value);
    }
    if had.is_none() {
        return Response::from_parts(parts, Body::from(bytes));
    }
    parts.status = StatusCode::NOT_MODIFIED;
    // RFC 9110, 15.4.5: as in the answer with a body, which the compression would have marked.
    if bytes.len() as u64 >= WORTH_IT {
        parts.headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    for gone in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        parts.headers.remove(gone);
    }
    Response::from_parts(parts, Body::empty())
}

/// The tag of theirs that names our body, in whatever encoding.
fn matching(theirs: &[HeaderValue], ours: &str) -> Option<String> {
    let tags = theirs.iter().filter_map(|value| value.to_str().ok());
    let mut tags = tags.flat_map(|list| list.split(',')).map(str::trim);
    let plain = ours.trim_end_matches('"');
    let names = |tag: &str| {
        let strong = tag.trim_start_matches("W/").strip_prefix(plain);
        matches!(strong, Some("\"" | "-gzip\"" | "-zstd\""))
    };
    let found = tags.find(|tag| *tag == "*" || names(tag))?;
    Some(if found == "*" { ours } else { found.trim_start_matches("W/") }.to_owned())
}

/// Gives an encoded body a tag of its own.
pub(super) async fn mark(mut response: Response) -> Response {
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
