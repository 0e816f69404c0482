//! A time limit for every handler, and a fixed sentence when one panics.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use http::StatusCode;

use crate::web::{Shared, api::wait::MAX_WAIT, error::ErrorStatus, lookup_service::patience};

/// Time limit of a handler. Most only read memory: this is far off.
const HANDLER_TIMEOUT: Duration = Duration::from_secs(10);
/// Routes whose handlers may wait for a lookup.
const LOOKUP_ROUTES: [&str; 2] = ["/api/v1/lookup", "/{domain}"];
/// Route whose handler waits as long as its client wants.
const WAIT_ROUTE: &str = "/api/v1/sites/{slug}/wait";

/// Runs the handler; logs its panic or its overrun once, and shows the visitor a fixed sentence.
pub(in crate::web) async fn limit(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let limit = match route {
        Some(WAIT_ROUTE) => HANDLER_TIMEOUT + Duration::from_secs(MAX_WAIT.into()),
        Some(route) if LOOKUP_ROUTES.contains(&route) => {
            patience(&shared.web.lookups).max(HANDLER_TIMEOUT)
        }
        _ => HANDLER_TIMEOUT,
    };
    let run = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(limit, run).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => {
            tracing::error!(path, panic = words(&*panic), "a request handler panicked");
            ErrorStatus(StatusCode::INTERNAL_SERVER_ERROR).into_response()
        }
        Err(_) => {
            tracing::error!(path, ?limit, "a request took too long");
            ErrorStatus(StatusCode::SERVICE_UNAVAILABLE).into_response()
        }
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("(no words)")
}
