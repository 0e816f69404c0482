//! The node's end: the known agents, their state, and the sites assigned to them.
//!
//! Everything is in memory. The agents that may report come from Postgres and stay known while that
//! is away. Nothing here judges: reports go to the pipeline with the moment of their arrival.

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
    sync::{mpsc, watch},
    time::{Instant, timeout_at},
};

pub use self::intake::{BatchRefusal, ReportBatch};
use self::lookups::AskedLookup;
use self::sharing::{SiteSet, owner_of};
use super::{
    clock_offset::ClockOffset,
    protocol::{Hello, LookupJob, MAX_WAIT, PROTOCOL, RULES, Welcome},
    share::Presence,
};
use crate::{
    pipeline::{HeardReports, Rechecks},
    store::AgentRow,
    token::{Token, TokenKind},
};
use model::{
    moment::Moment,
    name::{AgentName, Region, Slug},
    report::{Report, ReportContent, WhyNot},
    site::Sites,
};
use prober::clock::Clock;

/// Letters of a version or of the name of a run at most.
const MAX_WORD: usize = 64;
/// Ids of unknown tokens that are remembered.
const MAX_STRANGERS: usize = 1_024;

/// Parts of the node's end.
#[derive(Debug)]
pub struct NodeParts {
    /// Gives moments.
    pub clock: Clock,
    /// The sites in force.
    pub sites: watch::Receiver<Sites>,
    /// Queue of the pipeline.
    pub heard: mpsc::Sender<HeardReports>,
    /// Rechecks that the judge requests.
    pub rechecks: Arc<Rechecks>,
}

/// The agents of a node. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Agents(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    parts: NodeParts,
    started: Moment,
    state: Mutex<State>,
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
    strangers: Strangers,
    /// Reasons why regions have no vote, as reported to the pipeline.
    told: BTreeMap<Region, Result<(), WhyNot>>,
    /// Lookups that agents were asked for, and the number of the last one.
    lookups: HashMap<u64, AskedLookup>,
    last_lookup: u64,
    /// The catalogue that the sets were made of.
    sites: Option<Sites>,
}

/// State of an agent.
#[derive(Debug)]
struct AgentState {
    region: Region,
    hello: Option<Greeting>,
    offset: ClockOffset,
    presence: Presence,
    /// Moment of its last message of any kind.
    heard_at: Option<Moment>,
    set: Arc<SiteSet>,
    /// The agents of its region that share the sites, itself included, and whether each may probe
    /// private addresses; empty while it has no share.
    shared: Vec<(AgentName, bool)>,
    again: BTreeSet<Slug>,
    /// Lookups that it has not taken yet.
    jobs: Vec<LookupJob>,
    /// Guards the order of its lines: the run that numbers them, and the last number that is kept.
    line: Arc<tokio::sync::Mutex<(Box<str>, u64)>>,
    counts: AgentCounts,
}

/// Facts of an agent's greeting.
#[derive(Clone, Debug)]
struct Greeting {
    version: Box<str>,
    rules: u32,
    private: bool,
}

/// Counts of an agent's lines since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgentCounts {
    /// Checks that were taken.
    pub checks: u64,
    /// Lines that were refused.
    pub refused: u64,
    /// Lines that it lost itself.
    pub lost: u64,
}

/// View of an agent for people and programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentView {
    /// Its name.
    pub name: AgentName,
    /// Its region.
    pub region: Region,
    /// Version of its program; `None` before its greeting.
    pub version: Option<Box<str>>,
    /// Moment of its last result.
    pub last_seen: Option<Moment>,
    /// Number of sites assigned to it.
    pub sites: usize,
    /// Milliseconds by which our clock is ahead of its own.
    pub clock_offset_ms: i64,
    /// Reason why its checks do not count for verdicts; `None`: they do.
    pub why_not: Option<WhyNot>,
    /// Counts of its lines.
    pub counts: AgentCounts,
}

/// Reason why an agent is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Its token is not known: it never will be let in with it.
    Token,
    /// The tokens are not known yet.
    NotYet,
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
struct Strangers(LruCache<Box<str>, Moment>);

impl Default for Strangers {
    fn default() -> Self {
        Self(LruCache::new(MAX_STRANGERS))
    }
}

impl Strangers {
    fn first_seen(&mut self, id: &str, now: Moment) -> Moment {
        *self.0.entry(id.into()).or_insert(now)
    }
}

impl Agents {
    /// The agents of a node, none of which is known yet.
    pub fn new(parts: NodeParts) -> Self {
        let (started, state) = (parts.clock.now(), Mutex::default());
        Self(Arc::new(Inner { parts, started, state, changed: watch::Sender::new(0) }))
    }

    /// The agent with this token.
    ///
    /// # Errors
    /// Fails when there is none, or the tokens are not known yet.
    pub fn of_token(&self, text: &str) -> Result<AgentName, Denied> {
        let mut state = self.lock();
        if !state.known {
            return Err(Denied::NotYet);
        }
        let token = Token::read(TokenKind::Agent, text).ok_or(Denied::Token)?;
        let Some((name, sha256)) = state.tokens.get(token.id()) else {
            let now = self.0.parts.clock.now();
            let since = state.strangers.first_seen(token.id(), now);
            return Err(if state.known_at > since { Denied::Token } else { Denied::NotYet });
        };
        if token.sha256() == *sha256 { Ok(name.clone()) } else { Err(Denied::Token) }
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
        let version = hello.version.chars().filter(|c| !c.is_control()).take(MAX_WORD).collect();
        let greeting = Greeting { version, rules: hello.rules, private: hello.private };
        tracing::info!(agent = %name, region = %agent.region, version = %greeting.version, "an agent says hello");
        agent.hello = Some(greeting);
        agent.heard_at = Some(now);
        let region = agent.region.clone();
        drop(state);
        self.share_out();
        Ok(Welcome { agent: name.clone(), region, now })
    }

    /// Takes in what an exchange says of an agent's clock.
    pub fn clock_of(&self, name: &AgentName, theirs: Moment, round_trip_ms: u32) {
        let now = self.0.parts.clock.now();
        if let Some(agent) = self.lock().agents.get_mut(name) {
            agent.offset.heard(now, theirs, round_trip_ms);
            agent.heard_at = Some(now);
        }
    }

    /// Forgets what was known of an agent's clock, when another run of it begins.
    pub fn forget_clock(&self, name: &AgentName) {
        if let Some(agent) = self.lock().agents.get_mut(name) {
            agent.offset = ClockOffset::default();
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
            for AgentRow { name, region, tokens, .. } in rows {
                for token in tokens {
                    state.tokens.insert(token.id, (name.clone(), token.sha256));
                }
                let known = old.remove(&name).filter(|agent| agent.region == region);
                let agent = known.unwrap_or_else(|| AgentState::new(region));
                state.agents.insert(name, agent);
            }
            let State { agents, told, .. } = &mut *state;
            let gone = |region: &&Region| !agents.values().any(|agent| agent.region == **region);
            let retired: Vec<Region> = told.keys().filter(gone).cloned().collect();
            told.retain(|region, _| !retired.contains(region));
            retired
        };
        // Whoever waits for other sites and was removed is told so.
        self.0.changed.send_modify(|count| *count += 1);
        for region in retired {
            tracing::info!(%region, "nobody looks from this region any more");
            self.tell(region, ReportContent::Retired).await;
        }
    }

    /// Shares out the sites, and decides which regions have a vote; reports changes to the
    /// pipeline.
    pub(super) async fn settle(&self) {
        self.share_out();
        let now = self.0.parts.clock.now();
        let told: Vec<(Region, Result<(), WhyNot>)> = {
            let mut state = self.lock();
            let State { agents, told, .. } = &mut *state;
            let regions: BTreeSet<Region> = agents.values().map(|a| a.region.clone()).collect();
            let votes = regions.into_iter().filter_map(|region| {
                let mine = agents.values().filter(|agent| agent.region == region);
                Some((region.clone(), vote_of(mine, now)?))
            });
            votes
                .filter(|(region, vote)| told.insert(region.clone(), *vote) != Some(*vote))
                .collect()
        };
        for (region, vote) in told {
            self.tell(region, ReportContent::Voting(vote.err())).await;
        }
    }

    async fn tell(&self, region: Region, content: ReportContent) {
        let heard = Some(self.0.parts.clock.now());
        let report = Report { region, heard, content };
        let (reports, _kept) = HeardReports::new(vec![report]);
        // A closed way means that the service is ending.
        drop(self.0.parts.heard.send(reports).await);
    }

    // A poisoned lock guards figures and names, each of which is whole: going on is better.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The vote of a region with these agents, or the reason why it has none; `None` while none of them
/// reports.
fn vote_of<'a>(
    agents: impl Iterator<Item = &'a AgentState>,
    now: Moment,
) -> Option<Result<(), WhyNot>> {
    let reasons: Vec<_> = agents
        .filter(|agent| agent.hello.is_some() && agent.is_near(now))
        .map(AgentState::why_not)
        .collect();
    let first = *reasons.first()?;
    Some(if reasons.contains(&None) { Ok(()) } else { first.map_or(Ok(()), Err) })
}

impl AgentState {
    fn new(region: Region) -> Self {
        Self {
            region,
            hello: None,
            offset: ClockOffset::default(),
            presence: Presence::default(),
            heard_at: None,
            set: Arc::default(),
            shared: Vec::new(),
            again: BTreeSet::new(),
            jobs: Vec::new(),
            line: Arc::default(),
            counts: AgentCounts::default(),
        }
    }

    /// Reason why none of its checks can count.
    fn why_not(&self) -> Option<WhyNot> {
        let other_rules = self.hello.as_ref().is_some_and(|hello| hello.rules != RULES);
        if other_rules {
            return Some(WhyNot::Rules);
        }
        self.offset.is_wrong().then_some(WhyNot::Clock)
    }

    /// Returns whether a message of any kind came lately.
    fn is_near(&self, now: Moment) -> bool {
        self.heard_at.is_some_and(|at| now.since(at) <= super::share::SILENT)
    }

    fn view(&self, name: &AgentName, now: Moment) -> AgentView {
        let silent = self.presence.is_silent(now).then_some(WhyNot::Silent);
        AgentView {
            name: name.clone(),
            region: self.region.clone(),
            version: self.hello.as_ref().map(|hello| hello.version.clone()),
            last_seen: self.presence.last(),
            sites: self.set.count,
            clock_offset_ms: self.offset.median(),
            why_not: self.why_not().or(silent),
            counts: self.counts,
        }
    }
}

#[cfg(test)]
mod tests;
