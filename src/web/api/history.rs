//! `GET /api/v1/sites/{slug}/history`: a stretch of time in buckets, without holes.

use std::time::Duration;

use axum::{
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    csv::{self, Beside, Cell},
    large, site_of,
    text_formats::{Instant, RegionName, SlugText},
};
use crate::web::{
    cache::{query::Cached, record::HistoryWindow},
    cache_control::CacheControl,
    error::HttpProblem,
    extractors::params::{Params, PathSegment, moment},
    views::numbers::{WINDOWS, millis, round_down},
};
use model::{
    history::{HistoryPoint, HistoryRange, LatencySummary, MAX_BUCKETS, kept},
    moment::Moment,
    name::Region,
    rollup::BucketLength,
};

/// Approximate bytes of a bucket.
const BUCKET_BYTES: usize = 160;

/// A stretch of a site's time in buckets, without holes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = History)]
pub(in crate::web) struct HistoryPage<'a> {
    /// The site.
    #[schema(value_type = SlugText)]
    slug: &'a str,
    /// The region whose checks these are; null when all regions are together.
    #[schema(value_type = Option<RegionName>)]
    region: Option<&'a Region>,
    /// Length of a bucket: `5m`, `1h` or `1d`.
    #[schema(example = "1h", pattern = "^(5m|1h|1d)$")]
    step: &'static str,
    /// The buckets, oldest first.
    buckets: Vec<BucketJson>,
    /// Moment when it was read.
    #[schema(value_type = Instant)]
    as_of: Moment,
    /// False when our record is away and this is what we remember of it.
    #[schema(example = true)]
    fresh: bool,
}

/// One bucket.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Bucket)]
struct BucketJson {
    /// Beginning of the bucket.
    #[schema(value_type = Instant)]
    at: Moment,
    /// Number of checks.
    #[schema(example = 60, minimum = 0)]
    checks: u64,
    /// Number of checks without a good reply.
    #[schema(example = 0, minimum = 0)]
    failed: u64,
    /// Number of checks with a slow reply.
    #[schema(example = 1, minimum = 0)]
    slow: u64,
    /// The share of its judged time that the site was not down, rounded down; null without data.
    /// With `region`, the share of the checks from there that had a good reply: a site is judged as
    /// a whole.
    #[schema(example = 1.0, minimum = 0, maximum = 1)]
    uptime: Option<f64>,
    /// Half of the replies took at most this, in milliseconds; null without replies.
    #[schema(example = 84.1, minimum = 0)]
    p50_ms: Option<f64>,
    /// 95 % of the replies took at most this, in milliseconds; null without replies.
    #[schema(example = 120.5, minimum = 0)]
    p95_ms: Option<f64>,
    /// 99 % of the replies took at most this, in milliseconds; null without replies.
    #[schema(example = 240.0, minimum = 0)]
    p99_ms: Option<f64>,
    /// The longest reply, in milliseconds; null without replies.
    #[schema(example = 251.3, minimum = 0)]
    max_ms: Option<f64>,
}

/// The history of one site.
pub(in crate::web) async fn history(
    State(shared): crate::web::AppState,
    PathSegment(slug): PathSegment,
    OriginalUri(uri): OriginalUri,
    params: Params,
) -> Response {
    let Some(live) = site_of(&shared, slug.as_deref()) else {
        return HttpProblem::no_site(uri.path()).into_response();
    };
    let wanted = match read(params, shared.now()) {
        Ok(wanted) => wanted,
        Err(problem) => return problem.into_response(),
    };
    let HistoryQuery { region, window, as_csv } = wanted;
    match shared.histories.of(&shared, &live.site.slug, region.as_ref(), window).await {
        Some(Cached { value: history, fresh, .. }) => {
            let bucket = |point| BucketJson::of(point, region.is_some());
            let page = HistoryPage {
                slug: history.slug.as_str(),
                region: region.as_ref(),
                step: history.step.word(),
                buckets: history.buckets.iter().map(bucket).collect(),
                as_of: history.as_of,
                fresh,
            };
            let keep = CacheControl::of_site(&shared, &live);
            if as_csv {
                page.csv(keep)
            } else {
                large(keep, 256 + page.buckets.len() * BUCKET_BYTES, &page)
            }
        }
        None => super::record_away(uri.path(), "the live status is at /api/v1/sites"),
    }
}

impl HistoryPage<'_> {
    fn csv(&self, keep: CacheControl) -> Response {
        let names =
            ["at", "checks", "failed", "slow", "uptime", "p50_ms", "p95_ms", "p99_ms", "max_ms"];
        let row = |bucket: &BucketJson| {
            let counts = [bucket.checks, bucket.failed, bucket.slow].map(|count| count as f64);
            let millis = [bucket.p50_ms, bucket.p95_ms, bucket.p99_ms, bucket.max_ms];
            let cells = [Cell::text(&bucket.at)].into_iter();
            cells
                .chain(counts.map(Some).map(Cell::number))
                .chain([Cell::number(bucket.uptime)])
                .chain(millis.map(Cell::number))
                .collect()
        };
        let beside = Beside { next: None, as_of: Some(self.as_of), fresh: self.fresh };
        csv::answer(keep, &names, self.buckets.iter().map(row), beside)
    }
}

impl BucketJson {
    fn of(point: &HistoryPoint, is_of_region: bool) -> Self {
        let (uptime, is_bad) = if is_of_region {
            (point.good_share(), point.failed > 0)
        } else {
            (point.judged.uptime(), point.judged.down > 0)
        };
        let millis =
            |of: fn(LatencySummary) -> u32| point.latency.map(|latency| millis(of(latency)));
        Self {
            at: point.at,
            checks: point.checks,
            failed: point.failed,
            slow: point.slow,
            uptime: uptime.map(|share| round_down(share, is_bad)),
            p50_ms: millis(|latency| latency.p50),
            p95_ms: millis(|latency| latency.p95),
            p99_ms: millis(|latency| latency.p99),
            max_ms: millis(|latency| latency.max),
        }
    }
}

/// Filter and period of a history.
#[derive(Debug)]
struct HistoryQuery {
    region: Option<Region>,
    window: HistoryWindow,
    as_csv: bool,
}

/// Reads `region`, and `window`, or `from`, `to` and `step`; says of each what is wrong with it.
fn read(mut params: Params, now: Moment) -> Result<HistoryQuery, HttpProblem> {
    let region = params.region();
    let window = params.read("window", window);
    let from = params.read("from", moment);
    let to = params.read("to", moment);
    let step =
        params.read("step", |text| text.parse().map_err(|()| "must be 5m, 1h or 1d".to_owned()));
    let as_csv = params.read("format", csv::read_format).unwrap_or(false);
    if params.text("from").is_some() && params.text("window").is_some() {
        params.wrong("window", "cannot be together with from; leave one out");
    }
    if params.text("to").is_some() && params.text("from").is_none() {
        params.wrong("to", "needs a from");
    }
    let until = to.unwrap_or(now).min(now);
    if from.is_some_and(|from| from >= until) {
        params.wrong("from", "must be before to, and in the past");
    }
    let length = window.unwrap_or(WINDOWS[0].1);
    if from.is_none() && step.is_none() {
        params.finish()?;
        return Ok(HistoryQuery { region, window: HistoryWindow::Last(length), as_csv });
    }
    let from = from.unwrap_or(now - length);
    let range = match step {
        Some(step) => fits(from, until, step, now).map_err(|why| ("step", why)),
        None => BucketLength::ALL
            .into_iter()
            .find_map(|step| fits(from, until, step, now).ok())
            .ok_or_else(|| {
                ("from", format!("is too far back: at most {MAX_BUCKETS} days in one answer"))
            }),
    };
    let range = range.map_err(|(name, why)| params.wrong(name, &why)).ok();
    params.finish()?;
    // A missing range has been reported as an error.
    let window = range.map_or(HistoryWindow::Last(length), HistoryWindow::Exactly);
    Ok(HistoryQuery { region, window, as_csv })
}

/// The stretch in buckets of this length, if they are kept that long and are not too many.
fn fits(
    from: Moment,
    until: Moment,
    step: BucketLength,
    now: Moment,
) -> Result<HistoryRange, String> {
    let word = step.word();
    if from + kept(step) < now {
        let days = kept(step).as_secs() / 86_400;
        return Err(format!("{word} is kept for {days} days only; use a longer step"));
    }
    let range = HistoryRange::new(from, until, step);
    let count = range.count();
    if count > MAX_BUCKETS {
        return Err(format!(
            "{word} would make {count} buckets, and {MAX_BUCKETS} are the most; use a longer step or a \
             shorter stretch"
        ));
    }
    Ok(range)
}

fn window(text: &str) -> Result<Duration, String> {
    let found = WINDOWS.iter().find(|(word, _)| *word == text);
    found.map(|(_, length)| *length).ok_or_else(|| "must be 24h, 7d, 30d or 90d".to_owned())
}
