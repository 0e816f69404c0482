//! The attempts of one turn: a failed one is tried again at once, on a new connection and, where
//! the site has several addresses, another one.

use std::future::Future;

use crate::{
    model::{
        outcome::{Failure, Outcome},
        site::Site,
    },
    probe::{Prober, Target},
};

/// Attempts of one turn at most.
const ATTEMPTS: u8 = 2;

/// Looks at a site once. The prober does; tests have answers of their own.
pub trait Look: Clone + Send + Sync + 'static {
    /// One attempt; `attempt` counts from 1.
    fn look(&self, site: &Site, attempt: u8) -> impl Future<Output = Outcome> + Send;
}

/// Looks at a site as a turn does; gives the final outcome and how many attempts it took.
pub async fn attempt(look: &impl Look, site: &Site) -> (Outcome, u8) {
    for attempt in 1..ATTEMPTS {
        let outcome = look.look(site, attempt).await;
        if !worth_another(&outcome) {
            return (outcome, attempt);
        }
    }
    (look.look(site, ATTEMPTS).await, ATTEMPTS)
}

/// A time-out is not tried again within the turn: it took the turn's time already, and the judge
/// asks for another turn soon.
fn worth_another(outcome: &Outcome) -> bool {
    outcome.cause().is_some_and(|cause| cause.failure != Failure::Timeout)
}

impl Look for Prober {
    async fn look(&self, site: &Site, attempt: u8) -> Outcome {
        let Site { url, timeout, expect, private, .. } = site;
        let target = Target { url, timeout: *timeout, expect, private: *private };
        self.probe(&target, attempt).await
    }
}
