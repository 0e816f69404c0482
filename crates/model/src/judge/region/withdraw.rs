//! Memory of a site's turning bad, so that it can be withdrawn when it was our own doing.

use serde::{Deserialize, Serialize};

use super::{Limits, NetworkEvidence, RegionState, Rules};
use crate::{check::Check, moment::Moment, outcome::Failure, verdict::Status};

/// The last time that a site turned bad in a region, and its state before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Worsening {
    at: Moment,
    /// The failure; `None`: it was slow.
    failure: Option<Failure>,
    /// Confirmed status before.
    status: Status,
    since: Option<Moment>,
    back_at: Option<Moment>,
    /// The time before that it turned bad: slow first, then down.
    before: Option<Box<Worsening>>,
}

impl Worsening {
    /// A site that turns bad now, after this state; `last` is the time before.
    fn new(
        at: Moment,
        failure: Option<Failure>,
        (status, since, back_at): (Status, Option<Moment>, Option<Moment>),
        last: Option<Box<Self>>,
    ) -> Self {
        let slow_first = last.filter(|last| status == Status::Slow && last.failure.is_none());
        let before = slow_first.map(|last| Box::new(Self { before: None, ..*last }));
        Self { at, failure, status, since, back_at, before }
    }

    /// Returns whether the doubt of this evidence covers it; then it holds what was before all that is
    /// covered.
    fn is_ours(&mut self, evidence: &NetworkEvidence) -> bool {
        let ours = |worsening: &Self| {
            evidence.ours_since(worsening.failure).is_some_and(|since| worsening.at >= since)
        };
        if !ours(self) {
            return false;
        }
        if let Some(before) = self.before.take_if(|before| ours(before)) {
            *self = *before;
        }
        true
    }
}

impl RegionState {
    /// Notes that it turns bad: with this failure, or slow.
    pub(super) fn note_worsening(&mut self, at: Moment, failure: Option<Failure>) {
        let before = (self.status, self.since, self.back_at);
        self.worsening = Some(Box::new(Worsening::new(at, failure, before, self.worsening.take())));
        self.was_up = None;
    }

    /// Takes back what the doubt of this evidence covers: then it is as it was before.
    pub(super) fn withdraw(&mut self, evidence: &NetworkEvidence) {
        if let Some(worsening) = self.worsening.take_if(|worsening| worsening.is_ours(evidence)) {
            self.withdrawn = evidence.doubt.map(|(_, since)| since);
            (self.status, self.since, self.cause) = (worsening.status, worsening.since, None);
            (self.unstable, self.back_at) = (false, worsening.back_at);
        }
        if let Some((_, since)) = evidence.doubt {
            self.noted.withdraw(since);
            self.restricted = self.noted.restriction.on();
        }
        self.was_up = self.since.filter(|_| self.status == Status::Up);
    }

    /// Moment since which verdicts are withdrawn; read once.
    pub(in crate::judge) fn take_withdrawn(&mut self) -> Option<Moment> {
        self.withdrawn.take()
    }

    /// Returns whether it is up, as far as known now or before the doubt.
    pub(in crate::judge) fn was_up(&self) -> bool {
        self.status == Status::Up || self.was_up.is_some()
    }

    /// Returns whether an answer came several times later than usual.
    pub(in crate::judge) fn is_slow(&self, check: &Check, limits: &Limits, rules: &Rules) -> bool {
        let latency = check.outcome.phases.latency().unwrap_or(0);
        let many_times = self.usual.so_far().is_some_and(|usual| latency / 2 > usual);
        many_times && latency > self.slow_threshold(check.at, limits, rules)
    }
}
