//! Probes a target as a check does, and once more before it reports a failure.
//!
//! The judge's own rules decide, with rounds of attempts in place of checks: a visitor is told of no
//! failure that a check of the same site would not find.

use std::time::Duration;

use tokio::{
    select,
    sync::Notify,
    time::{sleep, timeout},
};

use model::{
    check::Check,
    failure_detail::{FailureDetail, Phase},
    judge::{Limits, Rules, SiteState},
    name::Region,
    outcome::{Failure, Outcome, Reached},
    site::Site,
    target::Target,
    verdict::{SelfDoubt, Status, Verdict},
};
use prober::{clock::Clock, probe::Probe, scheduler::attempt_after};

/// Rounds of attempts of a verdict at most, each as that of a check: enough to confirm, and no more.
const MAX_ROUNDS: u8 = 3;
/// Time between two of them: a blip may pass.
const RETRY_PAUSE: Duration = Duration::from_millis(500);

/// Time limit for our own name servers to show that they answer.
const NAMES_TIMEOUT: Duration = Duration::from_secs(3);

/// Longest duration of [`confirm`]: over https, and over plain http, at worst one after the other.
pub(super) fn longest(timeout: Duration) -> Duration {
    // A failed attempt that is silent for a third of its time lets another begin, twice at most.
    ((timeout * 5 / 3 + RETRY_PAUSE) * u32::from(MAX_ROUNDS) + NAMES_TIMEOUT) * 2
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

/// Probes until the verdict is confirmed; reports each further round of attempts.
pub async fn confirm(
    probe: &impl Probe,
    target: &Target,
    site: Site,
    (rules, region, clock): (&Rules, &Region, &Clock),
    tell: impl Fn(&Check),
) -> Confirmed {
    let context = (rules, region, clock);
    let Some(plain) = plain_http(target, &site) else {
        return rounds(probe, site, context, &tell).await;
    };
    // Some sites have plain http only. It is tried beside the second round, so that a machine that is
    // silent at both ports takes no longer.
    let unheard = Notify::new();
    let other = async {
        unheard.notified().await;
        rounds(probe, plain, context, &|_| {}).await
    };
    let tell = |check: &Check| {
        if nobody_listens(&check.outcome) {
            unheard.notify_one();
        }
        tell(check);
    };
    let seen = rounds(probe, site, context, &tell);
    tokio::pin!(seen, other);
    let (seen, other) = select! {
        seen = &mut seen => {
            if !nobody_listens(&seen.check.outcome) {
                return seen;
            }
            unheard.notify_one();
            (seen, other.await)
        }
        other = &mut other => (seen.await, other),
    };
    let served = matches!(other.verdict.status, Status::Up | Status::Slow);
    if served && nobody_listens(&seen.check.outcome) { other } else { seen }
}

/// The site over plain http, if https was our own guess.
fn plain_http(target: &Target, site: &Site) -> Option<Site> {
    if target.scheme_written || site.url.scheme() != "https" {
        return None;
    }
    let mut plain = site.clone();
    let port = plain.url.port();
    plain.url.set_scheme("http").and(plain.url.set_port(port)).ok()?;
    Some(plain)
}

/// Returns whether the site itself took no connection: its port is closed, or a filter swallows all.
fn nobody_listens(outcome: &Outcome) -> bool {
    use FailureDetail::{ConnectionUnanswered, Elsewhere, TimedOut};
    outcome.cause().is_some_and(|cause| match cause.detail {
        Elsewhere { .. } => false,
        ConnectionUnanswered | TimedOut { phase: Phase::Connect, .. } => true,
        _ => cause.failure == Failure::Connect,
    })
}

async fn rounds(
    probe: &impl Probe,
    site: Site,
    (rules, region, clock): (&Rules, &Region, &Clock),
    tell: &impl Fn(&Check),
) -> Confirmed {
    // There are no turns: what fails is tried again at once.
    let limits = Limits { interval: Duration::ZERO, ..Limits::of(&site) };
    let rules = Rules {
        down_after: rules.down_after.min(2),
        up_after: rules.up_after.min(2),
        slow_after: rules.slow_after.min(2),
        ..rules.clone()
    };
    let mut state = SiteState::default();
    let (mut round, mut before) = (1, 0);
    loop {
        let at = clock.now();
        let (outcome, attempts) = attempt_after(probe, &site, before).await;
        before += attempts;
        let (slug, region) = (site.slug.clone(), region.clone());
        let check = Check { slug, region, at, outcome, attempts: before };
        let step = state.check(&check, &limits, &rules);
        // Without working name servers of our own, another round would take as long and show as
        // little.
        let doubt = doubt(probe, &check.outcome).await;
        if doubt.is_some() || !step.recheck || round == MAX_ROUNDS {
            let verdict = match doubt {
                Some(_) => Verdict { doubt, ..Verdict::none_yet() },
                None => Verdict { since: None, ..state.verdict },
            };
            return Confirmed { site, verdict, check };
        }
        tell(&check);
        round += 1;
        sleep(RETRY_PAUSE).await;
    }
}

/// The doubt of ourselves that an outcome is reason for.
async fn doubt(probe: &impl Probe, outcome: &Outcome) -> Option<SelfDoubt> {
    if outcome.is_our_own_failure() {
        return Some(SelfDoubt::Line);
    }
    // No packet left this machine: it may have one address family alone.
    if outcome.cause().is_some_and(|cause| cause.detail == FailureDetail::NetworkUnreachable) {
        return Some(SelfDoubt::Alone);
    }
    nameless(probe, outcome).await.then_some(SelfDoubt::Names)
}

/// Returns whether no name server resolved the name, and ours resolve no other name either: then
/// the fault is ours and not the site's. A server that answers, and fails for this name, is
/// evidence about the site.
async fn nameless(probe: &impl Probe, outcome: &Outcome) -> bool {
    let unnamed = outcome.cause().is_some_and(|cause| cause.failure == Failure::Dns)
        && outcome.reached() == Reached::Nothing;
    unnamed && !timeout(NAMES_TIMEOUT, probe.name_servers_answer()).await.unwrap_or(false)
}
