//! The description of the API: tables of endpoints, changes and parameters, and the doc comments of the
//! shapes.
//!
//! Both `/openapi.json` (OpenAPI 3.1) and the page `/api` are made from it, so neither can differ
//! from the other. It decides nothing: handlers read their parameters themselves, and tests compare
//! the two.

mod agents;
mod document;
pub(in crate::web) mod endpoints;
pub(in crate::web) mod parameters;
mod schemas;
pub(in crate::web) mod writes;

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use http::header;
use serde_json::Value;

/// The whole description; it does not change while we run.
pub(in crate::web) static DOCUMENT: LazyLock<Value> = LazyLock::new(document::document);

/// `GET /openapi.json`
pub(in crate::web) async fn openapi() -> Response {
    static TEXT: LazyLock<Vec<u8>> =
        LazyLock::new(|| serde_json::to_vec(&*DOCUMENT).unwrap_or_default());
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, TEXT.as_slice()).into_response()
}

#[cfg(test)]
mod tests;
