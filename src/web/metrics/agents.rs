//! Figures of the agents that report to this service.

use std::fmt;

use crate::{agents::AgentView, prometheus::MetricFamilies};

/// The figures of these agents.
pub(super) fn encode(families: &mut MetricFamilies<'_>, agents: &[AgentView]) -> fmt::Result {
    let labels = |view: &AgentView| {
        [("agent", view.name.as_str().to_owned()), ("region", view.region.as_str().to_owned())]
    };
    let gauge = |figure: fn(&AgentView) -> Option<f64>| {
        agents.iter().filter_map(move |view| Some((labels(view), figure(view)?)))
    };
    let counter =
        |figure: fn(&AgentView) -> u64| agents.iter().map(move |view| (labels(view), figure(view)));
    let help = "Whether an agent's checks count for verdicts.";
    let votes = gauge(|view| Some(f64::from(u8::from(view.why_not.is_none()))));
    families.gauges("stillup_agent_voting", help, votes)?;
    let help = "When an agent's last result came (Unix time); absent before the first.";
    let seen = gauge(|view| Some(view.last_seen?.millis() as f64 / 1e3));
    families.gauges("stillup_agent_seen_timestamp_seconds", help, seen)?;
    let help = "Sites that an agent looks at.";
    families.gauges("stillup_agent_sites", help, gauge(|view| Some(view.sites as f64)))?;
    let help = "Seconds by which our clock is ahead of an agent's.";
    let offset = gauge(|view| Some(view.clock_offset_ms as f64 / 1e3));
    families.gauges("stillup_agent_clock_offset_seconds", help, offset)?;
    let help = "Checks of an agent that were taken since the start.";
    families.counters("stillup_agent_checks_total", help, counter(|view| view.counts.checks))?;
    let help = "Lines of an agent that were refused since the start.";
    families.counters("stillup_agent_refused_total", help, counter(|view| view.counts.refused))?;
    let help = "Checks that an agent says it lost, since the start.";
    families.counters("stillup_agent_lost_total", help, counter(|view| view.counts.lost))
}
