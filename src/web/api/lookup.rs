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
use utoipa::ToSchema;

use super::{
    answer,
    shape::{CauseJson, NoteJson, PhasesMs},
    text_formats::{Instant, RegionName, StatusWord},
};
use crate::{
    i18n::Lang,
    lookup::{Confirmed, RefusalReason, SeenElsewhere, reports::LookedUp},
    web::{
        Shared,
        cache_control::CacheControl,
        error::{HttpProblem, Wrong},
        extractors::{client_ip::ClientIp, params::Params},
        lookup_service::{self, Refusing},
        middleware::rate_limit,
        views::{lookup::LookupView, numbers::millis},
    },
};
use model::{moment::Moment, name::Region, outcome::HttpVersion, verdict::Status};

/// The verdict now on any public address.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Lookup)]
pub(in crate::web) struct Lookup<'a> {
    /// Target as requested.
    #[schema(example = "slack.com")]
    target: &'a str,
    /// Slug of the site, or the short form of the address.
    #[schema(example = "slack.com")]
    slug: &'a str,
    /// Its name for people.
    #[schema(example = "Slack")]
    name: &'a str,
    /// Address that was probed.
    #[schema(example = "https://slack.com/")]
    url: &'a str,
    /// True if the site is in the catalogue; the verdict is then that of the watched site.
    #[schema(example = true)]
    watched: bool,
    /// Status of the site.
    #[schema(value_type = StatusWord)]
    status: Status,
    /// True if the server answers but turns robots away.
    #[schema(example = false)]
    restricted: bool,
    /// Notes beside the status.
    notes: Vec<NoteJson>,
    /// Since when the status holds; null when that is not known.
    #[schema(value_type = Option<Instant>)]
    since: Option<Moment>,
    /// The verdict in a sentence.
    #[schema(example = "Slack is up.")]
    summary: &'a str,
    /// Cause if it is down; otherwise null.
    cause: Option<CauseJson>,
    /// Moment of the check; null without one.
    #[schema(value_type = Option<Instant>)]
    checked_at: Option<Moment>,
    /// Age of the check, in seconds; null without one.
    #[schema(example = 4, minimum = 0)]
    age_seconds: Option<u64>,
    /// True if the check is recent enough to be evidence.
    #[schema(example = true)]
    fresh: bool,
    /// Region that made the check; null without one.
    #[schema(value_type = Option<RegionName>)]
    region: Option<&'a Region>,
    /// Latency of the reply, in milliseconds; null without a good one.
    #[schema(example = 84.123, minimum = 0)]
    latency_ms: Option<f64>,
    /// Usual latency, in milliseconds; null while unknown.
    #[schema(example = 80.5, minimum = 0)]
    usual_latency_ms: Option<f64>,
    /// Duration of each phase.
    phases: PhasesMs,
    /// The HTTP status; null when there was no reply.
    #[schema(example = 200, minimum = 0, maximum = 65_535)]
    http_status: Option<u16>,
    /// The version of HTTP; null when there was no reply.
    #[schema(example = "2")]
    http_version: Option<&'static str>,
    /// Remote address of the last connection; null without one.
    #[schema(value_type = Option<String>, example = "192.0.2.7")]
    address: Option<IpAddr>,
    /// Every address that the name had.
    #[schema(value_type = Vec<String>, example = json!(["192.0.2.7"]))]
    addresses: &'a [IpAddr],
    /// The names that the name was an alias of, in order.
    #[schema(value_type = Vec<String>, example = json!(["slack.edge.example"]))]
    cnames: &'a [Box<str>],
    /// URL that redirects led to; null without redirects.
    #[schema(example = "https://slack.com/intl/en-gb/")]
    final_url: Option<&'a str>,
    /// Number of redirects followed.
    #[schema(example = 1, minimum = 0, maximum = 255)]
    redirects: u8,
    /// End of the certificate's validity; null when unknown or without a certificate.
    #[schema(value_type = Option<Instant>)]
    certificate_expires_at: Option<Moment>,
    /// Number of attempts; null without a check.
    #[schema(example = 1, minimum = 0, maximum = 255)]
    attempts: Option<u8>,
    /// Outcomes of the same lookup from other regions, those that answered in time.
    elsewhere: Vec<ElsewhereLookup<'a>>,
    /// Lookups by visitors in the last hour; null for a site of the catalogue.
    looked_up: Option<LookupCounts>,
    /// Visitors who reported a problem in the last hour; null when that is not counted.
    #[schema(example = 3, minimum = 0)]
    reports: Option<u32>,
}

/// A lookup from another region.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ElsewhereLookup)]
struct ElsewhereLookup<'a> {
    /// The region.
    #[schema(value_type = RegionName)]
    region: &'a Region,
    /// Status seen there: `up`, or `down` with the cause.
    #[schema(value_type = StatusWord)]
    status: Status,
    /// Cause if it is down; otherwise null.
    cause: Option<CauseJson>,
    /// Latency of the reply, in milliseconds; null without a good one.
    #[schema(example = 210.4, minimum = 0)]
    latency_ms: Option<f64>,
    /// The HTTP status; null when there was no reply.
    #[schema(example = 200, minimum = 0, maximum = 65_535)]
    http_status: Option<u16>,
}

impl<'a> ElsewhereLookup<'a> {
    fn of(seen: &'a SeenElsewhere) -> Self {
        let SeenElsewhere { region, outcome } = seen;
        let cause = outcome.cause();
        let latency = outcome.phases.latency().filter(|_| cause.is_none());
        Self {
            region,
            status: if cause.is_some() { Status::Down } else { Status::Up },
            cause: cause.map(CauseJson::of),
            latency_ms: latency.map(millis),
            http_status: outcome.http_status,
        }
    }
}

/// Lookups by visitors.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LookedUp)]
struct LookupCounts {
    /// In the last hour.
    #[schema(example = 12, minimum = 0)]
    last_hour: u32,
    /// Number of them that found it down.
    #[schema(example = 0, minimum = 0)]
    down: u32,
}

impl<'a> Lookup<'a> {
    /// The answer for a target.
    fn of(target: &'a str, told: &'a LookupView, now: Moment) -> Self {
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
            notes: told
                .notes_in(Lang::En, now)
                .map(|(note, text)| NoteJson::of(note, text))
                .collect(),
            since: told.verdict.since,
            summary: &told.summary,
            cause: told.verdict.cause.as_ref().map(CauseJson::of),
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
            elsewhere: told.elsewhere.iter().map(ElsewhereLookup::of).collect(),
            looked_up: None,
            reports: None,
        }
    }

    /// The same with what the crowd does.
    fn with_crowd(self, shared: &Shared) -> Self {
        let now = shared.now();
        let (LookedUp { times, down }, reports) = shared.web.lookups.reports(|reports| {
            (reports.looked_up(self.slug, now), reports.reports(self.slug, now).hour)
        });
        let looked_up = (!self.watched).then_some(LookupCounts { last_hour: times, down });
        Self { looked_up, reports: Some(reports), ..self }
    }
}

/// The result of a probe, in the shape of the API.
pub fn lookup_json(target: &str, seen: &Confirmed) -> Value {
    let told = LookupView::of_confirmed(seen);
    serde_json::to_value(Lookup::of(target, &told, seen.check.at)).unwrap_or_default()
}

/// A target that was not probed, in the same shape: unknown, with the reason; the rest is null.
pub fn refused_json(target: &str, why: &str) -> Value {
    let told = LookupView::of_nothing(why);
    let shape =
        serde_json::to_value(Lookup::of(target, &told, Moment::from_millis(0))).unwrap_or_default();
    let Value::Object(mut shape) = shape else { return shape };
    for (key, value) in &mut shape {
        if !["target", "status", "summary"].contains(&key.as_str()) {
            *value = Value::Null;
        }
    }
    Value::Object(shape)
}

/// The verdict now; `again=1` requests a new probe although there is an answer.
pub(in crate::web) async fn lookup(
    State(shared): crate::web::AppState,
    client: ClientIp,
    params: Params,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let key = client.key();
    let mut response = match read(&shared, params) {
        Ok((target, again)) => verdict(&shared, &target, client, again, uri.path()).await,
        Err(problem) => problem.into_response(),
    };
    if shared.web.lookups.enabled() {
        rate_limit::write_headers(response.headers_mut(), "lookups", shared.web.lookups.left(key));
    }
    response
}

/// Reads the target, and whether a new look is wanted; says of each what is wrong with it.
fn read(shared: &Shared, mut params: Params) -> Result<(String, bool), HttpProblem> {
    let again = params.read("again", flag).unwrap_or(false);
    let target = params.text("target").map(str::to_owned);
    if target.is_none() {
        params.wrong("target", "is missing: name a site, such as slack.com");
    }
    let target = target.unwrap_or_default();
    if let Some(refused) = lookup_service::not_a_target(shared, &target) {
        params.wrong("target", &refused.to_string());
    }
    params.finish()?;
    Ok((target, again))
}

async fn verdict(
    shared: &Shared,
    target: &str,
    client: ClientIp,
    again: bool,
    path: &str,
) -> Response {
    match lookup_service::settled(shared, target, client, again).await {
        Some(Ok(told)) if told.blocked.is_some() => wrong(told.summary, path),
        Some(Ok(told)) => {
            let shape = Lookup::of(target, &told, shared.now()).with_crowd(shared);
            if again { Json(shape).into_response() } else { answer(keep(shared, &told), &shape) }
        }
        Some(Err(refusing)) => refused(shared, target, &refusing, path),
        None => {
            let detail = "Our own look broke. Please try again in a minute.";
            HttpProblem::new(StatusCode::SERVICE_UNAVAILABLE, detail, path).into_response()
        }
    }
}

/// Time for which an answer may be cached: until the next check of the site, or the next lookup of
/// its target.
pub(in crate::web) fn keep(shared: &Shared, told: &LookupView) -> CacheControl {
    let now = shared.now();
    match shared.web.board.site(&told.key).filter(|_| told.watched) {
        Some(live) => CacheControl::of_site(shared, &live),
        None => CacheControl::until(
            told.checked_at().map_or(now, |at| at + shared.web.lookups.serves()),
            now,
        ),
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
    HttpProblem::parameters(vec![Wrong { parameter: "target".into(), detail }], path)
        .into_response()
}

/// The problem, with the last known answer in it.
fn refused(shared: &Shared, target: &str, refusing: &Refusing, path: &str) -> Response {
    let status = match &refusing.why {
        RefusalReason::Target(refused) => return wrong(refused.to_string(), path),
        RefusalReason::Off => StatusCode::FORBIDDEN,
        RefusalReason::Budget => StatusCode::TOO_MANY_REQUESTS,
        RefusalReason::Busy => StatusCode::SERVICE_UNAVAILABLE,
    };
    let last = refusing.last.as_ref().map(|told| {
        let shape = Lookup::of(target, told, shared.now()).with_crowd(shared);
        serde_json::to_value(shape).unwrap_or_default()
    });
    let problem = HttpProblem::new(status, refusing.words(), path).with_last(last);
    let mut response = problem.into_response();
    if let Some(wait) = refusing.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
    }
    response
}
