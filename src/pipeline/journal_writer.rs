//! Keeps entries in the journal. While the disk takes nothing they wait in memory, up to a bound.
//! Entries beyond it are refused with an error, and made up for as far as possible once there is
//! room again. At the end, those that no disk has are handed to the recorder.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::timeout};

use crate::pipeline::judge::Judge;
use crate::{board::Board, pipeline::Entry};
use model::{
    moment::Moment,
    name::Slug,
    verdict::{Change, Withdrawn},
};
use prober::journal::{AppendError, Writer, write_line};

/// Bytes of a snapshot that are written at once.
const MAX_WRITE: usize = 256 * 1024;

/// Bytes of entries that wait in memory at most, which are some 20,000 checks.
const MAX_HELD: usize = 8 * 1024 * 1024;

/// Bytes of an entry, as a rule; a check of an agent is two.
const ENTRY_BYTES: usize = 240;

/// Fate of entries that were to be kept, the better first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kept {
    /// The journal on disk has them.
    OnDisk,
    /// They wait in memory, where an end of this process would lose them.
    InMemory,
    /// There is no room for them.
    Nowhere,
}

/// Whole lines that the disk would not take, in memory until it does.
#[derive(Debug, Default)]
struct HeldLines {
    lines: Arc<Vec<u8>>,
    checks: u64,
}

/// Signal and lines that the journal writer hands to the recorder.
#[derive(Debug, Default)]
pub struct Handover {
    news: Notify,
    /// Whole lines that the disk did not take.
    left: Mutex<Vec<u8>>,
}

impl Handover {
    /// Says that there is something new in the journal.
    pub(super) fn tell(&self) {
        self.news.notify_one();
    }

    /// Waits for something new, but no longer than this; false when there was nothing.
    pub(super) async fn news(&self, patience: Duration) -> bool {
        timeout(patience, self.news.notified()).await.is_ok()
    }

    /// Leaves lines that are in no journal, at the end.
    pub(super) fn leave(&self, lines: Vec<u8>) {
        *self.left.lock().unwrap_or_else(PoisonError::into_inner) = lines;
    }

    /// Takes what was left.
    pub(super) fn take(&self) -> Vec<Entry> {
        let lines = std::mem::take(&mut *self.left.lock().unwrap_or_else(PoisonError::into_inner));
        let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.filter_map(|line| serde_json::from_slice(line).ok()).collect()
    }
}

/// Writer of the pipeline's entries.
#[derive(Debug)]
pub struct JournalWriter {
    writer: Arc<Mutex<Writer>>,
    written: Arc<Handover>,
    held: HeldLines,
    refusing: bool,
    /// Sites with a change that could not be kept, and the verdict that it withdrew.
    unsaved: HashMap<Slug, Option<Withdrawn>>,
}

impl JournalWriter {
    /// A writer that signals the recorder through `written`.
    pub fn new(writer: Writer, written: Arc<Handover>) -> Self {
        let writer = Arc::new(Mutex::new(writer));
        let held = HeldLines::default();
        Self { writer, written, held, refusing: false, unsaved: HashMap::new() }
    }

    /// Keeps entries, in memory while the disk takes nothing; or reports on the board and in the
    /// log that they are refused.
    pub(super) async fn keep(
        &mut self,
        entries: &[Entry],
        judging: &Judge,
        board: &Board,
        now: Moment,
    ) -> Kept {
        let mut lines = Vec::with_capacity(entries.len() * ENTRY_BYTES);
        self.make_up(judging, now, &mut lines);
        for entry in entries {
            write_line(entry, &mut lines);
        }
        let lines = Arc::new(lines);
        let kept = match self.write(&lines, judging).await {
            Ok(()) => {
                self.kept(entries, board);
                Kept::OnDisk
            }
            Err(AppendError::Disk(error)) if self.held.lines.len() + lines.len() <= MAX_HELD => {
                self.hold(&lines, entries, &error, board, now);
                Kept::InMemory
            }
            Err(error) => {
                self.refused(entries, &error, board, now);
                Kept::Nowhere
            }
        };
        self.written.tell();
        kept
    }

    /// Returns whether what comes of so many more reports can be expected to find room on disk. Where it
    /// did not lately, what waits in memory is tried first.
    pub(super) async fn has_room(&mut self, reports: usize, judging: &Judge) -> bool {
        if self.is_on_disk() {
            return true;
        }
        if !self.held.lines.is_empty() && self.write(&Arc::default(), judging).await.is_err() {
            return false;
        }
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.check_limit((2 * reports * ENTRY_BYTES) as u64).is_ok()
    }

    /// True while the disk has every entry that was to be kept.
    pub(super) fn is_on_disk(&self) -> bool {
        self.held.lines.is_empty() && !self.refusing
    }

    /// Writes what is held, then these.
    async fn write(&mut self, lines: &Arc<Vec<u8>>, judging: &Judge) -> Result<(), AppendError> {
        if self.writer.lock().unwrap_or_else(PoisonError::into_inner).wants_snapshot() {
            // A snapshot can wait; entries cannot.
            if let Err(error) = self.snapshot(judging).await {
                self.blocking(|writer| writer.give_up_snapshot(error)).await?;
            }
        }
        if !self.held.lines.is_empty() {
            let held = self.held.lines.clone();
            self.blocking(move |writer| writer.append(&held)).await?;
            tracing::info!(checks = self.held.checks, "the journal has what waited in memory");
            self.held = HeldLines::default();
        }
        let lines = lines.clone();
        self.blocking(move |writer| writer.append(&lines)).await
    }

    fn hold(
        &mut self,
        lines: &[u8],
        entries: &[Entry],
        error: &std::io::Error,
        board: &Board,
        now: Moment,
    ) {
        if self.held.lines.is_empty() {
            tracing::error!(%error, "the journal cannot be written; checks wait in memory");
        }
        Arc::make_mut(&mut self.held.lines).extend_from_slice(lines);
        self.held.checks += checks(entries);
        // What was to be made up for is among the lines.
        self.unsaved.clear();
        board.update_store_health(|record| {
            record.kept += checks(entries);
            record.held_since.get_or_insert(now);
        });
    }

    /// Begins a segment with what is remembered of all sites, in pieces: memory stays flat.
    async fn snapshot(&self, judging: &Judge) -> Result<(), AppendError> {
        self.blocking(Writer::begin_snapshot).await?;
        let mut piece = Vec::new();
        for entry in judging.snapshot() {
            write_line(&entry, &mut piece);
            if piece.len() >= MAX_WRITE {
                let lines = std::mem::take(&mut piece);
                self.blocking(move |writer| writer.add_to_snapshot(&lines)).await?;
            }
        }
        self.blocking(move |writer| writer.add_to_snapshot(&piece)).await?;
        self.blocking(Writer::end_snapshot).await
    }

    /// Runs disk work on a thread where it holds up no other task.
    async fn blocking(
        &self,
        work: impl FnOnce(&mut Writer) -> Result<(), AppendError> + Send + 'static,
    ) -> Result<(), AppendError> {
        let writer = self.writer.clone();
        let done = tokio::task::spawn_blocking(move || {
            work(&mut writer.lock().unwrap_or_else(PoisonError::into_inner))
        });
        done.await.unwrap_or_else(|gone| Err(std::io::Error::other(gone).into()))
    }

    /// Ends it: lines that the disk still does not take go directly to Postgres, if that is there.
    pub(super) async fn end(mut self, judging: &Judge) {
        if self.held.lines.is_empty() {
            return;
        }
        if let Err(error) = self.write(&Arc::default(), judging).await {
            let checks = self.held.checks;
            tracing::warn!(%error, checks, "the journal is still full: what waits in memory is for Postgres");
            self.written.leave(Arc::unwrap_or_clone(std::mem::take(&mut self.held.lines)));
        }
    }

    fn kept(&mut self, entries: &[Entry], board: &Board) {
        self.unsaved.clear();
        let again = std::mem::take(&mut self.refusing);
        if again {
            tracing::info!("checks are kept again");
        }
        board.update_store_health(|record| {
            record.kept += checks(entries);
            record.held_since = None;
            if again {
                record.refusing = None;
            }
        });
    }

    fn refused(&mut self, entries: &[Entry], error: &AppendError, board: &Board, now: Moment) {
        for entry in entries {
            if let Entry::Change(slug, change) = entry {
                let taken_back = self.unsaved.entry(slug.clone()).or_default();
                *taken_back = taken_back.take().or_else(|| change.withdrawn.clone());
            }
        }
        if !std::mem::replace(&mut self.refusing, true) {
            tracing::error!(%error, "checks cannot be kept and are refused; the board goes on");
        }
        board.update_store_health(|record| {
            record.refused += checks(entries);
            record.refusing.get_or_insert(now);
        });
    }

    /// Verdicts in force of sites whose change was refused: the record has a gap there, and
    /// continues from the truth.
    fn make_up(&self, judging: &Judge, now: Moment, lines: &mut Vec<u8>) {
        for (slug, withdrawn) in &self.unsaved {
            let Some(state) = judging.state(slug) else { continue };
            let change = Change {
                at: now,
                from: state.verdict.since.unwrap_or(now),
                verdict: state.verdict.clone(),
                outages: state.outage.clone().into_iter().collect(),
                withdrawn: withdrawn.clone(),
                outages_only: false,
            };
            write_line(&Entry::Change(slug.clone(), change), lines);
            write_line(&Entry::State(slug.clone(), state.clone()), lines);
        }
    }
}

fn checks(entries: &[Entry]) -> u64 {
    entries.iter().filter(|entry| entry.check().is_some()).count() as u64
}
