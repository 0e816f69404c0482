//! Sealing: the checks of a day that is over, packed by site, region and hour.
//!
//! First they are packed beside what lies there, in small transactions; readers take each check
//! once wherever they find it. Then the day is taken out of the table of checks, so that nobody
//! writes in it any more, and dropped once every check of it is known to be packed. Killed at any
//! point, it goes on from there; a check that comes later is sealed in a later round.

use std::{collections::BTreeMap, time::Duration};

use futures_util::TryStreamExt;
use sqlx::PgConnection;
use time::Date;

use super::{
    Store, StoreError,
    checks::Row,
    rollups::{self, within_job},
};
use crate::model::{
    moment::Moment,
    rollup::{Step, begin},
    sealed::{Kept, pack, unpack},
};

/// How long after its end a day is sealed: what is late should be there by then.
const AFTER: Duration = Duration::from_hours(6);
/// Sites that are packed together: a day of them is held in memory.
const SITES: usize = 40;
const HOUR: Duration = Duration::from_hours(1);

/// Checks by site, region and hour.
pub(super) type Hours = BTreeMap<(i32, i16, Moment), Vec<Kept>>;

/// Where the checks of a day lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In the table of checks.
    Checks,
    /// In the table that was taken out of it.
    TakenOut,
}

impl Store {
    /// Seals the oldest day that is over and not sealed; gives its begin, or `None` when all are. One
    /// that cannot be sealed does not hold up those after it.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another process is at it; when Postgres is away, or refuses; when
    /// something in the days that are left cannot be read.
    pub async fn seal(&self, now: Moment) -> Result<Option<Moment>, StoreError> {
        let before = (now - AFTER).to_datetime().date();
        let days = sqlx::query_scalar!(r#"SELECT days_to_seal($1) AS "day!""#, before);
        let mut failed = None;
        for day in within_job(async { Ok(days.fetch_all(&self.pool).await?) }).await? {
            match self.seal_day(day).await {
                Ok(()) => return Ok(Some(day.midnight().assume_utc().into())),
                Err(error @ StoreError::Broken(_)) => failed = failed.or(Some(error)),
                Err(error) => return Err(error),
            }
        }
        failed.map_or(Ok(None), Err)
    }

    async fn seal_day(&self, day: Date) -> Result<(), StoreError> {
        let begun = within_job(self.is_taken_out(day)).await?;
        if !begun {
            let packed = self.pack_day(day, Place::Checks).await?;
            within_job(self.take_out(day)).await?;
            self.ids.forget_days();
            if within_job(self.count_taken_out(day)).await? == packed {
                return within_job(self.drop_taken_out(day, false)).await;
            }
        }
        // Something came while we packed, or we were killed: all of it again, which changes nothing
        // of what was packed.
        self.pack_day(day, Place::TakenOut).await?;
        within_job(self.drop_taken_out(day, true)).await
    }

    async fn take_out(&self, day: Date) -> Result<(), StoreError> {
        let mut transaction = self.jobs_lock().await?;
        sqlx::query!("SELECT take_out_checks($1)", day).execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }

    async fn is_taken_out(&self, day: Date) -> Result<bool, StoreError> {
        let there = sqlx::query_scalar!(r#"SELECT is_taken_out($1) AS "there!""#, day);
        Ok(there.fetch_one(&self.pool).await?)
    }

    /// How many checks are in what was taken out. Of very many sites that takes longer than a statement
    /// otherwise may.
    async fn count_taken_out(&self, day: Date) -> Result<i64, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let patient = sqlx::query_scalar!("SELECT set_config('statement_timeout', '0', true)");
        patient.fetch_one(&mut *transaction).await?;
        let count = sqlx::query_scalar!(r#"SELECT count_taken_out($1) AS "count!""#, day);
        let count = count.fetch_one(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(count)
    }

    /// Drops what was taken out. A sum that was made meanwhile may have missed what came last.
    async fn drop_taken_out(&self, day: Date, sum_again: bool) -> Result<(), StoreError> {
        let mut transaction = self.jobs_lock().await?;
        if sum_again {
            let begin = day.midnight().assume_utc();
            sqlx::query!(
                "INSERT INTO rollup_marks (from_at, until_at) VALUES ($1, $2)",
                begin,
                begin + HOUR * 23
            )
            .execute(&mut *transaction)
            .await?;
        }
        sqlx::query!("SELECT drop_taken_out($1)", day).execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Packs a day; gives how many checks there were.
    async fn pack_day(&self, day: Date, place: Place) -> Result<i64, StoreError> {
        let ids = sqlx::query_scalar!("SELECT id FROM sites ORDER BY id").fetch_all(&self.pool);
        let ids = within_job(async { Ok(ids.await?) }).await?;
        let mut packed = 0;
        for sites in ids.chunks(SITES) {
            // Each has its own time: however many sites there are, no piece is packed in vain.
            packed += within_job(self.pack_sites(sites, day, place)).await?;
        }
        Ok(packed)
    }

    async fn pack_sites(&self, sites: &[i32], day: Date, place: Place) -> Result<i64, StoreError> {
        let mut transaction = self.jobs_lock().await?;
        sqlx::query!("SELECT ensure_sealed_partition($1)", day).execute(&mut *transaction).await?;
        let mut hours = single(sites, day, place, &mut transaction).await?;
        let packed = hours.values().map(|checks| checks.len() as i64).sum();
        add_sealed(&mut hours, sites, day, &mut transaction).await?;
        write(&hours, &mut transaction).await?;
        transaction.commit().await?;
        Ok(packed)
    }
}

/// The single checks of these sites in a day.
async fn single(
    sites: &[i32],
    day: Date,
    place: Place,
    to: &mut PgConnection,
) -> Result<Hours, StoreError> {
    let (from, until) = edges(day);
    let mut rows = match place {
        Place::Checks => sqlx::query_as!(
            Row,
            r#"SELECT c.site_id, c.region_id, c.at, c.http_status, c.outcome, c.phases,
                 c.attempts, c.detail
             FROM unnest($1::int[]) AS s CROSS JOIN regions r CROSS JOIN LATERAL (
                 SELECT * FROM checks WHERE site_id = s AND region_id = r.id
                     AND at >= $2 AND at < $3 ORDER BY at
             ) c"#,
            sites,
            from,
            until
        )
        .fetch(to),
        Place::TakenOut => sqlx::query_as!(
            Row,
            r#"SELECT site_id AS "site_id!", region_id AS "region_id!", at AS "at!",
                 http_status AS "http_status!", outcome AS "outcome!", phases AS "phases!", attempts,
                 detail
             FROM taken_out_checks($1, $2)"#,
            day,
            sites
        )
        .fetch(to),
    };
    let mut hours = Hours::new();
    while let Some(row) = rows.try_next().await? {
        let (site, region, kept) = (row.site_id, row.region_id, row.kept()?);
        hours.entry((site, region, begin(kept.at, HOUR))).or_default().push(kept);
    }
    Ok(hours)
}

/// All checks of these sites in a day, single and sealed, each once.
pub(super) async fn whole_day(
    sites: &[i32],
    day: Date,
    to: &mut PgConnection,
) -> Result<Hours, StoreError> {
    let mut hours = single(sites, day, Place::Checks, to).await?;
    let (from, until) = edges(day);
    let (from, until) = (Moment::from(from), Moment::from(until));
    let sealed = of_hour(sites, from, until, to).await?;
    if let Some((site, hour)) = sealed.unreadable.first() {
        return Err(unreadable(*site, *hour));
    }
    for ((site, region), checks) in sealed.checks {
        for check in checks {
            hours.entry((site, region, begin(check.at, HOUR))).or_default().push(check);
        }
    }
    for checks in hours.values_mut() {
        checks.sort_by_key(|check| check.at);
        checks.dedup_by_key(|check| check.at);
    }
    Ok(hours)
}

/// Adds what is sealed of the same hours already, each check once.
async fn add_sealed(
    hours: &mut Hours,
    sites: &[i32],
    day: Date,
    to: &mut PgConnection,
) -> Result<(), StoreError> {
    let (from, until) = edges(day);
    let rows = sqlx::query!(
        "SELECT site_id, region_id, at, packed FROM sealed
         WHERE site_id = ANY($1) AND at >= $2 AND at < $3",
        sites,
        from,
        until
    )
    .fetch_all(to)
    .await?;
    for row in rows {
        let hour = Moment::from(row.at);
        let Some(checks) = hours.get_mut(&(row.site_id, row.region_id, hour)) else { continue };
        // What cannot be read must not be written over.
        let sealed = unpack(hour, &row.packed).ok_or_else(|| unreadable(row.site_id, hour))?;
        checks.extend(sealed);
        checks.sort_by_key(|check| check.at);
        checks.dedup_by_key(|check| check.at);
    }
    Ok(())
}

async fn write(hours: &Hours, to: &mut PgConnection) -> Result<(), StoreError> {
    let column = |of: fn(&(i32, i16, Moment)) -> i32| hours.keys().map(of).collect::<Vec<_>>();
    let at: Vec<_> = hours.keys().map(|(.., hour)| hour.to_datetime()).collect();
    let regions: Vec<i16> = hours.keys().map(|(_, region, _)| *region).collect();
    let counts: Vec<i32> = hours.values().map(|checks| checks.len() as i32).collect();
    let packed: Vec<_> = hours.iter().map(|((.., hour), checks)| pack(*hour, checks)).collect();
    sqlx::query!(
        "INSERT INTO sealed (at, site_id, region_id, checks, packed)
         SELECT * FROM unnest($1::timestamptz[], $2::int[], $3::smallint[], $4::int[], $5::bytea[])
         ON CONFLICT (site_id, at, region_id) DO UPDATE
         SET checks = EXCLUDED.checks, packed = EXCLUDED.packed
         WHERE sealed.packed <> EXCLUDED.packed",
        &at,
        &column(|(site, ..)| *site),
        &regions,
        &counts,
        &packed
    )
    .execute(to)
    .await?;
    Ok(())
}

fn edges(day: Date) -> (time::OffsetDateTime, time::OffsetDateTime) {
    let from = day.midnight().assume_utc();
    (from, (Moment::from(from) + Step::Day.length()).to_datetime())
}

/// What is said of packed checks that are not as this version packs them.
pub(super) fn unreadable(site: i32, hour: Moment) -> StoreError {
    let what = format!("checks of site {site} at {hour} cannot be read");
    StoreError::Broken(sqlx::Error::Decode(what.into()))
}

/// Sealed checks, with site and region.
#[derive(Debug, Default)]
pub(super) struct Sealed {
    pub(super) checks: BTreeMap<(i32, i16), Vec<Kept>>,
    /// Sites and hours that are not as this version packs them.
    pub(super) unreadable: Vec<(i32, Moment)>,
}

/// The sealed checks of some sites in `[from, until)`.
pub(super) async fn of_hour(
    sites: &[i32],
    from: Moment,
    until: Moment,
    to: &mut PgConnection,
) -> Result<Sealed, StoreError> {
    let rows = sqlx::query!(
        "SELECT site_id, region_id, at, packed FROM sealed
         WHERE site_id = ANY($1) AND at >= $2 AND at < $3",
        sites,
        rollups::hour(from).to_datetime(),
        until.to_datetime()
    )
    .fetch_all(to)
    .await?;
    let mut found = Sealed::default();
    for row in rows {
        let hour = Moment::from(row.at);
        let Some(checks) = unpack(hour, &row.packed) else {
            found.unreadable.push((row.site_id, hour));
            continue;
        };
        let within = checks.into_iter().filter(|check| check.at >= from && check.at < until);
        found.checks.entry((row.site_id, row.region_id)).or_default().extend(within);
    }
    Ok(found)
}
