//! A day: in hours, and as one, out of its five minutes.

use std::collections::BTreeMap;

use super::{
    ALL_REGIONS, DAY, RollupProgress, SumMode, dirty::SomeSites, pieces, table, within_job,
};
use crate::store::{Store, StoreError, ids::region_ids};
use model::{
    moment::Moment,
    rollup::{BucketLength, begin},
};

impl Store {
    /// Sums the days whose hours are all summed, and again those with a changed hour; returns their
    /// number.
    pub(super) async fn new_days(
        &self,
        progress: RollupProgress,
        changed: &BTreeMap<Moment, SomeSites>,
        hours_until: Moment,
    ) -> Result<u32, StoreError> {
        let mut day = progress.days.unwrap_or_else(|| begin(hours_until, DAY));
        let mut summed = 0;
        for (changed, sites) in changed.range(..day) {
            let sites: Option<Vec<i32>> = sites.as_ref().map(|some| some.iter().copied().collect());
            self.sum_day(*changed, sites.as_deref(), progress.way(*changed)).await?;
            summed += 1;
        }
        while day + DAY <= hours_until {
            self.sum_day(day, None, SumMode::First).await?;
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
        way: SumMode,
    ) -> Result<(), StoreError> {
        let pieces = match sites {
            Some(sites) => pieces(sites),
            None => self.site_pieces().await?,
        };
        for piece in pieces {
            within_job(self.sum_day_of(&piece, day, way)).await?;
        }
        Ok(())
    }

    async fn sum_day_of(&self, sites: &[i32], day: Moment, way: SumMode) -> Result<(), StoreError> {
        let mut transaction = self.jobs_lock().await?;
        let mut regions = region_ids(&mut transaction).await?;
        regions.push(ALL_REGIONS);
        let (mut hours, mut days) = (table::RollupRows::default(), table::RollupRows::default());
        let (of, range) = ((sites, regions.as_slice()), (day, day + DAY));
        for row in table::read(BucketLength::FiveMinutes, of, range, &mut *transaction).await? {
            let hour = BucketLength::Hour.begin(row.at.into());
            row.add_to(hours.0.entry((hour, row.site_id, row.region_id)).or_default());
            row.add_to(days.0.entry((day, row.site_id, row.region_id)).or_default());
        }
        hours.write(BucketLength::Hour, of, range, way, &mut transaction).await?;
        days.write(BucketLength::Day, of, range, way, &mut transaction).await?;
        Ok(transaction.commit().await?)
    }
}
