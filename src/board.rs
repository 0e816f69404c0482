//! The board: the live state of all sites in memory. Pages, API and badges read it and nothing else
//! for what is true now, so they go on when Postgres does not, and cost the same whatever the
//! history.
//!
//! The pipeline writes it, after the journal has what it shows. It never judges.

mod changes;
mod recent;
mod check_tally;
mod live_site;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::Duration,
};

use tokio::sync::watch;

use self::changes::{Changes, change_key};
pub use self::{
    changes::{ChangedSite, Lost},
    recent::RecentChecks,
};
pub use crate::board::{
    check_tally::{CheckTally, EDGES, TimeHistogram},
    live_site::{CheckSummary, LiveSite, RegionView},
};

use model::{
    check::Check,
    judge::{SiteState, network_health::Family},
    moment::Moment,
    name::{Region, Slug},
    provider::{ProviderEvent, ProviderStatus},
    report::Overload,
    schedule,
    site::Site,
    uptime::Uptime,
    verdict::{Outage, Withdrawn},
};

/// Regions that are counted at most.
const MAX_REGIONS: usize = 256;

/// Health of the record, the path of checks to Postgres.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreHealth {
    /// Checks kept for Postgres, with those that waited at the start.
    pub kept: u64,
    /// Those of them that do not wait any more: Postgres has them, or they are set aside.
    pub done: u64,
    /// Bytes on disk of the waiting ones.
    pub waiting_bytes: u64,
    /// Since when Postgres cannot be reached; `None` while it can.
    pub away_since: Option<Moment>,
    /// Reason, by Postgres' own codes.
    pub why: Option<StoreProblem>,
    /// Rows that Postgres refuses for what is in them: set aside, and not lost.
    pub refused_rows: u64,
    /// Moment since which checks wait in memory, as the disk takes nothing: a restart would lose
    /// them.
    pub held_since: Option<Moment>,
    /// Moment since which checks can be kept neither on disk nor in Postgres.
    pub refusing: Option<Moment>,
    /// Checks that were refused since the start.
    pub refused: u64,
    /// Checks that Postgres took since the start.
    pub recorded: u64,
    /// The record's own jobs, in the order in which they first ran.
    pub jobs: Vec<JobStatus>,
    /// The node that records, where there are several.
    pub recorder: Option<RecordingNode>,
}

/// The node that records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingNode {
    /// Its name.
    pub name: Box<str>,
    /// True if it is this one.
    pub here: bool,
}

/// Reason why Postgres does not take the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreProblem {
    /// The SQLSTATE, if Postgres gave one.
    pub sqlstate: Option<Box<str>>,
    /// A short text without names of users or hosts.
    pub short: &'static str,
}

impl StoreHealth {
    /// Checks that Postgres does not have yet. The two counters are independent: a check that is
    /// recorded before it is counted as kept leaves no remainder.
    pub fn waiting(&self) -> u64 {
        self.kept.saturating_sub(self.done)
    }
}

/// Health of one of the record's jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobStatus {
    /// Its name.
    pub name: &'static str,
    /// The moment when it ended last.
    pub last: Moment,
    /// Duration of that run.
    pub took: Duration,
    /// Runs since the start.
    pub runs: u64,
    /// Failed runs.
    pub failures: u64,
}

/// State of the notifications of one channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChannelStats {
    /// Messages on their way, at the last count.
    pub waiting: u64,
    /// Messages that arrived since the start.
    pub arrived: u64,
    /// Tries that failed and are repeated, since the start.
    pub retried: u64,
    /// Messages that were given up since the start.
    pub failed: u64,
}

/// The live picture of all sites.
#[derive(Debug, Default)]
pub struct Board {
    inner: RwLock<BoardState>,
    /// The number of the newest change of a verdict.
    newest: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct BoardState {
    sites: BTreeMap<Slug, Arc<LiveSite>>,
    aliases: HashMap<Box<str>, Slug>,
    failing: Vec<Arc<ProviderStatus>>,
    lost_families: Vec<Family>,
    overload: Option<Overload>,
    record: StoreHealth,
    channels: BTreeMap<Box<str>, ChannelStats>,
    changes: Changes,
    tallies: BTreeMap<Region, CheckTally>,
}

impl Board {
    /// An empty board.
    pub fn new() -> Self {
        Self::default()
    }

    /// All sites, in the order of their slugs.
    pub fn sites(&self) -> Vec<Arc<LiveSite>> {
        self.read().sites.values().cloned().collect()
    }

    /// One site.
    pub fn site(&self, slug: &str) -> Option<Arc<LiveSite>> {
        self.read().sites.get(slug).cloned()
    }

    /// The site with this alias, its name in another service.
    pub fn alias(&self, name: &str) -> Option<Arc<LiveSite>> {
        let inner = self.read();
        inner.sites.get(inner.aliases.get(name)?.as_str()).cloned()
    }

    /// The regions that any site is shown from.
    pub fn regions(&self) -> BTreeSet<Region> {
        let mut regions = BTreeSet::new();
        for seen in self.read().sites.values().flat_map(|live| &live.regions) {
            if !regions.contains(&seen.region) {
                regions.insert(seen.region.clone());
            }
        }
        regions
    }

    /// The providers that seem to be failing, in the order of their slugs.
    pub fn failing(&self) -> Vec<Arc<ProviderStatus>> {
        let inner = self.read();
        inner.failing.iter().filter(|standing| standing.event.is_some()).cloned().collect()
    }

    /// The providers whose event is over while some of their sites are still bad.
    pub fn left_over(&self) -> Vec<Arc<ProviderStatus>> {
        let inner = self.read();
        inner.failing.iter().filter(|standing| standing.event.is_none()).cloned().collect()
    }

    /// Health of the record.
    pub fn store_health(&self) -> StoreHealth {
        self.read().record.clone()
    }

    /// Shows these sites and no others; the state of those that stay is kept.
    pub fn set_catalogue(&self, sites: &[Arc<Site>]) {
        let mut inner = self.write();
        let mut old = std::mem::take(&mut inner.sites);
        inner.aliases.clear();
        for (place, site) in sites.iter().enumerate() {
            let live = match old.remove(site.slug.as_str()) {
                Some(known) => LiveSite { site: site.clone(), place, ..LiveSite::clone(&known) },
                None => LiveSite { place, ..LiveSite::new(site.clone()) },
            };
            inner.sites.insert(site.slug.clone(), Arc::new(live));
            for alias in &site.aliases {
                // Of two sites with one alias the first in the catalogue has it.
                inner.aliases.entry(alias.clone()).or_insert_with(|| site.slug.clone());
            }
        }
    }

    /// Shows a check and what the judge makes of the site now.
    pub fn show(&self, check: &Arc<Check>, state: &SiteState, outages: &[Outage]) {
        self.change(&check.slug, |live| {
            live.take_check(check);
            live.take_state(state);
            live.take_outages(outages);
        });
        self.count(check);
    }

    /// Tallies of the checks of each region since the start.
    pub fn tallies(&self) -> Vec<(Region, CheckTally)> {
        self.read().tallies.iter().map(|(region, tally)| (region.clone(), *tally)).collect()
    }

    fn count(&self, check: &Check) {
        let mut inner = self.write();
        if let Some(tally) = inner.tallies.get_mut(&check.region) {
            tally.count(check);
        } else if inner.tallies.len() < MAX_REGIONS {
            inner.tallies.entry(check.region.clone()).or_default().count(check);
        }
    }

    /// Notes that the judge requested, at this moment, a recheck of a site soon.
    pub fn expect(&self, slug: &Slug, now: Moment) {
        self.change(slug, |live| {
            let waits = live.recheck_at.is_some_and(|at| live.checked_at() < Some(at));
            if !waits {
                live.recheck_at = Some(schedule::soon(now));
            }
        });
    }

    /// Shows a new state of a site that came without a check.
    pub fn show_state(&self, slug: &Slug, state: &SiteState, outages: &[Outage]) {
        self.change(slug, |live| {
            live.take_state(state);
            live.take_outages(outages);
        });
    }

    /// Takes a region that nobody looks from any more off every site.
    pub fn retire(&self, region: &Region) {
        for live in self.sites() {
            if live.regions.iter().any(|seen| seen.region == *region) {
                self.change(&live.site.slug, |live| {
                    live.regions.retain(|seen| seen.region != *region);
                });
            }
        }
    }

    /// Removes a withdrawn verdict of a site.
    pub fn withdraw(&self, slug: &Slug, withdrawn: &Withdrawn) {
        self.change(slug, |live| live.withdraw(withdrawn));
    }

    /// Fills in older checks and outages that the record has, newest first, and the last of each
    /// region; `all`: it has no more outages of this site.
    pub fn fill(&self, slug: &Slug, checks: &[Arc<Check>], outages: &[Outage], all: bool) {
        let glances: Vec<CheckSummary> =
            checks.iter().map(|check| CheckSummary::from(&**check)).collect();
        self.change(slug, |live| {
            live.fill(&glances, outages, all);
            for check in checks {
                live.take_last(check);
            }
        });
    }

    /// Shows new uptimes.
    pub fn set_uptimes(&self, uptimes: &HashMap<Slug, Uptime>) {
        for (slug, uptime) in uptimes {
            self.change(slug, |live| live.uptime = *uptime);
        }
    }

    /// Shows the provider that was found for a site.
    pub fn set_found(&self, slug: &Slug, provider: &str) {
        self.change(slug, |live| live.found = Some(provider.into()));
    }

    /// Shows who answers for the name of a site, and when that was found.
    pub fn set_names(&self, slug: &Slug, operator: &str, at: Moment) {
        self.change(slug, |live| live.names = Some((operator.into(), at)));
    }

    /// Shows who issued the certificate of a site.
    pub fn set_authority(&self, slug: &Slug, authority: &str) {
        self.change(slug, |live| live.authority = Some(authority.into()));
    }

    /// Shows that these providers seem to be failing, or have sites that are bad since, and no others.
    pub fn set_failing(&self, failing: Vec<ProviderStatus>) {
        let mut inner = self.write();
        if inner.failing.iter().map(|standing| &**standing).eq(&failing) {
            return;
        }
        inner.failing = failing.into_iter().map(Arc::new).collect();
        let BoardState { sites, failing, .. } = &mut *inner;
        for live in sites.values_mut() {
            let mine = failing_with(failing, live);
            if live.failing.as_ref() != mine {
                Arc::make_mut(live).failing = mine.cloned();
            }
        }
    }

    /// Shows that the outages of this event have its provider for their one cause.
    pub fn attribute(&self, event: &ProviderEvent) {
        for slug in &event.sites {
            let Some(live) = self.site(slug.as_str()) else { continue };
            // Mostly there is none, and nothing to wait for.
            for at in live.unexplained(event) {
                self.fill_cause(slug, at, &event.provider);
            }
        }
    }

    /// Takes back that outages have the provider of this event for their one cause.
    pub fn clear(&self, event: &ProviderEvent) {
        for slug in &event.sites {
            self.change(slug, |live| live.clear(event));
        }
    }

    /// Fills in that the outage of a site that began at this moment is attributed to a provider.
    pub fn fill_cause(&self, slug: &Slug, started_at: Moment, provider: &str) {
        self.change(slug, |live| live.attribute(started_at, provider));
    }

    /// Shows which address families do not work from here; returns whether one of them did until
    /// now.
    pub fn set_lost_families(&self, lost: &[Family]) -> bool {
        let before = std::mem::replace(&mut self.write().lost_families, lost.to_vec());
        lost.iter().any(|family| !before.contains(family))
    }

    /// The address families that do not work from here.
    pub fn lost_families(&self) -> Vec<Family> {
        self.read().lost_families.clone()
    }

    /// Shows that our own prober cannot keep up with its schedule, or that it can.
    pub fn set_overload(&self, overload: Option<Overload>) {
        self.write().overload = overload;
    }

    /// The overload of our own prober, while it cannot keep up.
    pub fn overload(&self) -> Option<Overload> {
        self.read().overload
    }

    /// Changes what is shown of the record.
    pub fn update_store_health(&self, change: impl FnOnce(&mut StoreHealth)) {
        change(&mut self.write().record);
    }

    /// State of the notifications, by channel.
    pub fn channels(&self) -> BTreeMap<Box<str>, ChannelStats> {
        self.read().channels.clone()
    }

    /// Changes what is shown of a channel.
    pub fn update_channel(&self, channel: &str, change: impl FnOnce(&mut ChannelStats)) {
        change(self.write().channels.entry(channel.into()).or_default());
    }

    /// Announces the number of each new change of a verdict; a slow receiver sees the newest alone.
    pub fn follow(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    /// The number of the newest change of a verdict.
    pub fn newest(&self) -> u64 {
        *self.newest.borrow()
    }

    /// The changes of verdicts after this number, oldest first, at most `most`.
    ///
    /// # Errors
    /// [`Lost`] when some of them are no longer kept, or the number is not one of this run.
    pub fn changes_after(&self, number: u64, most: usize) -> Result<Vec<ChangedSite>, Lost> {
        self.read().changes.after(number, most)
    }

    fn change(&self, slug: &Slug, change: impl FnOnce(&mut LiveSite)) {
        let mut inner = self.write();
        let BoardState { sites, changes, failing, .. } = &mut *inner;
        let Some(live) = sites.get_mut(slug.as_str()) else { return };
        let before = change_key(&live.verdict);
        change(Arc::make_mut(live));
        if change_key(&live.verdict) != before {
            let mine = failing_with(failing, live).cloned();
            Arc::make_mut(live).failing = mine;
            let number = changes.push(live.clone());
            drop(inner);
            self.newest.send_replace(number);
        }
    }

    // A panic elsewhere cannot leave the state half-changed in a way that would be worse than not
    // showing it.
    fn read(&self) -> RwLockReadGuard<'_, BoardState> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BoardState> {
        self.inner.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The provider that seems to be failing, and the site with it: it turned bad with the others, or
/// it lately began to turn robots away, which may be all that the provider's machines still do.
fn failing_with<'f>(
    failing: &'f [Arc<ProviderStatus>],
    live: &LiveSite,
) -> Option<&'f Arc<ProviderStatus>> {
    let member = live.member(live.verdict.status);
    let with_others = || failing.iter().find(|standing| standing.holds(&member));
    with_others().or_else(|| failing.iter().find(|standing| live.is_turned_away_by(standing)))
}

#[cfg(test)]
mod tests;
