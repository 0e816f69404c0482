//! Tallies of all checks of a region since the start: outcomes counted, phases in histograms.
//!
//! A handful of numbers a region, whatever the number of sites.

use model::{check::Check, outcome::Failure};

/// Upper edges of the buckets, in microseconds.
pub const EDGES: [u32; 12] = [
    1_000, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    5_000_000, 10_000_000,
];

/// A histogram of times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeHistogram {
    /// Number within each of [`EDGES`] and no earlier one; the last: longer than all.
    pub buckets: [u64; EDGES.len() + 1],
    /// Their sum, in microseconds.
    pub sum: u64,
}

impl TimeHistogram {
    fn count(&mut self, micros: u32) {
        let place = EDGES.iter().position(|edge| micros <= *edge).unwrap_or(EDGES.len());
        self.buckets[place] += 1;
        self.sum = self.sum.saturating_add(u64::from(micros));
    }
}

/// Tally of the checks of one region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckTally {
    /// Good replies.
    pub good: u64,
    /// Replies that turned robots away.
    pub restricted: u64,
    /// Failures, in the order of [`Failure::ALL`].
    pub failed: [u64; Failure::ALL.len()],
    /// Attempts beyond the first.
    pub retries: u64,
    /// The phases of those that got so far: dns, connect, tls, wait, transfer.
    pub phases: [TimeHistogram; 5],
}

impl CheckTally {
    pub(super) fn count(&mut self, check: &Check) {
        let outcome = &check.outcome;
        match outcome.cause() {
            Some(cause) => self.failed[cause.failure as usize - 1] += 1,
            None if outcome.restricted() => self.restricted += 1,
            None => self.good += 1,
        }
        self.retries += u64::from(check.attempts.saturating_sub(1));
        for (times, micros) in self.phases.iter_mut().zip(outcome.phases.parts()) {
            if let Some(micros) = micros {
                times.count(micros);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::outcome::Outcome;

    #[test]
    fn every_failure_has_a_place_of_its_own() {
        let mut tally = CheckTally::default();
        for (count, failure) in (1..).zip(Failure::ALL) {
            for _ in 0..count {
                tally.count(&Check {
                    slug: model::name::Slug::new("slack.com").unwrap(),
                    region: model::name::Region::new("local").unwrap(),
                    at: model::moment::Moment::default(),
                    outcome: Outcome::failed(failure, ""),
                    attempts: 2,
                });
            }
        }
        assert_eq!(tally.failed, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!((tally.retries, tally.good), (45, 0));
    }

    #[test]
    fn a_time_counts_in_the_first_bucket_that_holds_it() {
        let mut times = TimeHistogram::default();
        for micros in [0, 1_000, 1_001, 10_000_001] {
            times.count(micros);
        }
        assert_eq!((times.buckets[0], times.buckets[1], times.buckets[12]), (2, 1, 1));
        assert_eq!(times.sum, 10_002_002);
    }
}
