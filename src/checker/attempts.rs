//! The attempts of one turn: a failed one is tried again at once, on a new connection and, where
//! the site has several addresses, another one. One that is silent gets company.

use std::{
    future::Future,
    pin::{Pin, pin},
    time::Duration,
};

use tokio::time::timeout;

use crate::{
    model::{outcome::Outcome, site::Site},
    probe::{Prober, Target},
};

/// Attempts of one turn at most.
const ATTEMPTS: u8 = 3;
/// After this part of the site's time the next one does not wait for the one before any more.
const IMPATIENCE: u32 = 3;

/// Looks at a site once. The prober does; tests have answers of their own.
pub trait Look: Clone + Send + Sync + 'static {
    /// One attempt; `attempt` counts from 1.
    fn look(&self, site: &Site, attempt: u8) -> impl Future<Output = Outcome> + Send;

    /// Waits for an attempt no longer than this. Where time does not pass as in life, it is waited
    /// in another way.
    fn within<F>(
        &self,
        limit: Duration,
        waited_for: F,
    ) -> impl Future<Output = Result<F::Output, TooLong>> + Send
    where
        F: Future + Send,
        F::Output: Send,
    {
        async move { timeout(limit, waited_for).await.map_err(|_| TooLong) }
    }
}

/// It took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

/// Looks at a site as a turn does; gives the final outcome and how many attempts it took.
pub async fn attempt(look: &impl Look, site: &Site) -> (Outcome, u8) {
    attempt_after(look, site, 0).await
}

/// The same for a turn that follows failed ones with so many attempts: it begins with the next
/// address, not with the first again.
pub async fn attempt_after(look: &impl Look, site: &Site, before: u8) -> (Outcome, u8) {
    let mut first = pin!(look.look(site, before.wrapping_add(1).max(1)));
    match look.within(site.timeout / IMPATIENCE, &mut first).await {
        Ok(outcome) if outcome.cause().is_none() => (outcome, 1),
        // Boxes keep what is seldom out of every turn.
        Ok(_) => Box::pin(after_failure(look, site, before.wrapping_add(1), ATTEMPTS - 1)).await,
        Err(_) => {
            Box::pin(with_company(look, site, before.wrapping_add(1), ATTEMPTS - 1, first)).await
        }
    }
}

/// What the next attempts see when one has failed, and how many there were with it.
async fn after_failure(look: &impl Look, site: &Site, before: u8, left: u8) -> (Outcome, u8) {
    let mut next = pin!(look.look(site, before.wrapping_add(1).max(1)));
    if left <= 1 {
        return (next.await, 2);
    }
    let (outcome, attempts) = match look.within(site.timeout / IMPATIENCE, &mut next).await {
        Ok(outcome) if outcome.cause().is_none() => (outcome, 1),
        Ok(_) => Box::pin(after_failure(look, site, before.wrapping_add(1), left - 1)).await,
        Err(_) => with_company(look, site, before.wrapping_add(1), left - 1, next).await,
    };
    (outcome, attempts + 1)
}

/// Silence so far: another one goes along with it, so that lost packets are no lost turn. How long
/// the first one takes is what a visitor would have waited, so it has the first word.
async fn with_company(
    look: &impl Look,
    site: &Site,
    before: u8,
    left: u8,
    mut first: Pin<&mut impl Future<Output = Outcome>>,
) -> (Outcome, u8) {
    let rest = site.timeout.saturating_sub(site.timeout / IMPATIENCE);
    let mut others = pin!(look.within(rest, Box::pin(in_company(look, site, before, left))));
    let (first, early) = tokio::select! {
        first = &mut first => (first, None),
        others = &mut others => (first.await, Some(others)),
    };
    if first.cause().is_none() {
        return (first, 1);
    }
    let others = match early {
        Some(others) => others,
        None => others.await,
    };
    match others {
        Ok((other, attempts)) if other.cause().is_none() => (other, attempts + 1),
        _ => (first, left + 1),
    }
}

/// The attempts that go along with a silent one: one after another, none waits for long.
async fn in_company(look: &impl Look, site: &Site, before: u8, left: u8) -> (Outcome, u8) {
    let mut next = pin!(look.look(site, before.wrapping_add(1).max(1)));
    if left <= 1 {
        return (next.await, 1);
    }
    match look.within(site.timeout / IMPATIENCE, &mut next).await {
        Ok(outcome) if outcome.cause().is_none() => (outcome, 1),
        // The time of the first one is nearly over: what was silent so far is left alone.
        _ => (look.look(site, before.wrapping_add(2).max(1)).await, 2),
    }
}

impl Look for Prober {
    async fn look(&self, site: &Site, attempt: u8) -> Outcome {
        let Site { url, timeout, expect, private, .. } = site;
        let target = Target { url, timeout: *timeout, expect, private: *private };
        self.probe(&target, attempt).await
    }
}
