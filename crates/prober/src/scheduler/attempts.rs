//! The attempts of one check: a failed one is repeated at once, on a new connection and, where the
//! site has several addresses, another one. A silent one is hedged by a second. A server that has led
//! one attempt in a circle would lead the next one as well. A POST is sent once.

use std::{
    future::Future,
    pin::{Pin, pin},
};

use futures_util::future::{BoxFuture, select_all};

use crate::probe::Probe;
use model::{
    note::FailedAttempt,
    outcome::{Failure, Outcome, Traces},
    site::Site,
    site_request::Method,
};

/// Attempts of one check at most.
const MAX_ATTEMPTS: u8 = 3;
/// After this part of the site's time the next one does not wait for the one before any more.
const HEDGE_FRACTION: u32 = 3;

/// Redirects of one attempt that are asked often enough: each was a request of its own.
const MANY_REDIRECTS: u8 = 5;

/// Probes a site, beginning with the address after `before` others; returns the final outcome and
/// the number of attempts.
pub async fn attempt_after(probe: &impl Probe, site: &Site, before: u8) -> (Outcome, u8) {
    if site.request.method == Method::Post {
        return Box::pin(attempt_post(probe, site, before)).await;
    }
    let mut first = pin!(probe.attempt(site, number(before, 0)));
    let failed = tokio::select! {
        biased;
        outcome = &mut first => Some(outcome),
        () = probe.sleep(site.timeout / HEDGE_FRACTION) => None,
    };
    match failed {
        Some(outcome) if outcome.cause().is_none() => (outcome, 1),
        // Boxed, so that the rare case does not enlarge the future of every check.
        failed => Box::pin(finish_attempts(probe, site, before, first, failed)).await,
    }
}

/// A check that may change something at the server each time (RFC 9110, section 9.2.2): it is not
/// hedged, and repeated only where an attempt failed before its request was sent, and soon.
async fn attempt_post(probe: &impl Probe, site: &Site, before: u8) -> (Outcome, u8) {
    let mut late = pin!(probe.sleep(site.timeout / HEDGE_FRACTION));
    let (mut seen, mut soon) = (Vec::new(), true);
    loop {
        let place = seen.len() as u8;
        let mut attempt = probe.attempt(site, number(before, place));
        let outcome = loop {
            tokio::select! {
                biased;
                outcome = &mut attempt => break outcome,
                () = &mut late, if soon => soon = false,
            }
        };
        let unsent = outcome.cause().is_some() && outcome.phases.wait.is_none();
        if !(unsent && soon) || place + 1 == MAX_ATTEMPTS {
            return (with_failed(outcome, seen), place + 1);
        }
        seen.push((place, outcome));
    }
}

/// Number of an attempt: `before` count the addresses of earlier checks, `place` the attempts of
/// this one.
fn number(before: u8, place: u8) -> u8 {
    before.wrapping_add(place).wrapping_add(1).max(1)
}

/// The rest of a check whose first attempt has failed, or is silent so far.
///
/// A silent attempt leads: the next ones only accompany it, so that lost packets are no lost check.
/// Its duration is what a visitor would have waited, so its outcome comes first, and when its time
/// is over, so is theirs.
async fn finish_attempts(
    probe: &impl Probe,
    site: &Site,
    before: u8,
    first: Pin<&mut (impl Future<Output = Outcome> + Send)>,
    failed: Option<Outcome>,
) -> (Outcome, u8) {
    let impatience = site.timeout / HEDGE_FRACTION;
    let mut impatient = pin!(probe.sleep(impatience));
    let mut over = pin!(probe.sleep(site.timeout.saturating_sub(impatience)));
    let mut under_way: Vec<BoxFuture<'_, (u8, Outcome)>> = Vec::new();
    let mut seen: Vec<_> = failed.map(|outcome| (0, outcome)).into_iter().collect();
    if seen.is_empty() {
        under_way.push(Box::pin(async move { (0, first.await) }));
    }
    let (mut begun, mut leader, mut due) = (1, 0, true);
    loop {
        let led = seen.iter().any(|(place, _)| *place == leader);
        let good = seen.iter().rposition(|(_, outcome)| outcome.cause().is_none());
        if let Some(good) = good.filter(|_| led) {
            let (place, outcome) = seen.swap_remove(good);
            return (with_failed(outcome, seen), place + 1);
        }
        let circles = seen.iter().any(|(_, outcome)| went_in_circles(outcome));
        let more = good.is_none() && begun < MAX_ATTEMPTS && !circles;
        if due && more {
            if under_way.is_empty() {
                leader = begun;
                over.set(probe.sleep(site.timeout));
            }
            let place = begun;
            let next = async move { (place, probe.attempt(site, number(before, place)).await) };
            under_way.push(Box::pin(next));
            (begun, due) = (place + 1, false);
            impatient.set(probe.sleep(impatience));
            continue;
        }
        tokio::select! {
            biased;
            (index, (place, outcome)) = first_of(&mut under_way), if !under_way.is_empty() => {
                drop(under_way.swap_remove(index));
                due |= outcome.cause().is_some() && place + 1 == begun;
                seen.push((place, outcome));
                continue;
            }
            () = &mut impatient, if more => {
                due = true;
                continue;
            }
            () = &mut over, if led && !under_way.is_empty() => {}
            else => {}
        }
        if let Some((_, outcome)) = seen.pop() {
            return (with_failed(outcome, seen), begun);
        }
    }
}

/// Returns whether an attempt followed many redirects of the only machine that there is, and led nowhere.
fn went_in_circles(outcome: &Outcome) -> bool {
    let Traces { redirects, addresses, .. } = &*outcome.traces;
    outcome.cause().is_some_and(|cause| cause.failure == Failure::Redirect)
        && *redirects >= MANY_REDIRECTS
        && addresses.len() <= 1
}

/// The first of these to end, and its result.
async fn first_of<T>(under_way: &mut [BoxFuture<'_, T>]) -> (usize, T) {
    let (ended, index, _) = select_all(under_way).await;
    (index, ended)
}

/// The outcome of a check, with the observations of its failed attempts.
fn with_failed(mut outcome: Outcome, others: Vec<(u8, Outcome)>) -> Outcome {
    let own = std::mem::take(&mut outcome.observed.failed_attempts);
    for (_, other) in others {
        let failure = other.cause().map(|cause| cause.failure);
        let address = other.traces.address;
        outcome.observed.failed_attempts.extend(other.observed.failed_attempts);
        let failed = failure.map(|failure| FailedAttempt { address, failure });
        outcome.observed.failed_attempts.extend(failed);
    }
    outcome.observed.failed_attempts.extend(own);
    if outcome.cause().is_none() {
        outcome.observed.answered_by = outcome.traces.address;
    }
    outcome
}
