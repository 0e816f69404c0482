//! What one visitor may cause: so many lookups a minute, in a bucket that fills steadily. Pure.

use std::{net::IpAddr, time::Duration};

use hashlink::LruCache;

use crate::model::moment::Moment;

/// The buckets of visitors. A visitor who is forgotten has a full one.
#[derive(Debug)]
pub(super) struct Budgets {
    /// Lookups a minute.
    per_minute: u32,
    buckets: LruCache<IpAddr, Bucket>,
}

#[derive(Debug)]
struct Bucket {
    /// Thousandths of lookups.
    left: u64,
    at: Moment,
}

const WHOLE: u64 = 1_000;

impl Budgets {
    pub(super) fn new(per_minute: u32, visitors: usize) -> Self {
        Self { per_minute, buckets: LruCache::new(visitors) }
    }

    /// Takes one lookup.
    ///
    /// # Errors
    /// With the time until there is one, when there is none.
    pub(super) fn take(&mut self, visitor: IpAddr, now: Moment) -> Result<(), Duration> {
        let most = u64::from(self.per_minute) * WHOLE;
        let minute = 60_000;
        if !self.buckets.contains_key(&visitor) {
            self.buckets.insert(visitor, Bucket { left: most, at: now });
        }
        let Some(bucket) = self.buckets.get_mut(&visitor) else { return Ok(()) };
        let passed = now.since(bucket.at).as_millis().min(minute) as u64;
        let gained = passed * most / minute as u64;
        // What is too little to be counted is not lost: its time is counted again.
        if gained > 0 || now < bucket.at {
            bucket.left = most.min(bucket.left + gained);
            bucket.at = now;
        }
        if bucket.left < WHOLE {
            let millis = ((WHOLE - bucket.left) * minute as u64).div_ceil(most.max(1));
            return Err(Duration::from_millis(millis));
        }
        bucket.left -= WHOLE;
        Ok(())
    }
}

/// What a visitor has left of its lookups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Lookups a minute.
    pub per_minute: u32,
    /// How many more it may cause now.
    pub more: u32,
    /// Until there is one more; zero when it has them all.
    pub next: Duration,
}

impl Budgets {
    /// What a visitor has left, without taking any.
    pub(super) fn left(&self, visitor: IpAddr, now: Moment) -> Left {
        let (per_minute, most) = (self.per_minute, u64::from(self.per_minute) * WHOLE);
        let left = self.buckets.peek(&visitor).map_or(most, |bucket| {
            let passed = now.since(bucket.at).as_millis().min(60_000) as u64;
            most.min(bucket.left + passed * most / 60_000)
        });
        let missing = if left < most { WHOLE - left % WHOLE } else { 0 };
        let next = Duration::from_millis((missing * 60_000).div_ceil(most.max(1)));
        Left { per_minute, more: (left / WHOLE) as u32, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Moment {
        Moment::from_millis(millis)
    }

    #[test]
    fn a_visitor_has_so_many_a_minute_and_gets_them_back_steadily() {
        let mut budgets = Budgets::new(2, 10);
        let one: IpAddr = [192, 0, 2, 1].into();
        assert_eq!(budgets.take(one, at(0)), Ok(()));
        assert_eq!(budgets.take(one, at(0)), Ok(()));
        assert_eq!(budgets.take(one, at(0)), Err(Duration::from_secs(30)));
        let left = Left { per_minute: 2, more: 0, next: Duration::from_millis(20_010) };
        assert_eq!(budgets.left(one, at(10_000)), left);
        assert_eq!(budgets.take(one, at(10_000)), Err(Duration::from_millis(20_010)));
        assert_eq!(budgets.take(one, at(31_000)), Ok(()));
        assert!(budgets.take(one, at(31_000)).is_err());
        // Another one has a bucket of its own.
        assert_eq!(budgets.take([192, 0, 2, 2].into(), at(31_000)), Ok(()));
        // However long it waits, it has no more than a minute's.
        for _ in 0..2 {
            assert_eq!(budgets.take(one, at(9_000_000)), Ok(()));
        }
        assert!(budgets.take(one, at(9_000_000)).is_err());
        // A clock that was set back takes nothing away.
        assert!(budgets.take(one, at(0)).is_err());
        assert_eq!(budgets.take(one, at(40_000)), Ok(()));
    }

    #[test]
    fn visitors_are_forgotten_and_never_too_many() {
        let mut budgets = Budgets::new(1, 3);
        for last in 0..100 {
            assert_eq!(budgets.take([192, 0, 2, last].into(), at(0)), Ok(()));
            assert!(budgets.buckets.len() <= 3);
        }
    }
}
