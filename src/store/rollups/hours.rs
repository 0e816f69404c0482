//! An hour in buckets of five minutes, out of its checks and changes.

use std::collections::{BTreeMap, HashMap};

use super::{GRACE, HOUR, HOURS, Sheets, VOTE, Way, lock, pieces, room, set_progress, source};
use crate::{
    model::{
        moment::Moment,
        rollup::{Judged, Sheet, Step, Tally, held},
        uptime::Span,
        verdict::Status,
    },
    store::{Store, StoreError},
};

impl Store {
    /// Sums the hours that are over, from `hour` on; gives the first that is not summed, and how
    /// many were.
    pub(super) async fn new_hours(
        &self,
        mut hour: Moment,
        now: Moment,
    ) -> Result<(Moment, u32), StoreError> {
        let mut summed = 0;
        while hour + HOUR + GRACE <= now && (summed as usize) < HOURS {
            let marks = self.marks_of(hour).await?;
            self.sum_hour(hour, None, Way::First).await?;
            let mut transaction = self.pool.begin().await?;
            lock(&mut transaction).await?;
            super::marks::forget(&marks, &mut transaction).await?;
            set_progress("5m", hour + HOUR, &mut transaction).await?;
            transaction.commit().await?;
            (hour, summed) = (hour + HOUR, summed + 1);
        }
        Ok((hour, summed))
    }

    /// Sums an hour of these sites, or of all.
    pub(super) async fn sum_hour(
        &self,
        hour: Moment,
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
            room(Step::FiveMinutes, hour, &mut transaction).await?;
            let until = hour + HOUR;
            let spans = source::spans_of(&piece, hour, until, &mut transaction).await?;
            let mut sums = Sums { hour, spans: &spans, sheets: BTreeMap::new() };
            let add = |site, region, tally: &Tally| sums.add(site, region, tally);
            source::tallies(&piece, hour, until, &mut transaction, add).await?;
            let sheets = sums.finish();
            sheets.write(&piece, Step::FiveMinutes, hour, way, &mut transaction).await?;
            transaction.commit().await?;
        }
        Ok(())
    }
}

/// The sums of an hour of some sites.
struct Sums<'a> {
    hour: Moment,
    spans: &'a HashMap<i32, Vec<Span>>,
    sheets: BTreeMap<(i32, i16), Sheet>,
}

impl Sums<'_> {
    fn add(&mut self, site: i32, region: i16, tally: &Tally) {
        let place = tally.at.since(self.hour).as_secs() / Step::FiveMinutes.length().as_secs();
        let status = self.spans.get(&site).and_then(|spans| held(spans, tally.at));
        let sheet = self.sheets.entry((site, region)).or_default();
        sheet.at(place as u16).count(tally, status == Some(Status::Slow));
    }

    fn finish(mut self) -> Sheets {
        for (site, spans) in self.spans {
            let sheet = judged(spans, self.hour);
            if sheet.buckets().next().is_some() {
                self.sheets.insert((*site, VOTE), sheet);
            }
        }
        let mut sheets = Sheets::default();
        for ((site, region), sheet) in self.sheets {
            sheets.push(site, region, sheet.pack());
        }
        sheets
    }
}

/// The judged time of an hour.
fn judged(spans: &[Span], hour: Moment) -> Sheet {
    let (mut sheet, length) = (Sheet::default(), Step::FiveMinutes.length());
    for place in 0..12_u16 {
        let from = hour + length * u32::from(place);
        let judged = Judged::of(spans, from, from + length);
        if judged.whole() > 0 {
            sheet.at(place).judged = judged;
        }
    }
    sheet
}
