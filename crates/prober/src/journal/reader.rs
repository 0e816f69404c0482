//! Reads the segments in order, and removes those that are recorded.

use std::{
    fmt::Display,
    fs::{self, File},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    marker::PhantomData,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Folder, MAX_BATCH};

/// Bytes of a line at most; no line of ours is nearly as long, and a damaged file may hold no end of
/// one.
const MAX_LINE: u64 = 16 * 1024 * 1024;

/// A place in the journal: everything before it is in Postgres.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The number of a segment.
    pub segment: u64,
    /// Bytes into it.
    pub offset: u64,
}

/// Reads entries of one kind in order. Unparsable lines are skipped; each run of them is logged
/// once.
#[derive(Debug)]
pub struct Reader<T> {
    folder: Folder,
    position: Position,
    open: Option<BufReader<File>>,
    skipped: SkippedLines,
    entries: PhantomData<fn() -> T>,
}

/// Unparsable lines being skipped.
#[derive(Debug, Default)]
struct SkippedLines {
    /// Lines one after the other.
    lines: u64,
    /// True if what comes next is the rest of a line.
    inside: bool,
}

impl<T: DeserializeOwned> Reader<T> {
    /// A reader that begins where the last one released.
    pub fn resume(folder: Folder) -> io::Result<Self> {
        let saved = match fs::read(folder.path().join("recorded.json")) {
            Ok(text) => serde_json::from_slice(&text).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Position::default(),
            Err(error) => return Err(error),
        };
        // The segment of a place stays until the next place is noted: without it, this is the place
        // of another journal, or none.
        let is_past_all = folder.segments()?.last().is_none_or(|last| saved.segment > *last);
        Ok(Self::at(folder, if is_past_all { Position::default() } else { saved }))
    }

    /// Starts again where the last reader released: entries read since are dropped.
    pub fn rewind(&mut self) -> io::Result<()> {
        *self = Self::resume(self.folder.clone())?;
        Ok(())
    }

    /// The place of the next entry.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Goes back to a position that it was at, and that is not released.
    pub fn go_to(&mut self, position: Position) {
        *self = Self::at(self.folder.clone(), position);
    }

    /// The folder that it reads.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    pub(super) fn at(folder: Folder, position: Position) -> Self {
        Self {
            folder,
            position,
            open: None,
            skipped: SkippedLines::default(),
            entries: PhantomData,
        }
    }

    /// Up to about `most` next entries; none when all there is has been read.
    pub fn read(&mut self, most: usize) -> io::Result<Vec<T>> {
        let mut entries = Vec::new();
        while entries.len() < most {
            if self.open.is_none() && !self.open_segment()? {
                break;
            }
            if !self.read_lines(most, &mut entries)? {
                // The end of this segment; there is more only if another one follows.
                let later =
                    self.folder.segments()?.into_iter().find(|n| *n > self.position.segment);
                let Some(later) = later else { break };
                // Lines appended between the two reads must not be skipped.
                if self.read_lines(most, &mut entries)? {
                    break;
                }
                self.position = Position { segment: later, offset: 0 };
                self.open = None;
            }
        }
        Ok(entries)
    }

    /// Gives all that is there to `take`, one by one.
    pub(super) fn read_all(mut self, mut take: impl FnMut(T)) -> io::Result<()> {
        loop {
            let entries = self.read(MAX_BATCH)?;
            if entries.is_empty() {
                return Ok(());
            }
            entries.into_iter().for_each(&mut take);
        }
    }

    /// Notes on disk that everything read so far is in Postgres, and removes older segments.
    pub fn done(&mut self) -> io::Result<()> {
        self.release(self.position)
    }

    /// The same for everything before a place that it has read on from.
    pub fn release(&mut self, position: Position) -> io::Result<()> {
        // First, since that makes room on a full disk; a reader that resumes at a removed segment
        // goes on with the next one.
        for old in self.folder.segments()?.into_iter().filter(|n| *n < position.segment) {
            fs::remove_file(self.folder.segment(old))?;
        }
        let draft = self.folder.path().join("recorded.draft");
        fs::write(&draft, serde_json::to_vec(&position)?)?;
        fs::rename(&draft, self.folder.path().join("recorded.json"))
    }

    /// Bytes that have not been read yet.
    pub fn behind(&self) -> io::Result<u64> {
        let later = self.folder.segments()?.into_iter().filter(|n| *n >= self.position.segment);
        let sizes = later.filter_map(|n| fs::metadata(self.folder.segment(n)).ok());
        Ok(sizes.map(|m| m.len()).sum::<u64>().saturating_sub(self.position.offset))
    }

    /// Opens the segment at the position, or the first one after it.
    fn open_segment(&mut self) -> io::Result<bool> {
        let found = self.folder.segments()?.into_iter().find(|n| *n >= self.position.segment);
        let Some(number) = found else { return Ok(false) };
        if number != self.position.segment {
            self.position = Position { segment: number, offset: 0 };
        }
        let mut file = File::open(self.folder.segment(number))?;
        file.seek(SeekFrom::Start(self.position.offset))?;
        self.skipped.inside = false;
        self.open = Some(BufReader::with_capacity(256 * 1024, file));
        Ok(true)
    }

    /// Reads whole lines; returns whether `most` stopped it rather than the end of the file.
    fn read_lines(&mut self, most: usize, entries: &mut Vec<T>) -> io::Result<bool> {
        let Some(file) = &mut self.open else { return Ok(false) };
        let mut line = Vec::new();
        while entries.len() < most {
            line.clear();
            let read = file.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)? as u64;
            let whole = line.ends_with(b"\n");
            if !whole && read < MAX_LINE {
                // Nothing, or a line that is still being written: come back to its beginning.
                file.seek(SeekFrom::Start(self.position.offset))?;
                return Ok(false);
            }
            self.position.offset += read;
            // A piece of a line that is too long is no line, nor is what is left of it.
            let rest = std::mem::replace(&mut self.skipped.inside, !whole);
            match serde_json::from_slice(&line) {
                _ if rest => {} // It was logged already.
                Ok(entry) if whole => {
                    self.skipped.end();
                    entries.push(entry);
                }
                Ok(_) => self.skipped.note(self.position, &"it is too long"),
                Err(error) => self.skipped.note(self.position, &error),
            }
        }
        Ok(true)
    }
}

impl SkippedLines {
    /// Logs the first of a run alone: a damaged file may hold a million.
    fn note(&mut self, at: Position, why: &dyn Display) {
        if self.lines == 0 {
            let Position { segment, offset } = at;
            let text = "a line of the journal cannot be read and is skipped";
            tracing::error!(segment, offset, error = %why, "{text}");
        }
        self.lines += 1;
    }

    fn end(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        if lines > 1 {
            tracing::error!(lines, "lines of the journal that could not be read");
        }
    }
}
