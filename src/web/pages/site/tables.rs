//! The tables of a site's page: uptime, regions, last checks, outages.

use std::borrow::Cow;

use crate::{
    board::CheckSummary,
    i18n::Lang,
    web::{
        extractors::locale::Locale,
        links,
        pages::{
            ago,
            components::{Icon, Stamp, tied},
        },
        views::{
            incidents::seen_from,
            numbers::{WINDOWS, uptimes as shares},
            site::SiteView,
        },
    },
};
use model::verdict::{Outage, Status};

/// Uptime in one window.
pub(super) struct UptimeCell {
    pub(super) window: String,
    pub(super) share: Option<String>,
}

/// View of one region.
pub(super) struct RegionRow {
    pub(super) region: String,
    pub(super) icon: Icon,
    pub(super) class: &'static str,
    pub(super) word: String,
    pub(super) checked: Stamp,
    pub(super) age: String,
    pub(super) latency: String,
    pub(super) saw: String,
    /// Since when, once something is confirmed.
    pub(super) since: Option<Stamp>,
    /// Reason why it has no vote, if so.
    pub(super) why_not: Option<String>,
}

/// One check.
pub(super) struct CheckTableRow {
    pub(super) at: Stamp,
    pub(super) region: String,
    pub(super) saw: String,
    pub(super) failed: bool,
    pub(super) http_status: Option<String>,
    pub(super) latency: Option<String>,
}

/// One outage.
pub(super) struct OutageTableRow {
    pub(super) icon: Icon,
    pub(super) class: &'static str,
    pub(super) word: String,
    pub(super) started: Stamp,
    pub(super) ended: Option<Stamp>,
    pub(super) long: String,
    pub(super) why: Option<String>,
    /// Regions that saw it, where these differ.
    pub(super) regions: Option<String>,
    /// Its own page.
    pub(super) href: String,
    /// Link to the provider event that explains it.
    pub(super) event: Option<String>,
}

/// A tag and the link that filters by it.
pub(super) fn tag(locale: &Locale, tag: &str) -> (String, String) {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let path = format!("/?{}", query.append_pair("tag", tag).finish());
    (locale.lang.tag_name(tag), locale.href(&path))
}

/// The uptime of each window; none while no window was watched for half.
pub(super) fn uptimes(t: Lang, view: &SiteView) -> Vec<UptimeCell> {
    let shares: [Option<f64>; WINDOWS.len()] = shares(&view.live, view.now);
    let cell = |((window, _), share): ((&str, _), Option<f64>)| UptimeCell {
        window: t.say(&format!("uptime-{window}")).into_owned(),
        share: share.map(|share| t.percent(share)),
    };
    // With no figure at all there is nothing to compare.
    let known = shares.iter().any(Option::is_some);
    WINDOWS.into_iter().zip(shares).filter(|_| known).map(cell).collect()
}

pub(super) fn regions(t: Lang, view: &SiteView) -> Vec<RegionRow> {
    let row = |seen: &crate::board::RegionView| {
        let (glance, status) = (CheckSummary::from(&*seen.check), view.seen_status(seen));
        let (checked, age) = ago(t, seen.check.at, view.now);
        RegionRow {
            region: seen.region.to_string(),
            icon: Icon(status),
            class: status.word(),
            word: t.status(status).into_owned(),
            checked,
            age,
            latency: latency(t, &glance).unwrap_or_else(|| none(t)),
            saw: match seen.check.outcome.cause() {
                Some(cause) => t.cause(cause),
                None => saw(t, &glance),
            },
            since: seen
                .since
                .filter(|_| status != Status::Unknown)
                .map(|since| Stamp::new(t, since, view.now)),
            why_not: seen
                .why_not(view.now)
                .map(|why| t.say(&format!("why-not-{}", why.word())).into_owned()),
        }
    };
    // One place alone is nothing that a visitor can compare.
    let several = view.live.regions.len() > 1;
    view.live.regions.iter().filter(|_| several).map(row).collect()
}

pub(super) fn checks(t: Lang, view: &SiteView, recent: &[CheckSummary]) -> Vec<CheckTableRow> {
    let row = |glance: &CheckSummary| CheckTableRow {
        at: Stamp::second_of(t, glance.at, view.now),
        region: glance.region.to_string(),
        saw: saw(t, glance),
        failed: glance.failure.is_some(),
        http_status: glance.http_status.map(|status| status.to_string()),
        latency: latency(t, glance),
    };
    recent.iter().map(row).collect()
}

/// Outages that are shown.
const OUTAGES: usize = 10;

/// The newest of these outages.
pub(super) fn outages(
    locale: &Locale,
    view: &SiteView,
    outages: &[Cow<'_, Outage>],
) -> Vec<OutageTableRow> {
    let t = locale.lang;
    let row = |outage: &Cow<'_, Outage>| {
        let until = outage.ended_at.unwrap_or(view.now);
        OutageTableRow {
            icon: Icon(outage.status),
            class: outage.status.word(),
            word: t.outage_status(outage).into_owned(),
            started: Stamp::new(t, outage.started_at, view.now),
            ended: outage.ended_at.map(|at| Stamp::end(t, at, outage.started_at, view.now)),
            long: tied(&t.duration(until.since(outage.started_at))),
            why: outage.cause.as_ref().map(|cause| t.plain_cause(cause)),
            regions: seen_from(t, view.live.regions.len(), outage),
            href: locale.href(&links::outage(&view.live.site.slug, outage)),
            event: view
                .live
                .put_down_to(outage.started_at)
                .map(|provider| locale.href(&links::event(provider, outage.started_at))),
        }
    };
    outages.iter().take(OUTAGES).map(row).collect()
}

/// Result of a check, in words.
fn saw(t: Lang, glance: &CheckSummary) -> String {
    let words = match glance.failure {
        Some(failure) => t.failure(failure),
        None if glance.restricted => t.say("saw-restricted"),
        None => t.say("saw-answered"),
    };
    match glance.attempts {
        0 | 1 => words.into_owned(),
        attempts => t.two("saw-attempts", ("saw", words), ("n", u64::from(attempts))),
    }
}

/// Only of what was answered: the time that a failure took is no latency.
fn latency(t: Lang, glance: &CheckSummary) -> Option<String> {
    let known = glance.latency.filter(|_| glance.failure.is_none());
    known.map(|micros| t.latency(micros))
}

fn none(t: Lang) -> String {
    t.say("none").into_owned()
}
