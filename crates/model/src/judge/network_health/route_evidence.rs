//! Evidence about one route: the sites that answered over it, those that fail, and the results of
//! its canaries.

use super::CanaryResult;
use crate::{moment::Moment, name::Slug, outcome::Reached, verdict::SelfDoubt};

/// Unrelated operators that have to fail together, where there are many.
const MAX_FAILING: usize = 10;

/// Evidence about one route.
#[derive(Clone, Debug, Default)]
pub(super) struct RouteEvidence {
    /// Unrelated operators that are reached over it.
    pub(super) operators: usize,
    pub(super) answered_at: Option<Moment>,
    /// A site that answered last.
    pub(super) reference_site: Option<Slug>,
    /// Operators that fail since, and were not known to be down.
    pub(super) failing: Vec<(u64, Moment)>,
    /// The newest failure that nothing has refuted yet.
    pub(super) open: Option<Moment>,
    pub(super) canary: Option<CanaryResult>,
    /// True if the canaries have ever answered: then their silence says much.
    pub(super) canary_known: bool,
    pub(super) doubt: Option<Moment>,
}

impl RouteEvidence {
    pub(super) fn answered(&mut self, at: Moment) {
        self.answered_at = self.answered_at.max(Some(at));
        self.failing.retain(|(_, failed)| *failed > at);
        self.open = self.open.filter(|open| *open > at);
        self.doubt = self.doubt.filter(|since| *since > at);
    }

    pub(super) fn failed(&mut self, operator: u64, at: Moment, news: bool) {
        if self.answered_at.is_some_and(|answered| answered >= at) {
            return;
        }
        self.open = self.open.max(Some(at));
        if news
            && self.failing.len() < MAX_FAILING
            && self.failing.iter().all(|(who, _)| *who != operator)
        {
            self.failing.push((operator, at));
        }
        self.judge();
    }

    pub(super) fn take_canary_result(&mut self, canary: CanaryResult) {
        self.canary = Some(canary);
        if canary.answered {
            self.canary_known = true;
            self.answered(canary.at);
        }
        self.judge();
    }

    /// Most fail, and nothing answers: it must be us. Canaries that used to answer are enough.
    fn judge(&mut self) {
        let Some(first) = self.failing.iter().map(|(_, at)| *at).min() else { return };
        let silent = self.canary.is_some_and(|canary| !canary.answered && canary.at >= first);
        let most = (self.operators / 2 + 1).min(MAX_FAILING);
        let enough = if silent && self.canary_known { 1 } else { most };
        if self.doubt.is_none() && silent && self.failing.len() >= enough {
            self.doubt = Some(first);
        }
    }

    pub(super) fn set_back(&mut self, now: Moment) {
        (self.answered_at, self.open, self.canary) = (self.answered_at.min(Some(now)), None, None);
        self.failing.clear();
        self.doubt = self.doubt.map(|since| since.min(now));
    }

    /// Returns whether one operator is all that it is known by: its silence is no sign of a cut.
    pub(super) fn is_alone(&self) -> bool {
        self.operators <= 1 && !self.canary_known
    }

    /// Reason for its doubt.
    pub(super) fn doubt_reason(&self) -> SelfDoubt {
        if self.is_alone() { SelfDoubt::Alone } else { SelfDoubt::Line }
    }

    pub(super) fn note_reference_site(&mut self, slug: &Slug, reached: Reached) {
        if reached == Reached::Machine && self.reference_site.as_ref() != Some(slug) {
            self.reference_site = Some(slug.clone());
        }
    }

    pub(super) fn asked(&self) -> Option<Moment> {
        self.canary.map(|canary| canary.at)
    }
}
