//! Registers the counters and gauges of the scheduler and its queues for `/metrics`, and shows on the
//! board whether it keeps up.
//!
//! A gauge never keeps a queue open: closing the queues ends the service.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    sync::mpsc::{Sender, WeakSender},
    time::interval,
};

use crate::{
    board::Board,
    web::{Meters, MetricKind},
};
use prober::scheduler::SchedulerStats;

/// Registers the scheduler's counters, which it returns, and gauges for the queues of checks and of
/// requested rechecks.
pub(super) fn register<A, B>(
    meters: &Meters,
    stats: Arc<SchedulerStats>,
    checks: &Sender<A>,
    rechecks: &Sender<B>,
) -> Arc<SchedulerStats>
where
    A: Send + 'static,
    B: Send + 'static,
{
    let counted = |of: fn(&SchedulerStats) -> &AtomicU64| {
        let stats = stats.clone();
        move || Some(of(&stats).load(Relaxed) as f64)
    };
    let help = "Scheduled checks that were started.";
    meters.add("stillup_turns_taken_total", MetricKind::Counter, help, counted(|t| &t.started));
    let help = "Scheduled checks that were skipped, since their time had passed.";
    meters.add("stillup_turns_skipped_total", MetricKind::Counter, help, counted(|t| &t.skipped));
    let help = "Scheduled checks under way.";
    meters.add("stillup_turns_under_way", MetricKind::Gauge, help, counted(|t| &t.under_way));
    let help = "1 while the prober cannot keep up: scheduled checks are skipped or late, or its event loop is.";
    let of = stats.clone();
    let overloaded = move || Some(f64::from(u8::from(of.overload().is_some())));
    meters.add("stillup_overloaded", MetricKind::Gauge, help, overloaded);
    let help = "Share of the last minute in which the prober's event loop was late.";
    let of = stats.clone();
    let share = move || Some(of.lag_share());
    meters.add("stillup_loop_lag_ratio", MetricKind::Gauge, help, share);
    let (checks, rechecks) = (checks.downgrade(), rechecks.downgrade());
    let help = "Checks that wait to be judged.";
    meters.add("stillup_queue_checks", MetricKind::Gauge, help, move || depth(&checks));
    let help = "Rechecks requested by the judge that wait for the scheduler.";
    meters.add("stillup_queue_wishes", MetricKind::Gauge, help, move || depth(&rechecks));
    stats
}

/// Shows on the board whether the scheduler keeps up, once a second.
pub(super) async fn show_overload(stats: Arc<SchedulerStats>, board: Arc<Board>) {
    let mut second = interval(Duration::from_secs(1));
    loop {
        second.tick().await;
        board.set_overload(stats.overload());
    }
}

fn depth<T>(queue: &WeakSender<T>) -> Option<f64> {
    let queue = queue.upgrade()?;
    Some((queue.max_capacity() - queue.capacity()) as f64)
}
