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
    let help =
        "Whether the prober cannot keep up: turns are skipped or late, or its event loop is.";
    let of = turns.clone();
    let overloaded = move || Some(f64::from(u8::from(of.overload().is_some())));
    meters.add("stillup_overloaded", MetricKind::Gauge, help, overloaded);
    let help = "Share of the last minute in which the prober's event loop was late.";
    let of = turns.clone();
    let share = move || Some(of.lag_share());
    meters.add("stillup_loop_lag_ratio", MetricKind::Gauge, help, share);
    let (checks, wishes) = (checks.downgrade(), wishes.downgrade());
    let help = "Checks that wait to be judged.";
    meters.add("stillup_queue_checks", MetricKind::Gauge, help, move || depth(&checks));
    let help = "Wishes of the judge to look again that wait for the schedule.";
    meters.add("stillup_queue_wishes", MetricKind::Gauge, help, move || depth(&wishes));
    turns
}

/// Shows on the board whether the scheduler keeps up, once a second.
pub(super) async fn show_overload(turns: Arc<SchedulerStats>, board: Arc<Board>) {
    let mut second = interval(Duration::from_secs(1));
    loop {
        second.tick().await;
        board.set_overload(turns.overload());
    }
}

fn depth<T>(queue: &WeakSender<T>) -> Option<f64> {
    let queue = queue.upgrade()?;
    Some((queue.max_capacity() - queue.capacity()) as f64)
}
