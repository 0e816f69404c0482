//! A site's day as the rows that the record would hold of it.

use std::{collections::BTreeMap, fmt::Write, ops::Range, time::Duration};

use stillup::model::{
    moment::Moment,
    outcome::{Answer, Failure},
    rollup::{Bucket, Judged, Sheet, Step, Tally, begin},
    sealed::{Kept, pack},
};

use super::{
    DAY, HOUR,
    binary::Rows,
    dice::{DETAIL, MINUTES},
};

/// Rows by table, until they are copied. A partition's rows are copied into it by its name.
#[derive(Default)]
pub(crate) struct Day {
    pub(crate) checks: Rows,
    pub(crate) sealed: Rows,
    pub(crate) five_minutes: Rows,
    pub(crate) hours: Rows,
    pub(crate) days: Rows,
    pub(crate) changes: String,
    pub(crate) outages: String,
}

/// Sums of a region, and of the site as a whole: its judged time.
const LOCAL: u16 = 1;
const WHOLE: u16 = 0;

/// Sheets of days, each of which has many: they are sent when they are whole.
#[derive(Default)]
pub(crate) struct Days(BTreeMap<(u64, u16), Vec<u8>>);

impl Days {
    fn add(&mut self, site: u64, region: u16, day: Moment, sum: Bucket) {
        let place = day.since(begin(day, Step::Day.sheet())).as_secs() / DAY.as_secs();
        let bytes = self.0.entry((site, region)).or_default();
        let mut sheet = Sheet::unpack(bytes).unwrap_or_default();
        *sheet.at(place as u16) = sum;
        // Packed, they are a tenth as large.
        *bytes = sheet.pack();
    }

    /// All of them, which began with this day's; none stay.
    pub(crate) fn take(&mut self, day: Moment, to: &mut Rows) {
        for ((site, region), bytes) in std::mem::take(&mut self.0) {
            to.row(5).at(begin(day, Step::Day.sheet())).int(site).small(region).small(3);
            to.bytes(&bytes);
        }
    }
}

fn sheet(rows: &mut Rows, at: Moment, site: u64, region: u16, step: u16, sheet: &Sheet) {
    rows.row(5).at(at).int(site).small(region).small(step).bytes(&sheet.pack());
}

impl Day {
    /// The sums of a day, or of the part of it that is over: so many minutes.
    pub(crate) fn sums(
        &mut self,
        site: u64,
        day: Moment,
        checks: &[Kept],
        down: &Range<u64>,
        fine: bool,
        days: &mut Days,
    ) {
        let (mut hours, mut votes) = (Sheet::default(), Sheet::default());
        for (number, checks) in checks.chunks_exact(60).enumerate() {
            let hour = day + HOUR * number as u32;
            let (mut seen, mut vote) = (Sheet::default(), Sheet::default());
            for check in checks {
                let place = (check.at.since(hour).as_secs() / 300).min(11) as u16;
                let failure = matches!(check.answer, Answer::Failed(_)).then_some(Failure::Timeout);
                let latency = check.phases.latency();
                seen.at(place)
                    .count(&Tally { at: check.at, failure, restricted: false, latency }, false);
            }
            for place in 0..12 {
                let first = number as u64 * 60 + place * 5;
                let bad = (first..first + 5).filter(|minute| down.contains(minute)).count() as u64;
                vote.at(place as u16).judged =
                    Judged { up: (5 - bad) * 60_000, down: bad * 60_000, ..Judged::default() };
            }
            *hours.at(number as u16) = seen.sum();
            *votes.at(number as u16) = vote.sum();
            if fine {
                sheet(&mut self.five_minutes, hour, site, LOCAL, 1, &seen);
                sheet(&mut self.five_minutes, hour, site, WHOLE, 1, &vote);
            }
        }
        // A day is summed in hours, and as one, when it is over.
        if checks.len() as u64 == MINUTES {
            for (region, sums) in [(LOCAL, &hours), (WHOLE, &votes)] {
                sheet(&mut self.hours, day, site, region, 2, sums);
                days.add(site, region, day, sums.sum());
            }
        }
    }

    pub(crate) fn sealed(&mut self, site: u64, checks: &[Kept]) {
        for checks in checks.chunk_by(|a, b| begin(a.at, HOUR) == begin(b.at, HOUR)) {
            let hour = begin(checks[0].at, HOUR);
            self.sealed.row(5).at(hour).int(site).small(LOCAL).int(checks.len() as u64);
            self.sealed.bytes(&pack(hour, checks));
        }
    }

    /// In the order of `CHECKS` in the file beside.
    pub(crate) fn single(&mut self, site: u64, checks: &[Kept]) {
        for check in checks {
            let row = self.checks.row(8).at(check.at).int(site).small(LOCAL);
            row.small(check.http_status.unwrap_or(0));
            let (letter, detail) = match &check.answer {
                Answer::Failed(cause) => {
                    assert_eq!(cause.failure, Failure::Timeout, "the only failure of this past");
                    (b"T", Some(&cause.detail))
                }
                _ => (b"a", None),
            };
            row.bytes(letter).bytes(&check.phases.pack());
            match check.attempts {
                1 => row.null(),
                more => row.small(more.into()),
            };
            match detail {
                Some(detail) => row.bytes(detail.as_bytes()),
                None => row.null(),
            };
        }
    }

    pub(crate) fn verdicts(&mut self, site: u64, day: Moment, down: &Range<u64>) {
        let [from, until] = [down.start, down.end].map(|minute| day + Duration::from_mins(minute));
        let bad = format!("4\tf\t{DETAIL}");
        for (at, status, rest) in [(from, 4, bad.as_str()), (until, 1, "\\N\tf\t\\N")] {
            let settled = at + Duration::from_secs(45);
            writeln!(self.changes, "{settled}\t{at}\t{at}\t{site}\t{status}\t{rest}").unwrap();
        }
        writeln!(self.outages, "{from}\t{until}\t{until}\t{site}\t4\t4\t{DETAIL}\t{{local}}\t\\N")
            .unwrap();
    }

    pub(crate) fn bytes(&self) -> usize {
        [&self.checks, &self.sealed, &self.five_minutes, &self.hours, &self.days]
            .iter()
            .map(|rows| rows.len())
            .sum()
    }
}

/// The days of which sums of five minutes are kept, and checks at all.
pub(crate) const FINE: u64 = 60;
pub(crate) const KEPT: u64 = 29;

/// Whether a day is sealed by now: six hours after it is over.
pub(crate) fn is_sealed(day: Moment, now: Moment) -> bool {
    now >= day + DAY + HOUR * 7
}
