//! `/metrics`: our own figures and those of the sites, in Prometheus' text format.
//!
//! All of it is read from memory at each scrape: the board, counters, and the meters of other modules.
//! Sites are shown one by one under the names of `blackbox_exporter`, so that dashboards and alarms made
//! for it go on; with too many sites they are left out, and a figure says so.

mod service;

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use axum::{extract::State, response::Response};
use prometheus_client::{collector::Collector, encoding::DescriptorEncoder, registry::Registry};

use super::{
    Shared,
    views::{overview::Overview, site::SiteView},
};
use crate::{
    agents::AgentView,
    prometheus::{self, CheckLabels, MetricFamilies, encode_checks},
};
use model::{check::Check, verdict::Status};

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
        service::encode(&mut families, &overview, shared.web.operator.files_not_taken())?;
        service::checks(&mut families, &shared.web.board.tallies())?;
        shared.web.meters.encode(&mut families)?;
        if let Some(agents) = &shared.web.agents {
            encode_agents(&mut families, &agents.views())?;
        }
        service::channels(&mut families, &shared.web.board.channels())?;
        let shown = overview.views.len() <= shared.web.metrics_sites;
        let help = "1 if probe_* figures of single sites follow, 0 if there are too many sites.";
        families.gauge("stillup_sites_shown", help, f64::from(u8::from(shown)))?;
        if shown { encode_sites(&mut families, &overview) } else { Ok(()) }
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

/// The figures of these agents.
fn encode_agents(families: &mut MetricFamilies<'_>, agents: &[AgentView]) -> fmt::Result {
    let labels = |view: &AgentView| {
        [("agent", view.name.as_str().to_owned()), ("region", view.region.as_str().to_owned())]
    };
    let gauge = |figure: fn(&AgentView) -> Option<f64>| {
        agents.iter().filter_map(move |view| Some((labels(view), figure(view)?)))
    };
    let counter =
        |figure: fn(&AgentView) -> u64| agents.iter().map(move |view| (labels(view), figure(view)));
    let help = "1 if an agent's checks count for verdicts, else 0.";
    let votes = gauge(|view| Some(f64::from(u8::from(view.why_not.is_none()))));
    families.gauges("stillup_agent_voting", help, votes)?;
    let help = "Unix time of an agent's last result; absent before the first.";
    let seen = gauge(|view| Some(view.last_seen?.millis() as f64 / 1e3));
    families.gauges("stillup_agent_seen_timestamp_seconds", help, seen)?;
    let help = "Sites that an agent probes.";
    families.gauges("stillup_agent_sites", help, gauge(|view| Some(view.sites as f64)))?;
    let help = "Seconds by which our clock is ahead of an agent's.";
    let offset = gauge(|view| Some(view.clock_offset_ms as f64 / 1e3));
    families.gauges("stillup_agent_clock_offset_seconds", help, offset)?;
    let help = "Checks of an agent that were accepted since the start.";
    families.counters("stillup_agent_checks_total", help, counter(|view| view.counts.checks))?;
    let help = "Lines of an agent that were refused since the start.";
    families.counters("stillup_agent_refused_total", help, counter(|view| view.counts.refused))?;
    let help = "Checks that an agent says it lost, since the start.";
    families.counters("stillup_agent_lost_total", help, counter(|view| view.counts.lost))
}

/// Every site's newest check of every region. What is too old to be evidence is left out: a gap, not a
/// lie.
fn encode_sites(families: &mut MetricFamilies<'_>, overview: &Overview) -> fmt::Result {
    let seen: Vec<(CheckLabels<'_>, &Check)> = overview.views.iter().flat_map(fresh).collect();
    encode_checks(families, &seen)?;
    let known = overview.views.iter().filter(|view| view.status() != Status::Unknown);
    let is = |status| {
        known.clone().map(move |view| {
            let site = [("site", view.live.site.slug.as_str())];
            (site, f64::from(u8::from(view.status() == status)))
        })
    };
    let help = "1 if a site is down by verdict, else 0; absent while unknown.";
    families.gauges("stillup_site_down", help, is(Status::Down))?;
    let help = "1 if a site is slow by verdict, else 0; absent while unknown.";
    families.gauges("stillup_site_slow", help, is(Status::Slow))
}

/// Checks that are still evidence.
fn fresh(view: &SiteView) -> impl Iterator<Item = (CheckLabels<'_>, &Check)> {
    let site = ("site", view.live.site.slug.as_str());
    let regions = view.live.regions.iter().filter(|seen| view.is_evidence(seen));
    regions.map(move |seen| ([site, ("region", seen.region.as_str())], &*seen.check))
}
