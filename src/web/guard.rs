//! What stands around every handler: a time limit, and a fixed sentence when one panics.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use futures_util::FutureExt;
use http::StatusCode;

use super::{Shared, asked::Asked, pages::trouble};

/// How long a handler may take. They only read memory: this is far off.
const LIMIT: Duration = Duration::from_secs(10);

/// Runs the handler; logs its panic or its overrun once, and tells the visitor no more than that.
pub(super) async fn guard(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let asked = Asked::of(request.uri(), request.headers());
    let run = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(LIMIT, run).await {
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
            tracing::error!(path = asked.path(), limit = ?LIMIT, "a request took too long");
            trouble::respond(&shared, &asked, StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("(no words)")
}
