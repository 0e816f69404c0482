//! The work with one node: sends a greeting, follows its assigned sites, and sends the lines of its
//! outbox, one batch after the other. A node that is away is tried again; one that does not know
//! the token is left for good.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    sync::mpsc,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    AgentStats,
    core::{Core, Failed, compress},
    outbox::{Outlet, Signal, add},
    sites::SiteChoice,
    visits::Visits,
};
use crate::agents::{
    known_traces::KnownTraces,
    protocol::{BatchReceipt, Gap, Hello, Line, MAX_WAIT, Welcome},
};
use model::name::{Region, Slug};
use prober::clock::Clock;

/// The pause after the first try in vain…
const PAUSE: Duration = Duration::from_secs(1);
/// …which doubles up to this: well within the time after which a node takes a region for silent.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// Time from one request for sites to the next at least: whatever stands in the way may answer at once.
const SPACING: Duration = Duration::from_millis(250);
/// Longest wait before the outbox is read again.
const PATIENCE: Duration = Duration::from_secs(5);

/// The work with one node.
#[derive(Debug)]
pub(super) struct Uplink {
    /// Its place among the nodes.
    pub(super) number: usize,
    pub(super) core: Arc<Core>,
    pub(super) hello: Hello,
    pub(super) sites: Arc<SiteChoice>,
    pub(super) signal: Arc<Signal>,
    pub(super) again: mpsc::Sender<Slug>,
    pub(super) clock: Clock,
    pub(super) stats: Arc<AgentStats>,
    /// Cancelled when nothing more comes into the outbox.
    pub(super) stop: CancellationToken,
    /// Cancelled when the node does not know our token.
    pub(super) refused: CancellationToken,
    /// The region that the node gave us.
    pub(super) region: Mutex<Option<Region>>,
    /// True if the node takes traces as patches.
    pub(super) patches: AtomicBool,
    pub(super) visits: Visits,
}

/// The token is not known at this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unknown;

/// Tries with growing pauses, none of which is the same for two agents.
#[derive(Debug)]
struct Pauses(Duration);

impl Pauses {
    async fn rest(&mut self) {
        let jitter = 0.5 + fastrand::f64();
        sleep(self.0.mul_f64(jitter)).await;
        self.0 = (self.0 * 2).min(LONGEST_PAUSE);
    }
}

impl Uplink {
    /// Follows the node's assigned sites, until it does not know the token.
    pub(super) async fn follow(&self) -> Unknown {
        let mut pauses = Pauses(PAUSE);
        let mut told = String::new();
        loop {
            let begun = Instant::now();
            let followed = tokio::select! {
                followed = self.follow_once() => followed,
                // Lines were refused first.
                () = self.refused.cancelled() => return Unknown,
            };
            match followed {
                Ok(()) => {
                    pauses = Pauses(PAUSE);
                    if !std::mem::take(&mut told).is_empty() {
                        tracing::info!(core = %self.core.url(), "the node answers again");
                    }
                    sleep_until(begun + SPACING).await;
                }
                Err(Failed::Token) => return self.unknown(),
                Err(failed) => {
                    let why = failed.to_string();
                    if told != why {
                        if self.is_of_node() {
                            tracing::warn!(core = %self.core.url(), why, "the peer does not answer; what is seen here waits for it on disk");
                        } else {
                            tracing::warn!(core = %self.core.url(), why, "the node assigns no sites now; what is known is probed all the same, and it is asked again");
                        }
                        told = why;
                    }
                    self.sites.choose(self.clock.now());
                    pauses.rest().await;
                }
            }
        }
    }

    /// Returns whether this is the work of a node for a peer.
    fn is_of_node(&self) -> bool {
        self.hello.region.is_some()
    }

    fn unknown(&self) -> Unknown {
        let then = if self.is_of_node() {
            "it hears nothing from here"
        } else {
            "its sites are forgotten"
        };
        // The other of the two tasks may have said so.
        if !self.refused.is_cancelled() {
            tracing::error!(core = %self.core.url(), then, "the node does not know our token");
        }
        self.sites.forget(self.number, self.clock.now());
        self.refused.cancel();
        Unknown
    }

    /// One request for the assigned sites, after a greeting where there was none.
    async fn follow_once(&self) -> Result<(), Failed> {
        let known = self.region();
        let is_new = known.is_none();
        let region = match known {
            Some(region) => region,
            None => self.greet().await?,
        };
        let tag = self.sites.tag(self.number);
        let wait = if is_new { Duration::ZERO } else { MAX_WAIT };
        let new = match self.core.assignment(tag.as_deref(), wait).await {
            Err(Failed::NoHello) if !is_new => {
                self.set_region(None);
                return Ok(());
            }
            new => new?,
        };
        let new = new.and_then(|(tag, assignment)| {
            for job in assignment.lookups {
                self.visits.begin(self.number, job);
            }
            Some((tag, assignment.sites?))
        });
        if let Some((_, sites)) = &new
            && !self.is_of_node()
        {
            tracing::info!(core = %self.core.url(), sites = sites.len(), "the node wants these sites to be looked at");
            if sites.is_empty() {
                tracing::info!(core = %self.core.url(), "either other agents of the region have all, or they are private and --allow-private is not given");
            }
        }
        self.sites.answered(self.number, &region, new, self.clock.now());
        Ok(())
    }

    async fn greet(&self) -> Result<Region, Failed> {
        let Welcome { agent, region, traces_patch, .. } = self.core.hello(&self.hello).await?;
        self.patches.store(traces_patch, Relaxed);
        tracing::info!(core = %self.core.url(), %agent, %region, "the node knows us");
        self.set_region(Some(region.clone()));
        Ok(region)
    }

    /// Sends what is in the outbox, until the node does not know the token, or nothing more comes and the
    /// node has all or is away.
    pub(super) async fn send(&self, mut outlet: Outlet) -> Option<Unknown> {
        let mut numbers = Numbers { next: 1, traces: KnownTraces::default() };
        let (mut lost, mut is_noted) = (None, true);
        loop {
            tokio::select! { () = self.signal.wait(PATIENCE) => {}, () = self.stop.cancelled() => {} }
            self.stats.waiting.store(outlet.waiting(), Relaxed);
            let (mut lines, gap) = match outlet.next(self.clock.now()) {
                Ok(next) => next,
                Err(error) => {
                    tracing::error!(%error, "the outbox cannot be read");
                    sleep(LONGEST_PAUSE).await;
                    continue;
                }
            };
            self.note_loss(&mut lost, gap);
            if let Some(gap) = lost.take() {
                lines.insert(0, Line::Gap(gap));
            }
            if lines.is_empty() {
                if self.stop.is_cancelled() {
                    return None;
                }
                continue;
            }
            match self.deliver(&lines, &mut numbers, &outlet).await {
                SendOutcome::Done => {}
                SendOutcome::Unknown => return Some(Unknown),
                SendOutcome::Ended => return None,
                SendOutcome::GivenUp(gap) => lost = gap,
            }
            let noted = outlet.done();
            if let Err(error) = &noted
                && is_noted
            {
                tracing::error!(%error, "the outbox cannot note what the node has: it is sent again after a restart");
            }
            is_noted = noted.is_ok();
            // More may wait than went into one batch.
            if outlet.waiting() > 0 {
                self.signal.tell(Duration::ZERO);
            }
        }
    }

    /// Sends lines for as long as it takes, unless they have to make room.
    async fn deliver(&self, lines: &[Line], numbers: &mut Numbers, outlet: &Outlet) -> SendOutcome {
        let (mut pauses, mut greeted) = (Pauses(PAUSE), false);
        // Parts that are still to be sent, the next one last.
        let mut parts = vec![lines];
        while let Some(part) = parts.pop() {
            let sent = self.core.send(numbers.next, self.pack(part, &mut numbers.traces)).await;
            let why = match sent.and_then(|receipt| receipt.of_all(numbers.last_of(part))) {
                Ok(receipt) => {
                    numbers.acknowledged(part, &receipt);
                    self.acknowledged(part, receipt);
                    continue;
                }
                Err(Failed::Token) => {
                    self.unknown();
                    return SendOutcome::Unknown;
                }
                Err(Failed::NoHello) => {
                    numbers.traces.clear();
                    let hello = self.greet().await.err();
                    parts.push(part);
                    // Once is enough for a node that means it.
                    if hello.is_none() && !std::mem::replace(&mut greeted, true) {
                        continue;
                    }
                    hello.unwrap_or(Failed::NoHello).to_string()
                }
                // A bad line must not stop the others: it is found by halves.
                Err(Failed::Rejected(why)) if part.len() == 1 => {
                    tracing::error!(why, "the node takes a line in no way; it is left out");
                    self.stats.refused.fetch_add(1, Relaxed);
                    continue;
                }
                Err(Failed::Rejected(_)) => {
                    let (first, second) = part.split_at(part.len() / 2);
                    parts.extend([second, first]);
                    continue;
                }
                Err(Failed::Away(why)) => {
                    parts.push(part);
                    why
                }
            };
            tracing::debug!(why, "lines wait in the outbox");
            // Those in hand wait too.
            self.stats.waiting.store(outlet.waiting().max(1), Relaxed);
            if outlet.is_full() {
                return SendOutcome::GivenUp(numbers.give_up(&parts));
            }
            if self.stop.is_cancelled() {
                return SendOutcome::Ended;
            }
            tokio::select! { () = pauses.rest() => {}, () = self.stop.cancelled() => {} }
        }
        SendOutcome::Done
    }

    /// Lines as they are sent.
    fn pack(&self, part: &[Line], traces: &mut KnownTraces) -> Vec<u8> {
        if self.patches.load(Relaxed) { compress(&traces.pack(part)) } else { compress(part) }
    }

    fn acknowledged(&self, part: &[Line], receipt: BatchReceipt) {
        self.stats.acknowledged.fetch_add(part.len() as u64, Relaxed);
        for refused in &receipt.refused {
            let before = self.stats.refused.fetch_add(1, Relaxed);
            if before.is_power_of_two() || before == 0 {
                tracing::warn!(core = %self.core.url(), why = &*refused.why, all = before + 1, "the node refused a line");
            }
        }
        for slug in receipt.again {
            drop(self.again.try_send(slug));
        }
    }

    /// Notes what was let go of.
    fn note_loss(&self, lost: &mut Option<Gap>, gap: Option<Gap>) {
        let Some(gap) = gap else { return };
        tracing::warn!(core = %self.core.url(), lost = gap.lost, from = %gap.from, until = %gap.until, "what the node did not take in time is let go of");
        self.stats.lost.fetch_add(gap.lost, Relaxed);
        add(lost, &Line::Gap(gap));
    }

    fn region(&self) -> Option<Region> {
        self.region.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_region(&self, region: Option<Region>) {
        *self.region.lock().unwrap_or_else(PoisonError::into_inner) = region;
    }
}

/// Numbers of this run at a node, and the traces that it has.
#[derive(Debug)]
struct Numbers {
    /// The number of the next line.
    next: u64,
    traces: KnownTraces,
}

impl Numbers {
    /// The number of the last of these lines, if they are the next.
    fn last_of(&self, part: &[Line]) -> u64 {
        self.next + part.len() as u64 - 1
    }

    /// Gives lines up, which the node may have taken: their numbers are no others'.
    fn give_up(&mut self, parts: &[&[Line]]) -> Option<Gap> {
        let mut gap = None;
        for line in parts.iter().copied().flatten() {
            add(&mut gap, line);
            self.next += 1;
        }
        self.traces.clear();
        gap
    }

    /// Knows that the node has these lines, but for those that it refused.
    fn acknowledged(&mut self, part: &[Line], receipt: &BatchReceipt) {
        self.traces.commit(|_| true);
        for refused in &receipt.refused {
            let place = refused.seq.checked_sub(self.next).and_then(|n| usize::try_from(n).ok());
            if let Some(Line::Check(check)) = place.and_then(|place| part.get(place)) {
                self.traces.forget(&check.slug);
            }
        }
        self.next += part.len() as u64;
    }
}

/// Result of sending lines.
#[derive(Debug)]
enum SendOutcome {
    /// The node has them, or refused them.
    Done,
    /// The node does not know the token.
    Unknown,
    /// The stop came first.
    Ended,
    /// They made room for others.
    GivenUp(Option<Gap>),
}

#[cfg(test)]
mod tests;
