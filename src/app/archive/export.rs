//! The record as lines, day by day and site by site. An interrupted export to a file resumes where
//! it ended; its bytes are the same as if it had not been interrupted.

use std::{
    fs::{File, OpenOptions},
    io::{Seek, Write},
    path::PathBuf,
};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::{
    Bookmark, Done, OpenRecord, ProgressFn,
    line::{ChangeLine, CheckLine, Format},
};
use crate::{
    config::Config,
    store::{NumberedSite, RecordedDay, Store},
};
use model::moment::Moment;

/// Sites of which a day is read together.
const MAX_SITES: u32 = 40;
const DAY: std::time::Duration = std::time::Duration::from_hours(24);

/// Scope and destination of an export.
#[derive(Clone, Debug)]
pub struct Export {
    /// Format of the lines.
    pub format: Format,
    /// The file; standard output when there is none.
    pub output: Option<PathBuf>,
    /// True to go on where an earlier one ended.
    pub resume: bool,
    /// Checks from this moment on, and the verdicts that held then.
    pub from: Option<Moment>,
    /// Checks before this moment.
    pub until: Option<Moment>,
}

/// Position up to which lines are written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct ExportPosition {
    day: Moment,
    site: i32,
    bytes: u64,
    checks: u64,
}

/// Destination of the lines.
struct Out {
    to: Box<dyn Write + Send>,
    file: Option<(File, Bookmark)>,
}

/// Writes the record; returns the number of checks.
///
/// # Errors
/// Fails when the record cannot be read, or the file not written.
pub async fn export(config: &Config, asked: &Export, told: ProgressFn<'_>) -> Result<u64> {
    let open = OpenRecord::new(config).await?;
    let done = write(&open.store, asked, told).await;
    open.close().await?;
    done
}

async fn write(store: &Store, asked: &Export, told: ProgressFn<'_>) -> Result<u64> {
    let (mut out, mut place) = open(asked)?;
    let wanted = |day: &RecordedDay| {
        asked.from.is_none_or(|from| day.at + DAY > from)
            && asked.until.is_none_or(|to| day.at < to)
            && (day.checks || asked.format == Format::Jsonl)
    };
    let days: Vec<RecordedDay> = store.recorded_days().await?.into_iter().filter(wanted).collect();
    // Changes in force at the beginning are written first.
    let first = days.first().filter(|_| asked.from.is_some()).copied();
    let mut progress = Done { done: 0, of: days.len() as u64, checks: place.checks };
    if asked.format == Format::Csv && place.bytes == 0 {
        place.bytes += out.write(&names()?)?;
    }
    for day in days {
        while day.at >= place.day {
            let after = if day.at == place.day { place.site } else { 0 };
            let sites = store.sites_after(after, MAX_SITES).await?;
            let Some(last) = sites.last().map(|site| site.id) else { break };
            let held = first == Some(day);
            let (lines, checks) = lines(store, asked, &sites, day, held).await?;
            let bytes = place.bytes + out.write(&lines)?;
            place =
                ExportPosition { day: day.at, site: last, bytes, checks: place.checks + checks };
            out.note(&place)?;
            progress.checks = place.checks;
            told(progress);
        }
        progress.done += 1;
        told(progress);
    }
    out.to.flush()?;
    if let Some((file, bookmark)) = out.file {
        file.sync_all()?;
        bookmark.remove();
    }
    Ok(place.checks)
}

/// Opens the destination, at the place where an earlier export ended.
fn open(asked: &Export) -> Result<(Out, ExportPosition)> {
    let Some(path) = &asked.output else {
        if asked.resume {
            bail!("only an export to a file can be resumed");
        }
        return Ok((
            Out { to: Box::new(std::io::stdout()), file: None },
            ExportPosition::default(),
        ));
    };
    let bookmark = Bookmark::beside(path);
    let place = if asked.resume { bookmark.read()? } else { None }.unwrap_or_default();
    let cannot = || format!("{} cannot be written", path.display());
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .with_context(cannot)?;
    let ExportPosition { bytes, .. } = place;
    if file.metadata()?.len() < bytes {
        bail!("{} is shorter than what was written; start again without --resume", path.display());
    }
    file.set_len(bytes).with_context(cannot)?;
    file.seek(std::io::SeekFrom::End(0))?;
    let to = Box::new(file.try_clone()?);
    Ok((Out { to, file: Some((file, bookmark)) }, place))
}

impl Out {
    fn write(&mut self, lines: &[u8]) -> Result<u64> {
        self.to.write_all(lines).context("the export cannot be written")?;
        Ok(lines.len() as u64)
    }

    fn note(&self, place: &ExportPosition) -> Result<()> {
        let Some((file, bookmark)) = &self.file else { return Ok(()) };
        // On disk before the bookmark says so.
        file.sync_data()?;
        bookmark.write(place)
    }
}

/// A day of some sites; and how many checks it is.
async fn lines(
    store: &Store,
    asked: &Export,
    sites: &[NumberedSite],
    RecordedDay { at: day, checks: any }: RecordedDay,
    held: bool,
) -> Result<(Vec<u8>, u64)> {
    let from = asked.from.map_or(day, |from| from.max(day));
    let until = asked.until.map_or(day + DAY, |until| until.min(day + DAY));
    let mut checks = if any { store.checks_of_day(sites, day).await? } else { Vec::new() };
    checks.retain(|check| check.at >= from && check.at < until);
    let count = checks.len() as u64;
    let lines = checks.into_iter().map(CheckLine::from);
    if asked.format == Format::Csv {
        let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
        for line in lines {
            csv.serialize(line.flat())?;
        }
        return Ok((csv.into_inner()?, count));
    }
    let mut json = Vec::new();
    for line in lines {
        serde_json::to_writer(&mut json, &line)?;
        json.push(b'\n');
    }
    for (slug, change) in store.changes_between(sites, (from, until), held).await? {
        serde_json::to_writer(&mut json, &ChangeLine { slug, change })?;
        json.push(b'\n');
    }
    Ok((json, count))
}

/// The first line of CSV.
fn names() -> Result<Vec<u8>> {
    const CSV_COLUMNS: [&str; 13] = [
        "slug",
        "region",
        "at",
        "outcome",
        "restricted",
        "http_status",
        "dns_ms",
        "connect_ms",
        "tls_ms",
        "wait_ms",
        "transfer_ms",
        "attempts",
        "detail",
    ];
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(CSV_COLUMNS)?;
    Ok(csv.into_inner()?)
}
