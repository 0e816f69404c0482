//! A recorder that goes on during another operation on the record: the longest time of a batch.

use std::time::Duration;

use model::moment::Moment;
use stillup::store::Store;
use tokio::{sync::watch, task::JoinHandle, time::Instant};

use crate::{record::round, table::Times};

/// Records one batch after the other until it is stopped.
pub(crate) struct Recording {
    stop: watch::Sender<bool>,
    task: JoinHandle<(Times, u64)>,
}

/// The batches of one minute are a millisecond apart, so that there are enough of them in a day.
const APART: Duration = Duration::from_millis(1);

impl Recording {
    /// Begins at this minute of a day, with batches that are recorded for the first time.
    pub(crate) fn start(store: &Store, number: u64, day: Moment, minute: u64) -> Self {
        let (stop, stopped) = watch::channel(false);
        let store = store.clone();
        let task = tokio::spawn(async move {
            let (mut took, mut batches) = (Vec::new(), 0_u64);
            while !*stopped.borrow() {
                let mut batch = round(number, day, minute + batches / 40 % 1_000);
                for check in &mut batch.checks {
                    check.at = check.at + APART * (batches % 40) as u32 * 20;
                }
                let start = Instant::now();
                store.record(&batch).await.unwrap();
                took.push(start.elapsed().as_secs_f64() * 1e3);
                batches += 1;
            }
            (Times::of(took), batches)
        });
        Self { stop, task }
    }

    /// Stops it, and reports the batches.
    pub(crate) async fn end(self) -> String {
        self.stop.send_replace(true);
        let (times, batches) = self.task.await.unwrap();
        format!("longest {:.0} ms of {batches} batches, {}", times.longest(), times.told())
    }
}
