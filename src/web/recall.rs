//! What was before, read for many visitors at once: an answer is read once however many ask for it,
//! kept for a while, and served with its age when Postgres is away.
//!
//! Few reads run at the same time, so that a crowd of visitors never holds up the recorder; those
//! who would wait too long get what there is.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::Semaphore, time::timeout};

use super::{PATIENCE, Shared};
use crate::{
    model::{
        history::{History, Range},
        moment::Moment,
        name::Slug,
    },
    store::Store,
};

/// How long an answer is as good as a new one.
const FRESH: Duration = Duration::from_secs(15);
/// How long after a failure nobody tries again.
const PAUSE: Duration = Duration::from_secs(3);
/// Reads that run at the same time.
const READS: usize = 3;
/// Buckets that are kept, of all answers together; about 5 MB.
const BUCKETS: usize = 40_000;
/// What an answer weighs beside its buckets.
const WEIGHT: usize = 4;

/// Which stretch of time is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Stretch {
    /// The last so many hours or days, until now, in the buckets that suit it.
    Last(Duration),
    /// This one.
    Exactly(Range),
}

impl Stretch {
    fn range(self, now: Moment) -> Range {
        match self {
            Self::Last(window) => Range::last(window, now),
            Self::Exactly(range) => range,
        }
    }
}

/// What is remembered of a site.
#[derive(Clone, Debug)]
pub(super) struct Recalled {
    /// Its history; `as_of` says when it was read.
    pub(super) history: Arc<History>,
    /// Whether that was just now, as Postgres is there.
    pub(super) fresh: bool,
}

type Key = (Slug, Stretch);

/// One answer. Who holds the slot reads; the others wait for what comes of it.
#[derive(Debug, Default)]
struct Slot {
    known: Option<Arc<History>>,
    failed_at: Option<Moment>,
}

#[derive(Debug)]
struct Kept {
    slot: Arc<tokio::sync::Mutex<Slot>>,
    used: u64,
    weight: usize,
}

/// The memory of what was read.
#[derive(Debug)]
pub(super) struct Recall {
    slots: Mutex<Slots>,
    reads: Semaphore,
}

#[derive(Debug, Default)]
struct Slots {
    of: HashMap<Key, Kept>,
    uses: u64,
    weight: usize,
}

impl Default for Recall {
    fn default() -> Self {
        Self { slots: Mutex::default(), reads: Semaphore::new(READS) }
    }
}

impl Recall {
    /// A site's history; `None` when Postgres is away and it is not remembered.
    pub(super) async fn history(
        &self,
        shared: &Shared,
        slug: &Slug,
        stretch: Stretch,
    ) -> Option<Recalled> {
        let key = (slug.clone(), stretch);
        let slot = self.slot(&key);
        let mut slot = timeout(PATIENCE, slot.lock_owned()).await.ok()?;
        let now = shared.now();
        let young = |at: Moment, age: Duration| now.since(at) < age;
        let is_fresh = slot.known.as_ref().is_some_and(|known| young(known.as_of, FRESH));
        let has_failed = slot.failed_at.is_some_and(|at| young(at, PAUSE));
        if !is_fresh && !has_failed {
            match self.read(shared, slug, stretch.range(now), now).await {
                Some(history) => {
                    self.weigh(&key, history.buckets.len());
                    *slot = Slot { known: Some(Arc::new(history)), failed_at: None };
                }
                None => slot.failed_at = Some(now),
            }
        }
        let history = slot.known.clone()?;
        let fresh = young(history.as_of, FRESH);
        Some(Recalled { history, fresh })
    }

    /// One read of Postgres.
    async fn read(
        &self,
        shared: &Shared,
        slug: &Slug,
        range: Range,
        now: Moment,
    ) -> Option<History> {
        let ask = async |store: Store| {
            let _turn = self.reads.acquire().await;
            store.history(slug, range, now).await
        };
        shared.ask(PATIENCE, ask).await
    }

    fn slot(&self, key: &Key) -> Arc<tokio::sync::Mutex<Slot>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.uses += 1;
        let used = slots.uses;
        if let Some(kept) = slots.of.get_mut(key) {
            kept.used = used;
            return kept.slot.clone();
        }
        slots.make_room(WEIGHT);
        slots.weight += WEIGHT;
        let slot = Arc::default();
        slots.of.insert(key.clone(), Kept { slot: Arc::clone(&slot), used, weight: WEIGHT });
        slot
    }

    /// Counts what an answer weighs, and forgets those that nobody asked for longest.
    fn weigh(&self, key: &Key, buckets: usize) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(kept) = slots.of.get_mut(key) else { return };
        let old = std::mem::replace(&mut kept.weight, buckets + WEIGHT);
        slots.weight = slots.weight + buckets + WEIGHT - old;
        slots.make_room(0);
    }
}

impl Slots {
    fn make_room(&mut self, more: usize) {
        while self.weight + more > BUCKETS {
            let oldest = self.of.iter().min_by_key(|(_, kept)| kept.used);
            let Some(key) = oldest.map(|(key, _)| key.clone()) else { return };
            if let Some(gone) = self.of.remove(&key) {
                self.weight -= gone.weight;
            }
        }
    }
}
