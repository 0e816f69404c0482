//! A node as an agent of its peers: whatever its own prober sees goes to them by the protocol of agents,
//! so that every node hears every check.
//!
//! The checks are numbered here, so that nodes know what one of them has recorded. A peer that is away
//! holds up nothing: its lines wait on disk.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use tokio::{sync::mpsc, task::JoinSet, time::timeout};
use url::Url;

use super::{CheckNumbers, LinkSettings, Links, Outbox};
use crate::{
    agents::protocol::{Line, LookupLine},
    token::Token,
};
use model::{
    name::{Region, Slug},
    report::Report,
};
use prober::{clock::Clock, probe::Prober};

/// Reports that are handed on together at most.
const BATCH: usize = 1_000;
/// Time that a line waits for others to be sent with it, unless it is urgent.
const GATHER: Duration = Duration::from_secs(1);
/// Time for which lines are still sent after the stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(3);

/// Parts of a node's work for its peers.
#[derive(Debug)]
pub struct PeerParts {
    /// The peers.
    pub peers: Vec<Url>,
    /// By which they know this node.
    pub token: Token,
    /// Region of this node, which its token has to be of.
    pub region: Region,
    /// Directory of the outboxes.
    pub data: PathBuf,
    /// True if visitors of peers may look at private addresses.
    pub allow_private: bool,
    /// Probes for visitors of peers.
    pub prober: Prober,
    /// Gives moments.
    pub clock: Clock,
    /// More roots to trust, as PEM.
    pub ca_file: Option<PathBuf>,
    /// Channel to the own scheduler for rechecks that a peer requests.
    pub again: mpsc::Sender<Slug>,
    /// Name of this run.
    pub run: Box<str>,
}

/// The work of a node for its peers.
#[derive(Debug)]
pub struct Peers {
    links: Links,
    numbers: CheckNumbers,
}

impl Peers {
    /// The links, none of which is used yet.
    ///
    /// # Errors
    /// Fails when the disk refuses, or there is no client.
    pub fn new(parts: PeerParts) -> Result<Self> {
        std::fs::create_dir_all(&parts.data)
            .with_context(|| format!("{} cannot be used", parts.data.display()))?;
        let settings = LinkSettings {
            cores: parts.peers,
            token: parts.token,
            data: parts.data,
            allow_private: parts.allow_private,
            prober: parts.prober,
            clock: parts.clock,
            ca_file: parts.ca_file,
            region: Some(parts.region),
            run: parts.run.clone(),
        };
        Ok(Self {
            links: Links::open(&settings, &parts.again)?,
            numbers: CheckNumbers::new(parts.run),
        })
    }

    /// Hands reports to the peers, and then on, until there are no more.
    pub async fn run(self, mut reports: mpsc::Receiver<Report>, on: mpsc::Sender<Report>) {
        let Self { links, mut numbers } = self;
        let Links { uplinks, mut outboxes, mut visited, collected, .. } = links;
        let (mut followers, mut senders) = (JoinSet::new(), JoinSet::new());
        for (uplink, outlet) in uplinks {
            let follow = uplink.clone();
            followers.spawn(async move { follow.follow().await });
            senders.spawn(async move { uplink.send(outlet).await });
        }
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let count = tokio::select! {
                count = reports.recv_many(&mut batch, BATCH) => count,
                Some((peer, line)) = visited.recv() => {
                    answer(&mut outboxes, peer, line);
                    continue;
                }
            };
            if count == 0 {
                break;
            }
            for report in &mut batch {
                numbers.number(&mut report.content);
            }
            let lines: Vec<Line> =
                batch.iter().filter_map(|report| Line::of(report.content.clone())).collect();
            let urgent = lines.iter().any(Line::is_urgent);
            for outbox in &mut outboxes {
                let within = if urgent { Duration::ZERO } else { GATHER };
                if let Err(error) = outbox.put(&lines, within) {
                    tracing::error!(%error, "what was seen cannot be kept for a peer");
                }
            }
            for report in batch.drain(..) {
                // A closed channel means that the service is ending.
                drop(on.send(report).await);
            }
        }
        drop(on);
        collected.cancel();
        let sent = async { while senders.join_next().await.is_some() {} };
        if timeout(STOP_TIMEOUT, sent).await.is_err() {
            tracing::info!(
                "what the peers do not have yet is on disk, and sent after the next start"
            );
        }
    }
}

/// Puts the outcome of a lookup into the outbox of the peer that asked for it.
fn answer(outboxes: &mut [Outbox], peer: usize, line: LookupLine) {
    if let Some(outbox) = outboxes.get_mut(peer) {
        // A visitor does not wait for ever: what the disk does not take is no loss.
        drop(outbox.put(&[Line::Lookup(line)], Duration::ZERO));
    }
}
