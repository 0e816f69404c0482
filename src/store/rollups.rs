//! Rollups: five minutes are summed from their checks and verdict changes, hours and days from five
//! minutes. Those of days long past are summed in memory only: they are not kept for so long.
//!
//! Every rollup is made whole from the level below it, never added to: repeating it gives the same,
//! and one that was interrupted is made again. The recorder leaves a mark for every stretch that it
//! writes in; a mark is removed only after a rollup that has seen those rows, so that late checks
//! land in their bucket.
//!
//! Rollups are made in small transactions that hold the jobs' lock: of two processes one does it.

mod days;
mod dirty;
mod hours;
mod source;
mod table;

use std::time::Duration;

use sqlx::{PgConnection, Postgres, Transaction};

pub(super) use self::{
    dirty::{hours_of, mark_changes, mark_hours},
    source::{spans_of_one, tallies},
    table::read,
};
use super::{JOB_TIMEOUT, Store, StoreError, ids::ALL_REGIONS, within};
use model::{
    history::kept,
    moment::Moment,
    rollup::{BucketLength, begin},
};

/// Wait after the end of an hour before it is summed: checks on their way should have arrived by
/// then.
pub(super) const GRACE: Duration = Duration::from_mins(2);
/// Sites that are summed together: memory stays flat whatever their number.
const MAX_SITES: usize = 50;
/// Days, or parts of one, that one call sums for the first time at most.
const MAX_STRETCHES: usize = 31;

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Hours and days that were summed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summed {
    /// Hours.
    pub hours: u32,
    /// Days.
    pub days: u32,
    /// True if there is more to sum at once.
    pub more: bool,
}

/// Up to where there are sums; `None` before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RollupProgress {
    /// Five minutes, by whole hours.
    pub(super) hours: Option<Moment>,
    /// Hours and days, by whole days.
    pub(super) days: Option<Moment>,
    /// From when all checks are there.
    pub(super) raw: Option<Moment>,
}

/// Way of summing a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SumMode {
    /// There are no sums of it yet.
    First,
    /// There may be sums of it: they are replaced.
    Again,
    /// Not all that was summed is there any more: a sum of as many checks stays.
    Fill,
}

impl Store {
    /// Sums what is over and what has changed since it was summed; a part of it, if there is much.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another process is at it; when Postgres is away, or refuses.
    pub async fn roll_up(&self, now: Moment) -> Result<Summed, StoreError> {
        let mut summed = Summed::default();
        let progress = within_job(self.begun(now)).await?;
        let touched = self.again_hours(progress, now).await?;
        let (until, new) = self.new_hours(progress.hours.unwrap_or(now), now).await?;
        summed.hours = touched.hours + new;
        summed.days = self.new_days(progress, &touched.days, (until, now)).await?;
        within_job(self.dealt_with(&touched)).await?;
        summed.more = touched.more || until + HOUR + GRACE <= now;
        Ok(summed)
    }

    /// Sums a stretch again, whole days of UTC, from the checks and changes that are there; the
    /// result is the same as before when nothing has changed. `told` is called with each day that
    /// is done.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses. Another process at the same work is waited for.
    pub async fn roll_up_again(
        &self,
        from: Moment,
        until: Moment,
        mut told: impl FnMut(Moment),
    ) -> Result<Summed, StoreError> {
        let progress = within_job(self.progress()).await?;
        let (mut day, mut summed) = (begin(from, DAY), Summed::default());
        let Some(end) = progress.hours.map(|hours| until.min(hours)) else { return Ok(summed) };
        while day < end {
            let mode = progress.sum_mode(day);
            let stop = begin(end, HOUR).min(day + DAY);
            if !is_long_past(day, end) {
                patiently(|| self.sum_hours(day, stop, None, mode)).await?;
            }
            summed.hours += (stop.since(day).as_secs() / HOUR.as_secs()) as u32;
            if progress.days.is_some_and(|days| day < days) {
                patiently(|| self.sum_day(day, None, mode, end)).await?;
                summed.days += 1;
            }
            told(day);
            day = day + DAY;
        }
        Ok(summed)
    }

    /// Up to where there are sums, begun if there are none yet.
    async fn begun(&self, now: Moment) -> Result<RollupProgress, StoreError> {
        let progress = self.progress().await?;
        if progress.hours.is_some() && progress.days.is_some() {
            return Ok(progress);
        }
        let first = begin(self.oldest_mark(now).await?.unwrap_or(now).min(now), HOUR);
        let mut transaction = self.jobs_lock().await?;
        set_progress("5m", first, &mut transaction).await?;
        set_progress("1d", begin(first, DAY), &mut transaction).await?;
        transaction.commit().await?;
        self.progress().await
    }

    async fn progress(&self) -> Result<RollupProgress, StoreError> {
        progress(&mut *self.pool.acquire().await?).await
    }

    /// A transaction that holds the lock of the jobs until its end.
    pub(super) async fn jobs_lock(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        let mut transaction = self.begin().await?;
        let ours = sqlx::query_scalar!(
            "SELECT pg_try_advisory_xact_lock(hashtext('stillup jobs')::bigint)"
        );
        if ours.fetch_one(&mut *transaction).await?.unwrap_or(false) {
            Ok(transaction)
        } else {
            Err(StoreError::Busy)
        }
    }

    /// Says up to where there are sums of a step, and forgets these marks with it.
    async fn note_progress(
        &self,
        name: &str,
        until: Moment,
        marks: &[i64],
    ) -> Result<(), StoreError> {
        let mut transaction = self.jobs_lock().await?;
        dirty::forget(marks, &mut transaction).await?;
        set_progress(name, until, &mut transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// The sites of all time, in pieces.
    async fn site_pieces(&self) -> Result<Vec<Vec<i32>>, StoreError> {
        let ids = sqlx::query_scalar!("SELECT id FROM sites ORDER BY id").fetch_all(&self.pool);
        Ok(pieces(&ids.await?))
    }
}

impl RollupProgress {
    /// Mode for a day, or an hour of it, that has been summed before.
    fn sum_mode(&self, at: Moment) -> SumMode {
        if self.raw.is_some_and(|raw| begin(at, DAY) < raw) {
            SumMode::Fill
        } else {
            SumMode::Again
        }
    }
}

/// Returns whether the five minutes of the day of a moment are past keeping.
fn is_long_past(at: Moment, now: Moment) -> bool {
    begin(at, DAY) + DAY + kept(BucketLength::FiveMinutes) <= now
}

/// Does it, waiting while another process is at it.
async fn patiently<F: Future<Output = Result<(), StoreError>>>(
    work: impl Fn() -> F,
) -> Result<(), StoreError> {
    loop {
        match Box::pin(work()).await {
            Err(StoreError::Busy) => tokio::time::sleep(Duration::from_millis(100)).await,
            done => return done,
        }
    }
}

/// Gives one step of the work its time: each can be made again without the others, so that none is
/// made in vain, however many sites there are.
pub(super) async fn within_job<T>(
    step: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    within(JOB_TIMEOUT, Box::pin(step)).await
}

/// Sites in pieces that are summed together.
fn pieces(sites: &[i32]) -> Vec<Vec<i32>> {
    sites.chunks(MAX_SITES).map(<[i32]>::to_vec).collect()
}

/// Up to where there are sums.
pub(super) async fn progress(from: &mut PgConnection) -> Result<RollupProgress, StoreError> {
    let rows = sqlx::query!("SELECT name, until FROM rollup_progress");
    let mut progress = RollupProgress::default();
    for row in rows.fetch_all(from).await? {
        let until = Some(Moment::from(row.until));
        match row.name.as_str() {
            "5m" => progress.hours = until,
            "1d" => progress.days = until,
            "raw" => progress.raw = until,
            _ => {}
        }
    }
    Ok(progress)
}

/// Says up to where there are sums of a step.
pub(super) async fn set_progress(
    name: &str,
    until: Moment,
    to: &mut PgConnection,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO rollup_progress AS p (name, until) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET until = greatest(p.until, EXCLUDED.until)",
        name,
        until.to_datetime()
    )
    .execute(to)
    .await?;
    Ok(())
}
