//! A site's history, as charts, pages and the API want it: buckets of one length without a hole.

use std::time::Duration;

use super::{
    moment::Moment,
    name::Slug,
    rollup::{Bucket, Step},
};

/// Buckets of one answer at most.
pub const MOST: usize = 2_000;

/// How long sums of this step are kept; those of a day are kept for ever.
pub fn kept(step: Step) -> Duration {
    let days = match step {
        Step::FiveMinutes => 60,
        Step::Hour => 2 * 366,
        Step::Day => 366 * 10_000,
    };
    Duration::from_hours(24 * days)
}

/// A stretch of time in buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Range {
    /// When the first bucket begins.
    pub from: Moment,
    /// When the last one ends.
    pub until: Moment,
    /// How long each is.
    pub step: Step,
}

impl Range {
    /// The buckets that touch `[from, until)`.
    pub fn new(from: Moment, until: Moment, step: Step) -> Self {
        let end = step.begin(until);
        let until = if end < until { end + step.length() } else { end };
        Self { from: step.begin(from), until, step }
    }

    /// The last so many hours or days, with the shortest buckets that make a chart of it: five
    /// minutes for a day, hours for a month, days beyond.
    pub fn last(window: Duration, now: Moment) -> Self {
        let days = window.as_secs().div_ceil(86_400);
        let step = match days {
            0..=1 => Step::FiveMinutes,
            2..=30 => Step::Hour,
            _ => Step::Day,
        };
        Self::new(now - window, now, step)
    }

    /// How many buckets it has.
    pub fn count(&self) -> usize {
        let length = self.step.length().as_millis();
        usize::try_from(self.until.since(self.from).as_millis() / length).unwrap_or(usize::MAX)
    }

    /// When each of its buckets begins.
    pub fn moments(&self) -> impl Iterator<Item = Moment> + use<> {
        let Self { from, until, step } = *self;
        std::iter::successors(Some(from), move |at| Some(*at + step.length()))
            .take_while(move |at| *at < until)
    }
}

/// One bucket of a history. What nobody looked at or judged is `None`, never zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// When it begins.
    pub at: Moment,
    /// Checks in it, of all regions.
    pub checks: u64,
    /// Those that failed.
    pub failed: u64,
    /// Good ones, made while the site was judged slow.
    pub slow: u64,
    /// The share of judged time that was not down, 0 to 1.
    pub uptime: Option<f64>,
    /// Judged time, in milliseconds.
    pub judged_ms: u64,
    /// Judged time that was down, in milliseconds.
    pub down_ms: u64,
    /// Latency that half of the good checks were not above, in milliseconds, within 1.6 %.
    pub p50_ms: Option<f64>,
    /// The same for 95 of 100.
    pub p95_ms: Option<f64>,
    /// The same for 99 of 100.
    pub p99_ms: Option<f64>,
    /// The highest latency, exactly.
    pub max_ms: Option<f64>,
}

impl Point {
    fn of(at: Moment, bucket: &Bucket) -> Self {
        let millis = |micros: u32| f64::from(micros) / 1e3;
        let percentiles = bucket.latency.percentiles([50, 95, 99]);
        let percentile = |place: usize| percentiles.map(|all| millis(all[place]));
        Self {
            at,
            checks: bucket.checks,
            failed: bucket.failed(),
            slow: bucket.slow,
            uptime: bucket.judged.uptime(),
            judged_ms: bucket.judged.whole(),
            down_ms: bucket.judged.down,
            p50_ms: percentile(0),
            p95_ms: percentile(1),
            p99_ms: percentile(2),
            max_ms: bucket.latency.max().map(millis),
        }
    }
}

/// A site's history.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// The site.
    pub slug: Slug,
    /// How long each bucket is.
    pub step: Step,
    /// Every bucket of the range, in order; the last may not be over yet.
    pub buckets: Vec<Point>,
    /// All of the range in one.
    pub whole: Point,
    /// When it was read.
    pub as_of: Moment,
}

/// The buckets of a range while they are filled.
#[derive(Clone, Debug)]
pub struct Sums {
    range: Range,
    buckets: Vec<Bucket>,
}

impl Sums {
    /// Empty ones.
    pub fn new(range: Range) -> Self {
        Self { range, buckets: vec![Bucket::default(); range.count().min(MOST)] }
    }

    /// The bucket that this moment is in; `None` outside of the range.
    pub fn at(&mut self, at: Moment) -> Option<&mut Bucket> {
        let Range { from, step, .. } = self.range;
        let after = u64::try_from(at.millis().checked_sub(from.millis())?).ok()?;
        let place = after / step.length().as_millis() as u64;
        self.buckets.get_mut(usize::try_from(place).ok()?)
    }

    /// The history of this site, as it was read at `as_of`.
    pub fn history(self, slug: Slug, as_of: Moment) -> History {
        let Range { from, step, .. } = self.range;
        let points = self.range.moments().zip(&self.buckets);
        History {
            slug,
            step,
            buckets: points.map(|(at, bucket)| Point::of(at, bucket)).collect(),
            whole: Point::of(from, &Bucket::sum(&self.buckets)),
            as_of,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rollup::{Judged, Tally};

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    #[test]
    fn a_range_covers_whole_buckets_and_few_of_them() {
        let now = at("2026-03-01T12:02:00Z");
        let hours = Duration::from_hours;
        for (window, step, count) in [
            (hours(24), Step::FiveMinutes, 289),
            (hours(24 * 7), Step::Hour, 169),
            (hours(24 * 30), Step::Hour, 721),
            (hours(24 * 90), Step::Day, 91),
        ] {
            let range = Range::last(window, now);
            assert_eq!((range.step, range.count()), (step, count));
            assert_eq!(range.moments().count(), count);
            assert!(range.from <= now - window && range.until >= now);
        }
        let exact = Range::new(at("2026-03-01T00:00:00Z"), at("2026-03-02T00:00:00Z"), Step::Hour);
        assert_eq!(exact.count(), 24);
    }

    #[test]
    fn a_bucket_without_data_is_a_gap_and_not_a_zero() {
        let from = at("2026-03-01T00:00:00Z");
        let range = Range::new(from, from + Duration::from_hours(3), Step::Hour);
        let tally = Tally { at: from, failure: None, restricted: false, latency: Some(9_000) };
        let mut five = Bucket::default();
        five.count(&tally, false);
        let time = Judged { up: 3, down: 1, ..Judged::default() };
        let judged = Bucket { judged: time, ..Bucket::default() };
        let mut sums = Sums::new(range);
        for (at, bucket) in [
            (from + Duration::from_mins(65), five.clone()),
            (from + Duration::from_mins(115), five),
            (from + Duration::from_hours(1), judged),
        ] {
            sums.at(at).unwrap().take_in(&mut bucket.clone());
        }
        assert_eq!(sums.at(from - Duration::from_mins(5)), None);
        assert_eq!(sums.at(from + Duration::from_hours(3)), None);
        let history = sums.history(Slug::new("a.example").unwrap(), from);
        let checks: Vec<_> = history.buckets.iter().map(|point| point.checks).collect();
        assert_eq!(checks, [0, 2, 0]);
        let (gap, full) = (history.buckets[0], history.buckets[1]);
        assert_eq!((gap.uptime, gap.p50_ms, gap.max_ms), (None, None, None));
        assert_eq!((full.uptime, full.max_ms), (Some(0.75), Some(9.0)));
        assert_eq!(history.whole.checks, 2);
    }
}
