//! The watcher of providers: who serves each site, and whether one of them seems to be failing.
//!
//! It reads the board as it stands, so that it sees what visitors see, and applies the rule of
//! [`crate::model::provider`]. It must never judge a site.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use crate::{
    board::{Board, Watched},
    journal::Entry,
    model::{
        check::Check,
        moment::Moment,
        provider::{Event, Events, Ranges, Rules, Sight, Standing, find},
    },
};

/// How often an event that goes on is told again: the journal may have let go of where it began.
const AGAIN: Duration = Duration::from_mins(10);

/// Watches the providers.
#[derive(Debug)]
pub struct Watcher {
    ranges: Arc<Ranges>,
    events: Events,
    told_at: Moment,
    /// The newest change of a verdict in the last picture; `None`: take another anyway.
    seen: Option<u64>,
}

impl Watcher {
    /// A watcher with the operator's blocks of addresses, and the events that an earlier run left.
    pub fn new(ranges: Ranges, left: impl IntoIterator<Item = Event>) -> Self {
        let events = Events::new(Rules::default(), left);
        Self { ranges: Arc::new(ranges), events, told_at: Moment::default(), seen: None }
    }

    /// Finds out who serves a site by what its check met; a check that met nothing tells nothing.
    pub(super) fn find(&mut self, check: &Check, board: &Board) {
        let Some(found) = find(&check.outcome.traces, &self.ranges) else { return };
        let known = board.site(check.slug.as_str());
        if known.is_some_and(|watched| watched.found.as_deref() != Some(found)) {
            board.set_found(&check.slug, found);
            self.seen = None;
        }
    }

    /// Knows that the catalogue is another one.
    pub(super) fn forget_picture(&mut self) {
        self.seen = None;
    }

    /// Takes the picture of all sites; gives what is new about providers.
    pub(super) fn look(&mut self, board: &Board, now: Moment) -> Vec<Entry> {
        // Where nothing changes, nothing begins: time alone only ends events.
        let newest = board.newest();
        if self.seen.replace(newest) == Some(newest) && self.events.ongoing().next().is_none() {
            return Vec::new();
        }
        let sites = board.sites();
        let sights: Vec<Sight<'_>> = sites.iter().map(|watched| sight(watched)).collect();
        let mut events = self.events.observe(&sights, now);
        for event in events.iter().filter(|e| e.noticed_at == now || e.ended_at.is_some()) {
            tell(event);
        }
        if now.since(self.told_at) >= AGAIN {
            self.told_at = now;
            let told: Vec<&str> = events.iter().map(|event| &*event.provider).collect();
            let silent = self.events.ongoing().filter(|event| !told.contains(&&*event.provider));
            let again: Vec<Event> = silent.cloned().collect();
            events.extend(again);
        }
        events.into_iter().map(Entry::Event).collect()
    }

    /// Shows which providers seem to be failing now.
    pub(super) fn show(&self, board: &Board) {
        let mut failing: BTreeMap<&str, (&Event, Vec<_>)> =
            self.events.ongoing().map(|event| (&*event.provider, (event, Vec::new()))).collect();
        if failing.is_empty() && board.failing().is_empty() {
            return;
        }
        for watched in board.sites() {
            let mine = watched.provider().and_then(|provider| failing.get_mut(provider));
            if let Some((_, statuses)) = mine {
                statuses.push(watched.verdict.status);
            }
        }
        let standing = |(event, statuses): (&Event, Vec<_>)| Standing {
            provider: event.provider.clone(),
            counts: statuses.into_iter().collect(),
            event: Some(event.clone()),
        };
        for event in self.events.ongoing() {
            board.put_down(event);
        }
        board.set_failing(failing.into_values().map(standing).collect());
    }
}

fn sight(watched: &Watched) -> Sight<'_> {
    Sight {
        slug: &watched.site.slug,
        provider: watched.provider(),
        status: watched.verdict.status,
        since: watched.verdict.since,
    }
}

/// Says it to the operator.
fn tell(event: &Event) {
    let (provider, sites) = (&event.provider, event.sites.len());
    if event.ended_at.is_some() {
        tracing::info!(%provider, sites, "a provider has recovered");
    } else {
        tracing::warn!(%provider, sites, "a provider seems to be failing");
    }
}
