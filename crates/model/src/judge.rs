//! The judge: from checks to verdicts. A pure fold over a site's checks in the order of their
//! moments.
//!
//! Only this module knows thresholds and confirmation; live checks, checks read back after a
//! restart and replayed ones all come through here, and the same checks always give the same
//! verdicts.
//!
//! - [`SiteState::check`] takes a check; [`SiteState::silence`] lets time pass.
//! - Each region is judged by its own checks (`region`); the fresh regions vote (`vote`).
//! - A stretch of bad verdicts makes an outage.

pub mod network_health;
mod note_state;
mod pace;
mod page_baseline;
mod network_evidence;
mod region;
mod restriction;
mod anomaly;
mod latency_spread;
mod recent_trouble;
mod latency_baseline;
mod vote;
mod address_health;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::{region::RegionState, vote::votes_needed};
use super::{
    check::Check,
    moment::Moment,
    name::Region,
    site::Site,
    verdict::{Change, Outage, Status, Verdict, Withdrawn},
};
pub use crate::judge::network_evidence::NetworkEvidence;

/// The thresholds of the judge, the same for every site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Failed checks in a row that make a site `down`.
    pub down_after: u32,
    /// Good checks in a row that bring it back.
    pub up_after: u32,
    /// Slow checks in a row that make it `slow`.
    pub slow_after: u32,
    /// Quick checks in a row that end `slow`: more than began it, so that it does not flap.
    pub quick_after: u32,
    /// Latency that is never slow, unless the site says otherwise.
    pub slow_floor: Duration,
    /// Multiple of the usual latency that is slow.
    pub slow_factor: u32,
    /// Troubled checks (failed, or passed after a retry) among the last sixteen that make a site
    /// that goes down unstable.
    pub trouble: u32,
    /// Troubled checks among the last sixteen from which on it fails now and then.
    pub often: u32,
    /// Number of them at or below which that ends.
    pub seldom: u32,
    /// Time after a recovery within which a site that is down again counts as unstable.
    pub relapse: Duration,
    /// The time that an unstable site has to be good, at least and at most, before it is called so.
    pub hold: (Duration, Duration),
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            down_after: 2,
            up_after: 2,
            slow_after: 3,
            quick_after: 3,
            slow_floor: Duration::from_secs(1),
            slow_factor: 3,
            trouble: 6,
            often: 8,
            seldom: 3,
            relapse: Duration::from_mins(30),
            hold: (Duration::from_mins(1), Duration::from_mins(5)),
        }
    }
}

/// Least time between the end of a failed check and the beginning of one that confirms it.
const APART: Duration = Duration::from_secs(5);
/// Interval below which a site is checked densely, and the time for which such a site must fail.
const DENSE: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(9));

/// Least time from one verdict on a site to the next: the record counts milliseconds.
const STEP: Duration = Duration::from_millis(1);
/// Lead of the last verdict over a check that settles the next one, as far as regions lie apart. After a clock was
/// set back, the last one may lie further ahead.
const MAX_LEAD: Duration = Duration::from_mins(5);

/// Limits of a site that the judge depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// The time that a check stays evidence.
    pub fresh_for: Duration,
    /// Time from one check to the next.
    pub interval: Duration,
    /// Latency above which the site is slow, if the catalogue says so.
    pub slow_after: Option<Duration>,
}

impl Limits {
    /// The limits of a site: a check is evidence until two intervals after it should have ended.
    pub fn of(site: &Site) -> Self {
        let fresh_for = site.interval * 2 + site.timeout + Duration::from_secs(5);
        Self { fresh_for, interval: site.interval, slow_after: site.slow_after }
    }

    /// Time after the end of a failed check before another one can confirm it, whatever the
    /// interval. A lookup, which has no schedule, repeats at once.
    fn apart(&self) -> Duration {
        if self.interval.is_zero() { Duration::ZERO } else { APART }
    }

    /// Time for which failures must last. A check every few seconds would otherwise report every
    /// restart.
    fn seen_for(&self) -> Duration {
        let (dense, seen_for) = DENSE;
        let is_dense = !self.interval.is_zero() && self.interval < dense;
        if is_dense { seen_for } else { Duration::ZERO }
    }

    /// Time for which an unstable site must stay up before it counts as up: long enough for five
    /// checks.
    fn hold(&self, rules: &Rules) -> Duration {
        let (least, most) = rules.hold;
        (self.interval * 5).max(least).min(most)
    }
}

/// State of the judge for a site. Serialized, it is what the journal and Postgres keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteState {
    /// The verdict in force.
    pub verdict: Verdict,
    /// State of each region, in the order of their names. A list, since most sites have one region
    /// and a tree's first node has room for eleven.
    pub regions: Vec<RegionState>,
    /// The outage that has not ended, if there is one.
    pub outage: Option<Outage>,
    /// The moment at which the verdict was settled; `None` before the first.
    #[serde(default)]
    pub settled_at: Option<Moment>,
}

impl Default for SiteState {
    fn default() -> Self {
        Self { verdict: Verdict::none_yet(), regions: Vec::new(), outage: None, settled_at: None }
    }
}

/// Effect of one check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckEffect {
    /// New verdicts, in order; two when the check ends a silence that had not been noticed yet.
    pub changes: Vec<Change>,
    /// True to recheck at once: the check is not yet confirmed.
    pub recheck: bool,
    /// True if it failed and waits for evidence that our own network works.
    pub awaits_evidence: bool,
}

impl SiteState {
    /// Takes a check in, as [`SiteState::check_with_evidence`] does, and trusts our own network.
    pub fn check(&mut self, check: &Check, limits: &Limits, rules: &Rules) -> CheckEffect {
        self.check_with_evidence(check, limits, rules, &NetworkEvidence::at(check.at))
    }

    /// Takes a check, with the evidence about our own side. One that is not later than the region's
    /// last changes nothing: reading a journal twice is harmless.
    pub fn check_with_evidence(
        &mut self,
        check: &Check,
        limits: &Limits,
        rules: &Rules,
        evidence: &NetworkEvidence,
    ) -> CheckEffect {
        self.check_heard(check, None, limits, rules, evidence)
    }

    /// The same for a check that the node `heard` of at this moment of its own clock. The check's
    /// moment is by the clock of its region and orders checks there; votes, silence and freshness
    /// go by the node's.
    pub fn check_heard(
        &mut self,
        check: &Check,
        heard: Option<Moment>,
        limits: &Limits,
        rules: &Rules,
        evidence: &NetworkEvidence,
    ) -> CheckEffect {
        if self.last_at(&check.region).is_some_and(|last| check.at <= last) {
            return CheckEffect::default();
        }
        let now = heard.unwrap_or(check.at);
        let mut changes = Vec::new();
        changes.extend(self.silence(now, limits));
        let region = self.region_mut(&check.region);
        let voted = region.votes(now, limits);
        region.check(check, heard, limits, rules, evidence);
        let lost = voted && !region.votes(now, limits);
        let (unconfirmed, awaits_evidence) = (region.unconfirmed(rules), region.awaits_evidence());
        let (says, early) = (region.status, region.is_early(rules));
        let withdrawn = region.take_withdrawn();
        changes.extend(self.settle(now, limits, lost, withdrawn.map(of(&check.region))));
        // One that has only begun to look is asked again where it sees no outage that others see.
        let outage = matches!(self.verdict.status, Status::Slow | Status::Down);
        let disagrees = early && outage && says != self.verdict.status;
        CheckEffect { changes, recheck: unconfirmed || disagrees, awaits_evidence }
    }

    /// Learns of a check whose effect on the verdict is known: the region's own memory is brought up to
    /// date, and the verdict stays.
    pub fn learn(
        &mut self,
        check: &Check,
        heard: Option<Moment>,
        limits: &Limits,
        rules: &Rules,
        evidence: &NetworkEvidence,
    ) {
        if self.last_at(&check.region).is_none_or(|last| check.at > last) {
            let region = self.region_mut(&check.region);
            region.check(check, heard, limits, rules, evidence);
            // It is in the record that it was.
            let _ = region.take_withdrawn();
        }
    }

    /// Says what is known of a region's own side now: a failure that was held may count, or a doubt
    /// may end the region's vote.
    pub fn take_evidence(
        &mut self,
        region: &Region,
        evidence: &NetworkEvidence,
        now: Moment,
        limits: &Limits,
        rules: &Rules,
    ) -> Option<Change> {
        let known = self.regions.iter_mut().find(|known| known.name == *region)?;
        let voted = known.votes(now, limits);
        known.take_evidence(limits, rules, evidence);
        let lost = voted && !known.votes(now, limits);
        let withdrawn = known.take_withdrawn();
        self.settle(now, limits, lost, withdrawn.map(of(region)))
    }

    /// Forgets a region that nobody looks from any more.
    pub fn retire(&mut self, region: &Region, now: Moment, limits: &Limits) -> Option<Change> {
        let place = self.regions.iter().position(|known| known.name == *region)?;
        self.regions.remove(place);
        self.settle(now, limits, true, None)
    }

    /// Pace of a check compared with the site's usual latency in its region: whether it is slow,
    /// and whether that would be new.
    pub fn pace(&self, check: &Check, limits: &Limits, rules: &Rules) -> (bool, bool) {
        let known = self.region(&check.region);
        let slow = known.is_some_and(|region| region.is_slow(check, limits, rules));
        (slow, known.is_some_and(RegionState::was_up))
    }

    /// Returns whether a region was answered last, and not turned away.
    pub fn is_let_in(&self, region: &Region) -> bool {
        self.region(region).is_some_and(|known| known.was_up() && !known.restricted)
    }

    /// Returns whether the site is known to be slow from a region.
    pub fn is_slow(&self, region: &Region) -> bool {
        self.region(region).is_some_and(|known| known.status == Status::Slow)
    }

    /// Returns whether this region trusts its own observations.
    pub fn trusts(&self, region: &Region) -> bool {
        self.region(region).is_some_and(|known| known.doubt.is_none())
    }

    /// Returns whether a failure of this region waits for evidence that it is the site's.
    pub fn awaits_evidence(&self, region: &Region) -> bool {
        self.region(region).is_some_and(RegionState::awaits_evidence)
    }

    /// Says that it is `now` and that there was no check: evidence may have run out.
    pub fn silence(&mut self, now: Moment, limits: &Limits) -> Option<Change> {
        // This runs for every site every second.
        if !self.regions.iter().any(|region| region.runs_out(now, limits)) {
            return None;
        }
        self.settle(now, limits, true, None)
    }

    /// Says that the clock was set back to `now`: what seems to lie ahead was just before it.
    pub fn set_back(&mut self, now: Moment) {
        for region in &mut self.regions {
            region.set_back(now);
        }
        self.clamp(now);
    }

    /// The same of the clock of one region: the others know what they knew.
    pub fn set_back_region(&mut self, region: &Region, now: Moment) {
        if let Some(known) = self.regions.iter_mut().find(|known| known.name == *region) {
            known.set_back(now);
        }
        self.clamp(now);
    }

    /// Nothing began later than this.
    fn clamp(&mut self, now: Moment) {
        self.verdict.since = self.verdict.since.map(|since| since.min(now));
        self.settled_at = self.settled_at.map(|at| at.min(now));
        for note in &mut self.verdict.notes {
            note.since = note.since.min(now);
        }
    }

    /// Returns whether a region has confirmed something, and what it says counts beside the others: one that
    /// has only begun to probe, or comes back, has to be sure first.
    pub fn counts(&self, name: &Region, limits: &Limits) -> bool {
        // Nothing is told of what came after.
        let now = self.settled_at.max(self.checked_at()).unwrap_or_default();
        self.region(name).is_some_and(|region| {
            region.status != Status::Unknown && vote::counts(&self.regions, region, now, limits)
        })
    }

    /// State of a region.
    pub fn region(&self, name: &Region) -> Option<&RegionState> {
        self.regions.iter().find(|region| region.name == *name)
    }

    fn region_mut(&mut self, name: &Region) -> &mut RegionState {
        let place = match self.regions.binary_search_by(|region| region.name.cmp(name)) {
            Ok(place) => place,
            Err(place) => {
                // Room for one: a list makes room for four, which most sites never need.
                self.regions.reserve_exact(1);
                self.regions.insert(place, RegionState::new(name.clone()));
                place
            }
        };
        &mut self.regions[place]
    }

    /// The moment of a region's last check.
    pub fn last_at(&self, region: &Region) -> Option<Moment> {
        self.region(region).and_then(|r| r.last_at)
    }

    /// The moment of the last check of any region.
    pub fn checked_at(&self) -> Option<Moment> {
        self.regions.iter().filter_map(RegionState::heard_at).max()
    }

    /// Until when the verdict rests on evidence; `None` before any check.
    pub fn fresh_until(&self, limits: &Limits) -> Option<Moment> {
        let evidence = self.regions.iter().filter_map(RegionState::evidence_at).max();
        let last =
            if self.verdict.status == Status::Unknown { self.checked_at() } else { evidence };
        last.map(|at| at + limits.fresh_for)
    }

    /// The usual latency over all regions, in microseconds, once it is known.
    pub fn usual(&self) -> Option<u32> {
        let known: Vec<u64> =
            self.regions.iter().filter_map(RegionState::usual).map(u64::from).collect();
        let regions = known.len() as u64;
        (regions > 0).then(|| (known.iter().sum::<u64>() / regions) as u32)
    }

    /// A bad stretch does not begin before its outage, though the clock was back in between.
    fn since_outage(&self, verdict: &Verdict, now: Moment) -> Option<Moment> {
        let begun = |outage: &&Outage| outage.status == verdict.status && outage.started_at <= now;
        let started_at = self.outage.as_ref().filter(begun).map(|outage| outage.started_at);
        verdict.since.max(started_at)
    }

    /// Votes, and returns the changes.
    fn settle(
        &mut self,
        now: Moment,
        limits: &Limits,
        lost: bool,
        withdrawn: Option<Withdrawn>,
    ) -> Option<Change> {
        // A region whose evidence has just run out keeps its word, whatever it is that is heard first.
        let ran_out = self.regions.iter().any(|region| region.runs_out(now, limits));
        let lost = lost || ran_out;
        for region in self.regions.iter_mut().filter(|_| ran_out) {
            region.silence(now, limits);
        }
        self.verdict.since = self.since_outage(&self.verdict, now);
        let mut voted = vote::vote(&self.regions, now, limits);
        // The clock of a region may be a little ahead of ours.
        voted.since = voted.since.map(|since| since.min(now));
        voted.since = self.since_outage(&voted, now);
        let old = &self.verdict;
        let same = (voted.status, voted.restricted) == (old.status, old.restricted)
            && (voted.unstable, voted.doubt) == (old.unstable, old.doubt)
            && voted.cause_kind() == old.cause_kind()
            && voted.notes.iter().map(|n| n.kind).eq(old.notes.iter().map(|n| n.kind));
        let outages_only = same && self.spreads(voted.status, now, limits);
        if same && !outages_only {
            return None;
        }
        let mut verdict = voted;
        for note in &mut verdict.notes {
            // A note keeps its first moment.
            let before = old.notes.iter().find(|before| before.kind == note.kind);
            note.since = before.map_or(note.since, |before| before.since);
        }
        if verdict.status == old.status && verdict.status != Status::Unknown {
            verdict.since = old.since;
        } else if lost && withdrawn.is_none() && verdict.status != Status::Unknown {
            // No check says so: a region has no vote any more, since now.
            verdict.since = Some(now);
        } else if (old.status, verdict.status) == (Status::Down, Status::Partial) {
            verdict.since = vote::well_since(&self.regions, now, limits).or(Some(now));
        }
        // A verdict that returns after a silence holds from the check that brought it back.
        let from = match old.status {
            Status::Unknown if old.since.is_some() => verdict.since.max(Some(now)),
            _ => verdict.since,
        };
        // What other regions say as well stays.
        let withdrawn = withdrawn.filter(|_| !verdict.status.is_outage());
        let from = withdrawn.as_ref().map(|ours| ours.since).or(from);
        self.outage.take_if(|open| withdrawn.as_ref().is_some_and(|ours| ours.covers(open)));
        let outages = self.follow_outage(&verdict, now, limits);
        self.verdict = verdict.clone();
        let at = self.next_settled_at(now);
        self.settled_at = Some(at);
        Some(Change { at, from: from.unwrap_or(now), verdict, outages, withdrawn, outages_only })
    }

    /// The moment for a verdict that is settled now. Each follows the one before, also where a check that settles it
    /// comes seconds late from another region: the record and the channels go by it to know the last one.
    fn next_settled_at(&self, now: Moment) -> Moment {
        match self.settled_at {
            Some(last) if last >= now && last.since(now) < MAX_LEAD => last + STEP,
            _ => now,
        }
    }

    /// Returns whether another region sees the outage that goes on with this status.
    fn spreads(&self, status: Status, now: Moment, limits: &Limits) -> bool {
        self.outage.as_ref().filter(|open| open.status == status).is_some_and(|open| {
            let saw = vote::regions_at(&self.regions, status, now, limits);
            saw.iter().any(|region| !open.regions.contains(region))
        })
    }

    /// Opens, changes and ends outages with the verdict; returns those that changed.
    fn follow_outage(&mut self, verdict: &Verdict, now: Moment, limits: &Limits) -> Vec<Outage> {
        let mut touched = Vec::new();
        let begins = verdict.since.unwrap_or_default();
        if verdict.status == Status::Unknown {
            return touched;
        }
        if let Some(mut open) = self.outage.take() {
            if open.status == verdict.status {
                open.cause.clone_from(&verdict.cause);
                open.regions.extend(vote::regions_at(&self.regions, open.status, now, limits));
                open.regions.sort_unstable();
                open.regions.dedup();
                self.outage = Some(open.clone());
                touched.push(open);
                return touched;
            }
            open.ended_at = Some(begins.max(open.started_at));
            touched.push(open);
        }
        if verdict.status.is_outage() {
            let outage = Outage {
                status: verdict.status,
                started_at: begins,
                ended_at: None,
                cause: verdict.cause.clone(),
                regions: vote::regions_at(&self.regions, verdict.status, now, limits),
            };
            self.outage = Some(outage.clone());
            touched.push(outage);
        }
        touched
    }
}

/// The verdicts that a region withdraws.
fn of(region: &Region) -> impl FnOnce(Moment) -> Withdrawn + use<'_> {
    |since| Withdrawn { since, region: region.clone() }
}

#[cfg(test)]
mod tests;
