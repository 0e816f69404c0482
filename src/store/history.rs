//! Reading a site's history: from the sums that fit, and what is younger than them from the next
//! finer ones, down to single checks of the last hour. The cost does not grow with history.

use std::time::Duration;

use sqlx::PgConnection;

use super::{
    MAX_READERS, READ_TIMEOUT, Store, StoreError, WRITE_TIMEOUT,
    ids::{ALL_REGIONS, region_ids},
    rollups::{self, spans_of_one, tallies},
    within,
};
use model::{
    history::{History, HistoryBuilder, HistoryRange},
    moment::Moment,
    name::Slug,
    rollup::{BucketLength, JudgedTime, held},
    verdict::Status,
};

/// Longest time for which single checks are summed for a reader: rollups that are further behind
/// leave a gap.
const MAX_UNSUMMED: Duration = Duration::from_hours(6);

impl Store {
    /// The history of a site as of `now`, all regions together, with gaps for time without data.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn history(
        &self,
        slug: &Slug,
        range: HistoryRange,
        now: Moment,
    ) -> Result<History, StoreError> {
        let read = async {
            let Some(site) = self.site_id(slug).await? else {
                return Ok(HistoryBuilder::new(range));
            };
            sums(site, range, now, &mut *self.readers.acquire().await?).await
        };
        Ok(within(READ_TIMEOUT, read).await?.history(slug.clone(), now))
    }

    /// Reads the last day of a site once on each connection of the readers, so that no visitor
    /// waits while Postgres plans: the first history of a connection takes 20 ms with a year of
    /// data.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn warm_up(&self, slug: &Slug, now: Moment) -> Result<(), StoreError> {
        let day = HistoryRange::last(Duration::from_hours(24), now);
        let read = async {
            let (mut warm, site) = (Vec::new(), self.site_id(slug).await?.unwrap_or_default());
            for _ in 0..MAX_READERS {
                let mut connection = self.readers.acquire().await?;
                sums(site, day, now, &mut connection).await?;
                warm.push(connection);
            }
            Ok(())
        };
        within(WRITE_TIMEOUT, read).await
    }
}

async fn sums(
    site: i32,
    range: HistoryRange,
    now: Moment,
    connection: &mut PgConnection,
) -> Result<HistoryBuilder, StoreError> {
    let mut sums = HistoryBuilder::new(range);
    let progress = rollups::progress(&mut *connection).await?;
    let until = range.until.min(now);
    let days = match range.step {
        BucketLength::FiveMinutes => range.from,
        BucketLength::Hour | BucketLength::Day => {
            until.min(progress.days.unwrap_or(range.from)).max(range.from)
        }
    };
    let hours = until.min(progress.hours.unwrap_or(days)).max(days);
    add_rows((site, range.step), (range.from, days), &mut sums, connection).await?;
    add_rows((site, BucketLength::FiveMinutes), (days, hours), &mut sums, connection).await?;
    add_checks(site, (hours.max(now - MAX_UNSUMMED), until), &mut sums, connection).await?;
    Ok(sums)
}

/// Adds the sums of `[from, until)`, all regions together.
async fn add_rows(
    (site, step): (i32, BucketLength),
    (from, until): (Moment, Moment),
    to: &mut HistoryBuilder,
    connection: &mut PgConnection,
) -> Result<(), StoreError> {
    if from >= until {
        return Ok(());
    }
    let of: (&[i32], &[i16]) = (&[site], &[ALL_REGIONS]);
    let mut rows = rollups::read(step, of, (from, until), connection).await?;
    rows.sort_unstable_by_key(|row| row.at);
    for row in rows {
        to.close_until(row.at.into());
        if let Some(sum) = to.at(row.at.into()) {
            row.add_to(sum);
        }
    }
    Ok(())
}

/// Adds the checks and the judged time of `[from, until)`.
async fn add_checks(
    site: i32,
    (from, until): (Moment, Moment),
    to: &mut HistoryBuilder,
    connection: &mut PgConnection,
) -> Result<(), StoreError> {
    if from >= until {
        return Ok(());
    }
    let spans = spans_of_one(site, (from, until), connection).await?;
    let (step, regions) = (BucketLength::FiveMinutes, region_ids(connection).await?);
    tallies((&[site], &regions), (from, until), connection, |_, _, tally| {
        let slow = held(&spans, tally.at) == Some(Status::Slow);
        if let Some(sum) = to.at(tally.at) {
            sum.count(tally, slow);
        }
    })
    .await?;
    let mut at = step.begin(from);
    while at < until {
        let end = until.min(at + step.length());
        if let Some(sum) = to.at(at) {
            sum.judged.add(&JudgedTime::of(&spans, at.max(from), end));
        }
        at = at + step.length();
    }
    Ok(())
}
