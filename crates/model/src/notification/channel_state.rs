//! State of a channel about one site: what has been sent and what is due. Pure.
//!
//! Changes come in the order of their moments, perhaps long after them (Postgres was away). So time
//! here is the time of the changes: a state that lasted long enough is reported even if it is over
//! by the time the change arrives. Single flaps are not: a site that keeps failing and coming back
//! is reported once, and its recovery once it has stayed up for long.

use std::time::Duration;

use super::rule::{Rule, Topic};
use crate::{
    moment::Moment,
    note::NoteKind,
    verdict::{Status, Verdict},
};

/// Minimum time between a recovery that was reported and the next bad stretch; a site that is bad
/// again sooner is unstable, and must stay up for this long before its recovery is reported. As
/// long as the judge's own.
pub const STABLE_AFTER: Duration = Duration::from_mins(30);
/// Messages about one bad stretch (down, slow, down) after which a site that gets worse again is called unstable.
const MAX_MESSAGES: u8 = 3;
/// Time for which a site must have been merely less bad until that is told: most such steps are the beginning of a
/// recovery, which some regions see before the others.
const EASED_FOR: Duration = Duration::from_mins(1);

/// Aspect of a site that a channel follows: its status, or one kind of note on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Down, partial or slow.
    Status,
    /// A note of this kind.
    Note(NoteKind),
}

impl Subject {
    /// Its number, as Postgres keeps it: 0, or that of the kind of note.
    pub fn number(self) -> u8 {
        match self {
            Self::Status => 0,
            Self::Note(kind) => kind as u8,
        }
    }

    /// The subject with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        if number == 0 {
            return Some(Self::Status);
        }
        NoteKind::ALL.into_iter().find(|kind| *kind as u8 == number).map(Self::Note)
    }

    /// Since when it is as this verdict says; `None` when the verdict does not know.
    pub fn since(self, verdict: &Verdict) -> Option<Moment> {
        match self {
            Self::Status => verdict.since,
            Self::Note(kind) => {
                verdict.notes.iter().find(|note| note.kind == kind).map(|note| note.since)
            }
        }
    }

    /// Returns whether a verdict says nothing of it: without evidence nothing begins and nothing is
    /// over, and a site that is down makes no notes.
    fn is_unknown(self, verdict: &Verdict) -> bool {
        match verdict.status {
            Status::Unknown => true,
            Status::Down | Status::Partial => self != Self::Status,
            Status::Up | Status::Slow => false,
        }
    }
}

/// A new verdict, as the record has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerdictNews {
    /// The moment when it was settled.
    pub at: Moment,
    /// The verdict.
    pub verdict: Verdict,
    /// Moment since which our verdict was caused by our own network, and is withdrawn.
    pub withdrawn: Option<Moment>,
}

impl VerdictNews {
    /// Since when it holds.
    pub fn since(&self) -> Moment {
        self.verdict.since.unwrap_or(self.at)
    }
}

/// State of a channel for one subject of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelState {
    /// Aspect of the site that is followed.
    pub subject: Subject,
    /// The newest verdict.
    pub news: VerdictNews,
    /// Topic of the last message, if that was bad; `None` when the channel believes all is well.
    pub told: Option<Topic>,
    /// The moment when the bad stretch began; `None` when there is none.
    pub began: Option<Moment>,
    /// Earliest moment for a message about the newest verdict; `None` when none is due.
    pub ready: Option<Moment>,
    /// True if the channel was told that the site is unstable: the next message comes only when the
    /// site has stayed up for long.
    pub restless: bool,
    /// Number of messages about this bad stretch.
    pub tellings: u8,
    /// End of the last bad stretch that was reported.
    pub over: Option<Moment>,
}

/// One message about one site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// Aspect of the site that the message is about.
    pub subject: Subject,
    /// Topic of the message.
    pub topic: Topic,
    /// Verdict that is reported.
    pub verdict: Verdict,
    /// The moment when that was settled.
    pub at: Moment,
    /// The moment when the bad stretch began.
    pub began: Moment,
    /// Topic of the message before, if it was bad.
    pub was: Option<Topic>,
    /// Number of messages before this one about the same bad stretch: several say that it changed.
    pub tellings: u8,
    /// Moment that the message speaks of: now, or the end of the stretch.
    pub as_of: Moment,
    /// The site keeps failing and coming back.
    pub restless: bool,
    /// The last message is withdrawn: our own network was the cause.
    pub withdrawn: bool,
}

impl ChannelState {
    /// State of a channel that has sent nothing yet.
    pub fn new(subject: Subject, news: VerdictNews) -> Self {
        let (told, began, ready, over) = (None, None, None, None);
        Self { subject, news, told, began, ready, restless: false, tellings: 0, over }
    }

    /// Since when it is as the newest verdict says.
    fn since(&self) -> Moment {
        self.subject.since(&self.news.verdict).unwrap_or(self.news.at)
    }

    /// Returns whether the newest verdict says nothing of it.
    fn is_unknown(&self) -> bool {
        self.subject.is_unknown(&self.news.verdict)
    }

    /// Returns whether the judge says that the site keeps failing and coming back.
    fn is_unstable(&self) -> bool {
        self.subject == Subject::Status && self.news.verdict.unstable
    }

    /// Ends the bad stretch; nothing remains to be sent about it.
    pub fn end(&mut self, at: Moment) {
        if self.told.take().is_some() {
            self.over = Some(at);
        }
        (self.began, self.ready, self.restless, self.tellings) = (None, None, false, 0);
    }

    /// Returns whether the site keeps failing and coming back: the judge says so, or a recovery was
    /// reported a short while ago, or one stretch has had too many messages and gets worse once more. That
    /// some regions see it well before the others is the way of every recovery.
    fn keeps_failing(&self, topic: Topic) -> bool {
        let again = |over| self.began.is_some_and(|began| began.since(over) < STABLE_AFTER);
        let worse = self.told.is_none_or(|told| topic < told);
        self.is_unstable()
            || worse && self.tellings + 1 >= MAX_MESSAGES
            || self.over.is_some_and(again)
    }
}

impl Rule {
    /// Takes a change of a site; returns the new state, and the message still due about the state
    /// before the change.
    ///
    /// A change that is not `fresh` is older than the channel: it is remembered and not reported.
    pub fn take(
        &self,
        subject: Subject,
        case: Option<ChannelState>,
        news: VerdictNews,
        fresh: bool,
    ) -> (ChannelState, Option<Announcement>) {
        let mut case = case.unwrap_or_else(|| ChannelState::new(subject, news.clone()));
        if news.at < case.news.at {
            return (case, None);
        }
        let doubted = news.verdict.doubt.is_some();
        let ours = [news.withdrawn, doubted.then(|| news.since())].into_iter().flatten().min();
        if subject == Subject::Status && ours.is_some() && case.began >= ours {
            return self.take_back(case, news);
        }
        if case.ready.is_some() && self.repeats(&case, &news) {
            case.news = news;
            return (case, None);
        }
        // What we saw just before we doubt ourselves may have been our own trouble already, and
        // what was noted just before a site went down says less than that it did.
        let late = doubted || subject != Subject::Status && subject.is_unknown(&news.verdict);
        let replaced = self.replaces(&case, &news);
        let over = if replaced {
            false
        } else if late {
            self.is_due(&case, news.at)
        } else {
            case.ready.is_some_and(|ready| ready <= news.at)
        };
        let telling = if over { self.tell(&mut case, news.at) } else { None };
        let before = std::mem::replace(&mut case.news, news);
        let waits_since = case.ready.filter(|_| replaced);
        case.ready = self.ready(&mut case, &before, waits_since).filter(|_| fresh);
        (case, telling)
    }

    /// Returns whether a message about the new verdict takes the place of the one that is about to be sent of the
    /// same bad stretch: that was a step on the way, over before it was gathered, or towards the end.
    fn replaces(&self, case: &ChannelState, news: &VerdictNews) -> bool {
        let Some(ready) = case.ready else { return false };
        let pending = self.trouble(case.subject, &case.news.verdict);
        if pending.is_none() || case.subject.is_unknown(&news.verdict) {
            return false;
        }
        let eases = case.told.is_some() && pending > case.told;
        match self.trouble(case.subject, &news.verdict) {
            Some(topic) => news.at <= ready + self.gather && (eases || Some(topic) <= pending),
            None => eases,
        }
    }

    /// Returns whether the new verdict repeats, for this subject, the message that is about to be
    /// sent.
    fn repeats(&self, case: &ChannelState, news: &VerdictNews) -> bool {
        let before = &case.news.verdict;
        let unstable = case.subject != Subject::Status || before.unstable == news.verdict.unstable;
        unstable
            && !case.subject.is_unknown(&news.verdict)
            && self.trouble(case.subject, before) == self.trouble(case.subject, &news.verdict)
    }

    /// The verdict was caused by our own network since before the site turned bad: messages sent
    /// are withdrawn, and messages due are dropped.
    fn take_back(
        &self,
        mut case: ChannelState,
        news: VerdictNews,
    ) -> (ChannelState, Option<Announcement>) {
        let telling = Announcement {
            subject: case.subject,
            topic: Topic::Recovered,
            verdict: news.verdict.clone(),
            at: news.at,
            began: case.began.unwrap_or_else(|| news.since()),
            was: case.told,
            tellings: case.tellings,
            as_of: news.at,
            restless: false,
            withdrawn: true,
        };
        let heard = case.told.is_some() && self.tells(Topic::Recovered);
        case.end(news.at);
        (case.over, case.news) = (None, news);
        (case, heard.then_some(telling))
    }

    /// Makes the message that is due and counts it as sent.
    pub fn tell(&self, case: &mut ChannelState, now: Moment) -> Option<Announcement> {
        let ready = case.ready.take()?;
        let bad = self.trouble(case.subject, &case.news.verdict);
        let restless = case.restless || bad.is_some_and(|topic| case.keeps_failing(topic));
        let telling = Announcement {
            subject: case.subject,
            topic: bad.unwrap_or(Topic::Recovered),
            verdict: case.news.verdict.clone(),
            at: case.news.at,
            began: case.began.unwrap_or_else(|| case.since()),
            was: case.told,
            tellings: case.tellings,
            as_of: now.max(ready),
            restless,
            withdrawn: false,
        };
        if bad.is_some() {
            case.told = bad;
            (case.restless, case.tellings) = (restless, case.tellings.saturating_add(1));
        } else {
            case.end(telling.as_of);
        }
        Some(telling)
    }

    /// Topic of the message that is due.
    pub fn topic(&self, case: &ChannelState) -> Topic {
        self.trouble(case.subject, &case.news.verdict).unwrap_or(Topic::Recovered)
    }

    /// Returns whether the message is due by now, alone or together with others.
    pub fn is_due(&self, case: &ChannelState, now: Moment) -> bool {
        case.ready.is_some_and(|ready| ready + self.gather <= now)
    }

    /// Topic of a status, if this channel is notified of it.
    pub fn bad(&self, status: Status) -> Option<Topic> {
        Topic::of(status).filter(|topic| self.tells(*topic))
    }

    /// Topic of the trouble with the subject, if this channel is notified of it.
    fn trouble(&self, subject: Subject, verdict: &Verdict) -> Option<Topic> {
        match subject {
            Subject::Status => self.bad(verdict.status),
            Subject::Note(kind) => {
                Some(Topic::Notes).filter(|topic| verdict.notes(kind) && self.tells(*topic))
            }
        }
    }

    /// Earliest moment for a message about the newest verdict; `before` is the previous one, and `waits_since` the
    /// earliest moment for the message that this one takes the place of.
    fn ready(
        &self,
        case: &mut ChannelState,
        before: &VerdictNews,
        waits_since: Option<Moment>,
    ) -> Option<Moment> {
        // We do not know: nothing is over and nothing has begun.
        if case.is_unknown() {
            case.began = case.began.filter(|_| case.told.is_some());
            return None;
        }
        let was_well = !case.subject.is_unknown(&before.verdict)
            && self.trouble(case.subject, &before.verdict).is_none();
        let (topic, ready) = if let Some(topic) = self.trouble(case.subject, &case.news.verdict) {
            if was_well && case.restless && case.news.at.since(before.at) >= STABLE_AFTER {
                case.end(before.at + STABLE_AFTER);
            }
            let since = case.since();
            let began = *case.began.get_or_insert(since);
            let told = case.told == Some(topic) && !case.is_unstable();
            if told || case.told.is_some_and(|worst| case.restless && topic >= worst) {
                return None;
            }
            let eases = case.told.is_some_and(|told| topic > told);
            let from = if eases {
                case.news.at + EASED_FOR
            } else {
                waits_since.map_or(case.news.at, |waits| waits.min(case.news.at))
            };
            (topic, from.max(began + self.lasting))
        } else if case.told.is_none() || !case.restless && !self.tells(Topic::Recovered) {
            case.end(case.news.at);
            return None;
        } else if !self.tells(Topic::Recovered) {
            // The end was not reported, and single flaps shall not be.
            return None;
        } else if case.restless {
            let waiting = case.ready.filter(|_| was_well);
            // After a gap it may be known since when it has been well.
            let calm = (case.since() + STABLE_AFTER).max(case.news.at);
            (Topic::Recovered, waiting.unwrap_or(calm))
        } else {
            (Topic::Recovered, case.news.at)
        };
        Some(self.not_before(topic, ready))
    }

    /// The first moment from this one on that is not in quiet hours.
    pub fn not_before(&self, topic: Topic, at: Moment) -> Moment {
        self.quiet.as_ref().and_then(|quiet| quiet.end(topic, at)).unwrap_or(at)
    }
}

#[cfg(test)]
mod tests;
