//! Lines into the record, in batches, as the recorder writes them: what is there already stays as it
//! is, so an import can be repeated, whole or from where it ended.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Seek, SeekFrom},
    path::PathBuf,
};

use anyhow::{Context, Result, anyhow};
use serde::{Deserialize, Serialize};

use super::{
    Bookmark, Done, Open, Told,
    line::{CheckLine, Format, Line},
};
use crate::{
    clock::Clock,
    config::Config,
    store::{Batch, Recorded, Store, StoreError},
};

/// Lines of one batch.
const BATCH: usize = 1_000;
/// Bytes that a line may have.
const LONGEST: u64 = 64 * 1024;

/// What is to be read.
#[derive(Clone, Debug)]
pub struct Import {
    /// How it is written.
    pub format: Format,
    /// The file.
    pub file: PathBuf,
    /// Whether to go on where an earlier one ended.
    pub resume: bool,
}

/// What is in the record already.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Place {
    bytes: u64,
    line: u64,
}

/// Reads a file into the record, and makes the sums of what was new; gives what was.
///
/// # Errors
/// When the file cannot be read, a line is wrong (it is named), or the record cannot be written.
/// What came before is in the record; `resume` goes on from there.
pub async fn import(config: &Config, asked: &Import, told: Told<'_>) -> Result<Recorded> {
    let open = Open::new(config).await?;
    let done = read(&open.store, asked, told).await;
    if done.is_ok() {
        sum(&open.store).await?;
    }
    open.close().await?;
    done
}

async fn read(store: &Store, asked: &Import, told: Told<'_>) -> Result<Recorded> {
    let path = asked.file.display();
    let mut file = File::open(&asked.file).with_context(|| format!("{path} cannot be read"))?;
    let of = file.metadata()?.len();
    let bookmark = Bookmark::beside(&asked.file);
    let place: Place = if asked.resume { bookmark.read()? } else { None }.unwrap_or_default();
    let mut lines = Lines::new(asked.format, &mut file, place)?;
    let mut new = Recorded::default();
    loop {
        let (batch, place) = lines.batch().with_context(|| path.to_string())?;
        if batch.is_empty() {
            break;
        }
        let recorded = store.record(&batch).await?;
        new.checks += recorded.checks;
        new.changes += recorded.changes;
        bookmark.write(&place)?;
        told(Done { done: place.bytes, of, checks: new.checks });
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
enum Lines<'a> {
    Jsonl(BufReader<&'a mut File>, Place),
    Csv(csv::Reader<&'a mut File>),
}

impl<'a> Lines<'a> {
    fn new(format: Format, file: &'a mut File, place: Place) -> Result<Self> {
        if format == Format::Jsonl {
            file.seek(SeekFrom::Start(place.bytes))?;
            return Ok(Self::Jsonl(BufReader::new(file), place));
        }
        let mut reader = csv::Reader::from_reader(file);
        reader.headers()?;
        if place.bytes > 0 {
            let mut position = csv::Position::new();
            position.set_byte(place.bytes).set_line(place.line);
            reader.seek(position)?;
        }
        Ok(Self::Csv(reader))
    }

    /// The next lines, and the place after them.
    fn batch(&mut self) -> Result<(Batch, Place)> {
        let mut batch = Batch::default();
        match self {
            Self::Jsonl(reader, place) => {
                let mut text = Vec::new();
                while batch.checks.len() + batch.changes.len() < BATCH {
                    text.clear();
                    let read = reader.by_ref().take(LONGEST).read_until(b'\n', &mut text)?;
                    if read == 0 {
                        break;
                    }
                    place.bytes += read as u64;
                    place.line += 1;
                    if text.trim_ascii().is_empty() {
                        continue;
                    }
                    match Line::read(&text).map_err(|why| wrong(place.line, &why))? {
                        Line::Check(check) => batch.checks.push(check),
                        Line::Change(line) => batch.changes.push((line.slug, line.change)),
                    }
                }
                Ok((batch, place.clone()))
            }
            Self::Csv(reader) => {
                for line in reader.deserialize().take(BATCH) {
                    let line: CheckLine = line?;
                    batch.checks.push(line.check().map_err(|why| anyhow!(why))?);
                }
                let at = reader.position();
                Ok((batch, Place { bytes: at.byte(), line: at.line() }))
            }
        }
    }
}

fn wrong(line: u64, why: &str) -> anyhow::Error {
    anyhow!("line {line}: {why}")
}
