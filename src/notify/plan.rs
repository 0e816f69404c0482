//! Groups announcements into messages, one message for one cause. Pure; its input is passed in.
//!
//! The cause is the provider event that a site is part of; without one, the provider that sites
//! share and turn bad or recover with within the window of the channel.

mod events;
mod lines;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use url::Url;

use self::{
    events::{Happenings, Id, id},
    lines::one_for_each_site,
};
use super::message::{Message, page};
use crate::{
    board::LiveSite,
    i18n::Lang,
    store::{ChannelKnowledge, MessageDraft, PlanResult, Published, Unplanned},
};
use model::{
    moment::Moment,
    name::Slug,
    note::NoteKind,
    notification::{
        Channel,
        channel_state::{Announcement, ChannelState, Subject, VerdictNews},
        rule::{Rule, Topic},
    },
    planned::{PlannedWork, planned_until},
    provider::{ProviderEvent, ProviderStatus},
};

/// Age above which a change is no longer news.
const MAX_NEWS_AGE: Duration = Duration::from_hours(24);
/// Time ahead in which planned work is looked at, and the time after which it is looked at again: it may be
/// cancelled.
const PLANNED_AHEAD: Duration = Duration::from_hours(24 * 30);
const PLANNED_AGAIN: Duration = Duration::from_secs(30);
/// Messages of one kind at once; more causes than that share a message.
const MAX_MESSAGES: usize = 5;

/// Reason why announcements share a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum GroupCause {
    /// They are part of a provider event that the channel has not been notified of.
    Event(Id),
    /// They share a provider.
    Provider(Box<str>),
    /// It is the site's own.
    Site(Slug),
    /// There are too many causes for a message each.
    Many,
}

/// Tellings of one class may share a message; in the order of the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Class {
    /// Sites turn bad.
    Bad,
    /// Sites recover.
    Good,
    /// Notes begin.
    Noted,
    /// Notes are over.
    NoteOver,
}

impl Class {
    fn of(subject: Subject, topic: Topic) -> Self {
        match (subject, topic) {
            (Subject::Status, Topic::Recovered) => Self::Good,
            (Subject::Status, _) => Self::Bad,
            (Subject::Note(_), Topic::Recovered) => Self::NoteOver,
            (Subject::Note(_), _) => Self::Noted,
        }
    }
}

/// Group of announcements: the round (a second announcement about one subject goes after the
/// first), their class, and the cause.
type GroupKey = (usize, Class, GroupCause);

/// Inputs of a plan.
pub(super) struct MessagePlan<'p> {
    /// The live picture of a site of the catalogue.
    pub(super) site: &'p (dyn Fn(&Slug) -> Option<Arc<LiveSite>> + Sync),
    /// Status of a provider's sites, with an event of it.
    pub(super) standing: &'p (dyn Fn(&ProviderEvent) -> ProviderStatus + Sync),
    /// Public URL of the pages.
    pub(super) public_url: &'p Url,
    /// Work that was announced.
    pub(super) works: &'p [PlannedWork],
    /// The present.
    pub(super) now: Moment,
}

impl MessagePlan<'_> {
    /// Messages of each channel. While more news is to come, time stands still: only stretches that
    /// the news itself ends are reported.
    pub(super) fn decide(&self, channels: &[Channel], unplanned: Unplanned) -> PlanResult {
        let Unplanned { added, news, cases, events, told: told_of, more } = unplanned;
        let mut planned = PlanResult::default();
        let mut by_channel: HashMap<String, Cases> = HashMap::new();
        for ChannelKnowledge { channel, slug, case } in cases {
            by_channel.entry(channel).or_default().insert((slug, case.subject), case);
        }
        for channel in channels {
            let Some((_, added)) = added.iter().find(|(name, _)| **name == *channel.name) else {
                continue;
            };
            let cases = by_channel.remove(&*channel.name).unwrap_or_default();
            let told_of = told_of.iter().filter(|told| told.channel == *channel.name);
            let mut told =
                ChannelPlan::new(&channel.rule, cases, Happenings::new(&events, told_of));
            let news = news.iter().filter(|news| *news.channel == *channel.name);
            self.take(&mut told, news, *added);
            if !more {
                self.pass_time(&mut told);
                self.tell_events(channel, &mut told, &mut planned);
            }
            self.finish(channel, told, &mut planned);
        }
        planned
    }

    /// Takes what is new.
    fn take<'n>(
        &self,
        told: &mut ChannelPlan<'_>,
        news: impl Iterator<Item = &'n Published>,
        added: Moment,
    ) {
        for Published { slug, news, .. } in news {
            let Some(live) = self.site_of(slug, told.rule) else { continue };
            let fresh = news.at >= added && self.now.since(news.at) <= MAX_NEWS_AGE;
            for subject in told.subjects(slug, news) {
                let mut case = told.cases.remove(&(slug.clone(), subject));
                if let Some(case) = &mut case {
                    case.ready = case.ready.map(|at| self.planned_end(&live, at).unwrap_or(at));
                }
                if let Some(case) = &mut case
                    && told.is_held(slug, subject)
                {
                    // It waits for the end of the event, and is announced then if it still holds.
                    case.ready = None;
                }
                // A note that is older than a day when the channel asks for notes is no news.
                let since = subject.since(&news.verdict).unwrap_or(news.at);
                let fresh =
                    fresh && (subject == Subject::Status || self.now.since(since) <= MAX_NEWS_AGE);
                let (case, announcement) = told.rule.take(subject, case, news.clone(), fresh);
                told.put(slug.clone(), case);
                if let Some(announcement) = announcement {
                    told.add(&live, announcement);
                }
            }
        }
    }

    /// A site of the catalogue that the rule is about.
    fn site_of(&self, slug: &Slug, rule: &Rule) -> Option<Arc<LiveSite>> {
        (self.site)(slug).filter(|live| rule.is_about(&live.site, live.provider()))
    }

    /// End of the planned work on a site at a moment: until then its messages wait, as in quiet hours.
    fn planned_end(&self, live: &LiveSite, at: Moment) -> Option<Moment> {
        let mine = self.works.iter().filter(|w| w.is_about(&live.site, live.provider()));
        let stretches: Vec<_> =
            mine.flat_map(|work| work.occurrences(at, at + PLANNED_AHEAD)).collect();
        planned_until(&stretches, at)
    }

    /// Announces what is due by now, and with it what is ready and has the same cause.
    fn pass_time(&self, told: &mut ChannelPlan<'_>) {
        let ready = |case: &ChannelState| case.ready.is_some_and(|ready| ready <= self.now);
        let mut waits: Vec<(Slug, Subject)> = told
            .cases
            .iter()
            .filter(|((slug, subject), case)| ready(case) && !told.is_held(slug, *subject))
            .map(|(of, _)| of.clone())
            .collect();
        waits.sort_unstable();
        let mut waiting = BTreeMap::<GroupKey, Vec<_>>::new();
        for of in waits {
            let Some(case) = told.cases.get_mut(&of) else { continue };
            let topic = told.rule.topic(case);
            let live = (self.site)(&of.0);
            let planned = live.as_ref().and_then(|live| self.planned_end(live, self.now));
            let again = planned.map_or(self.now, |end| end.min(self.now + PLANNED_AGAIN));
            let later = told.rule.not_before(topic, self.now).max(again);
            match live {
                Some(live) if later == self.now => {
                    let key = told.key(&live, of.1, topic);
                    waiting.entry(key).or_default().push((live, of));
                }
                // Quiet hours or planned work have begun, or the site has left the catalogue.
                gone => {
                    case.ready = gone.map(|_| later);
                    told.changed.push(of);
                }
            }
        }
        for (key, sites) in waiting {
            let is_due = |of| told.cases.get(of).is_some_and(|c| told.rule.is_due(c, self.now));
            let fires = told.groups.contains_key(&key) || sites.iter().any(|(_, of)| is_due(of));
            for (live, of) in sites.into_iter().filter(|_| fires) {
                let Some(case) = told.cases.get_mut(&of) else { continue };
                if let Some(announcement) = told.rule.tell(case, self.now) {
                    told.changed.push(of);
                    told.add(&live, announcement);
                }
            }
        }
    }

    /// Writes the messages of a channel, and returns its states.
    fn finish(&self, channel: &Channel, told: ChannelPlan<'_>, planned: &mut PlanResult) {
        let lang = lang_of(channel);
        for ((_, class, cause), announcements) in together(told.groups) {
            let provider = match cause {
                GroupCause::Provider(slug) | GroupCause::Event((slug, _)) => Some(slug),
                GroupCause::Site(_) | GroupCause::Many => None,
            };
            let as_of = announcements.iter().map(|(_, t)| t.as_of).max().unwrap_or(self.now);
            let lines = announcements.iter().map(|(w, t)| match class {
                Class::Bad | Class::Good => self.line(lang, w, t),
                Class::Noted | Class::NoteOver => self.line_of_note(lang, w, t),
            });
            let lines = one_for_each_site(lang, lines);
            let page = match (&provider, lines.as_slice()) {
                (_, [line]) => line.page.clone(),
                (Some(slug), _) => self.page(&format!("providers/{slug}")),
                (None, _) => self.page(""),
            };
            let Some(topic) = lines.iter().map(|line| line.topic).min() else { continue };
            let message = Message::about(lang, lines, provider, page, as_of, self.now);
            self.draft(channel, message, topic, planned);
        }
        let mut changed = told.changed;
        changed.sort_unstable();
        changed.dedup();
        let mut cases = told.cases;
        planned.cases.extend(changed.into_iter().filter_map(|of| {
            let case = cases.remove(&of)?;
            Some(ChannelKnowledge { channel: channel.name.to_string(), slug: of.0, case })
        }));
    }

    fn draft(
        &self,
        channel: &Channel,
        message: Option<Message>,
        topic: Topic,
        planned: &mut PlanResult,
    ) {
        let message = message.and_then(|message| serde_json::to_value(message).ok());
        planned.drafts.extend(message.map(|message| MessageDraft {
            channel: channel.name.to_string(),
            message,
            not_before: channel.rule.not_before(topic, self.now),
        }));
    }

    fn page(&self, path: &str) -> String {
        page(self.public_url, path)
    }
}

/// States of a channel by site and subject.
type Cases = HashMap<(Slug, Subject), ChannelState>;

/// One channel while it is planned for.
struct ChannelPlan<'p> {
    rule: &'p Rule,
    cases: Cases,
    changed: Vec<(Slug, Subject)>,
    groups: BTreeMap<GroupKey, Vec<(Arc<LiveSite>, Announcement)>>,
    /// Number of announcements so far about each.
    rounds: HashMap<(Slug, Subject), usize>,
    happenings: Happenings<'p>,
}

impl<'p> ChannelPlan<'p> {
    fn new(rule: &'p Rule, cases: Cases, happenings: Happenings<'p>) -> Self {
        let (changed, groups, rounds) = (Vec::new(), BTreeMap::new(), HashMap::new());
        Self { rule, cases, changed, groups, rounds, happenings }
    }

    /// Subjects that news of a site may be about: its status, and the notes that it has or that the
    /// channel knows of.
    fn subjects(&self, slug: &Slug, news: &VerdictNews) -> Vec<Subject> {
        let is_known = |kind| self.cases.contains_key(&(slug.clone(), Subject::Note(kind)));
        let kinds = NoteKind::ALL.into_iter();
        let notes = kinds.filter(|kind| news.verdict.notes(*kind) || is_known(*kind));
        let notes = notes.filter(|_| self.rule.tells(Topic::Notes)).map(Subject::Note);
        std::iter::once(Subject::Status).chain(notes).collect()
    }

    fn put(&mut self, slug: Slug, case: ChannelState) {
        self.changed.push((slug.clone(), case.subject));
        self.cases.insert((slug, case.subject), case);
    }

    /// Returns whether a note is not announced now: its site is part of an event that the channel
    /// was notified of.
    fn is_held(&self, slug: &Slug, subject: Subject) -> bool {
        subject != Subject::Status && self.happenings.was_told(slug)
    }

    fn key(&self, live: &LiveSite, subject: Subject, topic: Topic) -> GroupKey {
        let slug = &live.site.slug;
        let round = self.rounds.get(&(slug.clone(), subject)).copied().unwrap_or(0);
        let class = Class::of(subject, topic);
        let event = self.happenings.of(slug).filter(|_| class == Class::Bad);
        let cause = match (event, live.provider()) {
            (Some(event), _) => GroupCause::Event(id(event)),
            (None, Some(provider)) => GroupCause::Provider(provider.into()),
            (None, None) => GroupCause::Site(slug.clone()),
        };
        (round, class, cause)
    }

    /// Adds an announcement. One that belongs to an event the channel was notified of waits for the
    /// event's end.
    fn add(&mut self, live: &Arc<LiveSite>, announcement: Announcement) {
        let slug = &live.site.slug;
        if self.happenings.was_told(slug) {
            return;
        }
        let key = self.key(live, announcement.subject, announcement.topic);
        *self.rounds.entry((slug.clone(), announcement.subject)).or_default() += 1;
        self.groups.entry(key).or_default().push((live.clone(), announcement));
    }
}

/// The same groups, or, where there are too many at once, all of a kind as one.
fn together<T>(groups: BTreeMap<GroupKey, Vec<T>>) -> BTreeMap<GroupKey, Vec<T>> {
    let mut counts: HashMap<(usize, Class), usize> = HashMap::new();
    for (round, class, _) in groups.keys() {
        *counts.entry((*round, *class)).or_default() += 1;
    }
    let mut joined: BTreeMap<GroupKey, Vec<T>> = BTreeMap::new();
    for ((round, class, cause), announcements) in groups {
        let many = counts.get(&(round, class)).is_some_and(|count| *count > MAX_MESSAGES);
        let cause = if many { GroupCause::Many } else { cause };
        joined.entry((round, class, cause)).or_default().extend(announcements);
    }
    joined
}

/// Language of a channel.
fn lang_of(channel: &Channel) -> Lang {
    Lang::of_tag(channel.language).unwrap_or_default()
}

#[cfg(test)]
mod tests;
