//! A limit on how often one client may read the API: so many a minute, all at once if it likes, and
//! then one by one as time goes by. Off unless the operator sets `[web] reads_per_minute`.
//!
//! Requests for paths under `/api/` count, except for badges in the shapes of other products: an
//! image stays an image, and behind the proxies of images many visitors are one client.

use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::{
    extract::{OriginalUri, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::{
    lookup::rate_limit::{Quota, RateLimiter, WINDOW},
    web::error::HttpProblem,
};
use model::moment::Moment;

/// Clients that are remembered.
const MAX_CLIENTS: usize = 65_536;

/// The reads that clients have left.
#[derive(Debug)]
pub(in crate::web) struct Reads {
    /// `None`: no limit.
    clients: Option<Mutex<RateLimiter<IpAddr>>>,
}

/// Set on a request that is one too many.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct TooMany(pub(in crate::web) Quota);

impl Reads {
    /// A limit a minute; 0 is no limit.
    pub(in crate::web) fn new(per_minute: u32) -> Self {
        let limiter = || Mutex::new(RateLimiter::new(per_minute, MAX_CLIENTS));
        Self { clients: (per_minute > 0).then(limiter) }
    }

    /// Counts a request of a client, where reads of this path are limited; `client` is called only
    /// then.
    pub(in crate::web) fn take(
        &self,
        path: &str,
        now: Moment,
        client: impl FnOnce() -> IpAddr,
    ) -> Option<Result<Quota, Quota>> {
        let clients = self.clients.as_ref().filter(|_| counts(path))?;
        Some(clients.lock().unwrap_or_else(PoisonError::into_inner).take(client(), now))
    }
}

/// Returns whether a request for this path counts.
fn counts(path: &str) -> bool {
    let image = path.starts_with("/api/badge/")
        || path.starts_with("/api/v1/endpoints/")
            && [".svg", ".shields"].iter().any(|ending| path.ends_with(ending));
    path.starts_with("/api/") && !image
}

/// Says what is left, of `reads` or of `lookups`, in the fields of the IETF draft.
pub(in crate::web) fn write_headers(headers: &mut HeaderMap, name: &str, quota: Quota) {
    let Quota { per_minute, remaining, next } = quota;
    let policy = format!("\"{name}\";q={per_minute};w={}", WINDOW.as_secs());
    let limit = format!("\"{name}\";r={remaining};t={}", seconds(next));
    for (name, value) in [("ratelimit-policy", policy), ("ratelimit", limit)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
}

/// Whole seconds, rounded up.
fn seconds(wait: Duration) -> u64 {
    wait.as_millis().div_ceil(1000) as u64
}

/// Refuses a request that is one too many.
pub(in crate::web) async fn refuse(
    OriginalUri(uri): OriginalUri,
    request: Request,
    next: Next,
) -> Response {
    let Some(TooMany(quota)) = request.extensions().get::<TooMany>().copied() else {
        return next.run(request).await;
    };
    let wait = seconds(quota.next).max(1);
    let detail = format!("{} requests a minute are allowed; wait {wait} s.", quota.per_minute);
    let problem = HttpProblem::new(StatusCode::TOO_MANY_REQUESTS, detail, uri.path());
    ([(header::RETRY_AFTER, wait.to_string())], problem).into_response()
}
