//! Figures in Prometheus' text format, with the names that `blackbox_exporter` gave those of checks.

use std::fmt;

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use prometheus_client::{
    encoding::{
        DescriptorEncoder, EncodeLabelSet, NoLabelSet,
        prometheus_text::{self, CONTENT_TYPE},
    },
    metrics::MetricType,
    registry::Registry,
};

use model::{
    check::Check,
    outcome::{Failure, HttpVersion},
};

/// The families of a scrape, written one after the other.
#[derive(Debug)]
pub struct MetricFamilies<'a>(pub DescriptorEncoder<'a>);

/// The response with all that is in a registry.
pub fn respond(registry: &Registry) -> Response {
    let mut text = String::new();
    if prometheus_text::encode(&mut text, registry).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response()
}

impl MetricFamilies<'_> {
    /// A gauge without labels.
    pub fn gauge(&mut self, name: &str, help: &str, value: f64) -> fmt::Result {
        self.gauges(name, help, [([("", ""); 0], value)])
    }

    /// A gauge with a sample for each of these labels.
    pub fn gauges<L: EncodeLabelSet>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (L, f64)>,
    ) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for (labels, value) in samples {
            let mut sample = family.encode_family(&labels)?;
            // Whole numbers are written as such.
            if value.fract() == 0.0 && value.abs() < 1e15 {
                sample.encode_gauge(&(value as i64))?;
            } else {
                sample.encode_gauge(&value)?;
            }
        }
        Ok(())
    }

    /// A counter without labels. Its name ends in `_total`.
    pub fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        self.counters(name, help, [([("", ""); 0], value)])
    }

    /// A counter with a sample for each of these labels.
    pub fn counters<L: EncodeLabelSet>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (L, u64)>,
    ) -> fmt::Result {
        // The encoder writes the ending itself.
        let name = name.strip_suffix("_total").unwrap_or(name);
        let mut family = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (labels, value) in samples {
            let mut sample = family.encode_family(&labels)?;
            sample.encode_counter::<NoLabelSet, u64, u64>(&value, None)?;
        }
        Ok(())
    }

    /// A histogram with a sample for each of these labels: its sum, and the buckets with their upper
    /// edges, the last of which is infinite.
    pub fn histograms<L: EncodeLabelSet>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (L, f64, Vec<(f64, u64)>)>,
    ) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, None, MetricType::Histogram)?;
        for (labels, sum, buckets) in samples {
            let count = buckets.iter().map(|(_, count)| count).sum();
            let mut sample = family.encode_family(&labels)?;
            sample.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)?;
        }
        Ok(())
    }
}

/// Names and values of the labels of a check.
pub type CheckLabels<'a> = [(&'a str, &'a str); 2];

/// Value of a family for one check; `None` when the check has none.
type Figure = fn(&Check) -> Option<f64>;

const FIGURES: [(&str, &str, Figure); 11] = [
    ("probe_success", "1 if the site answered as expected, else 0.", |check| {
        Some(f64::from(u8::from(check.outcome.cause().is_none())))
    }),
    ("probe_duration_seconds", "Duration of the final attempt.", |check| {
        Some(seconds(check.outcome.phases.latency().unwrap_or(0)))
    }),
    ("probe_dns_lookup_time_seconds", "Duration of the DNS lookup.", |check| {
        Some(seconds(check.outcome.phases.dns.unwrap_or(0)))
    }),
    ("probe_http_status_code", "The HTTP status; 0 without a reply.", |check| {
        Some(f64::from(check.outcome.http_status.unwrap_or(0)))
    }),
    ("probe_http_redirects", "Redirects that were followed.", |check| {
        Some(f64::from(check.outcome.traces.redirects))
    }),
    ("probe_http_ssl", "1 if the connection was over TLS, else 0.", |check| {
        Some(f64::from(u8::from(check.outcome.phases.tls.is_some())))
    }),
    ("probe_http_version", "The HTTP version of the reply.", |check| {
        Some(match check.outcome.traces.http_version? {
            HttpVersion::Http10 => 1.0,
            HttpVersion::Http11 => 1.1,
            HttpVersion::Http2 => 2.0,
        })
    }),
    ("probe_failed_due_to_regex", "1 if the body was not as expected, else 0.", |check| {
        let failure = check.outcome.cause().map(|cause| cause.failure);
        Some(f64::from(u8::from(failure == Some(Failure::Body))))
    }),
    ("probe_ip_protocol", "4 or 6, of the last connection.", |check| {
        Some(if check.outcome.traces.address?.is_ipv4() { 4.0 } else { 6.0 })
    }),
    ("probe_ssl_earliest_cert_expiry", "Unix time at which the certificate expires.", |check| {
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
    let help = "Duration of each phase, redirects included.";
    families.gauges("probe_http_duration_seconds", help, phases)
}

fn seconds(micros: u32) -> f64 {
    f64::from(micros) / 1e6
}
