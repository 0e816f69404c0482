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
    judge::votes_needed,
    moment::Moment,
    outcome::Cause,
    report::{NOWHERE, Places},
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
    /// Number of further regions that were asked and have not answered yet.
    pub waiting: usize,
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

    /// The verdict of all places that could look, by the judge's rule for regions; `None` when the probe was blocked.
    pub fn verdict(&self) -> Option<Verdict> {
        let own = &self.confirmed()?.verdict;
        if self.is_nameless() {
            // A name that does not exist is no outage of a site.
            return Some(Verdict::none_yet());
        }
        let votes = usize::from(self.own_status().is_some()) + self.elsewhere.len();
        let down = self.places().down.len();
        if down == 0 {
            let others = !self.elsewhere.is_empty();
            return Some(match &self.seen {
                LookupOutcome::Verdict(_) if self.own_status().is_some() || !others => own.clone(),
                _ if others => Verdict { status: Status::Up, ..Verdict::none_yet() },
                _ => Verdict::none_yet(),
            });
        }
        let ours = own.cause.clone().filter(|_| self.own_status() == Some(Status::Down));
        let theirs = || self.elsewhere.iter().find_map(|seen| seen.outcome.cause().cloned());
        let needed = votes_needed(votes, votes + self.waiting);
        let status = if down >= needed { Status::Down } else { Status::Partial };
        Some(Verdict { status, cause: ours.or_else(theirs), ..Verdict::none_yet() })
    }

    /// The target as all places that could look see it.
    pub fn places(&self) -> Places {
        let mut places = Places::default();
        for seen in &self.elsewhere {
            match seen.outcome.cause() {
                Some(_) => places.down.push(seen.region.clone()),
                None => places.well += 1,
            }
        }
        let Some((status, confirmed)) = self.own_status().zip(self.confirmed()) else {
            return places;
        };
        let here = confirmed.check.region.clone();
        match status {
            Status::Down => places.down.insert(0, here),
            Status::Slow => places.slow.push(here),
            _ => places.well += 1,
        }
        places
    }

    /// Our own status; `None` where we could not look, or our look says nothing.
    fn own_status(&self) -> Option<Status> {
        match &self.seen {
            LookupOutcome::Verdict(confirmed) => {
                Some(confirmed.verdict.status).filter(|status| *status != Status::Unknown)
            }
            LookupOutcome::Doubt(_) | LookupOutcome::Blocked(_) => None,
        }
    }

    /// Target and last attempt, unless the probe was blocked.
    pub fn confirmed(&self) -> Option<&Confirmed> {
        match &self.seen {
            LookupOutcome::Verdict(confirmed) | LookupOutcome::Doubt(confirmed) => Some(confirmed),
            LookupOutcome::Blocked(_) => None,
        }
    }

    /// Returns whether the name does not exist, as all say who could look.
    pub fn is_nameless(&self) -> bool {
        let Some(confirmed) = self.confirmed() else { return false };
        let own = self.own_status().map(|_| confirmed.is_nameless());
        let nameless = |seen: &SeenElsewhere| seen.outcome.cause().is_some_and(is_nameless);
        let mut all = own.into_iter().chain(self.elsewhere.iter().map(nameless)).peekable();
        all.peek().is_some() && all.all(|nameless| nameless)
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
            LookupOutcome::Blocked(Blocked { too_often: true, .. }) => {
                t.one("lookup-away-often", "name", name)
            }
            LookupOutcome::Blocked(Blocked { by_redirect: true, .. }) => {
                t.one("lookup-away-redirect", "name", name)
            }
            LookupOutcome::Blocked(_) => t.one("lookup-away", "name", name),
            _ if self.is_nameless() => t.one("lookup-no-name", "name", name),
            LookupOutcome::Doubt(_) if self.elsewhere.is_empty() => {
                t.one("lookup-doubt", "name", name)
            }
            LookupOutcome::Verdict(confirmed) if self.elsewhere.is_empty() => {
                confirmed.summary_in(t)
            }
            LookupOutcome::Verdict(confirmed) | LookupOutcome::Doubt(confirmed) => {
                let verdict = self.verdict().unwrap_or_else(Verdict::none_yet);
                confirmed.sentence_in(t, &verdict, &self.places())
            }
        }
    }
}

/// Returns whether the name servers say that there is no such name.
fn is_nameless(cause: &Cause) -> bool {
    cause.detail == FailureDetail::NoSuchName
}

impl Confirmed {
    fn is_nameless(&self) -> bool {
        self.verdict.cause.as_ref().is_some_and(is_nameless)
    }

    /// One plain sentence that programs read.
    pub fn summary(&self) -> String {
        self.summary_in(Lang::En)
    }

    /// One plain sentence.
    pub fn summary_in(&self, t: Lang) -> String {
        self.sentence_in(t, &self.verdict, &NOWHERE)
    }

    fn sentence_in(&self, t: Lang, verdict: &Verdict, places: &Places) -> String {
        let outcome = &self.check.outcome;
        let known = SiteFacts {
            name: &self.site.name,
            verdict,
            restriction: outcome.restriction(),
            latency: outcome.phases.latency(),
            usual: None,
            checked_at: Some(self.check.at),
            fresh: true,
            places,
        };
        sentence_in(t, &known, self.check.at)
    }
}
