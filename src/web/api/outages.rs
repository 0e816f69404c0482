//! `GET /api/v1/outages` and `GET /api/v1/sites/{slug}/outages`: newest first, a page at a time.
//!
//! They come from the record. While it cannot be asked, the last ten of each site come from the
//! board, without their provider events, and `fresh` is false. Outages that the board does not have
//! are never skipped: there is a cursor to them, or an error when there are no more. So a client
//! that copies outages page by page never takes a gap for "there were none", and the answer is 503
//! while none is known; ongoing ones are always all there.

use std::cmp::Reverse;

use axum::{
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    csv::{self, Beside, Cell},
    cursor, large,
    shape::{CauseJson, ProviderName},
    site_of,
    text_formats::{Instant, OutageStatus, RegionName, SlugText},
};
use crate::{
    store::{OutagesWanted, RecordedOutage},
    web::{
        Shared,
        cache_control::CacheControl,
        error::HttpProblem,
        extractors::params::{Params, PathSegment},
        links,
        views::outage::OutageId,
    },
};
use model::{
    moment::Moment,
    name::{Region, Slug},
    verdict::{Outage as Judged, Status},
};

/// Outages on a page at most.
pub(in crate::web) const MAX_PAGE: u32 = 1_000;
/// Outages on a page unless asked otherwise.
pub(in crate::web) const DEFAULT_PAGE: u32 = 100;
/// Values of `state`.
pub(in crate::web) const STATES: &[&str] = &["ongoing", "ended"];

/// A page of outages, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct OutagesPage {
    /// The outages, those that began last first; of one moment in the order of their slugs, of one site the worst first.
    outages: Vec<OutageJson>,
    /// Cursor of the next page, to be sent as `cursor`; null on the last page. While our record
    /// cannot be asked it continues after the outages in memory, and is answered again once the
    /// record is back.
    #[schema(example = "1488290995000-4-736c61636b2e636f6d")]
    next_cursor: Option<String>,
    /// Moment of the last check of any of our sites (or of this site).
    #[schema(value_type = Option<Instant>)]
    as_of: Option<Moment>,
    /// False while our record cannot be asked: then the answer has those of the last 10 outages of
    /// each site, which are in memory, that match, back to where one may be missing, and is 503
    /// when none of them matches.
    #[schema(example = true)]
    fresh: bool,
}

/// A stretch of `down`, `partial` or `slow`, made by the machine from what it saw.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Outage)]
struct OutageJson {
    /// Its name for good.
    #[schema(example = "slack.com-1488290995000-down")]
    id: String,
    /// The site.
    #[schema(value_type = SlugText)]
    slug: Slug,
    /// Status of the site.
    #[schema(value_type = OutageStatus)]
    status: Status,
    /// The first bad check.
    #[schema(value_type = Instant)]
    started_at: Moment,
    /// The first good check after it; null while it lasts.
    #[schema(value_type = Option<Instant>)]
    ended_at: Option<Moment>,
    /// Duration so far, in seconds.
    #[schema(example = 15_120, minimum = 0)]
    duration_seconds: u64,
    /// Cause; null for `slow`, or when unknown.
    cause: Option<CauseJson>,
    /// The provider that seemed to fail then, which is the one cause; null when there was none. While `fresh` is false: who serves the site.
    provider: Option<ProviderName>,
    /// URL of the provider event, with its evidence; null when there was none, or while `fresh` is
    /// false.
    #[schema(
        example = "https://up.example/api/v1/providers/aws/events?at=2017-02-28T17:37:00.000Z"
    )]
    event_url: Option<String>,
    /// The regions that saw it.
    #[schema(value_type = Vec<RegionName>)]
    regions: Vec<Region>,
    /// URL of the checks behind it.
    #[schema(
        example = "https://up.example/api/v1/sites/slack.com/checks?from=2017-02-28T17:37:00.000Z"
    )]
    checks_url: String,
}

/// `GET /api/v1/outages`
pub(in crate::web) async fn all(
    State(shared): crate::web::AppState,
    OriginalUri(uri): OriginalUri,
    mut params: Params,
) -> Response {
    let site = params.slug("site");
    let provider = params.word("provider").map(Into::into);
    let (mut wanted, as_csv) = match read(params) {
        Ok(query) => query,
        Err(problem) => return problem.into_response(),
    };
    wanted.provider = provider;
    if let Some(site) = site {
        let Some(live) = shared.web.board.site(site.as_str()) else {
            return HttpProblem::no_site(uri.path()).into_response();
        };
        wanted.site = Some(live.site.slug.clone());
    }
    page(&shared, &wanted, as_csv, uri.path()).await
}

/// `GET /api/v1/sites/{slug}/outages`
pub(in crate::web) async fn of_site(
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
    let wanted = OutagesWanted { site: Some(live.site.slug.clone()), ..wanted };
    page(&shared, &wanted, as_csv, uri.path()).await
}

fn read(mut params: Params) -> Result<(OutagesWanted, bool), HttpProblem> {
    let ongoing = params.read("state", |text| match text {
        "ongoing" => Ok(true),
        "ended" => Ok(false),
        _ => Err("must be ongoing or ended".to_owned()),
    });
    let limit = params.limit(MAX_PAGE).unwrap_or(DEFAULT_PAGE);
    let after = params.cursor(cursor::read_outage);
    let as_csv = params.read("format", csv::read_format).unwrap_or(false);
    params.finish()?;
    Ok((OutagesWanted { ongoing, after, ..OutagesWanted::newest(limit) }, as_csv))
}

async fn page(shared: &Shared, wanted: &OutagesWanted, as_csv: bool, path: &str) -> Response {
    let now = shared.now();
    // One more than requested shows whether there is a page after this one.
    let more = OutagesWanted { limit: wanted.limit + 1, ..wanted.clone() };
    let recorded = super::read_record(shared, async |store| store.outages_page(&more).await).await;
    let fresh = recorded.is_some();
    let of = |row| OutageJson::recorded(shared, row, now);
    let (mut outages, whole): (Vec<OutageJson>, bool) = match recorded {
        Some(rows) => (rows.into_iter().map(of).collect(), true),
        None => remembered(shared, &more, now),
    };
    if outages.is_empty() && !whole {
        return super::record_away(path, "what goes on now is at /api/v1/outages?state=ongoing");
    }
    let cut = outages.len() > wanted.limit as usize;
    outages.truncate(wanted.limit as usize);
    let last = outages.last().filter(|_| cut || !whole);
    let next_cursor =
        last.map(|last| cursor::write_outage(last.started_at, &last.slug, last.status));
    let board = &shared.web.board;
    let about = match &wanted.site {
        Some(slug) => board.site(slug.as_str()).into_iter().collect(),
        None => board.sites(),
    };
    let as_of = about.iter().filter_map(|live| live.checked_at()).max();
    let keep = CacheControl::of_record(shared, about.iter().map(|live| &**live));
    let page = OutagesPage { outages, next_cursor, as_of, fresh };
    if as_csv { page.csv(keep) } else { large(keep, 256 + page.outages.len() * 640, &page) }
}

/// Matching outages on the board, back to where one of any site may be missing, and whether these
/// are all. Ongoing ones are all on the board.
fn remembered(shared: &Shared, wanted: &OutagesWanted, now: Moment) -> (Vec<OutageJson>, bool) {
    let first = Moment::from_millis(i64::MIN);
    let (mut found, mut since) = (Vec::new(), first);
    for live in shared.web.board.sites() {
        let site = &live.site;
        let at = live.provider();
        if wanted.site.as_ref().is_some_and(|slug| *slug != site.slug)
            || wanted.provider.as_deref().is_some_and(|provider| at != Some(provider))
        {
            continue;
        }
        if wanted.ongoing != Some(true) {
            // A site without a check yet has had no new outage since the start.
            since = since.max(live.outages_since().unwrap_or(shared.started));
        }
        let fits = |outage: &&Judged| {
            let later = |(start, slug, status): &(Moment, Slug, Status)| {
                let rank = |start, slug, status| (Reverse(start), slug, Reverse(status));
                rank(outage.started_at, &site.slug, outage.status) > rank(*start, slug, *status)
            };
            wanted.ongoing.is_none_or(|ongoing| outage.ended_at.is_none() == ongoing)
                && wanted.after.as_ref().is_none_or(later)
        };
        let of =
            |outage: &Judged| OutageJson::new(shared, site.slug.clone(), outage.clone(), at, now);
        found.extend(live.outages.iter().filter(fits).map(of));
    }
    found.retain(|outage: &OutageJson| outage.started_at >= since);
    found.sort_by(|a, b| a.rank().cmp(&b.rank()));
    found.truncate(wanted.limit as usize);
    // What is watched no more, or was at another provider then, is not on the board.
    let all_watched = wanted.site.is_some() && wanted.provider.is_none();
    (found, since == first && (all_watched || wanted.ongoing == Some(true)))
}

impl OutageJson {
    /// Rank in the order of the answer.
    fn rank(&self) -> (Reverse<Moment>, &Slug, Reverse<Status>) {
        (Reverse(self.started_at), &self.slug, Reverse(self.status))
    }

    fn recorded(shared: &Shared, row: RecordedOutage, now: Moment) -> Self {
        let at = row.provider.as_deref();
        let event = at.map(|provider| links::event_json(provider, row.outage.started_at));
        let event_url = event.map(|path| shared.link(&path));
        Self { event_url, ..Self::new(shared, row.slug, row.outage, at, now) }
    }

    fn new(shared: &Shared, slug: Slug, outage: Judged, at: Option<&str>, now: Moment) -> Self {
        let receipt = links::checks_json(slug.as_str(), outage.started_at, outage.ended_at);
        let until = outage.ended_at.unwrap_or(now);
        Self {
            id: OutageId::of(&slug, &outage).to_string(),
            slug,
            status: outage.status,
            started_at: outage.started_at,
            ended_at: outage.ended_at,
            duration_seconds: until.since(outage.started_at).as_secs(),
            cause: outage.cause.as_ref().map(CauseJson::of),
            provider: at.map(ProviderName::of),
            event_url: None,
            regions: outage.regions,
            checks_url: shared.link(&receipt),
        }
    }
}

impl OutagesPage {
    fn csv(self, keep: CacheControl) -> Response {
        let names = [
            "id",
            "slug",
            "status",
            "started_at",
            "ended_at",
            "duration_seconds",
            "failure",
            "detail",
            "provider",
            "event_url",
            "regions",
            "checks_url",
        ];
        let row = |outage: OutageJson| {
            let regions: Vec<&str> = outage.regions.iter().map(Region::as_str).collect();
            vec![
                Cell::text(&outage.id),
                Cell::text(&outage.slug),
                Cell::text(outage.status.word()),
                Cell::text(&outage.started_at),
                Cell::from(outage.ended_at),
                Cell::number(Some(outage.duration_seconds as f64)),
                Cell::from(outage.cause.as_ref().map(CauseJson::failure)),
                Cell::from(outage.cause.as_ref().map(CauseJson::detail)),
                Cell::from(outage.provider.map(|provider| provider.slug)),
                Cell::from(outage.event_url),
                Cell::text(&regions.join(" ")),
                Cell::text(&outage.checks_url),
            ]
        };
        let next = self.next_cursor.as_deref();
        let beside = Beside { next, as_of: self.as_of, fresh: self.fresh };
        csv::answer(keep, &names, self.outages.into_iter().map(row), beside)
    }
}
