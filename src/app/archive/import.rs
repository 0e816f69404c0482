//! Lines into the record, in batches, as the recorder writes them: what is there already stays as it
//! is, so an import can be repeated, whole or from where it ended.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::PathBuf,
};

use anyhow::{Context, Result, anyhow, bail};
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
    if place.bytes > of {
        bail!("{path} is shorter than what was read of it; start again without --resume");
    }
    let mut lines = Lines::new(asked.format, &mut file, place)?;
    let mut new = Recorded::default();
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
struct Lines<'a> {
    text: Text<'a>,
    /// After the last one that was good.
    place: Place,
}

enum Text<'a> {
    Jsonl(BufReader<&'a mut File>),
    /// With the names of its columns.
    Csv(Box<csv::Reader<Bounded<'a>>>, csv::StringRecord),
}

/// A file of which no more may be read than one record has: a quote that is never closed makes all
/// the rest one.
struct Bounded<'a> {
    file: &'a mut File,
    left: u64,
}

impl Read for Bounded<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::other(format!("has more than {LONGEST} bytes")));
        }
        let read = self.file.take(self.left).read(to)?;
        self.left -= read as u64;
        Ok(read)
    }
}

impl Seek for Bounded<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// What was read of a file at once.
struct Next {
    line: Result<Line, String>,
    /// Its number, from 1 on.
    number: u64,
    /// The place after it.
    after: Place,
}

impl<'a> Lines<'a> {
    fn new(format: Format, file: &'a mut File, place: Place) -> Result<Self> {
        if format == Format::Jsonl {
            file.seek(SeekFrom::Start(place.bytes))?;
            return Ok(Self { text: Text::Jsonl(BufReader::new(file)), place });
        }
        let mut reader = csv::Reader::from_reader(Bounded { file, left: LONGEST });
        let names = reader.headers().map_err(|error| anyhow!("line 1: {}", field(&error)))?.clone();
        if place.bytes > 0 {
            let mut position = csv::Position::new();
            position.set_byte(place.bytes).set_line(place.line);
            reader.seek(position)?;
        }
        Ok(Self { text: Text::Csv(Box::new(reader), names), place })
    }

    /// The next lines, up to one that is wrong, and what is wrong with that.
    fn batch(&mut self) -> (Batch, Result<()>) {
        let (mut batch, now) = (Batch::default(), Clock::system().now());
        while batch.checks.len() + batch.changes.len() < BATCH {
            let next = match self.next() {
                Ok(Some(next)) => next,
                Ok(None) => break,
                Err(error) => return (batch, Err(error)),
            };
            match next.line.and_then(|line| line.in_time(now)) {
                Ok(Line::Check(check)) => batch.checks.push(check),
                Ok(Line::Change(line)) => batch.changes.push((line.slug, line.change)),
                Err(why) => return (batch, Err(anyhow!("line {}: {why}", next.number))),
            }
            self.place = next.after;
        }
        (batch, Ok(()))
    }

    fn next(&mut self) -> Result<Option<Next>> {
        match &mut self.text {
            Text::Jsonl(reader) => {
                let (mut text, mut after) = (Vec::new(), self.place.clone());
                while text.trim_ascii().is_empty() {
                    text.clear();
                    let read = reader.by_ref().take(LONGEST).read_until(b'\n', &mut text)?;
                    if read == 0 {
                        return Ok(None);
                    }
                    after.bytes += read as u64;
                    after.line += 1;
                }
                Ok(Some(Next { line: Line::read(&text), number: after.line, after }))
            }
            Text::Csv(reader, names) => {
                let mut record = csv::StringRecord::new();
                reader.get_mut().left = LONGEST;
                let begun = reader.position().line();
                let read = reader.read_record(&mut record);
                if !read.map_err(|error| anyhow!("line {begun}: {}", field(&error)))? {
                    return Ok(None);
                }
                let number = record.position().map_or(0, csv::Position::line);
                let line = record.deserialize(Some(names)).map_err(|error| field(&error));
                let line = line.and_then(CheckLine::check).map(Line::Check);
                let at = reader.position();
                let after = Place { bytes: at.byte(), line: at.line() };
                Ok(Some(Next { line, number, after }))
            }
        }
    }
}

/// What is wrong with a record, and which field if it is one, without the line.
fn field(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => err.to_string(),
        csv::ErrorKind::Io(error) => error.to_string(),
        _ => error.to_string(),
    }
}
