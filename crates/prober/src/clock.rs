//! The one place that reads the time. Everybody else is given a [`Clock`].
//!
//! Durations and deadlines come from tokio's clock, which tests can pause; a [`Clock`] gives
//! moments that follow it, so that a paused test sees both move together.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use model::moment::Moment;

/// Gives the present moment.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Tokio { start: Instant, begin: Moment },
    Manual(Arc<AtomicI64>),
}

/// Moves the clock that [`Clock::manual`] made, for stories that are not played at real speed.
#[derive(Debug)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// Moves the clock to this moment; never back.
    pub fn move_to(&self, at: Moment) {
        self.0.fetch_max(at.millis(), Ordering::AcqRel);
    }
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that shows `begin` now and goes as tokio's clock goes, paused or not.
    pub fn starting_at(begin: Moment) -> Self {
        Self(Source::Tokio { start: Instant::now(), begin })
    }

    /// A clock that shows `begin` until it is moved.
    pub fn manual(begin: Moment) -> (Self, ManualClock) {
        let shown = Arc::new(AtomicI64::new(begin.millis()));
        (Self(Source::Manual(shown.clone())), ManualClock(shown))
    }

    /// The present moment.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the time")]
    pub fn now(&self) -> Moment {
        match &self.0 {
            Source::System => {
                let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
                Moment::from_millis(since.unwrap_or(Duration::ZERO).as_millis() as i64)
            }
            Source::Tokio { start, begin } => *begin + start.elapsed(),
            Source::Manual(shown) => Moment::from_millis(shown.load(Ordering::Acquire)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_with_a_hand_goes_as_it_is_moved_and_never_back() {
        let (clock, hand) = Clock::manual(Moment::from_millis(1_000));
        for (to, shown) in [(2_000, 2_000), (1_500, 2_000), (2_001, 2_001)] {
            hand.move_to(Moment::from_millis(to));
            assert_eq!(clock.now(), Moment::from_millis(shown));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn follows_the_paused_clock_of_tokio() {
        let begin = Moment::from_millis(1_000);
        let clock = Clock::starting_at(begin);
        tokio::time::advance(Duration::from_mins(1)).await;
        assert_eq!(clock.now(), begin + Duration::from_mins(1));
    }
}
