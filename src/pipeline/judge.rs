//! The judge's memory of all sites of the catalogue, and of our own side in each region.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use url::Url;

use super::CanaryLink;
use crate::pipeline::Entry;
use crate::pipeline::entry::{changed, evidence_entry, final_change};
use model::{
    check::Check,
    judge::{
        CheckEffect, Limits, NetworkEvidence, Rules, SiteState,
        network_health::{
            Answerer, CanaryResult, CheckNews, Family, NetworkHealth, OperatorCounts, PeerPace,
            Route,
        },
    },
    moment::Moment,
    name::{Region, Slug},
    report::WhyNot,
    site::Site,
    verdict::Status,
};

/// A clock that goes back by more than this was set, and is no jitter.
const SET_BACK: Duration = Duration::from_secs(2);
/// Other sites that are rechecked for one that fails, to show whether our own side is at fault.
const MAX_REFERENCE_SITES: usize = 2;
/// Number of sites above which another one is checked soon anyway.
const MANY_SITES: usize = 100;
/// Number of sites up to which operators are counted whenever a site changed, and the time for each site
/// of more that passes before they are counted again: a few more or less make no difference there.
const COUNTED_AT_ONCE: usize = 1_000;
const COUNTED_AFTER: Duration = Duration::from_micros(100);

/// The judge's memory of all sites.
#[derive(Debug)]
pub struct Judge {
    pub(super) rules: Rules,
    /// By site; boxed, since a table that grows has room for twice as many.
    pub(super) sites: HashMap<Slug, Box<JudgedSite>>,
    regions: Vec<RegionHealth>,
    operators: OperatorCounts,
    /// True if the sites that can be evidence about our own side have changed.
    pub(super) recount: bool,
    counted_at: Moment,
    /// Sites with a failure that waits for evidence.
    pub(super) waiting: HashSet<Slug>,
    /// The newest moment that was seen.
    seen: Moment,
    canaries: Option<CanaryLink>,
    /// True if every failure counts as the site's own.
    trust: bool,
}

#[derive(Debug, Default)]
pub(super) struct JudgedSite {
    pub(super) limits: Limits,
    route: Route,
    url: Option<Url>,
    /// Last answerer, once it has been seen.
    answerer: Option<Answerer>,
    pub(super) state: SiteState,
}

/// Knowledge of our own side in a region.
#[derive(Debug)]
struct RegionHealth {
    name: Region,
    network: NetworkHealth,
    /// Reason why it has no vote, whatever it sees.
    barred: Option<WhyNot>,
}

/// The way in which a check was received.
#[derive(Debug)]
pub enum Reception {
    /// It was judged.
    Judged(Box<CheckJudgement>),
    /// It is no evidence, and only recorded: it came after newer ones of its region or too late, or it
    /// failed in a way that may be the doing of a prober that could not keep up.
    NoEvidence,
    /// Its region's last check has the same moment: it came once more.
    Repeated,
}

/// Result of judging a check.
#[derive(Debug, Default)]
pub struct CheckJudgement {
    /// Effect of the check.
    pub effect: CheckEffect,
    /// Evidence about our own side, where the check alone is not enough.
    pub evidence: Option<Entry>,
    /// Other sites to recheck, which may show that our own network works.
    pub reference_sites: Vec<Slug>,
}

impl Judge {
    /// A memory with what an earlier run left. Call [`Judge::set_sites`] before the first check.
    pub fn new(rules: Rules, states: HashMap<Slug, SiteState>) -> Self {
        let place = |state| Box::new(JudgedSite { state, ..JudgedSite::default() });
        let sites = states.into_iter().map(|(slug, state)| (slug, place(state))).collect();
        Self {
            rules,
            sites,
            regions: Vec::new(),
            operators: OperatorCounts::default(),
            recount: false,
            counted_at: Moment::default(),
            waiting: HashSet::new(),
            seen: Moment::default(),
            canaries: None,
            trust: true,
        }
    }

    /// The same, but failures need evidence that our own network works. Without a link to the
    /// canaries, their results come by [`Judge::take_canary_result`].
    #[must_use]
    pub fn doubting(self) -> Self {
        Self { trust: false, ..self }
    }

    /// The same, with a link to the canaries.
    #[must_use]
    pub fn with_canaries(self, canaries: CanaryLink) -> Self {
        Self { canaries: Some(canaries), ..self.doubting() }
    }

    /// Asks the canaries if there is need.
    pub(super) fn ask_canaries(&mut self, now: Moment) {
        if let Some(mut canaries) = self.canaries.take() {
            canaries.ask_if_needed(self, now);
            self.canaries = Some(canaries);
        }
    }

    /// Takes in a check of the node's own prober, which kept up; `None` when there is nothing to be
    /// judged.
    pub fn check(&mut self, check: &Check) -> Option<CheckJudgement> {
        match self.hear(check, None, false)? {
            Reception::Judged(judged) => Some(*judged),
            Reception::NoEvidence | Reception::Repeated => None,
        }
    }

    /// Takes in a check, with the moment when the node heard it from an agent, and whether its prober
    /// may not have kept up: then its latency says nothing. `None` when its site is not in the
    /// catalogue.
    pub fn hear(
        &mut self,
        check: &Check,
        heard: Option<Moment>,
        overloaded: bool,
    ) -> Option<Reception> {
        let place = self.sites.get_mut(&check.slug)?;
        if let Some(not_judged) = place.receive(check, heard) {
            return Some(not_judged);
        }
        let lateness = overloaded && check.outcome.may_be_our_lateness();
        if lateness || check.outcome.is_our_own_failure() {
            return Some(Reception::NoEvidence);
        }
        let failed = check.outcome.cause().is_some();
        if failed {
            self.recount_operators();
        }
        let place = self.sites.get_mut(&check.slug)?;
        let region = region_of(&mut self.regions, self.operators, &check.region);
        let (news, answerer) = place.news(check, overloaded, &self.rules);
        region.network.take(check, place.route, news);
        let known = region.evidence(place.route, self.trust.then_some(check.at));
        let evidence = NetworkEvidence { overloaded: overloaded || known.overloaded, ..known };
        let effect = place.state.check_heard(check, heard, &place.limits, &self.rules, &evidence);
        let network = &region.network;
        self.recount |= !effect.changes.is_empty();
        if !failed && evidence.doubt.is_none() {
            self.recount |= place.learn(check, answerer, network.is_own_answerer(place.route));
        }
        let other = network.reference_site(place.route, &check.slug);
        let other = other.filter(|_| effect.awaits_evidence).cloned();
        let mut reference_sites: Vec<Slug> = other.into_iter().collect();
        let wanted = network.wants_reference_sites(place.route).filter(|_| !self.trust);
        let lost =
            evidence.lost_family.is_some() && !check.outcome.observed.failed_attempts.is_empty();
        let late = evidence.overloaded || evidence.pace != PeerPace::Alone;
        let barred = evidence.barred.is_some();
        let noteworthy = failed || late || evidence.doubt.is_some() || barred || lost;
        if effect.awaits_evidence {
            self.waiting.insert(check.slug.clone());
        }
        if let Some(since) = wanted {
            let route = place.route;
            reference_sites.extend(self.reference_sites(route, &check.region, since));
        }
        let evidence = noteworthy.then(|| evidence_entry(check, evidence));
        Some(Reception::Judged(Box::new(CheckJudgement { effect, evidence, reference_sites })))
    }

    /// Takes in why a region has no vote from now on, or that it has one again.
    pub fn set_voting(&mut self, name: &Region, why: Option<WhyNot>, now: Moment) -> Vec<Entry> {
        let region = region_of(&mut self.regions, self.operators, name);
        if std::mem::replace(&mut region.barred, why) == why {
            return Vec::new();
        }
        let mut entries = Vec::new();
        for (slug, place) in &mut self.sites {
            let JudgedSite { limits, route, state, .. } = &mut **place;
            if state.region(name).is_none_or(|known| known.barred == why) {
                continue;
            }
            let evidence = region.evidence(*route, self.trust.then_some(now));
            entries.push(Entry::Evidence(slug.clone(), name.clone(), now, evidence));
            let change = state.take_evidence(name, &evidence, now, limits, &self.rules);
            changed(slug, change, state, &mut entries);
        }
        entries
    }

    /// Forgets a region that nobody looks from any more.
    pub fn retire(&mut self, name: &Region, now: Moment) -> Vec<Entry> {
        self.regions.retain(|region| region.name != *name);
        let mut entries = vec![Entry::Retired(name.clone(), now)];
        for (slug, place) in &mut self.sites {
            let JudgedSite { limits, state, .. } = &mut **place;
            let change = state.retire(name, now, limits);
            changed(slug, change, state, &mut entries);
        }
        entries
    }

    /// Some other sites that were not checked since this moment, and can be evidence about our own
    /// side.
    fn reference_sites(&self, route: Route, region: &Region, since: Moment) -> Vec<Slug> {
        if self.sites.len() > MANY_SITES {
            return Vec::new();
        }
        let unseen = self.sites.iter().filter(|(_, other)| {
            other.route.can_be_evidence_for(&route)
                && other.state.verdict.status != Status::Down
                && other.state.last_at(region) < Some(since)
        });
        // Those first that tell of our pace as well, and of them the one checked longest ago.
        let mut unseen: Vec<_> = unseen
            .map(|(slug, other)| {
                let slow = !may_pace(other.state.verdict.status);
                (slow, other.state.last_at(region), slug)
            })
            .collect();
        unseen.sort_unstable();
        unseen.into_iter().take(MAX_REFERENCE_SITES).map(|(_, _, slug)| slug.clone()).collect()
    }

    /// Takes in the provider of a site of which the catalogue names none.
    pub fn served_by(&mut self, slug: &Slug, provider: &str) {
        let Some(place) = self.sites.get_mut(slug) else { return };
        let before = place.route;
        place.route.served_by(provider);
        self.recount |= place.route != before;
    }

    /// Counts the operators anew, if there is need.
    fn recount_operators(&mut self) {
        let wait = match self.sites.len() {
            ..=COUNTED_AT_ONCE => Duration::ZERO,
            many => COUNTED_AFTER * u32::try_from(many).unwrap_or(u32::MAX),
        };
        let waited = self.seen < self.counted_at || self.seen.since(self.counted_at) >= wait;
        if self.recount && waited {
            self.count_operators();
        }
    }

    /// Counts the operators whose sites can be evidence about our own side: sites that are down are
    /// none.
    fn count_operators(&mut self) {
        (self.recount, self.counted_at) = (false, self.seen);
        let countable = self.sites.values().filter(|p| p.state.verdict.status != Status::Down);
        let routes: Vec<Route> = countable.map(|place| place.route).collect();
        let quick = self.sites.values().filter(|p| may_pace(p.state.verdict.status));
        let pacing: Vec<Route> = quick.map(|place| place.route).collect();
        self.operators = self.operators.counting(&routes).pacing(&pacing);
        for region in &mut self.regions {
            region.network.set_operators(self.operators);
        }
    }

    /// Takes a result of the canaries of a region.
    pub fn take_canary_result(&mut self, region: &Region, result: CanaryResult) {
        region_of(&mut self.regions, self.operators, region).network.take_canary_result(result);
    }

    /// Returns whether all regions doubt themselves: then no provider is blamed.
    pub fn is_in_doubt(&self) -> bool {
        let mut regions = self.regions.iter().map(|region| &region.network).peekable();
        !self.trust && regions.peek().is_some() && regions.all(NetworkHealth::is_public_doubted)
    }

    /// The address families that do not work from our regions.
    pub fn lost_families(&self) -> Vec<Family> {
        let lost = self.regions.iter().filter(|_| !self.trust);
        let mut lost: Vec<Family> =
            lost.filter_map(|region| Some(region.network.lost_family()?.0)).collect();
        lost.sort_unstable();
        lost.dedup();
        lost
    }

    /// Returns whether the canaries of a region should be asked.
    pub fn wants_canaries(&self, region: &Region) -> bool {
        self.regions.iter().any(|r| r.name == *region && r.network.wants_canaries())
    }

    /// Advances the time to `now`; returns a change for each site whose evidence expired, whose
    /// failure is proven now, or that is unknown because of our own side.
    pub fn silence(&mut self, now: Moment) -> Vec<Entry> {
        let mut entries = Vec::new();
        if now + SET_BACK < self.seen {
            self.set_back(now);
        }
        self.seen = now;
        self.recount_operators();
        self.weigh_waiting(now, &mut entries);
        let doubted: Vec<_> = self.regions.iter().filter(|r| r.network.is_doubted()).collect();
        for (slug, place) in &mut self.sites {
            let JudgedSite { limits, route, state, .. } = &mut **place;
            for region in &doubted {
                let (name, evidence) = (&region.name, region.evidence(*route, None));
                if evidence.doubt.is_some() && state.trusts(name) {
                    entries.push(Entry::Evidence(slug.clone(), name.clone(), now, evidence));
                    let change = state.take_evidence(name, &evidence, now, limits, &self.rules);
                    self.recount = true;
                    changed(slug, change, state, &mut entries);
                }
            }
            let change = state.silence(now, limits);
            changed(slug, change, state, &mut entries);
        }
        entries
    }

    /// Failures that were held may count now.
    fn weigh_waiting(&mut self, now: Moment, entries: &mut Vec<Entry>) {
        let Self { waiting, sites, regions, rules, .. } = self;
        waiting.retain(|slug| {
            let Some(place) = sites.get_mut(slug) else { return false };
            let JudgedSite { limits, route, state, .. } = &mut **place;
            let mut waits = false;
            for RegionHealth { name: region, network, barred } in regions.iter() {
                if !state.awaits_evidence(region) {
                    continue;
                }
                let evidence = NetworkEvidence { barred: *barred, ..network.evidence(*route) };
                let change = state.take_evidence(region, &evidence, now, limits, rules);
                if state.awaits_evidence(region) {
                    waits = true;
                } else {
                    entries.push(Entry::Evidence(slug.clone(), region.clone(), now, evidence));
                }
                changed(slug, change, state, entries);
            }
            waits
        });
    }

    fn set_back(&mut self, now: Moment) {
        for region in &mut self.regions {
            region.network.set_back(now);
        }
        for place in self.sites.values_mut().filter(|p| p.state.checked_at() > Some(now)) {
            place.state.set_back(now);
        }
    }

    /// Judges these sites and no others; returns a final change for each that left.
    pub fn set_sites(&mut self, sites: &[Arc<Site>], now: Moment) -> Vec<Entry> {
        let mut old = std::mem::take(&mut self.sites);
        for site in sites {
            let known = old.remove(&site.slug).unwrap_or_default();
            let mut route = Route::of(site);
            route.keep_relations(&known.route);
            let url = Some(site.url.clone());
            let place = JudgedSite { limits: Limits::of(site), route, url, ..*known };
            self.sites.insert(site.slug.clone(), Box::new(place));
        }
        let routes: Vec<Route> = self.sites.values().map(|place| place.route).collect();
        self.operators = OperatorCounts::of(&routes);
        for region in &mut self.regions {
            region.network.set_operators(self.operators);
        }
        old.into_iter().filter_map(|(slug, place)| final_change(slug, place.state, now)).collect()
    }

    /// Number of sites.
    pub(super) fn site_count(&self) -> usize {
        self.sites.len()
    }

    /// State of a site.
    pub fn state(&self, slug: &Slug) -> Option<&SiteState> {
        self.sites.get(slug).map(|place| &place.state)
    }

    /// All states, as entries of the journal.
    pub fn snapshot(&self) -> impl Iterator<Item = Entry> {
        self.sites.iter().map(|(slug, place)| Entry::State(slug.clone(), place.state.clone()))
    }
}

impl RegionHealth {
    /// Evidence for a site that is reached by this route; what failed at `trust` is the site's own.
    fn evidence(&self, route: Route, trust: Option<Moment>) -> NetworkEvidence {
        let known = trust.map_or_else(|| self.network.evidence(route), NetworkEvidence::at);
        NetworkEvidence { barred: self.barred, ..known }
    }
}

impl JudgedSite {
    /// Says why a check is not to be judged, if so. One of the node's own prober that is older than its
    /// last comes by a clock that was set back.
    fn receive(&mut self, check: &Check, heard: Option<Moment>) -> Option<Reception> {
        if heard.is_some_and(|heard| heard.since(check.at) > self.limits.fresh_for) {
            return Some(Reception::NoEvidence);
        }
        let known = self.state.region(&check.region)?;
        let last = known.last_at?;
        if check.at == last {
            return Some(Reception::Repeated);
        }
        if check.at < last {
            if heard.is_some() || known.is_of_agent() {
                return Some(Reception::NoEvidence);
            }
            self.state.set_back_region(&check.region, check.at);
        }
        None
    }

    /// Returns whether the site is down already, as far as this region can tell.
    fn is_down_in(&self, region: &Region) -> bool {
        let here = || self.state.region(region).is_some_and(|known| known.status == Status::Down);
        match self.state.verdict.status {
            Status::Down => true,
            Status::Partial => here(),
            _ => false,
        }
    }

    /// News of a check, whose pace may be `distorted`, and its answerer.
    fn news(&self, check: &Check, distorted: bool, rules: &Rules) -> (CheckNews, Answerer) {
        let (slow, slowing) = self.state.pace(check, &self.limits, rules);
        let of = |url| Answerer::of(&check.outcome, url, self.route.private);
        let answerer = self.url.as_ref().map(of).unwrap_or_default();
        let news = CheckNews {
            failing: !self.is_down_in(&check.region),
            turned_away: self.state.is_let_in(&check.region),
            slow: slow && !distorted,
            slowing,
            distorted,
            was_slow: self.state.is_slow(&check.region),
            answerer: self.answerer.map(|known| answerer.unlike(&known)).unwrap_or_default(),
        };
        (news, answerer)
    }

    /// Learns from a good check the answerer, unless it is doubted, and the address; returns
    /// whether that is new.
    fn learn(&mut self, check: &Check, answerer: Answerer, sure: bool) -> bool {
        if sure || self.answerer.is_none() {
            self.answerer = Some(answerer);
        }
        let address = check.outcome.traces.address.filter(|at| !at.is_loopback());
        self.route.relations[1] == 0 && address.map(|at| self.route.is_at(at)).is_some()
    }
}

/// Returns whether the answers of a site of this status tell of our own network's pace.
fn may_pace(status: Status) -> bool {
    !matches!(status, Status::Down | Status::Slow)
}

/// Health of our own side in a region. There are few regions.
fn region_of<'a>(
    regions: &'a mut Vec<RegionHealth>,
    operators: OperatorCounts,
    name: &Region,
) -> &'a mut RegionHealth {
    let place = regions.iter().position(|region| region.name == *name).unwrap_or_else(|| {
        let mut network = NetworkHealth::default();
        network.set_operators(operators);
        regions.push(RegionHealth { name: name.clone(), network, barred: None });
        regions.len() - 1
    });
    &mut regions[place]
}
