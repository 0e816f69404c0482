//! check → verdict → journal and board; and the recorder, journal → Postgres.
//!
//! The pipeline judges each check once, keeps what was judged in the journal, and only then shows
//! it. It never waits for Postgres: the recorder follows the journal on its own.

mod canary_link;
mod entry;
mod handover;
mod jobs;
mod judge;
mod journal_writer;
mod recorder;
mod refresh;
mod refused;
mod entries;
mod provider_monitor;

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    time::{MissedTickBehavior, interval, sleep},
};

pub use self::{
    entry::Entry,
    handover::Handover,
    jobs::Jobs,
    recorder::Recorder,
    refresh::Refresh,
    refused::{Refusal, Refused},
};
use crate::board::Board;
pub use crate::pipeline::{
    canary_link::CanaryLink,
    journal_writer::JournalWriter,
    judge::{CheckJudgement, Judge},
    provider_monitor::ProviderMonitor,
};
use model::{
    check::Check,
    moment::Moment,
    name::Slug,
    site::{Site, Sites},
    verdict::Outage,
};
use prober::clock::Clock;

/// Checks that are judged and kept together at most.
const BATCH: usize = 1_000;

/// So often we look at what comes of time alone: evidence that runs out, providers that recover.
const LOOK: Duration = Duration::from_secs(1);

/// Judges, keeps and shows.
#[derive(Debug)]
pub struct Pipeline {
    /// The judge's memory of all sites.
    pub judge: Judge,
    /// Finds providers out, and sees when one of them fails.
    pub provider_monitor: ProviderMonitor,
    /// The way to the journal.
    pub journal: JournalWriter,
    /// Where verdicts are shown.
    pub board: Arc<Board>,
    /// Gives moments.
    pub clock: Clock,
    /// Where the judge says which sites to look at again soon. It is a wish: when the queue is
    /// full, the site's next turn comes anyway.
    pub recheck: mpsc::Sender<Slug>,
    /// The time that a check may wait for others to be judged with it: each batch wakes several
    /// threads, which costs more than the judging where checks come one by one.
    pub gather: Duration,
}

impl Pipeline {
    /// Runs until `checks` is closed and all that were in it are kept.
    pub async fn run(
        mut self,
        mut checks: mpsc::Receiver<Check>,
        mut sites: watch::Receiver<Sites>,
    ) {
        let first = sites.borrow_and_update().clone();
        self.set_sites(&first).await;
        let mut batch = Vec::with_capacity(BATCH);
        let mut second = interval(LOOK);
        let mut looked_at = self.clock.now();
        second.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                biased;
                Ok(()) = sites.changed() => {
                    let new = sites.borrow_and_update().clone();
                    self.set_sites(&new).await;
                }
                _ = second.tick() => {
                    looked_at = self.look_around().await;
                }
                count = checks.recv_many(&mut batch, BATCH) => {
                    if count == 0 { break }
                    if count < BATCH && !self.gather.is_zero() {
                        sleep(self.gather).await;
                        while batch.len() < BATCH && let Ok(check) = checks.try_recv() {
                            batch.push(check);
                        }
                    }
                    self.take(&mut batch).await;
                    // Where the clock is faster than life, a second of life is too seldom.
                    if self.clock.now().since(looked_at) >= LOOK {
                        looked_at = self.look_around().await;
                    }
                }
            }
        }
        self.journal.end(&self.judge).await;
    }

    /// Sees what comes of time alone; gives when that was.
    pub async fn look_around(&mut self) -> Moment {
        let now = self.clock.now();
        self.judge.attend(now);
        self.notice_silence().await;
        self.watch_providers().await;
        now
    }

    /// Judges checks, keeps what came of them, and shows it.
    pub async fn take(&mut self, checks: &mut Vec<Check>) {
        let mut entries = Vec::with_capacity(checks.len());
        let mut shown: Vec<(Arc<Check>, Vec<Outage>)> = Vec::with_capacity(checks.len());
        let (mut news, mut withdrawn) = (false, Vec::new());
        for check in checks.drain(..) {
            // A check of a site that has just left the catalogue has no place any more.
            let Some(judged) = self.judge.check(&check) else { continue };
            let (check, step) = (Arc::new(check), judged.step);
            let wishes = step.recheck.then(|| check.slug.clone()).into_iter();
            for slug in wishes.chain(judged.witnesses) {
                self.board.expect(&slug, self.clock.now());
                drop(self.recheck.try_send(slug));
            }
            let mut outages = Vec::new();
            entries.extend(judged.proof);
            entries.push(Entry::Check(check.clone()));
            news |= step.changes.iter().any(|change| change.verdict.status.is_outage());
            for change in step.changes {
                outages.extend(change.outages.iter().cloned());
                withdrawn.extend(change.withdrawn.clone().map(|w| (check.slug.clone(), w)));
                entries.push(Entry::Change(check.slug.clone(), change));
            }
            shown.push((check, outages));
        }
        self.judge.attend(self.clock.now());
        self.keep(&entries).await;
        for (check, outages) in &shown {
            if let Some(state) = self.judge.state(&check.slug) {
                self.board.show(check, state, outages);
            }
            if let Some(provider) = self.provider_monitor.find(check, &self.board) {
                self.judge.served_by(&check.slug, provider);
            }
        }
        for (slug, withdrawn) in &withdrawn {
            self.board.withdraw(slug, withdrawn);
        }
        // Who reads that a site is down reads with it whose fault that seems to be.
        if news {
            self.watch_providers().await;
        }
    }

    /// Sees whether many sites that fail have one cause.
    async fn watch_providers(&mut self) {
        // With nothing known, nobody is to blame.
        if self.judge.is_in_doubt() {
            return self.board.set_failing(Vec::new());
        }
        let events = self.provider_monitor.look(&self.board, self.clock.now());
        if !events.is_empty() {
            self.keep(&events).await;
        }
        self.provider_monitor.show(&self.board);
    }

    /// Says "unknown" of sites whose evidence has run out.
    async fn notice_silence(&mut self) {
        let changes = self.judge.silence(self.clock.now());
        self.keep_and_show(changes).await;
        let lost = self.judge.lost_families();
        if self.board.set_lost_families(&lost) {
            tracing::warn!(?lost, "most sites fail over one family: it does not work from here");
        }
    }

    /// Takes a new catalogue: sites that left are judged for the last time.
    pub async fn set_sites(&mut self, sites: &[Arc<Site>]) {
        let gone = self.judge.set_sites(sites, self.clock.now());
        self.board.set_catalogue(sites);
        self.provider_monitor.forget_picture();
        self.keep_and_show(gone).await;
    }

    async fn keep_and_show(&mut self, changes: Vec<Entry>) {
        if changes.is_empty() {
            return;
        }
        self.keep(&changes).await;
        for entry in &changes {
            if let Entry::Change(slug, change) = entry
                && let Some(state) = self.judge.state(slug)
            {
                self.board.show_state(slug, state, &change.outages);
                if let Some(withdrawn) = &change.withdrawn {
                    self.board.withdraw(slug, withdrawn);
                }
            }
        }
    }

    async fn keep(&mut self, entries: &[Entry]) {
        self.journal.keep(entries, &self.judge, &self.board, self.clock.now()).await;
    }
}

#[cfg(test)]
mod tests;
