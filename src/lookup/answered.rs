//! The answer to a lookup, as it is kept and shared.

use std::time::Duration;

use super::confirm::Confirmed;
use crate::model::{
    moment::Moment,
    sentence::{Known, sentence},
    target::Target,
    verdict::{Status, Verdict},
};
use crate::probe::KeptAway;

/// The answer to a lookup.
#[derive(Debug)]
pub struct Answered {
    /// What was asked for.
    pub target: Target,
    /// When it was settled.
    pub at: Moment,
    /// What was seen.
    pub seen: Seen,
}

/// What was seen.
#[derive(Debug)]
pub enum Seen {
    /// A verdict.
    Verdict(Box<Confirmed>),
    /// The guard kept us away: it leads to where visitors may not look.
    KeptAway(KeptAway),
    /// Our own connection is in doubt, so that a failure says nothing.
    Doubt(Box<Confirmed>),
}

impl Answered {
    /// How old it is.
    pub fn age(&self, now: Moment) -> Duration {
        now.since(self.at)
    }

    /// The verdict; `None` when we were kept away.
    pub fn verdict(&self) -> Option<Verdict> {
        match &self.seen {
            Seen::Verdict(confirmed) => Some(confirmed.verdict.clone()),
            Seen::Doubt(_) => Some(Verdict::none_yet()),
            Seen::KeptAway(_) => None,
        }
    }

    /// What was looked at, and what the last attempt saw.
    pub fn confirmed(&self) -> Option<&Confirmed> {
        match &self.seen {
            Seen::Verdict(confirmed) | Seen::Doubt(confirmed) => Some(confirmed),
            Seen::KeptAway(_) => None,
        }
    }

    /// Whether it was down.
    pub fn is_down(&self) -> bool {
        self.verdict().is_some_and(|verdict| verdict.status == Status::Down)
    }

    /// One plain sentence.
    pub fn summary(&self) -> String {
        let name = self.target.key();
        match &self.seen {
            Seen::Verdict(confirmed) => confirmed.summary(),
            Seen::Doubt(_) => format!(
                "We do not know about {name}: our own connection seems to be down, since nothing \
                 that we watch answers."
            ),
            Seen::KeptAway(KeptAway { by_redirect: true }) => format!(
                "{name} sends its visitors on to a place where we do not look: a private address, \
                 or a port that is not of the web."
            ),
            Seen::KeptAway(_) => format!(
                "{name} leads to an address that is not of the public internet. We look at public \
                 sites only."
            ),
        }
    }
}

impl Confirmed {
    /// One plain sentence.
    pub fn summary(&self) -> String {
        let outcome = &self.check.outcome;
        let known = Known {
            name: &self.site.name,
            verdict: &self.verdict,
            note: outcome.note(),
            latency: outcome.phases.latency(),
            usual: None,
            checked_at: Some(self.check.at),
            fresh: true,
            down_in: &[],
        };
        sentence(&known, self.check.at)
    }
}
