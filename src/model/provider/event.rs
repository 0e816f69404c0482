//! Provider events: many sites of one provider turn bad within minutes while the rest stay well.
//!
//! A fold over the pictures of all sites. An event opens when enough of a provider's sites turned
//! bad close together, and closes, with patience, when few of them are bad still. Sites that we do
//! not know about open nothing and close nothing: a gap makes no provider better or worse.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::model::{moment::Moment, name::Slug, verdict::Status};

/// When a provider counts as failing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Sites that must turn bad together at least; and always half of the provider's.
    pub sites: usize,
    /// Within what time they must turn bad.
    pub within: Duration,
    /// How long ago the last of them may have turned bad: what could not be told from our own
    /// trouble then is not told much later.
    pub recent: Duration,
    /// One in so many of the other sites may turn bad at the same time; with more it is not this
    /// provider alone, and perhaps our own line.
    pub others: usize,
    /// How long few of its sites must be bad before it is over.
    pub quiet: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            sites: 3,
            within: Duration::from_mins(10),
            recent: Duration::from_mins(30),
            others: 4,
            quiet: Duration::from_mins(5),
        }
    }
}

/// A stretch in which a provider seemed to fail. A provider has one of a start at most, and at most
/// one that has not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The provider's slug.
    pub provider: Box<str>,
    /// When the first of the sites turned bad that opened it.
    pub started_at: Moment,
    /// When we saw that they have one cause.
    pub noticed_at: Moment,
    /// Since when few of its sites were bad; `None` while it lasts.
    pub ended_at: Option<Moment>,
    /// The evidence: every site that was bad with it at some time, in order.
    pub sites: BTreeSet<Slug>,
}

/// What is known of one site now.
#[derive(Clone, Copy, Debug)]
pub struct Sight<'a> {
    /// The site.
    pub slug: &'a Slug,
    /// The slug of its provider, if it is known.
    pub provider: Option<&'a str>,
    /// The status of the verdict in force.
    pub status: Status,
    /// Since when.
    pub since: Option<Moment>,
}

/// The memory of the rule.
#[derive(Debug, Default)]
pub struct Events {
    rules: Rules,
    open: BTreeMap<Box<str>, Open>,
    /// When each site that is bad now turned bad, through all kinds of bad.
    onsets: HashMap<Slug, Moment>,
}

#[derive(Debug)]
struct Open {
    event: Event,
    /// Since when few of its sites are bad.
    quiet_since: Option<Moment>,
}

/// The sites of one provider.
#[derive(Debug, Default)]
struct Group<'a> {
    all: usize,
    known: usize,
    bad: Vec<(Moment, &'a Slug)>,
}

impl Events {
    /// A memory with the events that an earlier run left; ended ones are forgotten.
    pub fn new(rules: Rules, left: impl IntoIterator<Item = Event>) -> Self {
        let going_on = left.into_iter().filter(|event| event.ended_at.is_none());
        let open =
            going_on.map(|event| (event.provider.clone(), Open { event, quiet_since: None }));
        Self { rules, open: open.collect(), onsets: HashMap::new() }
    }

    /// The events that have not ended, in the order of their providers.
    pub fn ongoing(&self) -> impl Iterator<Item = &Event> {
        self.open.values().map(|open| &open.event)
    }

    /// Takes a picture of all sites; gives the events that are not as they were.
    pub fn observe(&mut self, sights: &[Sight<'_>], now: Moment) -> Vec<Event> {
        self.note_onsets(sights, now);
        let groups = self.groups(sights);
        let mut changed = Vec::new();
        for (provider, group) in &groups {
            if let Some(open) = self.open.get_mut(*provider) {
                changed.extend(open.joined(group, &self.rules));
            } else if let Some(event) = self.opens(provider, group, &groups, now) {
                changed.push(event.clone());
                self.open.insert(event.provider.clone(), Open { event, quiet_since: None });
            }
        }
        changed.extend(self.close(sights, now));
        changed
    }

    fn note_onsets(&mut self, sights: &[Sight<'_>], now: Moment) {
        let old = std::mem::take(&mut self.onsets);
        for sight in sights {
            let known = old.get(sight.slug).copied();
            let onset = match sight.status {
                Status::Up => None,
                Status::Unknown => known,
                Status::Down | Status::Partial | Status::Slow => {
                    known.or(sight.since).or(Some(now))
                }
            };
            self.onsets.extend(onset.map(|at| (sight.slug.clone(), at)));
        }
    }

    fn groups<'a>(&self, sights: &[Sight<'a>]) -> BTreeMap<&'a str, Group<'a>> {
        let mut groups: BTreeMap<&str, Group<'_>> = BTreeMap::new();
        for sight in sights {
            // Sites of no known provider are one group that is never blamed.
            let group = groups.entry(sight.provider.unwrap_or_default()).or_default();
            group.all += 1;
            group.known += usize::from(sight.status != Status::Unknown);
            if sight.status.is_outage() {
                let onset = self.onsets.get(sight.slug).copied().unwrap_or_default();
                group.bad.push((onset, sight.slug));
            }
        }
        for group in groups.values_mut() {
            group.bad.sort_unstable();
        }
        groups
    }

    /// The event that this group opens, if it does.
    fn opens(
        &self,
        provider: &str,
        group: &Group<'_>,
        groups: &BTreeMap<&str, Group<'_>>,
        now: Moment,
    ) -> Option<Event> {
        let rules = &self.rules;
        let quorum = rules.sites.max(group.all.div_ceil(2));
        if provider.is_empty() || group.bad.len() < quorum || group.known * 2 < group.all {
            return None;
        }
        let close = |few: &&[(Moment, &Slug)]| few[quorum - 1].0.since(few[0].0) <= rules.within;
        let cluster = group.bad.windows(quorum).find(close)?;
        let (first, last) = (cluster[0].0, cluster[quorum - 1].0);
        if now.since(last) > rules.recent || !self.others_are_well(provider, groups, first) {
            return None;
        }
        let mut event = Event {
            provider: provider.into(),
            started_at: first,
            noticed_at: now,
            ended_at: None,
            sites: BTreeSet::new(),
        };
        event.join(group, rules);
        Some(event)
    }

    /// Whether the sites elsewhere are well, but for those that were bad before and those of
    /// other providers that are failing.
    fn others_are_well(
        &self,
        provider: &str,
        groups: &BTreeMap<&str, Group<'_>>,
        first: Moment,
    ) -> bool {
        let others = groups
            .iter()
            .filter(|(other, _)| **other != provider && !self.open.contains_key(**other));
        let (mut known, mut bad, mut fell) = (0, 0, 0);
        for (_, group) in others {
            known += group.known;
            bad += group.bad.len();
            fell += group.bad.iter().filter(|(at, _)| *at + self.rules.within >= first).count();
        }
        known > bad && fell * self.rules.others <= known
    }

    /// Ends events whose sites have been well for long enough, or are watched no more.
    fn close(&mut self, sights: &[Sight<'_>], now: Moment) -> Vec<Event> {
        let mut ended = Vec::new();
        for open in self.open.values_mut() {
            let sites = &open.event.sites;
            let mine = sights.iter().filter(|sight| sites.contains(sight.slug));
            let (mut here, mut bad, mut well) = (0, 0, Vec::new());
            for sight in mine {
                here += 1;
                bad += usize::from(sight.status.is_outage());
                if sight.status == Status::Up {
                    well.push(sight.since.unwrap_or(now));
                }
            }
            if (bad + well.len()) * 2 < here || bad > may_be_bad(sites.len()) {
                open.quiet_since = None;
                continue;
            }
            let seen = quiet_from(sites.len(), &mut well).unwrap_or(now).min(now);
            let since = *open.quiet_since.get_or_insert(seen);
            if here == 0 || now.since(since) >= self.rules.quiet {
                open.event.ended_at = Some(since.max(open.event.started_at));
                ended.push(open.event.clone());
            }
        }
        self.open.retain(|_, open| open.event.ended_at.is_none());
        ended
    }
}

/// How many of so many sites may be bad when their provider is well again.
fn may_be_bad(sites: usize) -> usize {
    sites / 4
}

/// When so many of the sites were well again that few were left. The judge says late that a site is
/// well, and we look when we look: what it says of the past is the better end. `None` when too
/// little is known of them.
fn quiet_from(sites: usize, well: &mut [Moment]) -> Option<Moment> {
    well.sort_unstable();
    let enough = sites - may_be_bad(sites);
    well.get(enough.checked_sub(1)?).copied()
}

impl Open {
    /// The event, if more sites have joined it.
    fn joined(&mut self, group: &Group<'_>, rules: &Rules) -> Option<Event> {
        self.event.join(group, rules).then(|| self.event.clone())
    }
}

impl Event {
    /// Whether an outage of one of its sites that began at this moment is put down to it.
    pub fn explains(&self, started_at: Moment) -> bool {
        started_at >= self.from() && self.ended_at.is_none_or(|end| started_at <= end)
    }

    /// Sites that turned bad from this moment on may be bad with it.
    pub fn from(&self) -> Moment {
        self.started_at - Rules::default().within
    }

    /// Adds the bad sites of its provider that did not turn bad long before it.
    fn join(&mut self, group: &Group<'_>, rules: &Rules) -> bool {
        let before = self.sites.len();
        let with_it = group.bad.iter().filter(|(at, _)| *at + rules.within >= self.started_at);
        self.sites.extend(with_it.map(|(_, slug)| (*slug).clone()));
        self.sites.len() > before
    }
}

#[cfg(test)]
mod tests;
