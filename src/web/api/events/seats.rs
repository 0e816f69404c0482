//! Current readers of events, bounded in all and for each visitor, and the last events as text.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    board::ChangedSite,
    web::{Shared, api::shape::SiteJson, views::site::SiteView},
};
use model::moment::Moment;

/// Readers at a time.
const MAX_READERS: usize = 1_024;
/// Readers at a time from one address.
const MAX_PER_CLIENT: usize = 32;
/// Events that are kept as text.
const MAX_RENDERED: usize = 64;

/// Current readers, and the events rendered for them.
#[derive(Debug, Default)]
pub(in crate::web) struct Readers {
    places: Mutex<HashMap<IpAddr, usize>>,
    /// The last events as text, so that a thousand readers of one change cost one rendering.
    rendered: Mutex<VecDeque<(u64, Arc<str>)>>,
}

impl Readers {
    /// A change as text: the site as it was when its verdict changed.
    pub(in crate::web) fn text(&self, change: &ChangedSite, now: Moment) -> Arc<str> {
        let mut rendered = self.rendered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, text)) = rendered.iter().rev().find(|(number, _)| *number == change.number)
        {
            return text.clone();
        }
        // As it was then: evidence that has run out since is another event.
        let then = change.live.checked_at().unwrap_or(now);
        let view = SiteView::new(change.live.clone(), then);
        let text: Arc<str> = serde_json::to_string(&SiteJson::of(&view)).unwrap_or_default().into();
        if rendered.len() == MAX_RENDERED {
            rendered.pop_front();
        }
        rendered.push_back((change.number, text.clone()));
        text
    }
}

/// A reader's slot; released when dropped.
#[derive(Debug)]
pub(in crate::web) struct Seat {
    pub(in crate::web) shared: Arc<Shared>,
    client: IpAddr,
}

impl Seat {
    pub(in crate::web) fn take(shared: &Arc<Shared>, client: IpAddr) -> Option<Self> {
        let mut places = shared.readers.places.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = places.values().sum();
        let theirs = places.get(&client).copied().unwrap_or(0);
        if all >= MAX_READERS || theirs >= MAX_PER_CLIENT {
            return None;
        }
        places.insert(client, theirs + 1);
        Some(Self { shared: shared.clone(), client })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut places = self.shared.readers.places.lock().unwrap_or_else(PoisonError::into_inner);
        match places.get_mut(&self.client) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(places.remove(&self.client)),
        }
    }
}
