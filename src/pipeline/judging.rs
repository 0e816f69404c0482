//! The judge's memory of all sites of the catalogue, and of our own side in each region.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use super::{
    Controls,
    said::{farewell, said},
};
use crate::{
    journal::Entry,
    model::{
        check::Check,
        judge::{
            Limits, Proof, Rules, SiteState, Step,
            line::{Control, Lines, Operators, Way},
        },
        moment::Moment,
        name::{Region, Slug},
        site::Site,
        verdict::Status,
    },
};

/// A clock that goes back by more than this was set, and is no jitter.
const SET_BACK: Duration = Duration::from_secs(2);
/// We may notice so late that we were late.
const LATE: Duration = Duration::from_millis(500);

/// The judge's memory of all sites.
#[derive(Debug)]
pub struct Judging {
    rules: Rules,
    sites: HashMap<Slug, Place>,
    lines: Vec<(Region, Lines)>,
    operators: Operators,
    /// Sites with a failure that waits for a proof.
    waiting: HashSet<Slug>,
    /// The newest moment that was seen.
    seen: Moment,
    /// When we were last late ourselves, in milliseconds of a moment.
    late_at: Arc<AtomicI64>,
    controls: Option<Controls>,
    /// Whether every failure is taken for the site's own.
    trust: bool,
}

#[derive(Debug, Default)]
struct Place {
    limits: Limits,
    way: Way,
    state: SiteState,
}

/// What came of a check.
#[derive(Debug, Default)]
pub struct Judged {
    /// What it did.
    pub step: Step,
    /// What was known of our own side, where the check alone does not tell.
    pub proof: Option<Entry>,
    /// Another site to look at, which may prove our line.
    pub witness: Option<Slug>,
}

impl Judging {
    /// A memory with what an earlier run left. Call [`Judging::set_sites`] before the first check.
    pub fn new(rules: Rules, states: HashMap<Slug, SiteState>) -> Self {
        let place = |state| Place { state, ..Place::default() };
        let sites = states.into_iter().map(|(slug, state)| (slug, place(state))).collect();
        Self {
            rules,
            sites,
            lines: Vec::new(),
            operators: Operators::default(),
            waiting: HashSet::new(),
            seen: Moment::default(),
            late_at: Arc::new(AtomicI64::new(i64::MIN)),
            controls: None,
            trust: true,
        }
    }

    /// The same, and it is told in `late_at` when we were last late ourselves, in milliseconds of
    /// a moment: what took long then may not be the site's fault.
    #[must_use]
    pub fn told_when_late(self, late_at: Arc<AtomicI64>) -> Self {
        Self { late_at, ..self }
    }

    /// The same, and failures need a proof of our own line. Whoever has no way to the controls
    /// tells what they say with [`Judging::control`].
    #[must_use]
    pub fn doubting(self) -> Self {
        Self { trust: false, ..self }
    }

    /// The same, with a way to the controls.
    #[must_use]
    pub fn with_controls(self, controls: Controls) -> Self {
        Self { controls: Some(controls), ..self.doubting() }
    }

    /// Takes what the controls said, and asks them if there is need.
    pub(super) fn attend(&mut self, now: Moment) {
        if let Some(mut controls) = self.controls.take() {
            controls.attend(self, now);
            self.controls = Some(controls);
        }
    }

    /// Takes a check in; `None` when its site is not in the catalogue.
    pub fn check(&mut self, check: &Check) -> Option<Judged> {
        let place = self.sites.get_mut(&check.slug)?;
        if place.state.last_at(&check.region).is_some_and(|last| check.at <= last) {
            place.state.set_back(check.at);
        }
        let lines = lines_of(&mut self.lines, self.operators, &check.region);
        lines.take(check, place.way, place.state.verdict.status != Status::Down);
        let failed = check.outcome.cause().is_some();
        let late = self.late_at.load(Ordering::Relaxed).saturating_add(LATE.as_millis() as i64);
        let strained = late >= check.at.millis();
        let known = if self.trust { Proof::at(check.at) } else { lines.proof(place.way) };
        let proof = Proof { strained, ..known };
        let step = place.state.check_proven(check, &place.limits, &self.rules, &proof);
        let witness = lines.witness(place.way, &check.slug).filter(|_| step.waits).cloned();
        if step.waits {
            self.waiting.insert(check.slug.clone());
        }
        let proof = (failed || strained).then(|| said(check, proof));
        Some(Judged { step, proof, witness })
    }

    /// Takes in what the controls of a region said.
    pub fn control(&mut self, region: &Region, control: Control) {
        lines_of(&mut self.lines, self.operators, region).control(control);
    }

    /// Whether somebody should ask the controls of a region.
    pub fn wants_controls(&self, region: &Region) -> bool {
        self.lines.iter().any(|(name, lines)| name == region && lines.wants_controls())
    }

    /// Says that it is `now`; gives a change for each site whose evidence ran out, whose failure is
    /// proven now, or that we cannot see for our own fault.
    pub fn silence(&mut self, now: Moment) -> Vec<Entry> {
        let mut entries = Vec::new();
        if now + SET_BACK < self.seen {
            self.set_back(now);
        }
        self.seen = now;
        self.weigh_waiting(now, &mut entries);
        let doubted: Vec<_> = self.lines.iter().filter(|(_, l)| l.is_doubted()).collect();
        for (slug, place) in &mut self.sites {
            let Place { limits, way, state } = place;
            for (region, lines) in &doubted {
                let proof = lines.proof(*way);
                if proof.doubt.is_some() && state.trusts(region) {
                    entries.push(Entry::Proof(slug.clone(), region.clone(), now, proof));
                    let change = state.proof(region, &proof, now, limits, &self.rules);
                    entries.extend(change.map(|change| Entry::Change(slug.clone(), change)));
                }
            }
            let change = state.silence(now, limits);
            entries.extend(change.map(|change| Entry::Change(slug.clone(), change)));
        }
        entries
    }

    /// Failures that were held may count now.
    fn weigh_waiting(&mut self, now: Moment, entries: &mut Vec<Entry>) {
        let Self { waiting, sites, lines, rules, .. } = self;
        waiting.retain(|slug| {
            let Some(Place { limits, way, state }) = sites.get_mut(slug) else { return false };
            let mut waits = false;
            for (region, lines) in lines.iter() {
                if !state.waits(region) {
                    continue;
                }
                let proof = lines.proof(*way);
                let change = state.proof(region, &proof, now, limits, rules);
                if state.waits(region) {
                    waits = true;
                } else {
                    entries.push(Entry::Proof(slug.clone(), region.clone(), now, proof));
                }
                entries.extend(change.map(|change| Entry::Change(slug.clone(), change)));
            }
            waits
        });
    }

    fn set_back(&mut self, now: Moment) {
        for (_, lines) in &mut self.lines {
            lines.set_back(now);
        }
        for place in self.sites.values_mut().filter(|p| p.state.checked_at() > Some(now)) {
            place.state.set_back(now);
        }
    }

    /// Judges these sites and no others; gives a last change for each that left.
    pub fn set_sites(&mut self, sites: &[Arc<Site>], now: Moment) -> Vec<Entry> {
        let mut old = std::mem::take(&mut self.sites);
        for site in sites {
            let state = old.remove(&site.slug).map(|place| place.state).unwrap_or_default();
            let place = Place { limits: Limits::of(site), way: Way::of(site), state };
            self.sites.insert(site.slug.clone(), place);
        }
        let ways: Vec<Way> = self.sites.values().map(|place| place.way).collect();
        self.operators = Operators::of(&ways);
        for (_, lines) in &mut self.lines {
            lines.set_operators(self.operators);
        }
        old.into_iter().filter_map(|(slug, place)| farewell(slug, place.state, now)).collect()
    }

    /// What is remembered of a site.
    pub fn state(&self, slug: &Slug) -> Option<&SiteState> {
        self.sites.get(slug).map(|place| &place.state)
    }

    /// All states, as entries of the journal.
    pub fn snapshot(&self) -> impl Iterator<Item = Entry> {
        self.sites.iter().map(|(slug, place)| Entry::State(slug.clone(), place.state.clone()))
    }
}

/// What is known of our own side in a region. There are few regions.
fn lines_of<'a>(
    lines: &'a mut Vec<(Region, Lines)>,
    operators: Operators,
    region: &Region,
) -> &'a mut Lines {
    let place = lines.iter().position(|(name, _)| name == region).unwrap_or_else(|| {
        let mut new = Lines::default();
        new.set_operators(operators);
        lines.push((region.clone(), new));
        lines.len() - 1
    });
    &mut lines[place].1
}
