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

use axum::{extract::State, response::Response};
use prometheus_client::{collector::Collector, encoding::DescriptorEncoder, registry::Registry};

use super::{Shared, views::overview::Overview};
use crate::prometheus::{self, MetricFamilies};

/// `GET /metrics`
pub(super) async fn metrics(State(shared): super::AppState) -> Response {
    let mut registry = Registry::default();
    shared.requests.register(&mut registry);
    registry.register_collector(Box::new(ServiceFigures(shared)));
    prometheus::respond(&registry)
}

/// Reads at each scrape what is not counted here: board, meters, sites.
#[derive(Debug)]
struct ServiceFigures(Arc<Shared>);

impl Collector for ServiceFigures {
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

/// Kind of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// It only grows; its name ends in `_total`.
    Counter,
    /// It goes up and down.
    Gauge,
}

/// Reads a figure; `None` when there is none any more.
type ReadFigure = Box<dyn Fn() -> Option<f64> + Send + Sync>;

struct Meter {
    name: &'static str,
    kind: MetricKind,
    help: &'static str,
    read: ReadFigure,
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
