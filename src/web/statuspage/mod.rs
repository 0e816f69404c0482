//! Statuspage's public API, version 2, for all sites and for one, so that what reads status pages
//! can read us.
//!
//! A site is a component, an outage an incident. The shape has no word for "we do not know", and
//! not knowing must never read as `operational`: it is `degraded_performance`, and the description
//! says what it is. `docs/compatibility.md` lists every field.

mod fill;
mod shape;

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use http::StatusCode;

use self::{
    fill::Subject,
    shape::{Components, Incidents, Maintenances, StatusOnly, Summary},
};
use super::{Shared, asked::Asked, keep::Keep, look::Look, pages::trouble, past};

/// Incidents of `incidents.json` at most, as there.
const INCIDENTS: usize = 50;

/// `GET /api/v2/…`
pub(super) async fn all(
    State(shared): super::State,
    asked: Asked,
    path: Result<Path<String>, PathRejection>,
) -> Response {
    let now = shared.now();
    let sites = shared.web.board.sites().into_iter();
    let looks = sites.map(|watched| Look::new(watched, now)).collect();
    let answer = path.ok().and_then(|Path(what)| answer(&Subject::all(&shared, looks), &what));
    answer.unwrap_or_else(|| trouble::respond(&shared, &asked, StatusCode::NOT_FOUND))
}

/// `GET /sites/{slug}/api/v2/…`
pub(super) async fn one(
    State(shared): super::State,
    asked: Asked,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Response {
    let answer = path.ok().and_then(|Path((slug, what))| {
        let look = look(&shared, &slug)?;
        answer(&Subject::one(&shared, look), &what)
    });
    answer.unwrap_or_else(|| trouble::respond(&shared, &asked, StatusCode::NOT_FOUND))
}

fn look(shared: &Arc<Shared>, slug: &str) -> Option<Look> {
    let watched = shared.web.board.site(&slug.to_ascii_lowercase())?;
    Some(Look::new(watched, shared.now()))
}

/// The answer of this name; `None` when there is none.
fn answer(subject: &Subject<'_>, what: &str) -> Option<Response> {
    let (page, keep) = (subject.page(), subject.keep());
    let none = [(); 0];
    Some(match what {
        "summary.json" => {
            let incidents = subject.incidents(usize::MAX, |outage| outage.ended_at.is_none());
            brief(
                keep,
                Summary {
                    page,
                    status: subject.status(),
                    components: subject.components(),
                    incidents,
                    scheduled_maintenances: none,
                },
            )
        }
        "status.json" => brief(keep, StatusOnly { page, status: subject.status() }),
        "components.json" => brief(keep, Components { page, components: subject.components() }),
        "incidents.json" => {
            brief(keep, Incidents { page, incidents: subject.incidents(INCIDENTS, |_| true) })
        }
        "incidents/unresolved.json" => {
            let incidents = subject.incidents(usize::MAX, |outage| outage.ended_at.is_none());
            brief(keep, Incidents { page, incidents })
        }
        "scheduled-maintenances.json"
        | "scheduled-maintenances/upcoming.json"
        | "scheduled-maintenances/active.json" => {
            brief(keep, Maintenances { page, scheduled_maintenances: none })
        }
        _ => return None,
    })
}

fn brief(keep: Keep, body: impl serde::Serialize) -> Response {
    (keep, Json(body)).into_response()
}
