//! Badges as answers: the image or Shields' JSON, with headers that make every proxy come back.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderName, header};
use serde::Serialize;

use super::{draw, style::Badge};
use crate::web::{
    Shared,
    cache_control::{CacheControl, http_date},
    views::site::SiteView,
};

/// A badge about this site, or about none that we watch.
pub(in crate::web) fn image(shared: &Shared, about: Option<&SiteView>, badge: &Badge) -> Response {
    picture(shared, about, draw::draw(badge))
}

/// An SVG of ours; it has no style but what its elements say of themselves.
pub(super) fn picture(shared: &Shared, about: Option<&SiteView>, svg: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml;charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
    ];
    (headers, brief(shared, CacheControl::about(shared, about)), svg).into_response()
}

/// JSON for Shields' endpoint badge, which rejects keys that it does not know.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ShieldsEndpoint<'a> {
    schema_version: u8,
    label: &'a str,
    message: &'a str,
    color: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    label_color: Option<&'a str>,
    cache_seconds: u64,
}

/// The badge for Shields to draw.
pub(super) fn shields(shared: &Shared, about: Option<&SiteView>, badge: &Badge) -> Response {
    let keep = CacheControl::about(shared, about);
    let Badge { label, message, colour, label_colour, .. } = badge;
    let body = ShieldsEndpoint {
        schema_version: 1,
        label,
        message,
        color: colour.word(),
        label_color: label_colour.as_ref().map(super::Paint::word),
        // Shields caches it longer anyway; a changing number would make every answer a new one.
        cache_seconds: CacheControl::LONGEST.duration().as_secs(),
    };
    (brief(shared, keep), Json(body)).into_response()
}

/// The same expiry twice: some proxies know the one header and some the other.
fn brief(shared: &Shared, keep: CacheControl) -> (CacheControl, [(HeaderName, String); 1]) {
    (keep, [(header::EXPIRES, http_date(shared.now() + keep.duration()))])
}
