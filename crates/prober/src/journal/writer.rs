//! Appends to the newest segment, and begins new ones.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::PathBuf,
    time::Duration,
};

use tokio::time::Instant;

use super::Folder;

/// A segment is closed when so much came after its snapshot…
const SEGMENT_BYTES: u64 = 32 * 1024 * 1024;
/// …and this multiple of the snapshot itself, since a snapshot goes to Postgres as the checks do…
const SNAPSHOT_MULTIPLE: u64 = 4;
/// …or this part of what all may take, since only whole segments are let go of…
const LIMIT_FRACTION: u64 = 4;
/// …or twice that where a snapshot alone is more…
const LARGE_FRACTION: u64 = 2;
/// …or this age, so that little is read again after a restart.
const SEGMENT_AGE: Duration = Duration::from_mins(10);
/// Wait after a failed snapshot before the next one.
const SNAPSHOT_RETRY: Duration = Duration::from_secs(30);

/// Appends lines to the journal. There is one a journal.
#[derive(Debug)]
pub struct Writer {
    folder: Folder,
    limit: u64,
    open: Option<Segment>,
    /// A segment whose snapshot is not complete yet.
    draft: Option<Segment>,
    next: u64,
    /// Bytes of the snapshots that it wrote, by segment.
    snapshots: HashMap<u64, u64>,
    /// Time of the last failed snapshot.
    failed: Option<Instant>,
}

#[derive(Debug)]
struct Segment {
    file: File,
    bytes: u64,
    snapshot: u64,
    since: Instant,
}

/// Reason why lines were not kept.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The journal has reached its limit: Postgres has been away for too long.
    #[error("the journal has reached its limit of {0} bytes")]
    Full(u64),
    /// The disk refused.
    #[error("the journal cannot be written: {0}")]
    Disk(#[from] io::Error),
}

impl Writer {
    /// A writer for the folder, limited to this many bytes beside the snapshots that it writes, which are as large
    /// as there are sites.
    pub fn new(folder: Folder, limit: u64) -> io::Result<Self> {
        let next = folder.segments()?.last().map_or(1, |last| last + 1);
        let snapshots = HashMap::new();
        Ok(Self { folder, limit, open: None, draft: None, next, snapshots, failed: None })
    }

    /// Returns whether it is time to begin a segment with a snapshot, before the next append.
    pub fn wants_snapshot(&self) -> bool {
        let ripe = |segment: &Segment| {
            let since = segment.bytes - segment.snapshot;
            let enough = SEGMENT_BYTES
                .max(segment.snapshot * SNAPSHOT_MULTIPLE)
                .min(self.limit / LIMIT_FRACTION)
                .max(segment.snapshot)
                .min(self.limit / LARGE_FRACTION);
            since >= enough || segment.since.elapsed() >= SEGMENT_AGE
        };
        let patient = self.failed.is_some_and(|since| since.elapsed() < SNAPSHOT_RETRY);
        self.is_gone() || self.open.as_ref().is_none_or(|segment| !patient && ripe(segment))
    }

    /// Returns whether the newest segment was removed, with its folder or alone: nobody reads what is added to it.
    fn is_gone(&self) -> bool {
        self.open.is_some() && matches!(self.folder.segment(self.next - 1).try_exists(), Ok(false))
    }

    /// Begins a segment, under another name until its snapshot is whole: a reader never meets half
    /// of one, and appends go to the segment before until then.
    pub fn begin_snapshot(&mut self) -> Result<(), AppendError> {
        if self.is_gone() {
            tracing::error!("the journal was removed; it begins anew, without what waited in it");
            self.open = None;
        }
        if self.open.is_none()
            && let Err(error) = fs::create_dir(self.folder.path())
            && error.kind() != io::ErrorKind::AlreadyExists
        {
            return Err(error.into());
        }
        let file = OpenOptions::new().create(true).write(true).truncate(true).open(self.draft())?;
        self.draft = Some(Segment { file, bytes: 0, snapshot: 0, since: Instant::now() });
        Ok(())
    }

    /// Adds lines to the snapshot.
    pub fn add_to_snapshot(&mut self, lines: &[u8]) -> Result<(), AppendError> {
        let draft = self.draft.as_mut().ok_or_else(nothing_begun)?;
        draft.file.write_all(lines)?;
        draft.bytes += lines.len() as u64;
        draft.snapshot = draft.bytes;
        Ok(())
    }

    /// Ends the snapshot: the segment is the newest one from now on.
    pub fn end_snapshot(&mut self) -> Result<(), AppendError> {
        let draft = self.draft.take().ok_or_else(nothing_begun)?;
        let segments = self.folder.segments()?;
        self.snapshots.retain(|number, _| segments.contains(number));
        // When only the newest segment is left, the recorder can let go of it once there is another.
        if segments.len() > 1 {
            self.check_limit(self.snapshots.values().sum::<u64>() + draft.bytes)?;
        }
        draft.file.sync_data()?;
        fs::rename(self.draft(), self.folder.segment(self.next))?;
        self.snapshots.insert(self.next, draft.snapshot);
        self.next += 1;
        self.open = Some(draft);
        self.failed = None;
        Ok(())
    }

    /// Takes a snapshot back that failed with this error. What it took of the disk is free again
    /// for appends, which go on in the segment before; the next snapshot is tried a while later.
    /// Without a segment before, appends have nowhere to go, and the error is given back.
    pub fn give_up_snapshot(&mut self, error: AppendError) -> Result<(), AppendError> {
        self.draft = None;
        // If it cannot be removed, the next draft is written over it.
        let _ = fs::remove_file(self.draft());
        self.failed = Some(Instant::now());
        if self.open.is_none() {
            return Err(error);
        }
        tracing::warn!(%error, "a snapshot cannot be written; the journal goes on without it");
        Ok(())
    }

    /// Appends whole lines. After an error none of them is in the journal.
    pub fn append(&mut self, lines: &[u8]) -> Result<(), AppendError> {
        self.check_limit(lines.len() as u64)?;
        let Some(segment) = &mut self.open else {
            return Err(nothing_begun().into());
        };
        if let Err(error) = segment.file.write_all(lines) {
            // Part of them may have been written. Take it back, and never add to a torn line.
            let whole = segment.file.set_len(segment.bytes);
            let back = io::Seek::seek(&mut segment.file, io::SeekFrom::Start(segment.bytes));
            if whole.is_err() || back.is_err() {
                self.open = None;
            }
            return Err(error.into());
        }
        segment.bytes += lines.len() as u64;
        Ok(())
    }

    fn draft(&self) -> PathBuf {
        self.folder.path().join("next.draft")
    }

    /// Returns an error where so many more bytes are past the limit.
    pub fn check_limit(&self, more: u64) -> Result<(), AppendError> {
        let open = self.open.as_ref().map_or(0, |segment| segment.bytes - segment.snapshot);
        // Only the folder shows what the recorder has released; while there is only one segment, it
        // need not be read.
        if open + more < self.limit / 2 && self.next <= 2 {
            return Ok(());
        }
        let beside = |number| self.snapshots.get(&number).copied().unwrap_or(0);
        let sizes = self.folder.sizes()?;
        let kept: u64 = sizes.map(|(number, bytes)| bytes.saturating_sub(beside(number))).sum();
        if kept + more > self.limit {
            return Err(AppendError::Full(self.limit));
        }
        Ok(())
    }
}

fn nothing_begun() -> io::Error {
    io::Error::other("no segment was begun")
}

impl Folder {
    /// Bytes that all segments take.
    pub fn bytes(&self) -> io::Result<u64> {
        Ok(self.sizes()?.map(|(_, bytes)| bytes).sum())
    }

    /// The number of each segment, and the bytes that it takes.
    fn sizes(&self) -> io::Result<impl Iterator<Item = (u64, u64)>> {
        // A segment may be removed between the two reads.
        let size = |n| Some((n, fs::metadata(self.segment(n)).ok()?.len()));
        Ok(self.segments()?.into_iter().filter_map(size))
    }
}
