//! Lines of JSON into the record, in batches, as the recorder writes them: what is there already stays as it
//! is, so an import can be repeated, whole or from where it ended.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Seek, SeekFrom},
    path::PathBuf,
};

use anyhow::{Context, Result, anyhow, bail};
use serde::{Deserialize, Serialize};

use super::{Bookmark, Done, OpenRecord, ProgressFn, line::ArchiveLine};
use crate::{
    config::Config,
    store::{Batch, BatchResult, Store, StoreError},
};
use prober::clock::Clock;

/// Lines of one batch.
const MAX_BATCH: usize = 1_000;
/// Bytes that a line may have.
const MAX_LINE: u64 = 64 * 1024;

/// Source of an import.
#[derive(Clone, Debug)]
pub struct Import {
    /// The file.
    pub file: PathBuf,
    /// True to go on where an earlier one ended.
    pub resume: bool,
}

/// Position up to which lines are in the record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct ImportPosition {
    bytes: u64,
    line: u64,
}

/// Reads a file into the record, and makes the rollups of the new rows; returns the number of
/// these.
///
/// # Errors
/// Fails when the file cannot be read, a line is wrong (it is named), or the record cannot be
/// written. Lines before it are in the record; `resume` continues from there.
pub async fn import(config: &Config, asked: &Import, told: ProgressFn<'_>) -> Result<BatchResult> {
    let open = OpenRecord::new(config).await?;
    let done = read(&open.store, asked, told).await;
    if done.is_ok() {
        sum(&open.store).await?;
    }
    open.close().await?;
    done
}

async fn read(store: &Store, asked: &Import, told: ProgressFn<'_>) -> Result<BatchResult> {
    let path = asked.file.display();
    let file = File::open(&asked.file).with_context(|| format!("{path} cannot be read"))?;
    let of = file.metadata()?.len();
    let bookmark = Bookmark::beside(&asked.file);
    let place: ImportPosition =
        if asked.resume { bookmark.read()? } else { None }.unwrap_or_default();
    if place.bytes > of {
        bail!("{path} is shorter than what was read of it; start again without --resume");
    }
    let mut lines = LineReader::new(file, place)?;
    let mut new = BatchResult::default();
    loop {
        let (batch, wrong) = lines.batch();
        let ends = batch.is_empty();
        if !ends {
            let recorded = store.record(&batch).await?;
            new.checks += recorded.checks;
            new.changes += recorded.changes;
            bookmark.write(&lines.place)?;
            told(Done { done: lines.place.bytes, of, checks: new.checks });
        }
        wrong.with_context(|| path.to_string())?;
        if ends {
            break;
        }
    }
    bookmark.remove();
    Ok(new)
}

/// Makes the sums of what was imported, unless a service is at it: then it does.
async fn sum(store: &Store) -> Result<()> {
    loop {
        match store.roll_up(Clock::system().now()).await {
            Ok(summed) if summed.more => {}
            Ok(_) | Err(StoreError::Busy) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// The lines of a file.
struct LineReader {
    reader: BufReader<File>,
    /// Position after the last good line.
    place: ImportPosition,
}

/// One line read from a file.
struct Next {
    line: Result<ArchiveLine, String>,
    /// Its number, from 1 on.
    number: u64,
    /// Position after it.
    after: ImportPosition,
}

impl LineReader {
    fn new(mut file: File, place: ImportPosition) -> Result<Self> {
        file.seek(SeekFrom::Start(place.bytes))?;
        Ok(Self { reader: BufReader::new(file), place })
    }

    /// The next lines, up to a wrong one, and the error of that one.
    fn batch(&mut self) -> (Batch, Result<()>) {
        let (mut batch, now) = (Batch::default(), Clock::system().now());
        while batch.checks.len() + batch.changes.len() < MAX_BATCH {
            let next = match self.next() {
                Ok(Some(next)) => next,
                Ok(None) => break,
                Err(error) => return (batch, Err(error)),
            };
            match next.line.and_then(|line| line.in_time(now)) {
                Ok(ArchiveLine::Check(check)) => batch.checks.push(check),
                Ok(ArchiveLine::Change(line)) => batch.changes.push((line.slug, line.change)),
                Err(why) => return (batch, Err(anyhow!("line {}: {why}", next.number))),
            }
            self.place = next.after;
        }
        (batch, Ok(()))
    }

    fn next(&mut self) -> Result<Option<Next>> {
        let (mut text, mut after) = (Vec::new(), self.place.clone());
        while text.trim_ascii().is_empty() {
            text.clear();
            let read = self.reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut text)?;
            if read == 0 {
                return Ok(None);
            }
            after.bytes += read as u64;
            after.line += 1;
        }
        Ok(Some(Next { line: ArchiveLine::read(&text), number: after.line, after }))
    }
}
