//! The servers of a story's sites, and our own network. The real prober probes them.
//!
//! Each behaviour of a site is probed once (see [`super::simulated_check`]): its outcome serves every
//! later attempt. Delays of a site are left out and added to the measured time, and a site that
//! never answers is not waited for: the outcome reports the site's own time limit. So a story takes
//! as long as its speed says, however silent its sites are.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::{sync::Mutex, time::Instant};
use url::Url;

use super::own_network::{OwnConnection, OwnNameServers, OwnNetwork};
use super::{
    behaviour::{SiteBehaviour, leaves_machine, redirect_target},
    probe_plan::ProbePlan,
    simulated_check::{Conditions, FinishedCheck, SeenOutcome, SimulatedCheck},
};
use crate::config::{Story, StoryBehaviour, StoryScene, StoryServer};
use model::{
    moment::Moment,
    name::Slug,
    outcome::{Failure, Outcome},
    site::Site,
};
use prober::probe::{ProbeTarget, Prober};
use testbed::{Behaviour, DnsAnswers, Host, Ports, Testbed};

/// Real time to wait for a site that may never answer; longer, if the machine is so busy that the
/// probe has not come as far by then as the site allows.
const HANG_WAITS: [Duration; 3] =
    [Duration::from_millis(1_500), Duration::from_secs(5), Duration::from_secs(20)];
/// The same for a site that is sure to do something, however busy the machine is.
const BUSY_WAIT: Duration = Duration::from_secs(20);
/// Sites that are really probed at the same time at most.
const MAX_PROBES: usize = 12;
/// Outcomes that are kept of a site at most.
const MAX_OUTCOMES: usize = 256;

/// The servers of a story's sites, and our own network.
pub(super) struct StoryServers {
    testbed: Testbed,
    prober: Prober,
    sites: HashMap<Slug, Arc<Mutex<SimulatedSite>>>,
    network: OwnNetwork,
    /// Targets of the boxes on our connection.
    boxes: Vec<Host>,
    /// Counts what happened: where a redirect leads to may do something else since.
    scene: u32,
}

/// One site, with its servers.
#[derive(Debug)]
struct SimulatedSite {
    site: Arc<Site>,
    /// At its addresses, IPv6 last.
    hosts: Vec<Host>,
    url: Url,
    usual: SiteBehaviour,
    current: SiteBehaviour,
    /// Behaviours of its hosts and of its name now.
    applied: (Vec<Option<Behaviour>>, Option<DnsAnswers>),
    /// Outcomes seen.
    known: Vec<(Conditions, Arc<SeenOutcome>)>,
    /// Number of connections to it.
    connections: u32,
}

impl StoryServers {
    /// Opens servers for each site, which do what is usual.
    pub(super) async fn open(testbed: Testbed, prober: Prober, story: &Story) -> Result<Self> {
        let mut sites = HashMap::new();
        for site in &story.sites {
            let server = story.servers.get(&site.slug).cloned().unwrap_or_default();
            let simulated = SimulatedSite::open(&testbed, site, &server, &story.usual).await;
            let simulated = simulated.with_context(|| format!("no server for {}", site.slug))?;
            sites.insert(site.slug.clone(), Arc::new(Mutex::new(simulated)));
        }
        Ok(Self {
            testbed,
            prober,
            sites,
            network: OwnNetwork::default(),
            boxes: Vec::new(),
            scene: 0,
        })
    }

    /// Changes what the servers and our own network do, as a scene says.
    pub(super) async fn run_scene(&mut self, scene: &StoryScene) -> Result<()> {
        self.scene += 1;
        for slug in &scene.sites {
            let Some(simulated) = self.sites.get(slug) else { continue };
            let SimulatedSite { usual, current, .. } = &mut *simulated.lock().await;
            current.change(&scene.behaviour, usual)?;
        }
        if let Some(words) = &scene.our_line {
            self.network.connection = words.parse::<OwnConnection>()?;
            if let OwnConnection::Does(behaviour) = &self.network.connection
                && let Some(to) = redirect_target(behaviour)
                && let Some(host) = Url::parse(to).ok().as_ref().and_then(Url::host_str)
            {
                // The page of the box itself.
                let host = self.testbed.host(host).await;
                self.boxes.push(host.context("no server for the box on our connection")?);
            }
        }
        if let Some(words) = &scene.name_servers {
            self.network.name_servers = words.parse::<OwnNameServers>()?;
        }
        Ok(())
    }

    /// Probes the current behaviours of a scene's sites in advance, all at once: one after another,
    /// within their checks, they would be waited for.
    pub(super) async fn probe_ahead(&self, scene: &StoryScene, at: Moment) -> Result<()> {
        let is_network = scene.our_line.is_some() || scene.name_servers.is_some();
        let all = self.sites.iter().filter(|(slug, _)| is_network || scene.sites.contains(slug));
        let probes = all.map(|(_, simulated)| async move {
            let mut simulated = simulated.lock().await;
            let connections = simulated.connections;
            self.check(&mut simulated, 0, at).await?;
            simulated.connections = connections;
            if self.network.loss() > 0 {
                for lost in self.simulated_check(&simulated, at).lost() {
                    self.probe_and_keep(&mut simulated, lost, at).await?;
                }
            }
            anyhow::Ok(())
        });
        stream::iter(probes).buffer_unordered(MAX_PROBES).try_collect().await
    }

    /// Our own network.
    pub(super) fn network(&self) -> &OwnNetwork {
        &self.network
    }

    /// Checks a site at this moment; `before` is the number of addresses that earlier checks began
    /// with.
    pub(super) async fn check_site(
        &self,
        slug: &Slug,
        before: u8,
        at: Moment,
    ) -> Result<FinishedCheck> {
        let simulated = self.sites.get(slug).context("a site is not in the story")?;
        let mut simulated = simulated.lock().await;
        self.check(&mut simulated, before, at).await
    }

    async fn check(
        &self,
        simulated: &mut SimulatedSite,
        before: u8,
        at: Moment,
    ) -> Result<FinishedCheck> {
        for _ in 0..MAX_OUTCOMES {
            match self.simulated_check(simulated, at).run(&simulated.site, before) {
                Ok(took) => {
                    simulated.connections = simulated.connections.wrapping_add(took.connections);
                    return Ok(took);
                }
                Err(missing) => self.probe_and_keep(simulated, missing, at).await?,
            }
        }
        anyhow::bail!("{} never comes to an end", simulated.site.slug)
    }

    /// Probes a site for real under these conditions, and keeps the outcome.
    async fn probe_and_keep(
        &self,
        simulated: &mut SimulatedSite,
        conditions: Conditions,
        at: Moment,
    ) -> Result<()> {
        let seen = self.probe(simulated, &conditions, at).await?;
        simulated.known.retain(|(other, _)| *other != conditions);
        if simulated.known.len() >= MAX_OUTCOMES {
            simulated.known.clear();
        }
        simulated.known.push((conditions, Arc::new(seen)));
        Ok(())
    }

    fn simulated_check(&self, simulated: &SimulatedSite, at: Moment) -> SimulatedCheck {
        let current = self.network.over(&simulated.current);
        SimulatedCheck {
            places: current.places(&simulated.families()),
            families: simulated.families(),
            current,
            usual: self.network.over(&simulated.usual),
            scene: self.scene,
            loss: self.network.loss(),
            connections_before: simulated.connections,
            known: simulated.known.clone(),
            at,
            timeout: simulated.site.timeout,
        }
    }

    async fn probe(
        &self,
        simulated: &mut SimulatedSite,
        conditions: &Conditions,
        at: Moment,
    ) -> Result<SeenOutcome> {
        let site = simulated.site.clone();
        let plan = ProbePlan::new(conditions, site.timeout);
        for behaviour in &plan.behaviours {
            let away = leaves_machine(behaviour, &plan.names);
            anyhow::ensure!(!away, "{} leads away from this machine", site.slug);
            self.prepare_target(behaviour).await?;
        }
        let behaviours = plan.behaviours.iter().map(|b| self.with_ports(b, &simulated.hosts));
        simulated.apply(behaviours.collect(), plan.names.clone()).await?;
        // The servers are on loopback, which is private.
        let target =
            ProbeTarget { url: &simulated.url, private: true, ..ProbeTarget::from(&*site) };
        let attempt = u8::try_from(conditions.place + 1).unwrap_or(u8::MAX);
        let waits: &[Duration] = if plan.hangs() { &HANG_WAITS } else { &[BUSY_WAIT] };
        let (mut outcome, mut ran_out) = (Outcome::failed(Failure::Timeout, ""), true);
        for patience in waits {
            let begun = Instant::now();
            outcome = self.prober.probe_within(&target, attempt, *patience).await;
            ran_out = begun.elapsed() >= *patience;
            if !ran_out || plan.came_as_far(&outcome.phases, site.url.scheme() == "https") {
                break;
            }
        }
        Ok(plan.with_delays(outcome, ran_out, (site.timeout, at), &simulated.hosts))
    }

    /// Applies the current behaviour of the story's site that a redirect leads to.
    async fn prepare_target(&self, behaviour: &Behaviour) -> Result<()> {
        let Some(url) = redirect_target(behaviour).and_then(|to| Url::parse(to).ok()) else {
            return Ok(());
        };
        for simulated in self.sites.values() {
            // A site that is being probed now is left alone, as is the site itself.
            let Ok(mut simulated) = simulated.try_lock() else { continue };
            if simulated.hosts.first().map(Host::name) == url.host_str() {
                let current = self.network.over(&simulated.current);
                let conditions =
                    Conditions::new(&current, &simulated.usual, &simulated.families(), 1, (0, 0));
                let plan = ProbePlan::new(&conditions, BUSY_WAIT);
                simulated.apply(plan.behaviours, plan.names).await?;
            }
        }
        Ok(())
    }

    /// A redirect to a site of the story leads to where its servers are.
    fn with_ports(&self, behaviour: &Behaviour, own: &[Host]) -> Behaviour {
        let mut behaviour = behaviour.clone();
        let Behaviour::Answer(answer) = &mut behaviour else { return behaviour };
        for (name, value) in &mut answer.headers {
            if !name.eq_ignore_ascii_case("location") {
                continue;
            }
            let Ok(mut url) = Url::parse(value) else { continue };
            let known = |host: &Host| (Some(host.name()) == url.host_str()).then(|| host.ports());
            let of_site = |simulated: &Arc<Mutex<SimulatedSite>>| {
                known(simulated.try_lock().ok()?.hosts.first()?)
            };
            let found = self.boxes.iter().chain(own).find_map(known);
            let found = found.or_else(|| self.sites.values().find_map(of_site));
            if let Some(Ports { http, https }) = found.filter(|_| url.port().is_none()) {
                // A URL with a host takes any port.
                let _ = url.set_port(Some(if url.scheme() == "https" { https } else { http }));
                *value = url.into();
            }
        }
        behaviour
    }
}

impl SimulatedSite {
    async fn open(
        testbed: &Testbed,
        site: &Arc<Site>,
        server: &StoryServer,
        usual: &[String],
    ) -> Result<Self> {
        let name = site.url.domain().context("sites of a story have names, not addresses")?;
        // Loopback has one IPv6 address, so that ports must tell its sites apart.
        let ports = if server.ipv6 { Ports::FREE } else { Ports::STANDARD };
        let first = testbed.host_on(name, ports).await?;
        let mut hosts = vec![first.clone()];
        for _ in 1..server.addresses {
            hosts.push(testbed.another_machine(&first, None)?);
        }
        if server.ipv6 {
            let loopback = IpAddr::V6(Ipv6Addr::LOCALHOST);
            let host = testbed.another_machine(&first, Some(loopback));
            hosts.push(host.context("IPv6 cannot be had")?);
        }
        if let Some(at) = server.expires {
            for host in &hosts {
                host.certificate_ends(at);
            }
        }
        let mut url = site.url.clone();
        let Ports { http, https } = first.ports();
        // A URL with a host takes any port.
        let _ = url.set_port(Some(if site.url.scheme() == "https" { https } else { http }));
        let words = if server.usual.is_empty() { usual } else { &server.usual };
        let words = words.iter().cloned().chain(server.dns.clone()).collect();
        let mut current = SiteBehaviour::well();
        current.change(
            &StoryBehaviour { words, ..StoryBehaviour::default() },
            &SiteBehaviour::well(),
        )?;
        let applied = (vec![None; hosts.len()], None);
        let (site, usual) = (site.clone(), current.clone());
        Ok(Self { site, hosts, url, usual, current, applied, known: Vec::new(), connections: 0 })
    }

    fn families(&self) -> Vec<bool> {
        self.hosts.iter().map(|host| host.address().is_ipv6()).collect()
    }

    /// Lets its hosts do this from now on.
    async fn apply(&mut self, behaviours: Vec<Behaviour>, names: DnsAnswers) -> Result<()> {
        for (place, behaviour) in behaviours.into_iter().enumerate() {
            let applied = &mut self.applied.0[place];
            if applied.as_ref() != Some(&behaviour) {
                self.hosts[place].behave(behaviour.clone()).await?;
                *applied = Some(behaviour);
            }
        }
        if self.applied.1.as_ref() != Some(&names) {
            self.hosts[0].dns(names.clone());
            self.applied.1 = Some(names);
        }
        Ok(())
    }
}
