//! Probes a target, and probes again on a new connection before it reports a failure.
//!
//! The judge's own rules decide, with attempts in place of checks.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use tokio::time::{sleep, timeout};

use model::{
    check::Check,
    judge::{Limits, Rules, SiteState},
    name::Region,
    outcome::{Failure, Outcome, Reached},
    site::Site,
    target::Target,
    verdict::{SelfDoubt, Status, Verdict},
};
use prober::{
    clock::Clock,
    probe::{Blocked, Gate, Probe},
};

/// Attempts of a verdict at most: enough to confirm, and no more.
const MAX_ATTEMPTS: u8 = 3;
/// Time between two of them: a blip may pass.
const RETRY_PAUSE: Duration = Duration::from_millis(500);

/// Time limit for our own name servers to show that they answer.
const NAMES_TIMEOUT: Duration = Duration::from_secs(3);

/// Longest duration of [`confirm`]: over https, and over plain http.
pub(super) fn longest(timeout: Duration) -> Duration {
    ((timeout + RETRY_PAUSE) * u32::from(MAX_ATTEMPTS) + NAMES_TIMEOUT) * 2
}

/// A probe that is never made.
#[derive(Debug)]
pub(super) struct NoProbe;

impl Probe for NoProbe {
    fn attempt<'a>(
        &'a self,
        _: &'a Site,
        _: u8,
        _: Option<&'a Arc<dyn Gate>>,
    ) -> BoxFuture<'a, Result<Outcome, Blocked>> {
        Box::pin(async { Err(Blocked { by_redirect: false, too_often: false }) })
    }
}

/// Result of the probes.
#[derive(Clone, Debug)]
pub struct Confirmed {
    /// Site that was probed.
    pub site: Site,
    /// The verdict. It has no "since": nothing was known before.
    pub verdict: Verdict,
    /// The last attempt, and how many there were.
    pub check: Check,
}

/// A target as a site; its slug is its short name.
pub fn site_of(target: &Target, timeout: Duration, private: bool) -> Site {
    Site { timeout, private, ..Site::new(target.slug.clone(), target.url.clone()) }
}

/// The probe to use, and the gate for each of its connections.
pub type Through<'a> = (&'a dyn Probe, Option<&'a Arc<dyn Gate>>);

/// Probes until the verdict is confirmed; reports each further attempt.
///
/// # Errors
/// Fails when the guard blocked it.
pub async fn confirm(
    look: Through<'_>,
    target: &Target,
    site: Site,
    (rules, region, clock): (&Rules, &Region, &Clock),
    tell: impl Fn(&Check),
) -> Result<Confirmed, Blocked> {
    let seen = attempts(look, site.clone(), (rules, region, clock), &tell).await?;
    let refused = seen.check.outcome.cause().is_some_and(|c| c.failure == Failure::Connect);
    let guessed = !target.scheme_written && site.url.scheme() == "https";
    if !(refused && guessed) {
        return Ok(seen);
    }
    // Nothing listens for https, and https was our own guess: some sites have plain http only.
    let mut plain = site;
    let port = plain.url.port();
    if plain.url.set_scheme("http").is_err() || plain.url.set_port(port).is_err() {
        return Ok(seen);
    }
    match attempts(look, plain, (rules, region, clock), &|_| {}).await {
        Ok(other) if matches!(other.verdict.status, Status::Up | Status::Slow) => Ok(other),
        _ => Ok(seen),
    }
}

async fn attempts(
    (probe, gate): Through<'_>,
    site: Site,
    (rules, region, clock): (&Rules, &Region, &Clock),
    tell: &impl Fn(&Check),
) -> Result<Confirmed, Blocked> {
    // There is no schedule: a failure is retried at once.
    let limits = Limits { interval: Duration::ZERO, ..Limits::of(&site) };
    let rules = Rules {
        down_after: rules.down_after.min(2),
        up_after: rules.up_after.min(2),
        slow_after: rules.slow_after.min(2),
        ..rules.clone()
    };
    let mut state = SiteState::default();
    let mut attempt = 1;
    loop {
        let at = clock.now();
        let outcome = probe.attempt(&site, attempt, gate).await?;
        let (slug, region) = (site.slug.clone(), region.clone());
        let check = Check { slug, region, at, outcome, attempts: attempt };
        let step = state.check(&check, &limits, &rules);
        // Without working name servers of our own, another attempt would take as long and show as
        // little.
        let nameless = nameless(probe, &check.outcome).await;
        if nameless || !step.recheck || attempt == MAX_ATTEMPTS {
            let verdict = if nameless {
                Verdict { doubt: Some(SelfDoubt::Names), ..Verdict::none_yet() }
            } else {
                Verdict { since: None, ..state.verdict }
            };
            return Ok(Confirmed { site, verdict, check });
        }
        tell(&check);
        attempt += 1;
        sleep(RETRY_PAUSE).await;
    }
}

/// Returns whether no name server resolved the name, and ours resolve no other name either: then
/// the fault is ours and not the site's. A server that answers, and fails for this name, is
/// evidence about the site.
async fn nameless(probe: &dyn Probe, outcome: &Outcome) -> bool {
    let unnamed = outcome.cause().is_some_and(|cause| cause.failure == Failure::Dns)
        && outcome.reached() == Reached::Nothing;
    unnamed && !timeout(NAMES_TIMEOUT, probe.name_servers_answer()).await.unwrap_or(false)
}
