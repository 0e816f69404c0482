//! The state of one agent at a node, and its right to count for verdicts.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::sync::Semaphore;

use super::sharing::SiteSet;
use crate::agents::{
    clock_offset::ClockOffset,
    known_traces::KnownTraces,
    protocol::{LookupJob, RULES},
    share::{Presence, SILENT},
};
use model::{
    moment::Moment,
    name::{AgentName, Region, Slug},
    report::WhyNot,
};

/// Batches of an agent that are read at a time: it sends one after the other, and again where an answer was
/// lost.
const MAX_BATCHES: usize = 2;
/// Requests of an agent that wait for other sites at a time: it sends one, and again where its line broke.
const MAX_WAITING: usize = 8;
/// Runs of an agent that are remembered.
const MAX_RUNS: usize = 2;
/// Runs of an agent whose numbers of checks are kept; each is a row in Postgres for a week.
const MAX_NUMBERED_RUNS: usize = 64;
/// Time after which they are counted anew.
const RUNS_COUNTED_FOR: Duration = Duration::from_hours(24);

/// State of an agent.
#[derive(Debug)]
pub(super) struct AgentState {
    pub(super) region: Region,
    pub(super) hello: Option<Greeting>,
    /// Run before the one that sent the last greeting.
    pub(super) run_before: Option<Box<str>>,
    pub(super) offset: ClockOffset,
    /// True while it says that it cannot keep up.
    pub(super) overloaded: bool,
    /// Correction of its moments that Postgres has.
    pub(super) kept_correction: i64,
    pub(super) presence: Presence,
    /// Moment of its last message of any kind.
    pub(super) heard_at: Option<Moment>,
    /// Moment of its last result as Postgres has it: of an earlier run of ours, or of another node.
    pub(super) seen_at: Option<Moment>,
    pub(super) set: Arc<SiteSet>,
    /// The agents of its region that share the sites, itself included, and whether each may probe
    /// private addresses; empty while it has no share.
    pub(super) shared: Vec<(AgentName, bool)>,
    pub(super) again: BTreeSet<Slug>,
    /// Lookups that it has not taken yet.
    pub(super) jobs: Vec<LookupJob>,
    /// Room for batches that are being read.
    pub(super) batches: Arc<Semaphore>,
    /// Room for requests that wait.
    pub(super) waiting: Arc<Semaphore>,
    /// Guards the order of its lines.
    pub(super) lines: Arc<tokio::sync::Mutex<AgentRuns>>,
    /// Runs that numbered its checks, since this moment.
    pub(super) runs: (Moment, BTreeSet<Box<str>>),
    pub(super) counts: AgentCounts,
}

/// The last runs of an agent, the newest first: two where two machines have one token.
#[derive(Debug, Default)]
pub(super) struct AgentRuns(Vec<AgentRun>);

/// Knowledge of the lines of a run.
#[derive(Debug, Default)]
pub(super) struct AgentRun {
    /// Its name.
    boot: Box<str>,
    /// The number of the last line that is kept.
    pub(super) last: u64,
    pub(super) traces: KnownTraces,
}

impl AgentRuns {
    /// The run of this name.
    pub(super) fn of(&mut self, boot: &str) -> &mut AgentRun {
        let place = self.0.iter().position(|run| *run.boot == *boot);
        let run = place.map(|place| self.0.remove(place));
        let run = run.unwrap_or_else(|| AgentRun { boot: boot.into(), ..AgentRun::default() });
        self.0.insert(0, run);
        self.0.truncate(MAX_RUNS);
        &mut self.0[0]
    }
}

/// Facts of an agent's greeting.
#[derive(Clone, Debug)]
pub(super) struct Greeting {
    pub(super) version: Box<str>,
    /// Names the run.
    pub(super) boot: Box<str>,
    pub(super) rules: u32,
    pub(super) private: bool,
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
    /// Version of its rules of probing; `None` before its greeting.
    pub rules: Option<u32>,
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

/// The vote of a region with these agents, or the reason why it has none; `None` while none of them
/// reports.
pub(super) fn vote_of<'a>(
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
    pub(super) fn new(region: Region) -> Self {
        Self {
            region,
            hello: None,
            run_before: None,
            offset: ClockOffset::default(),
            overloaded: false,
            kept_correction: 0,
            presence: Presence::default(),
            heard_at: None,
            seen_at: None,
            set: Arc::default(),
            shared: Vec::new(),
            again: BTreeSet::new(),
            jobs: Vec::new(),
            batches: Arc::new(Semaphore::new(MAX_BATCHES)),
            waiting: Arc::new(Semaphore::new(MAX_WAITING)),
            lines: Arc::default(),
            runs: (Moment::default(), BTreeSet::new()),
            counts: AgentCounts::default(),
        }
    }

    /// Returns whether the numbers of this run are kept. An agent has a new one at each start, and no other
    /// reason for more.
    pub(super) fn knows_run(&mut self, run: &str, now: Moment) -> bool {
        let (since, runs) = &mut self.runs;
        if now.since(*since) > RUNS_COUNTED_FOR {
            (*since, *runs) = (now, BTreeSet::new());
        }
        runs.contains(run) || runs.len() < MAX_NUMBERED_RUNS && runs.insert(run.into())
    }

    /// Reason why none of its checks can count.
    pub(super) fn why_not(&self) -> Option<WhyNot> {
        let other_rules = self.hello.as_ref().is_some_and(|hello| hello.rules != RULES);
        if other_rules {
            return Some(WhyNot::Rules);
        }
        let wrong_clock = self.offset.is_wrong().then_some(WhyNot::Clock);
        wrong_clock.or(self.overloaded.then_some(WhyNot::Overload))
    }

    /// Returns whether a message of any kind came lately.
    pub(super) fn is_near(&self, now: Moment) -> bool {
        self.heard_at.is_some_and(|at| now.since(at) <= SILENT)
    }

    pub(super) fn view(&self, name: &AgentName, now: Moment) -> AgentView {
        let silent = self.presence.is_silent(now).then_some(WhyNot::Silent);
        AgentView {
            name: name.clone(),
            region: self.region.clone(),
            version: self.hello.as_ref().map(|hello| hello.version.clone()),
            rules: self.hello.as_ref().map(|hello| hello.rules),
            last_seen: self.presence.last().or(self.seen_at),
            sites: self.set.count,
            clock_offset_ms: self.offset.median(),
            why_not: self.why_not().or(silent),
            counts: self.counts,
        }
    }
}
