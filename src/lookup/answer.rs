//! The answer to a lookup, as it is cached and shared, and the way to wait for it.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;

use super::{SeenElsewhere, confirm::Confirmed};
use crate::i18n::{
    Lang,
    sentence::{SiteFacts, sentence_in},
};
use model::{
    domain::readable,
    failure_detail::FailureDetail,
    moment::Moment,
    outcome::Cause,
    report::Places,
    target::Target,
    verdict::{Status, Verdict},
};
use prober::probe::Blocked;

/// Progress of a lookup.
#[derive(Clone, Debug)]
pub enum LookupProgress {
    /// We are looking.
    Looking,
    /// The first look failed, or was slow: we are looking again to be sure.
    Again(Option<Cause>),
    /// It is answered.
    Done(Arc<LookupAnswer>),
}

/// A handle on the end of a lookup under way. Dropping it ends the waiting, not the lookup.
#[derive(Clone, Debug)]
pub struct Coming {
    pub(super) progress: watch::Receiver<LookupProgress>,
}

impl Coming {
    /// Current progress.
    pub fn now(&mut self) -> LookupProgress {
        self.progress.borrow_and_update().clone()
    }

    /// The next that is known; `None` when the lookup broke.
    pub async fn next(&mut self) -> Option<LookupProgress> {
        self.progress.changed().await.ok()?;
        Some(self.now())
    }

    /// The answer; `None` when the lookup broke.
    pub async fn answer(&mut self) -> Option<Arc<LookupAnswer>> {
        let done = |progress: &LookupProgress| matches!(progress, LookupProgress::Done(_));
        match &*self.progress.wait_for(done).await.ok()? {
            LookupProgress::Done(answered) => Some(answered.clone()),
            LookupProgress::Looking | LookupProgress::Again(_) => None,
        }
    }
}

/// The answer to a lookup.
#[derive(Clone, Debug)]
pub struct LookupAnswer {
    /// Target of the lookup.
    pub target: Target,
    /// The moment when it was settled.
    pub at: Moment,
    /// Outcome of the probe.
    pub seen: LookupOutcome,
    /// Outcomes from other regions, in the order of their names.
    pub elsewhere: Vec<SeenElsewhere>,
}

/// Outcome of a lookup.
#[derive(Clone, Debug)]
pub enum LookupOutcome {
    /// A verdict.
    Verdict(Box<Confirmed>),
    /// The target leads to an address that visitors may not probe, or not now.
    Blocked(Blocked),
    /// Our own connection is in doubt, so that a failure says nothing.
    Doubt(Box<Confirmed>),
}

impl LookupAnswer {
    /// Age of the answer.
    pub fn age(&self, now: Moment) -> Duration {
        now.since(self.at)
    }

    /// The verdict; `None` when the probe was blocked.
    pub fn verdict(&self) -> Option<Verdict> {
        match &self.seen {
            // A name that does not exist is no outage of a site.
            LookupOutcome::Verdict(confirmed) if confirmed.is_nameless() => {
                Some(Verdict::none_yet())
            }
            LookupOutcome::Verdict(confirmed) => Some(confirmed.verdict.clone()),
            LookupOutcome::Doubt(_) => Some(Verdict::none_yet()),
            LookupOutcome::Blocked(_) => None,
        }
    }

    /// Target and last attempt, unless the probe was blocked.
    pub fn confirmed(&self) -> Option<&Confirmed> {
        match &self.seen {
            LookupOutcome::Verdict(confirmed) | LookupOutcome::Doubt(confirmed) => Some(confirmed),
            LookupOutcome::Blocked(_) => None,
        }
    }

    /// Returns whether the name does not exist.
    pub fn is_nameless(&self) -> bool {
        matches!(&self.seen, LookupOutcome::Verdict(confirmed) if confirmed.is_nameless())
    }

    /// Returns whether the target was not probed because too many lookups lead to the same machine
    /// just now.
    pub fn is_put_off(&self) -> bool {
        matches!(self.seen, LookupOutcome::Blocked(Blocked { too_often: true, .. }))
    }

    /// Returns whether it was down.
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
            LookupOutcome::Verdict(confirmed) if confirmed.is_nameless() => {
                t.one("lookup-no-name", "name", name)
            }
            LookupOutcome::Verdict(confirmed) => confirmed.summary_in(t),
            LookupOutcome::Doubt(_) => t.one("lookup-doubt", "name", name),
            LookupOutcome::Blocked(Blocked { too_often: true, .. }) => {
                t.one("lookup-away-often", "name", name)
            }
            LookupOutcome::Blocked(Blocked { by_redirect: true, .. }) => {
                t.one("lookup-away-redirect", "name", name)
            }
            LookupOutcome::Blocked(_) => t.one("lookup-away", "name", name),
        }
    }
}

impl Confirmed {
    /// Returns whether the name servers say that there is no such name.
    fn is_nameless(&self) -> bool {
        let cause = self.verdict.cause.as_ref();
        cause.is_some_and(|cause| cause.detail == FailureDetail::NoSuchName)
    }

    /// One plain sentence that programs read.
    pub fn summary(&self) -> String {
        self.summary_in(Lang::En)
    }

    /// One plain sentence.
    pub fn summary_in(&self, t: Lang) -> String {
        let outcome = &self.check.outcome;
        let known = SiteFacts {
            name: &self.site.name,
            verdict: &self.verdict,
            restriction: outcome.restriction(),
            latency: outcome.phases.latency(),
            usual: None,
            checked_at: Some(self.check.at),
            fresh: true,
            places: &Places::default(),
        };
        sentence_in(t, &known, self.check.at)
    }
}
