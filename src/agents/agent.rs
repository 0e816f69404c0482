//! The agent's end: probes the sites that its nodes assign, and reports the results.
//!
//! - [`core`]: requests to a node. [`uplink`]: the work with one node.
//! - [`sites`]: the assigned sites, also after a restart without a node.
//! - [`collector`]: from the prober to the outboxes. [`outbox`]: lines that a node does not have yet.
//! - [`visits`]: lookups by visitors of a node.
//! - [`status`]: `/healthz` and `/metrics`, for this machine alone.
//!
//! It has its own schedule, retries, confirmations and canaries, and judges nothing. A node that is
//! away stops none of it. It never probes a private address that its own operator has not allowed,
//! whatever a node assigns.

mod collector;
mod core;
mod outbox;
mod sites;
mod status;
mod uplink;
mod visits;

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use ring::rand::{SecureRandom, SystemRandom};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use url::Url;
use xxhash_rust::xxh3::xxh3_64;

pub use self::core::core_url;
pub use self::status::AgentStats;
use self::{
    collector::Collector,
    core::Core,
    outbox::{Inlet, Outlet, Signal},
    sites::SiteChoice,
    uplink::{Unknown, Uplink},
    visits::Visits,
};
use super::protocol::{Hello, LookupLine, PROTOCOL, RULES};
use crate::token::Token;
use model::{
    name::{Region, Slug},
    report::Report,
    site::Sites,
};
use prober::{
    clock::Clock,
    probe::Prober,
    scheduler::{Canaries, Scheduler, SchedulerStats},
};

/// Reports between the prober and the outboxes at most.
const REPORTS: usize = 4_096;
/// Wishes to look again at most.
const WISHES: usize = 4_096;
/// Time for which lines are still sent after the stop.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Parts of an agent.
#[derive(Debug)]
pub struct AgentParts {
    /// The nodes that it reports to; the sites of the first one count first.
    pub cores: Vec<Url>,
    /// By which they know it.
    pub token: Token,
    /// Directory of its sites and outboxes.
    pub data: PathBuf,
    /// True if it may look at private addresses.
    pub allow_private: bool,
    /// Probes.
    pub prober: Prober,
    /// Gives moments.
    pub clock: Clock,
    /// Probes at a time.
    pub concurrency: usize,
    /// Addresses that prove its own network.
    pub controls: Vec<SocketAddr>,
    /// More roots to trust, as PEM.
    pub ca_file: Option<PathBuf>,
    /// Listener for `/healthz` and `/metrics`.
    pub listener: TcpListener,
}

/// Runs an agent until `stop`, and then until what it saw is sent or on disk.
///
/// # Errors
/// Fails when it cannot start, or none of its nodes knows its token.
pub async fn run(parts: AgentParts, stop: CancellationToken) -> Result<()> {
    let agent = Agent::build(parts)?;
    agent.run(stop).await
}

/// An agent that is built and does not run yet.
#[derive(Debug)]
struct Agent {
    parts: AgentParts,
    sites: Arc<SiteChoice>,
    stats: Arc<AgentStats>,
    uplinks: Vec<(Arc<Uplink>, Outlet)>,
    inlets: Vec<(Inlet, Arc<Signal>)>,
    again: mpsc::Receiver<Slug>,
    again_out: mpsc::Sender<Slug>,
    visited: mpsc::Receiver<(usize, LookupLine)>,
    /// Cancelled when nothing more comes into the outboxes.
    collected: CancellationToken,
}

impl Agent {
    fn build(parts: AgentParts) -> Result<Self> {
        let boot = boot()?;
        let names: Vec<Box<str>> = parts.cores.iter().map(|url| url.as_str().into()).collect();
        let sites = Arc::new(SiteChoice::new(&parts.data, &names, parts.allow_private));
        let (again_out, again) = mpsc::channel(WISHES);
        let (visited_out, visited) = mpsc::channel(WISHES);
        let (prober, clock) = (parts.prober.clone(), parts.clock.clone());
        let visits = Visits::new(prober, clock, parts.allow_private, visited_out);
        let (stats, collected) = (Arc::new(AgentStats::default()), CancellationToken::new());
        let (mut uplinks, mut inlets) = (Vec::new(), Vec::new());
        for (number, url) in parts.cores.iter().enumerate() {
            let ca_file = parts.ca_file.as_deref();
            let (token, clock) = (parts.token.clone(), parts.clock.clone());
            let core = Core::new(url.clone(), token, &boot, ca_file, clock, stats.turns.clone());
            let (inlet, outlet) =
                outbox_of(&parts.data, url).context("the outbox cannot be opened")?;
            let signal = Arc::new(Signal::default());
            inlets.push((inlet, signal.clone()));
            let hello = Hello {
                version: env!("CARGO_PKG_VERSION").into(),
                protocol: PROTOCOL,
                rules: RULES,
                boot: boot.clone(),
                private: parts.allow_private,
            };
            let uplink = Uplink {
                number,
                core: Arc::new(core.map_err(anyhow::Error::msg)?),
                hello,
                sites: sites.clone(),
                signal,
                again: again_out.clone(),
                clock: parts.clock.clone(),
                stats: stats.clone(),
                stop: collected.clone(),
                refused: CancellationToken::new(),
                region: Mutex::new(None),
                visits: visits.clone(),
            };
            uplinks.push((Arc::new(uplink), outlet));
        }
        Ok(Self { parts, sites, stats, uplinks, inlets, again, again_out, visited, collected })
    }

    async fn run(self, stop: CancellationToken) -> Result<()> {
        let Self { parts, sites, stats, uplinks, inlets, again, again_out, visited, collected } =
            self;
        let (reports, reports_in) = mpsc::channel(REPORTS);
        let (canaries, asked) = mpsc::channel(1);
        let collector = Collector {
            reports: reports_in,
            visited,
            outboxes: inlets,
            again: again_out,
            canaries,
            stats: stats.clone(),
        };
        let collector = tokio::spawn(collector.run());
        let serving = status::serve(parts.listener, sites.chosen(), stats.clone());
        let serving = tokio::spawn(serving);

        let (mut followers, mut senders) = (JoinSet::new(), JoinSet::new());
        for (uplink, outlet) in uplinks {
            let follow = uplink.clone();
            followers.spawn(async move { follow.follow().await });
            senders.spawn(async move { uplink.send(outlet).await });
        }
        let prober = Probing {
            chosen: sites.chosen(),
            prober: parts.prober,
            clock: parts.clock,
            concurrency: parts.concurrency,
            controls: parts.controls,
            turns: stats.turns.clone(),
            reports,
            again,
            asked,
        };
        let probing_ends = stop.child_token();
        let probing = tokio::spawn(prober.run(probing_ends.clone()));

        let unknown = tokio::select! {
            () = stop.cancelled() => false,
            () = all_unknown(&mut followers) => true,
        };
        tracing::info!("stopping: what was seen is sent or kept on disk");
        probing_ends.cancel();
        // The prober ends, its reports are put into the outboxes, and those are sent.
        drop(probing.await);
        drop(collector.await);
        collected.cancel();
        let sent = async { while senders.join_next().await.is_some() {} };
        if timeout(LAST_WORDS, sent).await.is_err() {
            tracing::warn!("what is not sent yet is on disk, and sent after the next start");
        }
        serving.abort();
        if unknown {
            bail!(
                "no node knows this agent's token; make another one: stillup agents add NAME --region REGION"
            );
        }
        Ok(())
    }
}

/// Is over when no node knows the token.
async fn all_unknown(followers: &mut JoinSet<Unknown>) {
    while followers.join_next().await.is_some() {}
}

/// Probing, once a node has assigned sites.
struct Probing {
    chosen: watch::Receiver<Option<(Region, Sites)>>,
    prober: Prober,
    clock: Clock,
    concurrency: usize,
    controls: Vec<SocketAddr>,
    turns: Arc<SchedulerStats>,
    reports: mpsc::Sender<Report>,
    again: mpsc::Receiver<Slug>,
    asked: mpsc::Receiver<()>,
}

impl Probing {
    async fn run(mut self, stop: CancellationToken) {
        let first = tokio::select! {
            () = stop.cancelled() => return,
            first = self.chosen.wait_for(Option::is_some) => first.ok().and_then(|known| known.clone()),
        };
        // An error means that the agent is ending.
        let Some((region, first)) = first else { return };
        let (sites_out, sites) = watch::channel(first);
        let scheduler = Scheduler {
            probe: self.prober.clone(),
            region: region.clone(),
            concurrency: self.concurrency,
            clock: self.clock.clone(),
            reports: self.reports.clone(),
            turns: self.turns,
            stop: stop.clone(),
        };
        let canaries =
            Canaries { region, addresses: self.controls, prober: self.prober, clock: self.clock };
        let asking = canaries.run(self.asked, self.reports);
        let following = follow(self.chosen, sites_out);
        tokio::select! {
            () = scheduler.run(sites, self.again) => {}
            () = asking => {}
            () = following => {}
        }
    }
}

/// Hands on which sites are to be probed: none while no node knows us.
async fn follow(mut chosen: watch::Receiver<Option<(Region, Sites)>>, sites: watch::Sender<Sites>) {
    while chosen.changed().await.is_ok() {
        let new = chosen.borrow_and_update().clone();
        sites.send_replace(new.map(|(_, sites)| sites).unwrap_or_default());
    }
}

/// The outbox of a node, in a folder that is named after its address.
fn outbox_of(data: &Path, url: &Url) -> io::Result<(Inlet, Outlet)> {
    let name = format!("{:016x}", xxh3_64(url.as_str().as_bytes()));
    outbox::open(&data.join("outbox").join(name))
}

/// A name of this run.
fn boot() -> Result<Box<str>> {
    let mut random = [0; 8];
    let drawn = SystemRandom::new().fill(&mut random);
    drawn.ok().context("the system has no random numbers")?;
    Ok(format!("{:016x}", u64::from_ne_bytes(random)).into())
}
