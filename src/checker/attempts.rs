//! The attempts of one turn: a failed one is tried again at once, on a new connection and, where
//! the site has several addresses, another one. One that is silent gets company.

use std::{future::Future, pin::pin};

use tokio::time::timeout;

use crate::{
    model::{outcome::Outcome, site::Site},
    probe::{Prober, Target},
};

/// Attempts of one turn at most.
const ATTEMPTS: u8 = 2;
/// After this part of the site's time the second one does not wait for the first any more.
const IMPATIENCE: u32 = 3;

/// Looks at a site once. The prober does; tests have answers of their own.
pub trait Look: Clone + Send + Sync + 'static {
    /// One attempt; `attempt` counts from 1.
    fn look(&self, site: &Site, attempt: u8) -> impl Future<Output = Outcome> + Send;
}

/// Looks at a site as a turn does; gives the final outcome and how many attempts it took.
pub async fn attempt(look: &impl Look, site: &Site) -> (Outcome, u8) {
    attempt_after(look, site, 0).await
}

/// The same for a turn that follows failed ones with so many attempts: it begins with the next
/// address, not with the first again.
pub(super) async fn attempt_after(look: &impl Look, site: &Site, before: u8) -> (Outcome, u8) {
    let number = |attempt: u8| before.wrapping_add(attempt).max(1);
    let patience = site.timeout / IMPATIENCE;
    let mut first = pin!(look.look(site, number(1)));
    match timeout(patience, &mut first).await {
        Ok(outcome) if outcome.cause().is_some() => {
            return (look.look(site, number(2)).await, ATTEMPTS);
        }
        Ok(outcome) => return (outcome, 1),
        Err(_) => {}
    }
    // Silence so far: another one goes along with it, so that lost packets are no lost turn. How
    // long the first one takes is what a visitor would have waited, so it has the first word.
    let rest = site.timeout.saturating_sub(patience);
    let mut second = pin!(timeout(rest, look.look(site, number(2))));
    let (first, early) = tokio::select! {
        first = &mut first => (first, None),
        second = &mut second => (first.await, Some(second)),
    };
    if first.cause().is_none() {
        return (first, 1);
    }
    let second = match early {
        Some(second) => second,
        None => second.await,
    };
    (second.ok().filter(|second| second.cause().is_none()).unwrap_or(first), ATTEMPTS)
}

impl Look for Prober {
    async fn look(&self, site: &Site, attempt: u8) -> Outcome {
        let Site { url, timeout, expect, private, .. } = site;
        let target = Target { url, timeout: *timeout, expect, private: *private };
        self.probe(&target, attempt).await
    }
}
