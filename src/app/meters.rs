//! Registers the counters and gauges of the scheduler and its queues for `/metrics`.
//!
//! A gauge never keeps a queue open: closing the queues ends the service.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use tokio::sync::mpsc::{Sender, WeakSender};

use crate::web::{Meters, MetricKind};
use prober::scheduler::SchedulerStats;

/// Registers the scheduler's counters, which it returns, and gauges for the queues of checks and of
/// requested rechecks.
pub(super) fn hang<A, B>(
    meters: &Meters,
    turns: Arc<SchedulerStats>,
    checks: &Sender<A>,
    wishes: &Sender<B>,
) -> Arc<SchedulerStats>
where
    A: Send + 'static,
    B: Send + 'static,
{
    let counted = |of: fn(&SchedulerStats) -> &AtomicU64| {
        let turns = turns.clone();
        move || Some(of(&turns).load(Relaxed) as f64)
    };
    let help = "Turns that were looked at.";
    meters.add("stillup_turns_taken_total", MetricKind::Counter, help, counted(|t| &t.taken));
    let help = "Turns that were skipped, since their time had passed.";
    meters.add("stillup_turns_skipped_total", MetricKind::Counter, help, counted(|t| &t.skipped));
    let help = "Turns under way.";
    meters.add("stillup_turns_under_way", MetricKind::Gauge, help, counted(|t| &t.under_way));
    let (checks, wishes) = (checks.downgrade(), wishes.downgrade());
    let help = "Checks that wait to be judged.";
    meters.add("stillup_queue_checks", MetricKind::Gauge, help, move || depth(&checks));
    let help = "Wishes of the judge to look again that wait for the schedule.";
    meters.add("stillup_queue_wishes", MetricKind::Gauge, help, move || depth(&wishes));
    turns
}

fn depth<T>(queue: &WeakSender<T>) -> Option<f64> {
    let queue = queue.upgrade()?;
    Some((queue.max_capacity() - queue.capacity()) as f64)
}
