//! Reading a site's history: from the sums that fit, and what is younger than them from the next
//! finer ones, down to single checks of the last hour. The cost does not grow with history.

use std::time::Duration;

use sqlx::PgConnection;

use super::{
    MAX_READERS, READ_TIMEOUT, Store, StoreError, WRITE_TIMEOUT,
    ids::{ALL_REGIONS, region_id, region_ids},
    rollups::{self, spans_of_one, tallies},
    within,
};
use model::{
    history::{History, HistoryBuilder, HistoryRange},
    moment::Moment,
    name::{Region, Slug},
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
        self.history_seen_from(slug, None, range, now).await
    }

    /// The same as one region saw it, or all together. A site is judged as a whole: the history of
    /// one region has no judged time.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn history_seen_from(
        &self,
        slug: &Slug,
        region: Option<&Region>,
        range: HistoryRange,
        now: Moment,
    ) -> Result<History, StoreError> {
        let read = async {
            let nothing = HistoryBuilder::new(range);
            let Some(site) = self.site_id(slug).await? else { return Ok(nothing) };
            let mut connection = self.readers.acquire().await?;
            let region = match region {
                None => ALL_REGIONS,
                Some(region) => match region_id(region, &mut connection).await? {
                    Some(id) => id,
                    None => return Ok(nothing),
                },
            };
            sums((site, region), range, now, &mut connection).await
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
                sums((site, ALL_REGIONS), day, now, &mut connection).await?;
                warm.push(connection);
            }
            Ok(())
        };
        within(WRITE_TIMEOUT, read).await
    }
}

async fn sums(
    of: (i32, i16),
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
    add_rows((of, range.step), (range.from, days), &mut sums, connection).await?;
    add_rows((of, BucketLength::FiveMinutes), (days, hours), &mut sums, connection).await?;
    add_checks(of, (hours.max(now - MAX_UNSUMMED), until), &mut sums, connection).await?;
    Ok(sums)
}

/// Adds the sums of `[from, until)` of a site and region.
async fn add_rows(
    ((site, region), step): ((i32, i16), BucketLength),
    (from, until): (Moment, Moment),
    to: &mut HistoryBuilder,
    connection: &mut PgConnection,
) -> Result<(), StoreError> {
    if from >= until {
        return Ok(());
    }
    let of: (&[i32], &[i16]) = (&[site], &[region]);
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

/// Adds the checks of `[from, until)`, and the judged time where it is of all regions.
async fn add_checks(
    (site, region): (i32, i16),
    (from, until): (Moment, Moment),
    to: &mut HistoryBuilder,
    connection: &mut PgConnection,
) -> Result<(), StoreError> {
    if from >= until {
        return Ok(());
    }
    let spans = spans_of_one(site, (from, until), connection).await?;
    let (step, is_whole) = (BucketLength::FiveMinutes, region == ALL_REGIONS);
    let regions = if is_whole { region_ids(connection).await? } else { vec![region] };
    tallies((&[site], &regions), (from, until), connection, |_, _, tally| {
        let slow = held(&spans, tally.at) == Some(Status::Slow);
        if let Some(sum) = to.at(tally.at) {
            sum.count(tally, slow);
        }
    })
    .await?;
    let mut at = step.begin(from);
    while is_whole && at < until {
        let end = until.min(at + step.length());
        if let Some(sum) = to.at(at) {
            sum.judged.add(&JudgedTime::of(&spans, at.max(from), end));
        }
        at = at + step.length();
    }
    Ok(())
}
