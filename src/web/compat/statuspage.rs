//! Statuspage's public API, version 2, for all sites and for one, so that readers of status pages
//! can read this one.
//!
//! A site is a component, an outage and a notice an incident, planned work a scheduled maintenance. The shape has no value for "unknown", which must
//! never read as `operational`: it is `degraded_performance`, and the description says so.
//! `docs/compatibility.md` lists every field.

mod fill;
mod notices;
mod shape;

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use http::StatusCode;

use self::{
    fill::StatuspageScope,
    notices::MaintenanceFilter,
    shape::{Components, Incidents, Maintenances, StatusOnly, StatuspageIncident, Summary},
};
use crate::web::{
    Shared, cache::record::NewestOutages, cache_control::CacheControl, error::ErrorStatus,
    views::site::SiteView,
};
use model::name::Slug;

/// Incidents of `incidents.json` at most, as there.
const MAX_INCIDENTS: usize = 50;

/// `GET /api/v2/…`
pub(in crate::web) async fn all(
    State(shared): crate::web::AppState,
    path: Result<Path<String>, PathRejection>,
) -> Response {
    let now = shared.now();
    let sites = shared.web.board.sites().into_iter();
    let views = sites.map(|live| SiteView::new(live, now)).collect();
    let what = path.map(|Path(what)| what).unwrap_or_default();
    let recorded = recorded(&shared, None, &what).await;
    let answer = answer(&StatuspageScope::all(&shared, views), &recorded, &what);
    answer.unwrap_or_else(|| ErrorStatus(StatusCode::NOT_FOUND).into_response())
}

/// `GET /sites/{slug}/api/v2/…`
pub(in crate::web) async fn one(
    State(shared): crate::web::AppState,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Response {
    let (slug, what) = path.map(|Path(path)| path).unwrap_or_default();
    let Some(view) = view_of(&shared, &slug) else {
        return ErrorStatus(StatusCode::NOT_FOUND).into_response();
    };
    let recorded = recorded(&shared, Some(&view.live.site.slug), &what).await;
    let answer = answer(&StatuspageScope::one(&shared, view), &recorded, &what);
    answer.unwrap_or_else(|| ErrorStatus(StatusCode::NOT_FOUND).into_response())
}

fn view_of(shared: &Arc<Shared>, slug: &str) -> Option<SiteView> {
    let live = shared.site(slug)?;
    Some(SiteView::new(live, shared.now()))
}

/// Outages beyond the board's, or in place of them, where the answer of this name has any.
async fn recorded(shared: &Shared, slug: Option<&Slug>, what: &str) -> NewestOutages {
    match what {
        "incidents.json" => shared.outages.of(shared, slug).await,
        "summary.json" | "incidents/unresolved.json" if shared.follows() => {
            shared.outages.of(shared, slug).await
        }
        _ => NewestOutages::default(),
    }
}

/// The answer of this name; `None` when there is none.
fn answer(subject: &StatuspageScope<'_>, recorded: &NewestOutages, what: &str) -> Option<Response> {
    let (page, keep) = (subject.page(), subject.keep());
    Some(match what {
        "summary.json" => brief(
            keep,
            Summary {
                page,
                status: subject.status(),
                components: subject.components(),
                incidents: unresolved(subject, recorded),
                scheduled_maintenances: subject.maintenances(MaintenanceFilter::Open),
            },
        ),
        "status.json" => brief(keep, StatusOnly { page, status: subject.status() }),
        "components.json" => brief(keep, Components { page, components: subject.components() }),
        "incidents.json" => {
            let measured = subject.incidents(recorded, MAX_INCIDENTS, |_| true);
            let incidents = newest(measured, subject.notices(|_| true), MAX_INCIDENTS);
            brief(keep, Incidents { page, incidents })
        }
        "incidents/unresolved.json" => {
            brief(keep, Incidents { page, incidents: unresolved(subject, recorded) })
        }
        "scheduled-maintenances.json"
        | "scheduled-maintenances/upcoming.json"
        | "scheduled-maintenances/active.json" => {
            let wanted = match what {
                "scheduled-maintenances/upcoming.json" => MaintenanceFilter::Upcoming,
                "scheduled-maintenances/active.json" => MaintenanceFilter::Active,
                _ => MaintenanceFilter::Recent,
            };
            let scheduled_maintenances = subject.maintenances(wanted);
            brief(keep, Maintenances { page, scheduled_maintenances })
        }
        _ => return None,
    })
}

/// Ongoing outages, and open notices.
fn unresolved(subject: &StatuspageScope<'_>, recorded: &NewestOutages) -> Vec<StatuspageIncident> {
    let measured = subject.incidents(recorded, usize::MAX, |outage| outage.ended_at.is_none());
    newest(measured, subject.notices(model::notice::Notice::is_open), usize::MAX)
}

/// Measured and told incidents, the newest change first.
fn newest(
    mut measured: Vec<StatuspageIncident>,
    said: Vec<StatuspageIncident>,
    most: usize,
) -> Vec<StatuspageIncident> {
    measured.extend(said);
    measured.sort_by_key(|incident| std::cmp::Reverse(incident.updated_at));
    measured.truncate(most);
    measured
}

fn brief(keep: CacheControl, body: impl serde::Serialize) -> Response {
    (keep, Json(body)).into_response()
}
