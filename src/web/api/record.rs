//! Asking the record, with patience that ends: while it cannot answer, the board does.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use crate::{
    store::{Store, StoreError},
    web::{Shared, error::Problem},
};

/// How long a visitor waits for the record.
pub(super) const PATIENCE: Duration = Duration::from_millis(1_500);

/// What the record says; `None` when it cannot be asked, or not soon enough.
pub(super) async fn read<T>(
    shared: &Shared,
    ask: impl AsyncFnOnce(Store) -> Result<T, StoreError>,
) -> Option<T> {
    shared.ask(PATIENCE, ask).await
}

/// What is said when the record is away and we remember nothing of what is wanted.
/// `instead` is what can be read.
pub(super) fn away(path: &str, instead: &str) -> Response {
    let detail = format!("The record cannot be read now; {instead}.");
    let mut response = Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail, path).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}
