//! A day: in hours, and as one, out of the five minutes of its hours.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use sqlx::PgConnection;

use super::{DAY, Progress, Sheets, Way, marks::Sites, number, pieces, room, within_job};
use crate::{
    model::{
        moment::Moment,
        rollup::{Bucket, Sheet, Step, begin},
    },
    store::{Store, StoreError},
};

/// A day in hours, by site and region.
type Days = BTreeMap<(i32, i16), Sheet>;

impl Store {
    /// Sums the days whose hours are all summed, and again those of which an hour has changed;
    /// gives how many.
    pub(super) async fn new_days(
        &self,
        progress: Progress,
        changed: &BTreeMap<Moment, Sites>,
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
            self.sum_day(day, None, Way::First).await?;
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
        way: Way,
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

    async fn sum_day_of(&self, sites: &[i32], day: Moment, way: Way) -> Result<(), StoreError> {
        let mut transaction = self.jobs_lock().await?;
        room(Step::Hour, day, &mut transaction).await?;
        let days = in_hours(sites, day, &mut transaction).await?;
        let mut hours = Sheets::default();
        for ((site, region), sheet) in &days {
            hours.push(day, *site, *region, sheet.pack());
        }
        hours.write(sites, Step::Hour, (day, day + DAY), way, &mut transaction).await?;
        let sums = days.iter().map(|(key, sheet)| (*key, sheet.sum())).collect();
        add_day(sites, day, sums, way, &mut transaction).await?;
        Ok(transaction.commit().await?)
    }
}

/// The day out of its five minutes.
async fn in_hours(sites: &[i32], day: Moment, to: &mut PgConnection) -> Result<Days, StoreError> {
    let mut hours = Days::new();
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
    Ok(hours)
}

/// Puts a day, by site and region, into the sheets that hold it among others.
async fn add_day(
    sites: &[i32],
    day: Moment,
    mut sums: BTreeMap<(i32, i16), Bucket>,
    way: Way,
    to: &mut PgConnection,
) -> Result<(), StoreError> {
    let begun = begin(day, Step::Day.sheet());
    let place = (day.since(begun).as_secs() / DAY.as_secs()) as u16;
    let rows = sqlx::query!(
        "SELECT site_id, region_id, sheet FROM rollups
         WHERE site_id = ANY($1) AND step = $2 AND at = $3",
        sites,
        number(Step::Day),
        begun.to_datetime()
    );
    let mut sheets = Sheets::default();
    for row in rows.fetch_all(&mut *to).await? {
        let sum = sums.remove(&(row.site_id, row.region_id));
        let Some(mut sheet) = Sheet::unpack(&row.sheet) else {
            // Other days are in it: who can read it may have them yet.
            tracing::warn!(site = row.site_id, at = %begun, "a sheet of days cannot be read");
            continue;
        };
        let known = sheet.at(place);
        *known = match sum {
            Some(sum) if way != Way::Fill || sum.checks > known.checks || known.checks == 0 => sum,
            None if way != Way::Fill => Bucket::default(),
            _ => continue,
        };
        sheets.push(begun, row.site_id, row.region_id, sheet.pack());
    }
    for ((site, region), sum) in sums {
        let mut sheet = Sheet::default();
        *sheet.at(place) = sum;
        sheets.push(begun, site, region, sheet.pack());
    }
    // The other days stay, so nothing is deleted.
    sheets.write(sites, Step::Day, (day, day + DAY), Way::First, to).await
}
