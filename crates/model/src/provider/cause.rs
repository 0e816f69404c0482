//! Search for the one cause of sites that fell together, from one picture of all sites. Pure.
//!
//! A provider is a *suspect* when the sites that depend on it fell
//! - **together and alike**, so close that chance alone would bring it less than once in
//!   [`ProviderRules::years`] years ([`by_chance`]);
//! - **far more than the rest**: their share at least four times that of the sites elsewhere;
//! - **with no other explanation**: a CDN also shows the failures of the servers behind it, so
//!   it is a suspect only when nearly all sites that fell alike are its own; a cloud may stand behind a CDN,
//!   so sites behind one neither clear it nor count against it.
//!
//! Of several suspects, the one that explains all of it is the cause ([`the_one`]); otherwise none
//! is.

use std::{
    cell::Cell,
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use super::{
    dependency::{Role, SiteSignal},
    event::{ProviderEvent, ProviderEvidence},
    events::ProviderRules,
    kind::TroubleKind,
    known::{ProviderLayer, layer},
    symptom::{Alike, FailureSymptom},
};
use crate::{moment::Moment, name::Slug, verdict::Status};

/// Largest distance in time at which a fall elsewhere counts against a suspect: sites are checked
/// about once a minute.
pub(super) const CHECK_INTERVAL: Duration = Duration::from_mins(1);

/// Moment and symptom of a site's fall.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fall {
    /// Moment of the fall.
    pub(super) at: Moment,
    /// Symptom of the fall.
    pub(super) symptom: FailureSymptom,
    /// It had fallen shortly before: a site that keeps falling says nothing by falling again.
    pub(super) again: bool,
    /// Moment of the recovery.
    pub(super) well_at: Option<Moment>,
}

/// Sites that fell, of all sites, with a provider and elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct AffectedCounts {
    pub(super) fell: usize,
    pub(super) of: usize,
    pub(super) elsewhere: usize,
    pub(super) elsewhere_of: usize,
    /// Of the sites that fell elsewhere, those with a known provider of their own.
    others: usize,
    /// Sites elsewhere whose fall may be the provider's own doing: they do not count against it.
    pub(super) perhaps: usize,
}

impl AffectedCounts {
    /// Returns whether the share that fell is at least `times` that elsewhere.
    fn stand_out(&self, times: usize) -> bool {
        self.elsewhere_of > self.elsewhere
            && self.elsewhere_of >= 2
            && self.fell * self.elsewhere_of >= times * self.elsewhere * self.of
    }

    /// Returns whether that it stood out is true still. One site elsewhere is no evidence against
    /// it, nor is that there are none.
    pub(super) fn still_stand_out(&self, layer: ProviderLayer, kind: TroubleKind) -> bool {
        let spared = Self { elsewhere: self.elsewhere.saturating_sub(1), ..*self };
        self.elsewhere_of < 2 || spared.stand_out(2) && self.explain(layer, kind, false)
    }

    /// Returns whether nothing but this provider is needed to explain what fell. `strict`: at
    /// naming.
    fn explain(&self, layer: ProviderLayer, kind: TroubleKind, strict: bool) -> bool {
        let behind = layer == ProviderLayer::Cloud
            || matches!(kind, TroubleKind::Names | TroubleKind::Certificate);
        match (behind, strict) {
            (true, true) => self.others * 2 <= self.fell,
            (true, false) => self.others <= self.fell,
            (false, true) => {
                self.elsewhere * 4 <= self.fell || self.elsewhere == 1 && self.fell * 3 >= self.of
            }
            (false, false) => self.elsewhere <= 1 || self.elsewhere * 2 <= self.fell,
        }
    }
}

/// A provider that may be the cause.
#[derive(Clone, Debug)]
pub(super) struct Suspect<'a> {
    pub(super) provider: &'a str,
    pub(super) role: Role,
    pub(super) alike: Alike,
    pub(super) counts: AffectedCounts,
    /// The moment when the first and the last of its sites fell.
    pub(super) first: Moment,
    pub(super) last: Moment,
    pub(super) sites: BTreeSet<&'a Slug>,
    layer: ProviderLayer,
}

/// All sites at a moment, and how they fell.
pub(super) struct SiteSnapshot<'a> {
    pub(super) signals: &'a [SiteSignal<'a>],
    pub(super) falls: &'a HashMap<Slug, Fall>,
    pub(super) rules: &'a ProviderRules,
    pub(super) now: Moment,
    /// Set when there is a suspect that it is too early to name.
    pub(super) early: Cell<bool>,
}

impl<'a> SiteSnapshot<'a> {
    pub(super) fn fall(&self, signal: &SiteSignal<'_>) -> Option<&Fall> {
        self.falls.get(signal.slug)
    }

    /// Returns whether a fall is fresh enough to find a cause for.
    fn is_recent(&self, fall: &Fall) -> bool {
        !fall.again && self.now.since(fall.at) <= self.rules.recent
    }

    /// Every provider that may be the cause of what fell lately, one for each kind of trouble.
    /// `cleared`: until when falls say nothing of a provider any more.
    pub(super) fn suspects(&self, cleared: &HashMap<Box<str>, Moment>) -> Vec<Suspect<'a>> {
        let mut found = Vec::new();
        for kind in TroubleKind::ALL {
            let mut counts: HashMap<&'a str, usize> = HashMap::new();
            for signal in self.signals {
                let fell = self.fall(signal).filter(|f| self.is_recent(f) && kind.holds(f.symptom));
                if fell.is_some() {
                    let mut names: Vec<&str> =
                        signal.dependencies.iter().map(|d| d.provider).collect();
                    names.sort_unstable();
                    names.dedup();
                    for name in names {
                        *counts.entry(name).or_default() += 1;
                    }
                }
            }
            let mut names: Vec<&str> =
                counts.into_iter().filter(|(_, n)| *n >= self.rules.sites).map(|c| c.0).collect();
            names.sort_unstable();
            let cleared = |name: &str| cleared.get(name).copied().unwrap_or_default();
            found.extend(names.into_iter().filter_map(|n| self.suspect(n, kind, cleared(n))));
        }
        found
    }

    fn suspect(
        &self,
        provider: &'a str,
        kind: TroubleKind,
        cleared: Moment,
    ) -> Option<Suspect<'a>> {
        let rules = self.rules;
        let (mut mine, mut of): (Vec<(Moment, FailureSymptom, &SiteSignal<'a>)>, usize) =
            (Vec::new(), 0);
        for signal in self.signals {
            let Some(role) = kind.role(signal, provider) else { continue };
            of += usize::from(signal.status != Status::Unknown);
            let fall = self.fall(signal).filter(|f| self.is_recent(f) && f.at > cleared);
            if let Some(fall) = fall.filter(|fall| kind.shows(role, fall.symptom)) {
                mine.push((fall.at, fall.symptom, signal));
            }
        }
        mine.sort_unstable_by_key(|(at, _, signal)| (*at, signal.slug));
        let (from, until) = together(&mine, of, rules)?;
        mine.retain(|(at, ..)| *at + CHECK_INTERVAL >= from && *at <= until + CHECK_INTERVAL);
        let (first, last) = (mine.first()?.0, mine.last()?.0);
        let counts =
            self.counts(provider, kind, (first - CHECK_INTERVAL, last + CHECK_INTERVAL), true);
        let layer = layer(provider);
        let wait = if layer == ProviderLayer::Cloud { rules.wait_for_clouds } else { rules.wait };
        let symptoms: Vec<FailureSymptom> = mine.iter().map(|(_, symptom, _)| *symptom).collect();
        let bad = mine.iter().filter(|(.., s)| self.fall(s).is_some_and(|f| f.well_at.is_none()));
        let half = match kind {
            TroubleKind::Slow => rules.sites,
            // Two of them down at least: what is slow alone is compared with what is slow.
            TroubleKind::Mixed
                if symptoms.iter().filter(|s| **s != FailureSymptom::Slow).count() >= 2 =>
            {
                4
            }
            TroubleKind::Mixed => usize::MAX,
            _ => 0,
        };
        let shown = counts.of.saturating_sub(self.behind_others(provider, kind));
        let enough = half == 0 || counts.fell >= half && counts.fell * 2 >= shown;
        let stands = counts.stand_out(rules.times) && counts.explain(layer, kind, true);
        let longer =
            self.counts(provider, kind, (first - CHECK_INTERVAL, first + rules.within), false);
        let still = stands && longer.still_stand_out(layer, kind);
        if !(enough && still && bad.count() * 2 >= mine.len())
            || kind == TroubleKind::Certificate && !in_several_places(mine.iter().map(|m| m.2))
        {
            return None;
        }
        if self.now < first + wait {
            self.early.set(true);
            return None;
        }
        let role = mine.iter().filter_map(|m| kind.role(m.2, provider)).min()?;
        let sites = mine.iter().map(|m| m.2.slug).collect();
        let alike = Alike::of(&symptoms);
        Some(Suspect { provider, role, alike, counts, first, last, sites, layer })
    }

    /// Number of healthy sites that depend on the provider without being served by it: their own
    /// servers may go on from cached data.
    fn behind_others(&self, provider: &str, kind: TroubleKind) -> usize {
        let depends = |signal: &&SiteSignal<'_>| {
            signal.status != Status::Unknown
                && kind.role(signal, provider) == Some(Role::Declared)
                && self.fall(signal).is_none()
        };
        self.signals.iter().filter(depends).count()
    }

    /// Counts of the sites that fell within this time, with the provider and elsewhere. A CDN's
    /// sites may be hosted in any cloud; so may sites without a known provider, but at first those
    /// count (`strict`).
    pub(super) fn counts(
        &self,
        provider: &str,
        kind: TroubleKind,
        (from, until): (Moment, Moment),
        strict: bool,
    ) -> AffectedCounts {
        let in_time = |signal: &SiteSignal<'_>| {
            let fall = self.fall(signal).filter(|f| !f.again && (from..=until).contains(&f.at));
            fall.map(|fall| fall.symptom)
        };
        // Where the cloud shows no failure of its own, what it is behind may be the cause.
        let own = |signal: &&SiteSignal<'_>| {
            signal.on(Role::Serves) == Some(provider)
                && in_time(signal).is_some_and(|s| kind.holds(s))
        };
        let cloud = layer(provider) == ProviderLayer::Cloud
            && self.signals.iter().filter(own).take(2).count() == 2;
        let servers = matches!(kind, TroubleKind::Servers | TroubleKind::Slow | TroubleKind::Mixed);
        let mut counts = AffectedCounts::default();
        for signal in self.signals.iter().filter(|signal| signal.status != Status::Unknown) {
            let fell = in_time(signal);
            if let Some(role) = kind.role(signal, provider) {
                counts.of += 1;
                counts.fell += usize::from(fell.is_some_and(|symptom| kind.shows(role, symptom)));
                continue;
            }
            let charge = signal.on(if servers { Role::Serves } else { Role::Names });
            let may_be_its = charge.map_or(!strict, |slug| layer(slug) == ProviderLayer::Front);
            counts.elsewhere_of += 1;
            if !fell.is_some_and(|symptom| kind.holds(symptom)) {
                continue;
            }
            if servers && cloud && may_be_its {
                counts.perhaps += 1;
            } else {
                counts.elsewhere += 1;
                counts.others += usize::from(charge.is_some());
            }
        }
        counts
    }
}

/// The stretch in which the falls are the least likely by chance, if they are unlikely enough.
fn together(
    falls: &[(Moment, FailureSymptom, &SiteSignal<'_>)],
    of: usize,
    rules: &ProviderRules,
) -> Option<(Moment, Moment)> {
    let mut faces: BTreeSet<Alike> = falls.iter().map(|f| Alike::exactly(f.1)).collect();
    faces.extend([Alike::Errors, Alike::Unreachable, Alike::Failing, Alike::Slow, Alike::Trouble]);
    let mut best: Option<(f64, Moment, Moment)> = None;
    for alike in faces {
        let at: Vec<Moment> = falls.iter().filter(|f| alike.holds(f.1)).map(|f| f.0).collect();
        for first in 0..at.len() {
            for last in first + rules.sites - 1..at.len() {
                let (from, until) = (at[first], at[last]);
                if until.since(from) > rules.within {
                    break;
                }
                let chance = by_chance(of, last + 1 - first, until.since(from), alike);
                if chance * rules.years < 1.0 && best.is_none_or(|(least, ..)| chance < least) {
                    best = Some((chance, from, until));
                }
            }
        }
    }
    best.map(|(_, from, until)| (from, until))
}

/// Expected number of times a year that so many of so many sites fall alike within this time, each
/// on its own: the first falls at any time, and the others within that time after it (by Poisson).
fn by_chance(of: usize, fell: usize, within: Duration, alike: Alike) -> f64 {
    const YEAR: f64 = 365.25 * 24.0 * 3600.0;
    let a_year = of as f64 * alike.falls_a_year();
    let expected = a_year * within.max(CHECK_INTERVAL).as_secs_f64() / YEAR;
    (1..fell).fold(a_year, |chance, n| chance * expected / n as f64)
}

/// Returns whether the sites are served from more than one place: where they are not, who serves
/// them may be the cause as well as who issued their certificates.
fn in_several_places<'s>(mut sites: impl Iterator<Item = &'s SiteSignal<'s>>) -> bool {
    let first = sites.next().and_then(|signal| signal.on(Role::Serves));
    sites.any(|signal| signal.on(Role::Serves).is_none_or(|slug| Some(slug) != first))
}

/// The one suspect that explains all that the others do.
pub(super) fn the_one(mut suspects: Vec<Suspect<'_>>) -> Option<Suspect<'_>> {
    // Of several kinds of trouble of one provider, the one with the most sites.
    suspects.sort_by(|a, b| (a.provider, b.counts.fell).cmp(&(b.provider, a.counts.fell)));
    suspects.dedup_by_key(|suspect| suspect.provider);
    let explains_all = |one: &&Suspect<'_>| suspects.iter().all(|other| one.explains(other));
    let mut ones = suspects.iter().filter(explains_all);
    let one = ones.next()?.clone();
    ones.next().is_none().then_some(one)
}

impl<'e> Suspect<'e> {
    /// An event as the suspect that it was.
    pub(super) fn of(event: &'e ProviderEvent) -> Self {
        let evidence = event.evidence;
        let number = |of: fn(&ProviderEvidence) -> u32| evidence.as_ref().map_or(0, of) as usize;
        let alike = evidence.map_or(Alike::Failing, |evidence| evidence.alike);
        Self {
            provider: &event.provider,
            role: evidence.map_or(Role::Serves, |evidence| evidence.role),
            alike,
            counts: AffectedCounts {
                fell: number(|e| e.affected),
                of: number(|e| e.of),
                ..AffectedCounts::default()
            },
            first: event.started_at,
            last: event.started_at,
            sites: event.sites.iter().collect(),
            layer: layer(&event.provider),
        }
    }

    /// Returns whether what another suspect would explain is explained by this one.
    pub(super) fn explains(&self, other: &Suspect<'_>) -> bool {
        let (mine, its) = (&self.counts, &other.counts);
        let share = |times: usize| mine.fell * its.of >= times * its.fell * mine.of;
        if self.provider == other.provider {
            return true;
        }
        if other.sites.is_subset(&self.sites) {
            let same = other.sites.len() == self.sites.len();
            return share(if same { 2 } else { 1 });
        }
        self.layer == ProviderLayer::Cloud && other.layer == ProviderLayer::Front
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_chance_brings_is_told_from_what_it_does_not() {
        let minutes = Duration::from_mins;
        // Three of eight within a minute and with one status: once in half a million years.
        let few = by_chance(8, 3, minutes(1), Alike::Status(503));
        assert!((1e-6..3e-6).contains(&few), "{few}");
        // Three of forty within ten minutes, each in its own way: several times a year.
        assert!(by_chance(40, 3, minutes(10), Alike::Failing) > 1.0);
        // Less than a minute makes it no less likely: sites are checked once a minute.
        let turn = by_chance(8, 3, Duration::ZERO, Alike::Status(503));
        assert!((turn - few).abs() < f64::EPSILON);
        assert!(by_chance(8, 4, minutes(1), Alike::Status(503)) < few);
    }
}
