//! The node's end: the known agents, their state, and the sites assigned to them.
//!
//! Everything is in memory. The agents that may report come from Postgres and stay known while that
//! is away. Nothing here judges: reports go to the pipeline with the moment of their arrival.

mod agent_state;
mod intake;
mod lookups;
mod refresh;
mod sharing;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hashlink::LruCache;
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc, watch},
    time::{Instant, timeout_at},
};

pub use self::{
    agent_state::{AgentCounts, AgentView},
    intake::{BatchRefusal, ReportBatch},
};
use self::{
    agent_state::{AgentState, Greeting, vote_of},
    lookups::AskedLookup,
    sharing::{SiteSet, owner_of},
};
use super::protocol::{Hello, LookupJob, MAX_WAIT, PROTOCOL, Welcome};
use crate::{
    board::Board,
    pipeline::{HeardReports, Rechecks},
    store::{AgentRow, AgentToken},
    token::{Token, TokenKind},
};
use model::{
    moment::Moment,
    name::{AgentName, Region},
    report::{Report, ReportContent, WhyNot},
    site::Sites,
};
use prober::clock::Clock;

/// Letters of a version or of the name of a run at most.
const MAX_WORD: usize = 64;
/// Ids of unknown tokens that are remembered.
const MAX_UNKNOWN_TOKENS: usize = 1_024;

/// Parts of the node's end.
#[derive(Debug)]
pub struct NodeParts {
    /// Region of the node's own prober.
    pub region: Region,
    /// Board, which shows regions that may have retired.
    pub board: Arc<Board>,
    /// Gives moments.
    pub clock: Clock,
    /// The sites in force.
    pub sites: watch::Receiver<Sites>,
    /// Queue of the pipeline.
    pub heard: mpsc::Sender<HeardReports>,
    /// Rechecks that the judge requests.
    pub rechecks: Arc<Rechecks>,
    /// The id of the token by which this node is an agent of its peers: it is none of its own.
    pub own_token: Option<Box<str>>,
}

/// The agents of a node. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Agents(Arc<AgentRegistry>);

#[derive(Debug)]
struct AgentRegistry {
    parts: NodeParts,
    started: Moment,
    state: Mutex<State>,
    /// Held while it is reported whether a region has a vote: the newest word comes last.
    reporting: tokio::sync::Mutex<()>,
    /// Counts changes of what any agent is to look at.
    changed: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    /// True once Postgres has been read for the agents.
    known: bool,
    agents: BTreeMap<AgentName, AgentState>,
    /// Agent and hash of the token with this id.
    tokens: HashMap<Box<str>, (AgentName, [u8; 32])>,
    /// Beginning of the last read of them.
    known_at: Moment,
    /// Unknown ids with their first sight: a token may be newer than the read.
    unknown_tokens: UnknownTokens,
    /// Reasons why regions have no vote, as reported to the pipeline.
    reported_votes: BTreeMap<Region, Result<(), WhyNot>>,
    /// Lookups that agents were asked for, and the number of the last one.
    lookups: HashMap<u64, AskedLookup>,
    last_lookup: u64,
    /// The catalogue that the sets were made of.
    sites: Option<Sites>,
}

/// Reason why an agent is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Its token is not known: it never will be let in with it.
    Token,
    /// The tokens are not known yet.
    NotYet,
}

/// An agent that is let in, and the id of the token that it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// Its name.
    pub name: AgentName,
    /// The part of its token that is no secret.
    pub token: Box<str>,
}

/// New assignments of an agent.
#[derive(Clone, Debug)]
pub enum News {
    /// Another set of sites.
    Sites(Arc<SiteSet>),
    /// The sites that have this tag, and addresses to look at once.
    Lookups(Box<str>, Vec<LookupJob>),
    /// Nothing that it does not have.
    Same,
}

/// Ids of tokens that are not known, and when each was first seen.
#[derive(Debug)]
struct UnknownTokens(LruCache<Box<str>, Moment>);

impl Default for UnknownTokens {
    fn default() -> Self {
        Self(LruCache::new(MAX_UNKNOWN_TOKENS))
    }
}

impl UnknownTokens {
    fn first_seen(&mut self, id: &str, now: Moment) -> Moment {
        *self.0.entry(id.into()).or_insert(now)
    }
}

impl Agents {
    /// The agents of a node, none of which is known yet.
    pub fn new(parts: NodeParts) -> Self {
        let (started, state) = (parts.clock.now(), Mutex::default());
        let (reporting, changed) = (tokio::sync::Mutex::default(), watch::Sender::new(0));
        Self(Arc::new(AgentRegistry { parts, started, state, reporting, changed }))
    }

    /// The agent with this token.
    ///
    /// # Errors
    /// Fails when there is none, or the tokens are not known yet.
    pub fn of_token(&self, text: &str) -> Result<Admitted, Denied> {
        let mut state = self.lock();
        if !state.known {
            return Err(Denied::NotYet);
        }
        let token = Token::read(TokenKind::Agent, text).ok_or(Denied::Token)?;
        let Some((name, sha256)) = state.tokens.get(token.id()) else {
            let now = self.0.parts.clock.now();
            let since = state.unknown_tokens.first_seen(token.id(), now);
            return Err(if state.known_at > since { Denied::Token } else { Denied::NotYet });
        };
        if token.sha256() != *sha256 {
            return Err(Denied::Token);
        }
        Ok(Admitted { name: name.clone(), token: token.id().into() })
    }

    /// Takes a greeting in.
    ///
    /// # Errors
    /// Fails with a sentence when this agent cannot work with this node.
    pub fn greet(&self, name: &AgentName, hello: &Hello) -> Result<Welcome, String> {
        if hello.protocol != PROTOCOL {
            return Err(format!(
                "This node speaks version {PROTOCOL} of the protocol, and this agent version {}: run the \
                 same release of stillup on both.",
                hello.protocol
            ));
        }
        let now = self.0.parts.clock.now();
        let mut state = self.lock();
        let agent = state.agents.get_mut(name).ok_or("This agent was removed.")?;
        if let Some(theirs) = hello.region.as_ref().filter(|region| **region != agent.region) {
            return Err(format!(
                "This token is of an agent in {}, and it is used in {theirs}: add an agent there.",
                agent.region
            ));
        }
        let word = |text: &str| text.chars().filter(|c| !c.is_control()).take(MAX_WORD).collect();
        let (version, boot) = (word(&hello.version), word(&hello.boot));
        let greeting = Greeting { version, boot, rules: hello.rules, private: hello.private };
        tracing::info!(agent = %name, region = %agent.region, version = %greeting.version, "an agent says hello");
        let boot = greeting.boot.clone();
        let before = agent.hello.replace(greeting).map(|before| before.boot);
        if let Some(before) = before.filter(|before| *before != boot) {
            agent.run_before = Some(before);
        }
        agent.heard_at = Some(now);
        let region = agent.region.clone();
        drop(state);
        self.share_out();
        Ok(Welcome { agent: name.clone(), region, now, traces_patch: true })
    }

    /// Room for a batch, to be held while it is read and taken; `None` while there is none.
    pub fn room_for_batch(&self, name: &AgentName) -> Option<OwnedSemaphorePermit> {
        let batches = self.lock().agents.get(name)?.batches.clone();
        batches.try_acquire_owned().ok()
    }

    /// Room for a request that waits for other sites, to be held as long as it does; `None` while there is none.
    pub fn room_to_wait(&self, name: &AgentName) -> Option<OwnedSemaphorePermit> {
        let waiting = self.lock().agents.get(name)?.waiting.clone();
        waiting.try_acquire_owned().ok()
    }

    /// Takes in what an exchange says of an agent's clock.
    pub fn clock_of(&self, name: &AgentName, theirs: Moment, round_trip_ms: u32) {
        let now = self.0.parts.clock.now();
        if let Some(agent) = self.lock().agents.get_mut(name) {
            agent.offset.heard(now, theirs, round_trip_ms);
            agent.heard_at = Some(now);
        }
    }

    /// Takes in whether an agent says that it cannot keep up.
    pub fn set_overloaded(&self, name: &AgentName, overloaded: bool) {
        if let Some(agent) = self.lock().agents.get_mut(name) {
            agent.overloaded = overloaded;
        }
    }

    /// Forgets what was known of an agent's clock, when another run of it begins.
    pub fn forget_clock(&self, name: &AgentName) {
        if let Some(agent) = self.lock().agents.get_mut(name) {
            agent.offset.forget();
        }
    }

    /// The assignments of an agent, when they are not those with this tag; waits for new ones at
    /// most this long.
    pub async fn news(&self, name: &AgentName, tag: Option<&str>, wait: Duration) -> Option<News> {
        let until = Instant::now() + wait.min(MAX_WAIT);
        let mut changed = self.0.changed.subscribe();
        loop {
            changed.mark_unchanged();
            {
                let state = self.lock();
                // An agent without a greeting since our start gets none: its rules are not known.
                let agent = state.agents.get(name).filter(|agent| agent.hello.is_some())?;
                if tag != Some(&*agent.set.tag) {
                    return Some(News::Sites(agent.set.clone()));
                }
            }
            if let Some(jobs) = self.jobs_of(name) {
                return Some(jobs);
            }
            if !matches!(timeout_at(until, changed.changed()).await, Ok(Ok(()))) {
                return Some(News::Same);
            }
        }
    }

    /// Every agent, in the order of regions and names.
    pub fn views(&self) -> Vec<AgentView> {
        let now = self.0.parts.clock.now();
        let state = self.lock();
        let mut views: Vec<_> = state.agents.iter().map(|(name, a)| a.view(name, now)).collect();
        views.sort_by(|one, other| (&one.region, &one.name).cmp(&(&other.region, &other.name)));
        views
    }

    /// Takes the known agents, as a read that began then has them; one that was removed, and a region
    /// without any agent, end at once.
    pub(super) async fn set_known(&self, rows: Vec<AgentRow>, read_at: Moment) {
        let retired = {
            let mut state = self.lock();
            (state.known, state.known_at) = (true, read_at);
            state.tokens.clear();
            let mut old = std::mem::take(&mut state.agents);
            let own = |token: &AgentToken| Some(&token.id) == self.0.parts.own_token.as_ref();
            for AgentRow { name, region, tokens, clock_correction_ms, seen, .. } in rows {
                if tokens.iter().any(own) {
                    continue;
                }
                for token in tokens {
                    state.tokens.insert(token.id, (name.clone(), token.sha256));
                }
                let known = old.remove(&name).filter(|agent| agent.region == region);
                let mut agent = known.unwrap_or_else(|| AgentState::new(region));
                agent.offset.adopt(clock_correction_ms);
                agent.kept_correction = clock_correction_ms;
                agent.seen_at = seen.map(|seen| seen.at);
                state.agents.insert(name, agent);
            }
            let State { agents, reported_votes, .. } = &mut *state;
            let gone = |region: &&Region| !agents.values().any(|agent| agent.region == **region);
            let retired: Vec<Region> = reported_votes.keys().filter(gone).cloned().collect();
            reported_votes.retain(|region, _| !retired.contains(region));
            retired
        };
        // Whoever waits for other sites and was removed is told so.
        self.0.changed.send_modify(|count| *count += 1);
        for region in retired {
            self.retire(region).await;
        }
    }

    /// Ends the regions that the board has from an earlier run and that nobody looks from any more.
    pub(super) async fn retire_leftovers(&self) {
        let mut shown = self.0.parts.board.regions();
        shown.remove(&self.0.parts.region);
        {
            let state = self.lock();
            if !state.known {
                return;
            }
            shown.retain(|region| !state.agents.values().any(|agent| agent.region == *region));
        }
        for region in shown {
            self.retire(region).await;
        }
    }

    async fn retire(&self, region: Region) {
        tracing::info!(%region, "no prober is left in this region");
        self.tell(region, ReportContent::Retired).await;
    }

    /// Corrections of clocks that Postgres does not have yet.
    pub(super) fn new_corrections(&self) -> Vec<(AgentName, i64)> {
        let state = self.lock();
        let agents = state.agents.iter();
        agents
            .filter(|(_, agent)| agent.offset.correction() != agent.kept_correction)
            .map(|(name, agent)| (name.clone(), agent.offset.correction()))
            .collect()
    }

    /// Shares out the sites, and decides which regions have a vote; reports changes to the
    /// pipeline.
    pub(super) async fn settle(&self) {
        self.share_out();
        let regions: BTreeSet<Region> =
            self.lock().agents.values().map(|agent| agent.region.clone()).collect();
        for region in regions {
            self.report_vote(&region).await;
        }
    }

    /// Reports to the pipeline whether a region has a vote, if that is new. It is done before each batch, so
    /// that no check is judged which its region may not be heard for.
    pub(super) async fn report_vote(&self, region: &Region) {
        // Here the node looks itself, whatever becomes of agents beside it.
        if *region == self.0.parts.region {
            return;
        }
        let now = self.0.parts.clock.now();
        let _one_at_a_time = self.0.reporting.lock().await;
        let new = {
            let mut state = self.lock();
            let State { agents, reported_votes, .. } = &mut *state;
            let mine = agents.values().filter(|agent| agent.region == *region);
            vote_of(mine, now).filter(|vote| {
                reported_votes.insert(region.clone(), *vote).unwrap_or(Ok(())) != *vote
            })
        };
        if let Some(vote) = new {
            self.tell(region.clone(), ReportContent::Voting(vote.err())).await;
        }
    }

    async fn tell(&self, region: Region, content: ReportContent) {
        let heard = Some(self.0.parts.clock.now());
        let report = Report { region, heard, content };
        // A closed channel means that the service is ending.
        drop(self.0.parts.heard.send(HeardReports::own(report)).await);
    }

    // A poisoned lock guards figures and names, each of which is whole: going on is better.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
