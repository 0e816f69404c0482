//! Search for the one cause of sites that fell together, from one picture of all sites. Pure.
//!
//! A provider is a *suspect* when the sites that depend on it fell
//! - **together and alike**, so close that chance alone would bring it less than once in
//!   [`ProviderRules::years`] years ([`log_by_chance`]), at several of its customers: all sites of one owner
//!   may well fail by that owner's doing;
//! - **far more than the rest**: their share at least four times that of the sites elsewhere;
//! - **with no other explanation**: a CDN also shows the failures of the servers behind it, so
//!   it is a suspect only when nearly all sites that fell alike are its own; a cloud may stand behind a CDN,
//!   so sites behind one that answer neither clear it nor count against it, unless more of them fell than
//!   of its own.
//!
//! Of several suspects, the one that explains all of it is the cause ([`the_one`]); otherwise none
//! is.

use std::{
    cell::Cell,
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use super::{
    counts::AffectedCounts,
    dependency::{Role, SiteSignal},
    event::{ProviderEvent, ProviderEvidence},
    events::ProviderRules,
    kind::TroubleKind,
    known::{ProviderLayer, layer, shares_its_name},
    symptom::{Alike, FailureSymptom},
};
use crate::{moment::Moment, name::Slug, verdict::Status};

/// Largest distance in time at which a fall elsewhere counts against a suspect: sites are checked
/// about once a minute.
pub(super) const CHECK_INTERVAL: Duration = Duration::from_mins(1);
/// Customers of a cloud that must fall at least where its failures spread slowly.
const SPREAD: usize = 5;
/// Length of a name up to which several owners may well have it, each in another country.
const SHORT_NAME: usize = 3;
/// Falls at which a stretch of them may begin or end at most.
const MAX_ENDS: usize = 128;

/// Moment and symptom of a site's fall.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fall {
    /// Moment of the fall.
    pub(super) at: Moment,
    /// Symptom of the fall.
    pub(super) symptom: FailureSymptom,
    /// Whoever serves it took the connection at least: what fails then may be behind.
    pub(super) reached: bool,
    /// It had fallen shortly before: a site that keeps falling says nothing by falling again.
    pub(super) again: bool,
    /// Moment of the recovery.
    pub(super) well_at: Option<Moment>,
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
    /// Provider that serves all of these sites, if one does.
    server: Option<&'a str>,
    layer: ProviderLayer,
}

/// All sites at a moment, and how they fell.
pub(super) struct SiteSnapshot<'a> {
    /// The sites, each with its fall: looked up once, since every suspect is held against all of them.
    signals: Vec<(&'a SiteSignal<'a>, Option<&'a Fall>)>,
    rules: &'a ProviderRules,
    now: Moment,
    /// Set when there is a suspect that it is too early to name.
    pub(super) early: Cell<bool>,
}

impl<'a> SiteSnapshot<'a> {
    pub(super) fn new(
        signals: &'a [SiteSignal<'a>],
        falls: &'a HashMap<Slug, Fall>,
        rules: &'a ProviderRules,
        now: Moment,
    ) -> Self {
        let signals = signals.iter().map(|signal| (signal, falls.get(signal.slug))).collect();
        Self { signals, rules, now, early: Cell::default() }
    }

    /// Time within which sites that fell together fell.
    pub(super) fn within(&self) -> Duration {
        self.rules.within
    }

    /// Returns whether a fall is fresh enough to find a cause for.
    fn is_recent(&self, fall: &Fall) -> bool {
        !fall.again && self.now.since(fall.at) <= self.rules.recent
    }

    /// Every provider that may be the cause of what fell lately, one for each kind of trouble.
    /// `cleared`: events that were taken back, up to when falls say nothing of a provider any more.
    pub(super) fn suspects(&self, cleared: &HashMap<Box<str>, ProviderEvent>) -> Vec<Suspect<'a>> {
        let mut found = Vec::new();
        for kind in TroubleKind::ALL {
            let mut counts: HashMap<&'a str, usize> = HashMap::new();
            for (signal, fall) in &self.signals {
                if fall.is_some_and(|f| self.is_recent(f) && kind.holds(f.symptom)) {
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
            let cleared = |name| {
                cleared.get(name).and_then(|e: &ProviderEvent| e.withdrawn_at).unwrap_or_default()
            };
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
        let layer = layer(provider);
        let (mut mine, of) = self.falls(provider, kind, cleared);
        let recent: Vec<_> = mine.iter().copied().filter(|m| self.is_recent(m.0)).collect();
        // Failures of a cloud spread from one of its services to the next, and names leave the caches one after
        // the other.
        let spreads = kind == TroubleKind::Names
            || layer == ProviderLayer::Cloud && kind == TroubleKind::Servers;
        let slowly = || ProviderRules { sites: SPREAD, within: rules.spread, ..rules.clone() };
        let (from, until) = together(provider, &recent, of, rules).or_else(|| {
            spreads.then(slowly).and_then(|slowly| together(provider, &mine, of, &slowly))
        })?;
        mine.retain(|(f, _)| f.at + CHECK_INTERVAL >= from && f.at <= until + CHECK_INTERVAL);
        let (first, last) = (mine.first()?.0.at, mine.last()?.0.at);
        let symptoms: Vec<FailureSymptom> = mine.iter().map(|(fall, _)| fall.symptom).collect();
        let alike = Alike::of(&symptoms);
        let near = (first - CHECK_INTERVAL, last + CHECK_INTERVAL);
        let counts = self.counts(provider, kind, alike, near, true);
        let server = mine.first()?.1.on(Role::Serves);
        let server = server.filter(|_| mine.iter().all(|m| m.1.on(Role::Serves) == server));
        let soon = layer == ProviderLayer::Cloud
            && mine.iter().any(|m| m.1.on(Role::Serves) == Some(provider));
        let wait = if soon { rules.wait_for_clouds } else { rules.wait };
        let bad = mine.iter().filter(|(fall, _)| fall.well_at.is_none());
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
        let longest = (first + rules.within).max(last + CHECK_INTERVAL);
        let longer = self.counts(provider, kind, alike, (first - CHECK_INTERVAL, longest), false);
        let still = stands && longer.still_stand_out(layer, kind);
        if !(enough && still && bad.count() * 2 >= mine.len())
            || kind == TroubleKind::Certificate && !in_several_places(mine.iter().map(|m| m.1))
        {
            return None;
        }
        if self.now < first + wait || self.now < first + rules.within && !self.is_seen(first) {
            self.early.set(true);
            return None;
        }
        let role = mine.iter().filter_map(|m| kind.role(m.1, provider)).min()?;
        let sites = mine.iter().map(|m| m.1.slug).collect();
        Some(Suspect { provider, role, alike, counts, first, last, sites, server, layer })
    }

    /// Returns whether three quarters of the sites were looked at since this moment: what was not proves nothing.
    fn is_seen(&self, since: Moment) -> bool {
        let known = || self.signals.iter().filter(|(signal, _)| signal.status != Status::Unknown);
        let seen = known().filter(|(signal, _)| signal.checked_at.is_some_and(|at| at >= since));
        seen.count() * 4 >= known().count() * 3
    }

    /// Sites of a provider that fell so within the time in which failures spread, in the order of their falls; and
    /// the number of all its customers.
    fn falls(
        &self,
        provider: &str,
        kind: TroubleKind,
        cleared: Moment,
    ) -> (Vec<(&'a Fall, &'a SiteSignal<'a>)>, usize) {
        let (mut mine, mut customers) = (Vec::new(), BTreeSet::new());
        for &(signal, fall) in &self.signals {
            let Some(role) = kind.role(signal, provider) else { continue };
            if signal.status != Status::Unknown {
                customers.insert(customer(provider, signal));
            }
            let counts = |fall: &&Fall| {
                let late = self.now.since(fall.at) <= self.rules.spread.max(self.rules.recent);
                late && !fall.again && fall.at > cleared && kind.shows(role, fall.symptom)
            };
            mine.extend(fall.filter(counts).map(|fall| (fall, signal)));
        }
        mine.sort_unstable_by_key(|(fall, signal)| (fall.at, signal.slug));
        (mine, customers.len())
    }

    /// Number of healthy sites that depend on the provider without being served by it: their own
    /// servers may go on from cached data.
    fn behind_others(&self, provider: &str, kind: TroubleKind) -> usize {
        let depends = |(signal, fall): &&(&SiteSignal<'_>, Option<&Fall>)| {
            signal.status != Status::Unknown
                && fall.is_none()
                && kind.role(signal, provider) == Some(Role::Declared)
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
        alike: Alike,
        (from, until): (Moment, Moment),
        strict: bool,
    ) -> AffectedCounts {
        let in_time = |fall: Option<&'a Fall>| {
            fall.filter(|f| !f.again && (from..=until).contains(&f.at) && kind.holds(f.symptom))
        };
        // Where the cloud shows no failure of its own, what it is behind may be the cause.
        let own = |(signal, fall): &&(&SiteSignal<'_>, Option<&'a Fall>)| {
            in_time(*fall).is_some() && signal.on(Role::Serves) == Some(provider)
        };
        let cloud = layer(provider) == ProviderLayer::Cloud
            && self.signals.iter().filter(own).take(2).count() == 2;
        let servers = matches!(kind, TroubleKind::Servers | TroubleKind::Slow | TroubleKind::Mixed);
        let mut counts = AffectedCounts::default();
        let known = self.signals.iter().filter(|(signal, _)| signal.status != Status::Unknown);
        for (signal, fall) in known {
            let fell = in_time(*fall);
            if let Some(role) = kind.role(signal, provider) {
                counts.of += 1;
                counts.fell += usize::from(fell.is_some_and(|f| kind.shows(role, f.symptom)));
                continue;
            }
            let charge = signal.on(if servers { Role::Serves } else { Role::Names });
            counts.elsewhere_of += 1;
            let Some(fell) = fell else { continue };
            // No server behind a CDN keeps anybody from the CDN's own machines.
            let may_be_its =
                charge.map_or(!strict, |slug| layer(slug) == ProviderLayer::Front && fell.reached);
            if servers && cloud && may_be_its {
                counts.perhaps += 1;
            } else {
                counts.elsewhere += 1;
                counts.others += usize::from(charge.is_some());
                counts.alike += usize::from(alike.holds(fell.symptom));
            }
        }
        counts
    }
}

/// The customer of a provider that a site is of, as far as names show: one owner has `amazon.com` and
/// `amazon.nl`. Short names in several countries are anybody's.
fn customer<'a>(provider: &str, signal: &SiteSignal<'a>) -> &'a str {
    if shares_its_name(provider, signal.owner) {
        return signal.slug.as_str();
    }
    let label = signal.owner.split('.').next().filter(|label| label.len() > SHORT_NAME);
    label.unwrap_or(signal.owner)
}

/// The stretch in which the falls are the least likely by chance, if they are unlikely enough. Of a customer's
/// falls one counts; `of`: number of customers.
///
/// Of hundreds that fall, a stretch begins and ends at one of [`MAX_ENDS`]: to hold each against
/// each other would take longer than the outage.
fn together(
    provider: &str,
    falls: &[(&Fall, &SiteSignal<'_>)],
    of: usize,
    rules: &ProviderRules,
) -> Option<(Moment, Moment)> {
    let mut faces: BTreeSet<Alike> =
        falls.iter().map(|(fall, _)| Alike::exactly(fall.symptom)).collect();
    faces.extend([Alike::Errors, Alike::Unreachable, Alike::Failing, Alike::Slow, Alike::Trouble]);
    let factorials = log_factorials(falls.len());
    let mut best: Option<(f64, Moment, Moment)> = None;
    for alike in faces {
        let mine = falls.iter().filter(|(fall, _)| alike.holds(fall.symptom));
        let mine: Vec<(Moment, &str)> =
            mine.map(|(fall, signal)| (fall.at, customer(provider, signal))).collect();
        let step = mine.len().div_ceil(MAX_ENDS).max(1);
        for first in (0..mine.len()).step_by(step) {
            let (mut customers, mut next) = (BTreeSet::new(), first);
            let ends = (first + rules.sites - 1..mine.len()).step_by(step);
            for last in ends.chain((step > 1).then(|| mine.len() - 1)) {
                let (from, until) = (mine[first].0, mine[last].0);
                if until.since(from) > rules.within {
                    break;
                }
                while next <= last {
                    customers.insert(mine[next].1);
                    next += 1;
                }
                let fell = customers.len();
                if fell < rules.sites {
                    continue;
                }
                let chance = log_by_chance(of, fell, until.since(from), alike, &factorials);
                let unlikely = chance + rules.years.ln() < 0.0;
                if unlikely && best.is_none_or(|(least, ..)| chance < least) {
                    best = Some((chance, from, until));
                }
            }
        }
    }
    best.map(|(_, from, until)| (from, until))
}

/// The logarithms of the factorials up to this number.
fn log_factorials(most: usize) -> Vec<f64> {
    let mut sum = 0.0;
    let more = (1..=most).map(|n| {
        sum += (n as f64).ln();
        sum
    });
    std::iter::once(0.0).chain(more).collect()
}

/// Logarithm of the expected number of times a year that so many of so many sites fall alike within
/// this time, each on its own: the first falls at any time, and the others within that time after it
/// (by Poisson). The factorials reach as far as the number that fell.
fn log_by_chance(
    of: usize,
    fell: usize,
    within: Duration,
    alike: Alike,
    factorials: &[f64],
) -> f64 {
    const YEAR: f64 = 365.25 * 24.0 * 3600.0;
    let a_year = of as f64 * alike.falls_a_year();
    let expected = a_year * within.max(CHECK_INTERVAL).as_secs_f64() / YEAR;
    let others = fell.saturating_sub(1);
    a_year.ln() + others as f64 * expected.ln() - factorials[others]
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
        let role = evidence.map_or(Role::Serves, |evidence| evidence.role);
        Self {
            provider: &event.provider,
            role,
            alike,
            counts: AffectedCounts {
                fell: number(|e| e.affected),
                of: number(|e| e.of),
                ..AffectedCounts::default()
            },
            first: event.started_at,
            last: event.started_at,
            sites: event.sites.iter().collect(),
            server: (role == Role::Serves).then_some(&*event.provider),
            layer: layer(&event.provider),
        }
    }

    /// Returns whether its sites may fail with a CDN that is known to fail: a few of a cloud's sites call others that
    /// are behind the CDN.
    pub(super) fn may_depend_on(&self, event: &Suspect<'_>) -> bool {
        self.layer == ProviderLayer::Cloud
            && event.layer == ProviderLayer::Front
            && self.counts.fell * 2 < self.counts.of
            && self.sites.len() < event.sites.len()
    }

    /// Returns whether what another suspect would explain is explained by this one.
    pub(super) fn explains(&self, other: &Suspect<'_>) -> bool {
        let (mine, its) = (&self.counts, &other.counts);
        let share = |times: usize| mine.fell * its.of >= times * its.fell * mine.of;
        if self.provider == other.provider {
            return true;
        }
        // The other serves all of these sites, and is the cause unless it is hit far less.
        if self.server == Some(other.provider) {
            return share(2);
        }
        if other.sites.is_subset(&self.sites) {
            let same = other.sites.len() == self.sites.len();
            let serves = other.server == Some(self.provider);
            return share(if same && !serves { 2 } else { 1 })
                || same && serves && mine.fell * its.of * 2 > its.fell * mine.of;
        }
        // What fell before the cloud did did not fall by it, nor what all of its own fell with.
        let in_time = self.first <= other.first + 2 * CHECK_INTERVAL;
        self.layer == ProviderLayer::Cloud
            && other.layer == ProviderLayer::Front
            && in_time
            && !self.sites.is_subset(&other.sites)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_chance_brings_is_told_from_what_it_does_not() {
        let minutes = Duration::from_mins;
        let by_chance = |of, fell, within, alike| {
            log_by_chance(of, fell, within, alike, &log_factorials(fell)).exp()
        };
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
