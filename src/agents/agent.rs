//! The agent's end: probes the sites that its nodes assign, and reports the results.
//!
//! - [`core`]: requests to a node. [`uplink`]: the work with one node.
//! - [`sites`]: the assigned sites, also after a restart without a node.
//! - [`collector`]: from the prober to the outboxes. [`outbox`]: lines that a node does not have yet.
//! - [`visits`]: lookups by visitors of a node. [`peers`]: a node as an agent of other nodes.
//! - [`status`]: `/healthz` and `/metrics`, for this machine alone.
//!
//! It has its own schedule, retries, confirmations and canaries, and judges nothing. A node that is
//! away stops none of it. It never probes a private address that its own operator has not allowed,
//! whatever a node assigns.

mod collector;
mod core;
mod outbox;
mod peers;
mod sites;
mod status;
mod uplink;
mod visits;

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, atomic::AtomicBool},
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

use self::{
    collector::{CheckNumbers, Collector},
    core::Core,
    outbox::{Inlet, Outlet, Signal},
    sites::SiteChoice,
    uplink::{Unknown, Uplink},
    visits::Visits,
};
pub use self::{
    peers::{PeerParts, Peers},
    status::AgentStats,
};
use super::protocol::{Gap, Hello, Line, LookupLine, PROTOCOL, RULES};
use crate::token::Token;
use model::{
    name::{Region, Slug},
    report::Report,
    site::Sites,
};
use prober::{
    clock::Clock,
    journal::AppendError,
    probe::Prober,
    scheduler::{Canaries, Scheduler, SchedulerStats},
};

/// Reports between the prober and the outboxes at most.
const MAX_REPORTS: usize = 4_096;
/// Rechecks that wait for the scheduler at most.
const MAX_RECHECKS: usize = 4_096;
/// Time for which lines are still sent after the stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

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

/// The outbox of a node.
#[derive(Debug)]
struct Outbox {
    inlet: Inlet,
    signal: Arc<Signal>,
    /// Cancelled when the node does not know our token.
    refused: CancellationToken,
    /// Lines that neither disk nor memory took, until one of them takes that they are lost.
    lost: Option<Gap>,
}

impl Outbox {
    /// Puts lines in, to be sent within this time; none for a node that does not know us and takes none.
    fn put(&mut self, lines: &[Line], within: Duration) -> Result<(), AppendError> {
        if self.refused.is_cancelled() {
            return Ok(());
        }
        let gap = self.lost.clone().map(Line::Gap);
        let put = self.inlet.put(gap.iter().chain(lines));
        match &put {
            Ok(()) => self.lost = None,
            Err(_) => lines.iter().for_each(|line| outbox::add(&mut self.lost, line)),
        }
        self.signal.tell(within);
        put
    }
}

/// Settings of links to nodes.
#[derive(Debug)]
struct LinkSettings {
    cores: Vec<Url>,
    token: Token,
    /// Directory of the sites and the outboxes.
    data: PathBuf,
    allow_private: bool,
    prober: Prober,
    clock: Clock,
    ca_file: Option<PathBuf>,
    /// The region, where it is known here: a node's. Then the sites of the other nodes are not of use.
    region: Option<Region>,
    /// Name of this run.
    run: Box<str>,
}

/// Links to nodes that do not run yet.
#[derive(Debug)]
struct Links {
    sites: Arc<SiteChoice>,
    stats: Arc<AgentStats>,
    uplinks: Vec<(Arc<Uplink>, Outlet)>,
    outboxes: Vec<Outbox>,
    /// Outcomes of lookups for a node.
    visited: mpsc::Receiver<(usize, LookupLine)>,
    /// Cancelled when nothing more comes into the outboxes.
    collected: CancellationToken,
}

impl Links {
    /// Links with these settings; sites to look at again go to `again`.
    fn open(settings: &LinkSettings, again: &mpsc::Sender<Slug>) -> Result<Self> {
        let LinkSettings { token, data, allow_private, clock, run, .. } = settings;
        if let Some(twice) = given_twice(&settings.cores) {
            bail!("{twice} is given twice as a node to report to");
        }
        let names: Vec<Box<str>> = settings.cores.iter().map(|url| url.as_str().into()).collect();
        let sites = if settings.region.is_some() {
            SiteChoice::unused(&names)
        } else {
            SiteChoice::new(data, &names, *allow_private)
        };
        let (sites, stats) = (Arc::new(sites), Arc::new(AgentStats::default()));
        let (visited_out, visited) = mpsc::channel(MAX_RECHECKS);
        let visits =
            Visits::new(settings.prober.clone(), clock.clone(), *allow_private, visited_out);
        let collected = CancellationToken::new();
        let (mut uplinks, mut outboxes) = (Vec::new(), Vec::new());
        for (number, url) in settings.cores.iter().enumerate() {
            let ca_file = settings.ca_file.as_deref();
            let (own, turns) = (token.clone(), stats.turns.clone());
            let core = Core::new(url.clone(), own, run, ca_file, clock.clone(), turns);
            let (inlet, outlet) = outbox_of(data, url).context("the outbox cannot be opened")?;
            let (signal, refused) = (Arc::new(Signal::default()), CancellationToken::new());
            let (tell, known) = (signal.clone(), refused.clone());
            outboxes.push(Outbox { inlet, signal: tell, refused: known, lost: None });
            let hello = Hello {
                version: env!("CARGO_PKG_VERSION").into(),
                protocol: PROTOCOL,
                rules: RULES,
                boot: run.clone(),
                private: *allow_private || settings.region.is_some(),
                region: settings.region.clone(),
            };
            let uplink = Uplink {
                number,
                core: Arc::new(core.map_err(anyhow::Error::msg)?),
                hello,
                sites: sites.clone(),
                signal,
                again: again.clone(),
                clock: clock.clone(),
                stats: stats.clone(),
                stop: collected.clone(),
                refused,
                region: Mutex::new(None),
                patches: AtomicBool::new(false),
                visits: visits.clone(),
            };
            uplinks.push((Arc::new(uplink), outlet));
        }
        Ok(Self { sites, stats, uplinks, outboxes, visited, collected })
    }
}

/// An agent that is built and does not run yet.
#[derive(Debug)]
struct Agent {
    parts: AgentParts,
    links: Links,
    again: mpsc::Receiver<Slug>,
    again_out: mpsc::Sender<Slug>,
    numbers: CheckNumbers,
}

impl Agent {
    fn build(parts: AgentParts) -> Result<Self> {
        let run = new_run()?;
        let (again_out, again) = mpsc::channel(MAX_RECHECKS);
        let settings = LinkSettings {
            cores: parts.cores.clone(),
            token: parts.token.clone(),
            data: parts.data.clone(),
            allow_private: parts.allow_private,
            prober: parts.prober.clone(),
            clock: parts.clock.clone(),
            ca_file: parts.ca_file.clone(),
            region: None,
            run: run.clone(),
        };
        let links = Links::open(&settings, &again_out)?;
        Ok(Self { parts, links, again, again_out, numbers: CheckNumbers::new(run) })
    }

    async fn run(self, stop: CancellationToken) -> Result<()> {
        let Self { parts, links, again, again_out, numbers } = self;
        let Links { sites, stats, uplinks, outboxes, visited, collected } = links;
        let (reports, reports_in) = mpsc::channel(MAX_REPORTS);
        let (canaries, asked) = mpsc::channel(1);
        let collector = Collector {
            reports: reports_in,
            visited,
            outboxes,
            again: again_out,
            canaries,
            stats: stats.clone(),
            numbers,
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
        if timeout(STOP_TIMEOUT, sent).await.is_err() {
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
            stats: self.turns,
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

/// A name for a run of a prober.
///
/// # Errors
/// Fails when the system has no random numbers.
pub fn new_run() -> Result<Box<str>> {
    let mut random = [0; 8];
    let drawn = SystemRandom::new().fill(&mut random);
    drawn.ok().context("the system has no random numbers")?;
    Ok(format!("{:016x}", u64::from_ne_bytes(random)).into())
}

/// A node that is among these twice: two would write to its outbox.
fn given_twice(cores: &[Url]) -> Option<&Url> {
    (0..).zip(cores).find_map(|(n, core)| cores[..n].contains(core).then_some(core))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{
        address::node_url,
        judge::network_health::{CanaryKind, CanaryResult},
        moment::Moment,
    };

    fn outbox(dir: &Path) -> (Outbox, Outlet) {
        let (inlet, outlet) = outbox::open_with(dir, 64 << 10, 80 << 10).unwrap();
        let refused = CancellationToken::new();
        (Outbox { inlet, signal: Arc::default(), refused, lost: None }, outlet)
    }

    fn line(at: Moment) -> Line {
        Line::Canary(CanaryResult { kind: CanaryKind::Public, at, answered: true })
    }

    #[test]
    fn what_a_node_will_not_take_fills_no_disk() {
        let (dir, now) = (tempfile::tempdir().unwrap(), Clock::system().now());
        let (mut outbox, mut outlet) = outbox(dir.path());
        outbox.put(&[line(now)], Duration::ZERO).unwrap();
        outbox.refused.cancel();
        outbox.put(&[line(now)], Duration::ZERO).unwrap();
        assert_eq!(outlet.next(now).unwrap(), (vec![line(now)], None));
    }

    #[test]
    fn what_the_disk_does_not_take_is_a_gap_once_it_does() {
        let (dir, now) = (tempfile::tempdir().unwrap(), Clock::system().now());
        let (mut outbox, mut outlet) = outbox(dir.path());
        let second = Duration::from_secs(1);
        while outbox.put(&[line(now)], Duration::ZERO).is_ok() {}
        assert!(outbox.put(&[line(now + second), line(now + 2 * second)], Duration::ZERO).is_err());
        // Some have to be let go of, and there is room.
        outlet.next(now).unwrap();
        outbox.put(&[line(now + 3 * second)], Duration::ZERO).unwrap();
        let mut all = Vec::new();
        while let (lines, None) = outlet.next(now).unwrap()
            && !lines.is_empty()
        {
            all.extend(lines);
        }
        let gap = Gap { from: now, until: now + 2 * second, lost: 3 };
        assert_eq!(all[all.len() - 2..], [Line::Gap(gap), line(now + 3 * second)]);
    }

    #[test]
    fn a_node_that_is_given_twice_is_found_however_it_is_written() {
        for (cores, twice) in [
            (&["https://a.example", "https://b.example"][..], None),
            (&["https://a.example", "https://A.example:443/"], Some("https://a.example/")),
            (
                &["https://a.example/up", "https://a.example", "https://a.example/up/"],
                Some("https://a.example/up/"),
            ),
        ] {
            let cores: Vec<Url> = cores.iter().map(|core| node_url(core).unwrap()).collect();
            assert_eq!(given_twice(&cores).map(Url::as_str), twice);
        }
    }
}
