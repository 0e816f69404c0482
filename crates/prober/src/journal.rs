//! The journal: entries of one kind on disk, until the recorder is done with them.
//!
//! A folder of segments, each a file of JSON lines. The pipeline appends ([`Writer`]) before a
//! verdict is shown; the recorder follows ([`Reader`]) and releases what Postgres has. So there is
//! one path to the record, whether Postgres is well, slow or away, and `kill -9` at any moment
//! loses nothing: a line that was written is read again, and writing it to Postgres twice is
//! harmless. A whole `write` survives the death of the process; after a power cut the last line may
//! be torn, and is then dropped.
//!
//! Every segment begins with the state of every site, so that older ones are never needed to
//! restore it. The journal is bounded in bytes: past that, an append is refused with an error.

mod reader;
mod writer;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};

pub use reader::{Position, Reader};
pub use writer::{AppendError, Writer};

/// Entries in memory at once, when all are gone through: a journal may be far larger than memory.
const MAX_BATCH: usize = 1_000;

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
    pub fn replay<T: DeserializeOwned>(&self, take: impl FnMut(T)) -> io::Result<()> {
        let Some(first) = self.segments()?.into_iter().next() else { return Ok(()) };
        Reader::at(self.clone(), Position { segment: first, offset: 0 }).read_all(take)
    }

    /// Number of entries of this kind that are not released yet.
    pub fn waiting<T: DeserializeOwned>(&self, counts: impl Fn(&T) -> bool) -> io::Result<u64> {
        let mut waiting = 0;
        Reader::resume(self.clone())?.read_all(|entry| waiting += u64::from(counts(&entry)))?;
        Ok(waiting)
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

    /// Path of the folder.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// Adds an entry to a buffer, as a line.
pub fn write_line(entry: &impl Serialize, buffer: &mut Vec<u8>) {
    // Writing plain data to memory cannot fail; if it did, the half line would be dropped.
    let begin = buffer.len();
    match serde_json::to_writer(&mut *buffer, entry) {
        Ok(()) => buffer.push(b'\n'),
        Err(_) => buffer.truncate(begin),
    }
}

#[cfg(test)]
mod tests;
