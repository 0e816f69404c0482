//! The newest outages as the record has them, for feeds and Statuspage: more than the board holds of
//! a site that keeps failing.
//!
//! One read serves all who ask for a while. What was read stays as it was while Postgres is away, so
//! that no entry leaves a feed because of that; the board, which is always newer, is laid over it.
//! Outages of one site follow one another: what is beyond the newest here, and not on the board,
//! ended before all that are.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::timeout;

use super::{PATIENCE, Shared};
use crate::{
    model::{moment::Moment, name::Slug},
    store::{OutageRow, Store},
};

/// How long a read serves; the board has what comes meanwhile.
const FRESH: Duration = Duration::from_secs(30);
/// Outages that are read of one site.
const OF_SITE: u32 = 50;
/// Outages that are read of all sites; those of sites that have left the catalogue are among them.
const OF_ALL: u32 = 200;
/// Sites that are remembered at most; about 15 kB each.
const MOST: usize = 256;

type Rows = Arc<[OutageRow]>;

/// What the record said last.
#[derive(Debug, Default)]
pub(super) struct Lately {
    slots: Mutex<HashMap<Option<Slug>, Arc<Slot>>>,
}

/// What is known of one site, or of all. Who holds `reading` reads.
#[derive(Debug, Default)]
struct Slot {
    known: Mutex<Option<(Moment, Rows)>>,
    reading: tokio::sync::Mutex<()>,
}

impl Lately {
    /// The newest outages of this site, or of all sites; none when the record was never read.
    pub(super) async fn outages(&self, shared: &Shared, slug: Option<&Slug>) -> Rows {
        let slot = self.slot(slug);
        let known = slot.known();
        if let Some((at, rows)) = &known
            && shared.now().since(*at) < FRESH
        {
            return rows.clone();
        }
        let turn = match &known {
            // Somebody reads already: what there is will do.
            Some((_, rows)) => match slot.reading.try_lock() {
                Ok(turn) => turn,
                Err(_) => return rows.clone(),
            },
            None => match timeout(PATIENCE, slot.reading.lock()).await {
                Ok(turn) => turn,
                Err(_) => return Rows::default(),
            },
        };
        let read_meanwhile = slot.known().filter(|(at, _)| shared.now().since(*at) < FRESH);
        if let Some((_, rows)) = read_meanwhile {
            return rows;
        }
        let ask = async |store: Store| match slug {
            Some(slug) => store.outages(slug, OF_SITE).await,
            None => store.all_outages(None, OF_ALL).await,
        };
        let read = shared.ask(PATIENCE, ask).await.map(Rows::from);
        if let Some(rows) = &read {
            let mut known = slot.known.lock().unwrap_or_else(PoisonError::into_inner);
            *known = Some((shared.now(), rows.clone()));
        }
        drop(turn);
        read.or(known.map(|(_, rows)| rows)).unwrap_or_default()
    }

    fn slot(&self, slug: Option<&Slug>) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let key = slug.cloned();
        if slots.len() > MOST && !slots.contains_key(&key) {
            slots.retain(|slug, _| slug.is_none());
        }
        slots.entry(key).or_default().clone()
    }
}

impl Slot {
    fn known(&self) -> Option<(Moment, Rows)> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
