//! Provider events: one message for the sites of an event, and one when it is over. Pure.
//!
//! Once a channel was notified of an event, changes of its sites are noted and not announced until
//! it is over: for all, or for the sites that the channel follows.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use super::{ChannelPlan, Class, GroupCause, MessagePlan, lang_of, lines::summary};
use crate::{
    board::LiveSite,
    i18n,
    notify::message::{Happening, Message, MessageLine},
    store::{NotifiedEvent, PlanResult},
};
use model::{
    moment::Moment,
    name::Slug,
    notification::{
        Channel,
        channel_state::{Announcement, ChannelState, Subject},
        rule::Topic,
    },
    provider::{self, ProviderEvent},
    verdict::Status,
};

/// Time that all of a channel's sites must stay up, while others of the provider are not, before
/// that is announced. As long as the rule of events itself.
const STABLE_AFTER: Duration = Duration::from_mins(5);

/// Id of an event: its provider and its start.
pub(super) type Id = (Box<str>, Moment);

pub(super) fn id(event: &ProviderEvent) -> Id {
    (event.provider.clone(), event.started_at)
}

/// The events, and those of them that one channel was notified of.
#[derive(Debug)]
pub(super) struct Happenings<'e> {
    events: &'e [ProviderEvent],
    told: BTreeSet<Id>,
}

impl<'e> Happenings<'e> {
    pub(super) fn new<'t>(
        events: &'e [ProviderEvent],
        told: impl Iterator<Item = &'t NotifiedEvent>,
    ) -> Self {
        Self { events, told: told.map(|t| (t.provider.clone(), t.started_at)).collect() }
    }

    /// The ongoing event that a site is part of.
    pub(super) fn of(&self, slug: &Slug) -> Option<&'e ProviderEvent> {
        let goes_on = |e: &&ProviderEvent| e.ended_at.is_none() && e.withdrawn_at.is_none();
        self.events.iter().filter(goes_on).find(|event| event.sites.contains(slug))
    }

    /// Returns whether the channel was notified of it.
    pub(super) fn was_told(&self, slug: &Slug) -> bool {
        self.of(slug).is_some_and(|event| self.told.contains(&id(event)))
    }
}

impl MessagePlan<'_> {
    /// Tells a channel of the events that are news to it, and of those that are over.
    pub(super) fn tell_events(
        &self,
        channel: &Channel,
        told: &mut ChannelPlan<'_>,
        planned: &mut PlanResult,
    ) {
        for event in told.happenings.events {
            let known = told.happenings.told.contains(&id(event));
            let of = || NotifiedEvent {
                channel: channel.name.to_string(),
                provider: event.provider.clone(),
                started_at: event.started_at,
            };
            if event.withdrawn_at.is_some() {
                if known {
                    self.take_back(channel, event, told, planned);
                    planned.closed.push(of());
                }
            } else if known && self.close(channel, event, told, planned) {
                planned.closed.push(of());
            } else if !known && event.ended_at.is_none() && self.open(channel, event, told, planned)
            {
                planned.opened.push(of());
            }
        }
    }

    /// Announces an event, with the announcements due about its sites and the earlier ones.
    fn open(
        &self,
        channel: &Channel,
        event: &ProviderEvent,
        told: &mut ChannelPlan<'_>,
        planned: &mut PlanResult,
    ) -> bool {
        let mine = GroupCause::Event(id(event));
        let is_mine = |(_, class, cause): &&super::GroupKey| *cause == mine && *class == Class::Bad;
        let keys: Vec<_> = told.groups.keys().filter(is_mine).cloned().collect();
        let new = keys.iter().filter_map(|key| told.groups.remove(key)).flatten();
        let mut announcements: Vec<(Arc<LiveSite>, Announcement)> = new.collect();
        let fresh = !announcements.is_empty();
        for (live, case) in self.part_of(event, told) {
            let topic = told.rule.bad(case.news.verdict.status).filter(|_| case.told.is_some());
            let known = announcements.iter().any(|(w, _)| w.site.slug == live.site.slug);
            if let Some(topic) = topic.filter(|_| !known) {
                let announcement = self.as_it_is(case, topic, event);
                announcements.push((live, announcement));
            }
        }
        let lines: Vec<MessageLine> =
            announcements.iter().map(|(w, t)| self.line(lang_of(channel), w, t)).collect();
        let Some(worst) = lines.iter().map(|line| line.topic).min() else { return false };
        if !fresh && told.rule.not_before(worst, self.now) > self.now {
            return false;
        }
        let (lang, standing) = (lang_of(channel), (self.standing)(event));
        let sentence = i18n::provider::summary_in(lang, &standing, self.now);
        let event = self.happening(event);
        let message = Message::failing(lang, lines, event, &sentence, !fresh, self.now);
        self.draft(channel, Some(message), worst, planned);
        true
    }

    /// Announces that an event is over, if it is, and if that may be announced now.
    fn close(
        &self,
        channel: &Channel,
        event: &ProviderEvent,
        told: &mut ChannelPlan<'_>,
        planned: &mut PlanResult,
    ) -> bool {
        let parts: Vec<(Arc<LiveSite>, ChannelState)> =
            self.part_of(event, told).map(|(live, case)| (live, case.clone())).collect();
        let well = |case: &ChannelState| {
            let status = case.news.verdict.status;
            status != Status::Unknown && told.rule.bad(status).is_none()
        };
        let calm = |case: &ChannelState| well(case) && case.news.at + STABLE_AFTER <= self.now;
        if event.ended_at.is_none() && !parts.iter().all(|(_, case)| calm(case)) {
            return false;
        }
        let tells = told.rule.tells(Topic::Recovered);
        if tells && told.rule.not_before(Topic::Recovered, self.now) > self.now {
            return false;
        }
        let ended_at = event.ended_at.unwrap_or(self.now);
        let mut lines = Vec::new();
        for (live, mut case) in parts {
            let bad = told.rule.bad(case.news.verdict.status);
            let announcement = self.as_it_is(&case, bad.unwrap_or(Topic::Recovered), event);
            lines.push(MessageLine {
                summary: summary(lang_of(channel), &live, &announcement),
                ..self.line(lang_of(channel), &live, &announcement)
            });
            if well(&case) {
                case.end(ended_at);
                told.put(live.site.slug.clone(), case);
            }
        }
        if tells && !lines.is_empty() {
            let message =
                Message::recovered(lang_of(channel), lines, self.happening(event), self.now);
            self.draft(channel, Some(message), Topic::Recovered, planned);
        }
        true
    }

    /// Announces the sites that recovered while a withdrawn event was in force; those still bad
    /// have been announced, and their recovery will be.
    fn take_back(
        &self,
        channel: &Channel,
        event: &ProviderEvent,
        told: &mut ChannelPlan<'_>,
        planned: &mut PlanResult,
    ) {
        let well = |case: &ChannelState| {
            let status = case.news.verdict.status;
            case.told.is_some() && status != Status::Unknown && told.rule.bad(status).is_none()
        };
        let parts: Vec<(Arc<LiveSite>, ChannelState)> = self
            .part_of(event, told)
            .filter(|(_, case)| well(case))
            .map(|(live, case)| (live, case.clone()))
            .collect();
        let mut lines = Vec::new();
        for (live, mut case) in parts {
            let announcement = self.as_it_is(&case, Topic::Recovered, event);
            lines.push(self.line(lang_of(channel), &live, &announcement));
            case.end(self.now);
            told.put(live.site.slug.clone(), case);
        }
        if told.rule.tells(Topic::Recovered) && !lines.is_empty() {
            let message =
                Message::about(lang_of(channel), lines, None, self.page(""), self.now, self.now);
            self.draft(channel, message, Topic::Recovered, planned);
        }
    }

    /// The sites of an event that the channel follows.
    fn part_of<'t>(
        &self,
        event: &'t ProviderEvent,
        told: &'t ChannelPlan<'_>,
    ) -> impl Iterator<Item = (Arc<LiveSite>, &'t ChannelState)> {
        event.sites.iter().filter_map(|slug| {
            let case = told.cases.get(&(slug.clone(), Subject::Status))?;
            Some((self.site_of(slug, told.rule)?, case))
        })
    }

    /// An announcement of the current state, whatever was sent before.
    fn as_it_is(&self, case: &ChannelState, topic: Topic, event: &ProviderEvent) -> Announcement {
        Announcement {
            subject: Subject::Status,
            topic,
            verdict: case.news.verdict.clone(),
            at: case.news.at,
            began: case.began.unwrap_or(event.started_at),
            was: case.told,
            tellings: case.tellings,
            as_of: self.now,
            restless: false,
            withdrawn: false,
        }
    }

    fn happening(&self, event: &ProviderEvent) -> Happening {
        Happening {
            provider: event.provider.clone(),
            name: provider::name(&event.provider).into(),
            page: self.page(&format!("providers/{}", event.provider)),
            started_at: event.started_at,
            noticed_at: event.noticed_at,
            ended_at: event.ended_at,
            affected: event.sites.len(),
        }
    }
}
