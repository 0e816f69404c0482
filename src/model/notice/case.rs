//! What a channel was told of a site, and what it has yet to be told. Pure.
//!
//! Changes come in the order of their moments, perhaps long after them (Postgres was away). So time
//! here is the time of the changes: what was true for long enough is told, even if it is over by
//! the time that we hear of it.

use super::rule::{Rule, Topic};
use crate::model::{
    moment::Moment,
    verdict::{Status, Verdict},
};

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
}

impl Rule {
    /// Takes a change of a site; gives how the channel stands after it, and what it has to be told
    /// of how things were before it.
    ///
    /// A change that is not `fresh` is from before the channel was there: it is known and not told.
    pub fn take(&self, case: Option<Case>, news: News, fresh: bool) -> (Case, Option<Telling>) {
        let nothing = Case { news: news.clone(), told: None, began: None, ready: None };
        let mut case = case.unwrap_or(nothing);
        if news.at < case.news.at {
            return (case, None);
        }
        let over = case.ready.filter(|ready| *ready <= news.at);
        let telling = over.and_then(|_| self.tell(&mut case, news.at));
        case.news = news;
        case.ready = self.ready(&mut case).filter(|_| fresh);
        (case, telling)
    }

    /// Tells what there is to tell; from now on it was told.
    pub fn tell(&self, case: &mut Case, now: Moment) -> Option<Telling> {
        let ready = case.ready.take()?;
        let bad = self.bad(case.news.verdict.status);
        let telling = Telling {
            topic: bad.unwrap_or(Topic::Recovered),
            verdict: case.news.verdict.clone(),
            began: case.began.unwrap_or_else(|| case.news.since()),
            was: case.told,
            as_of: now.max(ready),
        };
        case.told = bad.map(|_| case.news.verdict.status);
        if bad.is_none() {
            case.began = None;
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
    fn bad(&self, status: Status) -> Option<Topic> {
        Topic::of(status).filter(|topic| self.tells(*topic))
    }

    /// From when the newest verdict may be told.
    fn ready(&self, case: &mut Case) -> Option<Moment> {
        let Verdict { status, .. } = case.news.verdict;
        let (topic, ready) = match self.bad(status) {
            // We do not know: nothing is over and nothing has begun.
            _ if status == Status::Unknown => {
                case.began = case.began.filter(|_| case.told.is_some());
                return None;
            }
            Some(topic) => {
                let since = case.news.since();
                let began = *case.began.get_or_insert(since);
                if case.told == Some(status) {
                    return None;
                }
                (topic, case.news.at.max(began + self.lasting))
            }
            None if case.told.is_some() && self.tells(Topic::Recovered) => {
                (Topic::Recovered, case.news.at)
            }
            None => {
                (case.told, case.began) = (None, None);
                return None;
            }
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
