//! A site's day as rows of the record, as the text that `COPY` takes.

use std::{collections::BTreeMap, fmt::Write, ops::Range, time::Duration};

use model::{
    moment::Moment,
    outcome::{Answer, Failure},
    rollup::{Bucket, BucketLength, CheckSample, JudgedTime},
};
use stillup::store::RecordedCheck;

use super::{
    DAY,
    dice::{DETAIL, MINUTES},
};

/// Rows by table, until they are copied. A partition's rows are copied into it by its name.
#[derive(Default)]
pub(crate) struct Day {
    pub(crate) checks: String,
    pub(crate) five_minutes: String,
    pub(crate) hours: String,
    pub(crate) days: String,
    pub(crate) changes: String,
    pub(crate) outages: String,
}

/// The only region, and all regions together.
const LOCAL: u16 = 1;
const ALL: u16 = 0;

fn null(number: Option<u32>) -> String {
    number.map_or("\\N".to_owned(), |number| number.to_string())
}

/// The sums of a region, and with their judged time those of all regions.
fn sums(rows: &mut String, at: Moment, site: u64, bucket: &Bucket, length: Duration) {
    let percentiles = bucket.latency.percentiles([50, 95, 99]).zip(bucket.latency.max());
    let latency = match percentiles {
        Some(([p50, p95, p99], max)) => [p50, p95, p99, max].map(Some),
        None => [None; 4],
    };
    let (checks, failed) = (bucket.checks, bucket.failed());
    let failures = bucket.failures.map(|failed| failed.to_string()).join("\t");
    let latency = latency.map(null).join("\t");
    let JudgedTime { up, slow, partial, down } = bucket.judged;
    let unknown = length.as_millis() as u64 - bucket.judged.whole();
    let judged = [up, slow, partial, down, unknown].map(|ms| (ms as f64 / 1e3).to_string());
    let mut histogram = String::new();
    bucket.latency.to_bytes().iter().for_each(|byte| write!(histogram, "{byte:02x}").unwrap());
    for (region, judged) in [(LOCAL, ["\\N"; 5].join("\t")), (ALL, judged.join("\t"))] {
        writeln!(
            rows,
            "{at}\t{site}\t{region}\t{checks}\t{}\t{}\t{failed}\t{failures}\t{}\t{latency}\t{judged}\t\\\\x{histogram}",
            checks - failed - bucket.restricted,
            bucket.restricted,
            bucket.slow
        )
        .unwrap();
    }
}

impl Day {
    /// The sums of a day, or of the part of it that is over.
    pub(crate) fn sums(
        &mut self,
        site: u64,
        day: Moment,
        checks: &[RecordedCheck],
        down: &Range<u64>,
        fine: bool,
    ) {
        let (mut whole, mut hours) = (Bucket::default(), BTreeMap::<Moment, Bucket>::new());
        for (number, checks) in checks.chunks_exact(5).enumerate() {
            let mut sums_of_five = Bucket::default();
            let start = number as u64 * 5;
            for check in checks {
                let failure = matches!(check.answer, Answer::Failed(_)).then_some(Failure::Timeout);
                let latency = check.phases.latency();
                sums_of_five.count(
                    &CheckSample { at: check.at, failure, restricted: false, latency },
                    false,
                );
            }
            let bad = (start..start + 5).filter(|minute| down.contains(minute)).count() as u64;
            sums_of_five.judged =
                JudgedTime { up: (5 - bad) * 60_000, down: bad * 60_000, ..JudgedTime::default() };
            let at = day + BucketLength::FiveMinutes.length() * number as u32;
            hours.entry(BucketLength::Hour.begin(at)).or_default().merge(&sums_of_five);
            whole.merge(&sums_of_five);
            if fine {
                sums(
                    &mut self.five_minutes,
                    at,
                    site,
                    &sums_of_five,
                    BucketLength::FiveMinutes.length(),
                );
            }
        }
        // A day is summed in hours, and as one, when it is over.
        if checks.len() as u64 == MINUTES {
            for (at, hour) in &hours {
                sums(&mut self.hours, *at, site, hour, BucketLength::Hour.length());
            }
            sums(&mut self.days, day, site, &whole, DAY);
        }
    }

    /// In the order of `CHECKS` in the file beside.
    pub(crate) fn single(&mut self, site: u64, checks: &[RecordedCheck]) {
        for check in checks {
            let (outcome, failure, detail) = match &check.answer {
                Answer::Failed(cause) => (3, null(Some(cause.failure as u32)), DETAIL.to_owned()),
                _ => (1, null(None), null(None)),
            };
            let status = null(check.http_status.map(u32::from));
            let phases = check.phases.parts().map(null).join("\t");
            let RecordedCheck { at, attempts, .. } = check;
            writeln!(
                self.checks,
                "{at}\t{site}\t{LOCAL}\t{outcome}\t{failure}\t{status}\t{phases}\t{attempts}\t{detail}"
            )
            .unwrap();
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
        self.checks.len() + self.five_minutes.len() + self.hours.len() + self.days.len()
    }
}

/// Days for which rollups of five minutes are kept, and checks.
pub(crate) const FINE: u64 = 14;
pub(crate) const KEPT: u64 = 7;
