//! A rate limiter: so many a minute, all at once or steadily, for each key (a client, an address, a
//! block of addresses). Pure: time is a parameter.
//!
//! Of a key it keeps the moment when its quota is full again (the generic cell rate algorithm). Its
//! memory is bounded: the least recently used key is forgotten first, and starts afresh.

use std::{hash::Hash, time::Duration};

use hashlink::LruCache;

use model::moment::Moment;

/// The stretch of time that an allowance is for.
pub const WINDOW: Duration = Duration::from_mins(1);

/// Limits how often something is done for each key.
#[derive(Debug)]
pub struct RateLimiter<K: Eq + Hash> {
    per_minute: u32,
    /// The moment when the allowance of each key is whole again.
    whole_at: LruCache<K, Moment>,
}

/// Quota of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Limit a minute.
    pub per_minute: u32,
    /// Number still allowed now.
    pub remaining: u32,
    /// Until there is one more than that; zero when the allowance is whole.
    pub next: Duration,
}

impl<K: Eq + Hash> RateLimiter<K> {
    /// A limiter to `per_minute` that remembers `max_keys` keys.
    pub fn new(per_minute: u32, max_keys: usize) -> Self {
        Self { per_minute, whole_at: LruCache::new(max_keys) }
    }

    /// Takes one from the allowance of a key.
    ///
    /// # Errors
    /// Fails when nothing is left; [`Quota::next`] is then how long to wait.
    pub fn take(&mut self, key: K, now: Moment) -> Result<Quota, Quota> {
        let (owed, each) = (self.owed(&key, now), self.each());
        if self.per_minute == 0 || owed + each > WINDOW {
            // After a clock was set back, no key is locked out for longer than the window.
            self.whole_at.insert(key, now + owed);
            return Err(self.quota(owed));
        }
        self.whole_at.insert(key, now + owed + each);
        Ok(self.quota(owed + each))
    }

    /// Quota of a key, without using any of it.
    pub fn peek(&self, key: &K, now: Moment) -> Quota {
        self.quota(self.owed(key, now))
    }

    /// Share of the window that one use takes.
    fn each(&self) -> Duration {
        WINDOW / self.per_minute.max(1)
    }

    /// Time until the quota of a key is full.
    fn owed(&self, key: &K, now: Moment) -> Duration {
        self.whole_at.peek(key).map_or(Duration::ZERO, |at| at.since(now)).min(WINDOW)
    }

    fn quota(&self, owed: Duration) -> Quota {
        let (per_minute, each) = (self.per_minute, self.each());
        let remaining = (WINDOW.saturating_sub(owed).as_nanos() / each.as_nanos().max(1)) as u32;
        let next = if owed.is_zero() {
            Duration::ZERO
        } else {
            (owed + each * (remaining + 1)).saturating_sub(WINDOW)
        };
        Quota { per_minute, remaining: remaining.min(per_minute), next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Moment {
        Moment::from_millis(millis)
    }

    #[test]
    fn a_key_has_so_many_a_minute_and_gets_them_back_one_by_one() {
        let mut limiter = RateLimiter::new(3, 10);
        let mut take = |key, millis| match limiter.take(key, at(millis)) {
            Ok(quota) => (quota.remaining, quota.next.as_secs(), false),
            Err(quota) => (quota.remaining, quota.next.as_secs(), true),
        };
        assert_eq!(take(1, 0), (2, 20, false));
        assert_eq!(take(1, 0), (1, 20, false));
        assert_eq!(take(1, 0), (0, 20, false));
        assert_eq!(take(1, 1_000), (0, 19, true));
        assert_eq!(take(1, 20_000), (0, 20, false));
        assert_eq!(take(2, 20_000), (2, 20, false), "another has its own");
        assert_eq!(take(1, 900_000), (2, 20, false), "never more than a minute's");
        assert_eq!(take(1, 905_000), (1, 15, false));
        assert_eq!(take(1, 0), (0, 20, true), "a clock that was set back");
        assert_eq!(take(1, 20_000), (0, 20, false), "locks nobody out for longer than a minute");
    }

    #[test]
    fn a_look_at_what_is_left_takes_nothing() {
        let mut limiter = RateLimiter::new(2, 10);
        let whole = Quota { per_minute: 2, remaining: 2, next: Duration::ZERO };
        assert_eq!(limiter.peek(&1, at(0)), whole);
        assert!(limiter.take(1, at(0)).is_ok() && limiter.take(1, at(0)).is_ok());
        let left = Quota { per_minute: 2, remaining: 0, next: Duration::from_secs(20) };
        assert_eq!(limiter.peek(&1, at(10_000)), left);
        assert_eq!(limiter.take(1, at(10_000)), Err(left));
        assert_eq!(limiter.peek(&1, at(60_000)), whole);
    }

    #[test]
    fn keys_are_forgotten_and_never_too_many() {
        let mut limiter = RateLimiter::new(1, 3);
        for key in 0..100 {
            assert!(limiter.take(key, at(0)).is_ok());
            assert!(limiter.whole_at.len() <= 3);
        }
        assert!(limiter.take(99, at(0)).is_err());
        assert!(limiter.take(0, at(0)).is_ok());
        assert!(RateLimiter::new(0, 3).take(1, at(0)).is_err());
    }
}
