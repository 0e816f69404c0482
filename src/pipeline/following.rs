//! The part of the recorder for several nodes: whose turn it is, what of the journal is to be recorded in
//! a term, and, while another node records, what may be let go of.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    sync::oneshot,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    Recorder, TakeOver,
    lease::LeaseFile,
    recorder::{MAX_BATCH, UNREADABLE, WaitReason},
};
use crate::{
    pipeline::Entry,
    store::{Batch, LeaseKey, LeaseState, RecordedMarks, Store, StoreError},
};
use model::{check::Check, moment::Moment, name::Slug, report::Origin};
use prober::journal::Reader;

/// Time for which what is recorded stays in the journal of the nodes that follow: a standby that is
/// promoted may lack the newest of it, and a node that takes over learns from it.
pub(super) const KEPT_FOR: Duration = Duration::from_mins(15);
/// Age of a check, compared with what is recorded, past which nobody will record it any more: the
/// recording node never heard of it, or does not know its site.
const GIVEN_UP_AFTER: Duration = Duration::from_hours(1);
/// Interval at which a node that follows lets go of its journal.
const FOLLOW_INTERVAL: Duration = Duration::from_secs(2);
/// Longest wait for the pipeline to go on from the record.
const TAKEOVER_TIMEOUT: Duration = Duration::from_mins(5);
/// Checks of a site and region that a node which takes over learns from the record, beside its own journal.
const NEWEST: u32 = 3;
/// Sites of which these are read at once.
const SITES_AT_ONCE: usize = 500;
/// Provider events that are read; no more go on at once.
const MAX_EVENTS: u32 = 1_000;

/// A term of this node, and what of its journal is to be recorded in it.
#[derive(Debug)]
pub(super) struct Tenure {
    term: Option<i64>,
    /// The number of the store: another one may lack the newest of what was recorded.
    store: Option<u64>,
    /// Marks of the record when the term began.
    marks: RecordedMarks,
    /// Marks in the journal, still ahead, at which this node went on from the record: of what is before
    /// only checks are of use.
    ahead: u64,
    /// Number of the check that follows.
    origin: Option<Origin>,
}

impl Tenure {
    /// The term of a node that is the only one.
    pub(super) fn alone() -> Self {
        Self { term: None, store: None, marks: RecordedMarks::default(), ahead: 0, origin: None }
    }

    /// The part of these entries that is to be recorded, and the number of checks that are already.
    pub(super) fn batch(&mut self, entries: Vec<Entry>) -> (Batch, u64) {
        let (mut batch, mut known) = (Batch::default(), 0);
        for entry in entries {
            let counts = self.ahead == 0;
            match entry {
                Entry::Origin(origin) => self.origin = Some(origin),
                Entry::Check(check) | Entry::Heard(check, _) | Entry::Late(check) => {
                    let origin = self.origin.take();
                    if origin.as_ref().is_some_and(|origin| self.marks.cover(origin)) {
                        known += 1;
                        continue;
                    }
                    batch.marks.extend(origin);
                    batch.checks.push(Arc::unwrap_or_clone(check));
                }
                Entry::Change(slug, change) if counts => batch.changes.push((slug, change)),
                Entry::State(slug, state) if counts => batch.states.push((slug, state)),
                Entry::Event(event) if counts => batch.events.push(event),
                Entry::TakenOver(_) => self.ahead = self.ahead.saturating_sub(1),
                // They are in the verdicts that came of them.
                Entry::Change(..)
                | Entry::State(..)
                | Entry::Event(_)
                | Entry::Evidence(..)
                | Entry::Retired(..) => {}
            }
        }
        (batch, known)
    }
}

impl Recorder {
    /// Returns whether this tenure is what the lease says: none while nobody knows.
    pub(super) fn is_turn(&self, tenure: Option<&Tenure>) -> bool {
        match &*self.record.lease.borrow() {
            LeaseState::Unknown => tenure.is_none(),
            LeaseState::Elsewhere => false,
            LeaseState::Held { key, .. } => {
                let store = self.record.link.borrow().as_ref().map(Store::number);
                tenure.is_some_and(|tenure| {
                    let same = tenure.store.is_none() || tenure.store == store;
                    same && tenure.term == key.as_ref().map(LeaseKey::epoch)
                })
            }
        }
    }

    /// Begins a term, or follows another node for a moment: then there is none.
    pub(super) async fn turn(&self, stop: &CancellationToken) -> io::Result<Option<Tenure>> {
        let lease = self.record.lease.borrow().clone();
        self.blocking(Reader::rewind).await?;
        match lease {
            LeaseState::Unknown => Ok(None),
            LeaseState::Elsewhere => {
                self.follow().await?;
                self.pause(FOLLOW_INTERVAL, stop).await;
                Ok(None)
            }
            LeaseState::Held { key, continues } => {
                match self.begin(key, continues).await {
                    Ok(Some(tenure)) => return Ok(Some(tenure)),
                    Ok(None) => {}
                    Err(error) => {
                        self.report_waiting(&WaitReason::for_error(&error), self.clock.now()).await;
                    }
                }
                self.pause(FOLLOW_INTERVAL, stop).await;
                Ok(None)
            }
        }
    }

    /// Begins a term: at once where nobody else recorded since, else by going on from the record.
    async fn begin(
        &self,
        key: Option<LeaseKey>,
        continues: bool,
    ) -> Result<Option<Tenure>, StoreError> {
        let Some(key) = key else { return Ok(Some(Tenure::alone())) };
        let Some(store) = self.record.now() else { return Ok(None) };
        let went_on = |file: &LeaseFile| file.epoch() == Some(key.epoch());
        let continues = continues || self.lease_file.as_ref().is_some_and(went_on);
        if !continues && !self.go_on_from_record(&store, key.epoch()).await? {
            return Ok(None);
        }
        let file = self.lease_file.clone();
        let ahead = self.blocking(move |reader| {
            if let Some(file) = file {
                file.remember(key.epoch())?;
            }
            let taken = |entry: &Entry| matches!(entry, Entry::TakenOver(_));
            Ok((key.epoch(), reader.folder().waiting(taken)?))
        });
        let (epoch, ahead) = match ahead.await {
            Ok(counted) => counted,
            Err(error) => {
                tracing::error!(%error, "the journal cannot be read or written to record");
                self.report_waiting(&WaitReason::of(UNREADABLE), self.clock.now()).await;
                return Ok(None);
            }
        };
        let marks = store.recorded_marks().await?;
        let number = Some(store.number());
        Ok(Some(Tenure { term: Some(epoch), store: number, marks, ahead, origin: None }))
    }

    /// Has the pipeline go on from what another node has recorded; false where it could not.
    async fn go_on_from_record(&self, store: &Store, epoch: i64) -> Result<bool, StoreError> {
        let (states, marks) = (store.states().await?, store.recorded_marks().await?);
        let events = store.provider_events(None, MAX_EVENTS).await?;
        let newest = self.newest_checks(store, states.keys().cloned().collect()).await?;
        let Ok(folder) = self.blocking(|reader| Ok(reader.folder().clone())).await else {
            return Ok(false);
        };
        let (done, told) = oneshot::channel();
        let order = TakeOver { epoch, folder, states, events, marks, newest, done };
        if self.takeovers.send(order).await.is_err() {
            return Ok(false);
        }
        let taken = matches!(timeout(TAKEOVER_TIMEOUT, told).await, Ok(Ok(())));
        if taken {
            tracing::info!(epoch, "the record goes on here");
        }
        Ok(taken)
    }

    /// The newest recorded checks of these sites: as many as may say that a site is slow.
    async fn newest_checks(
        &self,
        store: &Store,
        sites: Vec<Slug>,
    ) -> Result<Vec<Check>, StoreError> {
        let mut newest = Vec::new();
        for some in sites.chunks(SITES_AT_ONCE) {
            let found = store.latest_checks(some, NEWEST, self.clock.now()).await?;
            newest.extend(found.into_iter().flat_map(|(slug, checks)| {
                checks.into_iter().map(move |check| check.of(slug.clone()))
            }));
        }
        Ok(newest)
    }

    /// Lets go of what another node has recorded.
    async fn follow(&self) -> io::Result<()> {
        let Some(store) = self.record.link.borrow().clone() else { return Ok(()) };
        let since = self.clock.now();
        let marks = match store.recorded_marks().await {
            Ok(marks) => marks,
            Err(error) => {
                self.report_waiting(&WaitReason::for_error(&error), since).await;
                return Ok(());
            }
        };
        self.board.update_store_health(|record| {
            (record.why, record.away_since) = (None, None);
        });
        let go = move |reader: &mut Reader<Entry>| {
            let before = reader.position();
            Ok((let_go(reader, &marks)?, reader.position() != before))
        };
        let (passed, moved) = self.blocking(go).await?;
        if moved {
            self.done().await?;
        }
        if passed.given_up > 0 {
            let checks = passed.given_up;
            tracing::warn!(
                checks,
                "the node that records has not recorded checks that this one has; they are let go of"
            );
        }
        self.board.update_store_health(|record| record.done += passed.checks);
        Ok(())
    }

    /// Waits, but no longer than until the turn may be another.
    pub(super) async fn pause(&self, time: Duration, stop: &CancellationToken) {
        let mut lease = self.record.lease.clone();
        lease.mark_unchanged();
        tokio::select! {
            () = stop.cancelled() => {}
            () = sleep(time) => {}
            Ok(()) = lease.changed() => {}
        }
    }
}

/// Checks that a node has let go of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct LetGo {
    checks: u64,
    /// Those of them that nobody will record.
    given_up: u64,
}

/// Reads on over what is recorded and old enough; what comes after stays.
fn let_go(reader: &mut Reader<Entry>, marks: &RecordedMarks) -> io::Result<LetGo> {
    let mut all = LetGo::default();
    let Some(newest) = marks.newest else { return Ok(all) };
    loop {
        let before = reader.position();
        let entries = reader.read(MAX_BATCH)?;
        let (mut passed, mut here) = (entries.len(), LetGo::default());
        let mut origin: Option<&Origin> = None;
        for (place, entry) in entries.iter().enumerate() {
            if let Entry::Origin(number) = entry {
                origin = Some(number);
            }
            let Some(check) = entry.check() else { continue };
            let numbered = origin.take();
            let recorded = numbered.is_some_and(|origin| marks.cover(origin));
            let age = newest.since(moment(entry, check));
            if age < if recorded { KEPT_FOR } else { GIVEN_UP_AFTER } {
                // Its number stays with it.
                passed = place - usize::from(numbered.is_some());
                break;
            }
            here.checks += 1;
            here.given_up += u64::from(!recorded);
        }
        (all.checks, all.given_up) = (all.checks + here.checks, all.given_up + here.given_up);
        if passed < entries.len() || matches!(entries.last(), Some(Entry::Origin(_))) {
            let passed = passed.min(entries.len().saturating_sub(1));
            reader.go_to(before);
            reader.read(passed)?;
            return Ok(all);
        }
        if entries.is_empty() {
            return Ok(all);
        }
    }
}

/// The moment of a check by this node's clock.
fn moment(entry: &Entry, check: &Check) -> Moment {
    if let Entry::Heard(_, heard) = entry { *heard } else { check.at }
}
