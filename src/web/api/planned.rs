//! `GET|POST /api/v1/planned`, `GET|DELETE /api/v1/planned/{id}`: planned work. It changes no verdict.

use axum::{
    Json,
    extract::{OriginalUri, Request, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    answer,
    text_formats::Instant,
    writes::{self, OwnTag, Write},
};
use crate::web::{
    cache_control::CacheControl,
    error::HttpProblem,
    extractors::params::{Params, PathSegment},
};
use model::{
    moment::Moment,
    permission::Permission,
    planned::{PlannedWork, Stretch},
    scope::Scope,
};

/// The values of `state`.
pub(in crate::web) const STATES: &[&str] = &["active", "upcoming", "ended"];

/// Planned work.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct PlannedPage {
    /// First work under way, then work to come, then work that is over.
    planned: Vec<PlannedJson>,
}

/// Work that was announced. It changes no verdict.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Planned)]
pub(in crate::web) struct PlannedJson {
    /// Its name in addresses.
    #[schema(example = "p-3f9a2c41d07b")]
    id: Box<str>,
    /// A few words; may be empty.
    #[schema(example = "Database upgrade")]
    name: Box<str>,
    /// More words, as plain text; may be empty.
    #[schema(example = "Sign-in may fail for a minute.")]
    text: Box<str>,
    /// `active`, it is under way; `upcoming`; or `ended`.
    #[schema(example = "active", pattern = "^(active|upcoming|ended)$")]
    state: &'static str,
    /// Begin of what is under way, or of what comes next; null when it is over.
    #[schema(value_type = Option<Instant>)]
    from: Option<Moment>,
    /// End of the same.
    #[schema(value_type = Option<Instant>)]
    until: Option<Moment>,
    /// First beginning, by the clocks of the zone.
    #[schema(example = "2026-12-06T02:00:00")]
    starts: String,
    /// Time zone of the beginnings.
    #[schema(example = "Europe/Amsterdam")]
    time_zone: String,
    /// Duration of each occurrence, in seconds.
    #[schema(example = 7200, minimum = 60)]
    lasts_seconds: u64,
    /// Rule of recurrence (RFC 5545); null: once.
    #[schema(example = "FREQ=WEEKLY;BYDAY=SU")]
    rrule: Option<String>,
    /// Days on which it does not begin.
    #[schema(value_type = Vec<String>, example = json!(["2026-12-27"]))]
    except: Vec<String>,
    /// Slugs of the sites that it names. With no sites, tags and providers it is about all of them.
    #[schema(value_type = Vec<String>, example = json!(["slack.com"]))]
    sites: Vec<String>,
    /// Tags of the sites that it is about.
    #[schema(value_type = Vec<String>, example = json!(["chat"]))]
    tags: Vec<Box<str>>,
    /// Providers of the sites that it is about.
    #[schema(value_type = Vec<String>, example = json!(["aws"]))]
    providers: Vec<Box<str>>,
    /// Moment of the announcement; null when it is not known.
    #[schema(value_type = Option<Instant>)]
    announced_at: Option<Moment>,
    /// Moment since which it is cancelled; null while it is not.
    #[schema(value_type = Option<Instant>)]
    cancelled_at: Option<Moment>,
    /// Names of it that no site has, such as mistyped ones, in sentences. Told only to the one who
    /// writes it; empty for everybody else.
    #[schema(example = json!(["no site of the catalogue has the tag shpo now"]))]
    warnings: Vec<String>,
}

/// New planned work. Only `lasts` is needed.
#[derive(Debug, ToSchema)]
#[schema(as = NewPlanned)]
#[expect(dead_code, reason = "only its schema is used; values are read as those of the file are")]
pub(in crate::web) struct NewPlanned {
    /// Duration of each occurrence, one minute to 30 days.
    #[schema(example = "2h")]
    lasts: String,
    /// First beginning: by the clocks of `time_zone`, or an instant of RFC 3339; now unless given.
    #[schema(example = "2026-12-06 02:00")]
    starts: String,
    /// Time zone of the beginnings; needed with a local time and with `rrule`.
    #[schema(example = "Europe/Amsterdam")]
    time_zone: String,
    /// Rule of recurrence: FREQ daily, weekly or monthly, INTERVAL, BYDAY, BYMONTHDAY, COUNT, UNTIL.
    #[schema(example = "FREQ=WEEKLY;BYDAY=SU")]
    rrule: String,
    /// Days on which it does not begin.
    #[schema(example = json!(["2026-12-27"]))]
    except: Vec<String>,
    /// A few words.
    #[schema(example = "Database upgrade", max_length = 200)]
    name: String,
    /// More words, as plain text.
    #[schema(example = "Sign-in may fail for a minute.", max_length = 5000)]
    text: String,
    /// Slugs of the sites that it is about.
    #[schema(example = json!(["slack.com"]))]
    sites: Vec<String>,
    /// Tags of the sites that it is about.
    #[schema(example = json!(["chat"]))]
    tags: Vec<String>,
    /// Providers of the sites that it is about.
    #[schema(example = json!(["aws"]))]
    providers: Vec<String>,
}

impl PlannedJson {
    /// Planned work for programs.
    pub(in crate::web) fn of(work: &PlannedWork, now: Moment) -> Self {
        let Scope { sites, tags, providers } = work.scope.clone();
        let (active, next) = (work.at(now), work.next(now));
        let stretch: Option<Stretch> = active.or(next);
        let state = match (active, next) {
            (Some(_), _) => "active",
            (None, Some(_)) => "upcoming",
            (None, None) => "ended",
        };
        Self {
            id: work.id.clone(),
            name: work.name.clone(),
            text: work.text.clone(),
            state,
            from: stretch.map(|stretch| stretch.from),
            until: stretch.map(|stretch| stretch.until),
            starts: work.times.starts.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
            time_zone: work.times.zone_name().to_owned(),
            lasts_seconds: work.times.lasts.as_secs(),
            rrule: work.times.repeats.as_ref().map(ToString::to_string),
            except: work.times.except.iter().map(ToString::to_string).collect(),
            sites: sites.iter().map(ToString::to_string).collect(),
            tags,
            providers,
            announced_at: work.announced_at,
            cancelled_at: work.cancelled_at,
            warnings: Vec::new(),
        }
    }

    fn rank(&self) -> (u8, Option<Moment>) {
        let state = STATES.iter().position(|state| *state == self.state).unwrap_or_default();
        (state as u8, self.from)
    }
}

/// Tag of planned work: it changes when that is cancelled.
fn tag(work: &PlannedWork) -> String {
    let end = if work.cancelled_at.is_some() { "-cancelled" } else { "" };
    format!("{}{end}", work.id)
}

/// `GET /api/v1/planned`
pub(in crate::web) async fn list(
    State(shared): crate::web::AppState,
    mut params: Params,
) -> Response {
    let state = params.read("state", |text| {
        let found = STATES.iter().find(|known| **known == text);
        found.copied().ok_or_else(|| format!("must be one of {}", STATES.join(", ")))
    });
    if let Err(problem) = params.finish() {
        return problem.into_response();
    }
    let (works, now) = (shared.web.operator.planned(), shared.second());
    let all = works.iter().map(|work| PlannedJson::of(work, now));
    let wanted = |work: &PlannedJson| match state {
        Some(state) => work.state == state,
        None => work.state != "ended",
    };
    let mut planned: Vec<_> = all.filter(wanted).collect();
    planned.sort_by_key(PlannedJson::rank);
    answer(CacheControl::ITS_SECOND, &PlannedPage { planned })
}

/// `GET /api/v1/planned/{id}`
pub(in crate::web) async fn one(
    State(shared): crate::web::AppState,
    PathSegment(id): PathSegment,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let works = shared.web.operator.planned();
    let Some(work) = works.iter().find(|work| id.as_deref() == Some(&*work.id)) else {
        let why = "No planned work has this id.";
        return HttpProblem::new(StatusCode::NOT_FOUND, why, uri.path()).into_response();
    };
    let json = PlannedJson::of(work, shared.second());
    let mut response = answer(CacheControl::ITS_SECOND, &json);
    response.extensions_mut().insert(OwnTag(tag(work)));
    response
}

/// `POST /api/v1/planned`
pub(in crate::web) async fn announce(
    State(shared): crate::web::AppState,
    request: Request,
) -> Response {
    writes::handle(&shared, request, Permission::Planned, async |write: &Write| {
        let keys = match write.keys() {
            Ok(keys) => keys,
            Err(wrong) => return *wrong,
        };
        match shared.web.operator.announce(keys, write.by(), write.now) {
            Ok(work) => {
                let place = [(header::LOCATION, format!("/api/v1/planned/{}", work.id))];
                let warnings = writes::warnings(&shared, &work.scope);
                let json = Json(PlannedJson { warnings, ..PlannedJson::of(&work, write.now) });
                (StatusCode::CREATED, place, writes::etag(&tag(&work)), json).into_response()
            }
            Err(refusal) => write.refused(&refusal),
        }
    })
    .await
}

/// `DELETE /api/v1/planned/{id}`
pub(in crate::web) async fn cancel(
    State(shared): crate::web::AppState,
    PathSegment(id): PathSegment,
    request: Request,
) -> Response {
    writes::handle(&shared, request, Permission::Planned, async |write: &Write| {
        let operator = &shared.web.operator;
        let unless = |work: &PlannedWork| {
            writes::if_match(&write.headers, Some(&tag(work))).unwrap_or(Ok(()))
        };
        match operator.cancel(id.as_deref().unwrap_or_default(), write.by(), write.now, unless) {
            Ok(work) => {
                let json = Json(PlannedJson::of(&work, write.now));
                (writes::etag(&tag(&work)), json).into_response()
            }
            Err(refusal) => write.refused(&refusal),
        }
    })
    .await
}
