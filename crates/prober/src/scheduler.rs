//! The scheduler: starts each site's checks in time, with their attempts.
//!
//! A check has a fixed place in the site's interval ([`model::schedule`]). One whose time has
//! passed while all slots were taken is skipped: it leaves a gap and never a late answer. The judge
//! may request a recheck soon; it comes in addition to the scheduled ones.

mod schedule;
mod attempts;
mod canaries;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
    time::{Instant, interval, sleep_until},
};
use tokio_util::sync::CancellationToken;

pub use self::attempts::attempt_after;
pub use crate::scheduler::canaries::Canaries;
use crate::scheduler::schedule::{Schedule, ScheduledCheck};
use crate::{clock::Clock, probe::Probe};
use model::{
    check::Check,
    moment::Moment,
    name::{Region, Slug},
    report::Report,
    site::Sites,
};

/// Counts of checks, for the metrics.
#[derive(Debug, Default)]
pub struct SchedulerStats {
    /// Checks started.
    pub taken: AtomicU64,
    /// Checks skipped, since their time had passed.
    pub skipped: AtomicU64,
    /// Checks under way.
    pub under_way: AtomicU64,
    /// Moment, in milliseconds, when the loop last woke up late.
    late_at: AtomicI64,
}

impl SchedulerStats {
    /// Notes that the loop has come late, at this moment.
    fn was_late(&self, now: Moment) {
        self.late_at.store(now.millis(), Ordering::Relaxed);
    }

    /// Returns whether a check that began at this moment may have taken long because the prober
    /// could not keep up.
    fn was_late_since(&self, at: Moment) -> bool {
        let late_at = self.late_at.load(Ordering::Relaxed);
        late_at.saturating_add(NOTICED.as_millis() as i64) >= at.millis()
    }
}

/// Starts every site's checks in time.
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
    pub turns: Arc<SchedulerStats>,
    /// Ends the loop and the checks under way; one that is cut short has no result.
    pub stop: CancellationToken,
}

/// Waking up later than this is no jitter: the process has too much to do.
const LATE_AFTER: Duration = Duration::from_millis(200);
/// Longest delay before a late wake-up is noticed.
const NOTICED: Duration = Duration::from_millis(500);
/// Longest sleep, so that a clock that jumps is noticed.
const MAX_SLEEP: Duration = Duration::from_secs(1);
/// Shortest sleep: waking up for each of many checks costs more than the check.
const MIN_SLEEP: Duration = Duration::from_millis(20);

impl<P: Probe + Clone + 'static> Scheduler<P> {
    /// Runs until it is stopped or `sites` is closed. Slugs sent over `again` are rechecked soon,
    /// in addition to their schedule.
    pub async fn run(self, mut sites: watch::Receiver<Sites>, mut again: mpsc::Receiver<Slug>) {
        let places = Arc::new(Semaphore::new(self.concurrency));
        let mut agenda = Schedule::new(self.region.clone());
        agenda.set_sites(&sites.borrow_and_update().clone(), self.clock.now());
        // A timer that is always there also spares the runtime a system call for each new one that
        // would otherwise be the first to fire; a check has several.
        let mut nap = interval(MAX_SLEEP);
        loop {
            let now = self.clock.now();
            while let Some(mut turn) = agenda.take_due(now) {
                let place = tokio::select! {
                    () = self.stop.cancelled() => return,
                    place = places.clone().acquire_owned() => place,
                };
                let (Ok(place), now) = (place, self.clock.now()) else { return };
                if turn.is_late(now) || !turn.claim() {
                    self.turns.skipped.fetch_add(1, Ordering::Relaxed);
                } else {
                    self.begin(turn, place);
                }
            }
            let due = agenda.next_due().map_or(MAX_SLEEP, |due| due.since(self.clock.now()));
            let wake = Instant::now() + due.max(MIN_SLEEP);
            tokio::select! {
                () = self.stop.cancelled() => return,
                _ = nap.tick() => {}
                () = sleep_until(wake) => self.note_lateness(wake),
                Some(slug) = again.recv() => agenda.recheck_soon(&slug, self.clock.now()),
                changed = sites.changed() => {
                    if changed.is_err() { return }
                    agenda.set_sites(&sites.borrow_and_update().clone(), self.clock.now());
                }
            }
        }
    }

    /// Looks take longer than they should when we wake up late: the judge should know.
    fn note_lateness(&self, wake: Instant) {
        if wake.elapsed() > LATE_AFTER {
            self.turns.was_late(self.clock.now());
        }
    }

    /// Looks at a site in a task of its own, which ends with its check handed on.
    fn begin(&self, turn: ScheduledCheck, place: OwnedSemaphorePermit) {
        let counted = InFlight::new(&self.turns);
        let (probe, reports, stop) = (self.probe.clone(), self.reports.clone(), self.stop.clone());
        let (region, at) = (self.region.clone(), self.clock.now());
        // In a box, since the runtime moves a task several times before it is over.
        tokio::spawn(Box::pin(async move {
            let (outcome, attempts) = tokio::select! {
                () = stop.cancelled() => return,
                seen = attempt_after(&probe, turn.site(), turn.before()) => seen,
            };
            turn.went(outcome.cause().is_some(), attempts);
            let slug = turn.site().slug.clone();
            let check = Check { slug, region, at, outcome, attempts };
            let overloaded = counted.0.was_late_since(at);
            // A closed channel means that the service is ending.
            drop(reports.send(Report::of_check(check, overloaded)).await);
            drop((counted, place, turn));
        }));
    }
}

/// Counts a check while it is under way.
struct InFlight(Arc<SchedulerStats>);

impl InFlight {
    fn new(turns: &Arc<SchedulerStats>) -> Self {
        turns.taken.fetch_add(1, Ordering::Relaxed);
        turns.under_way.fetch_add(1, Ordering::Relaxed);
        Self(turns.clone())
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
