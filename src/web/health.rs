//! `/healthz`: the process serves, and what it shows is not older than it should be: for balancers and
//! watchdogs. `/readyz`: how it is, in words.
//!
//! Postgres away is "degraded" and still ready: the board and the pages go on without it.

use std::time::Duration;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::Serialize;

use super::views::{
    overview::{Overview, record_warning},
    site::SiteView,
};
use crate::{
    board::{StoreHealth, StoreProblem},
    i18n::Lang,
};
use model::judge::network_health::Family;

/// Time without any check after which probing counts as stopped; two turns where all sites take longer.
const SILENT_AFTER: Duration = Duration::from_mins(5);

/// Answer of `/readyz`.
#[derive(Debug, Serialize)]
pub(super) struct Readiness {
    status: &'static str,
    sites: usize,
    checked_at: Option<model::moment::Moment>,
    reasons: Vec<String>,
}

/// `GET /healthz`
pub(super) async fn healthz(State(shared): crate::web::AppState) -> (StatusCode, String) {
    match silent_for(&Overview::now(&shared), shared.started) {
        None => (StatusCode::OK, "ok\n".to_owned()),
        Some(minutes) => {
            let text = format!("no site has been checked for more than {minutes} minutes\n");
            (StatusCode::SERVICE_UNAVAILABLE, text)
        }
    }
}

/// Number of minutes for which no site has been checked, where that is too long.
fn silent_for(overview: &Overview, started: model::moment::Moment) -> Option<u64> {
    let turn = |view: &SiteView| view.live.site.interval + view.live.site.timeout;
    let shortest = overview.views.iter().map(turn).min()?;
    let most = SILENT_AFTER.max(shortest * 2);
    let looked = overview.last.max(Some(started))?;
    (overview.now.since(looked) > most).then_some(most.as_secs() / 60)
}

/// `GET /readyz`
pub(super) async fn readyz(State(shared): crate::web::AppState) -> (StatusCode, Json<Readiness>) {
    let overview = Overview::now(&shared);
    let sites = overview.views.len();
    let silent = silent_for(&overview, shared.started);
    let reasons: Vec<String> = [
        silent.map(|most| format!("no site has been checked for more than {most} minutes")),
        record_warning(Lang::En, &overview.record, overview.now)
            .map(|said| said + &why(&overview.record)),
        aside(overview.record.refused_rows),
        shared.web.board.overload().map(|overload| overload.to_string()),
        not_taken(shared.web.operator.files_not_taken()),
    ]
    .into_iter()
    .flatten()
    .chain(shared.web.board.lost_families().into_iter().map(lost))
    .collect();
    let (code, status) = match reasons.is_empty() {
        _ if silent.is_some() => (StatusCode::SERVICE_UNAVAILABLE, "unready"),
        true => (StatusCode::OK, "ready"),
        false => (StatusCode::OK, "degraded"),
    };
    (code, Json(Readiness { status, sites, checked_at: overview.last, reasons }))
}

/// Reason why Postgres does not take the record, in brackets; empty where there is none.
fn why(record: &StoreHealth) -> String {
    match &record.why {
        Some(StoreProblem { sqlstate: Some(code), short }) => format!(" ({code}: {short})"),
        Some(StoreProblem { sqlstate: None, short }) => format!(" ({short})"),
        None => String::new(),
    }
}

/// Sentence about an address family that does not work from here.
fn lost(family: Family) -> String {
    let family = match family {
        Family::Ipv4 => "IPv4",
        Family::Ipv6 => "IPv6",
    };
    format!("{family} does not work from here: sites with both families are seen over the other")
}

/// Sentence about files that changed and are not in force as they are.
fn not_taken(files: usize) -> Option<String> {
    (files > 0)
        .then(|| format!("files not taken as they are: {files}; /operate and the log say why"))
}

/// Sentence about rows that are set aside.
fn aside(rows: u64) -> Option<String> {
    let text =
        "Postgres refuses for what is in them: they are set aside; see stillup journal refused";
    (rows > 0).then(|| format!("rows that {text}: {rows}"))
}
