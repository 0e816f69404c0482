//! Distribution of a site's latencies: the share of its answers that usually takes longer than a
//! given time. A cache that misses three times in ten makes three slow answers in ten, and that is
//! no trouble; six in ten are.
//!
//! Counts in half doublings, halved now and then, so that latencies of two days ago count little.

use serde::{Deserialize, Serialize};

use crate::judge::latency_baseline::{PARTS, log};

/// Half doublings, from 8 ms on.
const STEPS: usize = 24;
const FIRST_STEP: u16 = 26;
/// Latencies at which all counts are halved: two days of minutes.
const HALVED_AT: u32 = 2_880;
/// While the site is slow, one in this many latencies is learned.
const SLOW_LEARN_FRACTION: u8 = 4;

/// Counts of latencies by size.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct LatencySpread {
    counts: [u16; STEPS],
    /// Latencies that were passed over while it was slow.
    passed: u8,
}

impl LatencySpread {
    /// Takes `count` latencies, all about as long as this one, in microseconds.
    pub(super) fn learn(&mut self, micros: u32, count: u8, slow: bool) {
        let mut count = u32::from(count);
        if slow {
            count += u32::from(self.passed);
            self.passed = (count % u32::from(SLOW_LEARN_FRACTION)) as u8;
            count /= u32::from(SLOW_LEARN_FRACTION);
        }
        let count = count.min(u32::from(u16::MAX)) as u16;
        let place = &mut self.counts[place(micros).0];
        *place = place.saturating_add(count);
        if self.known() >= HALVED_AT {
            self.counts = self.counts.map(|count| count / 2);
        }
    }

    /// Latencies that are known.
    pub(super) fn known(&self) -> u32 {
        self.counts.iter().map(|count| u32::from(*count)).sum()
    }

    /// Number of those that took longer.
    pub(super) fn above(&self, micros: u32) -> f64 {
        let (place, into) = place(micros);
        let above: u32 = self.counts[place + 1..].iter().map(|count| u32::from(*count)).sum();
        f64::from(above) + f64::from(self.counts[place]) * (1.0 - into)
    }
}

/// Index of a latency, and its position within that step.
fn place(micros: u32) -> (usize, f64) {
    let half = PARTS as u16 / 2;
    let parts = log(micros).saturating_sub(FIRST_STEP * half);
    let place = usize::from(parts / half).min(STEPS - 1);
    (place, f64::from(parts % half) / f64::from(half))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_above_is_what_it_was_of_late() {
        let mut spread = LatencySpread::default();
        for n in 0..5_000 {
            spread.learn(if n % 10 < 3 { 1_400_000 } else { 80_000 }, 1, false);
        }
        let share =
            |spread: &LatencySpread, micros| spread.above(micros) / f64::from(spread.known());
        assert!((0.29..0.31).contains(&share(&spread, 1_000_000)));
        assert!(share(&spread, 3_000_000) < 0.001);
        assert!(share(&spread, 20_000) > 0.99);
        for _ in 0..5_000 {
            spread.learn(80_000, 1, false);
        }
        assert!(share(&spread, 1_000_000) < 0.06);
        assert!(spread.known() < HALVED_AT);
    }

    #[test]
    fn slow_answers_are_learned_four_times_slower_and_any_latency_has_a_place() {
        let mut spread = LatencySpread::default();
        for micros in [0, 1, 8_191, 8_192, u32::MAX] {
            spread.learn(micros, 4, true);
        }
        assert_eq!(spread.known(), 5);
        spread.learn(1, 3, true);
        assert_eq!(spread.known(), 5);
        spread.learn(1, 1, true);
        assert_eq!(spread.known(), 6);
    }
}
