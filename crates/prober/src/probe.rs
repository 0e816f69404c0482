//! The probe of a site over the network. A probe cannot fail: it returns an [`Outcome`].
//!
//! Every attempt is a new connection, made and used within the task that probes: a client with a
//! pool, retries and redirects of its own took a third more of the CPU and hid when each part
//! began. [`context`] measures each part.
//!
//! - [`redirects`]: one attempt, from the first look-up over redirects to the last byte;
//!   [`cookies`]: cookies set on the way.
//! - [`client`]: one request, for a page or a missing certificate; [`page_request`]: what is asked for;
//!   [`connect`]: a connection to the first address that answers;
//!   [`mod@limited_connection`]: the bytes below HTTP, with a limit; [`lenient`]: a reader for replies
//!   that hyper refuses; [`tls`], [`trust`] and [`roots`]: certificates and roots, with the
//!   intermediates that were fetched and the [`verified_chains`]; [`old_tls`]: detection of servers that only speak
//!   what browsers do.
//! - [`resolve`]: names to addresses; [`name_servers`]: the order of our name servers,
//!   [`name_server`]: one of them; [`names`]: the meaning of their answers, and the guard against
//!   addresses that a site may not have.
//! - [`body`]: reads as much of a page as is needed; [`decode`], [`text`], [`title`]: its content;
//!   [`answer`]: its meaning. [`bot_walls`]: detection of pages that turn robots away.
//! - [`classify`]: from errors to failures, by type and never by text; [`tls_failure`]: those of TLS.
//!
//! Nothing here waits longer than the target's limit, and nothing is remembered between probes but
//! silent name servers, fetched certificates and their failures, and verified chains.

mod answer;
mod body;
mod redirects;
mod classify;
mod client;
mod connect;
mod cookies;
mod decode;
mod lenient;
mod limited_connection;
mod context;
mod name_server;
mod name_servers;
mod names;
mod old_tls;
mod page_request;
mod resolve;
mod text;
mod title;
mod tls;
mod tls_failure;
mod observations;
mod roots;
mod trust;
mod verified_chains;
mod bot_walls;

use std::{
    fmt,
    future::ready,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use futures_util::future::BoxFuture;
use url::Url;

pub use self::connect::MAX_CONNECTIONS;
use self::{client::Client, resolve::Resolver};
use crate::clock::Clock;
use crate::probe::{context::AttemptContext, redirects::RedirectChain};
use model::{
    note::FailedAttempt,
    outcome::{Answer, Failure, Outcome},
    site::{Expect, Site},
    site_request::SiteRequest,
    target::PORTS,
};

/// Settings of a prober.
#[derive(Clone, Debug)]
pub struct ProberSettings {
    /// User agent of every request.
    pub user_agent: String,
    /// Bytes of a body, decoded, that are read at most.
    pub max_body: usize,
    /// Redirects that are followed at most.
    pub max_redirects: u8,
    /// Whom to ask for addresses; the machine's own resolvers when empty.
    pub nameservers: Vec<SocketAddr>,
    /// Authorities to trust besides the machine's own, in PEM.
    pub ca_file: Option<PathBuf>,
}

/// Reason why a prober cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ProberSetupError {
    /// The file of authorities cannot be used.
    #[error("ca_file {path}: {why}", path = .0.display(), why = .1)]
    CaFile(PathBuf, String),
    /// The machine's own resolvers are not known.
    #[error("the machine's name servers are not known ({0}); name some in [probe] nameservers")]
    Resolver(String),
    /// The client or its TLS cannot be made.
    #[error("the HTTP client cannot be made: {0}")]
    Client(String),
}

impl ProberSetupError {
    fn ca_file(path: &Path, why: &dyn std::fmt::Display) -> Self {
        Self::CaFile(path.to_owned(), why.to_string())
    }
}

/// Target of a probe.
#[derive(Clone, Copy, Debug)]
pub struct ProbeTarget<'a> {
    /// URL; `http` or `https`.
    pub url: &'a Url,
    /// Time that the whole attempt may take.
    pub timeout: Duration,
    /// Expectations of a good reply.
    pub expect: &'a Expect,
    /// The site's own request; what is in it goes to the origin of `url` alone.
    pub request: &'a SiteRequest,
    /// True if it may be at a private address.
    pub private: bool,
}

impl<'a> From<&'a Site> for ProbeTarget<'a> {
    fn from(site: &'a Site) -> Self {
        let Site { url, timeout, expect, request, private, .. } = site;
        Self { url, timeout: *timeout, expect, request, private: *private }
    }
}

/// Probes sites: the prober does it over the network; tests and replays have outcomes of their own.
pub trait Probe: Send + Sync + fmt::Debug {
    /// One attempt; `number` counts from 1, and each begins with another address of the site.
    fn attempt<'a>(&'a self, site: &'a Site, number: u8) -> BoxFuture<'a, Outcome>;

    /// Returns whether our own name servers answer at all.
    fn name_servers_answer(&self) -> BoxFuture<'_, bool> {
        Box::pin(ready(true))
    }

    /// Waits for this long; in a replay, of simulated time.
    fn sleep(&self, long: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(long))
    }
}

impl Probe for Prober {
    fn attempt<'a>(&'a self, site: &'a Site, number: u8) -> BoxFuture<'a, Outcome> {
        let target = ProbeTarget::from(site);
        Box::pin(async move { self.probe(&target, number).await })
    }

    fn name_servers_answer(&self) -> BoxFuture<'_, bool> {
        Box::pin(self.resolver.answer())
    }
}

/// Probes what visitors ask for, which may be anything.
pub trait VisitorProbe: Send + Sync + fmt::Debug {
    /// One attempt, as [`Probe::attempt`], to the usual ports of web sites alone and only to
    /// addresses that the gate allows.
    ///
    /// # Errors
    /// Fails when the attempt was blocked.
    fn attempt_for_visitor<'a>(
        &'a self,
        site: &'a Site,
        number: u8,
        gate: &'a Arc<dyn Gate>,
    ) -> BoxFuture<'a, Result<Outcome, Blocked>>;

    /// As [`Probe::name_servers_answer`].
    fn own_name_servers_answer(&self) -> BoxFuture<'_, bool> {
        Box::pin(ready(true))
    }
}

impl VisitorProbe for Prober {
    fn attempt_for_visitor<'a>(
        &'a self,
        site: &'a Site,
        number: u8,
        gate: &'a Arc<dyn Gate>,
    ) -> BoxFuture<'a, Result<Outcome, Blocked>> {
        let target = ProbeTarget::from(site);
        let ports = (!site.private).then_some(PORTS);
        let bounds = Bounds { ports, gate: Some(gate.clone()) };
        Box::pin(async move { self.visit(&target, number, bounds).await })
    }

    fn own_name_servers_answer(&self) -> BoxFuture<'_, bool> {
        self.name_servers_answer()
    }
}

/// Decides whether a visitor's probe may connect to an address now: many names may lead to one
/// machine, and none is to be flooded through this service.
pub trait Gate: Send + Sync + std::fmt::Debug {
    /// Returns whether it may; asked once for every connection, those of redirects and retries with
    /// them, but for one to the machine that the attempt is at already.
    fn may_connect(&self, address: IpAddr) -> bool;
}

/// Limits on the destinations of a visitor's probe.
#[derive(Clone, Debug, Default)]
pub struct Bounds {
    /// To these ports alone, redirects included; `None`: to any.
    pub ports: Option<&'static [u16]>,
    /// To addresses that it lets through; `None`: to any.
    pub gate: Option<Arc<dyn Gate>>,
}

/// Probes targets over the network. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Prober {
    client: Arc<Client>,
    resolver: Resolver,
    settings: Arc<ProberSettings>,
}

impl Prober {
    /// A prober with these settings.
    ///
    /// # Errors
    /// Fails when a file cannot be used, or the machine lacks what it needs.
    pub fn new(settings: &ProberSettings) -> Result<Self, ProberSetupError> {
        Self::with_clock(settings, Clock::system())
    }

    /// The same, for which certificates are valid when this clock says so.
    ///
    /// # Errors
    /// As [`Prober::new`].
    pub fn with_clock(settings: &ProberSettings, clock: Clock) -> Result<Self, ProberSetupError> {
        let resolver = Resolver::new(&settings.nameservers)?;
        let client = Arc::new(Client::new(settings, resolver.clone(), clock)?);
        Ok(Self { client, resolver, settings: Arc::new(settings.clone()) })
    }

    /// The name servers of a name's zone; `None` when they cannot be found.
    pub async fn name_servers(&self, name: &str) -> Option<Vec<String>> {
        self.resolver.name_servers(name).await
    }

    /// Returns whether our name servers know one of these addresses of this name.
    pub async fn name_servers_know(&self, name: &str, addresses: &[IpAddr]) -> bool {
        self.resolver.know(name, addresses).await
    }

    /// One attempt; `attempt` counts from 1, and each prefers another address of the target.
    pub async fn probe(&self, target: &ProbeTarget<'_>, attempt: u8) -> Outcome {
        self.probe_within(target, attempt, target.timeout).await
    }

    /// The same in simulated time: waits no longer than `patience`, and a timeout is reported as
    /// one of the target's own limit.
    pub async fn probe_within(
        &self,
        target: &ProbeTarget<'_>,
        attempt: u8,
        patience: Duration,
    ) -> Outcome {
        let chain = RedirectChain::new(&self.client, &self.settings, target);
        let attempted = pin!(run(chain, target.timeout, patience));
        context::scope(AttemptContext::new(target.private, attempt), attempted).await
    }

    /// One attempt for a visitor, within bounds.
    ///
    /// # Errors
    /// Fails when it was blocked.
    pub async fn visit(
        &self,
        target: &ProbeTarget<'_>,
        attempt: u8,
        bounds: Bounds,
    ) -> Result<Outcome, Blocked> {
        let visited = pin!(async {
            let mut chain = RedirectChain::new(&self.client, &self.settings, target);
            if let Some(ports) = bounds.ports {
                chain = chain.limited_to(ports);
            }
            let outcome = run(chain, target.timeout, target.timeout).await;
            let (guarded, too_often) = (context::is_blocked(), context::is_refused_by_gate());
            if guarded || too_often && outcome.cause().is_some() {
                let by_redirect = outcome.traces.redirects > 0;
                return Err(Blocked { by_redirect, too_often: !guarded });
            }
            Ok(outcome)
        });
        context::scope(AttemptContext::new(target.private, attempt).behind(bounds.gate), visited)
            .await
    }
}

/// Follows a chain to its end, within the context of its attempt.
async fn run(mut chain: RedirectChain<'_>, timeout: Duration, patience: Duration) -> Outcome {
    let followed = tokio::time::timeout(patience, pin!(chain.follow())).await;
    let answer = match followed {
        Ok(Ok(answer)) => answer,
        Ok(Err(cause)) => Answer::Failed(chain.with_host(cause)),
        Err(_) => chain.at_limit(patience).unwrap_or_else(|| {
            Answer::Failed(chain.with_host(classify::timed_out(context::phase(), timeout)))
        }),
    };
    let (phases, resolved, connections) = context::finish();
    let http_status = chain.status();
    let mut observed = Box::new(chain.observed(&answer));
    let mut traces = chain.traces(resolved);
    traces.reached = context::farthest();
    traces.address = connections.connected;
    let good = !matches!(answer, Answer::Failed(_));
    let refused = |address| FailedAttempt { address: Some(address), failure: Failure::Connect };
    observed.failed_attempts = connections.refused.into_iter().map(refused).collect();
    observed.answered_by = connections.connected.filter(|_| good && traces.addresses.len() > 1);
    Outcome { answer, http_status, phases, traces, observed }
}

/// An attempt was kept away from an address or a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it leads to where we may not look")]
pub struct Blocked {
    /// True if it was a redirect that led there.
    pub by_redirect: bool,
    /// True if too many probes go to the address just now, rather than none being allowed.
    pub too_often: bool,
}

#[cfg(test)]
mod tests;
