//! Five minutes, out of their checks and changes, by whole hours; a day of them at once at most.

use std::collections::HashMap;

use sqlx::PgConnection;

use super::{
    ALL_REGIONS, DAY, GRACE, HOUR, MAX_STRETCHES, SumMode, is_long_past, pieces, source, table,
    within_job,
};
use crate::store::{Store, StoreError, ids::region_ids};
use model::{
    moment::Moment,
    rollup::{BucketLength, CheckSample, JudgedTime, begin, held},
    uptime::Span,
    verdict::Status,
};

impl Store {
    /// Sums the hours that are over, from this one on; returns the first that is not summed, and
    /// the number summed.
    pub(super) async fn new_hours(
        &self,
        mut from: Moment,
        now: Moment,
    ) -> Result<(Moment, u32), StoreError> {
        let end = begin(now - GRACE, HOUR);
        let mut summed = 0;
        for _ in 0..MAX_STRETCHES {
            // The rest of the day, if it is over: far fewer journeys than hour by hour.
            let until = end.min(begin(from, DAY) + DAY);
            if from >= until {
                break;
            }
            let marks = within_job(self.marks_in(from, until)).await?;
            if !is_long_past(from, now) {
                self.sum_hours(from, until, None, SumMode::First).await?;
            }
            within_job(self.note_progress("5m", until, &marks)).await?;
            summed += (until.since(from).as_secs() / HOUR.as_secs()) as u32;
            from = until;
        }
        Ok((from, summed))
    }

    /// Sums the hours in `[from, until)`, of one day, of these sites, or of all.
    pub(super) async fn sum_hours(
        &self,
        from: Moment,
        until: Moment,
        sites: Option<&[i32]>,
        mode: SumMode,
    ) -> Result<(), StoreError> {
        let pieces = match sites {
            Some(sites) => pieces(sites),
            None => self.site_pieces().await?,
        };
        for piece in pieces {
            within_job(self.sum_hours_of(&piece, (from, until), mode)).await?;
        }
        Ok(())
    }

    async fn sum_hours_of(
        &self,
        sites: &[i32],
        (from, until): (Moment, Moment),
        mode: SumMode,
    ) -> Result<(), StoreError> {
        let mut transaction = self.jobs_lock().await?;
        let regions = regions_and_all(&mut transaction).await?;
        let rows = five_minutes(sites, (from, until), &mut transaction).await?;
        let of = (sites, regions.as_slice());
        rows.write(BucketLength::FiveMinutes, of, (from, until), mode, &mut transaction).await?;
        Ok(transaction.commit().await?)
    }
}

/// The numbers of all regions that there are sums of.
pub(super) async fn regions_and_all(from: &mut PgConnection) -> Result<Vec<i16>, StoreError> {
    let mut regions = region_ids(from).await?;
    regions.push(ALL_REGIONS);
    Ok(regions)
}

/// Five minutes of these sites in `[from, until)`, out of their checks and changes.
pub(super) async fn five_minutes(
    sites: &[i32],
    (from, until): (Moment, Moment),
    connection: &mut PgConnection,
) -> Result<table::RollupRows, StoreError> {
    let regions = region_ids(connection).await?;
    let spans = source::spans_of(sites, from, until, connection).await?;
    let mut sums = HourSums { spans: &spans, rows: table::RollupRows::default() };
    source::tallies((sites, &regions), (from, until), connection, |site, region, tally| {
        sums.add(site, region, tally);
    })
    .await?;
    Ok(sums.finish(from, until))
}

/// The sums of some sites.
struct HourSums<'a> {
    spans: &'a HashMap<i32, Vec<Span>>,
    rows: table::RollupRows,
}

impl HourSums<'_> {
    /// Counts a check in its region and in all of them together.
    fn add(&mut self, site: i32, region: i16, tally: &CheckSample) {
        let at = BucketLength::FiveMinutes.begin(tally.at);
        let slow =
            self.spans.get(&site).and_then(|spans| held(spans, tally.at)) == Some(Status::Slow);
        for region in [region, ALL_REGIONS] {
            self.rows.0.entry((at, site, region)).or_default().count(tally, slow);
        }
    }

    /// Adds the judged time of `[from, until)`.
    fn finish(mut self, from: Moment, until: Moment) -> table::RollupRows {
        let length = BucketLength::FiveMinutes.length();
        for (site, spans) in self.spans {
            let mut at = from;
            while at < until {
                let judged = JudgedTime::of(spans, at, at + length);
                if judged.whole() > 0 {
                    self.rows.0.entry((at, *site, ALL_REGIONS)).or_default().judged = judged;
                }
                at = at + length;
            }
        }
        self.rows
    }
}
