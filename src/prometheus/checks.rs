//! The newest check of a site and region, under the names of `blackbox_exporter`, so that dashboards
//! and alarms made for it go on.

use std::fmt;

use super::MetricFamilies;
use model::{
    check::Check,
    outcome::{Failure, HttpVersion},
};

/// Names and values of the labels of a check.
pub type CheckLabels<'a> = [(&'a str, &'a str); 2];

/// Value of a family for one check; `None` when the check has none.
type Figure = fn(&Check) -> Option<f64>;

const FIGURES: [(&str, &str, Figure); 11] = [
    ("probe_success", "Whether the site answered as it should.", |check| {
        Some(f64::from(u8::from(check.outcome.cause().is_none())))
    }),
    ("probe_duration_seconds", "How long the final attempt took.", |check| {
        Some(seconds(check.outcome.phases.latency().unwrap_or(0)))
    }),
    ("probe_dns_lookup_time_seconds", "How long the look-up of its name took.", |check| {
        Some(seconds(check.outcome.phases.dns.unwrap_or(0)))
    }),
    ("probe_http_status_code", "The HTTP status; 0 without a reply.", |check| {
        Some(f64::from(check.outcome.http_status.unwrap_or(0)))
    }),
    ("probe_http_redirects", "Redirects that were followed.", |check| {
        Some(f64::from(check.outcome.traces.redirects))
    }),
    ("probe_http_ssl", "Whether the connection was over TLS.", |check| {
        Some(f64::from(u8::from(check.outcome.phases.tls.is_some())))
    }),
    ("probe_http_version", "The HTTP version of the reply.", |check| {
        Some(match check.outcome.traces.http_version? {
            HttpVersion::Http10 => 1.0,
            HttpVersion::Http11 => 1.1,
            HttpVersion::Http2 => 2.0,
        })
    }),
    ("probe_failed_due_to_regex", "Whether the body was not what it should be.", |check| {
        let failure = check.outcome.cause().map(|cause| cause.failure);
        Some(f64::from(u8::from(failure == Some(Failure::Body))))
    }),
    ("probe_ip_protocol", "4 or 6, of the last connection.", |check| {
        Some(if check.outcome.traces.address?.is_ipv4() { 4.0 } else { 6.0 })
    }),
    ("probe_ssl_earliest_cert_expiry", "When its certificate ends (Unix time).", |check| {
        Some(check.outcome.traces.certificate_expires_at?.millis() as f64 / 1e3)
    }),
    ("probe_attempts", "Attempts that the check took.", |check| Some(f64::from(check.attempts))),
];

/// The phases, as they are called there.
const PHASES: [&str; 5] = ["resolve", "connect", "tls", "processing", "transfer"];

/// The figures of these checks.
///
/// # Errors
/// Fails when the text takes no more.
pub fn encode_checks(
    families: &mut MetricFamilies<'_>,
    checks: &[(CheckLabels<'_>, &Check)],
) -> fmt::Result {
    for (name, help, figure) in FIGURES {
        let samples = checks.iter().filter_map(|(labels, check)| Some((*labels, figure(check)?)));
        families.gauges(name, help, samples)?;
    }
    let phases = checks.iter().flat_map(|([one, other], check)| {
        let parts = PHASES.into_iter().zip(check.outcome.phases.parts());
        parts
            .map(|(phase, micros)| ([("phase", phase), *one, *other], seconds(micros.unwrap_or(0))))
    });
    let help = "How long each phase took, redirects included.";
    families.gauges("probe_http_duration_seconds", help, phases)
}

fn seconds(micros: u32) -> f64 {
    f64::from(micros) / 1e6
}
