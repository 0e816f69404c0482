//! `GET /api/v1/sites/{slug}/wait`: the site, once it is up or down, or its verdict changes; nothing
//! (204) when the time runs out. Waiting causes no check.
//!
//! Waiters take the same places as readers of events, and are bounded with them.

use std::time::Duration;

use axum::{
    Extension, Json,
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use http::{HeaderName, StatusCode, header};
use tokio::time::{Instant, timeout_at};

use super::{
    events::{Seat, Stopping},
    shape::SiteJson,
    site_of,
};
use crate::web::{
    Shared,
    error::HttpProblem,
    extractors::{
        client_ip::ClientIp,
        params::{Params, PathSegment},
    },
    views::site::SiteView,
};
use model::{moment::Moment, verdict::Status};

/// Longest wait, in seconds.
pub(in crate::web) const MAX_WAIT: u32 = 60;
/// Wait unless told otherwise, in seconds.
pub(in crate::web) const DEFAULT_WAIT: u32 = 50;
/// States that can be waited for.
pub(in crate::web) const STATES: &[&str] = &["up", "down", "change"];
/// Longest time between two looks at the board: evidence runs out without a change.
const BOARD_INTERVAL: Duration = Duration::from_secs(1);

/// The answer is true for this moment alone.
const KEEP_NOTHING: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

/// A state that is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WaitEnd {
    Up,
    Down,
    Change,
}

impl WaitEnd {
    fn is(self, now: (Status, Option<Moment>), begun: (Status, Option<Moment>)) -> bool {
        match self {
            Self::Up => matches!(now.0, Status::Up | Status::Slow),
            Self::Down => matches!(now.0, Status::Down | Status::Partial),
            Self::Change => now != begun,
        }
    }
}

/// `GET /api/v1/sites/{slug}/wait`
pub(in crate::web) async fn wait(
    State(shared): crate::web::AppState,
    client: ClientIp,
    stopping: Option<Extension<Stopping>>,
    PathSegment(slug): PathSegment,
    OriginalUri(uri): OriginalUri,
    mut params: Params,
) -> Response {
    let until = params.read("until", |text| match text {
        "" | "change" => Ok(WaitEnd::Change),
        "up" => Ok(WaitEnd::Up),
        "down" => Ok(WaitEnd::Down),
        _ => Err("must be up, down or change".to_owned()),
    });
    let seconds = params.whole("timeout", MAX_WAIT);
    if let Err(problem) = params.finish() {
        return problem.into_response();
    }
    let until = until.unwrap_or(WaitEnd::Change);
    let no_site = || HttpProblem::no_site(uri.path()).into_response();
    let Some(first) = view_of(&shared, slug.as_deref()) else { return no_site() };
    let Some(_seat) = Seat::take(&shared, client.key()) else {
        let detail = "Too many wait already. Please try again later.";
        let problem = HttpProblem::new(StatusCode::SERVICE_UNAVAILABLE, detail, uri.path());
        return ([(header::RETRY_AFTER, "30")], problem).into_response();
    };
    let begun = state(&first);
    let deadline = Instant::now() + Duration::from_secs(seconds.unwrap_or(DEFAULT_WAIT).into());
    let stopping = stopping.map(|stopping| stopping.0.0).unwrap_or_default();
    let mut follow = shared.web.board.follow();
    loop {
        follow.mark_unchanged();
        let Some(view) = view_of(&shared, slug.as_deref()) else { return no_site() };
        if until.is(state(&view), begun) {
            return (KEEP_NOTHING, Json(SiteJson::of(&view))).into_response();
        }
        if Instant::now() >= deadline || stopping.is_cancelled() {
            return (StatusCode::NO_CONTENT, KEEP_NOTHING).into_response();
        }
        let next = deadline.min(Instant::now() + BOARD_INTERVAL);
        tokio::select! {
            _ = timeout_at(next, follow.changed()) => {}
            () = stopping.cancelled() => {}
        }
    }
}

fn view_of(shared: &Shared, slug: Option<&str>) -> Option<SiteView> {
    Some(SiteView::new(site_of(shared, slug)?, shared.now()))
}

fn state(view: &SiteView) -> (Status, Option<Moment>) {
    (view.status(), view.verdict().since)
}
