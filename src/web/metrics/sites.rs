//! Every site's newest check of every region, under the names of `blackbox_exporter`. What is too old
//! to be evidence is left out: a gap, not a lie.

use std::fmt;

use super::MetricFamilies;
use crate::{
    board::RegionView,
    web::views::{overview::Overview, site::SiteView},
};
use model::{
    outcome::{Failure, HttpVersion},
    verdict::Status,
};

type Labels<'a> = [(&'a str, &'a str); 2];

/// Value of a family for one check; `None` when the check has none.
type Figure = fn(&RegionView) -> Option<f64>;

const FIGURES: [(&str, &str, Figure); 11] = [
    ("probe_success", "Whether the site answered as it should.", |seen| {
        Some(f64::from(u8::from(seen.check.outcome.cause().is_none())))
    }),
    ("probe_duration_seconds", "How long the final attempt took.", |seen| {
        Some(seconds(seen.check.outcome.phases.latency().unwrap_or(0)))
    }),
    ("probe_dns_lookup_time_seconds", "How long the look-up of its name took.", |seen| {
        Some(seconds(seen.check.outcome.phases.dns.unwrap_or(0)))
    }),
    ("probe_http_status_code", "The HTTP status; 0 without a reply.", |seen| {
        Some(f64::from(seen.check.outcome.http_status.unwrap_or(0)))
    }),
    ("probe_http_redirects", "Redirects that were followed.", |seen| {
        Some(f64::from(seen.check.outcome.traces.redirects))
    }),
    ("probe_http_ssl", "Whether the connection was over TLS.", |seen| {
        Some(f64::from(u8::from(seen.check.outcome.phases.tls.is_some())))
    }),
    ("probe_http_version", "The HTTP version of the reply.", |seen| {
        Some(match seen.check.outcome.traces.http_version? {
            HttpVersion::Http10 => 1.0,
            HttpVersion::Http11 => 1.1,
            HttpVersion::Http2 => 2.0,
        })
    }),
    ("probe_failed_due_to_regex", "Whether the body was not what it should be.", |seen| {
        let failure = seen.check.outcome.cause().map(|cause| cause.failure);
        Some(f64::from(u8::from(failure == Some(Failure::Body))))
    }),
    ("probe_ip_protocol", "4 or 6, of the last connection.", |seen| {
        Some(if seen.check.outcome.traces.address?.is_ipv4() { 4.0 } else { 6.0 })
    }),
    ("probe_ssl_earliest_cert_expiry", "When its certificate ends (Unix time).", |seen| {
        Some(seen.check.outcome.traces.certificate_expires_at?.millis() as f64 / 1e3)
    }),
    ("probe_attempts", "Attempts that the check took.", |seen| {
        Some(f64::from(seen.check.attempts))
    }),
];

/// The phases, as they are called there.
const PHASES: [&str; 5] = ["resolve", "connect", "tls", "processing", "transfer"];

/// The figures of all sites.
pub(super) fn encode(families: &mut MetricFamilies<'_>, overview: &Overview) -> fmt::Result {
    let seen: Vec<(Labels<'_>, &RegionView)> = overview.looks.iter().flat_map(fresh).collect();
    for (name, help, figure) in FIGURES {
        let samples = seen.iter().filter_map(|(labels, seen)| Some((*labels, figure(seen)?)));
        families.gauges(name, help, samples)?;
    }
    let phases = seen.iter().flat_map(|([site, region], seen)| {
        let parts = PHASES.into_iter().zip(seen.check.outcome.phases.parts());
        parts.map(|(phase, micros)| {
            ([("phase", phase), *site, *region], seconds(micros.unwrap_or(0)))
        })
    });
    let help = "How long each phase took, redirects included.";
    families.gauges("probe_http_duration_seconds", help, phases)?;
    let known = overview.looks.iter().filter(|look| look.status() != Status::Unknown);
    let is = |status| {
        known.clone().map(move |look| {
            let site = [("site", look.watched.site.slug.as_str())];
            (site, f64::from(u8::from(look.status() == status)))
        })
    };
    let help = "Whether a site is down by verdict; left out when unknown.";
    families.gauges("stillup_site_down", help, is(Status::Down))?;
    let help = "Whether a site is slow by verdict; left out when unknown.";
    families.gauges("stillup_site_slow", help, is(Status::Slow))
}

/// Checks that are still evidence.
fn fresh(look: &SiteView) -> impl Iterator<Item = (Labels<'_>, &RegionView)> {
    let site = ("site", look.watched.site.slug.as_str());
    let regions = look.watched.regions.iter().filter(|seen| look.is_evidence(seen));
    regions.map(move |seen| ([site, ("region", seen.region.as_str())], seen))
}

fn seconds(micros: u32) -> f64 {
    f64::from(micros) / 1e6
}
