//! Which tellings go together, and when: one message for one cause. Pure; it is told what is known.
//!
//! The cause is the provider event that a site is part of; without one, the provider that sites
//! share and turn bad or well with within the window of the channel.

mod events;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use url::Url;

use self::events::{Happenings, Id, id};
use super::message::{CauseText, Line, Message, it_was, no_more, taken_back};
use crate::{
    board::Watched,
    i18n::sentence::{Known as Knowledge, sentence},
    model::{
        moment::Moment,
        name::{Region, Slug},
        notice::{
            Channel,
            case::{Case, Telling},
            rule::{Rule, Topic},
        },
        outcome::Answer,
        provider::{Event, Standing},
        verdict::Status,
    },
    store::{Draft, Known, Planned, Published, Unplanned},
};

/// What is older than this when we hear of it is no news.
const NEWS: Duration = Duration::from_hours(24);
/// Messages of one kind at once; more causes than that are told together.
const MOST_AT_ONCE: usize = 5;

/// Why sites are told of together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    /// They are part of a provider event of which the channel has not been told.
    Event(Id),
    /// They share a provider.
    Provider(Box<str>),
    /// It is the site's own.
    Site(Slug),
    /// There are too many causes to tell of each.
    Many,
}

/// Tellings that go together: the round in which the site is told of (the second thing told of one
/// site goes after the first), whether it is good, and the cause.
type Key = (usize, bool, Cause);

/// What a plan is made with.
pub(super) struct Plan<'p> {
    /// The live picture of a site of the catalogue.
    pub(super) site: &'p (dyn Fn(&Slug) -> Option<Arc<Watched>> + Sync),
    /// How a provider's sites are, with an event of it.
    pub(super) standing: &'p (dyn Fn(&Event) -> Standing + Sync),
    /// How visitors reach us.
    pub(super) public_url: &'p Url,
    /// The present.
    pub(super) now: Moment,
}

impl Plan<'_> {
    /// What each channel is told. With more news to come time stands still: only what the news
    /// themselves end is told.
    pub(super) fn decide(&self, channels: &[Channel], unplanned: Unplanned) -> Planned {
        let Unplanned { added, news, cases, events, told: told_of, more } = unplanned;
        let mut planned = Planned::default();
        let mut by_channel: HashMap<String, HashMap<Slug, Case>> = HashMap::new();
        for Known { channel, slug, case } in cases {
            by_channel.entry(channel).or_default().insert(slug, case);
        }
        for channel in channels {
            let Some((_, added)) = added.iter().find(|(name, _)| **name == *channel.name) else {
                continue;
            };
            let cases = by_channel.remove(&*channel.name).unwrap_or_default();
            let told_of = told_of.iter().filter(|told| told.channel == *channel.name);
            let mut told = Told::new(&channel.rule, cases, Happenings::new(&events, told_of));
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
        told: &mut Told<'_>,
        news: impl Iterator<Item = &'n Published>,
        added: Moment,
    ) {
        for Published { slug, news, .. } in news {
            let Some(watched) = self.site_of(slug, told.rule) else { continue };
            let fresh = news.at >= added && self.now.since(news.at) <= NEWS;
            let (case, telling) = told.rule.take(told.cases.remove(slug), news.clone(), fresh);
            told.cases.insert(slug.clone(), case);
            told.changed.push(slug.clone());
            if let Some(telling) = telling {
                told.add(&watched, telling);
            }
        }
    }

    /// A site of the catalogue that the rule is about.
    fn site_of(&self, slug: &Slug, rule: &Rule) -> Option<Arc<Watched>> {
        (self.site)(slug).filter(|watched| rule.is_about(&watched.site, watched.provider()))
    }

    /// Tells what is due by now, and with it what is ready and has the same cause.
    fn pass_time(&self, told: &mut Told<'_>) {
        let ready = |case: &Case| case.ready.is_some_and(|ready| ready <= self.now);
        let mut slugs: Vec<Slug> = told
            .cases
            .iter()
            .filter(|(_, case)| ready(case))
            .map(|(slug, _)| slug.clone())
            .collect();
        slugs.sort_unstable();
        let mut waiting: BTreeMap<Key, Vec<(Arc<Watched>, Slug)>> = BTreeMap::new();
        for slug in slugs {
            let Some(case) = told.cases.get_mut(&slug) else { continue };
            let topic = told.rule.topic(case);
            let later = told.rule.not_before(topic, self.now);
            let watched = (self.site)(&slug);
            match watched {
                Some(watched) if later == self.now => {
                    let key = told.key(&watched, topic);
                    waiting.entry(key).or_default().push((watched, slug));
                }
                // Quiet hours have begun, or the site has left the catalogue.
                gone => {
                    case.ready = gone.map(|_| later);
                    told.changed.push(slug);
                }
            }
        }
        for (key, sites) in waiting {
            let is_due = |slug| told.cases.get(slug).is_some_and(|c| told.rule.is_due(c, self.now));
            let fires = told.groups.contains_key(&key) || sites.iter().any(|(_, s)| is_due(s));
            for (watched, slug) in sites.into_iter().filter(|_| fires) {
                let Some(case) = told.cases.get_mut(&slug) else { continue };
                if let Some(telling) = told.rule.tell(case, self.now) {
                    told.changed.push(slug);
                    told.add(&watched, telling);
                }
            }
        }
    }

    /// Writes the messages of a channel, and gives back its cases.
    fn finish(&self, channel: &Channel, told: Told<'_>, planned: &mut Planned) {
        for ((_, good, cause), tellings) in together(told.groups) {
            let provider = match cause {
                Cause::Provider(slug) | Cause::Event((slug, _)) => Some(slug),
                Cause::Site(_) | Cause::Many => None,
            };
            let page = match (&provider, tellings.as_slice()) {
                (_, [(watched, _)]) => self.page(watched.site.slug.as_str()),
                (Some(slug), _) => self.page(&format!("providers/{slug}")),
                (None, _) => self.page(""),
            };
            let as_of = tellings.iter().map(|(_, t)| t.as_of).max().unwrap_or(self.now);
            let lines: Vec<Line> = tellings.iter().map(|(w, t)| self.line(w, t)).collect();
            let topic = lines.iter().map(|line| line.topic).min();
            let topic = topic.unwrap_or(if good { Topic::Recovered } else { Topic::Down });
            let message = Message::about(lines, provider, page, as_of, self.now);
            self.draft(channel, message, topic, planned);
        }
        let mut changed = told.changed;
        changed.sort_unstable();
        changed.dedup();
        let mut cases = told.cases;
        planned.cases.extend(changed.into_iter().filter_map(|slug| {
            let case = cases.remove(&slug)?;
            Some(Known { channel: channel.name.to_string(), slug, case })
        }));
    }

    fn draft(
        &self,
        channel: &Channel,
        message: Option<Message>,
        topic: Topic,
        planned: &mut Planned,
    ) {
        let message = message.and_then(|message| serde_json::to_value(message).ok());
        planned.drafts.extend(message.map(|message| Draft {
            channel: channel.name.to_string(),
            message,
            not_before: channel.rule.not_before(topic, self.now),
        }));
    }

    fn line(&self, watched: &Watched, telling: &Telling) -> Line {
        let site = &watched.site;
        let verdict = &telling.verdict;
        let ended = if telling.topic == Topic::Recovered {
            verdict.since.unwrap_or(telling.as_of)
        } else {
            telling.as_of
        };
        let mut summary = summary(watched, telling);
        if verdict.doubt.is_some() {
            summary.push(' ');
            summary += &taken_back(telling, self.now);
        } else if telling.topic == Topic::Recovered {
            summary.push(' ');
            summary += &it_was(telling, ended, self.now);
        } else if telling.restless {
            summary.push(' ');
            summary += &no_more();
        }
        Line {
            slug: site.slug.clone(),
            name: site.name.clone(),
            url: site.url.as_str().into(),
            page: self.page(site.slug.as_str()),
            status: verdict.status,
            since: verdict.since,
            was: telling.was,
            began_at: telling.began,
            duration_seconds: ended.since(telling.began).as_secs(),
            cause: verdict.cause.as_ref().map(CauseText::of),
            provider: watched.provider().map(Into::into),
            unstable: telling.restless,
            tags: site.tags.clone(),
            summary,
            topic: telling.topic,
        }
    }

    fn page(&self, path: &str) -> String {
        let root = self.public_url.as_str().trim_end_matches('/');
        format!("{root}/{path}")
    }
}

/// One channel while it is planned for.
struct Told<'p> {
    rule: &'p Rule,
    cases: HashMap<Slug, Case>,
    changed: Vec<Slug>,
    groups: BTreeMap<Key, Vec<(Arc<Watched>, Telling)>>,
    /// How often each site was told of already.
    rounds: HashMap<Slug, usize>,
    happenings: Happenings<'p>,
}

impl<'p> Told<'p> {
    fn new(rule: &'p Rule, cases: HashMap<Slug, Case>, happenings: Happenings<'p>) -> Self {
        let (changed, groups, rounds) = (Vec::new(), BTreeMap::new(), HashMap::new());
        Self { rule, cases, changed, groups, rounds, happenings }
    }

    fn key(&self, watched: &Watched, topic: Topic) -> Key {
        let slug = &watched.site.slug;
        let round = self.rounds.get(slug).copied().unwrap_or(0);
        let good = topic == Topic::Recovered;
        let event = self.happenings.of(slug).filter(|_| !good);
        let cause = match (event, watched.provider()) {
            (Some(event), _) => Cause::Event(id(event)),
            (None, Some(provider)) => Cause::Provider(provider.into()),
            (None, None) => Cause::Site(slug.clone()),
        };
        (round, good, cause)
    }

    /// Takes a telling up. What is part of an event that the channel was told of is told with the
    /// event's end.
    fn add(&mut self, watched: &Arc<Watched>, telling: Telling) {
        if self.happenings.was_told(&watched.site.slug) {
            return;
        }
        let key = self.key(watched, telling.topic);
        *self.rounds.entry(watched.site.slug.clone()).or_default() += 1;
        self.groups.entry(key).or_default().push((watched.clone(), telling));
    }
}

/// The same groups, or, where there are too many at once, all of a kind as one.
fn together<T>(groups: BTreeMap<Key, Vec<T>>) -> BTreeMap<Key, Vec<T>> {
    let mut counts: HashMap<(usize, bool), usize> = HashMap::new();
    for (round, good, _) in groups.keys() {
        *counts.entry((*round, *good)).or_default() += 1;
    }
    let mut joined: BTreeMap<Key, Vec<T>> = BTreeMap::new();
    for ((round, good, cause), tellings) in groups {
        let many = counts.get(&(round, good)).is_some_and(|count| *count > MOST_AT_ONCE);
        let cause = if many { Cause::Many } else { cause };
        joined.entry((round, good, cause)).or_default().extend(tellings);
    }
    joined
}

/// The sentence of the page, as it was when it is told.
fn summary(watched: &Watched, telling: &Telling) -> String {
    let regions = || watched.regions.iter();
    let down = regions().filter(|seen| seen.status == Status::Down).map(|s| s.region.clone());
    let down_in: Vec<Region> =
        if telling.verdict.status == Status::Partial { down.collect() } else { Vec::new() };
    let restriction = regions().find_map(|seen| match &seen.check.outcome.answer {
        Answer::Restricted(restriction) => Some(restriction),
        Answer::Ok | Answer::Failed(_) => None,
    });
    let known = Knowledge {
        name: &watched.site.name,
        verdict: &telling.verdict,
        restriction: restriction.filter(|_| telling.verdict.restricted),
        latency: watched.latency(),
        usual: watched.usual,
        checked_at: watched.checked_at(),
        fresh: true,
        down_in: &down_in,
    };
    sentence(&known, telling.as_of)
}

#[cfg(test)]
mod tests;
