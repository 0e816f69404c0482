//! Hours in buckets of five minutes, out of their checks and changes; a day of them at once at most.

use std::collections::{BTreeMap, HashMap};

use super::{
    DAY, GRACE, HOUR, STRETCHES, Sheets, WHOLE, Way, hour, pieces, room, source, within_job,
};
use crate::{
    model::{
        moment::Moment,
        rollup::{Judged, Sheet, Step, Tally, begin, held},
        uptime::Span,
        verdict::Status,
    },
    store::{Store, StoreError},
};

impl Store {
    /// Sums the hours that are over, from this one on; gives the first that is not summed, and how
    /// many were.
    pub(super) async fn new_hours(
        &self,
        mut from: Moment,
        now: Moment,
    ) -> Result<(Moment, u32), StoreError> {
        let end = hour(now - GRACE);
        let mut summed = 0;
        for _ in 0..STRETCHES {
            // The rest of the day, if it is over: far fewer journeys than hour by hour.
            let until = end.min(begin(from, DAY) + DAY);
            if from >= until {
                break;
            }
            let marks = within_job(self.marks_in(from, until)).await?;
            self.sum_hours(from, until, None, Way::First).await?;
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
        way: Way,
    ) -> Result<(), StoreError> {
        let pieces = match sites {
            Some(sites) => pieces(sites),
            None => self.site_pieces().await?,
        };
        for piece in pieces {
            within_job(self.sum_hours_of(&piece, (from, until), way)).await?;
        }
        Ok(())
    }

    async fn sum_hours_of(
        &self,
        sites: &[i32],
        (from, until): (Moment, Moment),
        way: Way,
    ) -> Result<(), StoreError> {
        let mut transaction = self.jobs_lock().await?;
        room(Step::FiveMinutes, from, &mut transaction).await?;
        let spans = source::spans_of(sites, from, until, &mut transaction).await?;
        let mut sums = Sums { spans: &spans, sheets: BTreeMap::new() };
        let add = |site, region, tally: &Tally| sums.add(site, region, tally);
        let whole = source::tallies(sites, from, until, &mut transaction, add).await?;
        let way = if whole { way } else { Way::Fill };
        let sheets = sums.finish(from, until);
        sheets.write(sites, Step::FiveMinutes, (from, until), way, &mut transaction).await?;
        Ok(transaction.commit().await?)
    }
}

/// The sums of some sites, by hour, site and region.
struct Sums<'a> {
    spans: &'a HashMap<i32, Vec<Span>>,
    sheets: BTreeMap<(Moment, i32, i16), Sheet>,
}

impl Sums<'_> {
    fn add(&mut self, site: i32, region: i16, tally: &Tally) {
        let hour = hour(tally.at);
        let place = tally.at.since(hour).as_secs() / Step::FiveMinutes.length().as_secs();
        let status = self.spans.get(&site).and_then(|spans| held(spans, tally.at));
        let sheet = self.sheets.entry((hour, site, region)).or_default();
        sheet.at(place as u16).count(tally, status == Some(Status::Slow));
    }

    fn finish(mut self, from: Moment, until: Moment) -> Sheets {
        for (site, spans) in self.spans {
            let mut hour = from;
            while hour < until {
                let sheet = judged(spans, hour);
                if sheet.buckets().next().is_some() {
                    self.sheets.insert((hour, *site, WHOLE), sheet);
                }
                hour = hour + HOUR;
            }
        }
        let mut sheets = Sheets::default();
        for ((hour, site, region), sheet) in self.sheets {
            sheets.push(hour, site, region, sheet.pack());
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
