//! The record's own jobs: partitions ahead, sums, keeping. One after the other, apart from the
//! recorder, on the node that records. Commands may do the same beside it: whoever finds a job busy goes
//! on.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::{
    board::{Board, JobStatus},
    store::{RecordingStore, Store, StoreError},
};
use prober::clock::Clock;

/// Interval of the jobs.
const INTERVAL: Duration = Duration::from_secs(30);
/// Wait after the start: what waits in the journal is recorded first.
const FIRST_DELAY: Duration = Duration::from_mins(1);
/// Sums, of a month or two days each, that one round makes: keeping waits for no more.
const ROLLUPS_PER_ROUND: usize = 20;
/// Rounds in an hour: expired data is dropped once in this many.
const ROUNDS_PER_HOUR: u64 = 120;

/// Runs the record's own jobs.
#[derive(Clone, Debug)]
pub struct Jobs {
    /// The store, while this node records.
    pub record: RecordingStore,
    /// Board on which their health is shown.
    pub board: Arc<Board>,
    /// Gives moments.
    pub clock: Clock,
    /// Retention of checks.
    pub keep: Duration,
}

impl Jobs {
    /// Runs for ever; a job that fails is tried again in the next round.
    pub async fn run(mut self) {
        // None means that the other end is gone: the service is ending.
        let Some(store) = self.record.wait().await else { return };
        self.days_ahead(&store).await;
        let mut rounds = interval_at(Instant::now() + FIRST_DELAY, INTERVAL);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for round in 0_u64.. {
            rounds.tick().await;
            let Some(store) = self.record.now() else { continue };
            if round % ROUNDS_PER_HOUR == ROUNDS_PER_HOUR - 1 {
                self.days_ahead(&store).await;
            }
            self.sums(&store).await;
            if round % ROUNDS_PER_HOUR == 1 {
                let dropped = async {
                    let now = store.keeping_moment(self.clock.now(), self.keep).await?;
                    store.drop_past_keeping(now, self.keep).await
                };
                self.run_job("keeping", dropped).await;
                self.run_job("marks", store.tidy_marks(self.clock.now())).await;
            }
        }
    }

    async fn days_ahead(&self, store: &Store) {
        self.run_job("partitions", Box::pin(store.prepare_days(self.clock.now()))).await;
    }

    async fn sums(&self, store: &Store) {
        for _ in 0..ROLLUPS_PER_ROUND {
            match self.run_job("rollups", store.roll_up(self.clock.now())).await {
                Some(summed) if summed.more => {}
                _ => break,
            }
        }
    }

    /// Runs a job and reports it.
    async fn run_job<T>(
        &self,
        name: &'static str,
        job: impl Future<Output = Result<T, StoreError>>,
    ) -> Option<T> {
        let start = Instant::now();
        let done = job.await;
        let failed = match &done {
            Ok(_) => false,
            Err(StoreError::Busy | StoreError::Fenced) => return None,
            Err(error) => {
                tracing::warn!(%error, job = name, "a job of the record failed; it is tried again");
                true
            }
        };
        let (last, took) = (self.clock.now(), start.elapsed());
        self.board.update_store_health(|record| {
            let place = record.jobs.iter().position(|job| job.name == name);
            let place = place.unwrap_or_else(|| {
                record.jobs.push(JobStatus { name, last, took, runs: 0, failures: 0 });
                record.jobs.len() - 1
            });
            let job = &mut record.jobs[place];
            *job = JobStatus { last, took, runs: job.runs + 1, ..*job };
            job.failures += u64::from(failed);
        });
        done.ok()
    }
}
