//! Assignments of sites to agents, as the text that each gets.

use std::{collections::BTreeMap, sync::Arc};

use xxhash_rust::xxh3::xxh3_128;

use super::{Agents, State, agent_state::AgentState};
use crate::agents::{
    protocol::Assignment,
    share::{SILENT, who},
};
use model::{
    moment::Moment,
    name::{AgentName, Region, Slug},
    report::WhyNot,
    site::{Site, Sites},
};

/// Level of the compression: a set rarely changes and is read once.
const LEVEL: i32 = 3;

/// A set of sites, as an agent gets it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteSet {
    /// The hash of its content.
    pub tag: Box<str>,
    /// Number of sites.
    pub count: usize,
    /// The JSON of an [`Assignment`], compressed with zstd.
    pub body: Arc<[u8]>,
}

impl SiteSet {
    fn of(sites: Vec<Site>) -> Self {
        let count = sites.len();
        let assignment = Assignment { sites: Some(sites), lookups: Vec::new() };
        // Plain data always has its JSON, and memory takes what is written.
        let text = serde_json::to_vec(&assignment).unwrap_or_default();
        let tag = format!("\"{:032x}\"", xxh3_128(&text)).into();
        let body = zstd::encode_all(&text[..], LEVEL).unwrap_or_default().into();
        Self { tag, count, body }
    }
}

impl Agents {
    /// Shares out the sites; agents that wait for another set are woken.
    pub(super) fn share_out(&self) {
        let now = self.0.parts.clock.now();
        let sites = self.0.parts.sites.borrow().clone();
        let begins = now.since(self.0.started) <= SILENT;
        let changed = self.lock().share_out(&sites, now, begins);
        if changed {
            self.0.changed.send_modify(|count| *count += 1);
        }
    }
}

impl State {
    /// Assigns each agent its sites; returns whether any assignment changed. While the node begins,
    /// every agent that reports has a share at once.
    fn share_out(&mut self, sites: &Sites, now: Moment, begins: bool) -> bool {
        let mut regions: BTreeMap<Region, Vec<AgentName>> = BTreeMap::new();
        for (name, agent) in &self.agents {
            regions.entry(agent.region.clone()).or_default().push(name.clone());
        }
        let same = self.sites.as_ref().is_some_and(|known| Arc::ptr_eq(known, sites));
        self.sites = Some(sites.clone());
        let mut changed = false;
        for names in regions.into_values() {
            let sharing = self.sharing(&names, now, begins);
            for name in &names {
                let Some(agent) = self.agents.get_mut(name) else { continue };
                let shared =
                    if sharing.iter().any(|(of, _)| of == name) { &sharing[..] } else { &[] };
                if same && agent.shared == shared {
                    continue;
                }
                agent.shared = shared.to_vec();
                let mine = sites.iter().filter(|site| owner(site, shared) == Some(name));
                let set = SiteSet::of(mine.map(|site| Site::clone(site)).collect());
                if set.tag != agent.set.tag {
                    agent.set = Arc::new(set);
                    changed = true;
                }
            }
        }
        changed
    }

    /// Those of a region's agents that have a share, and whether they may look at private addresses.
    fn sharing(
        &mut self,
        names: &[AgentName],
        now: Moment,
        begins: bool,
    ) -> Vec<(AgentName, bool)> {
        let is_there = |agent: &AgentState| agent.hello.is_some() && agent.is_near(now);
        let good = |state: &Self, name: &AgentName| {
            state.agents.get(name).is_some_and(|agent| {
                // One that cannot keep up goes on: its share would overload the others in turn.
                is_there(agent) && agent.why_not().is_none_or(|why| why == WhyNot::Overload)
            })
        };
        let any_good = names.iter().any(|name| good(self, name));
        let able: Vec<&AgentName> = names
            .iter()
            .filter(|name| {
                if any_good {
                    good(self, name)
                } else {
                    // Those that do not vote go on: their checks are recorded.
                    self.agents.get(*name).is_some_and(is_there)
                }
            })
            .collect();
        let mut sharing = Vec::new();
        for alone in [false, true] {
            for name in &able {
                let Some(agent) = self.agents.get_mut(*name) else { continue };
                let private = agent.hello.as_ref().is_some_and(|hello| hello.private);
                if agent.presence.settle(now, alone || begins) {
                    sharing.push(((*name).clone(), private));
                }
            }
            if !sharing.is_empty() {
                break;
            }
        }
        sharing
    }
}

/// The agent that checks a site: one that may, where its address may be private. A site whose request
/// has a secret of this node is checked from here alone.
pub(super) fn owner<'a>(site: &Site, sharing: &'a [(AgentName, bool)]) -> Option<&'a AgentName> {
    if site.request.is_confidential() {
        return None;
    }
    let able = sharing.iter().filter(|(_, private)| *private || !site.private);
    who(&site.slug, able.map(|(name, _)| name))
}

/// The agent of a region that checks this site.
pub(super) fn owner_of(state: &State, region: &Region, slug: &Slug) -> Option<AgentName> {
    let mut agents = state.agents.values().filter(|agent| agent.region == *region);
    let sharing = agents.find(|agent| !agent.shared.is_empty())?.shared.iter();
    who(slug, sharing.map(|(name, _)| name)).cloned()
}
