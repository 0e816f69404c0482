//! What stands around every handler: a time limit, and a fixed sentence when one panics.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use futures_util::FutureExt;
use http::StatusCode;

use super::{Shared, asked::Asked, asking::patience, pages::trouble};

/// How long a handler may take. Most only read memory: this is far off.
const LIMIT: Duration = Duration::from_secs(10);
/// Routes whose handlers may wait for a lookup.
const LOOKUPS: [&str; 2] = ["/api/v1/lookup", "/{domain}"];

/// Runs the handler; logs its panic or its overrun once, and tells the visitor no more than that.
pub(super) async fn guard(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let asked = Asked::of(request.uri(), request.headers());
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let waits = route.is_some_and(|route| LOOKUPS.contains(&route));
    let limit = if waits { patience(&shared.web.lookups).max(LIMIT) } else { LIMIT };
    let run = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(limit, run).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => {
            tracing::error!(
                path = asked.path(),
                panic = words(&*panic),
                "a request handler panicked"
            );
            trouble::respond(&shared, &asked, StatusCode::INTERNAL_SERVER_ERROR)
        }
        Err(_) => {
            tracing::error!(path = asked.path(), ?limit, "a request took too long");
            trouble::respond(&shared, &asked, StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("(no words)")
}
