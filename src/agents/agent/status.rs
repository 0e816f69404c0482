//! `/healthz` and `/metrics` of an agent, on an address of this machine alone.

use std::{
    collections::HashMap,
    fmt::Write,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use axum::{Router, extract::State, response::IntoResponse, routing::get};
use http::header;
use tokio::{net::TcpListener, sync::watch};

use model::{
    check::Check,
    name::{Region, Slug},
    site::Sites,
};

/// Value of a metric for a check.
type CheckMetric = fn(&ShownCheck) -> f64;
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
    last: Mutex<HashMap<Slug, ShownCheck>>,
}

/// The newest check of a site.
#[derive(Clone, Copy, Debug)]
struct ShownCheck {
    success: bool,
    latency_us: u32,
    http_status: u16,
}

impl AgentStats {
    /// Takes a check in.
    pub(super) fn saw(&self, check: &Check) {
        self.checks.fetch_add(1, Relaxed);
        let last = ShownCheck {
            success: check.outcome.cause().is_none(),
            latency_us: check.outcome.phases.latency().unwrap_or(0),
            http_status: check.outcome.http_status.unwrap_or(0),
        };
        let mut known = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get_mut(&check.slug) {
            *known = last;
        } else if known.len() < MAX_SHOWN {
            known.insert(check.slug.clone(), last);
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
        .route("/metrics", get(metrics))
        .with_state((chosen, stats));
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!(%error, "health and metrics cannot be served");
    }
}

async fn metrics(State((chosen, stats)): State<StatusState>) -> impl IntoResponse {
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    let chosen = chosen.borrow().clone();
    ([(header::CONTENT_TYPE, kind)], text(chosen, &stats))
}

/// The figures, as Prometheus reads them.
fn text(chosen: Option<(Region, Sites)>, stats: &AgentStats) -> String {
    let mut text = String::new();
    let (region, sites) = chosen.map_or((String::new(), Sites::default()), |(region, sites)| {
        (region.as_str().to_owned(), sites)
    });
    let figures = [
        ("stillup_agent_sites", "gauge", "Sites that are looked at.", sites.len() as u64),
        (
            "stillup_agent_checks_total",
            "counter",
            "Checks that were made.",
            stats.checks.load(Relaxed),
        ),
        (
            "stillup_agent_acknowledged_total",
            "counter",
            "Lines that nodes have taken.",
            stats.acknowledged.load(Relaxed),
        ),
        (
            "stillup_agent_refused_total",
            "counter",
            "Lines that nodes refused.",
            stats.refused.load(Relaxed),
        ),
        (
            "stillup_agent_lost_total",
            "counter",
            "Lines that were lost, too old or too many.",
            stats.lost.load(Relaxed),
        ),
        (
            "stillup_agent_outbox_bytes",
            "gauge",
            "Bytes that wait for a node.",
            stats.waiting.load(Relaxed),
        ),
    ];
    for (name, kind, help, value) in figures {
        head(&mut text, name, kind, help);
        // Writing to memory cannot fail, here and below.
        let _ = writeln!(text, "{name}{{region=\"{region}\"}} {value}");
    }
    sites_text(&mut text, &region, &sites, stats);
    text
}

/// The newest check of every site.
fn sites_text(text: &mut String, region: &str, sites: &Sites, stats: &AgentStats) {
    let last = stats.last.lock().unwrap_or_else(PoisonError::into_inner);
    let shown: Vec<(&Slug, &ShownCheck)> =
        sites.iter().filter_map(|site| last.get_key_value(&site.slug)).collect();
    let families: [(&str, &str, CheckMetric); 3] = [
        ("probe_success", "Whether the site answered as it should.", |last| {
            f64::from(u8::from(last.success))
        }),
        ("probe_duration_seconds", "How long the final attempt took.", |last| {
            f64::from(last.latency_us) / 1e6
        }),
        ("probe_http_status_code", "The HTTP status; 0 without a reply.", |last| {
            f64::from(last.http_status)
        }),
    ];
    for (name, help, figure) in families {
        head(text, name, "gauge", help);
        for (slug, last) in &shown {
            // Neither has a letter that would have to be escaped.
            let _ =
                writeln!(text, "{name}{{region=\"{region}\",site=\"{slug}\"}} {}", figure(last));
        }
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
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
        let stats = AgentStats::default();
        for slug in [&slug, &gone] {
            stats.saw(&Check {
                slug: slug.clone(),
                region: region.clone(),
                at: Moment::from_millis(0),
                outcome: Outcome::failed(Failure::Dns, "as told"),
                attempts: 1,
            });
        }
        let site = Site::new(slug, "https://a.example/".parse().unwrap());
        let text = text(Some((region, [Arc::new(site)].into())), &stats);
        for line in [
            "stillup_agent_sites{region=\"sydney\"} 1",
            "stillup_agent_checks_total{region=\"sydney\"} 2",
            "probe_success{region=\"sydney\",site=\"a.example\"} 0",
        ] {
            assert!(text.contains(&format!("{line}\n")), "{text}");
        }
        assert!(!text.contains("b.example"));
        assert!(super::text(None, &stats).contains("stillup_agent_sites{region=\"\"} 0\n"));
    }
}
