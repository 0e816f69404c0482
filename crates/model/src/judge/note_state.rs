//! State of a region for the notes on a site, beside its status.

use serde::{Deserialize, Serialize};

use super::{Rules, recent_trouble::RecentTrouble, restriction::RecentRestrictions};
use crate::judge::{
    address_health::AddressHealth, network_health::Family, page_baseline::PageBaseline,
};
use crate::{
    check::Check,
    moment::Moment,
    note::{FailedAttempt, Note, NoteKind},
    outcome::Answer,
};

/// State of a region for its notes: some hundred bytes, whatever a site sends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct NoteState {
    pub(super) trouble: RecentTrouble,
    pub(super) restriction: RecentRestrictions,
    routes: AddressHealth,
    pages: PageBaseline,
}

impl NoteState {
    /// Takes in a check that was answered; `lost` is the address family that does not work from
    /// here, so that its failures are no site's.
    pub(super) fn answered(
        &mut self,
        check: &Check,
        rules: &Rules,
        lost: Option<(Family, Moment)>,
    ) {
        let seen = &*check.outcome.observed;
        let is_ours = |attempt: &FailedAttempt| {
            attempt.address.is_some_and(|address| lost.is_some_and(|l| l.0 == Family::of(address)))
        };
        let ours = !seen.failed_attempts.is_empty() && seen.failed_attempts.iter().all(is_ours);
        self.trouble.take(check.attempts > 1 && !ours, check.at, rules);
        self.restriction.take(check.outcome.restricted(), check.at);
        self.routes.take(seen, check.at, lost);
        if check.outcome.answer == Answer::Ok {
            self.pages.take(seen, check.at);
        }
    }

    /// The notes that this region makes, in the order of their kinds.
    pub(super) fn notes(&self) -> impl Iterator<Item = Note> {
        let own = [
            (NoteKind::Intermittent, self.trouble.often()),
            (NoteKind::TurnedAway, self.restriction.new_since()),
        ];
        let own = own.into_iter().filter_map(|(kind, since)| Some(Note { kind, since: since? }));
        let routes = self.routes.broken().map(|(kind, since)| Note { kind, since });
        own.chain(routes).chain(self.pages.notes())
    }

    /// Takes back what answers showed since this moment: it was our own side that gave them.
    pub(super) fn withdraw(&mut self, since: Moment) {
        self.restriction.withdraw(since);
        self.pages.withdraw(since);
    }

    /// The clock was set back to this moment.
    pub(super) fn set_back(&mut self, now: Moment) {
        self.trouble.set_back(now);
        self.restriction.set_back(now);
        self.routes.set_back(now);
        self.pages.set_back(now);
    }
}
