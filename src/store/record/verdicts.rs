//! Writing changes, outages and states, inside the transaction of the checks that caused them.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use serde_json::{Value, json};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{Batch, last_of_each};
use crate::store::{
    StoreError, receipts,
    rollups::mark_changes,
    rows::{cause_columns, json_text},
};
use model::{
    moment::Moment,
    name::Slug,
    verdict::{Change, Outage},
};

/// Difference of clocks that says nothing.
const MAX_AHEAD: Duration = Duration::from_mins(1);

/// Writes what a batch has beside checks; returns how many changes were new.
pub(super) async fn write(
    batch: &Batch,
    sites: &HashMap<Slug, i32>,
    to: &mut PgConnection,
) -> Result<u64, StoreError> {
    let changes: Vec<(i32, &Change)> = batch
        .changes
        .iter()
        .filter_map(|(slug, change)| Some((*sites.get(slug)?, change)))
        .collect();
    let standing = standing(&changes);
    let gone = delete_withdrawn_changes(&standing, to).await?
        + delete_changes_ahead(&standing, to).await?;
    let new = insert_changes(&standing, to).await?;
    queue_news(&new, to).await?;
    let new = new.len() as u64;
    if new + gone > 0 {
        mark_changes(&standing, to).await?;
    }
    upsert_outages(&changes, to).await?;
    delete_withdrawn_outages(&changes, to).await?;
    upsert_states(batch, sites, to).await?;
    Ok(new)
}

/// New verdicts that no later change withdraws: what our own network caused never held.
fn standing<'c>(changes: &[(i32, &'c Change)]) -> Vec<(i32, &'c Change)> {
    let is_ours = |place: usize, (site, change): &(i32, &Change)| {
        changes[place + 1..].iter().any(|(other, later)| {
            let since = later.withdrawn.as_ref().map(|withdrawn| withdrawn.since);
            other == site && since.is_some_and(|since| change.from >= since)
        })
    };
    let all = changes.iter().enumerate();
    all.filter(|(place, change)| !is_ours(*place, change) && !change.1.outages_only)
        .map(|(_, change)| *change)
        .collect()
}

/// Deletes changes that are withdrawn; the change that withdraws them then judges their time.
async fn delete_withdrawn_changes(
    changes: &[(i32, &Change)],
    to: &mut PgConnection,
) -> Result<u64, StoreError> {
    let mut gone = 0;
    for (site, change) in changes {
        let Some(withdrawn) = &change.withdrawn else { continue };
        let done = sqlx::query!(
            "DELETE FROM changes WHERE site_id = $1 AND from_at >= $2 AND at <= $3
                 AND (at, from_at, status) <> ($3, $4, $5)",
            site,
            withdrawn.since.to_datetime(),
            change.at.to_datetime(),
            change.from.to_datetime(),
            change.verdict.status as i16,
        );
        gone += done.execute(&mut *to).await?.rows_affected();
    }
    Ok(gone)
}

/// Deletes what was said of these sites by a clock that was ahead, and was set back since: it would hold once
/// more when its time comes. A minute of lead is more than the order of batches explains.
async fn delete_changes_ahead(
    changes: &[(i32, &Change)],
    to: &mut PgConnection,
) -> Result<u64, StoreError> {
    let Some(last) = changes.iter().map(|(_, change)| change.at).max() else { return Ok(0) };
    let sites: Vec<i32> = changes.iter().map(|(site, _)| *site).collect();
    sqlx::query!(
        "DELETE FROM outages
         WHERE site_id = ANY($1) AND started_at > GREATEST($2, now()) + interval '1 minute'",
        &sites,
        last.to_datetime(),
    )
    .execute(&mut *to)
    .await?;
    let done = sqlx::query!(
        "DELETE FROM changes WHERE site_id = ANY($1) AND at > GREATEST($2, now()) + interval '1 minute'",
        &sites,
        last.to_datetime(),
    );
    Ok(done.execute(to).await?.rows_affected())
}

/// Deletes the outages that never were.
async fn delete_withdrawn_outages(
    changes: &[(i32, &Change)],
    to: &mut PgConnection,
) -> Result<(), StoreError> {
    for (site, change) in changes {
        let Some(withdrawn) = &change.withdrawn else { continue };
        sqlx::query!(
            "DELETE FROM outages WHERE site_id = $1 AND started_at >= $2 AND started_at <= $3
                 AND regions <@ ARRAY[$4]",
            site,
            withdrawn.since.to_datetime(),
            change.at.to_datetime(),
            withdrawn.region.as_str(),
        )
        .execute(&mut *to)
        .await?;
    }
    Ok(())
}

/// The columns of changes, one entry a change.
#[derive(Default)]
struct ChangeColumns {
    at: Vec<OffsetDateTime>,
    from: Vec<OffsetDateTime>,
    since: Vec<Option<OffsetDateTime>>,
    site: Vec<i32>,
    status: Vec<i16>,
    failure: Vec<Option<i16>>,
    restricted: Vec<bool>,
    unstable: Vec<bool>,
    doubt: Vec<Option<i16>>,
    detail: Vec<Option<Value>>,
    notes: Vec<Value>,
    withdrawn: Vec<Option<OffsetDateTime>>,
}

impl ChangeColumns {
    fn of(changes: &[(i32, &Change)]) -> Self {
        let mut columns = Self::default();
        for (site, change) in changes {
            let verdict = &change.verdict;
            let (failure, detail) = cause_columns(verdict.cause.as_ref());
            columns.at.push(change.at.to_datetime());
            columns.from.push(change.from.to_datetime());
            columns.since.push(verdict.since.map(Moment::to_datetime));
            columns.site.push(*site);
            columns.status.push(verdict.status as i16);
            columns.failure.push(failure);
            columns.restricted.push(verdict.restricted);
            columns.unstable.push(verdict.unstable);
            columns.doubt.push(verdict.doubt.map(|doubt| doubt as i16));
            columns.detail.push(detail);
            let withdrawn = change.withdrawn.as_ref();
            columns.withdrawn.push(withdrawn.map(|withdrawn| withdrawn.since.to_datetime()));
            // Notes of the model always have their JSON.
            columns.notes.push(serde_json::to_value(&verdict.notes).unwrap_or_else(|_| json!([])));
        }
        columns
    }
}

/// Inserts changes; returns those that were not there yet.
async fn insert_changes<'c>(
    changes: &[(i32, &'c Change)],
    to: &mut PgConnection,
) -> Result<Vec<(i32, &'c Change)>, StoreError> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let columns = ChangeColumns::of(changes);
    let new = sqlx::query!(
        "INSERT INTO changes (at, from_at, since, site_id, status, failure, restricted, unstable,
             doubt, failure_detail, notes)
         SELECT * FROM unnest($1::timestamptz[], $2::timestamptz[], $3::timestamptz[], $4::int[],
             $5::smallint[], $6::smallint[], $7::bool[], $8::bool[], $9::smallint[], $10::jsonb[],
             $11::jsonb[])
         ON CONFLICT DO NOTHING RETURNING site_id, at, from_at, status",
        &columns.at,
        &columns.from,
        columns.since.as_slice() as _,
        &columns.site,
        &columns.status,
        columns.failure.as_slice() as _,
        &columns.restricted,
        &columns.unstable,
        columns.doubt.as_slice() as _,
        columns.detail.as_slice() as _,
        &columns.notes,
    );
    let new = new.fetch_all(to).await?.into_iter();
    let mut new: HashSet<_> =
        new.map(|row| (row.site_id, row.at.into(), row.from_at.into(), row.status)).collect();
    let key =
        |site: i32, change: &Change| (site, change.at, change.from, change.verdict.status as i16);
    // The first of each, as Postgres has it.
    Ok(changes.iter().filter(|(site, change)| new.remove(&key(*site, change))).copied().collect())
}

/// Queues new verdicts for every channel, in the transaction of the verdicts themselves.
async fn queue_news(changes: &[(i32, &Change)], to: &mut PgConnection) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    let columns = ChangeColumns::of(changes);
    sqlx::query!(
        "INSERT INTO news (channel, at, since, site_id, status, failure, restricted, unstable, doubt,
             failure_detail, notes, withdrawn_since)
         SELECT c.name, n.at, n.since, n.site_id, n.status, n.failure, n.restricted, n.unstable, n.doubt,
             n.failure_detail, n.notes, n.withdrawn_since
         FROM unnest($1::timestamptz[], $2::timestamptz[], $3::timestamptz[], $4::int[],
             $5::smallint[], $6::smallint[], $7::bool[], $8::bool[], $9::smallint[], $10::jsonb[],
             $11::jsonb[], $12::timestamptz[])
             AS n (at, from_at, since, site_id, status, failure, restricted, unstable, doubt,
                 failure_detail, notes, withdrawn_since)
         CROSS JOIN notify_channels c ORDER BY n.at, n.from_at",
        &columns.at,
        &columns.from,
        columns.since.as_slice() as _,
        &columns.site,
        &columns.status,
        columns.failure.as_slice() as _,
        &columns.restricted,
        &columns.unstable,
        columns.doubt.as_slice() as _,
        columns.detail.as_slice() as _,
        &columns.notes,
        columns.withdrawn.as_slice() as _,
    )
    .execute(to)
    .await?;
    Ok(())
}

async fn upsert_outages(
    changes: &[(i32, &Change)],
    to: &mut PgConnection,
) -> Result<(), StoreError> {
    let bound = latest_start(changes, to).await?;
    let all = changes.iter().flat_map(|(site, change)| {
        let begun = change.outages.iter().filter(|outage| outage.started_at <= bound);
        begun.map(|o| ((*site, o.started_at, o.status), (change.at, o)))
    });
    for ((site, started_at, status), (changed_at, outage)) in last_of_each(all) {
        let Outage { ended_at, cause, regions, .. } = outage;
        let regions: Vec<String> = regions.iter().map(|r| r.as_str().to_owned()).collect();
        let (failure, detail) = cause_columns(cause.as_ref());
        let provider = failing_provider(site, started_at, to).await?;
        let known = sqlx::query!(
            r#"INSERT INTO outages AS o (site_id, started_at, status, changed_at, ended_at, failure,
                 failure_detail, regions, provider)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (site_id, started_at, status) DO UPDATE
             SET changed_at = EXCLUDED.changed_at, failure = EXCLUDED.failure,
                 ended_at = coalesce(EXCLUDED.ended_at, o.ended_at),
                 failure_detail = EXCLUDED.failure_detail, regions = EXCLUDED.regions
             WHERE EXCLUDED.changed_at >= o.changed_at
                 OR o.ended_at IS NULL AND EXCLUDED.ended_at IS NOT NULL
             RETURNING opened_by <> '[]' AS "opened!", closed_by <> '[]' AS "closed!""#,
            site,
            started_at.to_datetime(),
            status as i16,
            changed_at.to_datetime(),
            ended_at.map(Moment::to_datetime),
            failure,
            detail,
            &regions,
            provider,
        );
        if let Some(known) = known.fetch_optional(&mut *to).await? {
            let kept = (known.opened, known.closed);
            receipts::keep(site, outage, changed_at, kept, to).await?;
        }
    }
    Ok(())
}

/// The latest moment at which an outage can have begun: one that is later by our clock and by that of Postgres was
/// told by a clock that was ahead.
async fn latest_start(
    changes: &[(i32, &Change)],
    to: &mut PgConnection,
) -> Result<Moment, StoreError> {
    let starts = changes.iter().flat_map(|(_, change)| &change.outages);
    let starts = starts.map(|outage| outage.started_at).max();
    let told = changes.iter().map(|(_, change)| change.at).max().unwrap_or_default();
    let mut latest = told + MAX_AHEAD;
    if starts > Some(latest) {
        let clock = sqlx::query_scalar!(r#"SELECT clock_timestamp() AS "now!""#);
        latest = latest.max(Moment::from(clock.fetch_one(to).await?) + MAX_AHEAD);
    }
    Ok(latest)
}

/// The provider that was failing with a site when an outage of it began.
async fn failing_provider(
    site: i32,
    started_at: Moment,
    to: &mut PgConnection,
) -> Result<Option<String>, StoreError> {
    let provider = sqlx::query_scalar!(
        "SELECT provider FROM provider_events
         WHERE (SELECT slug FROM sites WHERE id = $1) = ANY(sites) AND withdrawn_at IS NULL
             AND $2 >= from_at AND $2 <= coalesce(ended_at, 'infinity') LIMIT 1",
        site,
        started_at.to_datetime()
    );
    Ok(provider.fetch_optional(to).await?)
}

async fn upsert_states(
    batch: &Batch,
    sites: &HashMap<Slug, i32>,
    to: &mut PgConnection,
) -> Result<(), StoreError> {
    let all = batch.states.iter().filter_map(|(slug, state)| Some((*sites.get(slug)?, state)));
    let (mut ids, mut last, mut states) = (Vec::new(), Vec::new(), Vec::new());
    for (site, state) in last_of_each(all) {
        // A state of the model always has its JSON; without it, it would only not be remembered.
        let Ok(text) = serde_json::to_string(state) else { continue };
        ids.push(site);
        last.push(state.checked_at().unwrap_or_default().to_datetime());
        states.push(json_text(text));
    }
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO site_states AS s (site_id, last_at, state)
         SELECT id, at, state::jsonb
         FROM unnest($1::int[], $2::timestamptz[], $3::text[]) AS new (id, at, state)
         ON CONFLICT (site_id) DO UPDATE SET last_at = EXCLUDED.last_at, state = EXCLUDED.state
         WHERE EXCLUDED.last_at >= s.last_at OR s.last_at > now()",
        &ids,
        &last,
        &states,
    )
    .execute(to)
    .await?;
    Ok(())
}
