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

use super::{AgentStats, Outbox};
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
/// Checks in a row that are news of a site that is otherwise; that it still is so is none.
const NEWS: u8 = 4;
/// Time that a line waits for others to be sent with it: a request costs as much as many lines…
const GATHER: Duration = Duration::from_secs(4);
/// …and for so long after news, when what else is seen is evidence about it.
const GATHER_SOON: Duration = Duration::from_secs(1);
const ALERT: Duration = Duration::from_secs(15);

/// Takes reports in until there are no more.
#[derive(Debug)]
pub(super) struct Collector {
    pub(super) reports: mpsc::Receiver<Report>,
    pub(super) visited: mpsc::Receiver<(usize, LookupLine)>,
    pub(super) outboxes: Vec<Outbox>,
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
        let (mut last_asked, mut last_news): (Option<Instant>, Option<Instant>) = (None, None);
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
            let (failed, news) = self.look_through(&mut batch, &mut confirmations);
            if failed && may(&mut last_asked) {
                self.ask();
            }
            if news {
                last_news = Some(last_told);
            }
            let lines: Vec<Line> =
                batch.drain(..).filter_map(|report| Line::of(report.content)).collect();
            self.put(&lines, last_news.map(|at| last_told - at));
        }
    }

    /// Numbers and counts checks, and asks for those that confirm; returns whether any failed, and whether
    /// any is news.
    fn look_through(&mut self, batch: &mut [Report], known: &mut Confirmations) -> (bool, bool) {
        let (mut failed, mut news) = (false, false);
        for report in batch {
            self.numbers.number(&mut report.content);
            let ReportContent::Check { check, .. } = &report.content else { continue };
            let fails = check.outcome.cause().is_some();
            failed |= fails;
            self.stats.saw(check);
            let times = known.count(&check.slug, fails);
            news |= times <= NEWS;
            if times < CONFIRMED {
                // A request: where there is no room for it, the next scheduled check comes anyway.
                drop(self.again.try_send(check.slug.clone()));
            }
        }
        (failed, news)
    }

    /// Asks the canaries, unless they are about to answer anyway.
    fn ask(&self) {
        let _ = self.canaries.try_send(());
    }

    /// Puts a line into the outbox of one node.
    fn put_for(&mut self, core: usize, line: &Line) {
        if let Some(outbox) = self.outboxes.get_mut(core) {
            // A visitor does not wait for ever: what the disk does not take is no loss.
            drop(outbox.put(std::slice::from_ref(line), Duration::ZERO));
        }
    }

    /// Puts lines into every outbox, so long after the last news.
    fn put(&mut self, lines: &[Line], since_news: Option<Duration>) {
        let within = patience(lines, since_news);
        for outbox in &mut self.outboxes {
            if let Err(error) = outbox.put(lines, within) {
                let lost = self.stats.lost.fetch_add(lines.len() as u64, Relaxed);
                if lost == 0 {
                    tracing::error!(%error, "what was seen cannot be kept for a node");
                }
            }
        }
    }
}

/// The time that these lines may wait for others, so long after the last news.
fn patience(lines: &[Line], since_news: Option<Duration>) -> Duration {
    let alert = since_news.is_some_and(|since| since < ALERT);
    let urgent = |line: &Line| match line {
        Line::Canary(canary) => alert || !canary.answered,
        _ => false,
    };
    if since_news.is_some_and(|since| since.is_zero()) || lines.iter().any(urgent) {
        Duration::ZERO
    } else if alert {
        GATHER_SOON
    } else {
        GATHER
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
    /// Number of times in a row, this one included, that a site had this outcome; one that was well from
    /// the start has nothing to confirm.
    fn count(&mut self, slug: &Slug, failed: bool) -> u8 {
        let Some((before, times)) = self.0.get_mut(slug) else {
            let times = if failed { 1 } else { NEWS + 1 };
            self.0.insert(slug.clone(), (failed, times));
            return times;
        };
        if *before != failed {
            (*before, *times) = (failed, 0);
        }
        *times = times.saturating_add(1);
        *times
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_that_does_not_do_what_it_did_is_looked_at_again_once_and_is_news_for_a_while() {
        let slug = Slug::new("a.example").unwrap();
        let mut known = Confirmations::default();
        for (failed, wants, news) in [
            (false, false, false),
            (false, false, false),
            (true, true, true),
            (true, false, true),
            (true, false, true),
            (true, false, true),
            (true, false, false),
            (false, true, true),
            (false, false, true),
            (true, true, true),
            (false, true, true),
        ] {
            let times = known.count(&slug, failed);
            assert_eq!((times < CONFIRMED, times <= NEWS), (wants, news), "{times}");
        }
        let other = Slug::new("b.example").unwrap();
        assert_eq!([known.count(&other, true), known.count(&other, true)], [1, 2]);
        for _ in 0..1_000 {
            known.count(&slug, false);
        }
        assert_eq!(known.count(&slug, false), u8::MAX);
    }

    #[test]
    fn news_goes_at_once_evidence_about_it_soon_and_the_rest_has_time() {
        let canary = |answered| {
            let at = model::moment::Moment::default();
            let kind = model::judge::network_health::CanaryKind::Public;
            Line::Canary(model::judge::network_health::CanaryResult { kind, at, answered })
        };
        let (zero, some) = (Duration::ZERO, Duration::from_secs(3));
        for (lines, since_news, want) in [
            (vec![], None, GATHER),
            (vec![], Some(zero), zero),
            (vec![], Some(some), GATHER_SOON),
            (vec![], Some(ALERT), GATHER),
            (vec![canary(true)], None, GATHER),
            (vec![canary(true)], Some(some), zero),
            (vec![canary(false)], None, zero),
        ] {
            assert_eq!(patience(&lines, since_news), want, "{lines:?} {since_news:?}");
        }
    }
}
