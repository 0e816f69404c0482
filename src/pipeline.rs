//! check → verdict → journal and board; and the recorder, journal → Postgres.
//!
//! The pipeline judges each check once, keeps the result in the journal, and only then shows it. It
//! never waits for Postgres: the recorder follows the journal on its own.

mod entry;
mod following;
mod jobs;
mod judge;
mod journal_writer;
mod lease;
mod rechecks;
mod recorder;
mod refresh;
mod refused;
mod takeover;
mod provider_monitor;

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, MissedTickBehavior, interval, sleep},
};

pub use self::{
    entry::Entry,
    jobs::Jobs,
    lease::{LeaseFile, LeaseKeeper},
    rechecks::Rechecks,
    recorder::Recorder,
    refresh::Refresh,
    refused::{RefusedRow, RefusedRows},
    takeover::TakeOver,
};
use crate::board::Board;
pub use crate::pipeline::{
    journal_writer::{Handover, JournalWriter, Kept},
    judge::{CheckJudgement, Judge, Reception},
    provider_monitor::ProviderMonitor,
};
use model::{
    check::Check,
    moment::Moment,
    name::{Region, Slug},
    report::{Origin, Report, ReportContent},
    site::{Site, Sites},
    verdict::{Outage, Withdrawn},
};
use prober::clock::Clock;

/// Reports that are judged and kept together at most.
const BATCH: usize = 1_000;

/// Batches of other probers that are judged and kept together at most.
const MAX_HEARD_BATCHES: usize = 4;

/// Interval for changes by time alone: evidence that expires, providers that recover.
const TICK: Duration = Duration::from_secs(1);

/// Least time between two requests of canaries.
const CANARY_INTERVAL: Duration = Duration::from_secs(2);

/// Reports of another prober that were heard together; whoever sent them is told when the journal has them.
#[derive(Debug)]
pub struct HeardReports {
    /// The reports.
    pub reports: Vec<Report>,
    /// Told when what came of them is kept; `None`: nobody would send them again.
    pub kept: Option<oneshot::Sender<()>>,
}

impl HeardReports {
    /// These reports, and the word that they are kept; an error of that means that they are not.
    pub fn new(reports: Vec<Report>) -> (Self, oneshot::Receiver<()>) {
        let (kept, told) = oneshot::channel();
        (Self { reports, kept: Some(kept) }, told)
    }

    /// A report of the node itself, which nobody would send again.
    pub fn own(report: Report) -> Self {
        Self { reports: vec![report], kept: None }
    }
}

/// Link to the canaries of our own region: requests them at the start, so that their silence is evidence
/// later, and when something failed that may be our own doing.
#[derive(Debug)]
pub struct CanaryLink {
    region: Region,
    ask: mpsc::Sender<()>,
    asked_at: Option<Moment>,
}

impl CanaryLink {
    /// A link to the canaries of `region`, which are asked through `ask`.
    pub fn new(region: Region, ask: mpsc::Sender<()>) -> Self {
        Self { region, ask, asked_at: None }
    }

    /// Asks if there is need. It never waits.
    fn ask_if_needed(&mut self, judging: &Judge, now: Moment) {
        let lately = self.asked_at.is_some_and(|at| at <= now && now < at + CANARY_INTERVAL);
        let wanted = self.asked_at.is_none() || judging.wants_canaries(&self.region);
        if !lately && wanted && self.ask.try_send(()).is_ok() {
            self.asked_at = Some(now);
        }
    }
}

/// Judges checks, and keeps and shows the results.
#[derive(Debug)]
pub struct Pipeline {
    /// The judge's memory of all sites.
    pub judge: Judge,
    /// Finds the providers of sites, and notices when one of them fails.
    pub provider_monitor: ProviderMonitor,
    /// Writer of the journal.
    pub journal: JournalWriter,
    /// Board on which verdicts are shown.
    pub board: Arc<Board>,
    /// Gives moments.
    pub clock: Clock,
    /// Rechecks that the judge requests.
    pub rechecks: Arc<Rechecks>,
    /// The time that a check may wait for others to be judged with it: each batch wakes several
    /// threads, which costs more than the judging where checks come one by one.
    pub gather: Duration,
    /// Orders to go on from what another node has recorded.
    pub takeovers: mpsc::Receiver<TakeOver>,
}

/// Result of some reports.
#[derive(Debug, Default)]
struct JudgedReports {
    /// Entries to be kept.
    entries: Vec<Entry>,
    /// Checks to be shown, each with the outages that it touched.
    shown: Vec<(Arc<Check>, Vec<Outage>)>,
    /// Verdicts that are withdrawn.
    withdrawn: Vec<(Slug, Withdrawn)>,
    /// True if a site is worse than before.
    news: bool,
}

impl Pipeline {
    /// Runs until `reports` is closed and all that were in it are kept.
    pub async fn run(self, reports: mpsc::Receiver<Report>, sites: watch::Receiver<Sites>) {
        let (_, nobody) = mpsc::channel(1);
        self.run_with(reports, nobody, sites).await;
    }

    /// The same, with the reports of other probers.
    pub async fn run_with(
        mut self,
        mut reports: mpsc::Receiver<Report>,
        mut heard: mpsc::Receiver<HeardReports>,
        mut sites: watch::Receiver<Sites>,
    ) {
        let first = sites.borrow_and_update().clone();
        self.set_sites(&first).await;
        let mut batch = Vec::with_capacity(BATCH);
        let mut others = Vec::with_capacity(MAX_HEARD_BATCHES);
        let mut second = interval(TICK);
        let mut ticked_at = self.clock.now();
        second.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                biased;
                Ok(()) = sites.changed() => {
                    let new = sites.borrow_and_update().clone();
                    self.set_sites(&new).await;
                }
                _ = second.tick() => {
                    ticked_at = self.tick().await;
                }
                Some(order) = self.takeovers.recv() => self.take_over(order).await,
                1.. = heard.recv_many(&mut others, MAX_HEARD_BATCHES) => {
                    self.take_heard(&mut others).await;
                }
                count = reports.recv_many(&mut batch, BATCH) => {
                    if count == 0 { break }
                    if count < BATCH && !self.gather.is_zero() {
                        sleep(self.gather).await;
                        while batch.len() < BATCH && let Ok(report) = reports.try_recv() {
                            batch.push(report);
                        }
                    }
                    self.take(&mut batch).await;
                    // Where the clock is faster than real time, a second of real time is too long.
                    if self.clock.now().since(ticked_at) >= TICK {
                        ticked_at = self.tick().await;
                    }
                }
            }
        }
        self.journal.end(&self.judge).await;
    }

    /// Takes batches of other probers, and tells their senders that they are kept once the journal on
    /// disk has what came of them. Where it has no room they are not looked at: their senders keep them,
    /// and what is judged here would be judged again.
    async fn take_heard(&mut self, batches: &mut Vec<HeardReports>) {
        let count = batches.iter().map(|batch| batch.reports.len()).sum();
        if !self.journal.has_room(count, &self.judge).await {
            batches.retain(|batch| batch.kept.is_none());
        }
        let mut reports: Vec<Report> =
            batches.iter_mut().flat_map(|batch| std::mem::take(&mut batch.reports)).collect();
        let fate = self.take(&mut reports).await;
        let senders = batches.drain(..).filter_map(|batch| batch.kept);
        for sender in senders.filter(|_| fate == Kept::OnDisk) {
            // It may have left.
            let _ = sender.send(());
        }
    }

    /// Handles changes by time alone; returns their moment.
    pub async fn tick(&mut self) -> Moment {
        let now = self.clock.now();
        self.judge.ask_canaries(now);
        self.notice_silence().await;
        self.watch_providers().await;
        now
    }

    /// Takes reports, keeps the results, and shows them; returns the worst that became of any.
    pub async fn take(&mut self, reports: &mut Vec<Report>) -> Kept {
        let (mut judged, mut kept) = (JudgedReports::default(), Kept::OnDisk);
        for report in reports.drain(..) {
            if let Some(why) = report.refusal() {
                tracing::warn!(region = %report.region, "a report is refused: {why}");
                continue;
            }
            let Report { region, heard, content } = report;
            let now = heard.unwrap_or_else(|| self.clock.now());
            match content {
                ReportContent::Check { mut check, overloaded, origin } => {
                    check.region = region;
                    self.judge_check(check, (heard, origin), overloaded, &mut judged);
                }
                ReportContent::Uncounted(check) if self.judge.state(&check.slug).is_some() => {
                    judged.entries.push(Entry::Late(Arc::new(Check { region, ..check })));
                }
                // Its site is watched no more.
                ReportContent::Uncounted(_) => {}
                ReportContent::Canary(result) => self.judge.take_canary_result(&region, result),
                ReportContent::Voting(why) => {
                    kept = kept.max(self.finish(std::mem::take(&mut judged)).await);
                    let changes = self.judge.set_voting(&region, why, now);
                    kept = kept.max(self.keep_and_show(changes).await);
                }
                ReportContent::Retired => {
                    kept = kept.max(self.finish(std::mem::take(&mut judged)).await);
                    let changes = self.judge.retire(&region, now);
                    kept = kept.max(self.keep_and_show(changes).await);
                    self.board.retire(&region);
                }
            }
        }
        self.judge.ask_canaries(self.clock.now());
        kept.max(self.finish(judged).await)
    }

    /// Keeps what came of reports, and shows it.
    async fn finish(&mut self, judged: JudgedReports) -> Kept {
        if judged.entries.is_empty() {
            return Kept::OnDisk;
        }
        let kept = self.keep(&judged.entries).await;
        for (check, outages) in &judged.shown {
            if let Some(state) = self.judge.state(&check.slug) {
                self.board.show(check, state, outages);
            }
            if let Some(provider) = self.provider_monitor.find(check, &self.board) {
                self.judge.served_by(&check.slug, provider);
            }
        }
        for (slug, withdrawn) in &judged.withdrawn {
            self.board.withdraw(slug, withdrawn);
        }
        // The verdict that a site is down is shown together with its likely cause.
        if judged.news {
            self.watch_providers().await;
        }
        kept
    }

    /// Judges one check.
    fn judge_check(
        &mut self,
        check: Check,
        (heard, origin): (Option<Moment>, Option<Origin>),
        overloaded: bool,
        into: &mut JudgedReports,
    ) {
        // A site that has just left the catalogue is not judged any more.
        let Some(reception) = self.judge.hear(&check, heard, overloaded) else { return };
        let check = Arc::new(check);
        let judged = match reception {
            Reception::Judged(judged) => judged,
            Reception::Repeated if heard.is_none() => return,
            // What an agent sends again may have found no room the first time.
            Reception::NoEvidence | Reception::Repeated => {
                into.entries.extend(origin.map(Entry::Origin));
                return into.entries.push(Entry::Late(check));
            }
        };
        let effect = judged.effect;
        let again = effect.recheck.then(|| check.slug.clone()).into_iter();
        for slug in again.chain(judged.reference_sites) {
            if self.rechecks.is_own(&check.region) {
                self.board.expect(&slug, self.clock.now());
            }
            self.rechecks.request(&check.region, slug);
        }
        let mut outages = Vec::new();
        into.entries.extend(judged.evidence);
        let entry = match heard {
            None => Entry::Check(check.clone()),
            Some(heard) => Entry::Heard(check.clone(), heard),
        };
        into.entries.extend(origin.map(Entry::Origin));
        into.entries.push(entry);
        into.news |= effect.changes.iter().any(|change| change.verdict.status.is_outage());
        for change in effect.changes {
            outages.extend(change.outages.iter().cloned());
            into.withdrawn.extend(change.withdrawn.clone().map(|w| (check.slug.clone(), w)));
            into.entries.push(Entry::Change(check.slug.clone(), change));
        }
        if matches!(into.entries.last(), Some(Entry::Change(..))) {
            // What is recorded of a site is as of its last change: another node can go on from there.
            let state = self.judge.state(&check.slug).cloned();
            into.entries.extend(state.map(|state| Entry::State(check.slug.clone(), state)));
        }
        into.shown.push((check, outages));
    }

    /// Looks for one cause of many failing sites.
    async fn watch_providers(&mut self) {
        // With nothing known, no provider is blamed.
        if self.judge.is_in_doubt() {
            return self.board.set_failing(Vec::new());
        }
        if self.provider_monitor.rests() {
            return;
        }
        let begun = Instant::now();
        let events = self.provider_monitor.evaluate(&self.board, self.clock.now());
        if !events.is_empty() {
            self.keep(&events).await;
        }
        self.provider_monitor.show(&self.board);
        self.provider_monitor.rest(self.judge.site_count(), begun);
    }

    /// Sets sites whose evidence has expired to unknown.
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
        self.provider_monitor.invalidate();
        self.keep_and_show(gone).await;
    }

    async fn keep_and_show(&mut self, changes: Vec<Entry>) -> Kept {
        if changes.is_empty() {
            return Kept::OnDisk;
        }
        let kept = self.keep(&changes).await;
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
        kept
    }

    async fn keep(&mut self, entries: &[Entry]) -> Kept {
        self.journal.keep(entries, &self.judge, &self.board, self.clock.now()).await
    }
}

#[cfg(test)]
mod tests;
