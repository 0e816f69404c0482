//! The scheduler: starts each site's checks on time, with their attempts.
//!
//! A check has a fixed place in the site's interval ([`model::schedule`]). One whose time has
//! passed while all slots were taken is skipped: it leaves a gap and never a late answer. The judge
//! may request a recheck soon; it comes in addition to the scheduled ones.
//!
//! Checks begin only while those under way are not kept waiting: a prober with too much to do skips
//! turns, says so ([`SchedulerStats::overload`]), and still measures truly what it has begun.

mod schedule;
mod attempts;
mod canaries;
mod workload;

use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
    task::yield_now,
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};
use tokio_util::sync::CancellationToken;

pub use self::attempts::attempt_after;
pub use crate::scheduler::canaries::Canaries;
use crate::scheduler::{
    schedule::{Schedule, ScheduledCheck},
    workload::{LoopLag, SAMPLE_EVERY, Workload},
};
use crate::{clock::Clock, probe::Probe};
use model::{
    check::Check,
    name::{Region, Slug},
    report::{Overload, Report},
    site::Sites,
};

/// Counts of checks, and the workload that they are.
#[derive(Debug)]
pub struct SchedulerStats {
    /// Checks started.
    pub started: AtomicU64,
    /// Checks skipped, since their time had passed or the one before was still under way.
    pub skipped: AtomicU64,
    /// Checks under way.
    pub under_way: AtomicU64,
    workload: Mutex<Workload>,
}

impl Default for SchedulerStats {
    fn default() -> Self {
        Self {
            started: AtomicU64::default(),
            skipped: AtomicU64::default(),
            under_way: AtomicU64::default(),
            workload: Mutex::new(Workload::new(Instant::now())),
        }
    }
}

impl SchedulerStats {
    /// The overload of this prober, while it cannot keep up.
    pub fn overload(&self) -> Option<Overload> {
        self.workload().overload()
    }

    /// Share of the last minute, from 0 to 1, in which the event loop was late.
    pub fn lag_share(&self) -> f64 {
        f64::from(self.workload().lag_percent()) / 100.0
    }

    fn lag(&self) -> LoopLag {
        self.workload().lag(Instant::now())
    }

    // Counts are whole whatever panicked beside them.
    fn workload(&self) -> MutexGuard<'_, Workload> {
        self.workload.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts every site's checks on time.
#[derive(Debug)]
pub struct Scheduler<P> {
    /// Probes one site.
    pub probe: P,
    /// Region of this prober.
    pub region: Region,
    /// Checks under way at most.
    pub concurrency: usize,
    /// Gives moments.
    pub clock: Clock,
    /// Receiver of the checks; when it is full, checks wait and then are skipped.
    pub reports: mpsc::Sender<Report>,
    /// Counters.
    pub stats: Arc<SchedulerStats>,
    /// Ends the loop and the checks under way; one that is cut short has no result.
    pub stop: CancellationToken,
}

/// Longest sleep, so that a clock that jumps is noticed.
const MAX_SLEEP: Duration = Duration::from_secs(1);
/// Shortest sleep: waking up for each of many checks costs more than the check.
const MIN_SLEEP: Duration = Duration::from_millis(20);
/// Checks that begin at once; then those under way go on first.
const CHECKS_AT_ONCE: usize = 4;
/// While those wait for the event loop for longer than this, no others begin.
const MAX_CHECK_WAIT: Duration = Duration::from_millis(20);

/// A clock that differs by more than this from the time that has passed was set.
const CLOCK_SET: Duration = Duration::from_secs(2);

impl<P: Probe + Clone + 'static> Scheduler<P> {
    /// Runs until it is stopped or `sites` is closed. Slugs sent over `rechecks` are checked again soon,
    /// in addition to their schedule.
    pub async fn run(self, sites: watch::Receiver<Sites>, rechecks: mpsc::Receiver<Slug>) {
        tokio::select! {
            () = self.follow_schedule(sites, rechecks) => {}
            never = self.sample_lag() => match never {},
        }
    }

    async fn follow_schedule(
        &self,
        mut sites: watch::Receiver<Sites>,
        mut rechecks: mpsc::Receiver<Slug>,
    ) {
        let slots = Arc::new(Semaphore::new(self.concurrency));
        let mut schedule = Schedule::new(self.region.clone());
        schedule.set_sites(&sites.borrow_and_update().clone(), self.clock.now());
        let mut seen = (self.clock.now(), Instant::now());
        loop {
            let (now, mut begun) = (self.clock.now(), 0);
            if now.since(seen.0) > seen.1.elapsed() + CLOCK_SET {
                // The clock was set forward, or the machine was suspended: no check is late for that.
                schedule.plan_anew(now);
            }
            seen = (now, Instant::now());
            while let Some(check) = schedule.take_due(now) {
                let slot = tokio::select! {
                    () = self.stop.cancelled() => return,
                    slot = slots.clone().acquire_owned() => slot,
                };
                let Ok(slot) = slot else { return };
                if check.is_too_late(check.late_by(self.clock.now())) {
                    self.skip();
                    continue;
                }
                if begun % CHECKS_AT_ONCE == 0 {
                    self.give_way().await;
                }
                begun += 1;
                self.begin_or_skip(check, slot);
            }
            let due = schedule.next_due().map_or(MAX_SLEEP, |due| due.since(self.clock.now()));
            let wake = Instant::now() + due.clamp(MIN_SLEEP, MAX_SLEEP);
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = sleep_until(wake) => {}
                Some(slug) = rechecks.recv() => schedule.recheck_soon(&slug, self.clock.now()),
                changed = sites.changed() => {
                    if changed.is_err() { return }
                    schedule.set_sites(&sites.borrow_and_update().clone(), self.clock.now());
                }
            }
        }
    }

    /// Samples the lag of the event loop. A timer that is always there also spares the runtime a system
    /// call for each new one that would otherwise be the first to fire; a check has several.
    async fn sample_lag(&self) -> Infallible {
        let mut samples = interval(SAMPLE_EVERY);
        samples.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let due = samples.tick().await;
            let changed = self.stats.workload().sample(due, Instant::now(), self.clock.now());
            match self.stats.overload() {
                Some(Overload { turns, behind, lag_percent, .. }) if changed => tracing::warn!(
                    turns,
                    behind,
                    lag_percent,
                    "this prober cannot keep up: there are more checks than it has time for"
                ),
                None if changed => tracing::info!("this prober keeps up again"),
                _ => {}
            }
        }
    }

    /// Lets the checks under way go on before others begin, for as long as they are kept waiting.
    async fn give_way(&self) {
        loop {
            let asked = Instant::now();
            yield_now().await;
            let alone = self.stats.under_way.load(Ordering::Relaxed) == 0;
            if alone || asked.elapsed() < MAX_CHECK_WAIT {
                return;
            }
        }
    }

    fn begin_or_skip(&self, mut check: ScheduledCheck, slot: OwnedSemaphorePermit) {
        let (late_by, now) = (check.late_by(self.clock.now()), Instant::now());
        if check.is_too_late(late_by) {
            return self.skip();
        }
        if !check.claim() {
            // The one before is still under way: the site is slow, and not this prober.
            self.stats.skipped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.stats.workload().began(late_by, now);
        self.begin(check, slot);
    }

    fn skip(&self) {
        self.stats.workload().skipped(Instant::now());
        self.stats.skipped.fetch_add(1, Ordering::Relaxed);
    }

    /// Checks a site in a task of its own, which ends once its report is handed on.
    fn begin(&self, scheduled: ScheduledCheck, slot: OwnedSemaphorePermit) {
        let counted = InFlight::new(&self.stats);
        let (probe, reports, stop) = (self.probe.clone(), self.reports.clone(), self.stop.clone());
        let (region, at) = (self.region.clone(), self.clock.now());
        let lag_before = self.stats.lag();
        // In a box, since the runtime moves a task several times before it is over.
        tokio::spawn(Box::pin(async move {
            let (outcome, attempts) = tokio::select! {
                () = stop.cancelled() => return,
                done = attempt_after(&probe, scheduled.site(), scheduled.skipped_addresses()) => done,
            };
            scheduled.note_result(outcome.cause().is_some(), attempts);
            let slug = scheduled.site().slug.clone();
            let latency = outcome.phases.latency().unwrap_or(0);
            let check = Check { slug, region, at, outcome, attempts };
            let lag = counted.0.lag().since(lag_before);
            let overloaded = lag.distorts(Duration::from_micros(latency.into()));
            // A closed channel means that the service is ending.
            drop(reports.send(Report::of_check(check, overloaded)).await);
            drop((counted, slot, scheduled));
        }));
    }
}

/// Counts a check while it is under way.
struct InFlight(Arc<SchedulerStats>);

impl InFlight {
    fn new(stats: &Arc<SchedulerStats>) -> Self {
        stats.started.fetch_add(1, Ordering::Relaxed);
        stats.under_way.fetch_add(1, Ordering::Relaxed);
        Self(stats.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_addresses;
