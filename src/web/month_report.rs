//! The report on a month of sites: as a page to print, as CSV and as JSON. What `GET /sites/{slug}/report`,
//! `GET /report?tag=` and `stillup report` write.
//!
//! The figures are those of the record. A month that is over gives the same JSON again, so its SHA-256
//! on the page shows what was handed over.

use std::sync::Arc;

use askama::Template;
use serde::Serialize;
use sha2::{Digest, Sha256};
use url::Url;

use super::{assets, links, pages::report as page, views::numbers::millis};
use crate::{
    i18n::Lang,
    store::{OutagesWanted, RecordedOutage, Store, StoreError},
    token::hex,
};
use model::{
    history::{HistoryRange, kept},
    moment::Moment,
    monthly::{Month, TimeByStatus, outside, planned_within},
    outcome::{Cause, Failure},
    planned::{PlannedWork, Stretch, joined},
    rollup::BucketLength,
    site::Site,
    verdict::Status,
};

/// Outages of a site in a month at most.
const MAX_OUTAGES: u32 = 1_000;

/// Format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    /// A page to read and print.
    Html,
    /// A row a site.
    Csv,
    /// Everything.
    Json,
}

impl ReportFormat {
    /// Reads `html`, `csv` or `json`.
    ///
    /// # Errors
    /// The sentence that names them.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "html" => Ok(Self::Html),
            "csv" => Ok(Self::Csv),
            "json" => Ok(Self::Json),
            _ => Err("must be html, csv or json".to_owned()),
        }
    }
}

/// Subject of a report.
#[derive(Debug)]
pub struct ReportWanted<'a> {
    /// The sites.
    pub sites: &'a [Arc<Site>],
    /// Planned work.
    pub works: &'a [PlannedWork],
    /// The month.
    pub month: Month,
    /// Name of its time zone.
    pub zone: &'a str,
    /// The present.
    pub now: Moment,
    /// Public URL of the pages.
    pub public_url: &'a Url,
}

/// A month of sites.
#[derive(Debug, Serialize)]
pub struct MonthReport {
    /// The month.
    pub(super) month: Box<str>,
    pub(super) time_zone: Box<str>,
    pub(super) from: Moment,
    pub(super) until: Moment,
    /// Moment that the figures reach to: the end of the month, or now.
    pub(super) as_of: Moment,
    /// False while the month is not over.
    pub(super) complete: bool,
    pub(super) method: String,
    pub(super) version: &'static str,
    pub(super) sites: Vec<SiteMonth>,
}

/// A month of one site.
#[derive(Debug, Serialize)]
pub(super) struct SiteMonth {
    pub(super) slug: Box<str>,
    pub(super) name: Box<str>,
    pub(super) url: String,
    pub(super) interval_seconds: u64,
    pub(super) timeout_seconds: f64,
    #[serde(flatten)]
    pub(super) figures: Figures,
    /// The same without planned work that was announced before it began; null when there was none.
    pub(super) outside_planned: Option<Figures>,
    /// Number of checks, and latency of those that were good; null without any, and once the sums of hours
    /// are not kept any more.
    pub(super) checks: Option<u64>,
    pub(super) latency: Option<Latency>,
    pub(super) planned: Vec<PlannedStretch>,
    pub(super) outages: Vec<OutageOfMonth>,
}

/// Latency in milliseconds, from the histograms of the whole hours of the month together.
#[derive(Clone, Copy, Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "units are in the names of the JSON")]
pub(super) struct Latency {
    pub(super) p50_ms: f64,
    pub(super) p95_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) max_ms: f64,
}

/// Seconds by status, and the share not down.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Figures {
    pub(super) seconds: u64,
    pub(super) watched_seconds: u64,
    pub(super) unwatched_seconds: u64,
    pub(super) up_seconds: u64,
    pub(super) slow_seconds: u64,
    pub(super) partial_seconds: u64,
    pub(super) down_seconds: u64,
    /// Null unless at least half of the time was watched.
    pub(super) uptime: Option<f64>,
}

/// Planned work within the month.
#[derive(Debug, Serialize)]
pub(super) struct PlannedStretch {
    pub(super) id: Box<str>,
    pub(super) name: Box<str>,
    pub(super) from: Moment,
    pub(super) until: Moment,
    pub(super) announced_at: Option<Moment>,
    /// True if it was announced before it began: only such time is left out.
    pub(super) announced_before: bool,
}

/// An outage that touches the month.
#[derive(Debug, Serialize)]
pub(super) struct OutageOfMonth {
    pub(super) status: Status,
    pub(super) started_at: Moment,
    pub(super) ended_at: Option<Moment>,
    /// Seconds of it within the month.
    pub(super) seconds: u64,
    /// Those of them in planned work that was announced before it began.
    pub(super) planned_seconds: u64,
    pub(super) failure: Option<Failure>,
    pub(super) detail: Option<String>,
    /// The same, for a page in any language.
    #[serde(skip)]
    pub(super) cause: Option<Cause>,
    /// Page with the checks that opened and ended it.
    pub(super) page: String,
}

impl From<TimeByStatus> for Figures {
    fn from(time: TimeByStatus) -> Self {
        Self {
            seconds: time.all.as_secs(),
            watched_seconds: time.watched().as_secs(),
            unwatched_seconds: time.unwatched().as_secs(),
            up_seconds: time.up.as_secs(),
            slow_seconds: time.slow.as_secs(),
            partial_seconds: time.partial.as_secs(),
            down_seconds: time.down.as_secs(),
            uptime: time.share(),
        }
    }
}

impl MonthReport {
    /// Reads a month from the record.
    ///
    /// # Errors
    /// Fails when the record cannot be read.
    pub async fn read(store: &Store, wanted: &ReportWanted<'_>) -> Result<Self, StoreError> {
        let Month { text, from, until } = wanted.month.clone();
        let as_of = until.min(wanted.now).max(from);
        let mut sites = Vec::with_capacity(wanted.sites.len());
        for site in wanted.sites {
            sites.push(SiteMonth::read(store, wanted, site, (from, as_of)).await?);
        }
        Ok(Self {
            month: text,
            time_zone: wanted.zone.into(),
            from,
            until,
            as_of,
            complete: until <= wanted.now,
            method: Lang::En.say("report-method").into_owned(),
            version: env!("CARGO_PKG_VERSION"),
            sites,
        })
    }

    /// It as JSON: the bytes of the answer, and of the file that the command writes.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// The SHA-256 of its JSON.
    pub(super) fn sha256(&self) -> String {
        hex(&Sha256::digest(self.json().as_bytes()))
    }

    /// It as CSV: a row a site.
    pub fn csv(&self) -> String {
        let mut csv = csv::Writer::from_writer(Vec::new());
        let head = [
            "slug",
            "name",
            "from",
            "until",
            "seconds",
            "watched_seconds",
            "unwatched_seconds",
            "up_seconds",
            "slow_seconds",
            "partial_seconds",
            "down_seconds",
            "uptime",
            "uptime_outside_planned",
            "down_seconds_outside_planned",
            "outages",
            "checks",
            "p50_ms",
            "p95_ms",
            "p99_ms",
        ];
        // Writing to memory cannot fail.
        let _ = csv.write_record(head);
        for site in &self.sites {
            let (figures, outside) = (site.figures, site.outside_planned.unwrap_or(site.figures));
            let share = |share: Option<f64>| share.map(|n| n.to_string()).unwrap_or_default();
            let latency = |of: fn(Latency) -> f64| share(site.latency.map(of));
            // A spreadsheet takes such a beginning for a formula.
            let formula = site.name.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
            let name = if formula { format!("'{}", site.name) } else { site.name.to_string() };
            let _ = csv.write_record([
                site.slug.to_string(),
                name,
                self.from.to_string(),
                self.as_of.to_string(),
                figures.seconds.to_string(),
                figures.watched_seconds.to_string(),
                figures.unwatched_seconds.to_string(),
                figures.up_seconds.to_string(),
                figures.slow_seconds.to_string(),
                figures.partial_seconds.to_string(),
                figures.down_seconds.to_string(),
                share(figures.uptime),
                share(outside.uptime),
                outside.down_seconds.to_string(),
                site.outages.len().to_string(),
                site.checks.map(|n| n.to_string()).unwrap_or_default(),
                latency(|latency| latency.p50_ms),
                latency(|latency| latency.p95_ms),
                latency(|latency| latency.p99_ms),
            ]);
        }
        csv.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// It as a whole page of its own, in a language, with this title.
    ///
    /// # Errors
    /// Fails when the page cannot be made.
    pub fn html(&self, t: Lang, title: &str) -> Result<String, askama::Error> {
        page::ReportFile {
            t,
            body: page::ReportBody::of(t, self, title),
            style: assets::style_text(),
        }
        .render()
    }
}

impl SiteMonth {
    async fn read(
        store: &Store,
        wanted: &ReportWanted<'_>,
        site: &Site,
        span: (Moment, Moment),
    ) -> Result<Self, StoreError> {
        let spans = store.spans_between(&site.slug, span).await?;
        let outages = OutagesWanted {
            site: Some(site.slug.clone()),
            until: Some(span.1),
            lasting_at: Some(span.0),
            noticeable: true,
            ..OutagesWanted::newest(MAX_OUTAGES)
        };
        let outages = store.outages_page(&outages).await?;
        let (checks, latency) = latency(store, wanted, site, span).await?;
        let mine = wanted.works.iter().filter(|work| work.is_about(site, site.provider.as_deref()));
        let planned = planned_within(mine, span);
        let counted =
            planned.iter().filter(|(_, _, before)| *before).map(|(_, stretch, _)| *stretch);
        let counted: Vec<Stretch> = joined(counted.collect());
        let all = [Stretch { from: span.0, until: span.1 }];
        let rest = outside(counted.clone(), span);
        Ok(Self {
            slug: site.slug.as_str().into(),
            name: site.name.clone(),
            url: site.url.to_string(),
            interval_seconds: site.interval.as_secs(),
            timeout_seconds: site.timeout.as_secs_f64(),
            figures: TimeByStatus::of(&spans, &all).into(),
            checks,
            latency,
            outside_planned: (!counted.is_empty()).then(|| TimeByStatus::of(&spans, &rest).into()),
            planned: planned
                .into_iter()
                .map(|(work, stretch, announced_before)| PlannedStretch {
                    id: work.id.clone(),
                    name: work.name.clone(),
                    from: stretch.from,
                    until: stretch.until,
                    announced_at: work.announced_at,
                    announced_before,
                })
                .collect(),
            outages: outages.iter().map(|row| outage(wanted, row, span, &counted)).collect(),
        })
    }
}

/// Number of checks, and their latency, of the whole hours within a span.
async fn latency(
    store: &Store,
    wanted: &ReportWanted<'_>,
    site: &Site,
    (from, until): (Moment, Moment),
) -> Result<(Option<u64>, Option<Latency>), StoreError> {
    let (step, now) = (BucketLength::Hour, wanted.now);
    let begin = step.begin(from);
    let begin = if begin < from { begin + step.length() } else { begin };
    // The hour that is under way counts as far as it is.
    let end = if until < now { step.begin(until) } else { until };
    if from + kept(step) < now || begin >= end {
        return Ok((None, None));
    }
    let range = HistoryRange::new(begin, end, step).as_one();
    let history = store.history(&site.slug, range, now).await?;
    let Some(point) = history.buckets.first().filter(|point| point.checks > 0) else {
        return Ok((None, None));
    };
    let latency = point.latency.map(|of| Latency {
        p50_ms: millis(of.p50),
        p95_ms: millis(of.p95),
        p99_ms: millis(of.p99),
        max_ms: millis(of.max),
    });
    Ok((Some(point.checks), latency))
}

fn outage(
    wanted: &ReportWanted<'_>,
    row: &RecordedOutage,
    (from, until): (Moment, Moment),
    counted: &[Stretch],
) -> OutageOfMonth {
    let outage = &row.outage;
    let within = |from: Moment, until: Moment| {
        outage.ended_at.unwrap_or(until).min(until).since(outage.started_at.max(from)).as_secs()
    };
    let root = wanted.public_url.as_str().trim_end_matches('/');
    OutageOfMonth {
        status: outage.status,
        started_at: outage.started_at,
        ended_at: outage.ended_at,
        seconds: within(from, until),
        planned_seconds: counted.iter().map(|stretch| within(stretch.from, stretch.until)).sum(),
        failure: outage.cause.as_ref().map(|cause| cause.failure),
        detail: outage.cause.as_ref().map(|cause| Lang::En.detail(&cause.detail)),
        cause: outage.cause.clone(),
        page: format!("{root}{}", links::outage(&row.slug, outage)),
    }
}
