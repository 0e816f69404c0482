//! Provider events: many sites of one provider turn bad within minutes, with one symptom, while the
//! rest stay well.
//!
//! A fold over pictures of all sites. [`super::cause`] finds the one cause in a picture; this
//! module follows the event from there:
//!
//! - a site **joins** when it fell with the same symptom within minutes of the others, before any of them recovered;
//! - an event is **withdrawn** while it is young when others turn out to have fallen alike, when one
//!   cause behind several providers shows, or when our own network explains it;
//! - it **ends** when the symptom that its sites shared has ended: sites still bad are **left over**. Until
//!   that is sure the event goes on: services come back slowly, and fall again.
//!
//! Unknown sites open nothing and close nothing: a gap makes no provider better or worse. During
//! self-doubt nothing opens.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use super::{
    cause::{CHECK_INTERVAL, Fall, SiteSnapshot, Suspect, the_one},
    dependency::SiteSignal,
    event::{ProviderEvent, ProviderEvidence},
    kind::TroubleKind,
    known::layer,
    symptom::{Alike, FailureSymptom, is_of_a_server_reached},
};
use crate::{moment::Moment, name::Slug, verdict::Status};

/// Rules for counting a provider as failing.
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderRules {
    /// Least number of sites that must turn bad together.
    pub sites: usize,
    /// Time within which they must turn bad.
    pub within: Duration,
    /// The same for servers of a cloud, where failures spread: more of them, in proportion.
    pub spread: Duration,
    /// In how many years chance alone may bring as much once: there are many providers, many sites.
    pub years: f64,
    /// Factor by which the share of its sites that fell must exceed the share elsewhere.
    pub times: usize,
    /// Longest time since the last site fell: an event that could not be told from our own trouble
    /// at the time is not reported much later.
    pub recent: Duration,
    /// Wait after the first fall before an event is reported: every site has been checked by then,
    /// and a cause behind several providers has shown itself.
    pub wait: Duration,
    /// The same for clouds, which little stands behind.
    pub wait_for_clouds: Duration,
    /// The time that its sites must be well before it is over: by then it is known which of them
    /// are slow since, and most that fall in waves have fallen again.
    pub quiet: Duration,
    /// The time that none of them may have fallen again, where they fall in waves or some stay bad.
    pub calm: Duration,
}

impl Default for ProviderRules {
    fn default() -> Self {
        Self {
            sites: 3,
            within: Duration::from_mins(10),
            spread: Duration::from_hours(1),
            years: 20_000.0,
            times: 4,
            recent: Duration::from_mins(30),
            wait: Duration::from_secs(90),
            wait_for_clouds: Duration::from_secs(30),
            quiet: Duration::from_mins(15),
            calm: Duration::from_hours(1),
        }
    }
}

/// Time up after which a fall counts as a new one; a site that falls again sooner is no evidence.
pub(super) const NEW_FALL_AFTER: Duration = Duration::from_mins(30);
/// Time for which the fall of a recovered site is remembered.
const FALLS_KEPT_FOR: Duration = Duration::from_hours(1);
/// Time after an event during which sites still bad are counted as left over from it.
const LEFT_OVER_FOR: Duration = Duration::from_hours(24);

/// The memory of the rule.
#[derive(Debug, Default)]
pub struct ProviderEventDetector {
    rules: ProviderRules,
    open: BTreeMap<Box<str>, ProviderEvent>,
    /// The last event of each provider that is over, for a while.
    over: BTreeMap<Box<str>, ProviderEvent>,
    /// Falls of sites that are bad or were so lately.
    falls: HashMap<Slug, Fall>,
    /// The last event that was taken back of each provider that was cleared: what fell before says nothing of it
    /// any more, and what began with it has no other cause but one that is behind it.
    cleared: HashMap<Box<str>, ProviderEvent>,
    /// True if time alone may show a cause.
    waits: bool,
}

impl ProviderEventDetector {
    /// A memory with the events that an earlier run left.
    pub fn new(rules: ProviderRules, left: impl IntoIterator<Item = ProviderEvent>) -> Self {
        let stands = left.into_iter().filter(|event| event.withdrawn_at.is_none());
        let (over, open) = stands
            .map(|event| (event.provider.clone(), event))
            .partition(|(_, event)| event.ended_at.is_some());
        Self { rules, open, over, ..Self::default() }
    }

    /// Takes these events for the ongoing ones of their providers.
    pub fn adopt(&mut self, ongoing: impl IntoIterator<Item = ProviderEvent>) {
        self.open.extend(ongoing.into_iter().map(|event| (event.provider.clone(), event)));
    }

    /// The events that have not ended, in the order of their providers.
    pub fn ongoing(&self) -> impl Iterator<Item = &ProviderEvent> {
        self.open.values()
    }

    /// The events that are over of which sites are bad still, with those sites alone.
    pub fn left_over(&self) -> impl Iterator<Item = ProviderEvent> {
        let over = self.over.values().filter(|event| !self.open.contains_key(&event.provider));
        over.filter_map(|event| {
            let is_left =
                |slug: &&Slug| self.falls.get(*slug).is_some_and(|fall| event.left_over(fall));
            let sites: BTreeSet<Slug> = event.sites.iter().filter(is_left).cloned().collect();
            (!sites.is_empty()).then(|| ProviderEvent { sites, ..event.clone() })
        })
    }

    /// Returns whether another picture is wanted though no site is another than in the last one.
    pub fn waits(&self) -> bool {
        self.waits || !self.open.is_empty()
    }

    /// Takes a picture of all sites; gives the events that are not as they were.
    pub fn observe(&mut self, signals: &[SiteSignal<'_>], now: Moment) -> Vec<ProviderEvent> {
        self.note_falls(signals, now);
        let kept_for = self.rules.spread + self.rules.within;
        self.cleared
            .retain(|_, event| event.withdrawn_at.is_some_and(|at| now.since(at) <= kept_for));
        self.over
            .retain(|_, event| event.ended_at.is_some_and(|at| now.since(at) <= LEFT_OVER_FOR));
        let mut changed = self.withdraw(signals, now);
        let recent = |fall: &&Fall| now.since(fall.at) <= self.rules.recent;
        self.waits = false;
        if self.falls.values().filter(recent).count() >= self.rules.sites {
            changed.extend(self.open(signals, now));
        }
        changed.extend(self.join(signals));
        changed.extend(self.close(signals, now));
        changed
    }

    fn note_falls(&mut self, signals: &[SiteSignal<'_>], now: Moment) {
        if self.falls.len() > signals.len() {
            // Some of them are watched no more.
            let watched: BTreeSet<&Slug> = signals.iter().map(|signal| signal.slug).collect();
            self.falls.retain(|slug, _| watched.contains(slug));
        }
        for signal in signals {
            let known = self.falls.get(signal.slug).copied();
            if known.is_none() && !signal.status.is_outage() {
                continue;
            }
            let symptom = || FailureSymptom::of(signal.status, signal.cause);
            let at = signal.since.unwrap_or(now);
            let reached = signal.cause.is_none_or(is_of_a_server_reached);
            let begins = |symptom, again| Some(Fall { at, symptom, reached, again, well_at: None });
            let fall = match (signal.status, known) {
                (Status::Unknown, known) => known,
                (Status::Up, known) => known
                    .map(|fall| Fall { well_at: fall.well_at.or(Some(at)), ..fall })
                    .filter(|fall| fall.well_at.is_some_and(|at| now.since(at) <= FALLS_KEPT_FOR)),
                // From slow to down is another fall; from down to slow it is the same.
                (status, Some(fall)) if fall.well_at.is_none() => {
                    match symptom().filter(|_| status != Status::Slow) {
                        Some(symptom) if fall.symptom == FailureSymptom::Slow => {
                            begins(symptom, false)
                        }
                        // What it fails with now is another's matter than what it fell with.
                        Some(symptom) if !symptom.is_as_that_of(fall.symptom) => {
                            let named = self.open.values().any(|e| e.sites.contains(signal.slug));
                            let again = fall.at != at;
                            let other = Fall { at: now, symptom, reached, again, well_at: None };
                            Some(if named { fall } else { other })
                        }
                        _ => Some(fall),
                    }
                }
                (_, known) => {
                    let well_at = known.and_then(|fall| fall.well_at);
                    let again = well_at.is_some_and(|well_at| at.since(well_at) < NEW_FALL_AFTER);
                    // What fell with others the last time may fall with them again.
                    let again = again && !self.over.values().any(|e| e.sites.contains(signal.slug));
                    symptom().and_then(|symptom| begins(symptom, again))
                }
            };
            match (fall, self.falls.get_mut(signal.slug)) {
                (Some(fall), Some(known)) => *known = fall,
                (Some(fall), None) => _ = self.falls.insert(signal.slug.clone(), fall),
                (None, _) => _ = self.falls.remove(signal.slug),
            }
        }
    }

    /// Takes back what is true no more.
    fn withdraw(&mut self, signals: &[SiteSignal<'_>], now: Moment) -> Vec<ProviderEvent> {
        let scene = SiteSnapshot::new(signals, &self.falls, &self.rules, now);
        let mut young: Vec<ProviderEvent> = self.open.values().cloned().collect();
        young.retain(|event| now.since(event.noticed_at) <= self.rules.within);
        let (doubted, rest): (Vec<_>, Vec<_>) =
            young.into_iter().partition(|event| self.is_doubted(event, signals));
        let wrong: Vec<ProviderEvent> =
            rest.into_iter().filter(|event| is_wrong(event, &scene)).collect();
        let mut changed: Vec<ProviderEvent> =
            wrong.iter().filter_map(|event| self.take_back(&event.provider, now)).collect();
        for event in doubted {
            // This does not clear the provider: its sites are looked at anew after the doubt.
            self.open.remove(&event.provider);
            self.falls.retain(|slug, _| !event.sites.contains(slug));
            changed.push(ProviderEvent { withdrawn_at: Some(now), ..event });
        }
        changed
    }

    /// Returns whether our own side may have made this event: we doubt ourselves about half of its sites. A
    /// doubt about a site that had come back says nothing of why it fell.
    fn is_doubted(&self, event: &ProviderEvent, signals: &[SiteSignal<'_>]) -> bool {
        let is_down = |slug: &Slug| self.falls.get(slug).is_none_or(|fall| fall.well_at.is_none());
        let mine = signals.iter().filter(|signal| event.sites.contains(signal.slug));
        let (here, doubted) = mine.fold((0, 0), |(here, n), signal| {
            (here + 1, n + usize::from(signal.doubted && is_down(signal.slug)))
        });
        doubted > 0 && doubted * 2 >= here
    }

    fn take_back(&mut self, provider: &str, now: Moment) -> Option<ProviderEvent> {
        let event = self.open.remove(provider)?;
        let event = ProviderEvent { withdrawn_at: Some(now), ..event };
        self.cleared.insert(event.provider.clone(), event.clone());
        Some(event)
    }

    /// Names the cause of what fell, if there is one.
    fn open(&mut self, signals: &[SiteSignal<'_>], now: Moment) -> Vec<ProviderEvent> {
        if signals.iter().any(|signal| signal.doubted) {
            return Vec::new();
        }
        let scene = SiteSnapshot::new(signals, &self.falls, &self.rules, now);
        let mut suspects = scene.suspects(&self.cleared);
        self.waits = scene.early.get();
        let mut wrong: Vec<Box<str>> = Vec::new();
        for event in self.open.values() {
            let known = Suspect::of(event);
            // Two that begin together have one cause: the first that was seen, or the one behind both.
            suspects.retain(|suspect| {
                *suspect.provider != *event.provider
                    && !suspect.may_depend_on(&known)
                    && (suspect.first > event.started_at + self.rules.within
                        || now.since(event.noticed_at) <= self.rules.within
                            && suspect.explains(&known))
            });
        }
        for event in self.cleared.values() {
            let known = Suspect::of(event);
            suspects.retain(|suspect| {
                suspect.first > event.started_at + self.rules.within || suspect.explains(&known)
            });
        }
        let Some(one) = the_one(suspects) else { return Vec::new() };
        for event in self.open.values() {
            if one.first <= event.started_at + self.rules.within {
                wrong.push(event.provider.clone());
            }
        }
        let event = one.event(now);
        let mut changed: Vec<ProviderEvent> =
            wrong.iter().filter_map(|provider| self.take_back(provider, now)).collect();
        changed.push(event.clone());
        self.open.insert(event.provider.clone(), event);
        changed
    }

    /// Adds the sites that fell with the others.
    fn join(&mut self, signals: &[SiteSignal<'_>]) -> Vec<ProviderEvent> {
        let mut grown = Vec::new();
        for event in self.open.values_mut() {
            let Some((kind, alike)) = event.manner() else { continue };
            let falls = || event.sites.iter().filter_map(|slug| self.falls.get(slug));
            let last = falls().filter(|f| !f.again).map(|fall| fall.at).max();
            let last = last.unwrap_or(event.started_at);
            let well_at = falls().filter_map(|fall| fall.well_at).min();
            // They fall in waves, and one more with them.
            let again = falls().filter(|other| other.again && other.well_at.is_none());
            let mut waves: Vec<Moment> = again.map(|other| other.at).collect();
            waves.sort_unstable();
            let in_a_wave = |fall: &Fall| {
                let begin = waves.partition_point(|at| *at + CHECK_INTERVAL < fall.at);
                let near = waves[begin..].iter().take(self.rules.sites);
                near.filter(|at| **at <= fall.at + CHECK_INTERVAL).count() == self.rules.sites
            };
            let with_it = |fall: &&Fall| {
                let with_the_first = fall.at + self.rules.within >= event.started_at
                    && fall.at <= last + self.rules.within
                    && well_at.is_none_or(|at| fall.at < at);
                (with_the_first || in_a_wave(fall))
                    && fall.well_at.is_none()
                    && (alike.holds(fall.symptom)
                        || matches!(fall.symptom, FailureSymptom::Origin | FailureSymptom::Slow))
            };
            let new = signals.iter().filter(|signal| {
                let fall = self.falls.get(signal.slug).filter(with_it);
                let role = kind.role(signal, &event.provider);
                fall.zip(role).is_some_and(|(fall, role)| kind.shows(role, fall.symptom))
            });
            let before = event.sites.len();
            let new: Vec<Slug> = new.map(|signal| signal.slug.clone()).collect();
            event.sites.extend(new);
            if event.sites.len() > before {
                grown.push(event.clone());
            }
        }
        grown
    }

    /// Ends events whose common symptom is over, or whose sites are no longer watched.
    fn close(&mut self, signals: &[SiteSignal<'_>], now: Moment) -> Vec<ProviderEvent> {
        let mut ended = Vec::new();
        for event in self.open.values_mut() {
            let mine = signals.iter().filter(|signal| event.sites.contains(signal.slug));
            let (mut here, mut bad, mut well) = (0, 0, Vec::new());
            for signal in mine {
                here += 1;
                bad += usize::from(signal.status.is_outage());
                if signal.status == Status::Up {
                    well.push(signal.since.unwrap_or(now));
                }
            }
            let falls = || event.sites.iter().filter_map(|slug| self.falls.get(slug));
            let fell_at = falls().map(|fall| fall.at).max().unwrap_or(event.started_at);
            let calm = now.since(fell_at) >= self.rules.calm;
            // What is slow after it was down is not down in waves.
            let slow = event.evidence.is_some_and(|evidence| evidence.alike == Alike::Slow);
            let waves =
                falls().any(|fall| fall.again && (slow || fall.symptom != FailureSymptom::Slow));
            // The judge says late that a site is well, and we look when we look: what it says of the
            // past is the better end.
            well.sort_unstable();
            let well_from = |share: usize| well.get(share.checked_sub(1)?).copied();
            let nearly_all = event.sites.len() - event.sites.len() / 4;
            let end = match well_from(nearly_all).or_else(|| well_from(here.max(1))) {
                Some(at) if !waves || calm => Some(at),
                _ => well_from(here.div_ceil(2)).filter(|_| calm && bad * 2 <= here),
            };
            let quiet = end.filter(|at| now.since(*at) >= self.rules.quiet);
            let unwatched = (here == 0).then_some(now);
            if let Some(at) = quiet.or(unwatched) {
                event.ended_at = Some(at.clamp(event.started_at, now.max(event.started_at)));
                ended.push(event.clone());
            }
        }
        for event in &ended {
            self.open.remove(&event.provider);
            self.over.insert(event.provider.clone(), event.clone());
        }
        ended
    }
}

/// Returns whether sites elsewhere turned out to have fallen alike in the same minutes.
fn is_wrong(event: &ProviderEvent, scene: &SiteSnapshot<'_>) -> bool {
    let Some(evidence) = event.evidence else { return false };
    let within = scene.within();
    let time = (event.started_at - Duration::from_mins(1), event.started_at + within);
    let kind = TroubleKind::of(evidence.alike);
    let mut counts = scene.counts(&event.provider, kind, evidence.alike, time, false);
    // Its sites have all fallen, some perhaps for the second time.
    counts.fell = counts.fell.max(event.sites.len());
    counts.of >= event.sites.len() && !counts.still_stand_out(layer(&event.provider), kind)
}

impl Suspect<'_> {
    fn event(&self, now: Moment) -> ProviderEvent {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let counts = self.counts;
        ProviderEvent {
            provider: self.provider.into(),
            started_at: self.first,
            noticed_at: now,
            ended_at: None,
            sites: self.sites.iter().map(|slug| (*slug).clone()).collect(),
            evidence: Some(ProviderEvidence {
                role: self.role,
                alike: self.alike,
                seconds: u32::try_from(self.last.since(self.first).as_secs()).unwrap_or(u32::MAX),
                affected: number(counts.fell),
                of: number(counts.of),
                elsewhere: number(counts.elsewhere + counts.perhaps),
                elsewhere_of: number(counts.elsewhere_of),
            }),
            withdrawn_at: None,
        }
    }
}

#[cfg(test)]
mod tests;
