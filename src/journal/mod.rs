//! The journal: what was judged, on disk, until Postgres has it.
//!
//! A folder of segments, each a file of JSON lines. The pipeline appends ([`Writer`]) before
//! anybody sees a verdict; the recorder follows ([`Reader`]) and lets go of what Postgres has.
//! So there is one way to the record, whether Postgres is well, slow or away, and `kill -9` at any
//! moment loses nothing: a line that was written is read again, and writing it to Postgres twice
//! is harmless. A whole `write` survives the death of the process; after a power cut the last line
//! may be torn, and is then dropped.
//!
//! Every segment begins with the state of every site, so that older ones are never needed to know
//! how the sites are. The journal is bounded in bytes: past that, an append is refused in words.

mod entry;
mod reader;
mod rejected;
mod writer;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

pub use entry::Entry;
pub use reader::{Position, Reader};
pub use rejected::{Refusal, Rejected};
pub use writer::{AppendError, Writer};

/// Entries in memory at once, when all are gone through: a journal may be far larger than memory.
const AT_ONCE: usize = 1_000;

/// The journal's folder.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Opens the folder, which is made if it is missing.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    /// Every entry that is still there, oldest first, given to `take` one by one.
    pub fn replay(&self, mut take: impl FnMut(Entry)) -> io::Result<()> {
        let Some(first) = self.segments()?.into_iter().next() else { return Ok(()) };
        let mut reader = Reader::at(self.clone(), Position { segment: first, offset: 0 });
        loop {
            let entries = reader.read(AT_ONCE)?;
            if entries.is_empty() {
                return Ok(());
            }
            entries.into_iter().for_each(&mut take);
        }
    }

    /// How many checks wait for Postgres.
    pub fn waiting(&self) -> io::Result<u64> {
        let mut reader = Reader::resume(self.clone())?;
        let mut checks = 0;
        loop {
            let entries = reader.read(AT_ONCE)?;
            if entries.is_empty() {
                return Ok(checks);
            }
            checks +=
                entries.iter().filter(|entry| matches!(entry, Entry::Check(_))).count() as u64;
        }
    }

    /// The numbers of the segments, oldest first.
    fn segments(&self) -> io::Result<Vec<u64>> {
        let mut numbers = Vec::new();
        for file in fs::read_dir(&self.0)? {
            let name = file?.file_name();
            let number: Option<u64> =
                name.to_str().and_then(|n| n.strip_suffix(".jsonl")?.parse().ok());
            numbers.extend(number);
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn segment(&self, number: u64) -> PathBuf {
        self.0.join(format!("{number:012}.jsonl"))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

#[cfg(test)]
mod tests;
