//! Pauses between the tries of a message, and the rate of messages. Pure.

use std::{collections::VecDeque, time::Duration};

use model::moment::Moment;

/// The first pause; each next one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);
const MINUTE: Duration = Duration::from_mins(1);

/// The pause after this many tries; `chance`, from 0 to 1, makes it up to a quarter shorter or
/// longer, so that messages that failed together are not retried together.
pub(super) fn pause(tries: u32, chance: f64) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1 << tries.saturating_sub(1).min(16));
    doubled.min(LONGEST_PAUSE).mul_f64(0.75 + chance.clamp(0.0, 1.0) / 2.0)
}

/// Limits the number sent in any minute.
#[derive(Debug)]
pub(super) struct SendRate {
    most: usize,
    sent: VecDeque<Moment>,
}

impl SendRate {
    pub(super) fn new(per_minute: u32) -> Self {
        Self { most: per_minute.max(1) as usize, sent: VecDeque::new() }
    }

    /// Time until the next one may be sent.
    pub(super) fn wait(&mut self, now: Moment) -> Duration {
        // A clock that was set back must not hold up anybody for long.
        self.sent.retain(|at| *at <= now && now.since(*at) < MINUTE);
        match self.sent.front() {
            Some(oldest) if self.sent.len() >= self.most => (*oldest + MINUTE).since(now),
            _ => Duration::ZERO,
        }
    }

    /// Counts one that is sent.
    pub(super) fn go(&mut self, now: Moment) {
        self.sent.push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour_and_are_never_quite_the_same() {
        let seconds = |tries| pause(tries, 0.5).as_secs();
        let all: Vec<u64> = [1, 2, 3, 4, 8, 9, 10, 99].into_iter().map(seconds).collect();
        assert_eq!(all, [10, 20, 40, 80, 1_280, 2_560, 3_600, 3_600]);
        assert_eq!(pause(1, 0.0), Duration::from_millis(7_500));
        assert_eq!(pause(1, 1.0), Duration::from_millis(12_500));
    }

    #[test]
    fn no_minute_has_more_than_the_pace_allows() {
        let at = |seconds: u64| Moment::from_millis(0) + Duration::from_secs(seconds);
        let mut pace = SendRate::new(2);
        for (now, want) in [(0, 0), (10, 0), (11, 49), (60, 0), (61, 9), (70, 0)] {
            assert_eq!(pace.wait(at(now)).as_secs(), want, "at {now}");
            if want == 0 {
                pace.go(at(now));
            }
        }
        assert_eq!(pace.wait(at(5)), Duration::ZERO);
    }
}
