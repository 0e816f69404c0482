//! Keeps what the crowd does: the counts of lookups and reports go to Postgres in batches, apart from any visitor's request, and come back at the next start.
//!
//! While Postgres is away everything goes on from memory. What ends without a word (`kill -9`)
//! forgets the counts of the last seconds; nothing that is judged depends on them.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    lookup::{Lookups, crowd::Crowd},
    store::{CrowdBatch, Link, Store, StoreError},
};

/// How often what is new is written.
const EVERY: Duration = Duration::from_secs(5);
/// How long the last batch may take when the service ends.
const LAST: Duration = Duration::from_secs(3);
/// How often what is past keeping is dropped.
const DROP: Duration = Duration::from_hours(1);

/// Keeps what the crowd does.
#[derive(Debug)]
pub(super) struct Keeper {
    pub(super) lookups: Lookups,
    pub(super) link: Link,
    pub(super) clock: Clock,
}

impl Keeper {
    /// Keeps it until it is stopped; what is new by then is written last.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let restored = stop.run_until_cancelled(self.restored()).await.flatten();
        // What is new is added to what is kept, be that known or not: an early end loses nothing.
        let Some(store) = restored.or_else(|| self.link.borrow().clone()) else { return };
        // Two processes that begin in the same millisecond would have to share one Postgres too.
        let writer = self.clock.now().millis();
        let mut batch = CrowdBatch { writer, ..CrowdBatch::default() };
        let mut dropped: Option<Instant> = None;
        while stop.run_until_cancelled(sleep(EVERY)).await.is_some() {
            if stop.run_until_cancelled(self.keep(&store, &mut batch)).await.is_none() {
                break;
            }
            if dropped.is_none_or(|at| at.elapsed() >= DROP) {
                dropped = Some(Instant::now());
                let drop = store.drop_past_crowd(self.clock.now());
                if let Some(done) = stop.run_until_cancelled(drop).await {
                    told(done);
                }
            }
        }
        // The batch that was cut short, then what came since.
        let last = async {
            self.keep(&store, &mut batch).await;
            self.keep(&store, &mut batch).await;
        };
        if timeout(LAST, last).await.is_err() {
            tracing::warn!("Postgres does not take the last counts of lookups; they are forgotten");
        }
    }

    /// The store, once what an earlier run kept is taken back; `None` when the service is ending.
    async fn restored(&mut self) -> Option<Store> {
        let store = self.link.wait_for(Option::is_some).await.ok()?.clone()?;
        loop {
            let now = self.clock.now();
            match store.crowd(now).await {
                Ok(counts) => {
                    self.lookups.crowd(|crowd| crowd.restore(counts));
                    return Some(store);
                }
                // What can never be read is not waited for.
                Err(error) if !StoreError::is_temporary(&error) => {
                    told(Err(error));
                    return Some(store);
                }
                Err(_) => sleep(EVERY).await,
            }
        }
    }

    /// Writes what is new; a batch that was not taken is written again, as it was.
    async fn keep(&self, store: &Store, batch: &mut CrowdBatch) {
        if batch.counts.is_empty() {
            batch.counts = self.lookups.crowd(Crowd::take_unkept);
            batch.number += 1;
        }
        if batch.counts.is_empty() {
            return;
        }
        match Box::pin(store.add_crowd(batch, self.clock.now())).await {
            Err(error) if error.is_temporary() => {
                tracing::debug!(%error, "counts of lookups wait for Postgres");
                return;
            }
            done => told(done),
        }
        batch.counts = Vec::new();
    }
}

fn told(done: Result<(), StoreError>) {
    if let Err(error) = done {
        tracing::warn!(%error, "the record of lookups and reports cannot be kept");
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use tokio::sync::watch;

    use super::*;
    use crate::postgres::throwaway;

    #[tokio::test]
    async fn an_end_before_what_was_kept_is_taken_back_loses_nothing() {
        let database = throwaway::database().await.unwrap();
        let store = Store::connect(database.options()).await.unwrap();
        let (lookups, clock) = (Lookups::off(), Clock::system());
        let visitor = IpAddr::from([192, 0, 2, 1]);
        assert!(lookups.crowd(|crowd| crowd.report("a.example", visitor, clock.now())));
        let (_link, link) = watch::channel(Some(store.clone()));
        let stop = CancellationToken::new();
        stop.cancel();
        Keeper { lookups, link, clock: clock.clone() }.run(stop).await;
        let kept = store.crowd(clock.now()).await.unwrap();
        let kept: Vec<_> = kept.iter().map(|count| (&*count.key, count.times)).collect();
        assert_eq!(kept, [("a.example", 1)]);
    }
}
