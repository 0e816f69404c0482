//! The pace of a story: its clock goes so many times faster than life, and waits for whoever is late.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::{clock::Hand, model::moment::Moment};

/// The clock is moved so often at least, in life.
const STEP: Duration = Duration::from_millis(100);

/// Moves the clock of a story.
#[derive(Debug)]
pub(super) struct Pace {
    hand: Hand,
    speed: u32,
    /// In life, and the moment of the story then.
    mark: (Instant, Moment),
}

impl Pace {
    /// The story is at this moment now.
    pub(super) fn new(hand: Hand, speed: u32, begins: Moment) -> Self {
        Self { hand, speed: speed.max(1), mark: (Instant::now(), begins) }
    }

    /// Waits until the story is at this moment. If it should be further already, because somebody
    /// took long, it goes on from here.
    pub(super) async fn until(&mut self, at: Moment) {
        loop {
            let (begin, moment) = self.mark;
            let there = moment + begin.elapsed() * self.speed;
            if there >= at {
                self.mark = (Instant::now(), at.max(moment));
                self.hand.move_to(at);
                return;
            }
            self.hand.move_to(there);
            sleep((at.since(there) / self.speed).clamp(Duration::from_millis(1), STEP)).await;
        }
    }

    /// The story is at this moment, or further.
    pub(super) fn reached(&mut self, at: Moment) {
        self.hand.move_to(at);
        if at > self.mark.1 + self.mark.0.elapsed() * self.speed {
            self.mark = (Instant::now(), at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[tokio::test(start_paused = true)]
    async fn a_minute_of_the_story_takes_a_second_and_being_late_is_not_made_up_for() {
        let begins = Moment::from_millis(0);
        let (clock, hand) = Clock::moved_by_hand(begins);
        let mut pace = Pace::new(hand, 60, begins);
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
