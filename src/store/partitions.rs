//! Partitions, made ahead of time and dropped when past keeping.

use std::time::Duration;

use sqlx::PgConnection;
use time::Date;

use super::{Store, StoreError, WRITE_TIMEOUT, rollups, within};
use model::{
    history::kept,
    moment::Moment,
    rollup::{BucketLength, begin},
};

const DAY: Duration = Duration::from_hours(24);

impl Store {
    /// Makes the partitions of today and tomorrow (UTC), so that no batch waits for one at midnight.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn prepare_days(&self, now: Moment) -> Result<(), StoreError> {
        let days = [now, now + Duration::from_hours(24)].map(Moment::to_datetime);
        self.ids.days(&self.pool, days.into_iter()).await
    }

    /// Drops the days of checks that ended before this moment (UTC); returns how many days.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses, or the recorder was too busy to let us: try again later.
    pub async fn drop_checks_before(&self, moment: Moment) -> Result<u32, StoreError> {
        let dropped = self.drop_partitions("checks", moment).await;
        self.ids.forget_days();
        dropped
    }

    async fn drop_partitions(&self, parent: &str, moment: Moment) -> Result<u32, StoreError> {
        let (day, mut all) = (moment.to_datetime().date(), 0);
        loop {
            // Some at a time: a transaction can lock only so many tables.
            let dropped = sqlx::query_scalar!("SELECT drop_partitions($1, $2)", parent, day);
            let dropped =
                within(WRITE_TIMEOUT, async { Ok(dropped.fetch_one(&self.pool).await?) }).await?;
            match dropped.and_then(|dropped| u32::try_from(dropped).ok()) {
                None | Some(0) => return Ok(all),
                Some(dropped) => all += dropped,
            }
        }
    }

    /// Drops what is past keeping: days of checks, but none that is not summed yet, and months of
    /// sums of five minutes and of hours. Gives how many days of checks.
    ///
    /// # Errors
    /// As [`Store::drop_checks_before`]; [`StoreError::Busy`] when another process is at it.
    pub async fn drop_past_keeping(&self, now: Moment, keep: Duration) -> Result<u32, StoreError> {
        let floor = within(WRITE_TIMEOUT, Box::pin(self.raise_floor(now - keep))).await?;
        let dropped = match floor {
            Some(floor) => self.drop_checks_before(floor).await?,
            None => 0,
        };
        for step in [BucketLength::FiveMinutes, BucketLength::Hour] {
            let safe = within(WRITE_TIMEOUT, Box::pin(self.safe_to_drop(now - kept(step)))).await?;
            if let (Some(day), Some(table)) = (safe, partitioned(step)) {
                self.drop_partitions(table, day).await?;
            }
        }
        Ok(dropped)
    }

    /// The moment that keeping is counted from: now, or an earlier one while fewer days than are kept have been
    /// recorded.
    ///
    /// A clock that is ahead makes old what is not, and Postgres often goes by the same clock. So days count
    /// that were recorded: as many as are kept have to be there before an older one goes. After a pause old
    /// days stay that much longer.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn keeping_moment(&self, now: Moment, keep: Duration) -> Result<Moment, StoreError> {
        // Those of today and tomorrow are there as well.
        let days = keep.as_secs().div_ceil(DAY.as_secs()) + 2;
        let oldest = sqlx::query_scalar!(
            r#"SELECT min(begins) FROM (
                 SELECT substring(pg_get_expr(c.relpartbound, c.oid) FROM 'FROM \(''([^'']*)''\)')::timestamptz AS begins
                 FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                 WHERE i.inhparent = 'checks'::regclass AND c.relname ~ '_\d{8,}$'
                 ORDER BY begins DESC LIMIT $1) newest"#,
            i64::try_from(days).unwrap_or(i64::MAX)
        );
        let oldest =
            within(WRITE_TIMEOUT, async { Ok(oldest.fetch_one(&self.pool).await?) }).await?;
        let floor = |moment: Moment| begin(moment - keep, BucketLength::Day.length());
        let shown = oldest.map(|oldest| Moment::from(oldest) + keep);
        let held = shown.filter(|shown| floor(*shown) < floor(now));
        if held.is_some() {
            tracing::info!(
                "days past keeping stay until as many newer ones have been recorded: the service \
                 paused, or the clock is ahead"
            );
        }
        Ok(held.unwrap_or(now))
    }

    /// The day before which nothing is needed by a sum that is still to be made.
    async fn safe_to_drop(&self, wanted: Moment) -> Result<Option<Moment>, StoreError> {
        let mut transaction = self.jobs_lock().await?;
        let day = not_needed(wanted, &mut transaction).await?;
        transaction.commit().await?;
        Ok(day)
    }

    /// The day before which checks may be dropped, if there is one; from now on, sums before it are
    /// what is left of them.
    async fn raise_floor(&self, wanted: Moment) -> Result<Option<Moment>, StoreError> {
        let mut transaction = self.jobs_lock().await?;
        let floor = not_needed(wanted, &mut transaction).await?;
        if let Some(floor) = floor {
            rollups::set_progress("raw", floor, &mut transaction).await?;
        }
        // Also when nothing was written, so that the lock is free before another process tries it.
        transaction.commit().await?;
        Ok(floor)
    }
}

/// The day before which nothing is needed for a sum that is still to be made, and no later than
/// wanted; `None` while there are no sums.
async fn not_needed(wanted: Moment, to: &mut PgConnection) -> Result<Option<Moment>, StoreError> {
    let safe = sqlx::query_scalar!(
        "SELECT least($1, (SELECT min(from_at) FROM rollup_marks),
             (SELECT until FROM rollup_progress WHERE name = '1d'))
         WHERE EXISTS (SELECT FROM rollup_progress WHERE name = '1d')",
        wanted.to_datetime()
    );
    let safe = safe.fetch_optional(to).await?.flatten();
    Ok(safe.map(|safe| begin(safe.into(), BucketLength::Day.length())))
}

/// The table of the sums of this step, if it has partitions, which are months.
fn partitioned(step: BucketLength) -> Option<&'static str> {
    match step {
        BucketLength::FiveMinutes => Some("rollups_5m"),
        BucketLength::Hour => Some("rollups_1h"),
        BucketLength::Day => None,
    }
}

/// Makes the partition of a day (UTC) of checks, unless it is there.
pub(super) async fn ensure_day(day: Date, to: &mut PgConnection) -> Result<(), StoreError> {
    ensure("checks", day, day.next_day().unwrap_or(day), to).await
}

/// Makes the partition of a month (UTC) of sums, unless it is there or none is needed.
pub(super) async fn ensure_month(
    step: BucketLength,
    at: Moment,
    to: &mut PgConnection,
) -> Result<(), StoreError> {
    let Some(parent) = partitioned(step) else { return Ok(()) };
    let day = at.to_datetime().date();
    let first = day.replace_day(1).unwrap_or(day);
    // No month is longer, and the next one is not over by then.
    let next = first.saturating_add(time::Duration::days(32));
    ensure(parent, first, next.replace_day(1).unwrap_or(next), to).await
}

async fn ensure(
    parent: &str,
    first: Date,
    next: Date,
    to: &mut PgConnection,
) -> Result<(), StoreError> {
    sqlx::query!("SELECT ensure_partition($1, $2, $3)", parent, first, next).execute(to).await?;
    Ok(())
}
