//! The tables of a site's page: uptime, regions, last checks, outages.

use super::super::{ago, bits::Icon, bits::Stamp};
use crate::{
    board::Glance,
    model::{
        moment::Moment,
        name::Region,
        sentence::{cause_words, duration_words, failure_words, latency_words},
        verdict::Outage,
    },
    web::{
        look::Look,
        numbers::{WINDOWS, percent, uptimes as shares},
    },
};

/// Uptime in one window.
pub(super) struct UptimeCell {
    pub(super) window: &'static str,
    pub(super) share: Option<String>,
}

/// What one region saw last.
pub(super) struct RegionRow {
    pub(super) region: String,
    pub(super) icon: Icon,
    pub(super) word: &'static str,
    pub(super) checked: Stamp,
    pub(super) age: String,
    pub(super) latency: String,
    pub(super) saw: String,
}

/// One check.
pub(super) struct CheckRow {
    pub(super) at: Stamp,
    pub(super) region: String,
    pub(super) saw: String,
    pub(super) failed: bool,
    pub(super) http_status: String,
    pub(super) latency: String,
}

/// One outage.
pub(super) struct OutageRow {
    pub(super) icon: Icon,
    pub(super) word: &'static str,
    pub(super) started: Stamp,
    pub(super) ended: Option<Stamp>,
    pub(super) long: String,
    pub(super) why: String,
    pub(super) regions: String,
}

const NONE: &str = "–";

pub(super) fn since(at: Moment, now: Moment) -> (Stamp, String) {
    (Stamp::new(at, now), duration_words(now.since(at)))
}

/// A tag and the link that filters by it.
pub(super) fn tag(tag: &str) -> (String, String) {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    (tag.to_owned(), format!("/?{}", query.append_pair("tag", tag).finish()))
}

pub(super) fn uptimes(look: &Look) -> Vec<UptimeCell> {
    let names = ["24 hours", "7 days", "30 days", "90 days"];
    let shares: [Option<f64>; WINDOWS.len()] = shares(&look.watched, look.now);
    let cell = |(window, share): (_, Option<f64>)| UptimeCell { window, share: share.map(percent) };
    names.into_iter().zip(shares).map(cell).collect()
}

pub(super) fn regions(look: &Look) -> Vec<RegionRow> {
    let row = |seen: &crate::board::Seen| {
        let (glance, status) = (Glance::from(&*seen.check), look.seen_status(seen));
        let (checked, age) = ago(seen.check.at, look.now);
        RegionRow {
            region: seen.region.to_string(),
            icon: Icon(status),
            word: status.word(),
            checked,
            age,
            latency: latency(&glance),
            saw: seen.check.outcome.cause().map_or_else(|| saw(&glance), cause_words),
        }
    };
    look.watched.regions.iter().map(row).collect()
}

pub(super) fn checks(look: &Look) -> Vec<CheckRow> {
    let row = |glance: Glance| CheckRow {
        at: Stamp::second_of(glance.at, look.now),
        region: glance.region.to_string(),
        saw: saw(&glance),
        failed: glance.failure.is_some(),
        http_status: glance.http_status.map_or_else(|| NONE.to_owned(), |s| s.to_string()),
        latency: latency(&glance),
    };
    look.watched.recent.iter().map(row).collect()
}

pub(super) fn outages(look: &Look) -> Vec<OutageRow> {
    let row = |outage: &Outage| {
        let until = outage.ended_at.unwrap_or(look.now);
        let regions: Vec<&str> = outage.regions.iter().map(Region::as_str).collect();
        OutageRow {
            icon: Icon(outage.status),
            word: outage.status.word(),
            started: Stamp::new(outage.started_at, look.now),
            ended: outage.ended_at.map(|at| Stamp::new(at, look.now)),
            long: duration_words(until.since(outage.started_at)),
            why: outage.cause.as_ref().map_or_else(|| NONE.to_owned(), cause_words),
            regions: regions.join(", "),
        }
    };
    look.watched.outages.iter().map(row).collect()
}

/// What a check saw, in words.
fn saw(glance: &Glance) -> String {
    let words = match glance.failure {
        Some(failure) => failure_words(failure),
        None if glance.restricted => "it answered, and turned us away",
        None => "it answered",
    };
    match glance.attempts {
        0 | 1 => words.to_owned(),
        attempts => format!("{words}, after {attempts} attempts"),
    }
}

/// Only of what was answered: the time that a failure took is no latency.
fn latency(glance: &Glance) -> String {
    let known = glance.latency.filter(|_| glance.failure.is_none());
    known.map_or_else(|| NONE.to_owned(), latency_words)
}
