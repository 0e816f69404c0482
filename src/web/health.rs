//! `/healthz`: the process serves. `/readyz`: it also has something worth serving.
//!
//! Postgres away is "degraded" and still ready: the board and the pages go on without it.

use std::time::Duration;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::Serialize;

use super::views::overview::{Overview, notice};
use crate::{
    board::{StoreHealth, StoreProblem},
    i18n::Lang,
};
use model::judge::network_health::Family;

/// Time without any check after which probing counts as stopped.
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
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`
pub(super) async fn readyz(State(shared): crate::web::AppState) -> (StatusCode, Json<Readiness>) {
    let overview = Overview::now(&shared);
    let sites = overview.looks.len();
    let looked = overview.last.max(Some(shared.started));
    let silent = sites > 0 && looked.is_some_and(|at| overview.now.since(at) > SILENT_AFTER);
    let reasons: Vec<String> = [
        silent.then(|| "no site has been checked for more than 5 minutes".to_owned()),
        notice(Lang::En, &overview.record, overview.now).map(|said| said + &why(&overview.record)),
        aside(overview.record.refused_rows),
        shared.web.board.overload().map(|overload| overload.to_string()),
    ]
    .into_iter()
    .flatten()
    .chain(shared.web.board.lost_families().into_iter().map(lost))
    .collect();
    let (code, status) = match reasons.is_empty() {
        _ if silent => (StatusCode::SERVICE_UNAVAILABLE, "unready"),
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

/// Sentence about rows that are set aside.
fn aside(rows: u64) -> Option<String> {
    let text =
        "Postgres refuses for what is in them: they are set aside; see stillup journal refused";
    (rows > 0).then(|| format!("rows that {text}: {rows}"))
}
