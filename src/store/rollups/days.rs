//! A day: in hours, and as one, out of its five minutes. Those of a day that is long past are not kept, and
//! made of its checks in memory.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use super::{
    DAY, RollupProgress, SumMode,
    dirty::SomeSites,
    hours::{five_minutes, regions_and_all},
    is_long_past, pieces,
    table::{self, BucketKey},
    within_job,
};
use crate::store::{Store, StoreError};
use model::{
    moment::Moment,
    rollup::{Bucket, BucketLength, begin},
};

impl Store {
    /// Sums the days whose hours are all summed, and again those with a changed hour; returns their
    /// number.
    pub(super) async fn new_days(
        &self,
        progress: RollupProgress,
        changed: &BTreeMap<Moment, SomeSites>,
        (hours_until, now): (Moment, Moment),
    ) -> Result<u32, StoreError> {
        let mut day = progress.days.unwrap_or_else(|| begin(hours_until, DAY));
        let mut summed = 0;
        for (changed, sites) in changed.range(..day) {
            let sites: Option<Vec<i32>> = sites.as_ref().map(|some| some.iter().copied().collect());
            let mode = progress.sum_mode(*changed);
            self.sum_day(*changed, sites.as_deref(), mode, now).await?;
            summed += 1;
        }
        while day + DAY <= hours_until {
            self.sum_day(day, None, SumMode::First, now).await?;
            day = day + DAY;
            within_job(self.note_progress("1d", day, &[])).await?;
            summed += 1;
        }
        Ok(summed)
    }

    /// Sums a day of these sites, or of all.
    pub(super) async fn sum_day(
        &self,
        day: Moment,
        sites: Option<&[i32]>,
        mode: SumMode,
        now: Moment,
    ) -> Result<(), StoreError> {
        let pieces = match sites {
            Some(sites) => pieces(sites),
            None => self.site_pieces().await?,
        };
        for piece in pieces {
            within_job(self.sum_day_of(&piece, day, mode, now)).await?;
        }
        Ok(())
    }

    async fn sum_day_of(
        &self,
        sites: &[i32],
        day: Moment,
        mode: SumMode,
        now: Moment,
    ) -> Result<(), StoreError> {
        let mut transaction = self.jobs_lock().await?;
        let regions = regions_and_all(&mut transaction).await?;
        let (of, range) = ((sites, regions.as_slice()), (day, day + DAY));
        let mut sums = DaySums { day, ..DaySums::default() };
        if is_long_past(day, now) {
            for (key, five) in past_five_minutes(of, range, mode, &mut transaction).await?.0 {
                sums.add(key, |sum| sum.merge(&five));
            }
        } else {
            for row in table::read(BucketLength::FiveMinutes, of, range, &mut *transaction).await? {
                sums.add((row.at.into(), row.site_id, row.region_id), |sum| row.add_to(sum));
            }
        }
        sums.hours.write(BucketLength::Hour, of, range, mode, &mut transaction).await?;
        sums.days.write(BucketLength::Day, of, range, mode, &mut transaction).await?;
        Ok(transaction.commit().await?)
    }
}

/// The sums of a day.
#[derive(Debug, Default)]
struct DaySums {
    day: Moment,
    hours: table::RollupRows,
    days: table::RollupRows,
}

impl DaySums {
    /// Adds five minutes to their hour and to the day.
    fn add(&mut self, (at, site, region): BucketKey, five: impl Fn(&mut Bucket)) {
        let hour = BucketLength::Hour.begin(at);
        five(self.hours.0.entry((hour, site, region)).or_default());
        five(self.days.0.entry((self.day, site, region)).or_default());
    }
}

/// Five minutes of a day that is long past, out of its checks. None are written; those that are kept for a
/// while yet are as of before, and go, unless they say more than what is left of the checks.
async fn past_five_minutes(
    of: (&[i32], &[i16]),
    range: (Moment, Moment),
    mode: SumMode,
    to: &mut PgConnection,
) -> Result<table::RollupRows, StoreError> {
    let mut fives = five_minutes(of.0, range, to).await?;
    match mode {
        SumMode::First => {}
        SumMode::Again => {
            let none = table::RollupRows::default();
            none.write(BucketLength::FiveMinutes, of, range, mode, to).await?;
        }
        SumMode::Fill => {
            for row in table::read(BucketLength::FiveMinutes, of, range, &mut *to).await? {
                let mut known = Bucket::default();
                row.add_to(&mut known);
                let key = (row.at.into(), row.site_id, row.region_id);
                fives.0.entry(key).or_default().fill_up(&known);
            }
        }
    }
    Ok(fives)
}
