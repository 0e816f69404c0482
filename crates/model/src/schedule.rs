//! Schedule of a site's checks: hashed from slug and region, so that load is even over the interval
//! and a restart does not move it.

use std::time::Duration;

use super::{
    moment::Moment,
    name::{Region, Slug},
};

/// A wish to look again is met after this time, whatever the interval: what is over in a moment
/// would else fail twice in it.
const RECHECK_AFTER: Duration = Duration::from_secs(5);

/// A site's place inside its interval: the same for the same slug and region, always.
pub fn offset(slug: &Slug, region: &Region, interval: Duration) -> Duration {
    let mut hash = fnv(0xcbf2_9ce4_8422_2325, slug.as_str().as_bytes());
    hash = fnv(hash, b"@");
    hash = fnv(hash, region.as_str().as_bytes());
    let millis = interval.as_millis().max(1) as u64;
    Duration::from_millis(mix(hash) % millis)
}

/// The first scheduled check after `now`, for a site with this offset and interval.
pub fn next(now: Moment, offset: Duration, interval: Duration) -> Moment {
    let interval = interval.as_millis().max(1) as i64;
    let into = (now.millis() - offset.as_millis() as i64).rem_euclid(interval);
    Moment::from_millis(now.millis() - into + interval)
}

/// Moment of a recheck requested at `now`, in addition to the schedule.
pub fn soon(now: Moment) -> Moment {
    now + RECHECK_AFTER
}

/// Returns whether a scheduled check due at `due` serves as the recheck requested at `now`.
pub fn meets(due: Moment, now: Moment) -> bool {
    const RECHECK_TOLERANCE: Duration = Duration::from_secs(1);
    due + RECHECK_TOLERANCE >= soon(now) && due <= soon(now) + RECHECK_TOLERANCE
}

/// FNV-1a, 64 bits (<http://www.isthe.com/chongo/tech/comp/fnv/>): fixed for ever, unlike the
/// standard library's hasher.
fn fnv(seed: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(seed, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The finalizer of `MurmurHash3`: spreads FNV's weak low bits.
fn mix(mut hash: u64) -> u64 {
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn slug(n: usize) -> Slug {
        Slug::new(&format!("site-{n}.example")).unwrap()
    }

    #[test]
    fn turns_are_spread_evenly_over_the_interval() {
        let here = Region::new("local").unwrap();
        let mut seconds = [0_u32; 60];
        for n in 0..6_000 {
            seconds[offset(&slug(n), &here, MINUTE).as_secs() as usize] += 1;
        }
        assert!(seconds.iter().all(|n| (55..=150).contains(n)), "{seconds:?}");
    }

    #[test]
    fn regions_look_at_different_moments_and_a_restart_moves_nothing() {
        let (here, there) = (Region::new("ams").unwrap(), Region::new("syd").unwrap());
        assert_ne!(offset(&slug(1), &here, MINUTE), offset(&slug(1), &there, MINUTE));
        assert_eq!(offset(&Slug::new("slack.com").unwrap(), &here, MINUTE).as_millis(), 58_079);
    }

    proptest! {
        #[test]
        fn the_next_turn_is_within_one_interval_and_in_its_place(
            now in 0_i64..4_000_000_000_000, offset in 0_u64..60_000,
        ) {
            let (now, offset) = (Moment::from_millis(now), Duration::from_millis(offset));
            let turn = next(now, offset, MINUTE);
            prop_assert!(turn > now && turn <= now + MINUTE);
            prop_assert_eq!(turn.millis().rem_euclid(60_000), offset.as_millis() as i64);
        }
    }
}
