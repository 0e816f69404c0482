//! A miniature internet on loopback that tests and demonstrations share.
//!
//! A real nameserver, and for each name real HTTP and HTTPS servers on an address of their own,
//! whose behaviour changes while they run. Everything ends when the [`Testbed`] is dropped. Uses
//! [`model`] and nothing else of ours. Must never touch a network other than loopback.
//!
//! ```ignore
//! let testbed = Testbed::start().await?;
//! let slack = testbed.host("slack.com").await?;
//! slack.behave(Behaviour::ResetMidAnswer).await?;
//! slack.dns(DnsAnswers::alias(["slack.edge.test"]));
//! // Probe `slack.https_url()` with `testbed.nameserver()` and `testbed.ca_pem()`.
//! ```

use std::{
    collections::HashMap,
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use tokio::sync::{Mutex, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

use model::moment::Moment;

mod address;
mod answer;
mod authority;
mod behaviour;
mod bomb;
mod listener;
mod host;
mod dns_answers;
mod nameserver;
mod pages;
mod ports;
mod raw;
mod script;
mod serve;
mod host_state;
mod zone;

pub use crate::dns_answers::{DnsAnswers, NameserverBehaviour};
pub use crate::ports::{NOWHERE, Ports};
pub use answer::{AnswerBody, HttpAnswer};
pub use behaviour::{Behaviour, Certificate};
pub use host::Host;
pub use nameserver::Nameserver;
pub use script::{NotUnderstood, Order};

use crate::host_state::HostState;
use crate::ports::certified;
use address::Address;
use authority::Authority;
use nameserver::Zones;
use zone::Zone;

/// A nameserver, a certificate authority and any number of hosts.
pub struct Testbed {
    names: Nameserver,
    authority: Arc<Authority>,
    zones: Arc<Zones>,
    hosts: Mutex<HashMap<String, Host>>,
    stop: CancellationToken,
    _stops: DropGuard,
}

impl Testbed {
    /// Starts a testbed without hosts.
    ///
    /// # Errors
    /// Fails when the nameserver cannot listen on loopback.
    pub async fn start() -> io::Result<Self> {
        Self::dated(authority::system_time).await
    }

    /// The same, with certificates dated by this clock.
    ///
    /// # Errors
    /// As [`Testbed::start`].
    pub async fn dated(now: impl Fn() -> Moment + Send + Sync + 'static) -> io::Result<Self> {
        let zones = Arc::new(watch::Sender::new(HashMap::new()));
        let names = Nameserver::start(Arc::clone(&zones)).await?;
        let stop = CancellationToken::new();
        Ok(Self {
            names,
            authority: Arc::new(Authority::new(Box::new(now))?),
            zones,
            hosts: Mutex::default(),
            _stops: stop.clone().drop_guard(),
            stop,
        })
    }

    /// Address of the nameserver, over UDP and TCP.
    pub fn nameserver(&self) -> SocketAddr {
        self.names.at()
    }

    /// The nameserver itself, which may fail as well.
    pub fn names(&self) -> &Nameserver {
        &self.names
    }

    /// Another nameserver that knows the same names.
    ///
    /// # Errors
    /// Fails when it cannot listen on loopback.
    pub async fn another_nameserver(&self) -> io::Result<Nameserver> {
        Nameserver::start(Arc::clone(&self.zones)).await
    }

    /// Another machine of a host, on the same ports at an address of its own or at this one, with a
    /// behaviour of its own. The name has its address as well from now on.
    ///
    /// # Errors
    /// Fails when no address is left, or its ports are taken there.
    pub fn another_machine(&self, host: &Host, at: Option<IpAddr>) -> io::Result<Host> {
        let address = at.map_or_else(Address::claim, |at| Ok(Address::shared(at)))?;
        let names = certified(host.name(), address.ip());
        let stage = HostState::ready(&names, &self.authority, self.stop.clone())?;
        host.beside(address, stage)
    }

    /// The authority that signs the good certificates, as a `ca_file` holds it.
    pub fn ca_pem(&self) -> &str {
        self.authority.pem()
    }

    /// The host of that name, on the standard ports where that is allowed; a later call returns the
    /// same one. A new host answers 200.
    ///
    /// # Errors
    /// Fails when no address is left, or the name is not valid in a certificate.
    pub async fn host(&self, name: &str) -> io::Result<Host> {
        self.host_on(name, Ports::STANDARD).await
    }

    /// The host of that name, on these ports if it is new and they are free, otherwise on any free
    /// ones.
    ///
    /// # Errors
    /// Fails when no address is left, or the name is not valid in a certificate.
    pub async fn host_on(&self, name: &str, ports: Ports) -> io::Result<Host> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let mut hosts = self.hosts.lock().await;
        if let Some(host) = hosts.get(&name) {
            return Ok(host.clone());
        }
        let host = self.build(&name, ports).or_else(|_| self.build(&name, Ports::FREE))?;
        hosts.insert(name, host.clone());
        Ok(host)
    }

    fn build(&self, name: &str, ports: Ports) -> io::Result<Host> {
        let address = Address::claim()?;
        let ip = address.ip();
        let stage = HostState::ready(&certified(name, ip), &self.authority, self.stop.clone())?;
        let zone = Arc::new(Zone::new(name.to_owned(), ip));
        let authority = Arc::clone(&self.authority);
        let host = Host::open(Arc::clone(&zone), name, address, ports, authority, stage)?;
        self.zones.send_modify(|zones| {
            zones.insert(name.to_owned(), zone);
        });
        Ok(host)
    }
}

impl fmt::Debug for Testbed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bed").field("nameserver", &self.nameserver()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
