//! Caches answers of Postgres: each is read once for any number of readers, counts as new for a
//! while, and is served as it was while Postgres is away.

use std::{fmt, hash::Hash, time::Duration};

use moka::{future::Cache, ops::compute::Op, policy::EvictionPolicy};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout_at},
};

use crate::{
    store::{Store, StoreError},
    web::{RECORD_TIMEOUT, Shared},
};
use model::moment::Moment;

/// The pause after a failed read.
const PAUSE: Duration = Duration::from_secs(3);
/// Reads of one cache that run at the same time, so that many visitors never hold up the recorder.
const MAX_READS: usize = 3;
/// Bytes of an entry beside its value.
const ENTRY_BYTES: usize = 200;

/// A cache of answers to one kind of question.
pub(in crate::web) struct QueryCache<K, V> {
    /// Time for which an answer counts as new.
    fresh: Duration,
    entries: Cache<K, CacheEntry<V>>,
    reads: Semaphore,
}

impl<K, V> fmt::Debug for QueryCache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryCache").field("fresh", &self.fresh).finish_non_exhaustive()
    }
}

/// Result of the last reads.
#[derive(Clone, Debug)]
struct CacheEntry<V> {
    known: Option<(Moment, V)>,
    failed_at: Option<Moment>,
}

/// An answer.
#[derive(Clone, Debug)]
pub(in crate::web) struct Cached<V> {
    /// The answer.
    pub(in crate::web) value: V,
    /// The moment when it was read.
    pub(in crate::web) read_at: Moment,
    /// True if that is as good as now.
    pub(in crate::web) fresh: bool,
}

impl<K, V> QueryCache<K, V>
where
    K: Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// A cache whose values have at most `max_bytes` together, as `bytes` counts them.
    pub(in crate::web) fn new(fresh: Duration, max_bytes: u64, bytes: fn(&V) -> usize) -> Self {
        let weigh = move |_: &K, entry: &CacheEntry<V>| {
            let value = entry.known.as_ref().map_or(0, |(_, value)| bytes(value));
            u32::try_from(ENTRY_BYTES + value).unwrap_or(u32::MAX)
        };
        let entries = Cache::builder()
            .eviction_policy(EvictionPolicy::lru())
            .weigher(weigh)
            .max_capacity(max_bytes)
            .build();
        Self { fresh, entries, reads: Semaphore::new(MAX_READS) }
    }

    /// The answer; `None` when Postgres is away and there is no earlier one.
    pub(in crate::web) async fn get(
        &self,
        shared: &Shared,
        key: K,
        ask: impl AsyncFnOnce(Store) -> Result<V, StoreError>,
    ) -> Option<Cached<V>> {
        let cached = self.entries.get(&key).await;
        let settled = |entry: &CacheEntry<V>| entry.is_settled(shared.now(), self.fresh);
        let entry = if let Some(entry) = cached.filter(settled) {
            entry
        } else {
            let patience = Instant::now() + RECORD_TIMEOUT;
            // One at a time for each key: the others wait for its result.
            let compute = self.entries.entry(key).and_compute_with(async |entry| {
                let entry = entry.map(moka::Entry::into_value);
                if entry.as_ref().is_some_and(settled) {
                    return Op::Nop;
                }
                self.read(shared, patience, entry, ask).await
            });
            compute.await.into_entry()?.into_value()
        };
        let (read_at, value) = entry.known?;
        Some(Cached { value, read_at, fresh: shared.now().since(read_at) < self.fresh })
    }

    async fn read(
        &self,
        shared: &Shared,
        patience: Instant,
        entry: Option<CacheEntry<V>>,
        ask: impl AsyncFnOnce(Store) -> Result<V, StoreError>,
    ) -> Op<CacheEntry<V>> {
        // That others wait as well does not mean that Postgres is slow.
        let Ok(_permit) = timeout_at(patience, self.reads.acquire()).await else { return Op::Nop };
        let now = shared.now();
        // Without a connection to Postgres, the reader did not wait in vain.
        let there = shared.record().is_some();
        match shared.ask(RECORD_TIMEOUT, ask).await {
            Some(value) => Op::Put(CacheEntry { known: Some((now, value)), failed_at: None }),
            None if there => {
                let known = entry.and_then(|entry| entry.known);
                Op::Put(CacheEntry { known, failed_at: Some(now) })
            }
            None => Op::Nop,
        }
    }
}

impl<V> CacheEntry<V> {
    /// Returns whether another read now would gain nothing.
    fn is_settled(&self, now: Moment, fresh: Duration) -> bool {
        let known_at = self.known.as_ref().map(|(at, _)| *at);
        let young = |at: Option<Moment>, age| at.is_some_and(|at| now.since(at) < age);
        young(known_at, fresh) || young(self.failed_at, PAUSE)
    }
}
