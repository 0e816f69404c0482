//! Slow or quick: answers against what is usual, confirmed by runs and by shares.
//!
//! One slow answer says nothing. Several in a row do, and so do half of the last dozen. Quick answers in a row end it; more of them when quick and slow come mixed.

use serde::{Deserialize, Serialize};

use super::{
    Rules,
    run::{Run, grow, long, short},
};
use crate::model::moment::Moment;

/// Answers whose share counts, and how many slow ones of them are too many.
const DOZEN: (u32, u32) = (12, 6);
/// So many times more quick answers end what has come mixed.
const MIXED: u32 = 3;

/// What the last answers say of a site's pace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pace {
    slow: Option<Run>,
    quick: Option<Run>,
    /// The last dozen, the newest in the lowest bit; set for a slow one.
    dozen: u16,
    /// The first slow one of the dozen.
    first: Moment,
    /// Whether quick and slow come mixed.
    mixed: bool,
}

/// What an answer settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pacing {
    /// It is slow, since then.
    Slow(Moment),
    /// It is quick, since then.
    Quick(Moment),
    /// Nothing yet.
    Open,
}

impl Pace {
    /// Takes an answer in; `slow` tells whether the site is held to be slow.
    pub(super) fn take(
        &mut self,
        (latency, threshold): (u32, u32),
        at: Moment,
        slow: bool,
        rules: &Rules,
    ) -> Pacing {
        let is_slow = latency > threshold;
        if is_slow {
            if self.dozen == 0 {
                self.first = at;
            }
            self.mixed |= slow && self.quick.is_some();
            self.quick = None;
            grow(&mut self.slow, at);
        } else {
            self.slow = None;
            grow(&mut self.quick, at);
        }
        self.dozen = (self.dozen << 1 | u16::from(is_slow)) & ((1 << DOZEN.0) - 1);
        if slow { self.leave(rules) } else { self.enter(is_slow, rules) }
    }

    fn enter(&mut self, is_slow: bool, rules: &Rules) -> Pacing {
        if let Some(run) = long(self.slow, rules.slow_after) {
            return Pacing::Slow(run.first);
        }
        if is_slow && self.dozen.count_ones() >= DOZEN.1.max(rules.slow_after) {
            self.mixed = true;
            return Pacing::Slow(self.first);
        }
        Pacing::Open
    }

    fn leave(&mut self, rules: &Rules) -> Pacing {
        let wanted = rules.quick_after * if self.mixed { MIXED } else { 1 };
        let Some(run) = long(self.quick, wanted) else { return Pacing::Open };
        (self.mixed, self.dozen) = (false, 0);
        Pacing::Quick(run.first)
    }

    /// Whether the last answers ask for another look.
    pub(super) fn unconfirmed(&self, slow: bool, rules: &Rules) -> bool {
        if slow { short(self.quick, rules.quick_after) } else { short(self.slow, rules.slow_after) }
    }

    /// Forgets what was not confirmed.
    pub(super) fn forget(&mut self) {
        *self = Self { mixed: self.mixed, ..Self::default() };
    }
}
