//! `GET /api/v1/sites/{slug}/checks`: single checks, newest first, a page at a time.
//!
//! They come from the record. While it cannot be asked, the last ones come from the board, without
//! most phases and details, and `fresh` is false: an answer is better than an error. Checks that
//! the board does not have are never skipped: there is a cursor to them, or an error when there are
//! no more.

use axum::{
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    csv::{self, Beside, Cell},
    cursor, large,
    shape::PhasesMs,
    site_of,
    text_formats::{Instant, OutcomeWord, RegionName},
};
use crate::{
    board::{CheckSummary, LiveSite},
    i18n::Lang,
    store::{CheckCursor, RecordedCheck, Store},
    web::{
        cache_control::CacheControl,
        error::HttpProblem,
        extractors::params::{Params, PathSegment},
        views::numbers::millis,
    },
};
use model::{
    moment::Moment,
    name::Region,
    outcome::{Answer, Outcome},
};

/// Checks on a page at most.
pub(in crate::web) const MAX_PAGE: u32 = 1_000;
/// Checks on a page unless asked otherwise.
pub(in crate::web) const DEFAULT_PAGE: u32 = 100;

/// Filter and page of checks.
#[derive(Clone, Debug)]
struct ChecksQuery {
    region: Option<Region>,
    from: Moment,
    to: Moment,
    after: Option<CheckCursor>,
    limit: u32,
}

/// A page of checks, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct ChecksPage {
    /// The checks, newest first; of one moment in the order of their regions.
    checks: Vec<CheckJson>,
    /// Cursor of the next page, to be sent as `cursor`; null on the last page. While our record
    /// cannot be asked it continues after the checks in memory, and is answered again once the
    /// record is back.
    #[schema(example = "1488290995000-6c6f63616c")]
    next_cursor: Option<String>,
    /// Moment of the site's last check.
    #[schema(value_type = Option<Instant>)]
    as_of: Option<Moment>,
    /// False while our record cannot be asked: then the answer has those of the last 30 checks,
    /// which are in memory, that match, without details and most phases, and is 503 when none of
    /// them matches.
    #[schema(example = true)]
    fresh: bool,
}

/// One look at a site from one region.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Check)]
struct CheckJson {
    /// Beginning of the check.
    #[schema(value_type = Instant)]
    at: Moment,
    /// Region that made the check.
    #[schema(value_type = RegionName)]
    region: Region,
    /// `ok`, or why there was no good reply.
    #[schema(value_type = OutcomeWord)]
    outcome: &'static str,
    /// True if the server answered but turned robots away.
    #[schema(example = false)]
    restricted: bool,
    /// The HTTP status of the last reply; null when there was none.
    #[schema(example = 200, minimum = 0, maximum = 65_535)]
    http_status: Option<u16>,
    /// Sum of the phases, in milliseconds; null when it failed or no phase was reached.
    #[schema(example = 84.123, minimum = 0)]
    latency_ms: Option<f64>,
    /// Duration of each phase.
    phases: PhasesMs,
    /// Number of attempts.
    #[schema(example = 1, minimum = 0, maximum = 255)]
    attempts: u8,
    /// Detail of the failure or the restriction, in words; null when there is none.
    #[schema(example = "connection refused by 192.0.2.7")]
    detail: Option<String>,
}

/// `GET /api/v1/sites/{slug}/checks`
pub(in crate::web) async fn list(
    State(shared): crate::web::AppState,
    PathSegment(slug): PathSegment,
    OriginalUri(uri): OriginalUri,
    params: Params,
) -> Response {
    let (wanted, as_csv) = match read(params) {
        Ok(query) => query,
        Err(problem) => return problem.into_response(),
    };
    let Some(live) = site_of(&shared, slug.as_deref()) else {
        return HttpProblem::no_site(uri.path()).into_response();
    };
    // One more than requested shows whether there is a page after this one.
    let more = ChecksQuery { limit: wanted.limit + 1, ..wanted.clone() };
    let slug = &live.site.slug;
    let ask = async |store: Store| {
        let span = (more.from, more.to);
        store
            .checks_between(slug, more.region.as_ref(), span, more.limit, more.after.as_ref())
            .await
    };
    let recorded = super::read_record(&shared, ask).await;
    let fresh = recorded.is_some();
    let (mut checks, whole): (Vec<CheckJson>, bool) = match recorded {
        Some(rows) => (rows.into_iter().map(CheckJson::from).collect(), true),
        None => remembered(&live, &more),
    };
    if checks.is_empty() && !whole {
        return super::record_away(uri.path(), "the live status is at /api/v1/sites");
    }
    let cut = checks.len() > wanted.limit as usize;
    checks.truncate(wanted.limit as usize);
    let last = checks.last().filter(|_| cut || !whole);
    let next_cursor = last.map(|last| cursor::write_place(last.at, last.region.as_str()));
    let page = ChecksPage { checks, next_cursor, as_of: live.checked_at(), fresh };
    let keep = CacheControl::of_record(&shared, [&*live]);
    if as_csv { page.csv(keep) } else { large(keep, 256 + page.checks.len() * 384, &page) }
}

fn read(mut params: Params) -> Result<(ChecksQuery, bool), HttpProblem> {
    let region = params.region();
    let (from, to) = params.span();
    let limit = params.limit(MAX_PAGE).unwrap_or(DEFAULT_PAGE);
    let after = params.cursor(cursor::read_check);
    let as_csv = params.read("format", csv::read_format).unwrap_or(false);
    params.finish()?;
    let from = from.unwrap_or(Moment::from_millis(i64::MIN));
    let to = to.unwrap_or(Moment::from_millis(i64::MAX));
    Ok((ChecksQuery { region, from, to, after, limit }, as_csv))
}

/// Matching checks on the board, and whether these are all.
fn remembered(live: &LiveSite, wanted: &ChecksQuery) -> (Vec<CheckJson>, bool) {
    let Some(since) = live.checks_since() else { return (Vec::new(), false) };
    let from = wanted.from.max(since);
    let fits = |glance: &CheckSummary| {
        let later =
            |a: &CheckCursor| glance.at < a.at || (glance.at == a.at && glance.region > a.region);
        glance.at >= from
            && glance.at < wanted.to
            && wanted.after.as_ref().is_none_or(later)
            && wanted.region.as_ref().is_none_or(|region| glance.region == *region)
    };
    let mut found: Vec<CheckSummary> = live.recent.iter().filter(fits).collect();
    found.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.region.cmp(&b.region)));
    found.truncate(wanted.limit as usize);
    let checks = found.into_iter().map(|glance| CheckJson::remembered(live, glance)).collect();
    (checks, wanted.from >= since)
}

impl From<RecordedCheck> for CheckJson {
    fn from(row: RecordedCheck) -> Self {
        let (outcome, detail) = told(&row.answer);
        Self {
            at: row.at,
            region: row.region,
            outcome: outcome.0,
            restricted: outcome.1,
            http_status: row.http_status,
            latency_ms: row.phases.latency().filter(|_| outcome.0 == "ok").map(millis),
            phases: PhasesMs::of(&row.phases),
            attempts: row.attempts,
            detail,
        }
    }
}

impl CheckJson {
    /// From memory: whole for the newest of a region, of the others what a glance has.
    fn remembered(live: &LiveSite, glance: CheckSummary) -> Self {
        let newest = live.regions.iter().map(|seen| &*seen.check);
        let mut whole = newest.filter(|c| (c.at, &c.region) == (glance.at, &glance.region));
        let outcome: Option<&Outcome> = whole.next().map(|check| &check.outcome);
        let detail = outcome.and_then(|outcome| told(&outcome.answer).1);
        let phases = outcome.map(|outcome| outcome.phases).unwrap_or_default();
        Self {
            at: glance.at,
            region: glance.region,
            outcome: glance.failure.map_or("ok", |failure| failure.word()),
            restricted: glance.restricted,
            http_status: glance.http_status,
            latency_ms: glance.latency.filter(|_| glance.failure.is_none()).map(millis),
            phases: PhasesMs::of(&phases),
            attempts: glance.attempts,
            detail,
        }
    }
}

/// The outcome's name, whether it is restricted, and the detail.
fn told(answer: &Answer) -> ((&'static str, bool), Option<String>) {
    let (outcome, detail) = match answer {
        Answer::Ok => (("ok", false), None),
        Answer::Restricted(how) => (("ok", true), Some(Lang::En.restriction(how))),
        Answer::Failed(cause) => {
            ((cause.failure.word(), false), Some(Lang::En.detail(&cause.detail)))
        }
    };
    (outcome, detail.filter(|detail| !detail.is_empty()))
}

impl ChecksPage {
    fn csv(self, keep: CacheControl) -> Response {
        let names = [
            "at",
            "region",
            "outcome",
            "restricted",
            "http_status",
            "latency_ms",
            "dns_ms",
            "connect_ms",
            "tls_ms",
            "wait_ms",
            "transfer_ms",
            "attempts",
            "detail",
        ];
        let row = |check: CheckJson| {
            let mut row = vec![
                Cell::text(&check.at),
                Cell::text(&check.region),
                Cell::text(check.outcome),
                Cell::text(&check.restricted),
                Cell::number(check.http_status),
                Cell::number(check.latency_ms),
            ];
            row.extend(check.phases.parts().map(Cell::number));
            row.extend([Cell::number(Some(check.attempts)), Cell::from(check.detail)]);
            row
        };
        let next = self.next_cursor.as_deref();
        let beside = Beside { next, as_of: self.as_of, fresh: self.fresh };
        csv::answer(keep, &names, self.checks.into_iter().map(row), beside)
    }
}
