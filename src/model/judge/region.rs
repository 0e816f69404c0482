//! One region's own judgement of a site: runs of checks of one kind, confirmed by their length.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{Limits, Rules};
use crate::model::{
    check::Check,
    moment::Moment,
    name::Region,
    outcome::{Cause, Failure},
    verdict::Status,
};

/// Latencies that the usual one is the median of.
const REMEMBERED: usize = 32;
/// Latencies needed before any is usual.
const ENOUGH: usize = 10;

/// What one region knows of a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionState {
    /// Which region.
    pub name: Region,
    /// The moment of its last check.
    pub last_at: Option<Moment>,
    /// What is confirmed: `up`, `slow`, `down` or `unknown`.
    pub status: Status,
    /// Since when.
    pub since: Option<Moment>,
    /// Whether the last answer turned robots away.
    pub restricted: bool,
    /// Why, while `down`.
    pub cause: Option<Cause>,
    /// Failed checks in a row, just now.
    bad: Option<Run>,
    /// Answered checks in a row.
    answered: Option<Run>,
    /// Slow ones in a row.
    slow: Option<Run>,
    /// Quick ones in a row.
    quick: Option<Run>,
    /// The failure of the last check.
    last_failure: Option<Failure>,
    /// The last latencies, in microseconds, oldest first.
    latencies: VecDeque<u32>,
}

/// Checks of one kind in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Run {
    first: Moment,
    count: u32,
}

impl RegionState {
    /// A region that has not looked yet.
    pub(super) fn new(name: Region) -> Self {
        Self {
            name,
            last_at: None,
            status: Status::Unknown,
            since: None,
            restricted: false,
            cause: None,
            bad: None,
            answered: None,
            slow: None,
            quick: None,
            last_failure: None,
            latencies: VecDeque::new(),
        }
    }

    /// Takes a check in; it is later than the last.
    pub(super) fn check(&mut self, check: &Check, limits: &Limits, rules: &Rules) {
        self.last_at = Some(check.at);
        match check.outcome.cause() {
            Some(cause) => self.failed(check.at, cause, rules),
            None => self.replied(check, limits, rules),
        }
        self.last_failure = check.outcome.cause().map(|c| c.failure);
    }

    /// Forgets unconfirmed runs when evidence has run out. What was confirmed bad stays so until a
    /// confirmed good: a gap makes nothing better or worse.
    pub(super) fn silence(&mut self, now: Moment, limits: &Limits) {
        if self.is_fresh(now, limits) {
            return;
        }
        (self.bad, self.answered, self.slow, self.quick) = (None, None, None, None);
        self.last_failure = None;
        if self.status == Status::Up {
            (self.status, self.since) = (Status::Unknown, None);
        }
    }

    /// Whether its last check still is evidence.
    pub(super) fn is_fresh(&self, now: Moment, limits: &Limits) -> bool {
        self.last_at.is_some_and(|last| now <= last + limits.fresh_for)
    }

    /// Whether the last check says something that is not confirmed yet.
    pub(super) fn unconfirmed(&self, rules: &Rules) -> bool {
        let short = |run: Option<Run>, wanted: u32| run.is_some_and(|run| run.count < wanted);
        match self.status {
            Status::Down => short(self.answered, rules.up_after),
            Status::Slow => {
                short(self.bad, rules.down_after) || short(self.quick, rules.quick_after)
            }
            _ => short(self.bad, rules.down_after) || short(self.slow, rules.slow_after),
        }
    }

    /// The usual latency in microseconds: the median of the last ones, once there are enough.
    pub fn usual(&self) -> Option<u32> {
        let mut sorted: Vec<u32> = self.latencies.iter().copied().collect();
        sorted.sort_unstable();
        (sorted.len() >= ENOUGH).then(|| sorted[sorted.len() / 2])
    }

    fn failed(&mut self, at: Moment, cause: &Cause, rules: &Rules) {
        (self.answered, self.slow, self.quick) = (None, None, None);
        let run = grow(&mut self.bad, at);
        if self.status == Status::Down {
            let moved = self.cause.as_ref().is_none_or(|c| c.failure != cause.failure);
            if moved && self.last_failure == Some(cause.failure) {
                self.cause = Some(cause.clone());
            }
        } else if run.count >= rules.down_after {
            (self.status, self.since) = (Status::Down, Some(run.first));
            self.cause = Some(cause.clone());
            self.restricted = false;
        }
    }

    fn replied(&mut self, check: &Check, limits: &Limits, rules: &Rules) {
        self.bad = None;
        let answered = grow(&mut self.answered, check.at);
        let latency = check.outcome.phases.latency().unwrap_or(0);
        let is_slow = latency > self.slow_threshold(limits, rules);
        if is_slow {
            self.quick = None;
            grow(&mut self.slow, check.at);
        } else {
            self.slow = None;
            grow(&mut self.quick, check.at);
        }
        if self.latencies.len() == REMEMBERED {
            self.latencies.pop_front();
        }
        self.latencies.push_back(latency);

        let long = |run: Option<Run>, wanted: u32| run.filter(|run| run.count >= wanted);
        let slow = long(self.slow, rules.slow_after);
        let next = match self.status {
            Status::Down if answered.count < rules.up_after => None,
            Status::Slow => long(self.quick, rules.quick_after).map(|run| (Status::Up, run.first)),
            Status::Up => slow.map(|run| (Status::Slow, run.first)),
            _ => Some(slow.map_or((Status::Up, answered.first), |run| (Status::Slow, run.first))),
        };
        if let Some((status, since)) = next {
            (self.status, self.since, self.cause) = (status, Some(since), None);
        }
        if self.status != Status::Down {
            self.restricted = check.outcome.restricted();
        }
    }

    /// Latency above which a check is slow, in microseconds.
    fn slow_threshold(&self, limits: &Limits, rules: &Rules) -> u32 {
        if let Some(set) = limits.slow_after {
            return set.as_micros() as u32;
        }
        let floor = rules.slow_floor.as_micros() as u32;
        self.usual().map_or(floor, |usual| floor.max(usual.saturating_mul(rules.slow_factor)))
    }
}

/// Adds a check to a run.
fn grow(run: &mut Option<Run>, at: Moment) -> Run {
    let grown = match *run {
        Some(Run { first, count }) => Run { first, count: count.saturating_add(1) },
        None => Run { first: at, count: 1 },
    };
    *run = Some(grown);
    grown
}
