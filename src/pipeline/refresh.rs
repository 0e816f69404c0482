//! Reads back from the record into the board: the time before the start or the take-over, once; uptime, every few
//! seconds, of a part of the sites when there are many.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};

use crate::{
    board::Board,
    store::{
        FoundProviders, LeaseState, OutagesWanted, RecordedOutage, RecordingStore, Store,
        StoreError,
    },
};
use model::{
    check::Check,
    name::Slug,
    site::Sites,
    verdict::{Outage, Status},
};
use prober::clock::Clock;

/// Outages that are read back, of all sites together: the ongoing and the newest ended ones.
const MAX_OUTAGES: u32 = 5_000;
/// Interval at which uptime is read.
const INTERVAL: Duration = Duration::from_secs(15);
/// Sites whose uptime is read together, and in each round if nothing has happened to them.
const MAX_SITES: usize = 500;
/// A site that changed so lately is read at each glance.
const CHANGED_WITHIN: Duration = Duration::from_mins(10);
/// Checks of a site that are read back.
const MAX_CHECKS: u32 = 30;

/// Keeps the record's mirror of the catalogue, and the board's memory of the record.
#[derive(Clone, Debug)]
pub struct Refresh {
    /// The store. The node that records keeps the mirror.
    pub record: RecordingStore,
    /// The catalogue in force.
    pub sites: watch::Receiver<Sites>,
    /// Board that is filled in.
    pub board: Arc<Board>,
    /// Gives moments.
    pub clock: Clock,
}

impl Refresh {
    /// Runs for ever. While Postgres is away the board keeps what it has.
    pub async fn run(mut self) {
        // An error means that the other end is gone: the service is ending.
        if self.record.link.wait_for(Option::is_some).await.is_err() {
            return;
        }
        let known = |state: &LeaseState| *state != LeaseState::Unknown;
        if self.record.lease.wait_for(known).await.is_err() {
            return;
        }
        let mut glance = interval(INTERVAL);
        glance.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut found = HashMap::new();
        let (mut filled, mut warm, mut mirrored) = (false, false, false);
        let mut recorded = false;
        let mut glances = 0_usize;
        loop {
            tokio::select! {
                _ = glance.tick() => {}
                Ok(()) = self.record.lease.changed() => {}
                changed = self.sites.changed() => {
                    if changed.is_err() { return }
                    mirrored = false;
                }
            }
            // After a failover it is another one.
            let current = self.record.link.borrow().clone();
            let Some(store) = current else { continue };
            let recording = self.record.now();
            if let Some(store) = recording.as_ref().filter(|_| !mirrored) {
                let sites = self.sites.borrow_and_update().clone();
                mirrored = succeeded(&store.sync_sites(&sites, self.clock.now()).await);
            }
            // Another node may have another catalogue, until this one records again.
            mirrored = mirrored && recording.is_some();
            // A node that takes over goes on from the outages that the other one recorded.
            filled =
                filled && recorded == recording.is_some() || succeeded(&self.fill(&store).await);
            recorded = recording.is_some();
            if recording.is_some() {
                succeeded(&keep_found(&store, &self.board, &mut found).await);
            }
            succeeded(&self.uptimes(&store, glances).await);
            glances = glances.wrapping_add(1);
            warm = warm || succeeded(&self.warm_up(&store).await);
        }
    }

    /// Reads what was before the start, or before this node took over.
    async fn fill(&self, store: &Store) -> Result<(), StoreError> {
        let board = &self.board;
        let (mut outages, mut all) = (HashMap::<Slug, Vec<RecordedOutage>>::new(), true);
        for ongoing in [true, false] {
            let newest = OutagesWanted::newest(MAX_OUTAGES);
            let wanted = OutagesWanted { ongoing: Some(ongoing), ..newest };
            let rows = store.outages_page(&wanted).await?;
            all &= rows.len() < MAX_OUTAGES as usize;
            for row in rows {
                outages.entry(row.slug.clone()).or_default().push(row);
            }
        }
        let mut found = store.found_providers().await?;
        for live in board.sites() {
            let slug = &live.site.slug;
            let known = found.remove(slug).unwrap_or_default();
            if let Some(provider) = known.serves.filter(|_| live.found.is_none()) {
                board.set_found(slug, &provider);
            }
            if let Some((operator, at)) = known.names.filter(|_| live.names.is_none()) {
                board.set_names(slug, &operator, at);
            }
            if let Some(authority) = known.authority.filter(|_| live.authority.is_none()) {
                board.set_authority(slug, &authority);
            }
        }
        for part in self.slugs().chunks(MAX_SITES) {
            let mut checks = store.latest_checks(part, MAX_CHECKS, self.clock.now()).await?;
            for slug in part {
                let newest_first = checks.remove(slug).unwrap_or_default().into_iter().rev();
                let checks: Vec<Arc<Check>> =
                    newest_first.map(|row| Arc::new(row.of(slug.clone()))).collect();
                let rows = outages.remove(slug).unwrap_or_default();
                let newest: Vec<Outage> = rows.iter().map(|row| row.outage.clone()).collect();
                board.fill(slug, &checks, &newest, all);
                for row in &rows {
                    if let Some(provider) = &row.provider {
                        board.fill_cause(slug, row.outage.started_at, provider);
                    }
                }
            }
        }
        Ok(())
    }

    fn slugs(&self) -> Vec<Slug> {
        self.board.sites().iter().map(|live| live.site.slug.clone()).collect()
    }

    async fn warm_up(&self, store: &Store) -> Result<(), StoreError> {
        let Some(any) = self.board.sites().first().cloned() else { return Ok(()) };
        store.warm_up(&any.site.slug, self.clock.now()).await
    }

    /// Reads the uptimes of sites that are not plainly up or changed lately, and of a part of the
    /// others: an uptime that is a minute old is as good.
    async fn uptimes(&self, store: &Store, glance: usize) -> Result<(), StoreError> {
        let now = self.clock.now();
        let sites = self.board.sites();
        let parts = sites.len().div_ceil(MAX_SITES).max(1);
        let lately = now - CHANGED_WITHIN;
        let due = sites.iter().enumerate().filter(|(place, live)| {
            let verdict = &live.verdict;
            glance == 0
                || place % parts == glance % parts
                || verdict.status != Status::Up
                || verdict.since.is_some_and(|since| since > lately)
        });
        let due: Vec<Slug> = due.map(|(_, live)| live.site.slug.clone()).collect();
        for part in due.chunks(MAX_SITES) {
            self.board.set_uptimes(&store.uptimes(part, now).await?);
        }
        Ok(())
    }
}

/// Keeps the providers found since `kept`, for the next start.
async fn keep_found(
    store: &Store,
    board: &Board,
    kept: &mut HashMap<Slug, FoundProviders>,
) -> Result<(), StoreError> {
    let sites = board.sites();
    let all = sites.iter().map(|live| {
        let (serves, names) = (live.found.clone(), live.names.clone());
        (
            live.site.slug.clone(),
            FoundProviders { serves, names, authority: live.authority.clone() },
        )
    });
    let some = all.filter(|(_, found)| *found != FoundProviders::default());
    let new: HashMap<Slug, FoundProviders> =
        some.filter(|(slug, found)| kept.get(slug) != Some(found)).collect();
    if !new.is_empty() {
        store.keep_found_providers(&new).await?;
        kept.extend(new);
    }
    Ok(())
}

/// Returns whether a read succeeded; logs its error. The next round tries again.
fn succeeded(result: &Result<(), StoreError>) -> bool {
    if let Err(error) = result {
        tracing::warn!(%error, "the record could not be read; the board keeps what it has");
    }
    result.is_ok()
}
