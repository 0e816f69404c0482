//! The answer to a lookup, as it is kept and shared.

use std::time::Duration;

use super::confirm::Confirmed;
use crate::i18n::{
    Lang,
    sentence::{Known, sentence_in},
};
use model::{
    moment::Moment,
    readable::readable,
    target::Target,
    verdict::{Status, Verdict},
};
use prober::probe::KeptAway;

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
    /// We were kept away: it leads to where visitors may not look, or may not look now.
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

    /// Whether nobody looked, since too many lookups lead to the same machine just now.
    pub fn is_put_off(&self) -> bool {
        matches!(self.seen, Seen::KeptAway(KeptAway { too_often: true, .. }))
    }

    /// Whether it was down.
    pub fn is_down(&self) -> bool {
        self.verdict().is_some_and(|verdict| verdict.status == Status::Down)
    }

    /// One plain sentence that programs read.
    pub fn summary(&self) -> String {
        self.summary_in(Lang::En)
    }

    /// One plain sentence.
    pub fn summary_in(&self, t: Lang) -> String {
        let key = self.target.key();
        let name = &*readable(&key);
        match &self.seen {
            Seen::Verdict(confirmed) => confirmed.summary_in(t),
            Seen::Doubt(_) => t.one("lookup-doubt", "name", name),
            Seen::KeptAway(KeptAway { too_often: true, .. }) => {
                t.one("lookup-away-often", "name", name)
            }
            Seen::KeptAway(KeptAway { by_redirect: true, .. }) => {
                t.one("lookup-away-redirect", "name", name)
            }
            Seen::KeptAway(_) => t.one("lookup-away", "name", name),
        }
    }
}

impl Confirmed {
    /// One plain sentence that programs read.
    pub fn summary(&self) -> String {
        self.summary_in(Lang::En)
    }

    /// One plain sentence.
    pub fn summary_in(&self, t: Lang) -> String {
        let outcome = &self.check.outcome;
        let known = Known {
            name: &self.site.name,
            verdict: &self.verdict,
            restriction: outcome.restriction(),
            latency: outcome.phases.latency(),
            usual: None,
            checked_at: Some(self.check.at),
            fresh: true,
            down_in: &[],
        };
        sentence_in(t, &known, self.check.at)
    }
}
