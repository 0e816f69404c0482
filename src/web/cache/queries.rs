//! What the record said last: read once however many ask for it, kept for a while, and served as it
//! was when Postgres is away.
//!
//! Few reads of a kind run at the same time, so that a crowd of visitors never holds up the recorder;
//! those who would wait too long get what there is. What nobody asked for longest is forgotten when
//! there is too much.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Semaphore,
    time::{Instant, timeout_at},
};

use crate::{
    model::moment::Moment,
    store::{Store, StoreError},
    web::{PATIENCE, Shared},
};

/// How long after a failure nobody tries again.
const PAUSE: Duration = Duration::from_secs(3);
/// Reads that run at the same time.
const READS: usize = 3;
/// What an answer weighs beside what is in it.
const WEIGHT: usize = 4;

/// The memory of what was read, by what was asked.
#[derive(Debug)]
pub(super) struct Recall<K, V> {
    /// How long an answer is as good as a new one.
    fresh: Duration,
    /// What all answers may weigh together.
    most: usize,
    slots: Mutex<Slots<K, V>>,
    reads: Semaphore,
}

#[derive(Debug)]
struct Slots<K, V> {
    of: HashMap<K, Kept<V>>,
    uses: u64,
    weight: usize,
}

#[derive(Debug)]
struct Kept<V> {
    slot: Arc<Slot<V>>,
    used: u64,
    weight: usize,
}

/// One answer. Who holds `reading` reads; the others wait for what comes of it.
#[derive(Debug)]
struct Slot<V> {
    last: Mutex<Last<V>>,
    reading: tokio::sync::Mutex<()>,
}

/// What came of the last reads.
#[derive(Debug)]
struct Last<V> {
    known: Option<(Moment, V)>,
    failed_at: Option<Moment>,
}

impl<K: Clone + Eq + Hash, V: Clone> Recall<K, V> {
    pub(super) fn new(fresh: Duration, most: usize) -> Self {
        let slots = Slots { of: HashMap::new(), uses: 0, weight: 0 };
        Self { fresh, most, slots: Mutex::new(slots), reads: Semaphore::new(READS) }
    }

    /// What the record says, and whether that is how it stands; `None` when Postgres is away and it is
    /// not remembered.
    pub(super) async fn get(
        &self,
        shared: &Shared,
        key: K,
        weigh: impl FnOnce(&V) -> usize,
        ask: impl AsyncFnOnce(Store) -> Result<V, StoreError>,
    ) -> Option<(V, bool)> {
        let slot = self.slot(&key);
        let patience = Instant::now() + PATIENCE;
        if !slot.is_settled(shared.now(), self.fresh)
            && let Ok(_turn) = timeout_at(patience, slot.reading.lock()).await
            // Another may have read it meanwhile.
            && !slot.is_settled(shared.now(), self.fresh)
            // That others wait as well does not mean that the record is slow.
            && let Ok(_place) = timeout_at(patience, self.reads.acquire()).await
        {
            let now = shared.now();
            // Where there is no record yet, nobody waited for it in vain.
            let there = shared.record().is_some();
            match shared.ask(PATIENCE, ask).await {
                Some(value) => {
                    self.weigh(&key, weigh(&value));
                    *slot.last() = Last { known: Some((now, value)), failed_at: None };
                }
                None if there => slot.last().failed_at = Some(now),
                None => {}
            }
        }
        let (at, value) = slot.last().known.clone()?;
        Some((value, shared.now().since(at) < self.fresh))
    }

    fn slots(&self) -> MutexGuard<'_, Slots<K, V>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slot(&self, key: &K) -> Arc<Slot<V>> {
        let mut slots = self.slots();
        slots.uses += 1;
        let used = slots.uses;
        if let Some(kept) = slots.of.get_mut(key) {
            kept.used = used;
            return kept.slot.clone();
        }
        slots.make_room(self.most.saturating_sub(WEIGHT));
        slots.weight += WEIGHT;
        let slot = Arc::new(Slot::new());
        slots.of.insert(key.clone(), Kept { slot: slot.clone(), used, weight: WEIGHT });
        slot
    }

    /// Counts what an answer weighs, and forgets others if that is too much.
    fn weigh(&self, key: &K, weight: usize) {
        let mut slots = self.slots();
        let Some(kept) = slots.of.get_mut(key) else { return };
        let old = std::mem::replace(&mut kept.weight, weight + WEIGHT);
        slots.weight = slots.weight + weight + WEIGHT - old;
        slots.make_room(self.most);
    }
}

impl<K: Clone + Eq + Hash, V> Slots<K, V> {
    /// Forgets those that nobody asked for longest.
    fn make_room(&mut self, most: usize) {
        while self.weight > most {
            let oldest = self.of.iter().min_by_key(|(_, kept)| kept.used);
            let Some(key) = oldest.map(|(key, _)| key.clone()) else { return };
            if let Some(gone) = self.of.remove(&key) {
                self.weight -= gone.weight;
            }
        }
    }
}

impl<V> Slot<V> {
    fn new() -> Self {
        let last = Last { known: None, failed_at: None };
        Self { last: Mutex::new(last), reading: tokio::sync::Mutex::default() }
    }

    fn last(&self) -> MutexGuard<'_, Last<V>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is nothing to be gained from another read now.
    fn is_settled(&self, now: Moment, fresh: Duration) -> bool {
        let last = self.last();
        let known_at = last.known.as_ref().map(|(at, _)| *at);
        let young = |at: Option<Moment>, age| at.is_some_and(|at| now.since(at) < age);
        young(known_at, fresh) || young(last.failed_at, PAUSE)
    }
}
