//! The stage: the servers of a story's sites, and our own side. The real prober looks at them.
//!
//! It looks at each thing that a site does once (see [`super::rehearsal`]): what it saw is what
//! every other look sees. What a site waits before it answers is left out and put back into what was
//! measured, and nobody waits for long for a site that never answers: what the site's own time would
//! have been is told. So a story takes as long as it is told to, however silent its sites are.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::{sync::Mutex, time::Instant};
use url::Url;

use super::{
    act::{Act, hangs, leads_elsewhere, names_without_pause, without_pause},
    line::{Line, NameServers, OurSide},
    rehearsal::{Known, Meeting, Rehearsal, Took},
};
use crate::{
    bed::{Bed, Behaviour, Host, Names, Ports},
    config::{Does, Scene, Server, Story},
    model::{
        moment::Moment,
        name::Slug,
        outcome::{Failure, Outcome, Phases},
        site::Site,
    },
    probe::{Prober, Target},
};

/// How long we wait, in life, for a site that may never answer.
const HANGS: Duration = Duration::from_secs(2);
/// The same for a site that is sure to do something, however busy the machine is.
const BUSY: Duration = Duration::from_secs(20);
/// Looks that are remembered of a site at most.
const KNOWN: usize = 256;

/// The servers of a story's sites, and our own side.
pub(super) struct Stage {
    bed: Bed,
    prober: Prober,
    actors: HashMap<Slug, Arc<Mutex<Actor>>>,
    ours: OurSide,
    /// Counts what happened: where a redirect leads to may do something else since.
    scene: u32,
}

/// One site on the stage.
#[derive(Debug)]
struct Actor {
    /// At its addresses, IPv6 last.
    hosts: Vec<Host>,
    url: Url,
    usual: Act,
    act: Act,
    /// What its hosts and its name do now.
    applied: (Vec<Option<Behaviour>>, Option<Names>),
    /// What was seen of it.
    known: Vec<(Meeting, Arc<Known>)>,
    /// Connections that it has had.
    met: u32,
}

impl Stage {
    /// Opens servers for each site, which do what is usual.
    pub(super) async fn open(bed: Bed, prober: Prober, story: &Story) -> Result<Self> {
        let mut actors = HashMap::new();
        for site in &story.sites {
            let server = story.servers.get(&site.slug).cloned().unwrap_or_default();
            let actor = Actor::open(&bed, site, &server, &story.usual).await;
            let actor = actor.with_context(|| format!("no server for {}", site.slug))?;
            actors.insert(site.slug.clone(), Arc::new(Mutex::new(actor)));
        }
        Ok(Self { bed, prober, actors, ours: OurSide::default(), scene: 0 })
    }

    /// Lets something happen.
    pub(super) async fn direct(&mut self, scene: &Scene) -> Result<()> {
        self.scene += 1;
        for slug in &scene.sites {
            let Some(actor) = self.actors.get(slug) else { continue };
            let Actor { usual, act, .. } = &mut *actor.lock().await;
            act.direct(&scene.does, usual)?;
        }
        if let Some(words) = &scene.our_line {
            self.ours.line = words.parse::<Line>()?;
            if let Line::Does(behaviour) = &self.ours.line
                && let Some(to) = leads_elsewhere(behaviour)
                && let Some(host) = Url::parse(to).ok().as_ref().and_then(Url::host_str)
            {
                // The page of the box itself.
                self.bed.host(host).await.context("no server for the box on our line")?;
            }
        }
        if let Some(words) = &scene.name_servers {
            self.ours.name_servers = words.parse::<NameServers>()?;
        }
        Ok(())
    }

    /// Our own side.
    pub(super) fn ours(&self) -> &OurSide {
        &self.ours
    }

    /// Looks at a site in its turn, which begins at this moment, after failed ones with so many
    /// attempts.
    pub(super) async fn turn(&self, site: &Site, before: u8, at: Moment) -> Result<Took> {
        let actor = self.actors.get(&site.slug).context("a site is not in the story")?;
        let mut actor = actor.lock().await;
        loop {
            let rehearsal = self.rehearsal(&actor, site, at);
            let missing = match rehearsal.run(site, before) {
                Ok(took) => {
                    actor.met = actor.met.wrapping_add(took.connections);
                    return Ok(took);
                }
                Err(missing) => missing,
            };
            let known = self.look(&mut actor, site, &missing, at).await?;
            actor.known.retain(|(meeting, _)| *meeting != missing);
            if actor.known.len() >= KNOWN {
                actor.known.clear();
            }
            actor.known.push((missing, Arc::new(known)));
        }
    }

    fn rehearsal(&self, actor: &Actor, site: &Site, at: Moment) -> Rehearsal {
        let act = self.ours.over(&actor.act);
        Rehearsal {
            places: act.places(actor.hosts.len()),
            families: actor.hosts.iter().map(|host| host.address().is_ipv6()).collect(),
            act,
            usual: actor.usual.clone(),
            scene: self.scene,
            loss: self.ours.loss(),
            met: actor.met,
            known: actor.known.clone(),
            at,
            timeout: site.timeout,
        }
    }

    /// Looks at what a site does, for real.
    async fn look(
        &self,
        actor: &mut Actor,
        site: &Site,
        meeting: &Meeting,
        at: Moment,
    ) -> Result<Known> {
        let slower = self.ours.slower_by();
        let plan = Plan::new(meeting, site.timeout, slower);
        for behaviour in &plan.behaviours {
            self.prepare_target(behaviour).await?;
        }
        let behaviours = plan.behaviours.iter().map(|b| self.with_ports(b));
        actor.apply(behaviours.collect(), plan.names.clone()).await?;
        let patience = if plan.hangs() { HANGS.min(site.timeout) } else { BUSY };
        let Site { timeout, expect, .. } = site;
        // The servers are on loopback, which is private.
        let target = Target { url: &actor.url, timeout: *timeout, expect, private: true };
        let begun = Instant::now();
        let attempt = u8::try_from(meeting.place + 1).unwrap_or(u8::MAX);
        let outcome = self.prober.probe_within(&target, attempt, patience).await;
        let ran_out = begun.elapsed() >= patience;
        Ok(plan.known(outcome, ran_out, (site.timeout, at), actor))
    }

    /// Where a redirect leads to another site of the story, that one has to do what it does now.
    async fn prepare_target(&self, behaviour: &Behaviour) -> Result<()> {
        let Some(url) = leads_elsewhere(behaviour).and_then(|to| Url::parse(to).ok()) else {
            return Ok(());
        };
        for actor in self.actors.values() {
            // One that is being looked at now is left alone, as is the site itself.
            let Ok(mut actor) = actor.try_lock() else { continue };
            if actor.hosts.first().map(Host::name) == url.host_str() {
                let act = self.ours.over(&actor.act);
                let meeting = Meeting::new(&act, &actor.usual, &actor.families(), 1, (0, 0));
                let plan = Plan::new(&meeting, BUSY, Duration::ZERO);
                actor.apply(plan.behaviours, plan.names).await?;
            }
        }
        Ok(())
    }

    /// A redirect to a site of the story leads to where its servers are.
    fn with_ports(&self, behaviour: &Behaviour) -> Behaviour {
        let mut behaviour = behaviour.clone();
        let Behaviour::Answer(answer) = &mut behaviour else { return behaviour };
        for (name, value) in &mut answer.headers {
            if !name.eq_ignore_ascii_case("location") {
                continue;
            }
            let Ok(mut url) = Url::parse(value) else { continue };
            let found = self.actors.values().find_map(|actor| {
                let actor = actor.try_lock().ok()?;
                let host = actor.hosts.first()?;
                (Some(host.name()) == url.host_str()).then(|| host.ports())
            });
            if let Some(Ports { http, https }) = found.filter(|_| url.port().is_none()) {
                // A URL with a host takes any port.
                let _ = url.set_port(Some(if url.scheme() == "https" { https } else { http }));
                *value = url.into();
            }
        }
        behaviour
    }
}

impl Actor {
    async fn open(bed: &Bed, site: &Site, server: &Server, usual: &[String]) -> Result<Self> {
        let name = site.url.host_str().context("a site has no host")?;
        // There is one IPv6 address on loopback, so that ports must tell its sites apart.
        let ports = if server.ipv6 { Ports::FREE } else { Ports::STANDARD };
        let first = bed.host_on(name, ports).await?;
        let mut hosts = vec![first.clone()];
        for _ in 1..server.addresses {
            hosts.push(bed.another_machine(&first, None)?);
        }
        if server.ipv6 {
            let loopback = IpAddr::V6(Ipv6Addr::LOCALHOST);
            let host = bed.another_machine(&first, Some(loopback));
            hosts.push(host.context("IPv6 cannot be had")?);
        }
        if let Some(at) = server.expires {
            hosts.iter().for_each(|host| host.certificate_ends(at));
        }
        let mut url = site.url.clone();
        let Ports { http, https } = first.ports();
        // A URL with a host takes any port.
        let _ = url.set_port(Some(if site.url.scheme() == "https" { https } else { http }));
        let words = if server.usual.is_empty() { usual } else { &server.usual };
        let words = words.iter().cloned().chain(server.dns.clone()).collect();
        let mut act = Act::well();
        act.direct(&Does { words, ..Does::default() }, &Act::well())?;
        let applied = (vec![None; hosts.len()], None);
        Ok(Self { hosts, url, usual: act.clone(), act, applied, known: Vec::new(), met: 0 })
    }

    fn families(&self) -> Vec<bool> {
        self.hosts.iter().map(|host| host.address().is_ipv6()).collect()
    }

    /// Lets its hosts do this from now on.
    async fn apply(&mut self, behaviours: Vec<Behaviour>, names: Names) -> Result<()> {
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

/// A meeting as it is played for real: without what would only be waited for.
struct Plan {
    behaviours: Vec<Behaviour>,
    /// What each waits before it answers.
    pauses: Vec<Duration>,
    names: Names,
    names_pause: Duration,
}

impl Plan {
    fn new(meeting: &Meeting, timeout: Duration, slower: Duration) -> Self {
        let (names, names_pause) = names_without_pause(meeting.names.clone());
        // Who answers too late in the story does not answer.
        let late_names = names_pause >= timeout;
        let names = if late_names { Names::Silence } else { names };
        let names_pause = if late_names { Duration::ZERO } else { names_pause };
        let (behaviours, pauses) = meeting
            .behaviours
            .iter()
            .map(|behaviour| {
                let (behaviour, pause) = without_pause(behaviour.clone());
                let pause = pause + slower;
                if names_pause + pause >= timeout && !hangs(&behaviour) {
                    return (Behaviour::HangAfterRequest, Duration::ZERO);
                }
                (behaviour, pause)
            })
            .unzip();
        Self { behaviours, pauses, names, names_pause }
    }

    fn hangs(&self) -> bool {
        self.behaviours.iter().any(hangs) || is_silent(&self.names)
    }

    /// What is known now, with what was left out of it.
    fn known(
        &self,
        mut outcome: Outcome,
        ran_out: bool,
        (timeout, at): (Duration, Moment),
        actor: &Actor,
    ) -> Known {
        let add = |part: &mut Option<u32>, pause: Duration| {
            let pause = u32::try_from(pause.as_micros()).unwrap_or(u32::MAX);
            if let Some(part) = part {
                *part = part.saturating_add(pause);
            }
        };
        add(&mut outcome.phases.dns, self.names_pause);
        let address = outcome.traces.address;
        let host = actor.hosts.iter().position(|host| Some(host.address()) == address);
        let pause = self.pauses.get(host.unwrap_or(0)).copied().unwrap_or_default();
        add(&mut outcome.phases.wait, pause);
        let latency =
            |phases: &Phases| Duration::from_micros(phases.latency().unwrap_or_default().into());
        let late = outcome
            .cause()
            .is_some_and(|cause| matches!(cause.failure, Failure::Timeout | Failure::Dns));
        if ran_out && late {
            // It was waited for within the part that took longest.
            let left = timeout.saturating_sub(latency(&outcome.phases));
            let Phases { dns, connect, tls, wait, transfer } = &mut outcome.phases;
            let parts = [dns, connect, tls, wait, transfer].into_iter();
            if let Some(longest) = parts.max_by_key(|part| **part) {
                add(longest, left);
            }
        }
        let took = latency(&outcome.phases).min(timeout);
        let took = if ran_out && late { timeout } else { took };
        let ends = outcome.traces.certificate_expires_at.filter(|ends| at < *ends);
        Known { outcome, took, good_until: ends }
    }
}

/// Whether somebody who asks for the name may wait for ever.
fn is_silent(names: &Names) -> bool {
    match names {
        Names::Silence => true,
        Names::Alias(_, then)
        | Names::After(_, then)
        | Names::Rotated(then)
        | Names::Shuffled(then) => is_silent(then),
        Names::Rebind(first, then) | Names::ByFamily(first, then) => {
            is_silent(first) || is_silent(then)
        }
        _ => false,
    }
}
