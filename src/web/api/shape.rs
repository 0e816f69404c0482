//! `Site` and its parts as the contract has them.

use serde::Serialize;

use crate::{
    board::Seen,
    model::{moment::Moment, name::Region, outcome::Phases, verdict::Status},
    web::{
        look::Look,
        numbers::{WINDOWS, millis, uptimes},
        provider::{Provider, provider},
    },
};

/// A site.
#[derive(Debug, Serialize)]
pub(in crate::web) struct Site<'a> {
    slug: &'a str,
    name: &'a str,
    url: &'a str,
    status: Status,
    restricted: bool,
    since: Option<Moment>,
    summary: String,
    cause: Option<&'a crate::model::outcome::Cause>,
    checked_at: Option<Moment>,
    fresh: bool,
    latency_ms: Option<f64>,
    usual_latency_ms: Option<f64>,
    http_status: Option<u16>,
    certificate_expires_at: Option<Moment>,
    provider: Option<Provider<'a>>,
    tags: &'a [Box<str>],
    uptime: Uptime,
    regions: Vec<SeenFrom<'a>>,
}

/// Uptime by window.
#[derive(Debug, Serialize)]
struct Uptime {
    #[serde(rename = "24h")]
    day: Option<f64>,
    #[serde(rename = "7d")]
    week: Option<f64>,
    #[serde(rename = "30d")]
    month: Option<f64>,
    #[serde(rename = "90d")]
    quarter: Option<f64>,
}

const _: () = assert!(WINDOWS.len() == 4);

/// What one region saw last.
#[derive(Debug, Serialize)]
struct SeenFrom<'a> {
    region: &'a Region,
    status: Status,
    checked_at: Moment,
    latency_ms: Option<f64>,
    phases: PhasesMs,
    http_status: Option<u16>,
    cause: Option<&'a crate::model::outcome::Cause>,
}

/// Phases in milliseconds.
#[derive(Debug, Serialize)]
pub(in crate::web) struct PhasesMs {
    #[serde(rename = "dns_ms")]
    dns: Option<f64>,
    #[serde(rename = "connect_ms")]
    connect: Option<f64>,
    #[serde(rename = "tls_ms")]
    tls: Option<f64>,
    #[serde(rename = "wait_ms")]
    wait: Option<f64>,
    #[serde(rename = "transfer_ms")]
    transfer: Option<f64>,
}

impl<'a> Site<'a> {
    /// The site of this look.
    pub(in crate::web) fn of(look: &'a Look) -> Self {
        let (watched, verdict) = (&*look.watched, look.verdict());
        let site = &*watched.site;
        let [day, week, month, quarter] = uptimes(watched, look.now);
        Self {
            slug: site.slug.as_str(),
            name: &site.name,
            url: site.url.as_str(),
            status: verdict.status,
            restricted: verdict.restricted,
            since: verdict.since,
            summary: look.summary(),
            cause: verdict.cause.as_ref(),
            checked_at: watched.checked_at(),
            fresh: look.fresh,
            latency_ms: watched.latency().map(millis),
            usual_latency_ms: watched.usual.map(millis),
            http_status: watched.last().and_then(|check| check.outcome.http_status),
            certificate_expires_at: watched.certificate_expires_at(),
            provider: watched.provider().map(provider),
            tags: &site.tags,
            uptime: Uptime { day, week, month, quarter },
            regions: watched.regions.iter().map(|seen| SeenFrom::of(look, seen)).collect(),
        }
    }
}

impl<'a> SeenFrom<'a> {
    fn of(look: &Look, seen: &'a Seen) -> Self {
        let outcome = &seen.check.outcome;
        let answered = outcome.cause().is_none();
        Self {
            region: &seen.region,
            status: look.seen_status(seen),
            checked_at: seen.check.at,
            latency_ms: outcome.phases.latency().filter(|_| answered).map(millis),
            phases: PhasesMs::of(&outcome.phases),
            http_status: outcome.http_status,
            cause: outcome.cause(),
        }
    }
}

impl PhasesMs {
    pub(in crate::web) fn of(phases: &Phases) -> Self {
        let [dns, connect, tls, wait, transfer] = phases.parts().map(|part| part.map(millis));
        Self { dns, connect, tls, wait, transfer }
    }
}
