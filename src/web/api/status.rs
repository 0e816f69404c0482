//! `GET /api/v1/status`: how many sites have which status, and how we are ourselves.

use axum::{extract::State, response::Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::{answer, text_formats::Instant};
use crate::{board::StoreHealth, web::views::overview::Overview};
use model::{moment::Moment, verdict::Status};

/// Number of sites by status.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Counted)]
pub(in crate::web) struct StatusCountsJson {
    /// Sites that answer well.
    #[schema(example = 118, minimum = 0)]
    up: usize,
    /// Sites that answer much later than they should.
    #[schema(example = 1, minimum = 0)]
    slow: usize,
    /// Sites that are down in some regions.
    #[schema(example = 0, minimum = 0)]
    partial: usize,
    /// Sites that are down.
    #[schema(example = 1, minimum = 0)]
    down: usize,
    /// Sites with unknown status.
    #[schema(example = 0, minimum = 0)]
    unknown: usize,
    /// All sites.
    #[schema(example = 120, minimum = 0)]
    sites: usize,
    /// The sentence of the day.
    #[schema(example = "1 of 120 sites is down.")]
    summary: String,
    /// Health of our own record.
    record: Recorded,
    /// Since when our own prober cannot keep up with its checks, for which no site is called slow or
    /// down; null while it can.
    #[schema(value_type = Option<Instant>)]
    overloaded_since: Option<Moment>,
    /// Moment of the last check of any site; null before the first one.
    #[schema(value_type = Option<Instant>)]
    as_of: Option<Moment>,
}

/// Health of our record, the path of checks to our database.
#[derive(Debug, Serialize, ToSchema)]
struct Recorded {
    /// Checks that are kept until the database takes them.
    #[schema(example = 0, minimum = 0)]
    waiting: u64,
    /// Since when the database cannot be reached; null while it can.
    #[schema(value_type = Option<Instant>)]
    away_since: Option<Moment>,
    /// Moment since which the disk takes nothing and checks wait in memory; null while it takes
    /// them.
    #[schema(value_type = Option<Instant>)]
    held_since: Option<Moment>,
    /// Moment since which checks can be kept nowhere; null while they can.
    #[schema(value_type = Option<Instant>)]
    refusing_since: Option<Moment>,
}

impl Recorded {
    fn of(record: &StoreHealth) -> Self {
        Self {
            waiting: record.waiting(),
            away_since: record.away_since,
            held_since: record.held_since,
            refusing_since: record.refusing,
        }
    }
}

/// The counts; `as_of` is the newest check of any site.
pub(in crate::web) async fn status(State(shared): crate::web::AppState) -> Response {
    let overview = Overview::now(&shared);
    let of = |status| overview.counts.of(status);
    answer(
        overview.keep(&shared),
        &StatusCountsJson {
            up: of(Status::Up),
            slow: of(Status::Slow),
            partial: of(Status::Partial),
            down: of(Status::Down),
            unknown: of(Status::Unknown),
            sites: overview.counts.total(),
            summary: overview.headline(),
            record: Recorded::of(&overview.record),
            overloaded_since: shared.web.board.overload().map(|overload| overload.since),
            as_of: overview.last,
        },
    )
}
