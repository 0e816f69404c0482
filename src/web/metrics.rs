//! `/metrics`: our own figures and those of the sites, in Prometheus' text format.
//!
//! All of it is read from memory at each scrape: the board, counters, and the meters of other modules.
//! Sites are shown one by one under the names of `blackbox_exporter`, so that dashboards and alarms made
//! for it go on; with too many sites they are left out, and a figure says so.

mod agents;
mod service;
mod sites;

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use prometheus_client::{
    collector::Collector,
    encoding::{
        DescriptorEncoder, EncodeLabelSet, NoLabelSet,
        prometheus_text::{self, CONTENT_TYPE},
    },
    metrics::MetricType,
    registry::Registry,
};

use super::{Shared, views::overview::Overview};

/// `GET /metrics`
pub(super) async fn metrics(State(shared): super::AppState) -> Response {
    let mut registry = Registry::default();
    shared.requests.register(&mut registry);
    registry.register_collector(Box::new(Scrape(shared)));
    let mut text = String::new();
    if prometheus_text::encode(&mut text, &registry).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response()
}

/// Reads at each scrape what is not counted here: board, meters, sites.
#[derive(Debug)]
struct Scrape(Arc<Shared>);

impl Collector for Scrape {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let (shared, mut families) = (&*self.0, MetricFamilies(encoder));
        let overview = Overview::now(shared);
        service::encode(&mut families, &overview)?;
        service::checks(&mut families, &shared.web.board.tallies())?;
        shared.web.meters.encode(&mut families)?;
        if let Some(agents) = &shared.web.agents {
            agents::encode(&mut families, &agents.views())?;
        }
        service::channels(&mut families, &shared.web.board.channels())?;
        let shown = overview.looks.len() <= shared.web.metrics_sites;
        let help = "Whether probe_* figures of sites follow.";
        families.gauge("stillup_sites_shown", help, f64::from(u8::from(shown)))?;
        if shown { sites::encode(&mut families, &overview) } else { Ok(()) }
    }
}

/// The families of a scrape, written one after the other.
struct MetricFamilies<'a>(DescriptorEncoder<'a>);

impl MetricFamilies<'_> {
    /// A gauge without labels.
    fn gauge(&mut self, name: &str, help: &str, value: f64) -> fmt::Result {
        self.gauges(name, help, [([("", ""); 0], value)])
    }

    /// A gauge with a sample for each of these labels.
    fn gauges<L: EncodeLabelSet>(
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
    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        self.counters(name, help, [([("", ""); 0], value)])
    }

    /// A counter with a sample for each of these labels.
    fn counters<L: EncodeLabelSet>(
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
    fn histograms<L: EncodeLabelSet>(
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

/// Kind of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// It only grows; its name ends in `_total`.
    Counter,
    /// It goes up and down.
    Gauge,
}

/// Reads a figure; `None` when there is none any more.
type Read = Box<dyn Fn() -> Option<f64> + Send + Sync>;

struct Meter {
    name: &'static str,
    kind: MetricKind,
    help: &'static str,
    read: Read,
}

/// Figures of other modules, which are shown without knowing what they are.
#[derive(Default)]
pub struct Meters {
    all: RwLock<Vec<Meter>>,
}

impl Meters {
    /// Adds a meter. `name` must be of no other figure; `read` must be quick and never wait.
    pub fn add(
        &self,
        name: &'static str,
        kind: MetricKind,
        help: &'static str,
        read: impl Fn() -> Option<f64> + Send + Sync + 'static,
    ) {
        let meter = Meter { name, kind, help, read: Box::new(read) };
        self.all.write().unwrap_or_else(PoisonError::into_inner).push(meter);
    }

    fn encode(&self, families: &mut MetricFamilies<'_>) -> fmt::Result {
        for meter in self.all.read().unwrap_or_else(PoisonError::into_inner).iter() {
            let Some(value) = (meter.read)() else { continue };
            match meter.kind {
                MetricKind::Counter => families.counter(meter.name, meter.help, value as u64)?,
                MetricKind::Gauge => families.gauge(meter.name, meter.help, value)?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Meters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_list().entries(all.iter().map(|meter| meter.name)).finish()
    }
}
