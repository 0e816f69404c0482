//! Weight of a region's word beside other regions: while it has only begun to look, while it looks, and for
//! a while after it lost its vote.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Limits, RegionState, Rules};
use crate::{moment::Moment, verdict::Status};

/// Time for which the last word of a region that lost its vote may hold up a verdict after its evidence
/// ran out: that an agent comes and goes is no news of a site.
const KEPT_FOR: Duration = Duration::from_mins(30);

/// Weight of what a region says of a site beside other regions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Standing {
    /// It has only begun to look, and could not have called the site slow yet.
    New,
    /// Its evidence ran out, and it has not confirmed since what it said.
    Returning,
    /// It has an opinion.
    #[default]
    Settled,
}

impl RegionState {
    /// Keeps what it says, which it is about to lose its vote for.
    pub(super) fn keep(&mut self) {
        let status = if self.was_up.is_some() { Status::Up } else { self.status };
        if self.is_settled() {
            let at = self.evidence_at().unwrap_or_default();
            self.last_word = (status != Status::Unknown).then_some((status, at));
            self.standing = Standing::Returning;
        }
    }

    /// It has an opinion from now on.
    pub(super) fn settle(&mut self) {
        (self.standing, self.last_word) = (Standing::Settled, None);
    }

    /// Takes another status than it had.
    pub(super) fn turn(&mut self, status: Status, since: Moment) {
        // What it goes on to say after a while without a vote is nothing new.
        if !self.said(status) {
            self.turned_at = self.heard_at().unwrap_or(since);
        }
        (self.status, self.since) = (status, Some(since));
    }

    /// The moment, by the node's clock, since which it has evidence.
    pub(in crate::judge) fn came_at(&self) -> Moment {
        self.came_at
    }

    /// Returns whether it is sure of what it says.
    pub(in crate::judge) fn is_settled(&self) -> bool {
        self.standing == Standing::Settled
    }

    /// Returns whether it has answers, but fewer than give it an opinion.
    pub(in crate::judge) fn is_early(&self, rules: &Rules) -> bool {
        !self.is_settled() && self.answered.is_some_and(|run| !run.reaches(rules.slow_after))
    }

    /// Returns whether it had an opinion once.
    pub(in crate::judge) fn is_known(&self) -> bool {
        self.standing != Standing::New
    }

    /// The moment, by the node's clock, since which it says what it says.
    pub(in crate::judge) fn turned_at(&self) -> Moment {
        self.turned_at
    }

    /// Returns whether this was its last word.
    pub(super) fn said(&self, status: Status) -> bool {
        self.last_word.is_some_and(|(said, _)| said == status)
    }

    /// Until when that is kept.
    pub(super) fn kept_until(&self, limits: &Limits) -> Option<Moment> {
        self.last_word.map(|(_, at)| at + limits.fresh_for + KEPT_FOR)
    }

    /// Its status when it lost its vote, as long as that may hold up a verdict, and since others began
    /// to say what they say.
    pub(in crate::judge) fn kept(
        &self,
        since: Moment,
        now: Moment,
        limits: &Limits,
    ) -> Option<Status> {
        let holds = self.barred.is_none() && self.kept_until(limits) >= Some(now);
        self.last_word.filter(|(_, at)| holds && *at >= since).map(|(status, _)| status)
    }
}
