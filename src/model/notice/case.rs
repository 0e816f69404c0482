//! What a channel was told of a site, and what it has yet to be told. Pure.
//!
//! Changes come in the order of their moments, perhaps long after them (Postgres was away). So time
//! here is the time of the changes: what was true for long enough is told, even if it is over by
//! the time that we hear of it. But nobody hears of each flap: a site that keeps failing and coming
//! back is told of once, and its return when it has been well for long.

use std::time::Duration;

use super::rule::{Rule, Topic};
use crate::model::{
    moment::Moment,
    verdict::{Status, Verdict},
};

/// A site that is bad again so soon after the channel was told that it is well keeps failing; and
/// how long such a one must be well before that is told. As long as the judge's own.
pub const CALM: Duration = Duration::from_mins(30);
/// So many tellings of one bad stretch (down, slow, down) are enough: then it keeps changing.
const MOST_TELLINGS: u8 = 3;

/// A new verdict, as the record has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// When it was settled.
    pub at: Moment,
    /// The verdict.
    pub verdict: Verdict,
}

impl News {
    /// Since when it holds.
    pub fn since(&self) -> Moment {
        self.verdict.since.unwrap_or(self.at)
    }
}

/// How a channel stands with a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The newest verdict.
    pub news: News,
    /// The bad status that it was told last; `None` when it thinks that all is well.
    pub told: Option<Status>,
    /// When the bad stretch began; `None` when there is none.
    pub began: Option<Moment>,
    /// From when the newest verdict may be told; `None` when it need not be.
    pub ready: Option<Moment>,
    /// Whether it was told that the site keeps failing and coming back: it hears no more of it than
    /// that it has been well for long.
    pub restless: bool,
    /// How often this bad stretch was told.
    pub tellings: u8,
    /// When the last bad stretch that was told was over.
    pub over: Option<Moment>,
}

/// One thing to tell of one site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// What about.
    pub topic: Topic,
    /// The verdict that is told.
    pub verdict: Verdict,
    /// When the bad stretch began.
    pub began: Moment,
    /// What was told before, if it was bad.
    pub was: Option<Status>,
    /// As of when it is told: now, or the moment at which it was over.
    pub as_of: Moment,
    /// The site keeps failing and coming back.
    pub restless: bool,
}

impl Case {
    /// A channel that was told nothing yet.
    pub fn new(news: News) -> Self {
        let (told, began, ready, over) = (None, None, None, None);
        Self { news, told, began, ready, restless: false, tellings: 0, over }
    }

    /// The bad stretch is over, and whoever should know does.
    pub fn end(&mut self, at: Moment) {
        if self.told.take().is_some() {
            self.over = Some(at);
        }
        (self.began, self.ready, self.restless, self.tellings) = (None, None, false, 0);
    }

    /// Whether the site keeps failing and coming back: the judge says so, or the channel was told
    /// that it is over a short while ago, or it was told of one stretch too often already.
    fn keeps_failing(&self) -> bool {
        let again = |over| self.began.is_some_and(|began| began.since(over) < CALM);
        self.news.verdict.unstable
            || self.tellings + 1 >= MOST_TELLINGS
            || self.over.is_some_and(again)
    }
}

impl Rule {
    /// Takes a change of a site; gives how the channel stands after it, and what it has to be told
    /// of how things were before it.
    ///
    /// A change that is not `fresh` is from before the channel was there: it is known and not told.
    pub fn take(&self, case: Option<Case>, news: News, fresh: bool) -> (Case, Option<Telling>) {
        let mut case = case.unwrap_or_else(|| Case::new(news.clone()));
        if news.at < case.news.at {
            return (case, None);
        }
        if news.verdict.doubt.is_some() && case.began >= Some(news.since()) {
            return self.take_back(case, news);
        }
        // What we saw just before we doubt ourselves may have been our own trouble already.
        let over = if news.verdict.doubt.is_some() {
            self.is_due(&case, news.at)
        } else {
            case.ready.is_some_and(|ready| ready <= news.at)
        };
        let telling = if over { self.tell(&mut case, news.at) } else { None };
        let before = std::mem::replace(&mut case.news, news);
        case.ready = self.ready(&mut case, &before).filter(|_| fresh);
        (case, telling)
    }

    /// We doubt ourselves since before it turned bad: what was told of it is taken back, and what was
    /// to be told is not.
    fn take_back(&self, mut case: Case, news: News) -> (Case, Option<Telling>) {
        let telling = Telling {
            topic: Topic::Recovered,
            verdict: news.verdict.clone(),
            began: case.began.unwrap_or_else(|| news.since()),
            was: case.told,
            as_of: news.at,
            restless: false,
        };
        let heard = case.told.is_some() && self.tells(Topic::Recovered);
        case.end(news.at);
        (case.over, case.news) = (None, news);
        (case, heard.then_some(telling))
    }

    /// Tells what there is to tell; from now on it was told.
    pub fn tell(&self, case: &mut Case, now: Moment) -> Option<Telling> {
        let ready = case.ready.take()?;
        let bad = self.bad(case.news.verdict.status);
        let restless = case.restless || bad.is_some() && case.keeps_failing();
        let telling = Telling {
            topic: bad.unwrap_or(Topic::Recovered),
            verdict: case.news.verdict.clone(),
            began: case.began.unwrap_or_else(|| case.news.since()),
            was: case.told,
            as_of: now.max(ready),
            restless,
        };
        if bad.is_some() {
            case.told = Some(case.news.verdict.status);
            (case.restless, case.tellings) = (restless, case.tellings.saturating_add(1));
        } else {
            case.end(telling.as_of);
        }
        Some(telling)
    }

    /// What there is to tell would be about this.
    pub fn topic(&self, case: &Case) -> Topic {
        self.bad(case.news.verdict.status).unwrap_or(Topic::Recovered)
    }

    /// Whether the case is told at this moment at the latest, or with others that are.
    pub fn is_due(&self, case: &Case, now: Moment) -> bool {
        case.ready.is_some_and(|ready| ready + self.gather <= now)
    }

    /// The topic of a status, if it is one that this channel is told of.
    pub fn bad(&self, status: Status) -> Option<Topic> {
        Topic::of(status).filter(|topic| self.tells(*topic))
    }

    /// Whether the channel takes this status for well.
    fn is_well(&self, status: Status) -> bool {
        status != Status::Unknown && self.bad(status).is_none()
    }

    /// From when the newest verdict may be told; `before` is the one that it came after.
    fn ready(&self, case: &mut Case, before: &News) -> Option<Moment> {
        let status = case.news.verdict.status;
        // We do not know: nothing is over and nothing has begun.
        if status == Status::Unknown {
            case.began = case.began.filter(|_| case.told.is_some());
            return None;
        }
        let was_well = self.is_well(before.verdict.status);
        let (topic, ready) = if let Some(topic) = self.bad(status) {
            if was_well && case.restless && case.news.at.since(before.at) >= CALM {
                case.end(before.at + CALM);
            }
            let began = *case.began.get_or_insert(case.news.since());
            let told = case.told == Some(status) && !case.news.verdict.unstable;
            if told || case.told.is_some() && case.restless {
                return None;
            }
            (topic, case.news.at.max(began + self.lasting))
        } else if case.told.is_none() || !case.restless && !self.tells(Topic::Recovered) {
            case.end(case.news.at);
            return None;
        } else if !self.tells(Topic::Recovered) {
            // Nobody hears of the end, and nobody shall hear of each flap.
            return None;
        } else if case.restless {
            let waiting = case.ready.filter(|_| was_well);
            (Topic::Recovered, waiting.unwrap_or(case.news.at + CALM))
        } else {
            (Topic::Recovered, case.news.at)
        };
        Some(self.not_before(topic, ready))
    }

    /// The first moment at or after this one that is not in quiet hours.
    pub fn not_before(&self, topic: Topic, at: Moment) -> Moment {
        self.quiet.as_ref().and_then(|quiet| quiet.end(topic, at)).unwrap_or(at)
    }
}

#[cfg(test)]
mod tests;
