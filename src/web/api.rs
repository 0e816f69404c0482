//! The API under `/api/v1`, in the shapes of the contract: every key is always there, `null` when
//! unknown, and the status is `unknown` when the evidence is too old.

pub(super) mod checks;
pub(super) mod csv;
pub(super) mod cursor;
pub(super) mod outages;
pub(super) mod events;
pub(super) mod openapi;
pub(super) mod lookup;
pub(super) mod notices;
pub(super) mod planned;
pub(super) mod provider_events;
pub(super) mod providers;
pub(super) mod regions;
pub(super) mod history;
mod json_value;
pub(super) mod shape;
pub(super) mod site_writes;
pub(super) mod sites;
pub(super) mod status;
pub(super) mod wait;
pub(super) mod text_formats;
pub(super) mod writes;

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{
    HeaderValue, StatusCode,
    header::{self, CONTENT_TYPE},
};
use serde::Serialize;

use super::{Shared, cache_control::CacheControl, error::HttpProblem};
use crate::{
    board::LiveSite,
    store::{Store, StoreError},
};

/// A good answer, and how long it may be cached.
fn answer(keep: CacheControl, body: &impl Serialize) -> Response {
    (keep, Json(body)).into_response()
}

/// The same for one of about this many bytes: growing to a hundred kilobytes would copy them again
/// and again.
fn large(keep: CacheControl, bytes: usize, body: &impl Serialize) -> Response {
    let mut text = Vec::with_capacity(bytes);
    match serde_json::to_writer(&mut text, body) {
        Ok(()) => (keep, [(CONTENT_TYPE, "application/json")], text).into_response(),
        Err(_) => answer(keep, body),
    }
}

/// The site with this slug.
fn site_of(shared: &Shared, slug: Option<&str>) -> Option<Arc<LiveSite>> {
    shared.site(slug?)
}

/// The time that a request waits for the record; then the board answers.
const READ_TIMEOUT: Duration = Duration::from_millis(1_500);

/// Answer of the record; `None` when it cannot be asked, or not soon enough.
async fn read_record<T>(
    shared: &Shared,
    ask: impl AsyncFnOnce(Store) -> Result<T, StoreError>,
) -> Option<T> {
    shared.ask(READ_TIMEOUT, ask).await
}

/// The error when the record is away and no cache has the answer. `instead` names what can be read.
fn record_away(path: &str, instead: &str) -> Response {
    let detail = format!("The record cannot be read now; {instead}.");
    let mut response =
        HttpProblem::new(StatusCode::SERVICE_UNAVAILABLE, detail, path).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}
