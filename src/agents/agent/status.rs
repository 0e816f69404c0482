//! `/healthz`, `/readyz` and `/metrics` of an agent, on an address of this machine alone.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use axum::{Json, Router, extract::State, response::Response, routing::get};
use prometheus_client::{collector::Collector, encoding::DescriptorEncoder, registry::Registry};
use serde::Serialize;
use tokio::{net::TcpListener, sync::watch};

use crate::prometheus::{self, CheckLabels, MetricFamilies, encode_checks};
use model::{
    check::Check,
    name::{Region, Slug},
    report::Overload,
    site::Sites,
};
use prober::scheduler::SchedulerStats;

/// Sites that are shown one by one at most.
const MAX_SHOWN: usize = 2_000;

/// Counters of an agent.
#[derive(Debug, Default)]
pub struct AgentStats {
    /// Lines that nodes have taken.
    pub acknowledged: AtomicU64,
    /// Lines that nodes refused.
    pub refused: AtomicU64,
    /// Lines that were lost, since they were too old or too many.
    pub lost: AtomicU64,
    /// Checks that were made.
    pub checks: AtomicU64,
    /// Bytes that wait for a node.
    pub waiting: AtomicU64,
    /// Turns of the schedule, and whether it is kept.
    pub turns: Arc<SchedulerStats>,
    /// The newest check of each site that is shown.
    last: Mutex<HashMap<Slug, Check>>,
}

impl AgentStats {
    /// Takes a check in.
    pub(super) fn saw(&self, check: &Check) {
        self.checks.fetch_add(1, Relaxed);
        let mut known = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get_mut(&check.slug) {
            known.clone_from(check);
        } else if known.len() < MAX_SHOWN {
            known.insert(check.slug.clone(), check.clone());
        }
    }
}

/// State of the handlers.
type StatusState = (watch::Receiver<Option<(Region, Sites)>>, Arc<AgentStats>);

/// Serves until it is dropped.
pub(super) async fn serve(
    listener: TcpListener,
    chosen: watch::Receiver<Option<(Region, Sites)>>,
    stats: Arc<AgentStats>,
) {
    let router = Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state((chosen, stats));
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!(%error, "health and metrics cannot be served");
    }
}

/// Answer of `/readyz`.
#[derive(Debug, Serialize)]
struct AgentReadiness {
    status: &'static str,
    sites: usize,
    reasons: Vec<String>,
}

/// `GET /readyz`: readiness, with the reasons why it is less than whole.
async fn readyz(State((chosen, stats)): State<StatusState>) -> Json<AgentReadiness> {
    let sites = chosen.borrow().as_ref().map(|(_, sites)| sites.len());
    Json(readiness(sites, stats.turns.overload()))
}

/// The readiness of an agent with so many sites, `None` as long as no node has assigned any.
fn readiness(sites: Option<usize>, overload: Option<Overload>) -> AgentReadiness {
    let waits = sites.is_none().then(|| "no node has assigned sites yet".to_owned());
    let overloaded = overload.map(|overload| overload.to_string());
    let reasons: Vec<String> = waits.into_iter().chain(overloaded).collect();
    let status = if reasons.is_empty() { "ready" } else { "degraded" };
    AgentReadiness { status, sites: sites.unwrap_or(0), reasons }
}

async fn metrics(State((chosen, stats)): State<StatusState>) -> Response {
    let chosen = chosen.borrow().clone();
    prometheus::respond(&registry(chosen, stats))
}

fn registry(chosen: Option<(Region, Sites)>, stats: Arc<AgentStats>) -> Registry {
    let (region, sites) =
        chosen.map_or_else(Default::default, |(region, sites)| (region.as_str().to_owned(), sites));
    let mut registry = Registry::default();
    registry.register_collector(Box::new(AgentFigures { region, sites, stats }));
    registry
}

/// The figures at a moment.
#[derive(Debug)]
struct AgentFigures {
    /// Empty while no node knows the agent.
    region: String,
    sites: Sites,
    stats: Arc<AgentStats>,
}

impl Collector for AgentFigures {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let (mut families, stats) = (MetricFamilies(encoder), &self.stats);
        let labels = [("region", self.region.as_str())];
        for (name, help, value) in [
            ("stillup_agent_sites", "Sites that are probed.", self.sites.len() as u64),
            (
                "stillup_agent_outbox_bytes",
                "Bytes in the outboxes that no node has acknowledged.",
                stats.waiting.load(Relaxed),
            ),
            (
                "stillup_agent_overloaded",
                "1 while the agent cannot keep up: scheduled checks are skipped or late, or its event loop is.",
                u64::from(stats.turns.overload().is_some()),
            ),
        ] {
            families.gauges(name, help, [(labels, value as f64)])?;
        }
        for (name, help, value) in [
            ("stillup_agent_checks_total", "Checks that were made.", &stats.checks),
            ("stillup_agent_acknowledged_total", "Lines that nodes accepted.", &stats.acknowledged),
            ("stillup_agent_refused_total", "Lines that nodes refused.", &stats.refused),
            (
                "stillup_agent_lost_total",
                "Lines lost, since they were too old or too many.",
                &stats.lost,
            ),
            (
                "stillup_agent_turns_skipped_total",
                "Scheduled checks that were skipped.",
                &stats.turns.skipped,
            ),
        ] {
            families.counters(name, help, [(labels, value.load(Relaxed))])?;
        }
        let mut last = stats.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() == MAX_SHOWN {
            // Sites that are not looked at any more make room for others.
            let assigned: HashSet<&Slug> = self.sites.iter().map(|site| &site.slug).collect();
            last.retain(|slug, _| assigned.contains(slug));
        }
        let shown: Vec<(CheckLabels<'_>, &Check)> = self
            .sites
            .iter()
            .filter_map(|site| Some((site, last.get(&site.slug)?)))
            .map(|(site, check)| ([("site", site.slug.as_str()), labels[0]], check))
            .collect();
        encode_checks(&mut families, &shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{
        moment::Moment,
        outcome::{Failure, Outcome},
        site::Site,
    };

    #[test]
    fn the_figures_name_the_region_and_only_sites_that_are_looked_at() {
        let (slug, gone) = (Slug::new("a.example").unwrap(), Slug::new("b.example").unwrap());
        let region = Region::new("sydney").unwrap();
        let stats = Arc::new(AgentStats::default());
        for slug in [&slug, &gone] {
            stats.saw(&Check {
                slug: slug.clone(),
                region: region.clone(),
                at: Moment::from_millis(0),
                outcome: Outcome::failed(Failure::Dns, "as told"),
                attempts: 1,
            });
        }
        let text = |chosen| {
            let mut text = String::new();
            let registry = registry(chosen, stats.clone());
            prometheus_client::encoding::prometheus_text::encode(&mut text, &registry).unwrap();
            text
        };
        let site = Site::new(slug, "https://a.example/".parse().unwrap());
        let all = text(Some((region, [Arc::new(site)].into())));
        for line in [
            "stillup_agent_sites{region=\"sydney\"} 1",
            "stillup_agent_checks_total{region=\"sydney\"} 2",
            "stillup_agent_overloaded{region=\"sydney\"} 0",
            "probe_success{site=\"a.example\",region=\"sydney\"} 0",
            "probe_attempts{site=\"a.example\",region=\"sydney\"} 1",
        ] {
            assert!(all.contains(&format!("{line}\n")), "{all}");
        }
        assert!(!all.contains("b.example"));
        assert!(text(None).contains("stillup_agent_sites{region=\"\"} 0\n"));
    }

    #[test]
    fn readyz_says_that_it_waits_for_sites_or_cannot_keep_up() {
        let since = Moment::from_millis(0);
        let overload = Overload { since, turns: 100, behind: 40, lag_percent: 7 };
        for (sites, overload, status, reasons) in [
            (Some(3), None, "ready", 0),
            (None, None, "degraded", 1),
            (Some(3), Some(overload), "degraded", 1),
        ] {
            let told = readiness(sites, overload);
            assert_eq!((told.status, told.reasons.len()), (status, reasons), "{told:?}");
        }
        let told = readiness(Some(3), Some(overload)).reasons.remove(0);
        assert!(told.contains("of 100 checks in the last minute 40"), "{told}");
    }
}
