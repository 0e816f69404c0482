//! Writing: a batch of checks with the changes and states that they caused.
//!
//! A batch is one transaction. Anything may be sent again, whole or in other batches: what is there
//! already stays.

use std::collections::{HashMap, HashSet};

use sqlx::PgConnection;

use super::{
    Store, StoreError, WRITE_TIMEOUT, ids,
    rollups::{hours_of, mark_hours},
    rows::CheckColumns,
    within,
};
use model::{
    check::Check,
    judge::SiteState,
    moment::Moment,
    name::{Region, Slug},
    provider::ProviderEvent,
    report::Origin,
    verdict::Change,
};

mod provider_events;
mod verdicts;

/// Rows that are written together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// Checks, in any order.
    pub checks: Vec<Check>,
    /// New verdicts, in the order in which they were settled.
    pub changes: Vec<(Slug, Change)>,
    /// State of the judge after them.
    pub states: Vec<(Slug, SiteState)>,
    /// Providers that seemed to fail.
    pub events: Vec<ProviderEvent>,
    /// Numbers of the checks up to here, by run.
    pub marks: Vec<Origin>,
}

impl Batch {
    /// Returns whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.checks.is_empty()
            && self.changes.is_empty()
            && self.states.is_empty()
            && self.events.is_empty()
    }

    /// Every site that it is about.
    fn slugs(&self) -> HashSet<&Slug> {
        let checks = self.checks.iter().map(|check| &check.slug);
        let changes = self.changes.iter().map(|(slug, _)| slug);
        checks.chain(changes).chain(self.states.iter().map(|(slug, _)| slug)).collect()
    }

    /// The earliest moment in it.
    fn begins(&self) -> Moment {
        let checks = self.checks.iter().map(|check| check.at);
        checks.chain(self.changes.iter().map(|(_, change)| change.at)).min().unwrap_or_default()
    }
}

/// Rows of a batch that were new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchResult {
    /// Checks that were not there yet.
    pub checks: u64,
    /// Changes that were not there yet.
    pub changes: u64,
}

/// Way of writing checks: searching for each before writing it costs as much as writing it, and
/// almost none is ever there.
#[derive(Clone, Copy, Debug)]
enum Checks {
    /// None of them should be there: if one is, all is refused.
    New,
    /// Some may be there.
    Again,
}

impl Store {
    /// State of the judge for every watched site. A state that this version cannot read is left
    /// out, and its site is judged anew.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn states(&self) -> Result<HashMap<Slug, SiteState>, StoreError> {
        let rows = sqlx::query!(
            "SELECT s.slug, t.state FROM site_states t JOIN sites s ON s.id = t.site_id
             WHERE s.removed_at IS NULL"
        )
        .fetch_all(&self.pool);
        let rows = within(WRITE_TIMEOUT, async { Ok(rows.await?) }).await?;
        let read = rows.into_iter().filter_map(|row| {
            let state = serde_json::from_value(row.state).inspect_err(|error| {
                tracing::warn!(site = row.slug, %error, "what we knew of a site cannot be read");
            });
            Some((Slug::new(&row.slug).ok()?, state.ok()?))
        });
        Ok(read.collect())
    }

    /// Writes a batch; all of it or nothing.
    ///
    /// # Errors
    /// Fails if [`StoreError::refuses_data`], something in it can never be written: write it in halves to
    /// find out what. After any other error the same batch is written later.
    pub async fn record(&self, batch: &Batch) -> Result<BatchResult, StoreError> {
        let mut done = self.write(batch, Checks::New).await;
        if matches!(done, Err(StoreError::Broken(_))) {
            // Mostly some are there already. On a cluster of Citus nothing else tells: a worker that refuses
            // rows of a plain insert is said to have an internal error, whatever the reason.
            done = self.write(batch, Checks::Again).await;
        }
        if done.as_ref().is_err_and(StoreError::is_missing_partition) {
            self.ids.forget_days();
            done = self.write(batch, Checks::Again).await;
        }
        if let Err(error) = &done {
            self.ids.forget();
            if !error.refuses_data() {
                // A session keeps its prepared statements, its read-only state and its search path
                // until it ends.
                self.renewal.ask();
            }
        }
        done
    }

    async fn write(&self, batch: &Batch, way: Checks) -> Result<BatchResult, StoreError> {
        if batch.is_empty() {
            return Ok(BatchResult::default());
        }
        if let Some(recorded) = self.try_write(batch, way).await? {
            return Ok(recorded);
        }
        // Its sites have other numbers since, as in a database that was restored.
        self.ids.forget();
        let recorded = self.try_write(batch, Checks::Again).await?;
        recorded.ok_or_else(|| StoreError::Broken(sqlx::Error::RowNotFound))
    }

    /// Writes a batch; `None`, and nothing is written, when its sites have other numbers by now.
    async fn try_write(
        &self,
        batch: &Batch,
        way: Checks,
    ) -> Result<Option<BatchResult>, StoreError> {
        let sites = self.ids.sites(&self.pool, batch.slugs(), batch.begins());
        let sites = within(WRITE_TIMEOUT, Box::pin(sites)).await?;
        let regions: HashSet<&Region> = batch.checks.iter().map(|check| &check.region).collect();
        let regions = within(WRITE_TIMEOUT, self.ids.regions(&self.pool, regions)).await?;
        let columns = CheckColumns::of(&batch.checks, &sites, &regions);
        self.ids.days(&self.pool, columns.at.iter().copied()).await?;

        let write = async {
            let mut transaction = self.begin().await?;
            if !ids::hold(&sites, &mut transaction).await? {
                return Ok(None);
            }
            provider_events::write(&batch.events, &mut transaction).await?;
            let recorded = BatchResult {
                checks: insert_checks(&columns, way, &mut transaction).await?,
                changes: verdicts::write(batch, &sites, &mut transaction).await?,
            };
            self.mark(batch, &mut transaction).await?;
            transaction.commit().await?;
            Ok(Some(recorded))
        };
        within(WRITE_TIMEOUT, Box::pin(write)).await
    }
}

/// Inserts checks, and marks their hours; returns how many were not there yet.
async fn insert_checks(
    columns: &CheckColumns,
    way: Checks,
    to: &mut PgConnection,
) -> Result<u64, StoreError> {
    if columns.at.is_empty() {
        return Ok(0);
    }
    mark_hours(&hours_of(&columns.at), to).await?;
    let [dns, connect, tls, wait, transfer] = &columns.phases;
    macro_rules! insert {
        ($conflict:literal) => {
            sqlx::query!(
                "INSERT INTO checks (at, site_id, region_id, outcome, failure, http_status, dns_us,
                     connect_us, tls_us, wait_us, transfer_us, attempts, failure_detail)
                 SELECT * FROM unnest($1::timestamptz[], $2::int[], $3::smallint[], $4::smallint[],
                     $5::smallint[], $6::smallint[], $7::int[], $8::int[], $9::int[], $10::int[],
                     $11::int[], $12::smallint[], $13::jsonb[]) "
                    + $conflict,
                &columns.at,
                &columns.site,
                &columns.region,
                &columns.outcome,
                columns.failure.as_slice() as _,
                columns.http_status.as_slice() as _,
                dns.as_slice() as _,
                connect.as_slice() as _,
                tls.as_slice() as _,
                wait.as_slice() as _,
                transfer.as_slice() as _,
                &columns.attempts,
                columns.detail.as_slice() as _,
            )
        };
    }
    Ok(match way {
        Checks::New => insert!("").execute(to).await?.rows_affected(),
        // Counted by what comes back: Citus says how many it was given.
        Checks::Again => {
            insert!("ON CONFLICT DO NOTHING RETURNING site_id").fetch_all(to).await?.len() as u64
        }
    })
}

/// The last entry of each key, in the order of their keys: one statement may touch a row once only,
/// and two writers that touch rows in the same order never deadlock.
fn last_of_each<K: Ord + std::hash::Hash + Clone, V>(
    entries: impl Iterator<Item = (K, V)>,
) -> Vec<(K, V)> {
    let mut last: Vec<(K, V)> = entries.collect::<HashMap<K, V>>().into_iter().collect();
    last.sort_by(|a, b| a.0.cmp(&b.0));
    last
}
