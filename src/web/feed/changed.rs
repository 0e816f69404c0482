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

use http::{HeaderMap, header};
use time::macros::format_description;
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

/// Whether the visitor has what has been so since `changed`. An entity tag, if there is one, decides instead.
pub(super) fn unchanged_since(headers: &HeaderMap, changed: Moment) -> bool {
    if headers.contains_key(header::IF_NONE_MATCH) {
        return false;
    }
    let theirs = headers.get(header::IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok());
    theirs.and_then(read_date).is_some_and(|theirs| changed <= theirs)
}

/// A moment as HTTP writes it.
pub(in crate::web) fn http_date(at: Moment) -> String {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    at.to_datetime().format(format).unwrap_or_default()
}

fn read_date(text: &str) -> Option<Moment> {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    let read = time::PrimitiveDateTime::parse(text.trim(), format).ok()?;
    Some(read.assume_utc().into())
}
