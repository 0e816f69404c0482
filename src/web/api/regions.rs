//! `GET /api/v1/regions`: the places that sites are looked at from, and the agents there.

use axum::{extract::State, response::Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::{answer, text_formats::Instant};
use crate::{
    agents::{AgentView, protocol::RULES},
    web::cache_control::CacheControl,
};
use model::moment::Moment;

/// Every place that sites are looked at from.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct RegionsPage {
    /// The regions; that of this service itself first.
    regions: Vec<RegionAgents>,
    /// The version of this service's rules of probing: agents with another one do not vote.
    #[schema(example = 1, minimum = 0)]
    rules: u32,
}

/// A place, and who looks from there.
#[derive(Debug, Serialize, ToSchema)]
struct RegionAgents {
    /// The name of the region.
    #[schema(example = "sydney")]
    region: Box<str>,
    /// True if this service looks from there itself.
    #[schema(example = false)]
    own: bool,
    /// The agents that look from there.
    agents: Vec<AgentJson>,
}

/// A prober that reports to this service.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Agent)]
struct AgentJson {
    /// Its name.
    #[schema(example = "sydney-1")]
    name: Box<str>,
    /// The version of its program; null before it said so.
    #[schema(example = "0.1.0")]
    version: Option<Box<str>>,
    /// The version of its rules of probing; null before it said so.
    #[schema(example = 1, minimum = 0)]
    rules: Option<u32>,
    /// Moment when its last result came; null before the first one.
    #[schema(value_type = Option<Instant>)]
    last_seen: Option<Moment>,
    /// Number of sites that it looks at.
    #[schema(example = 12, minimum = 0)]
    sites: usize,
    /// Milliseconds by which our clock is ahead of its own.
    #[schema(example = 3)]
    clock_offset_ms: i64,
    /// True if its checks count for verdicts.
    #[schema(example = true)]
    voting: bool,
    /// Reason why they do not: `clock`, `rules`, `overload`, `network` or `silent`; null while they do.
    #[schema(example = "clock", pattern = "^(clock|rules|overload|network|silent)$")]
    why_not: Option<&'static str>,
}

impl From<AgentView> for AgentJson {
    fn from(view: AgentView) -> Self {
        Self {
            name: view.name.as_str().into(),
            version: view.version,
            rules: view.rules,
            last_seen: view.last_seen,
            sites: view.sites,
            clock_offset_ms: view.clock_offset_ms,
            voting: view.why_not.is_none(),
            why_not: view.why_not.map(model::report::WhyNot::word),
        }
    }
}

/// The regions that sites are looked at from, with the agents there.
pub(in crate::web) async fn list(State(shared): crate::web::AppState) -> Response {
    let own =
        RegionAgents { region: shared.web.region.as_str().into(), own: true, agents: Vec::new() };
    let mut regions = vec![own];
    for view in shared.web.agents.iter().flat_map(crate::agents::Agents::views) {
        let name: Box<str> = view.region.as_str().into();
        // They come in the order of their regions.
        if regions.last().is_none_or(|last| last.own || last.region != name) {
            regions.push(RegionAgents { region: name, own: false, agents: Vec::new() });
        }
        if let Some(last) = regions.last_mut() {
            last.agents.push(view.into());
        }
    }
    answer(CacheControl::ITS_SECOND, &RegionsPage { regions, rules: RULES })
}
