//! A site's history, as charts, pages and the API want it: buckets of one length without a hole.

use std::time::Duration;

use super::{
    moment::Moment,
    name::Slug,
    rollup::{Bucket, BucketLength, JudgedTime},
};

/// Buckets of one answer at most.
pub const MAX_BUCKETS: usize = 2_000;

/// Retention of rollups with this bucket length; daily ones are kept for ever.
pub fn kept(step: BucketLength) -> Duration {
    let days = match step {
        BucketLength::FiveMinutes => 14,
        BucketLength::Hour => 2 * 366,
        BucketLength::Day => 366 * 10_000,
    };
    Duration::from_hours(24 * days)
}

/// A stretch of time in buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HistoryRange {
    /// The moment when the first bucket begins.
    pub from: Moment,
    /// The moment when the last one ends.
    pub until: Moment,
    /// The sums it is read from.
    pub step: BucketLength,
    /// Length of a bucket: the step, except in short windows.
    pub length: Duration,
}

impl HistoryRange {
    /// The buckets that touch `[from, until)`.
    pub fn new(from: Moment, until: Moment, step: BucketLength) -> Self {
        let end = step.begin(until);
        let until = if end < until { end + step.length() } else { end };
        Self { from: step.begin(from), until, step, length: step.length() }
    }

    /// The last `window`, with the shortest buckets that make a readable chart of it: five minutes
    /// for a day, hours for a month, days beyond.
    pub fn last(window: Duration, now: Moment) -> Self {
        let days = window.as_secs().div_ceil(86_400);
        let step = match days {
            0..=1 => BucketLength::FiveMinutes,
            2..=30 => BucketLength::Hour,
            _ => BucketLength::Day,
        };
        Self::new(now - window, now, step)
    }

    /// All of it in one bucket.
    #[must_use]
    pub fn as_one(self) -> Self {
        Self { length: self.until.since(self.from), ..self }
    }

    /// Number of buckets.
    pub fn count(&self) -> usize {
        self.place(self.until).unwrap_or_default()
    }

    /// The bucket that a moment is in, by its place, as if they went on for ever; `None` before the
    /// first.
    fn place(&self, at: Moment) -> Option<usize> {
        let after = u64::try_from(at.millis().checked_sub(self.from.millis())?).ok()?;
        let length = self.length.as_secs().checked_mul(1_000)?;
        Some(usize::try_from(after.checked_div(length)?).unwrap_or(usize::MAX))
    }
}

/// One bucket of a history. Time without a check or a judgement is `None`, never zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HistoryPoint {
    /// The moment when it begins.
    pub at: Moment,
    /// Checks in it.
    pub checks: u64,
    /// Those that failed.
    pub failed: u64,
    /// Good ones, made while the site was judged slow.
    pub slow: u64,
    /// For how long the site was judged what.
    pub judged: JudgedTime,
    /// Latency of the good checks.
    pub latency: Option<LatencySummary>,
}

/// Latency of checks, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LatencySummary {
    /// Median, within 1.6 %.
    pub p50: u32,
    /// The same for 95 of 100.
    pub p95: u32,
    /// The same for 99 of 100.
    pub p99: u32,
    /// The highest, exactly.
    pub max: u32,
}

impl HistoryPoint {
    /// Share of the checks that did not fail; `None` without checks.
    pub fn good_share(&self) -> Option<f64> {
        let good = self.checks.saturating_sub(self.failed);
        (self.checks > 0).then(|| good as f64 / self.checks as f64)
    }

    /// Summary of one bucket.
    fn of(at: Moment, bucket: &Bucket) -> Self {
        let percentiles = bucket.latency.percentiles([50, 95, 99]).zip(bucket.latency.max());
        Self {
            at,
            checks: bucket.checks,
            failed: bucket.failed(),
            slow: bucket.slow,
            judged: bucket.judged,
            latency: percentiles.map(|([p50, p95, p99], max)| LatencySummary {
                p50,
                p95,
                p99,
                max,
            }),
        }
    }
}

/// A site's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The site.
    pub slug: Slug,
    /// The sums it was read from.
    pub step: BucketLength,
    /// Every bucket of the range, in order; the last may not be over yet.
    pub buckets: Vec<HistoryPoint>,
    /// The moment when it was read.
    pub as_of: Moment,
}

/// Builds the points of a range from rows in the order of time. A bucket becomes a point as soon as
/// nothing more can be added to it, so that a month of buckets is never in memory with all its
/// latencies.
#[derive(Clone, Debug)]
pub struct HistoryBuilder {
    range: HistoryRange,
    count: usize,
    closed: Vec<HistoryPoint>,
    /// The buckets after them, then empty ones: a closed bucket's memory is used again for a later
    /// one.
    open: Vec<Bucket>,
}

impl HistoryBuilder {
    /// Empty ones.
    pub fn new(range: HistoryRange) -> Self {
        let count = range.count().min(MAX_BUCKETS);
        Self { range, count, closed: Vec::with_capacity(count), open: Vec::new() }
    }

    /// The bucket that this moment is in; `None` outside of the range, and when it is closed.
    pub fn at(&mut self, at: Moment) -> Option<&mut Bucket> {
        let place = self.range.place(at).filter(|place| *place < self.count)?;
        let place = place.checked_sub(self.closed.len())?;
        if self.open.len() <= place {
            self.open.resize_with(place + 1, Bucket::default);
        }
        self.open.get_mut(place)
    }

    /// Closes the buckets that end before this moment, or at it.
    pub fn close_until(&mut self, moment: Moment) {
        let HistoryRange { from, length, .. } = self.range;
        let place = self.range.place(moment).unwrap_or_default().min(self.count);
        let closing = place.saturating_sub(self.closed.len()).min(self.open.len());
        for bucket in &mut self.open[..closing] {
            self.closed.push(HistoryPoint::of(from + length * self.closed.len() as u32, bucket));
            bucket.clear();
        }
        self.open.rotate_left(closing);
        while self.closed.len() < place {
            let at = from + length * self.closed.len() as u32;
            self.closed.push(HistoryPoint { at, ..HistoryPoint::default() });
        }
    }

    /// The history of this site, as it was read at `as_of`.
    pub fn history(mut self, slug: Slug, as_of: Moment) -> History {
        self.close_until(self.range.until);
        History { slug, step: self.range.step, buckets: self.closed, as_of }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollup::{CheckSample, JudgedTime};

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    #[test]
    fn a_range_covers_whole_buckets_and_few_of_them() {
        let now = at("2026-03-01T12:02:00Z");
        let hours = Duration::from_hours;
        for (window, step, count) in [
            (hours(24), BucketLength::FiveMinutes, 289),
            (hours(24 * 7), BucketLength::Hour, 169),
            (hours(24 * 30), BucketLength::Hour, 721),
            (hours(24 * 90), BucketLength::Day, 91),
        ] {
            let range = HistoryRange::last(window, now);
            assert_eq!((range.step, range.count()), (step, count));
            assert!(range.from <= now - window && range.until >= now);
        }
        let exact = HistoryRange::new(
            at("2026-03-01T00:00:00Z"),
            at("2026-03-02T00:00:00Z"),
            BucketLength::Hour,
        );
        assert_eq!(exact.count(), 24);
    }

    #[test]
    fn a_bucket_without_data_is_a_gap_and_not_a_zero() {
        let from = at("2026-03-01T00:00:00Z");
        let range = HistoryRange::new(from, from + Duration::from_hours(3), BucketLength::Hour);
        let tally =
            CheckSample { at: from, failure: None, restricted: false, latency: Some(9_000) };
        let mut five = Bucket::default();
        five.count(&tally, false);
        let time = JudgedTime { up: 3, down: 1, ..JudgedTime::default() };
        let judged = Bucket { judged: time, ..Bucket::default() };
        let history = |range| {
            let mut sums = HistoryBuilder::new(range);
            for (at, bucket) in [
                (from + Duration::from_mins(65), &five),
                (from + Duration::from_mins(115), &five),
                (from + Duration::from_hours(1), &judged),
            ] {
                sums.at(at).unwrap().merge(bucket);
            }
            assert_eq!(sums.at(from - Duration::from_mins(5)), None);
            assert_eq!(sums.at(from + Duration::from_hours(3)), None);
            sums.history(Slug::new("a.example").unwrap(), from).buckets
        };
        let buckets = history(range);
        let checks: Vec<_> = buckets.iter().map(|point| point.checks).collect();
        assert_eq!(checks, [0, 2, 0]);
        let (gap, full) = (buckets[0], buckets[1]);
        assert_eq!((gap.judged.uptime(), gap.latency), (None, None));
        assert_eq!(full.judged.uptime(), Some(0.75));
        assert_eq!(full.latency.map(|latency| latency.max), Some(9_000));
        assert_eq!((gap.good_share(), full.good_share()), (None, Some(1.0)));
        let some = HistoryPoint { checks: 4, failed: 1, ..HistoryPoint::default() };
        assert_eq!(some.good_share(), Some(0.75));
        assert_eq!(history(range.as_one()), [HistoryPoint { at: from, ..full }]);
    }

    #[test]
    fn a_bucket_is_closed_once_time_has_passed_it() {
        let from = at("2026-03-01T00:00:00Z");
        let hour = |hours| from + Duration::from_hours(1) * hours;
        let mut sums = HistoryBuilder::new(HistoryRange::new(from, hour(5), BucketLength::Hour));
        sums.at(hour(1)).unwrap().checks = 1;
        sums.at(hour(3)).unwrap().checks = 3;
        sums.close_until(hour(1) + Duration::from_mins(59));
        sums.at(hour(1)).unwrap().checks += 10;
        for _ in 0..2 {
            sums.close_until(hour(3));
            sums.close_until(hour(2));
            sums.close_until(hour(0) - Duration::from_mins(1));
        }
        assert_eq!(sums.at(hour(1)), None);
        assert_eq!(sums.at(hour(2)), None);
        sums.at(hour(3)).unwrap().checks += 30;
        let history = sums.history(Slug::new("a.example").unwrap(), from);
        let points: Vec<_> = history.buckets.iter().map(|point| (point.at, point.checks)).collect();
        let want = [(0, 0), (1, 11), (2, 0), (3, 33), (4, 0)];
        assert_eq!(points, want.map(|(hours, checks)| (hour(hours), checks)));
    }
}
