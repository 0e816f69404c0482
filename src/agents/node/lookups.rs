//! Lookups of visitors, by an agent of every other region.

use std::{collections::BTreeSet, time::Duration};

use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

use super::{Agents, News};
use crate::{
    agents::protocol::{LookupJob, LookupLine},
    lookup::{Elsewhere, SeenElsewhere},
};
use model::{
    name::{AgentName, Region},
    target::Target,
};

/// The time that other regions may take.
const PATIENCE: Duration = Duration::from_secs(8);
/// Lookups that wait for one agent to take them, at most.
const MAX_JOBS: usize = 16;
/// Regions that are asked for one lookup at most.
const MAX_REGIONS: usize = 16;

/// A lookup that an agent was asked for.
#[derive(Debug)]
pub(super) struct AskedLookup {
    agent: AgentName,
    region: Region,
    tell: mpsc::Sender<SeenElsewhere>,
}

impl Elsewhere for Agents {
    fn probe(
        &self,
        target: &Target,
        timeout: Duration,
        private: bool,
    ) -> (usize, BoxStream<'static, SeenElsewhere>) {
        let (tell, told) = mpsc::channel(MAX_REGIONS);
        let ids = self.ask(target, timeout, private, &tell);
        drop(tell);
        let (count, asked) = (ids.len(), Asked { agents: self.clone(), ids });
        let until = Instant::now() + PATIENCE;
        let seen = stream::unfold((asked, told), move |(asked, mut told)| async move {
            // The channel closes when every agent that was asked has answered or is forgotten.
            let seen = timeout_at(until, told.recv()).await.ok()??;
            Some((seen, (asked, told)))
        });
        (count, seen.boxed())
    }
}

impl Agents {
    /// Asks an agent of every region that is there; gives the names of the lookups.
    fn ask(
        &self,
        target: &Target,
        timeout: Duration,
        private: bool,
        tell: &mpsc::Sender<SeenElsewhere>,
    ) -> Vec<u64> {
        let now = self.0.parts.clock.now();
        let mut state = self.lock();
        let (mut ids, mut regions) = (Vec::new(), BTreeSet::new());
        let able: Vec<(AgentName, Region)> = state
            .agents
            .iter()
            .filter(|(_, agent)| agent.is_near(now) && agent.why_not().is_none())
            .filter(|(_, agent)| agent.hello.is_some() && agent.jobs.len() < MAX_JOBS)
            .filter(|(_, agent)| regions.insert(agent.region.clone()))
            .map(|(name, agent)| (name.clone(), agent.region.clone()))
            .take(MAX_REGIONS)
            .collect();
        for (name, region) in able {
            state.last_lookup += 1;
            let id = state.last_lookup;
            let timeout_ms = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
            let job = LookupJob { id, url: target.url.as_str().into(), timeout_ms, private };
            if let Some(agent) = state.agents.get_mut(&name) {
                agent.jobs.push(job);
                state.lookups.insert(id, AskedLookup { agent: name, region, tell: tell.clone() });
                ids.push(id);
            }
        }
        drop(state);
        if !ids.is_empty() {
            self.0.changed.send_modify(|count| *count += 1);
        }
        ids
    }

    /// Takes in what an agent saw for a visitor; what it was not asked for is passed over.
    pub(super) fn looked_up(&self, name: &AgentName, line: LookupLine) {
        let mut state = self.lock();
        if state.lookups.get(&line.id).is_some_and(|asked| asked.agent == *name)
            && let Some(AskedLookup { region, tell, .. }) = state.lookups.remove(&line.id)
            && let Some(outcome) = line.outcome
        {
            // The visitor may have left, and has room for one answer per region.
            let _ = tell.try_send(SeenElsewhere { region, outcome });
        }
    }

    /// The lookups that wait for an agent, which are its own from now on.
    pub(super) fn jobs_of(&self, name: &AgentName) -> Option<News> {
        let mut state = self.lock();
        let agent = state.agents.get_mut(name)?;
        let (jobs, tag) = (std::mem::take(&mut agent.jobs), agent.set.tag.clone());
        (!jobs.is_empty()).then_some(News::Lookups(tag, jobs))
    }
}

/// Lookups that were requested; forgotten when their visitors leave.
struct Asked {
    agents: Agents,
    ids: Vec<u64>,
}

impl Drop for Asked {
    fn drop(&mut self) {
        let mut state = self.agents.lock();
        for id in &self.ids {
            if let Some(AskedLookup { agent, .. }) = state.lookups.remove(id)
                && let Some(agent) = state.agents.get_mut(&agent)
            {
                agent.jobs.retain(|job| job.id != *id);
            }
        }
    }
}
