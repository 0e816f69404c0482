//! The report on a month as a page: in the frame of the others, or as a file of its own.

use std::time::Duration;

use askama::Template;
use axum::response::Response;

use super::{components::Stamp, layout::Layout, site::every};
use crate::{
    i18n::{Arg, Lang},
    web::{
        Shared,
        extractors::locale::Locale,
        month_report::{Figures, Latency, MonthReport, OutageOfMonth, PlannedStretch, SiteMonth},
    },
};
use model::moment::Moment;

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

/// The page of a site's report.
pub(in crate::web) fn respond(
    shared: &Shared,
    locale: &Locale,
    name: &str,
    report: &MonthReport,
) -> Response {
    let t = locale.lang;
    let body = ReportBody::of(t, report, name);
    let layout = Layout::hidden(shared, locale, body.title.clone(), body.period.clone());
    let path = format!("{}?month={}&time_zone={}", locale.path(), report.month, report.time_zone);
    let layout = Layout { path, ..layout };
    super::page(t, &ReportPage { layout, t, body })
}

impl ReportBody {
    /// A report with this subject as its title.
    pub(in crate::web) fn of(t: Lang, report: &MonthReport, subject: &str) -> Self {
        // Where the time zone begins the month on a day before, in UTC, it is still this month.
        let month = t.month_of(report.from + MIDDLE);
        let period = [
            ("month", month.as_str().into()),
            ("zone", (&*report.time_zone).into()),
            ("from", clock(report.from).into()),
            ("until", clock(report.until).into()),
        ];
        Self {
            title: t.two("report-title", ("name", subject), ("month", &month)),
            period: t.with("report-period", period),
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

fn clock(at: Moment) -> String {
    at.to_utc().strftime("%Y-%m-%d %H:%M UTC").to_string()
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
            let until = Stamp::end(t, work.until, work.from, Moment::default());
            (Stamp::full(t, work.from), until, name, t.say(told).into_owned())
        };
        Self {
            name: site.name.to_string(),
            url: site.url.clone(),
            rule: t.with("report-rule", rule),
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
            latency: site.latency.map(|of| t.with("report-latency", latency(t, site.checks, of))),
            has_outside: site.outside_planned.is_some(),
            planned: site.planned.iter().map(planned).collect(),
            outages: site.outages.iter().map(|outage| ReportedOutage::of(t, outage)).collect(),
        }
    }
}

impl ReportedOutage {
    fn of(t: Lang, outage: &OutageOfMonth) -> Self {
        let long = |seconds| exactly(t, seconds);
        Self {
            word: t.say(&format!("status-{}", outage.status.word())).into_owned(),
            from: Stamp::full(t, outage.started_at),
            until: outage
                .ended_at
                .map(|at| Stamp::end(t, at, outage.started_at, Moment::default())),
            long: long(outage.seconds),
            planned: (outage.planned_seconds > 0).then(|| long(outage.planned_seconds)),
            why: outage.detail.clone().unwrap_or_default(),
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
