//! The pipeline's end of the canaries: requests them at the start, so that their silence is
//! evidence later, and when something failed that may be our own doing; and takes their results.

use std::time::Duration;

use tokio::sync::mpsc;

use super::Judge;
use model::{moment::Moment, name::Region};

/// Least time between two requests.
const ASK_INTERVAL: Duration = Duration::from_secs(2);

/// Link to the canaries of our own region.
#[derive(Debug)]
pub struct CanaryLink {
    region: Region,
    ask: mpsc::Sender<()>,
    asked_at: Option<Moment>,
}

impl CanaryLink {
    /// A way to the canaries of `region`, which are asked through `ask`.
    pub fn new(region: Region, ask: mpsc::Sender<()>) -> Self {
        Self { region, ask, asked_at: None }
    }

    /// Asks if there is need. It never waits.
    pub(super) fn attend(&mut self, judging: &Judge, now: Moment) {
        let lately = self.asked_at.is_some_and(|at| at <= now && now < at + ASK_INTERVAL);
        let wanted = self.asked_at.is_none() || judging.wants_canaries(&self.region);
        if !lately && wanted && self.ask.try_send(()).is_ok() {
            self.asked_at = Some(now);
        }
    }
}
