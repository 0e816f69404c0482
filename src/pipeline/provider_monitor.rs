//! The provider monitor: finds the provider of each site, and reports when one of them seems to be
//! failing.
//!
//! It reads the board as it stands, so that it sees what visitors see, and applies the rule of
//! [`model::provider`]. It must never judge a site.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use crate::{
    board::{Board, LiveSite},
    pipeline::Entry,
};
use model::{
    check::Check,
    moment::Moment,
    provider::{
        ProviderEvent, ProviderEventDetector, ProviderRules, ProviderStatus, Ranges, SiteSignal,
        authority, find,
    },
    verdict::{SelfDoubt, Status},
};

/// Interval at which an ongoing event is written again: the journal may have released its
/// beginning.
const REPEAT_INTERVAL: Duration = Duration::from_mins(10);

/// Number of sites up to which all of them are evaluated whenever one changed, and the multiple of the
/// time that it took which passes before a next evaluation of more.
const EVALUATED_AT_ONCE: usize = 10_000;
const REST: u32 = 9;

/// Watches the providers.
#[derive(Debug)]
pub struct ProviderMonitor {
    ranges: Arc<Ranges>,
    events: ProviderEventDetector,
    repeated_at: Moment,
    /// Number of the newest change at the last evaluation; `None`: evaluate anyway.
    seen: Option<u64>,
    /// In a large catalogue, the time before which nothing is evaluated.
    rests_until: Option<Instant>,
}

impl ProviderMonitor {
    /// A monitor with the operator's blocks of addresses, and the events that an earlier run left.
    pub fn new(ranges: Ranges, left: impl IntoIterator<Item = ProviderEvent>) -> Self {
        let events = ProviderEventDetector::new(ProviderRules::default(), left);
        Self {
            ranges: Arc::new(ranges),
            events,
            repeated_at: Moment::default(),
            seen: None,
            rests_until: None,
        }
    }

    /// Finds the provider of a site from the traces of a check, and returns it where the catalogue
    /// does not name one; a check without traces shows nothing.
    pub(super) fn find(&mut self, check: &Check, board: &Board) -> Option<&str> {
        let traces = &check.outcome.traces;
        let found = find(traces, &self.ranges);
        let issued = traces.issuer.as_deref().and_then(authority);
        if found.is_none() && issued.is_none() {
            return None;
        }
        let live = board.site(check.slug.as_str())?;
        if let Some(found) = found.filter(|found| live.found.as_deref() != Some(*found)) {
            board.set_found(&check.slug, found);
            self.seen = None;
        }
        if let Some(issued) = issued.filter(|by| live.authority.as_deref() != Some(*by)) {
            board.set_authority(&check.slug, issued);
        }
        found.filter(|_| live.site.provider.is_none())
    }

    /// Goes on from the `recorded` events, newest first; gives those of its `own` that are not among
    /// them. Two nodes notice one event some moments apart.
    pub(super) fn adopt(
        &mut self,
        recorded: &[ProviderEvent],
        own: &[ProviderEvent],
    ) -> Vec<ProviderEvent> {
        let end = |event: &ProviderEvent| event.ended_at.or(event.withdrawn_at);
        let is_same = |one: &ProviderEvent, other: &ProviderEvent| {
            one.provider == other.provider
                && end(one).is_none_or(|end| end >= other.started_at)
                && end(other).is_none_or(|end| end >= one.started_at)
        };
        self.events.adopt(recorded.iter().filter(|event| end(event).is_none()).cloned());
        self.seen = None;
        let is_new = |event: &&ProviderEvent| !recorded.iter().any(|known| is_same(known, event));
        own.iter().filter(is_new).cloned().collect()
    }

    /// Has the next evaluation happen anyway: the catalogue or the states are others.
    pub(super) fn invalidate(&mut self) {
        self.seen = None;
    }

    /// Returns whether it has evaluated a large catalogue too lately to do it again.
    pub(super) fn rests(&self) -> bool {
        self.rests_until.is_some_and(|until| Instant::now() < until)
    }

    /// Notes that an evaluation of so many sites began at this time and has ended.
    pub(super) fn rest(&mut self, sites: usize, begun: Instant) {
        let rests = sites > EVALUATED_AT_ONCE;
        self.rests_until = rests.then(|| Instant::now() + begun.elapsed() * REST);
    }

    /// Evaluates all sites; returns news of providers.
    pub(super) fn evaluate(&mut self, board: &Board, now: Moment) -> Vec<Entry> {
        // Where nothing changes, nothing begins, unless something has just turned bad.
        let newest = board.newest();
        if self.seen.replace(newest) == Some(newest) && !self.events.waits() {
            return Vec::new();
        }
        let sites = board.sites();
        let signals: Vec<SiteSignal<'_>> = sites.iter().map(|live| signal_of(live)).collect();
        let mut events = self.events.observe(&signals, now);
        for event in &events {
            if event.withdrawn_at.is_some() {
                board.clear(event);
            }
            if event.noticed_at == now || event.ended_at.or(event.withdrawn_at).is_some() {
                log_event(event);
            }
        }
        if now.since(self.repeated_at) >= REPEAT_INTERVAL {
            self.repeated_at = now;
            let told: Vec<&str> = events.iter().map(|event| &*event.provider).collect();
            let silent = self.events.ongoing().filter(|event| !told.contains(&&*event.provider));
            let again: Vec<ProviderEvent> = silent.cloned().collect();
            events.extend(again);
        }
        events.into_iter().map(Entry::Event).collect()
    }

    /// Shows which providers seem to be failing now, and what is left over from those that did.
    pub(super) fn show(&self, board: &Board) {
        let ongoing = self.events.ongoing().cloned();
        let events: Vec<ProviderEvent> = ongoing.chain(self.events.left_over()).collect();
        if events.is_empty() && board.failing().is_empty() && board.left_over().is_empty() {
            return;
        }
        for event in self.events.ongoing() {
            board.attribute(event);
        }
        let sites = board.sites();
        // During self-doubt no provider is blamed.
        if sites.iter().any(|live| is_doubted(live)) {
            return board.set_failing(Vec::new());
        }
        let standing = |event: ProviderEvent| {
            let mine = sites.iter().filter(|live| live.is_at(&event.provider, Some(&event)));
            let members = mine.map(|live| live.member(live.verdict.status));
            ProviderStatus::of(&event.provider.clone(), members, Some(event.clone()))
        };
        board.set_failing(events.into_iter().map(standing).collect());
    }
}

/// Evidence of a site about its providers. What fewer places than the quorum see blames none of them: it
/// may be the route from there.
fn signal_of(live: &LiveSite) -> SiteSignal<'_> {
    let status = match live.verdict.status {
        Status::Partial => Status::Unknown,
        status => status,
    };
    SiteSignal {
        slug: &live.site.slug,
        owner: live.site.owner(),
        dependencies: live.dependencies().collect(),
        status,
        since: live.verdict.since,
        checked_at: live.checked_at(),
        cause: live.verdict.cause.as_ref(),
        doubted: is_doubted(live),
    }
}

/// Returns whether it is unknown because of our own connection or our own name servers.
fn is_doubted(live: &LiveSite) -> bool {
    live.verdict.doubt.is_some_and(|doubt| doubt != SelfDoubt::Alone)
}

/// Says it to the operator.
fn log_event(event: &ProviderEvent) {
    let (provider, sites) = (&event.provider, event.sites.len());
    if event.withdrawn_at.is_some() {
        tracing::info!(%provider, sites, "a provider does not seem to be the cause after all");
    } else if event.ended_at.is_some() {
        tracing::info!(%provider, sites, "a provider has recovered");
    } else {
        tracing::warn!(%provider, sites, "a provider seems to be failing");
    }
}
