//! The one place that reads the time. Everybody else is given a [`Clock`].
//!
//! Durations and deadlines come from tokio's clock, which tests can pause; a [`Clock`] gives
//! moments that follow it, so that a paused test sees both move together.

use std::time::Duration;

use tokio::time::Instant;

use crate::model::moment::Moment;

/// Gives the present moment.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Tokio { start: Instant, begin: Moment },
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

    /// The present moment.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the time")]
    pub fn now(&self) -> Moment {
        match self.0 {
            Source::System => {
                let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
                Moment::from_millis(since.unwrap_or(Duration::ZERO).as_millis() as i64)
            }
            Source::Tokio { start, begin } => begin + start.elapsed(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn follows_the_paused_clock_of_tokio() {
        let begin = Moment::from_millis(1_000);
        let clock = Clock::starting_at(begin);
        tokio::time::advance(Duration::from_mins(1)).await;
        assert_eq!(clock.now(), begin + Duration::from_mins(1));
    }
}
