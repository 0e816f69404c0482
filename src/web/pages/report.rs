//! The report on a month as a page: in the frame of the others, or as a file of its own. `GET
//! /sites/{slug}/report` for one site and `GET /report?tag=` for those with a tag, in every format.

use std::{sync::Arc, time::Duration};

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};

use super::{
    components::{Stamp, tied},
    error_page::{asks_for_page, of_problem},
    layout::Layout,
    site::every,
};
use crate::{
    i18n::{Arg, Lang, sentence::joined},
    web::{
        Shared,
        error::HttpProblem,
        extractors::{
            locale::{self, Locale},
            params::{Params, PathSegment},
        },
        month_report::{
            Figures, Latency, MonthReport, OutageOfMonth, PlannedStretch, ReportFormat,
            ReportWanted, SiteMonth,
        },
    },
};
use model::{moment::Moment, monthly::Month, planned::time_zone, site::Site};

/// Sites of a tag whose report is made while a visitor waits, and the time that it may take.
const MAX_SITES: usize = 100;
/// Path of the report on a tag.
const TAG_PATH: &str = "/report";
const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// Time from the beginning of a month to a day of it in every time zone.
const MIDDLE: Duration = Duration::from_hours(15 * 24);

/// The report in the frame of the pages.
#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    layout: Layout,
    t: Lang,
    body: ReportBody,
}

/// The report as a file of its own.
#[derive(Debug, Template)]
#[template(path = "report_file.html")]
pub(in crate::web) struct ReportFile {
    pub(in crate::web) t: Lang,
    pub(in crate::web) body: ReportBody,
    pub(in crate::web) style: &'static str,
}

/// Everything that a report says.
#[derive(Debug)]
pub(in crate::web) struct ReportBody {
    title: String,
    period: String,
    incomplete: Option<String>,
    sites: Vec<SiteRows>,
    sha256: String,
    version: &'static str,
}

/// One site of a report.
#[derive(Debug)]
struct SiteRows {
    name: String,
    url: String,
    rule: String,
    figures: Vec<(String, String, Option<String>)>,
    has_outside: bool,
    latency: Option<String>,
    planned: Vec<(Stamp, Stamp, Box<str>, String)>,
    outages: Vec<ReportedOutage>,
}

/// An outage of a report.
#[derive(Debug)]
struct ReportedOutage {
    word: String,
    from: Stamp,
    until: Option<Stamp>,
    long: String,
    planned: Option<String>,
    why: String,
    page: String,
}

/// The page of the report on a site or a tag, with its name.
fn respond(shared: &Shared, locale: &Locale, name: &str, report: &MonthReport) -> Response {
    let t = locale.lang;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let body = if locale.path() == TAG_PATH {
        query.append_pair("tag", name);
        ReportBody::of(t, report, &t.tag_name(name))
    } else {
        ReportBody::of(t, report, name)
    };
    let layout = Layout::hidden(shared, locale, body.title.clone(), body.period.clone());
    query.append_pair("month", &report.month).append_pair("time_zone", &report.time_zone);
    let layout = Layout { path: format!("{}?{}", locale.path(), query.finish()), ..layout };
    super::page(t, &ReportPage { layout, t, body })
}

/// `GET /sites/{slug}/report`; who asked for the page is told in a page what is wrong.
pub(in crate::web) async fn of_site(
    State(shared): crate::web::AppState,
    PathSegment(slug): PathSegment,
    headers: HeaderMap,
    locale: Locale,
    params: Params,
) -> Response {
    let written = match slug.and_then(|slug| shared.site(&slug)) {
        Some(live) => {
            let sites = [live.site.clone()];
            read_and_write(&shared, &sites, &live.site.name, &locale, params).await
        }
        None => Err(HttpProblem::no_site(locale.path())),
    };
    answer(&shared, &headers, &locale, written)
}

/// Address of the report on a tag; `None` where it has more sites than a page can report on.
pub(super) fn of_tag_href(locale: &Locale, tag: &str, sites: usize) -> Option<String> {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let query = query.append_pair("tag", tag).finish();
    (1..=MAX_SITES).contains(&sites).then(|| locale.href(&format!("{TAG_PATH}?{query}")))
}

/// `GET /report?tag=`
pub(in crate::web) async fn of_tag(
    State(shared): crate::web::AppState,
    headers: HeaderMap,
    locale: Locale,
    mut params: Params,
) -> Response {
    let tag = params.word("tag").unwrap_or_default();
    let sites = shared.web.board.sites();
    let has_tag = |site: &Site| site.tags.iter().any(|known| **known == *tag);
    let sites = sites.iter().map(|live| live.site.clone()).filter(|site| has_tag(site));
    let sites: Vec<Arc<Site>> = sites.collect();
    if sites.is_empty() {
        params.wrong("tag", "must be a tag of sites, such as chat");
    } else if sites.len() > MAX_SITES {
        let number = sites.len();
        let why = format!(
            "has {number} sites, more than {MAX_SITES}; stillup report --tag {tag} writes their report"
        );
        params.wrong("tag", &why);
    }
    let written = read_and_write(&shared, &sites, &tag, &locale, params).await;
    answer(&shared, &headers, &locale, written)
}

fn answer(
    shared: &Shared,
    headers: &HeaderMap,
    locale: &Locale,
    written: Result<Response, HttpProblem>,
) -> Response {
    match written {
        Ok(response) => response,
        Err(problem) if asks_for_page(headers) => of_problem(shared, locale, &problem),
        Err(problem) => problem.into_response(),
    }
}

/// The report on these sites in the format that is asked for.
async fn read_and_write(
    shared: &Shared,
    sites: &[Arc<Site>],
    subject: &str,
    locale: &Locale,
    mut params: Params,
) -> Result<Response, HttpProblem> {
    let path = locale.path();
    let format = params.read("format", ReportFormat::parse).unwrap_or(ReportFormat::Html);
    let zone_name = params.word("time_zone").unwrap_or_else(|| "UTC".to_owned());
    let zone = time_zone(&zone_name);
    if zone.is_none() {
        params.wrong("time_zone", "must be a time zone, such as Europe/Amsterdam");
    }
    let zone = zone.unwrap_or(jiff::tz::TimeZone::UTC);
    let now = shared.second();
    let present = now.to_timestamp().to_zoned_datetime(zone.clone()).strftime("%Y-%m").to_string();
    let month = params.word("month").unwrap_or(present);
    let month = Month::parse(&month, &zone);
    match &month {
        Err(wrong) => params.wrong("month", wrong),
        Ok(month) if month.from > now => params.wrong("month", "has not begun yet"),
        Ok(_) => {}
    }
    let _ = params.text("lang");
    params.finish()?;
    let month = month.map_err(|wrong| HttpProblem::new(StatusCode::BAD_REQUEST, wrong, path))?;
    let works = shared.web.operator.planned();
    let zone = &*zone_name;
    let wanted =
        ReportWanted { sites, works: &works, month, zone, now, public_url: &shared.web.public_url };
    let read = shared.ask(READ_TIMEOUT, async |store| MonthReport::read(&store, &wanted).await);
    let Some(report) = read.await else {
        let why = "The record cannot be read now; there is no report without it.";
        return Err(HttpProblem::new(StatusCode::SERVICE_UNAVAILABLE, why, path));
    };
    let kind = |kind: &'static str| [(header::CONTENT_TYPE, kind)];
    Ok(match format {
        ReportFormat::Json => (kind("application/json"), report.json()).into_response(),
        ReportFormat::Csv => {
            (kind("text/csv; charset=utf-8; header=present"), report.csv()).into_response()
        }
        ReportFormat::Html => {
            let mut response = respond(shared, locale, subject, &report);
            locale::mark(&mut response, locale.lang);
            response
        }
    })
}

impl ReportBody {
    /// A report with this subject as its title.
    pub(in crate::web) fn of(t: Lang, report: &MonthReport, subject: &str) -> Self {
        // Where the time zone begins the month on a day before, in UTC, it is still this month.
        let month = t.month_of(report.from + MIDDLE);
        let clock = |at| t.clock(at, Moment::default());
        let period = [
            ("month", month.as_str().into()),
            ("zone", (&*report.time_zone).into()),
            ("from", clock(report.from).into()),
            ("until", clock(report.until).into()),
        ];
        Self {
            title: t.two("report-title", ("name", subject), ("month", &month)),
            period: tied(&joined([Some(t.with("report-period", period))])),
            incomplete: (!report.complete)
                .then(|| t.one("report-incomplete", "at", clock(report.as_of))),
            sites: report.sites.iter().map(|site| SiteRows::of(t, site)).collect(),
            sha256: report.sha256(),
            version: report.version,
        }
    }
}

/// A duration to the second: `3 h 12 min 5 s`.
fn exactly(t: Lang, seconds: u64) -> String {
    let parts = [
        ("exact-hours", seconds / 3_600),
        ("exact-minutes", seconds / 60 % 60),
        ("exact-seconds", seconds % 60),
    ];
    let shown = parts.iter().filter(|(id, n)| *n > 0 || (*id == "exact-seconds" && seconds == 0));
    shown.map(|(id, n)| t.one(id, "n", *n)).collect::<Vec<_>>().join(" ")
}

fn latency(t: Lang, checks: Option<u64>, of: Latency) -> [(&'static str, Arg<'static>); 5] {
    let words = |millis: f64| t.latency((millis * 1_000.0) as u32).into();
    [
        ("n", checks.unwrap_or_default().into()),
        ("half", words(of.p50_ms)),
        ("most", words(of.p95_ms)),
        ("nearly", words(of.p99_ms)),
        ("longest", words(of.max_ms)),
    ]
}

impl SiteRows {
    fn of(t: Lang, site: &SiteMonth) -> Self {
        let rule = [
            ("interval", every(t, Duration::from_secs(site.interval_seconds)).into()),
            ("timeout", exactly(t, site.timeout_seconds.ceil() as u64).into()),
        ];
        let seconds = |seconds: u64| exactly(t, seconds);
        let other = |of: fn(&Figures) -> u64| site.outside_planned.as_ref().map(|f| seconds(of(f)));
        let row = |id: &str, of: fn(&Figures) -> u64| {
            (t.say(id).into_owned(), seconds(of(&site.figures)), other(of))
        };
        let share = |figures: &Figures| match figures.uptime {
            Some(share) => t.percent(share),
            None => "–".to_owned(),
        };
        let planned = |work: &PlannedStretch| {
            let told =
                if work.announced_before { "report-announced" } else { "report-not-announced" };
            let name = work.name.clone();
            let until = Stamp::end(t, work.until, work.from, Moment::default()).in_utc();
            (Stamp::full(t, work.from).in_utc(), until, name, t.say(told).into_owned())
        };
        Self {
            name: site.name.to_string(),
            url: site.url.clone(),
            rule: tied(&t.with("report-rule", rule)),
            figures: vec![
                (
                    t.say("report-uptime").into_owned(),
                    share(&site.figures),
                    site.outside_planned.as_ref().map(share),
                ),
                row("report-watched", |figures| figures.watched_seconds),
                row("report-unwatched", |figures| figures.unwatched_seconds),
                row("report-down", |figures| figures.down_seconds),
                row("report-partial", |figures| figures.partial_seconds),
                row("report-slow", |figures| figures.slow_seconds),
            ],
            latency: site
                .latency
                .map(|of| tied(&t.with("report-latency", latency(t, site.checks, of)))),
            has_outside: site.outside_planned.is_some(),
            planned: site.planned.iter().map(planned).collect(),
            outages: site.outages.iter().map(|outage| ReportedOutage::of(t, outage)).collect(),
        }
    }
}

impl ReportedOutage {
    fn of(t: Lang, outage: &OutageOfMonth) -> Self {
        let long = |seconds| exactly(t, seconds);
        let word = match outage.ended_at {
            Some(_) => t.past_status(outage.status),
            None => t.status(outage.status),
        };
        Self {
            word: word.into_owned(),
            from: Stamp::full(t, outage.started_at).in_utc(),
            until: outage
                .ended_at
                .map(|at| Stamp::end(t, at, outage.started_at, Moment::default()).in_utc()),
            long: long(outage.seconds),
            planned: (outage.planned_seconds > 0).then(|| long(outage.planned_seconds)),
            why: outage.cause.as_ref().map(|cause| t.brief_cause(cause)).unwrap_or_default(),
            page: outage.page.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_a_report_are_exact() {
        for (seconds, words) in [
            (0, "0 s"),
            (5, "5 s"),
            (60, "1 min"),
            (90, "1 min 30 s"),
            (11_525, "3 h 12 min 5 s"),
            (2_592_000, "720 h"),
        ] {
            assert_eq!(exactly(Lang::En, seconds), words);
        }
        assert_eq!(exactly(Lang::Nl, 3_605), "1 u 5 s");
    }
}
