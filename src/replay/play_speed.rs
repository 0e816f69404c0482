//! The pace of a story: its clock runs at a multiple of real time, and waits for slow work.

use std::time::Duration;

use tokio::{
    task::yield_now,
    time::{Instant, sleep},
};

use model::moment::Moment;
use prober::clock::ManualClock;

/// Longest real time between two settings of the clock.
const MAX_STEP: Duration = Duration::from_millis(100);
/// Shortest sleep: the story may be ahead by this much real time.
const MIN_SLEEP: Duration = Duration::from_millis(2);

/// Moves the clock of a story.
#[derive(Debug)]
pub(super) struct PlaySpeed {
    manual_clock: ManualClock,
    /// `None`: as fast as it can be.
    speed: Option<u32>,
    /// An instant in real time, and the moment of the story then.
    mark: (Instant, Moment),
}

impl PlaySpeed {
    /// The story is at this moment now.
    pub(super) fn new(manual_clock: ManualClock, speed: Option<u32>, begins: Moment) -> Self {
        let speed = speed.map(|speed| speed.max(1));
        Self { manual_clock, speed, mark: (Instant::now(), begins) }
    }

    /// Waits until the story is at this moment. If it should be further already, because the work
    /// took long, it goes on from here.
    pub(super) async fn until(&mut self, at: Moment) {
        let Some(speed) = self.speed else { return self.manual_clock.move_to(at) };
        loop {
            let (begin, moment) = self.mark;
            let there = moment + begin.elapsed() * speed;
            if there >= at {
                self.mark = (Instant::now(), at.max(moment));
                self.manual_clock.move_to(at);
                return;
            }
            let rest = at.since(there) / speed;
            if rest < MIN_SLEEP {
                self.manual_clock.move_to(at);
                return yield_now().await;
            }
            self.manual_clock.move_to(there);
            sleep(rest.min(MAX_STEP)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prober::clock::Clock;

    #[tokio::test(start_paused = true)]
    async fn a_minute_of_the_story_takes_a_second_and_being_late_is_not_made_up_for() {
        let begins = Moment::from_millis(0);
        let (clock, manual_clock) = Clock::manual(begins);
        let mut pace = PlaySpeed::new(manual_clock, Some(60), begins);
        let start = Instant::now();
        pace.until(begins + Duration::from_mins(1)).await;
        assert_eq!(start.elapsed().as_millis(), 1_000);
        assert_eq!(clock.now(), begins + Duration::from_mins(1));
        sleep(Duration::from_secs(10)).await;
        pace.until(begins + Duration::from_mins(2)).await;
        assert_eq!(clock.now(), begins + Duration::from_mins(2));
        pace.until(begins + Duration::from_mins(3)).await;
        assert_eq!(start.elapsed().as_millis(), 12_000);
    }
}
