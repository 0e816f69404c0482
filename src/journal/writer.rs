//! Appends to the newest segment, and begins new ones.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    time::Duration,
};

use tokio::time::Instant;

use super::Folder;

/// A segment is closed at this size…
const SEGMENT_BYTES: u64 = 32 * 1024 * 1024;
/// …or this age, so that little is read again after a restart.
const SEGMENT_AGE: Duration = Duration::from_mins(10);

/// Appends lines to the journal. There is one a journal.
#[derive(Debug)]
pub struct Writer {
    folder: Folder,
    limit: u64,
    open: Option<Segment>,
    next: u64,
}

#[derive(Debug)]
struct Segment {
    file: File,
    bytes: u64,
    since: Instant,
}

/// Why lines were not kept.
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
    /// A writer for the folder, which may take so many bytes in all.
    pub fn new(folder: Folder, limit: u64) -> io::Result<Self> {
        let next = folder.segments()?.last().map_or(1, |last| last + 1);
        Ok(Self { folder, limit, open: None, next })
    }

    /// Whether the next append should come with a snapshot, since it begins a segment.
    pub fn wants_snapshot(&self) -> bool {
        let ripe = |s: &Segment| s.bytes >= SEGMENT_BYTES || s.since.elapsed() >= SEGMENT_AGE;
        self.open.as_ref().is_none_or(ripe)
    }

    /// Begins a segment with a snapshot of every site's state, as lines.
    pub fn begin(&mut self, snapshot: &[u8]) -> Result<(), AppendError> {
        self.check_limit(snapshot.len() as u64)?;
        // Under another name until the snapshot is whole: a reader never meets half of one.
        let draft = self.folder.path().join("next.draft");
        let mut file = OpenOptions::new().create(true).write(true).truncate(true).open(&draft)?;
        file.write_all(snapshot)?;
        file.sync_data()?;
        fs::rename(&draft, self.folder.segment(self.next))?;
        self.next += 1;
        self.open = Some(Segment { file, bytes: snapshot.len() as u64, since: Instant::now() });
        Ok(())
    }

    /// Appends whole lines. After an error none of them is in the journal.
    pub fn append(&mut self, lines: &[u8]) -> Result<(), AppendError> {
        self.check_limit(lines.len() as u64)?;
        let Some(segment) = &mut self.open else {
            return Err(io::Error::other("no segment was begun").into());
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

    fn check_limit(&self, more: u64) -> Result<(), AppendError> {
        let open = self.open.as_ref().map_or(0, |segment| segment.bytes);
        // Only a look at the folder tells what the recorder has let go of; while one segment is
        // all there is, it need not be looked at.
        if open + more < self.limit / 2 && self.next <= 2 {
            return Ok(());
        }
        if self.folder.bytes()? + more > self.limit {
            return Err(AppendError::Full(self.limit));
        }
        Ok(())
    }
}

impl Folder {
    /// Bytes that all segments take.
    pub fn bytes(&self) -> io::Result<u64> {
        let sizes = self.segments()?.into_iter().map(|n| fs::metadata(self.segment(n)));
        // A segment may be let go of between the two looks.
        Ok(sizes.filter_map(Result::ok).map(|m| m.len()).sum())
    }
}
