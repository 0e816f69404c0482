//! `GET /api/v1/status`: how many sites have which status, and how we are ourselves.

use axum::{extract::State, response::Response};
use serde::Serialize;

use super::answer;
use crate::{
    board::Record,
    model::{moment::Moment, verdict::Status},
    web::picture::Picture,
};

#[derive(Debug, Serialize)]
struct Counted {
    up: usize,
    slow: usize,
    partial: usize,
    down: usize,
    unknown: usize,
    sites: usize,
    summary: String,
    record: Recorded,
    as_of: Option<Moment>,
}

/// How the record is doing.
#[derive(Debug, Serialize)]
struct Recorded {
    waiting: u64,
    away_since: Option<Moment>,
    refusing_since: Option<Moment>,
}

impl Recorded {
    fn of(record: &Record) -> Self {
        let refusing_since = record.refusing.as_ref().map(|(since, _)| *since);
        Self { waiting: record.waiting, away_since: record.away_since, refusing_since }
    }
}

/// The counts; `as_of` is the newest check of any site.
pub(in crate::web) async fn status(State(shared): crate::web::State) -> Response {
    let picture = Picture::now(&shared);
    let of = |status| picture.counts.of(status);
    answer(&Counted {
        up: of(Status::Up),
        slow: of(Status::Slow),
        partial: of(Status::Partial),
        down: of(Status::Down),
        unknown: of(Status::Unknown),
        sites: picture.counts.total(),
        summary: picture.headline(),
        record: Recorded::of(&picture.record),
        as_of: picture.last,
    })
}
