//! Counts of one target in buckets of five minutes, for a day. Pure.

use std::{collections::VecDeque, time::Duration};

use crate::lookup::reports::COUNTS_KEPT;
use model::moment::Moment;

/// Length of one bucket, in milliseconds.
const BUCKET_MILLIS: i64 = 300_000;
/// Buckets that are kept: a day.
const MAX_BUCKETS: i64 = COUNTS_KEPT.as_millis() as i64 / BUCKET_MILLIS;

/// Buckets with their begin, oldest first; empty ones are left out.
#[derive(Clone, Debug, Default)]
pub(super) struct SlidingCounts(VecDeque<(i64, u32, u32)>);

impl SlidingCounts {
    /// Adds to the bucket of this moment, and forgets what is a day older than the newest.
    pub(super) fn add(&mut self, all: u32, bad: u32, at: Moment) {
        let bucket = at.millis().div_euclid(BUCKET_MILLIS);
        let place = self.0.partition_point(|(other, ..)| *other < bucket);
        match self.0.get_mut(place) {
            Some((other, a, b)) if *other == bucket => {
                (*a, *b) = (a.saturating_add(all), b.saturating_add(bad));
            }
            _ => self.0.insert(place, (bucket, all, bad)),
        }
        let newest = self.0.back().map_or(bucket, |(at, ..)| *at);
        while self.0.front().is_some_and(|(at, ..)| *at <= newest - MAX_BUCKETS) {
            self.0.pop_front();
        }
    }

    /// The sums of the buckets that end within this time before now.
    pub(super) fn within(&self, time: Duration, now: Moment) -> (u32, u32) {
        let sum = |(a, b): (u32, u32), (_, all, bad): (Moment, u32, u32)| {
            (a.saturating_add(all), b.saturating_add(bad))
        };
        self.since(time, now).fold((0, 0), sum)
    }

    /// The buckets that end within this time before now.
    pub(super) fn since(
        &self,
        time: Duration,
        now: Moment,
    ) -> impl Iterator<Item = (Moment, u32, u32)> {
        let last = now.millis().div_euclid(BUCKET_MILLIS);
        let first = last - time.as_millis() as i64 / BUCKET_MILLIS;
        let counted = self.0.iter().filter(move |(at, ..)| (first + 1..=last).contains(at));
        counted.map(|(at, all, bad)| (Moment::from_millis(at * BUCKET_MILLIS), *all, *bad))
    }

    /// Buckets that are kept.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn at(minute: i64) -> Moment {
        Moment::from_millis(minute * 60_000)
    }

    #[test]
    fn counts_are_of_five_minutes_in_whatever_order_they_come() {
        let mut counts = SlidingCounts::default();
        for (all, bad, minute) in [(3, 1, 20), (2, 2, 4), (1, 0, 24), (5, 0, 12)] {
            counts.add(all, bad, at(minute));
        }
        let seen: Vec<_> = counts.since(HOUR, at(24)).collect();
        assert_eq!(seen, [(at(0), 2, 2), (at(10), 5, 0), (at(20), 4, 1)]);
        assert_eq!(counts.within(HOUR, at(24)), (11, 3));
        assert_eq!(counts.within(HOUR, at(62)), (9, 1));
        // What is to come, by a clock that was set back, is not of the last hour.
        assert_eq!(counts.within(HOUR, at(11)), (7, 2));
        counts.add(1, 0, at(24 * 60 + 3));
        assert_eq!(counts.len(), 3, "what is a day older is forgotten");
        for minute in 0..20_000 {
            counts.add(1, 1, at(minute));
            assert!(counts.len() <= MAX_BUCKETS as usize);
        }
    }
}
