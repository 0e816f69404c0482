//! Counts of one target: in buckets of five minutes for a day, and by days for a week. Pure.

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

/// Days that a usual level is taken from.
pub(super) const DAYS_KEPT: i64 = 7;

/// Sums of the last days of UTC, oldest first; days without any are left out.
#[derive(Clone, Debug, Default)]
pub(super) struct DailySums(VecDeque<(i64, u32)>);

impl DailySums {
    /// Adds to the day of this moment, and forgets what is older than a week.
    pub(super) fn add(&mut self, count: u32, at: Moment) {
        let day = day_of(at);
        match self.0.back_mut() {
            // A clock that was set back counts in the day before.
            Some((last, sum)) if *last >= day => *sum = sum.saturating_add(count),
            _ => self.0.push_back((day, count)),
        }
        while self.0.front().is_some_and(|(first, _)| *first < day - DAYS_KEPT) {
            self.0.pop_front();
        }
    }

    /// The middle one of the days that are over, and their number: those of the last week, as far as
    /// anything was counted since `begun`. `None` before one day is over.
    pub(super) fn usual(&self, begun: Moment, now: Moment) -> Option<(u32, u32)> {
        let today = day_of(now);
        // The first day was not counted whole.
        let first = (day_of(begun) + 1).max(today - DAYS_KEPT);
        let sum = |day| self.0.iter().find(|(other, _)| *other == day).map_or(0, |(_, sum)| *sum);
        let mut sums: Vec<u32> = (first..today).map(sum).collect();
        sums.sort_unstable();
        let middle = sums.get(sums.len().checked_sub(1)? / 2)?;
        Some((*middle, sums.len() as u32))
    }
}

fn day_of(at: Moment) -> i64 {
    at.seconds().div_euclid(86_400)
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

    #[test]
    fn the_usual_level_is_the_middle_day_of_the_last_week() {
        let day = |n: i64| at(n * 24 * 60 + 10);
        let mut sums = DailySums::default();
        assert_eq!(sums.usual(day(0), day(0)), None);
        for (count, n) in [(9, 0), (4, 1), (90, 2), (2, 3), (500, 4)] {
            sums.add(count, day(n));
        }
        assert_eq!(sums.usual(day(0), day(1)), None, "no day is over that was counted whole");
        assert_eq!(sums.usual(day(0), day(2)), Some((4, 1)));
        assert_eq!(sums.usual(day(0), day(4)), Some((4, 3)));
        // Today's trouble is not usual, nor is one bad day.
        assert_eq!(sums.usual(day(0), day(5)), Some((4, 4)));
        assert_eq!(sums.usual(day(-90), day(8)), Some((2, 7)));
        assert_eq!(sums.usual(day(-90), day(30)), Some((0, 7)));
        for n in 0..100 {
            sums.add(1, day(n));
            assert!(sums.0.len() <= 8);
        }
    }
}
