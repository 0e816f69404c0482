//! The recorder: follows the journal and writes it to Postgres in batches.
//!
//! Whatever Postgres answers, nothing is dropped: a batch is sent again until it is taken, and the
//! board says why it waits. Only a row that is refused for its contents is set aside, in a file of
//! its own. Batches may be sent twice after a crash, which the store takes without harm.
//!
//! Of several nodes one records. The others follow what is recorded, and let go of their journal.

use std::{
    collections::VecDeque,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::mpsc,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    following::{KEPT_FOR, Tenure},
    journal_writer::Handover,
    lease::LeaseFile,
    takeover::TakeOver,
};
use crate::{
    board::{Board, StoreProblem},
    pipeline::{Entry, RefusedRow, RefusedRows},
    store::{Batch, RecordingStore, StoreError},
};
use model::moment::Moment;
use prober::{
    clock::Clock,
    journal::{Position, Reader},
};

/// Entries of one batch at most: a transaction costs as much as many rows, and a check of an agent is two
/// entries.
pub(super) const MAX_BATCH: usize = 4_000;
/// Time for which a batch is gathered: a check is recorded within a second.
const GATHER_TIME: Duration = Duration::from_millis(250);
/// Duration of a write above which Postgres counts as stalled.
const STALLED_AFTER: Duration = Duration::from_secs(5);
/// Time for which it goes on after a stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(3);
/// The longest pause between two tries while Postgres is away.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Longest wait for the word that another node has the lease, after Postgres said so.
const TURN_PAUSE: Duration = Duration::from_secs(6);
/// Pause before a journal that cannot be read is read again.
const REREAD_PAUSE: Duration = Duration::from_secs(1);
const NOT_REACHED: &str = "Postgres was not reached yet";
/// Reason for waiting while the journal is not there, or cannot be read.
pub(super) const UNREADABLE: &str = "the journal cannot be read";

/// Follows the journal and writes it to Postgres.
#[derive(Clone, Debug)]
pub struct Recorder {
    /// Reader of the journal.
    pub reader: Arc<Mutex<Reader<Entry>>>,
    /// The store to write to, while this node records.
    pub record: RecordingStore,
    /// Board on which the record's health is shown.
    pub board: Arc<Board>,
    /// Gives moments.
    pub clock: Clock,
    /// Signal of the journal writer that there is something new.
    pub written: Arc<Handover>,
    /// Memory of the last term; `None` where this node is the only one by nature.
    pub lease_file: Option<LeaseFile>,
    /// True if Postgres has several hosts, of which another one may have to be used.
    pub several_hosts: bool,
    /// Orders to the pipeline to go on from what another node has recorded.
    pub takeovers: mpsc::Sender<TakeOver>,
}

/// Result of entries that were to be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RecordResult {
    /// They are in Postgres, but for what was set aside.
    Done,
    /// The stop came first.
    Stopped,
    /// Another node may record now.
    Fenced,
}

/// Reason why a batch is not in Postgres.
pub(super) struct WaitReason {
    why: StoreProblem,
    /// In full, for the log.
    error: String,
    /// True if another node records now.
    fenced: bool,
}

impl WaitReason {
    pub(super) fn of(short: &'static str) -> Self {
        let why = StoreProblem { sqlstate: None, short };
        Self { why, error: short.to_owned(), fenced: false }
    }

    pub(super) fn for_error(error: &StoreError) -> Self {
        let sqlstate = error.sqlstate().map(String::into_boxed_str);
        Self {
            why: StoreProblem { sqlstate, short: error.short() },
            error: error.to_string(),
            fenced: matches!(error, StoreError::Fenced),
        }
    }
}

impl Recorder {
    /// Runs until `stop` and, after it, until all that is in the journal is recorded, Postgres is
    /// away, or it has taken long enough: the rest is in the journal at the next start. Lines that
    /// are in no journal are recorded first. It may be run again after it failed. A journal that
    /// cannot be read, as when this machine has no more open files, is read again a while later.
    ///
    /// # Errors
    /// Fails when the journal cannot be read at the end.
    pub async fn run(self, stop: CancellationToken) -> std::io::Result<()> {
        let mut told = String::new();
        loop {
            let error = match self.run_once(&stop).await {
                Err(error) if !stop.is_cancelled() => error.to_string(),
                ended => return ended,
            };
            if told != error {
                tracing::error!(error, "the journal cannot be read; checks wait in it");
                told = error;
            }
            self.report_waiting(&WaitReason::of(UNREADABLE), self.clock.now()).await;
            tokio::select! { () = sleep(REREAD_PAUSE) => {}, () = stop.cancelled() => {} }
        }
    }

    async fn run_once(&self, stop: &CancellationToken) -> std::io::Result<()> {
        // An earlier run may have read entries that it did not write.
        self.blocking(Reader::rewind).await?;
        let (mut end, mut noted, mut aside) = (None, true, None);
        let (mut tenure, mut behind): (Option<Tenure>, _) = (None, VecDeque::new());
        loop {
            if !self.is_turn(tenure.as_ref()) {
                tenure = self.turn(stop).await?;
                if stop.is_cancelled() && tenure.is_none() {
                    return Ok(());
                }
                continue;
            }
            if stop.is_cancelled() {
                self.record_unkept(stop).await;
                if Instant::now() > *end.get_or_insert_with(|| Instant::now() + STOP_TIMEOUT) {
                    return Ok(());
                }
            }
            self.count_refused(&mut aside).await;
            let entries = self.next().await?;
            if entries.is_empty() {
                if stop.is_cancelled() {
                    return Ok(());
                }
                tokio::select! {
                    () = stop.cancelled() => {}
                    news = self.written.news(Duration::from_secs(1)) => if news {
                        sleep(GATHER_TIME).await;
                    }
                }
                continue;
            }
            match self.record(entries, &mut tenure, stop).await {
                RecordResult::Done => {}
                RecordResult::Fenced => {
                    tenure = None;
                    self.blocking(Reader::rewind).await?;
                    continue;
                }
                RecordResult::Stopped => {
                    self.record_unkept(stop).await;
                    return Ok(());
                }
            }
            let done = self.release(&mut behind).await;
            log_release(done, &mut noted);
        }
    }

    /// Writes the lines that the disk did not take, for a while: they are nowhere else.
    async fn record_unkept(&self, stop: &CancellationToken) {
        let entries = self.written.take();
        if entries.is_empty() {
            return;
        }
        let checks = entries.iter().filter(|entry| entry.check().is_some()).count();
        let batches: Vec<Batch> =
            entries.chunks(MAX_BATCH).map(|part| Tenure::alone().batch(part.to_vec()).0).collect();
        let all = async {
            for batch in &batches {
                while let Some(waiting) = self.try_record(batch, stop).await {
                    self.report_waiting(&waiting, self.clock.now()).await;
                    sleep(Duration::from_millis(200)).await;
                }
            }
        };
        if timeout(STOP_TIMEOUT, all).await.is_ok() {
            tracing::info!(checks, "Postgres has what waited in memory");
        } else {
            tracing::error!(
                checks,
                "checks that waited in memory are lost: neither the disk nor Postgres takes them"
            );
        }
    }

    /// Writes entries, for as long as it takes.
    async fn record(
        &self,
        entries: Vec<Entry>,
        tenure: &mut Option<Tenure>,
        stop: &CancellationToken,
    ) -> RecordResult {
        let batch = tenure.as_mut().map(|tenure| tenure.batch(entries));
        if let Some((_, known @ 1..)) = &batch {
            self.board.update_store_health(|record| record.done += known);
        }
        let mut pause = Duration::from_millis(200);
        loop {
            if !self.is_turn(tenure.as_ref()) {
                return RecordResult::Fenced;
            }
            let since = self.clock.now();
            let waiting = match &batch {
                Some((batch, _)) => self.try_record(batch, stop).await,
                None => Some(WaitReason::of(NOT_REACHED)),
            };
            let Some(waiting) = waiting else { return RecordResult::Done };
            if waiting.fenced {
                // Whoever keeps the lease hears of it soon.
                self.pause(TURN_PAUSE, stop).await;
                return RecordResult::Fenced;
            }
            self.report_waiting(&waiting, since).await;
            if stop.is_cancelled() {
                return RecordResult::Stopped;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
            }
        }
    }

    /// One try; `None` when the batch is in Postgres, but for what was set aside.
    async fn try_record(&self, batch: &Batch, stop: &CancellationToken) -> Option<WaitReason> {
        let Some(store) = self.record.now() else { return Some(WaitReason::of(NOT_REACHED)) };
        let mut link = self.record.link.clone();
        link.mark_unchanged();
        let since = self.clock.now();
        let mut writing = pin!(store.record(batch));
        let writing = async {
            if let Ok(written) = timeout(STALLED_AFTER, &mut writing).await {
                return written;
            }
            self.report_waiting(&WaitReason::of("Postgres does not answer"), since).await;
            writing.await
        };
        let written = tokio::select! {
            written = writing => written,
            // Postgres is on another host now; the one before may never answer.
            Ok(()) = link.changed() => return Some(WaitReason::of(NOT_REACHED)),
            // What is half written is rolled back, and stays in the journal.
            () = stop_timeout(stop) => return Some(WaitReason::of("Postgres does not answer, and we end")),
        };
        let error = match written {
            Ok(new) => {
                self.report_recorded(batch.checks.len() as u64, new.checks);
                return None;
            }
            Err(error) if error.refuses_data() => error,
            Err(error) => return Some(WaitReason::for_error(&error)),
        };
        // Something in it is refused for what it is. It must not hold up the rest.
        let Some((one, other)) = halves(batch) else {
            return self.set_aside(batch, &error).await.err();
        };
        // Boxed for the recursion; a half that was written already is not written twice.
        match Box::pin(self.try_record(&one, stop)).await {
            None => Box::pin(self.try_record(&other, stop)).await,
            away => away,
        }
    }

    /// Sets a refused row aside, where an operator can see it and retry it.
    async fn set_aside(&self, batch: &Batch, error: &StoreError) -> Result<(), WaitReason> {
        let refused = |entry| RefusedRow {
            at: self.clock.now(),
            sqlstate: error.sqlstate().unwrap_or_default().into(),
            said: error.to_string().into(),
            entry,
        };
        let rows: Vec<RefusedRow> = to_entries(batch).map(refused).collect();
        let kept = self.blocking(move |reader| RefusedRows::of(reader.folder()).add(&rows)).await;
        if let Err(disk) = kept {
            let mut waiting = WaitReason::for_error(error);
            waiting.error = format!("{error}; and it cannot be set aside: {disk}");
            return Err(waiting);
        }
        let all = self.board.store_health().refused_rows + 1;
        if all.is_power_of_two() {
            tracing::error!(%error, all, "Postgres refuses a row for what is in it; it is set aside: stillup journal refused");
        }
        self.report_recorded(batch.checks.len() as u64, 0);
        self.board.update_store_health(|record| record.refused_rows = all);
        Ok(())
    }

    /// Counts what is set aside, if that is not what it was: a retry may have emptied it.
    async fn count_refused(&self, known: &mut Option<u64>) {
        let before = *known;
        let counted = self.blocking(move |reader| {
            let refused = RefusedRows::of(reader.folder());
            let bytes = refused.bytes();
            let same = before == Some(bytes);
            Ok((bytes, if same { None } else { Some(refused.count()?) }))
        });
        let Ok((bytes, count)) = counted.await else { return };
        *known = Some(bytes);
        if let Some(count) = count {
            self.board.update_store_health(|record| record.refused_rows = count);
        }
    }

    fn report_recorded(&self, checks: u64, new: u64) {
        self.board.update_store_health(|record| {
            record.recorded += new;
            record.done += checks;
            record.why = None;
            if record.away_since.take().is_some() {
                tracing::info!("Postgres takes the record again");
            }
        });
    }

    pub(super) async fn report_waiting(&self, waiting: &WaitReason, since: Moment) {
        let behind = self.blocking(|reader| reader.behind()).await.unwrap_or(0);
        let error = &*waiting.error;
        self.board.update_store_health(|record| {
            record.waiting_bytes = behind;
            let first = record.away_since.replace(record.away_since.unwrap_or(since)).is_none();
            // The task that connects knows the reason better.
            let known = record.why.is_some() && waiting.why.short == NOT_REACHED;
            let other = !known && record.why.as_ref() != Some(&waiting.why);
            if other {
                record.why = Some(waiting.why.clone());
            }
            if first || other {
                tracing::warn!(%error, "Postgres does not take the record; checks wait in the journal");
            }
        });
    }

    /// The next entries. A change stays with the state after it: another node goes on from there.
    async fn next(&self) -> std::io::Result<Vec<Entry>> {
        self.blocking(|reader| {
            let mut entries = reader.read(MAX_BATCH)?;
            while let Some(Entry::Change(..) | Entry::Origin(_)) = entries.last() {
                let more = reader.read(1)?;
                if more.is_empty() {
                    break;
                }
                entries.extend(more);
            }
            Ok(entries)
        })
        .await
    }

    /// Lets go of what is recorded; where Postgres has several hosts, some time after: a standby that is
    /// promoted may lack the newest of it, which is then sent again.
    async fn release(&self, behind: &mut VecDeque<(Instant, Position)>) -> std::io::Result<()> {
        if !self.several_hosts {
            return self.done().await;
        }
        let here = self.blocking(|reader| Ok(reader.position())).await?;
        behind.push_back((Instant::now(), here));
        let mut old = None;
        while behind.front().is_some_and(|(at, _)| at.elapsed() > KEPT_FOR) {
            old = behind.pop_front();
        }
        let release = move |reader: &mut Reader<Entry>| match old {
            Some((_, position)) => reader.release(position),
            None => Ok(()),
        };
        self.blocking(release).await
    }

    pub(super) async fn done(&self) -> std::io::Result<()> {
        let behind = self.blocking(|reader| reader.done().and_then(|()| reader.behind())).await?;
        self.board.update_store_health(|record| record.waiting_bytes = behind);
        Ok(())
    }

    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Reader<Entry>) -> std::io::Result<T> + Send + 'static,
    ) -> std::io::Result<T> {
        let reader = self.reader.clone();
        let done = tokio::task::spawn_blocking(move || {
            work(&mut reader.lock().unwrap_or_else(PoisonError::into_inner))
        });
        done.await.map_err(std::io::Error::other)?
    }
}

/// Ends some time after the stop.
async fn stop_timeout(stop: &CancellationToken) {
    stop.cancelled().await;
    sleep(STOP_TIMEOUT).await;
}

/// A position that is not noted now can be noted later: entries sent twice are written once.
fn log_release(done: std::io::Result<()>, noted: &mut bool) {
    match done {
        Ok(()) => *noted = true,
        Err(error) if std::mem::replace(noted, false) => tracing::error!(
            %error,
            "the journal cannot note what Postgres has; recording goes on, and so do the tries"
        ),
        Err(_) => {}
    }
}

/// Entries of a batch.
fn to_entries(batch: &Batch) -> impl Iterator<Item = Entry> {
    let checks = batch.checks.iter().map(|check| Entry::Check(Arc::new(check.clone())));
    let changes = batch.changes.iter().cloned().map(|(slug, change)| Entry::Change(slug, change));
    let states = batch.states.iter().cloned().map(|(slug, state)| Entry::State(slug, state));
    checks.chain(changes).chain(states).chain(batch.events.iter().cloned().map(Entry::Event))
}

/// Two batches that are one together; `None` for a single entry.
fn halves(batch: &Batch) -> Option<(Batch, Batch)> {
    let (mut one, mut other) = (batch.clone(), Batch::default());
    // What says that all of it is recorded goes last.
    other.marks = std::mem::take(&mut one.marks);
    if batch.checks.len() + batch.changes.len() + batch.states.len() + batch.events.len() < 2 {
        return None;
    }
    // The first kind that there is is cut in two; the kinds after it go with the second half.
    let empty = [batch.checks.is_empty(), batch.changes.is_empty(), batch.states.is_empty()];
    let first = empty.iter().position(|empty| !empty).unwrap_or(empty.len());
    other.checks = one.checks.split_off(first_half(batch.checks.len(), first == 0));
    other.changes = one.changes.split_off(first_half(batch.changes.len(), first == 1));
    other.states = one.states.split_off(first_half(batch.states.len(), first == 2));
    other.events = one.events.split_off(first_half(batch.events.len(), first == 3));
    Some((one, other))
}

/// Number of rows of a list that are in the first half.
fn first_half(length: usize, is_first: bool) -> usize {
    if is_first { length.div_ceil(2) } else { 0 }
}
