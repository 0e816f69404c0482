//! Rollups: what is kept of checks and verdicts, summed by stretches of time.
//!
//! A [`Bucket`] holds the sums of one stretch: checks by outcome, latencies as a histogram, and the
//! time that was judged. Buckets merge in any order, so that an hour is its twelve five minutes and
//! all regions together are their sum. Buckets begin at multiples of their length, in UTC.
//!
//! Checks belong to a region, judged time to the site as a whole: to the buckets of all regions together.

use std::time::Duration;

use super::{
    histogram::Histogram,
    moment::Moment,
    outcome::Failure,
    uptime::{Span, within},
    verdict::Status,
};

/// The length of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BucketLength {
    /// Five minutes.
    FiveMinutes,
    /// An hour.
    Hour,
    /// A day of UTC.
    Day,
}

impl BucketLength {
    /// Every length, shortest first.
    pub const ALL: [Self; 3] = [Self::FiveMinutes, Self::Hour, Self::Day];

    /// Name in the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::FiveMinutes => "5m",
            Self::Hour => "1h",
            Self::Day => "1d",
        }
    }

    /// Length in time.
    pub fn length(self) -> Duration {
        match self {
            Self::FiveMinutes => Duration::from_mins(5),
            Self::Hour => Duration::from_hours(1),
            Self::Day => Duration::from_hours(24),
        }
    }

    /// The moment when the bucket that this moment is in begins.
    pub fn begin(self, at: Moment) -> Moment {
        begin(at, self.length())
    }
}

impl std::str::FromStr for BucketLength {
    type Err = ();
    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|step| step.word() == word).ok_or(())
    }
}

/// The last multiple of a length that is not after this moment.
pub fn begin(at: Moment, length: Duration) -> Moment {
    let length = i64::try_from(length.as_millis()).unwrap_or(i64::MAX).max(1);
    Moment::from_millis(at.millis().div_euclid(length) * length)
}

/// Judged time, in milliseconds. What is missing to the whole was `unknown`, or not judged at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JudgedTime {
    /// Up.
    pub up: u64,
    /// Slow, which counts as up.
    pub slow: u64,
    /// Down in fewer regions than the quorum, which counts as up.
    pub partial: u64,
    /// Down.
    pub down: u64,
}

impl JudgedTime {
    /// Judged time of `[from, until)`, by status.
    pub fn of(spans: &[Span], from: Moment, until: Moment) -> Self {
        let mut judged = Self::default();
        for span in spans {
            let millis = within(span, from, until).as_millis() as u64;
            match span.status {
                Status::Up => judged.up += millis,
                Status::Slow => judged.slow += millis,
                Status::Partial => judged.partial += millis,
                Status::Down => judged.down += millis,
                Status::Unknown => {}
            }
        }
        judged
    }

    /// All of it.
    pub fn whole(&self) -> u64 {
        [self.slow, self.partial, self.down].iter().fold(self.up, |sum, n| sum.saturating_add(*n))
    }

    /// The share that was not down; `None` when none was judged.
    pub fn uptime(&self) -> Option<f64> {
        let whole = self.whole();
        (whole > 0).then(|| (whole - self.down) as f64 / whole as f64)
    }

    /// Adds all that the other has.
    pub fn add(&mut self, other: &Self) {
        self.up = self.up.saturating_add(other.up);
        self.slow = self.slow.saturating_add(other.slow);
        self.partial = self.partial.saturating_add(other.partial);
        self.down = self.down.saturating_add(other.down);
    }
}

/// The sums of one stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Checks.
    pub checks: u64,
    /// Good ones among them, made while the site was judged `slow`.
    pub slow: u64,
    /// Those where robots were turned away.
    pub restricted: u64,
    /// Failed ones, in the order of [`Failure::ALL`].
    pub failures: [u64; Failure::ALL.len()],
    /// Latencies of checks that did not fail.
    pub latency: Histogram,
    /// Judged time.
    pub judged: JudgedTime,
}

/// A check, as far as rollups need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckSample {
    /// The moment when it was.
    pub at: Moment,
    /// Kind of failure, if it failed.
    pub failure: Option<Failure>,
    /// True if robots were turned away.
    pub restricted: bool,
    /// Its latency in microseconds.
    pub latency: Option<u32>,
}

impl Bucket {
    /// Counts a check; `slow` says whether the site was judged so.
    pub fn count(&mut self, check: &CheckSample, slow: bool) {
        self.checks += 1;
        if let Some(failure) = check.failure {
            self.failures[usize::from(failure as u8) - 1] += 1;
            return;
        }
        self.slow += u64::from(slow);
        self.restricted += u64::from(check.restricted);
        if let Some(latency) = check.latency {
            self.latency.add(latency);
        }
    }

    /// Adds all that the other has.
    pub fn merge(&mut self, other: &Self) {
        self.checks = self.checks.saturating_add(other.checks);
        self.slow = self.slow.saturating_add(other.slow);
        self.restricted = self.restricted.saturating_add(other.restricted);
        for (ours, theirs) in self.failures.iter_mut().zip(other.failures) {
            *ours = ours.saturating_add(theirs);
        }
        self.latency.merge(&other.latency);
        self.judged.add(&other.judged);
    }

    /// Takes over what the other counted of checks, unless this counted more.
    pub fn fill_up(&mut self, other: &Self) {
        if other.checks > 0 && other.checks >= self.checks {
            let judged =
                if self.judged == JudgedTime::default() { other.judged } else { self.judged };
            *self = Self { judged, ..other.clone() };
        }
    }

    /// Forgets all that is in it, and keeps its room.
    pub fn clear(&mut self) {
        let Self { checks, slow, restricted, failures, latency, judged } = self;
        (*checks, *slow, *restricted) = (0, 0, 0);
        failures.fill(0);
        latency.clear();
        *judged = JudgedTime::default();
    }

    /// Checks that failed.
    pub fn failed(&self) -> u64 {
        self.failures.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Returns whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.checks == 0 && self.judged == JudgedTime::default()
    }
}

/// The status that held at a moment.
pub fn held(spans: &[Span], at: Moment) -> Option<Status> {
    let after = spans.partition_point(|span| span.from <= at);
    let span = spans.get(after.checked_sub(1)?)?;
    (at < span.until).then_some(span.status)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Moment {
        Moment::from_millis(seconds * 1000)
    }

    #[test]
    fn buckets_begin_in_utc_also_before_1970() {
        let moment = Moment::parse("2026-03-29T02:34:56.789+02:00").unwrap();
        for (step, want) in [
            (BucketLength::FiveMinutes, "2026-03-29T00:30:00.000Z"),
            (BucketLength::Hour, "2026-03-29T00:00:00.000Z"),
            (BucketLength::Day, "2026-03-29T00:00:00.000Z"),
        ] {
            assert_eq!(step.begin(moment).to_string(), want);
            assert_eq!(step.word().parse(), Ok(step));
        }
        assert_eq!(BucketLength::Hour.begin(at(-1)), at(-3600));
    }

    #[test]
    fn judged_time_is_cut_at_the_edges_and_gaps_are_nothing() {
        let span = |from, until, status| Span { from: at(from), until: at(until), status };
        let spans = [
            span(0, 100, Status::Up),
            span(100, 160, Status::Down),
            span(160, 200, Status::Unknown),
            span(200, 900, Status::Slow),
        ];
        let judged = JudgedTime::of(&spans, at(50), at(300));
        assert_eq!(judged, JudgedTime { up: 50_000, slow: 100_000, partial: 0, down: 60_000 });
        assert_eq!(judged.uptime(), Some(150.0 / 210.0));
        assert_eq!(JudgedTime::of(&spans, at(160), at(200)).uptime(), None);
        assert_eq!(held(&spans, at(100)), Some(Status::Down));
        assert_eq!((held(&spans, at(-1)), held(&spans, at(900))), (None, None));
    }

    #[test]
    fn failed_checks_have_no_latency_and_are_never_slow() {
        let mut bucket = Bucket::default();
        let good = CheckSample { at: at(0), failure: None, restricted: true, latency: Some(9) };
        bucket.count(&good, true);
        bucket.count(&CheckSample { failure: Some(Failure::Body), ..good }, true);
        assert_eq!((bucket.checks, bucket.failed(), bucket.slow), (2, 1, 1));
        assert_eq!((bucket.restricted, bucket.latency.count()), (1, 1));
    }
}
