//! Which tellings go together, and when: one message for one cause. Pure; it is told what is known.
//!
//! The cause is, for now, the provider of the sites: [`Cause::of`] is the one place that knows.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use url::Url;

use super::message::{Line, Message, it_was};
use crate::{
    board::Watched,
    model::{
        moment::Moment,
        name::{Region, Slug},
        notice::{
            Channel,
            case::{Case, Telling},
            rule::{Rule, Topic},
        },
        outcome::Answer,
        sentence::{Known as Knowledge, sentence},
        site::Site,
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
    /// They share a provider.
    Provider(Box<str>),
    /// It is the site's own.
    Site(Slug),
    /// There are too many causes to tell of each.
    Many,
}

impl Cause {
    fn of(site: &Site) -> Self {
        match &site.provider {
            Some(provider) => Self::Provider(provider.clone()),
            None => Self::Site(site.slug.clone()),
        }
    }
}

/// Tellings that go together: the round in which the site is told of (the second thing told of one
/// site goes after the first), whether it is good, and the cause.
type Key = (usize, bool, Cause);

/// What a plan is made with.
pub(super) struct Plan<'p> {
    /// The live picture of a site of the catalogue.
    pub(super) site: &'p (dyn Fn(&Slug) -> Option<Arc<Watched>> + Sync),
    /// How visitors reach us.
    pub(super) public_url: &'p Url,
    /// The present.
    pub(super) now: Moment,
}

impl Plan<'_> {
    /// What each channel is told. With more news to come time stands still: only what the news
    /// themselves end is told.
    pub(super) fn decide(&self, channels: &[Channel], unplanned: Unplanned) -> Planned {
        let Unplanned { added, news, cases, more } = unplanned;
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
            let mut told = Told::new(&channel.rule, cases);
            let news = news.iter().filter(|news| *news.channel == *channel.name);
            self.take(&mut told, news, *added);
            if !more {
                self.pass_time(&mut told);
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
            let Some(watched) = (self.site)(slug).filter(|w| told.rule.is_about(&w.site)) else {
                continue;
            };
            let fresh = news.at >= added && self.now.since(news.at) <= NEWS;
            let (case, telling) = told.rule.take(told.cases.remove(slug), news.clone(), fresh);
            told.cases.insert(slug.clone(), case);
            told.changed.push(slug.clone());
            if let Some(telling) = telling {
                told.add(&watched, telling);
            }
        }
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
                    let key = told.key(&watched.site, topic);
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
            let page = match &cause {
                Cause::Provider(slug) if tellings.len() > 1 => {
                    self.page(&format!("providers/{slug}"))
                }
                _ if tellings.len() > 1 => self.page(""),
                _ => tellings
                    .first()
                    .map(|(w, _)| self.page(w.site.slug.as_str()))
                    .unwrap_or_default(),
            };
            let provider = match cause {
                Cause::Provider(slug) => Some(slug),
                Cause::Site(_) | Cause::Many => None,
            };
            let as_of = tellings.iter().map(|(_, t)| t.as_of).max().unwrap_or(self.now);
            let lines: Vec<Line> = tellings.iter().map(|(w, t)| self.line(w, t)).collect();
            let topic = lines.iter().map(|line| line.topic).min();
            let message = Message::about(lines, provider, page, as_of, self.now);
            let Some(message) = message.and_then(|m| serde_json::to_value(m).ok()) else {
                continue;
            };
            let topic = topic.unwrap_or(if good { Topic::Recovered } else { Topic::Down });
            let not_before = channel.rule.not_before(topic, self.now);
            planned.drafts.push(Draft { channel: channel.name.to_string(), message, not_before });
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

    fn line(&self, watched: &Watched, telling: &Telling) -> Line {
        let site = &watched.site;
        let verdict = &telling.verdict;
        let ended = if telling.topic == Topic::Recovered {
            verdict.since.unwrap_or(telling.as_of)
        } else {
            telling.as_of
        };
        let mut summary = summary(watched, telling);
        if telling.topic == Topic::Recovered {
            summary.push(' ');
            summary += &it_was(telling.was, telling.began, ended, self.now);
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
            cause: verdict.cause.clone(),
            provider: site.provider.clone(),
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
}

impl<'p> Told<'p> {
    fn new(rule: &'p Rule, cases: HashMap<Slug, Case>) -> Self {
        let (changed, groups, rounds) = (Vec::new(), BTreeMap::new(), HashMap::new());
        Self { rule, cases, changed, groups, rounds }
    }

    fn key(&self, site: &Site, topic: Topic) -> Key {
        let round = self.rounds.get(&site.slug).copied().unwrap_or(0);
        (round, topic == Topic::Recovered, Cause::of(site))
    }

    fn add(&mut self, watched: &Arc<Watched>, telling: Telling) {
        let key = self.key(&watched.site, telling.topic);
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
    let note = regions().find_map(|seen| match &seen.check.outcome.answer {
        Answer::Restricted(note) => Some(&**note),
        Answer::Ok | Answer::Failed(_) => None,
    });
    let known = Knowledge {
        name: &watched.site.name,
        verdict: &telling.verdict,
        note: note.filter(|_| telling.verdict.restricted),
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
