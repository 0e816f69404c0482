//! When each feed changed last, so that `If-Modified-Since` is answered truly.
//!
//! The times in the entries cannot tell: an outage begins before we are sure of it, so an older
//! start may come after a newer one. What counts is when the text became another one, as seen by
//! those who asked. There is an entry a feed; when there are too many, all are forgotten, and
//! readers are sent the feed once more.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use xxhash_rust::xxh3::xxh3_64;

use crate::model::moment::Moment;

/// Feeds that are remembered at most.
const MOST: usize = 65_536;

/// When each feed changed last.
#[derive(Debug, Default)]
pub(in crate::web) struct Changed {
    known: Mutex<HashMap<u64, (u64, Moment)>>,
}

impl Changed {
    /// When the feed at this address became what it is, in whole seconds.
    pub(super) fn of(&self, address: &str, body: &[u8], now: Moment) -> Moment {
        let (place, text) = (xxh3_64(address.as_bytes()), xxh3_64(body));
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Moment::from_millis(now.seconds() * 1_000);
        let at = match known.get(&place) {
            Some((same, at)) if *same == text => return *at,
            // Two changes within a second must not share it.
            Some((_, before)) => now.max(*before + Duration::from_secs(1)),
            None => now,
        };
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(place, (text, at));
        at
    }
}
