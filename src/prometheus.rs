//! Figures in Prometheus' text format, with the names that `blackbox_exporter` gave those of checks.

mod checks;

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

pub use self::checks::{CheckLabels, encode_checks};

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
