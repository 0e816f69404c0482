//! A day: in hours, and as one, out of the five minutes of its hours.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::TryStreamExt;

use super::{DAY, Progress, Sheets, Way, lock, number, pieces, room, set_progress};
use crate::{
    model::{
        moment::Moment,
        rollup::{Sheet, Step, begin},
    },
    store::{Store, StoreError},
};

impl Store {
    /// Sums the days whose hours are all summed, and again those of which an hour has changed;
    /// gives how many.
    pub(super) async fn new_days(
        &self,
        progress: Progress,
        changed: &BTreeSet<Moment>,
        hours_until: Moment,
    ) -> Result<u32, StoreError> {
        let mut day = progress.days.unwrap_or_else(|| begin(hours_until, DAY));
        let mut summed = 0;
        for changed in changed.iter().filter(|changed| **changed < day) {
            self.sum_day(*changed, None, progress.way(*changed)).await?;
            summed += 1;
        }
        while day + DAY <= hours_until {
            self.sum_day(day, None, Way::First).await?;
            day = day + DAY;
            let mut transaction = self.pool.begin().await?;
            lock(&mut transaction).await?;
            set_progress("1d", day, &mut transaction).await?;
            transaction.commit().await?;
            summed += 1;
        }
        Ok(summed)
    }

    /// Sums a day of these sites, or of all.
    pub(super) async fn sum_day(
        &self,
        day: Moment,
        sites: Option<&[i32]>,
        way: Way,
    ) -> Result<(), StoreError> {
        let pieces = match sites {
            Some(sites) => pieces(sites),
            None => self.site_pieces().await?,
        };
        for piece in pieces {
            let mut transaction = self.pool.begin().await?;
            lock(&mut transaction).await?;
            room(Step::Hour, day, &mut transaction).await?;
            let (hours, days) = sums(&piece, day, &mut transaction).await?;
            hours.write(&piece, Step::Hour, (day, day + DAY), way, &mut transaction).await?;
            days.write(&piece, Step::Day, (day, day + DAY), way, &mut transaction).await?;
            transaction.commit().await?;
        }
        Ok(())
    }
}

/// The sheets of a day in hours, and as one.
async fn sums(
    sites: &[i32],
    day: Moment,
    to: &mut sqlx::PgConnection,
) -> Result<(Sheets, Sheets), StoreError> {
    let mut hours = BTreeMap::<(i32, i16), Sheet>::new();
    {
        let mut rows = sqlx::query!(
            r#"SELECT s AS "site!", r.region_id, r.at, r.sheet
             FROM unnest($1::int[]) AS s CROSS JOIN LATERAL (
                 SELECT * FROM rollups WHERE site_id = s AND step = $2 AND at >= $3 AND at < $4
                 ORDER BY at
             ) r"#,
            sites,
            number(Step::FiveMinutes),
            day.to_datetime(),
            (day + DAY).to_datetime()
        )
        .fetch(to);
        while let Some(row) = rows.try_next().await? {
            let Some(sheet) = Sheet::unpack(&row.sheet) else { continue };
            let place = Moment::from(row.at).since(day).as_secs() / 3600;
            *hours.entry((row.site, row.region_id)).or_default().at(place as u16) = sheet.sum();
        }
    }
    let (mut in_hours, mut as_one) = (Sheets::default(), Sheets::default());
    for ((site, region), sheet) in hours {
        let mut one = Sheet::default();
        *one.at(0) = sheet.sum();
        in_hours.push(day, site, region, sheet.pack());
        as_one.push(day, site, region, one.pack());
    }
    Ok((in_hours, as_one))
}
