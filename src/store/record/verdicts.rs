//! Writing changes, outages and states, inside the transaction of the checks that caused them.

use std::collections::HashMap;

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{Batch, last_of_each};
use crate::{
    model::{
        moment::Moment,
        name::Slug,
        verdict::{Change, Outage},
    },
    store::{
        StoreError,
        columns::{json_text, number, text},
        rollups::mark_changes,
    },
};

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
    let gone = delete_withdrawn_changes(&standing, to).await?;
    let new = insert_changes(&standing, to).await?;
    if new + gone > 0 {
        mark_changes(&standing, to).await?;
    }
    upsert_outages(&changes, to).await?;
    delete_withdrawn_outages(&changes, to).await?;
    upsert_states(batch, sites, to).await?;
    Ok(new)
}

/// Those that no later one takes back: what was our own doing was never so.
fn standing<'c>(changes: &[(i32, &'c Change)]) -> Vec<(i32, &'c Change)> {
    let is_ours = |place: usize, (site, change): &(i32, &Change)| {
        changes[place + 1..].iter().any(|(other, later)| {
            let since = later.withdrawn.as_ref().map(|withdrawn| withdrawn.since);
            other == site && since.is_some_and(|since| change.from >= since)
        })
    };
    let all = changes.iter().enumerate();
    all.filter(|(place, change)| !is_ours(*place, change)).map(|(_, change)| *change).collect()
}

/// Deletes what was said and is taken back; the time is then judged by what takes it back.
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
            i16::from(change.verdict.status as u8),
        );
        gone += done.execute(&mut *to).await?.rows_affected();
    }
    Ok(gone)
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

async fn insert_changes(
    changes: &[(i32, &Change)],
    to: &mut PgConnection,
) -> Result<u64, StoreError> {
    if changes.is_empty() {
        return Ok(0);
    }
    let column = |of: fn(&Change) -> OffsetDateTime| changes.iter().map(|(_, c)| of(c)).collect();
    let (at, from): (Vec<_>, Vec<_>) =
        (column(|c| c.at.to_datetime()), column(|c| c.from.to_datetime()));
    let site: Vec<i32> = changes.iter().map(|(site, _)| *site).collect();
    let verdicts = || changes.iter().map(|(_, change)| &change.verdict);
    let since: Vec<_> = verdicts().map(|v| v.since.map(Moment::to_datetime)).collect();
    let status: Vec<i16> = verdicts().map(|v| i16::from(v.status as u8)).collect();
    let failure: Vec<_> = verdicts().map(|v| v.cause.as_ref().map(|c| number(c.failure))).collect();
    let restricted: Vec<bool> = verdicts().map(|v| v.restricted).collect();
    let detail: Vec<_> = verdicts().map(|v| v.cause.as_ref().map(|c| text(&c.detail))).collect();
    let unstable: Vec<bool> = verdicts().map(|v| v.unstable).collect();
    let doubt: Vec<_> = verdicts().map(|v| v.doubt.map(|d| i16::from(d as u8))).collect();
    // Notes of the model always have their JSON.
    let notes = verdicts().map(|v| serde_json::to_string(&v.notes).unwrap_or_else(|_| "[]".into()));
    let notes: Vec<String> = notes.collect();
    let done = sqlx::query!(
        "INSERT INTO changes (at, from_at, since, site_id, status, failure, restricted, detail,
             unstable, doubt, notes)
         SELECT at, from_at, since, site_id, status, failure, restricted, detail, unstable, doubt,
             notes::jsonb
         FROM unnest($1::timestamptz[], $2::timestamptz[], $3::timestamptz[], $4::int[],
             $5::smallint[], $6::smallint[], $7::bool[], $8::text[], $9::bool[], $10::smallint[],
             $11::text[])
             AS new (at, from_at, since, site_id, status, failure, restricted, detail, unstable,
                 doubt, notes)
         ON CONFLICT DO NOTHING",
        &at,
        &from,
        &since as &[Option<OffsetDateTime>],
        &site,
        &status,
        &failure as &[Option<i16>],
        &restricted,
        &detail as &[Option<String>],
        &unstable,
        &doubt as &[Option<i16>],
        &notes,
    )
    .execute(to)
    .await?;
    Ok(done.rows_affected())
}

async fn upsert_outages(
    changes: &[(i32, &Change)],
    to: &mut PgConnection,
) -> Result<(), StoreError> {
    let all = changes.iter().flat_map(|(site, change)| {
        change.outages.iter().map(|o| ((*site, o.started_at, o.status), (change.at, o)))
    });
    for ((site, started_at, status), (changed_at, outage)) in last_of_each(all) {
        let Outage { ended_at, cause, regions, .. } = outage;
        let regions: Vec<String> = regions.iter().map(|r| r.as_str().to_owned()).collect();
        sqlx::query!(
            "INSERT INTO outages AS o (site_id, started_at, status, changed_at, ended_at, failure,
                 detail, regions, provider)
             SELECT s.id, $2, $3, $4, $5, $6, $7, $8, (
                 SELECT e.provider FROM provider_events e
                 WHERE s.slug = ANY(e.sites) AND $2 >= e.from_at
                     AND $2 <= coalesce(e.ended_at, 'infinity') LIMIT 1
             ) FROM sites s WHERE s.id = $1
             ON CONFLICT (site_id, started_at, status) DO UPDATE
             SET changed_at = EXCLUDED.changed_at, failure = EXCLUDED.failure,
                 ended_at = coalesce(EXCLUDED.ended_at, o.ended_at),
                 detail = EXCLUDED.detail, regions = EXCLUDED.regions
             WHERE EXCLUDED.changed_at >= o.changed_at",
            site,
            started_at.to_datetime(),
            i16::from(status as u8),
            changed_at.to_datetime(),
            ended_at.map(Moment::to_datetime),
            cause.as_ref().map(|c| number(c.failure)),
            cause.as_ref().map(|c| text(&c.detail)),
            &regions,
        )
        .execute(&mut *to)
        .await?;
    }
    Ok(())
}

async fn upsert_states(
    batch: &Batch,
    sites: &HashMap<Slug, i32>,
    to: &mut PgConnection,
) -> Result<(), StoreError> {
    let all = batch.states.iter().filter_map(|(slug, state)| Some((*sites.get(slug)?, state)));
    let (mut ids, mut last, mut states) = (Vec::new(), Vec::new(), Vec::new());
    for (site, state) in last_of_each(all) {
        // A state of the model always has its JSON; one that had not would only not be remembered.
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
         WHERE EXCLUDED.last_at >= s.last_at",
        &ids,
        &last,
        &states,
    )
    .execute(to)
    .await?;
    Ok(())
}
