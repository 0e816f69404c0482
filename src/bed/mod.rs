//! A miniature internet on loopback that tests and demonstrations share.
//!
//! A real nameserver, and for each name real HTTP and HTTPS servers on an address of their own,
//! whose behaviour changes while they run. Everything ends when the [`Bed`] is dropped. Uses
//! [`crate::clock`] for the dates of certificates, and no other room. Must never touch a network
//! other than loopback.
//!
//! ```ignore
//! let bed = Bed::start().await?;
//! let slack = bed.host("slack.com").await?;
//! slack.behave(Behaviour::ResetMidAnswer).await?;
//! slack.dns(Names::alias(["slack.edge.test"]));
//! // Probe `slack.https_url()` with `bed.nameserver()` and `bed.ca_pem()`.
//! ```

use std::{collections::HashMap, fmt, io, net::SocketAddr, sync::Arc};

use hickory_server::Server;
use tokio::sync::{Mutex, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::clock::Clock;

mod address;
mod answer;
mod authority;
mod behaviour;
mod bomb;
mod door;
mod host;
mod names;
mod nameserver;
mod place;
mod raw;
mod script;
mod serve;
mod stage;
mod zone;

pub use answer::{Answer, Body};
pub use behaviour::{Behaviour, Certificate};
pub use host::Host;
pub use names::Names;
pub use place::{NOWHERE, Ports};
pub use script::{NotUnderstood, Order};

use address::Address;
use authority::Authority;
use nameserver::{Nameserver, Zones};
use place::certified;
use stage::{Act, Stage};
use zone::Zone;

/// A nameserver, a certificate authority and any number of hosts.
pub struct Bed {
    at: SocketAddr,
    authority: Arc<Authority>,
    zones: Arc<Zones>,
    hosts: Mutex<HashMap<String, Host>>,
    stop: CancellationToken,
    _stops: DropGuard,
    _nameserver: Server<Nameserver>,
}

impl Bed {
    /// Starts a bed without hosts.
    ///
    /// # Errors
    /// When the nameserver cannot listen on loopback.
    pub async fn start() -> io::Result<Self> {
        let zones = Arc::new(watch::Sender::new(HashMap::new()));
        let (at, nameserver) = nameserver::start(Arc::clone(&zones)).await?;
        let stop = CancellationToken::new();
        Ok(Self {
            at,
            authority: Arc::new(Authority::new(Clock::system())?),
            zones,
            hosts: Mutex::default(),
            _stops: stop.clone().drop_guard(),
            stop,
            _nameserver: nameserver,
        })
    }

    /// Where the nameserver listens, over UDP and TCP.
    pub fn nameserver(&self) -> SocketAddr {
        self.at
    }

    /// The authority that signs the good certificates, as a `ca_file` holds it.
    pub fn ca_pem(&self) -> &str {
        self.authority.pem()
    }

    /// The host of that name, on the standard ports where that is allowed; the same one when it
    /// is asked for again. A new host answers 200.
    ///
    /// # Errors
    /// When no address is left, or the name cannot stand on a certificate.
    pub async fn host(&self, name: &str) -> io::Result<Host> {
        self.host_on(name, Ports::STANDARD).await
    }

    /// The host of that name, on such ports if it is new and they can be had, else on free ones.
    ///
    /// # Errors
    /// When no address is left, or the name cannot stand on a certificate.
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
        let act = Act::new(Behaviour::ok(), &certified(name, ip), &self.authority)?;
        let stage = Arc::new(Stage::new(act, self.stop.clone()));
        let zone = Arc::new(Zone::new(name.to_owned(), ip));
        let authority = Arc::clone(&self.authority);
        let host = Host::open(Arc::clone(&zone), name, address, ports, authority, stage)?;
        self.zones.send_modify(|zones| {
            zones.insert(name.to_owned(), zone);
        });
        Ok(host)
    }
}

impl fmt::Debug for Bed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bed").field("nameserver", &self.at).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
