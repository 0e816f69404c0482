//! Badges as answers: the image or Shields' JSON, with headers that make every proxy come back.

use std::time::Duration;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderName, header};
use serde::Serialize;

use super::{draw, style::Badge};
use crate::web::{Shared, feed::http_date};

/// How long a badge may be kept.
const KEEP: Duration = Duration::from_secs(30);
const KEEP_WORDS: &str = "public, max-age=30, s-maxage=30";

/// A badge.
pub(in crate::web) fn image(shared: &Shared, badge: &Badge) -> Response {
    picture(shared, draw::draw(badge))
}

/// An SVG of ours.
pub(in crate::web) fn picture(shared: &Shared, svg: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml;charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"),
    ];
    (headers, brief(shared), svg).into_response()
}

/// What Shields' endpoint badge reads; it rejects keys that it does not know.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint<'a> {
    schema_version: u8,
    label: &'a str,
    message: &'a str,
    color: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    label_color: Option<&'a str>,
    cache_seconds: u64,
}

/// The badge for Shields to draw.
pub(super) fn shields(shared: &Shared, badge: &Badge) -> Response {
    let Badge { label, message, colour, label_colour, .. } = badge;
    let body = Endpoint {
        schema_version: 1,
        label,
        message,
        color: colour.word(),
        label_color: label_colour.as_ref().map(super::Paint::word),
        cache_seconds: KEEP.as_secs(),
    };
    (brief(shared), Json(body)).into_response()
}

fn brief(shared: &Shared) -> [(HeaderName, String); 2] {
    [
        (header::CACHE_CONTROL, KEEP_WORDS.to_owned()),
        (header::EXPIRES, http_date(shared.now() + KEEP)),
    ]
}
