//! `GET /api/v1/lookup?target=slack.com`: the verdict now, of any site. The command line prints the
//! same shape.

use std::net::IpAddr;

use axum::{
    Json,
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::Value;

use super::{answer, shape::PhasesMs};
use crate::{
    lookup::{Confirmed, Why, crowd::LookedUp},
    model::{
        moment::Moment,
        name::Region,
        outcome::{Cause, HttpVersion},
        verdict::Status,
    },
    web::{
        Shared,
        asking::{self, Refusing},
        numbers::millis,
        params::Params,
        problem::{Problem, Wrong},
        told::Told,
        visitor::Visitor,
    },
};

/// The verdict now.
#[derive(Debug, Serialize)]
pub(in crate::web) struct Lookup<'a> {
    target: &'a str,
    slug: &'a str,
    name: &'a str,
    url: &'a str,
    /// Whether the catalogue has it, and the verdict is the watched site's.
    watched: bool,
    status: Status,
    restricted: bool,
    since: Option<Moment>,
    summary: &'a str,
    cause: Option<&'a Cause>,
    checked_at: Option<Moment>,
    /// How old the look is.
    age_seconds: Option<u64>,
    fresh: bool,
    region: Option<&'a Region>,
    latency_ms: Option<f64>,
    usual_latency_ms: Option<f64>,
    phases: PhasesMs,
    http_status: Option<u16>,
    http_version: Option<&'static str>,
    address: Option<IpAddr>,
    addresses: &'a [IpAddr],
    cnames: &'a [Box<str>],
    final_url: Option<&'a str>,
    redirects: u8,
    certificate_expires_at: Option<Moment>,
    attempts: Option<u8>,
    /// How many visitors looked it up in the last hour.
    looked_up: Option<Counted>,
    /// How many visitors said in the last hour that they have a problem too.
    reports: Option<u32>,
}

#[derive(Debug, Serialize)]
struct Counted {
    last_hour: u32,
    down: u32,
}

impl<'a> Lookup<'a> {
    /// What is told of a target.
    fn of(target: &'a str, told: &'a Told, now: Moment) -> Self {
        let check = told.check.as_deref();
        let outcome = check.map(|check| &check.outcome);
        let traces = outcome.map(|outcome| &*outcome.traces);
        Self {
            target,
            slug: &told.key,
            name: &told.name,
            url: &told.url,
            watched: told.watched,
            status: told.verdict.status,
            restricted: told.verdict.restricted,
            since: told.verdict.since,
            summary: &told.summary,
            cause: told.verdict.cause.as_ref(),
            checked_at: told.checked_at(),
            age_seconds: told.checked_at().map(|at| now.since(at).as_secs()),
            fresh: told.fresh,
            region: check.map(|check| &check.region),
            latency_ms: told.latency().map(millis),
            usual_latency_ms: told.usual.map(millis),
            phases: PhasesMs::of(&outcome.map(|outcome| outcome.phases).unwrap_or_default()),
            http_status: outcome.and_then(|outcome| outcome.http_status),
            http_version: traces.and_then(|t| t.http_version).map(HttpVersion::word),
            address: traces.and_then(|t| t.address),
            addresses: traces.map_or(&[], |t| &t.addresses),
            cnames: traces.map_or(&[], |t| &t.cnames),
            final_url: traces.and_then(|t| t.final_url.as_deref()),
            redirects: traces.map_or(0, |t| t.redirects),
            certificate_expires_at: traces.and_then(|t| t.certificate_expires_at),
            attempts: check.map(|check| check.attempts),
            looked_up: None,
            reports: None,
        }
    }

    /// The same with what the crowd does.
    fn with_crowd(self, shared: &Shared) -> Self {
        let now = shared.now();
        let (LookedUp { times, down }, reports) = shared
            .web
            .lookups
            .crowd(|crowd| (crowd.looked_up(self.slug, now), crowd.reports(self.slug, now).hour));
        let looked_up = (!self.watched).then_some(Counted { last_hour: times, down });
        Self { looked_up, reports: Some(reports), ..self }
    }
}

/// What a look at a target saw, in the shape of the API.
pub fn lookup_json(target: &str, seen: &Confirmed) -> Value {
    let told = Told::of_confirmed(seen);
    serde_json::to_value(Lookup::of(target, &told, seen.check.at)).unwrap_or_default()
}

/// The verdict now; `again=1` asks for a new look although there is an answer.
pub(in crate::web) async fn lookup(
    State(shared): crate::web::State,
    visitor: Visitor,
    mut params: Params,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let again = params.read("again", flag).unwrap_or(false);
    let target = params.text("target").map(str::to_owned);
    if target.is_none() {
        params.wrong("target", "is missing: name a site, such as slack.com");
    }
    if let Err(problem) = params.finish() {
        return problem.into_response();
    }
    let target = target.unwrap_or_default();
    match asking::settled(&shared, &target, visitor, again).await {
        Some(Ok(told)) if told.kept_away.is_some() => wrong(told.summary, uri.path()),
        Some(Ok(told)) => {
            let shape = Lookup::of(&target, &told, shared.now()).with_crowd(&shared);
            if again { Json(shape).into_response() } else { answer(&shape) }
        }
        Some(Err(refusing)) => refused(&shared, &target, &refusing, uri.path()),
        None => {
            let detail = "Our own look broke. Please try again in a minute.";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail, uri.path()).into_response()
        }
    }
}

fn flag(text: &str) -> Result<bool, String> {
    match text {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err("must be 1 or 0".to_owned()),
    }
}

fn wrong(detail: String, path: &str) -> Response {
    Problem::parameters(vec![Wrong { parameter: "target", detail }], path).into_response()
}

/// The problem, with the last known answer in it.
fn refused(shared: &Shared, target: &str, refusing: &Refusing, path: &str) -> Response {
    let status = match &refusing.why {
        Why::Target(refused) => return wrong(refused.to_string(), path),
        Why::Off => StatusCode::FORBIDDEN,
        Why::Budget => StatusCode::TOO_MANY_REQUESTS,
        Why::Busy => StatusCode::SERVICE_UNAVAILABLE,
    };
    let last = refusing.last.as_ref().map(|told| {
        let shape = Lookup::of(target, told, shared.now()).with_crowd(shared);
        serde_json::to_value(shape).unwrap_or_default()
    });
    let problem = Problem::new(status, refusing.words(), path).with_last(last);
    let mut response = problem.into_response();
    if let Some(wait) = refusing.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
    }
    response
}
