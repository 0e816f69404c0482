//! Collects the prober's checks: puts them into every outbox, requests a recheck where a site's
//! outcome changed, and asks the canaries when something failed or there was nothing to report for
//! a while.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval},
};

use super::{
    AgentStats,
    outbox::{Inlet, Signal},
};
use crate::agents::protocol::{Line, LookupLine};
use model::{
    name::Slug,
    report::{Origin, Report, ReportContent},
};

/// Reports that are taken in together at most.
const BATCH: usize = 1_000;
/// The canaries are not asked more often than this.
const PAUSE: Duration = Duration::from_secs(2);
/// Time without a report after which the canaries are asked: a node judges a region by its reports.
const SILENCE: Duration = Duration::from_secs(30);
/// Checks in a row that a node wants before it believes that a site is otherwise.
const CONFIRMED: u8 = 2;

/// Takes reports in until there are no more.
#[derive(Debug)]
pub(super) struct Collector {
    pub(super) reports: mpsc::Receiver<Report>,
    pub(super) visited: mpsc::Receiver<(usize, LookupLine)>,
    pub(super) outboxes: Vec<(Inlet, Arc<Signal>)>,
    pub(super) again: mpsc::Sender<Slug>,
    pub(super) canaries: mpsc::Sender<()>,
    pub(super) stats: Arc<AgentStats>,
    /// Name of this run, and the number of its last check.
    pub(super) numbers: CheckNumbers,
}

/// Numbers of the checks of a run.
#[derive(Debug)]
pub(super) struct CheckNumbers {
    run: Box<str>,
    last: u64,
}

impl CheckNumbers {
    /// Numbers from 1, in the run of this name.
    pub(super) fn new(run: Box<str>) -> Self {
        Self { run, last: 0 }
    }

    /// Gives a check its number.
    pub(super) fn number(&mut self, content: &mut ReportContent) {
        if let ReportContent::Check { origin, .. } = content {
            self.last += 1;
            *origin = Some(Origin { run: self.run.clone(), number: self.last });
        }
    }
}

impl Collector {
    /// Runs until every prober has ended and all that it saw is on disk.
    pub(super) async fn run(mut self) {
        let mut confirmations = Confirmations::default();
        let mut batch = Vec::with_capacity(BATCH);
        let mut last_asked: Option<Instant> = None;
        let mut last_told = Instant::now();
        let mut second = interval(Duration::from_secs(1));
        second.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let count = tokio::select! {
                count = self.reports.recv_many(&mut batch, BATCH) => count,
                Some((core, line)) = self.visited.recv() => {
                    self.put_for(core, &Line::Lookup(line));
                    continue;
                }
                _ = second.tick() => {
                    let pause = if last_asked.is_some() { SILENCE } else { Duration::ZERO };
                    if last_told.elapsed() >= pause && may(&mut last_asked) {
                        self.ask();
                    }
                    continue;
                }
            };
            if count == 0 {
                return;
            }
            last_told = Instant::now();
            let mut failed = false;
            for report in &mut batch {
                self.numbers.number(&mut report.content);
                let ReportContent::Check { check, .. } = &report.content else { continue };
                let fails = check.outcome.cause().is_some();
                failed |= fails;
                self.stats.saw(check);
                if confirmations.wants(&check.slug, fails) {
                    // A request: where there is no room for it, the next scheduled check comes
                    // anyway.
                    drop(self.again.try_send(check.slug.clone()));
                }
            }
            if failed && may(&mut last_asked) {
                self.ask();
            }
            let lines: Vec<Line> =
                batch.drain(..).filter_map(|report| Line::of(report.content)).collect();
            self.put(&lines);
        }
    }

    /// Asks the canaries, unless they are about to answer anyway.
    fn ask(&self) {
        let _ = self.canaries.try_send(());
    }

    /// Puts a line into the outbox of one node.
    fn put_for(&mut self, core: usize, line: &Line) {
        if let Some((inlet, signal)) = self.outboxes.get_mut(core) {
            // A visitor does not wait for ever: what the disk does not take is no loss.
            drop(inlet.put(std::iter::once(line)));
            signal.tell(true);
        }
    }

    fn put(&mut self, lines: &[Line]) {
        let urgent = lines.iter().any(Line::is_urgent);
        for (inlet, signal) in &mut self.outboxes {
            if let Err(error) = inlet.put(lines.iter()) {
                let lost = self.stats.lost.fetch_add(lines.len() as u64, Relaxed);
                if lost == 0 {
                    tracing::error!(%error, "what was seen cannot be kept for a node");
                }
            }
            signal.tell(urgent);
        }
    }
}

/// Returns whether the canaries may be asked again; if so, notes that they are.
fn may(last_asked: &mut Option<Instant>) -> bool {
    let may = last_asked.is_none_or(|at| at.elapsed() >= PAUSE);
    if may {
        *last_asked = Some(Instant::now());
    }
    may
}

/// Number of times in a row that each site had its last outcome.
#[derive(Debug, Default)]
struct Confirmations(HashMap<Slug, (bool, u8)>);

impl Confirmations {
    /// Returns whether a site with this outcome is to be rechecked soon.
    fn wants(&mut self, slug: &Slug, failed: bool) -> bool {
        let Some((before, times)) = self.0.get_mut(slug) else {
            let times = if failed { 1 } else { CONFIRMED };
            self.0.insert(slug.clone(), (failed, times));
            return failed;
        };
        if *before != failed {
            (*before, *times) = (failed, 0);
        }
        *times = times.saturating_add(1);
        *times < CONFIRMED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_that_does_not_do_what_it_did_is_looked_at_again_once() {
        let slug = Slug::new("a.example").unwrap();
        let mut known = Confirmations::default();
        for (failed, wants) in [
            (false, false),
            (false, false),
            (true, true),
            (true, false),
            (true, false),
            (false, true),
            (false, false),
            (true, true),
            (false, true),
        ] {
            assert_eq!(known.wants(&slug, failed), wants);
        }
        let other = Slug::new("b.example").unwrap();
        assert_eq!([known.wants(&other, true), known.wants(&other, true)], [true, false]);
    }
}
