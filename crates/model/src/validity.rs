//! The time for which a certificate is valid, and when its end is near. Pure.

use std::time::Duration;

use crate::moment::Moment;

/// Time for which a certificate is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The moment when it begins, if that is known.
    pub begins_at: Option<Moment>,
    /// The moment when it ends.
    pub ends_at: Moment,
}

impl Validity {
    /// Returns whether it ends within this time, and a third of its life at most is left: one that is valid for six
    /// days is renewed every few days, and is always near its end.
    pub fn ends_within(&self, within: Duration, now: Moment) -> bool {
        let life = self.begins_at.map(|begins_at| self.ends_at.since(begins_at));
        now + life.map_or(within, |life| within.min(life / 3)) >= self.ends_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_near_when_the_time_is_come_and_a_third_of_the_life_is_left() {
        const DAY: Duration = Duration::from_hours(24);
        let now = Moment::from_millis(1_790_000_000_000);
        for (life, left, within, near) in [
            (Some(90), 30, 21, false),
            (Some(90), 20, 21, true),
            (Some(45), 16, 21, false),
            (Some(45), 14, 21, true),
            (Some(6), 5, 21, false),
            (Some(6), 1, 21, true),
            (Some(6), 2, 1, false),
            (None, 20, 21, true),
        ] {
            let ends_at = now + DAY * left;
            let begins_at = life.map(|life| ends_at - DAY * life);
            let validity = Validity { begins_at, ends_at };
            assert_eq!(validity.ends_within(DAY * within, now), near, "{life:?} {left} {within}");
        }
    }
}
