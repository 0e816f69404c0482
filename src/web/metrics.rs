//! `/metrics`: our own figures and those of the sites, in Prometheus' text format.
//!
//! All of it is read from memory: the board, counters, and the meters that the other rooms hung up.
//! Sites are shown one by one under the names of `blackbox_exporter`, so that dashboards and alarms
//! made for it go on; with too many sites they are left out, and a figure says so.

mod http;
mod meters;
mod own;
mod sites;
mod text;
mod told;

use std::fmt;

use self::text::Text;
use super::{Shared, views::overview::Overview};
use ::http::{StatusCode, header};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};

pub(super) use self::http::{Hot, Requests, count};
pub use self::meters::{Kind, Meters};

/// `GET /metrics`
pub(super) async fn metrics(State(shared): crate::web::State) -> Response {
    let mut text = Text::default();
    if write(&mut text, &shared).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let kind = (header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
    ([kind], text.finish()).into_response()
}

fn write(to: &mut Text, shared: &Shared) -> fmt::Result {
    let overview = Overview::now(shared);
    own::write(to, &overview)?;
    own::checks(to, &shared.web.board.tallies())?;
    shared.web.meters.write(to)?;
    shared.requests.write(to)?;
    told::write(to, &shared.web.board.told())?;
    let shown = overview.looks.len() <= shared.web.metrics_sites;
    to.family("stillup_sites_shown", "gauge", "Whether probe_* figures of sites follow.")?;
    to.value("stillup_sites_shown", &[], if shown { 1.0 } else { 0.0 })?;
    if shown { sites::write(to, &overview) } else { Ok(()) }
}
