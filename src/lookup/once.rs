//! Counts a visitor once an hour, without keeping an address.
//!
//! Only a salted hash of address, target and hour is kept. The salt is random, never leaves memory
//! and is thrown away each day, and with it all hashes: afterwards it cannot be found out who was
//! counted.

use std::{fmt, net::IpAddr};

use hashlink::LruCache;
use ring::{hmac, rand::SystemRandom};

use model::moment::Moment;

/// Act that is counted.
#[derive(Clone, Copy, Debug)]
pub(super) enum CountedAct {
    /// Lookups.
    Lookup,
    /// Reports of a problem.
    Report,
}

/// Memory of the visitors counted already.
pub(super) struct Once {
    salt: Option<hmac::Key>,
    day: i64,
    seen: LruCache<u64, ()>,
}

impl Once {
    /// Remembers at most `most`, the oldest forgotten first.
    pub(super) fn new(most: usize) -> Self {
        Self { salt: None, day: 0, seen: LruCache::new(most) }
    }

    /// Returns whether this visitor is new for this target in this hour; from now on it is not.
    pub(super) fn is_new(
        &mut self,
        what: CountedAct,
        key: &str,
        visitor: IpAddr,
        now: Moment,
    ) -> bool {
        let day = now.seconds().div_euclid(86_400);
        if self.salt.is_none() || self.day != day {
            self.seen.clear();
            self.day = day;
            self.salt = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()).ok();
        }
        // Without randomness no visitor is counted: better than counting by a reversible hash.
        let Some(hash) = self.hash(what, key, visitor, now) else { return false };
        self.seen.insert(hash, ()).is_none()
    }

    /// Returns whether this visitor was counted for this target in this hour.
    pub(super) fn is_counted(
        &self,
        what: CountedAct,
        key: &str,
        visitor: IpAddr,
        now: Moment,
    ) -> bool {
        self.hash(what, key, visitor, now).is_some_and(|hash| self.seen.contains_key(&hash))
    }

    fn hash(&self, what: CountedAct, key: &str, visitor: IpAddr, now: Moment) -> Option<u64> {
        let hour = now.seconds().div_euclid(3_600);
        let text = format!("{what:?} {hour} {visitor} {key}");
        let tag = hmac::sign(self.salt.as_ref()?, text.as_bytes());
        let (first, _) = tag.as_ref().split_at(8);
        Some(first.iter().fold(0, |hash, byte| hash << 8 | u64::from(*byte)))
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").field("seen", &self.seen.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_counts_once_an_hour_for_a_target_and_is_forgotten_daily() {
        let mut once = Once::new(100);
        let (visitor, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let at = |minute: i64| Moment::from_millis(minute * 60_000);
        let report = CountedAct::Report;
        assert!(!once.is_counted(report, "a.example", visitor, at(0)));
        assert!(once.is_new(report, "a.example", visitor, at(0)));
        assert!(once.is_counted(report, "a.example", visitor, at(59)));
        assert!(!once.is_counted(report, "a.example", other, at(59)));
        assert!(!once.is_counted(report, "a.example", visitor, at(60)));
        assert!(!once.is_new(report, "a.example", visitor, at(59)));
        assert!(once.is_new(report, "a.example", other, at(59)));
        assert!(once.is_new(report, "b.example", visitor, at(59)));
        assert!(once.is_new(CountedAct::Lookup, "a.example", visitor, at(59)));
        assert!(once.is_new(report, "a.example", visitor, at(60)));
        let (salt, count) = (once.salt.clone(), once.seen.len());
        assert_eq!(count, 5);
        assert!(once.is_new(report, "a.example", visitor, at(24 * 60)));
        assert_eq!(once.seen.len(), 1, "yesterday's are gone");
        let tag =
            |key: &Option<hmac::Key>| hmac::sign(key.as_ref().unwrap(), b"x").as_ref().to_vec();
        assert_ne!(tag(&salt), tag(&once.salt), "and so is yesterday's salt");
    }

    #[test]
    fn its_memory_is_bounded() {
        let mut once = Once::new(10);
        for last in 0..200 {
            once.is_new(
                CountedAct::Lookup,
                "a.example",
                [192, 0, 2, last].into(),
                Moment::default(),
            );
        }
        assert_eq!(once.seen.len(), 10);
    }
}
