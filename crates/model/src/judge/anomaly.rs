//! An anomaly that answers may show, such as an empty page, and whether it is worth a note.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::moment::Moment;

/// Age at which an anomaly is no longer news.
const USUAL_AFTER: Duration = Duration::from_hours(24 * 7);

/// Thresholds of an anomaly.
#[derive(Clone, Copy, Debug)]
pub(super) struct AnomalyThresholds {
    /// Answers in a row with it that begin it.
    pub(super) begin: u8,
    /// Answers without it before, by which it is new.
    pub(super) calm: u8,
    /// Answers in a row without it that end it.
    pub(super) end: u8,
}

/// An anomaly that answers may show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Anomaly {
    /// Answers with it, since the first of the last ones that had it.
    #[serde(skip_serializing_if = "is_zero")]
    run: u8,
    /// Answers without it since the last one with it.
    #[serde(skip_serializing_if = "is_zero")]
    without: u8,
    /// Answers without it before the run.
    #[serde(skip_serializing_if = "is_zero")]
    calm: u8,
    /// The first answer of the run.
    first: Moment,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    on: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references over")]
fn is_zero(count: &u8) -> bool {
    *count == 0
}

/// Effect of an answer on an anomaly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnomalyChange {
    /// It holds, or may begin to.
    Shown,
    /// It does not hold.
    Absent,
    /// It was there, but too rarely to be noted.
    Stray,
    /// It has been there for so long that it is usual now.
    Usual,
}

impl Anomaly {
    /// Takes an answer in.
    pub(super) fn take(
        &mut self,
        has: bool,
        at: Moment,
        wanted: AnomalyThresholds,
    ) -> AnomalyChange {
        if has {
            if self.run == 0 {
                self.first = at;
            }
            (self.run, self.without) = (self.run.saturating_add(1), 0);
            self.on |= self.run >= wanted.begin && self.calm >= wanted.calm;
            if self.on && wanted.calm > 0 && at.since(self.first) >= USUAL_AFTER {
                (self.on, self.calm) = (false, 0);
                return AnomalyChange::Usual;
            }
            return AnomalyChange::Shown;
        }
        self.without = self.without.saturating_add(1);
        if self.on && self.without < wanted.end {
            return AnomalyChange::Shown;
        }
        let stray = self.run > 0 && !self.on;
        if stray {
            self.calm = 0;
        }
        (self.on, self.run) = (false, 0);
        self.calm = self.calm.saturating_add(1).min(wanted.calm);
        if stray { AnomalyChange::Stray } else { AnomalyChange::Absent }
    }

    /// Takes back what began at this moment or later: it was not the site that answered so.
    pub(super) fn withdraw(&mut self, since: Moment) {
        if self.run > 0 && self.first >= since {
            (self.on, self.run) = (false, 0);
        }
    }

    /// Returns whether it would be new.
    pub(super) fn is_ready(&self, wanted: AnomalyThresholds) -> bool {
        self.calm >= wanted.calm
    }

    /// Returns whether the last answers did not have it.
    pub(super) fn is_idle(&self) -> bool {
        self.run == 0
    }

    /// Since when it holds.
    pub(super) fn since(&self) -> Option<Moment> {
        self.on.then_some(self.first)
    }

    /// The clock was set back to this moment.
    pub(super) fn set_back(&mut self, now: Moment) {
        self.first = self.first.min(now);
    }
}
