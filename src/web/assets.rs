//! The files under `/static`, inside the program. Each has its checksum in its name, so that it
//! may be cached for ever; under its plain name it may be cached for an hour.

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use xxhash_rust::xxh3::xxh3_64;

use super::params::Segment;

/// A file inside the program.
struct Asset {
    plain: &'static str,
    named: String,
    kind: &'static str,
    body: &'static [u8],
}

impl Asset {
    fn new(stem: &str, plain: &'static str, kind: &'static str, body: &'static [u8]) -> Self {
        let ending = plain.rsplit('.').next().unwrap_or_default();
        let named = format!("{stem}.{:016x}.{ending}", xxh3_64(body));
        Self { plain, named, kind, body }
    }
}

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let body = include_bytes!("../../static/style.css");
    Asset::new("style", "style.css", "text/css; charset=utf-8", body)
});

static FAVICON: LazyLock<Asset> = LazyLock::new(|| {
    let body = include_bytes!("../../static/favicon.svg");
    Asset::new("favicon", "favicon.svg", "image/svg+xml", body)
});

static JUSTME: LazyLock<Asset> = LazyLock::new(|| {
    let body = include_bytes!("../../static/justme.js");
    Asset::new("justme", "justme.js", "text/javascript; charset=utf-8", body)
});

/// The name under `/static` of the script that tries a site from the visitor's browser.
pub(super) fn justme() -> &'static str {
    &JUSTME.named
}

/// The style sheet's name under `/static`.
pub(super) fn style() -> &'static str {
    &STYLE.named
}

/// The icon's name under `/static`.
pub(super) fn favicon() -> &'static str {
    &FAVICON.named
}

/// `GET /static/{file}`
pub(super) async fn file(Segment(name): Segment) -> Response {
    let name = name.unwrap_or_default();
    let found =
        [&*STYLE, &*FAVICON, &*JUSTME].into_iter().find(|a| a.named == name || a.plain == name);
    let Some(asset) = found else {
        return (StatusCode::NOT_FOUND, "There is no such file.\n").into_response();
    };
    let cache = if asset.named == name {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=3600"
    };
    let headers = [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, cache)];
    (headers, asset.body).into_response()
}

/// `GET /robots.txt`
pub(super) async fn robots() -> Response {
    let cache = [(header::CACHE_CONTROL, "public, max-age=3600")];
    (cache, "User-agent: *\nAllow: /\nDisallow: /api/v1/\n").into_response()
}

/// `GET /favicon.ico`, which browsers ask for whatever the page says.
pub(super) async fn favicon_ico() -> Response {
    let headers =
        [(header::CONTENT_TYPE, FAVICON.kind), (header::CACHE_CONTROL, "public, max-age=3600")];
    (headers, FAVICON.body).into_response()
}
