//! `stillup journal refused`: the rows that Postgres refused for what is in them, and trying them again.

use anyhow::{Context, Result};

use super::archive::OpenRecord;
use crate::{
    config::Config,
    pipeline::{Entry, RefusedRow, RefusedRows},
    store::{Batch, Store},
};
use prober::journal::Folder;

/// Result of retrying refused rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retried {
    /// Rows that Postgres has now.
    pub taken: usize,
    /// Rows that it still refuses.
    pub refused: usize,
}

/// The rows that are set aside, a line each, oldest first.
///
/// # Errors
/// Fails when the file cannot be read.
pub fn refused(config: &Config) -> Result<Vec<String>> {
    Ok(file(config)?.rows()?.iter().map(line).collect())
}

/// Tries every row again; what is still refused stays. It works beside a service that runs.
///
/// # Errors
/// Fails when the file or Postgres cannot be reached; then every row stays.
pub async fn retry_refused(config: &Config) -> Result<Retried> {
    let file = file(config)?;
    let rows = file.take().context("the rows cannot be read")?;
    if rows.is_empty() {
        return Ok(Retried { taken: 0, refused: 0 });
    }
    let open = OpenRecord::new(config).await?;
    let tried = all(&open.store, &rows).await;
    let closed = open.close().await;
    let refused = tried?;
    file.put_back(&refused).context("what is still refused cannot be kept")?;
    closed?;
    Ok(Retried { taken: rows.len() - refused.len(), refused: refused.len() })
}

/// Those of the rows that are still refused.
async fn all(store: &Store, rows: &[RefusedRow]) -> Result<Vec<RefusedRow>> {
    let mut refused = Vec::new();
    for row in rows {
        match store.record(&batch(row.entry.clone())).await {
            Ok(_) => {}
            Err(error) if error.refuses_data() => {
                let sqlstate = error.sqlstate().unwrap_or_default().into();
                refused.push(RefusedRow {
                    sqlstate,
                    said: error.to_string().into(),
                    ..row.clone()
                });
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(refused)
}

fn batch(entry: Entry) -> Batch {
    let mut batch = Batch::default();
    match entry {
        Entry::Check(check) | Entry::Heard(check, _) | Entry::Late(check) => {
            batch.checks.push((*check).clone());
        }
        Entry::Change(slug, change) => batch.changes.push((slug, change)),
        Entry::State(slug, state) => batch.states.push((slug, state)),
        Entry::Event(event) => batch.events.push(event),
        Entry::Origin(_) | Entry::Evidence(..) | Entry::Retired(..) | Entry::TakenOver(_) => {}
    }
    batch
}

/// Moment, reason and kind of a refused row. Postgres' message may quote what a site sent.
fn line(row: &RefusedRow) -> String {
    let what = match &row.entry {
        Entry::Check(check) | Entry::Heard(check, _) | Entry::Late(check) => {
            format!("check of {} at {}", check.slug, check.at)
        }
        Entry::Change(slug, change) => format!("change of {slug} at {}", change.at),
        Entry::State(slug, _) => format!("state of {slug}"),
        Entry::Event(event) => format!("event of {} at {}", event.provider, event.started_at),
        Entry::Evidence(slug, ..) => format!("evidence for {slug}"),
        Entry::Retired(region, at) => format!("end of the region {region} at {at}"),
        Entry::Origin(origin) => format!("number of a check of the run {}", origin.run),
        Entry::TakenOver(epoch) => format!("beginning of the term {epoch}"),
    };
    let RefusedRow { at, sqlstate, said, .. } = row;
    let said: String = said.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("{at} {sqlstate} {what}: {said}")
}

fn file(config: &Config) -> Result<RefusedRows> {
    let path = config.data_dir.join("journal");
    let folder =
        Folder::open(&path).with_context(|| format!("{} cannot be used", path.display()))?;
    Ok(RefusedRows::of(&folder))
}
