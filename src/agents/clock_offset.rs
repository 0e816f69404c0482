//! Difference of an agent's clock from ours, measured over the exchanges with it.

use std::{collections::VecDeque, time::Duration};

use model::moment::Moment;

/// Exchanges that count: the newest.
const MAX_EXCHANGES: usize = 9;
/// Apart by this or less, moments are taken as they are: the network is no better clock.
const MAX_IGNORED_MS: u64 = 1_000;
/// Apart by more than this, an agent's clock is wrong.
const MAX_OFFSET_MS: u64 = 30_000;
/// A clock that moves by more than this against ours between exchanges jumps.
const MAX_STEP_MS: u64 = 5_000;

/// Difference of an agent's clock from ours.
#[derive(Clone, Debug, Default)]
pub(super) struct ClockOffset {
    /// Milliseconds by which ours is ahead, of the newest exchanges.
    seen: VecDeque<i64>,
    /// Correction of its moments: it changes only when the clock has, and outlives both ends, so
    /// that a line sent twice gets the same moment.
    correction: i64,
}

impl ClockOffset {
    /// Takes an exchange: the moments of both clocks at its arrival, and the duration of the one
    /// before.
    pub(super) fn heard(&mut self, ours: Moment, theirs: Moment, round_trip_ms: u32) {
        if self.seen.len() == MAX_EXCHANGES {
            self.seen.pop_front();
        }
        let apart = ours.millis().saturating_sub(theirs.millis());
        self.seen.push_back(apart.saturating_sub(i64::from(round_trip_ms) / 2));
        let median = self.median();
        if median.abs_diff(self.correction) > MAX_IGNORED_MS {
            let is_right = median.unsigned_abs() <= MAX_IGNORED_MS;
            let seconds = median.saturating_add(500).div_euclid(1_000);
            self.correction = if is_right { 0 } else { seconds.saturating_mul(1_000) };
        }
    }

    /// Forgets the exchanges: those of another run may be with another clock. What is sent again
    /// must have the moment that it had, so the correction stays until exchanges contradict it.
    pub(super) fn forget(&mut self) {
        self.seen.clear();
    }

    /// Takes a correction that was kept, unless the exchanges contradict it.
    pub(super) fn adopt(&mut self, correction: i64) {
        if self.seen.is_empty() || self.median().abs_diff(correction) <= MAX_IGNORED_MS {
            self.correction = correction;
        }
    }

    /// Milliseconds that are added to its moments.
    pub(super) fn correction(&self) -> i64 {
        self.correction
    }

    /// Milliseconds by which our clock is ahead: the median of the exchanges.
    pub(super) fn median(&self) -> i64 {
        let mut sorted: Vec<i64> = self.seen.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().unwrap_or(0)
    }

    /// Returns whether the clock is so far away, or so unsteady, that its moments are not believed.
    pub(super) fn is_wrong(&self) -> bool {
        let median = self.median();
        let jumps = |seen: &i64| seen.abs_diff(median) > MAX_STEP_MS;
        median.unsigned_abs() > MAX_OFFSET_MS
            || self.seen.iter().rev().take(MAX_EXCHANGES / 2 + 1).any(jumps)
    }

    /// Returns whether a moment of the agent's clock is `ahead` of this one of ours only because its clock
    /// was set just now: by the newest exchange it is not, and the correction follows within a few more.
    pub(super) fn will_catch_up(&self, at: Moment, now: Moment, ahead: Duration) -> bool {
        let newest = self.seen.back().copied().unwrap_or_default();
        let by_newest = Moment::from_millis(at.millis().saturating_add(newest));
        self.correct(at) > now + ahead && by_newest <= now + ahead
    }

    /// A moment of the agent's clock by ours.
    pub(super) fn correct(&self, at: Moment) -> Moment {
        Moment::from_millis(at.millis().saturating_add(self.correction))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(apart: &[i64]) -> ClockOffset {
        let mut offset = ClockOffset::default();
        for (n, apart) in (0..).zip(apart) {
            let ours = 1_790_000_000_000 + n * 1_000;
            offset.heard(Moment::from_millis(ours), Moment::from_millis(ours - apart - 20), 40);
        }
        offset
    }

    #[test]
    fn a_clock_is_corrected_from_a_second_on_and_not_believed_from_half_a_minute_on() {
        for (apart, median, correction, wrong) in [
            (&[][..], 0, 0, false),
            (&[900, 950, 1_000], 950, 0, false),
            (&[-3_400, -3_350, -3_390], -3_390, -3_000, false),
            (&[-3_600, -3_650, -3_690], -3_650, -4_000, false),
            (&[29_000; 9], 29_000, 29_000, false),
            (&[300_400; 3], 300_400, 300_000, true),
            (&[-31_000; 3], -31_000, -31_000, true),
            // One late exchange among many says nothing of the clock, once it is over.
            (&[7_000, 10, 12, 9, 11, 10, 12, 13, 9], 11, 0, false),
            // It was set while it ran.
            (&[10, 10, 10, 10, 10, 10, 10, 10, 20_000], 10, 0, true),
        ] {
            let offset = after(apart);
            let at = Moment::from_millis(1_000_000);
            let moved = offset.correct(at).millis() - at.millis();
            assert_eq!(
                (offset.median(), moved, offset.is_wrong()),
                (median, correction, wrong),
                "{apart:?}"
            );
        }
    }

    #[test]
    fn a_clock_that_is_set_forward_is_followed_and_what_lies_ahead_by_every_exchange_is_not_waited_for()
     {
        let (ahead, ours) = (Duration::from_secs(5), 1_790_000_100_000);
        let now = Moment::from_millis(ours);
        let mut offset = after(&[10; 9]);
        let at = Moment::from_millis(ours + 20_000);
        assert!(!offset.will_catch_up(at, now, ahead), "nothing shows it yet");
        for exchange in 1..=5 {
            offset.heard(now, at, 0);
            assert_eq!(offset.will_catch_up(at, now, ahead), exchange < 5, "{exchange}");
            let year_ahead = at + Duration::from_hours(8_760);
            assert!(!offset.will_catch_up(year_ahead, now, ahead), "{exchange}");
        }
        assert_eq!(offset.correct(at), now);
        for theirs in [i64::MIN, i64::MAX] {
            offset.heard(now, Moment::from_millis(theirs), 0);
            offset.will_catch_up(Moment::from_millis(i64::MAX), now, ahead);
        }
    }

    #[test]
    fn what_is_sent_twice_gets_the_same_moment_however_the_network_wavers() {
        let mut offset = after(&[3_400, 3_450, 3_420]);
        let at = Moment::from_millis(1_000_000);
        let first = offset.correct(at);
        for apart in [3_900, 4_100, 3_999, 4_300, 3_500] {
            offset.heard(Moment::from_millis(2_000_000), Moment::from_millis(2_000_000 - apart), 0);
            assert_eq!(offset.correct(at), first);
        }
    }

    #[test]
    fn what_is_sent_again_to_another_run_gets_the_moment_that_it_had() {
        let before = after(&[3_600, 3_620, 3_610]);
        let at = Moment::from_millis(1_000_000);
        let mut restarted = ClockOffset::default();
        restarted.adopt(before.correction());
        let mut same = before.clone();
        same.forget();
        for offset in [&mut restarted, &mut same] {
            // Alone, this exchange would make three seconds of it.
            offset.heard(Moment::from_millis(2_000_000), Moment::from_millis(1_996_600), 0);
            assert_eq!(offset.correct(at), before.correct(at));
        }
        // A clock that was mended since is believed, and one that is right is not corrected.
        restarted.forget();
        restarted.heard(Moment::from_millis(2_000_000), Moment::from_millis(1_999_800), 0);
        assert_eq!(restarted.correct(at), at);
        restarted.adopt(before.correction());
        assert_eq!(restarted.correct(at), at);
    }

    #[test]
    fn hostile_moments_do_no_harm() {
        let mut offset = ClockOffset::default();
        for theirs in [i64::MIN, i64::MAX, 0] {
            offset.heard(Moment::from_millis(i64::MAX), Moment::from_millis(theirs), u32::MAX);
            offset.correct(Moment::from_millis(i64::MAX));
            assert!(offset.is_wrong() || theirs == i64::MAX);
        }
        let mut offset = ClockOffset::default();
        offset.heard(Moment::from_millis(i64::MIN), Moment::from_millis(i64::MAX), u32::MAX);
        offset.correct(Moment::from_millis(i64::MIN));
        assert!(offset.is_wrong());
    }
}
