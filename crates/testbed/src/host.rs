//! One host of the testbed: its servers, and the methods that change their behaviour.
//!
//! A handle: clones are the same host, and dropping them stops nothing. A change holds for
//! connections and questions from the moment its method returns; older ones are not affected.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex as Lock, PoisonError, atomic::Ordering::Relaxed},
};

use tokio::sync::Mutex;

use super::{
    address::Address,
    authority::Authority,
    behaviour::{Behaviour, Certificate},
    script::Order,
    zone::Zone,
};
use crate::{
    dns_answers::DnsAnswers,
    host_state::{ActiveBehaviour, HostState},
    listener::Listener,
    ports::{Ports, certified, url},
};
use model::moment::Moment;

/// One host of the testbed, with HTTP and HTTPS servers on an address of its own.
#[derive(Clone, Debug)]
pub struct Host(Arc<HostParts>);

#[derive(Debug)]
struct HostParts {
    name: String,
    address: Address,
    ports: Ports,
    zone: Arc<Zone>,
    stage: Arc<HostState>,
    authority: Arc<Authority>,
    doors: Mutex<Vec<Listener>>,
    /// Certificate shown unless the behaviour sets another.
    certificate: Lock<Certificate>,
}

impl Host {
    pub(super) fn open(
        zone: Arc<Zone>,
        name: &str,
        address: Address,
        ports: Ports,
        authority: Arc<Authority>,
        stage: Arc<HostState>,
    ) -> io::Result<Self> {
        let ip = address.ip();
        let http = Listener::open(SocketAddr::new(ip, ports.http), false, &stage)?;
        let https = Listener::open(SocketAddr::new(ip, ports.https), true, &stage)?;
        let ports = Ports { http: http.port(), https: https.port() };
        let doors = Mutex::new(vec![http, https]);
        let name = name.to_owned();
        let certificate = Lock::default();
        let inner = HostParts { name, address, ports, zone, stage, authority, doors, certificate };
        Ok(Self(Arc::new(inner)))
    }

    /// Another machine of this host.
    pub(super) fn beside(&self, address: Address, stage: Arc<HostState>) -> io::Result<Self> {
        let (inner, ip) = (&*self.0, address.ip());
        let (zone, authority) = (Arc::clone(&inner.zone), Arc::clone(&inner.authority));
        let other = Self::open(zone, &inner.name, address, inner.ports, authority, stage)?;
        inner.zone.add_own(ip);
        Ok(other)
    }

    /// The host's name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The address that is the host's alone.
    pub fn address(&self) -> IpAddr {
        self.0.address.ip()
    }

    /// Ports on each of its addresses.
    pub fn ports(&self) -> Ports {
        self.0.ports
    }

    /// `http://name/`, with the port when it is not 80.
    pub fn http_url(&self) -> String {
        url("http", self.name(), self.0.ports.http, Ports::STANDARD.http)
    }

    /// `https://name/`, with the port when it is not 443.
    pub fn https_url(&self) -> String {
        url("https", self.name(), self.0.ports.https, Ports::STANDARD.https)
    }

    /// Sets the behaviour towards all connections from now on.
    ///
    /// # Errors
    /// Fails when a port cannot be opened again, or a certificate cannot be made.
    pub async fn behave(&self, behaviour: Behaviour) -> io::Result<()> {
        let inner = &*self.0;
        let mut doors = inner.doors.lock().await;
        let stance = behaviour.stance();
        let usual = *inner.certificate.lock().unwrap_or_else(PoisonError::into_inner);
        let names = certified(self.name(), self.address());
        inner.stage.play(ActiveBehaviour::new(behaviour, &names, usual, &inner.authority)?);
        for door in doors.iter_mut() {
            door.stand(stance, &inner.stage).await?;
        }
        Ok(())
    }

    /// Sets the answers to all questions about the name from now on.
    pub fn dns(&self, names: DnsAnswers) {
        self.0.zone.say(names);
    }

    /// Does what a line of a script says.
    ///
    /// # Errors
    /// As [`Host::behave`].
    pub async fn obey(&self, order: Order) -> io::Result<()> {
        match order {
            Order::Behave(behaviour) => return self.behave(behaviour).await,
            Order::Dns(names) => self.dns(names),
        }
        Ok(())
    }

    /// Listens at another address as well, on the same ports: `::1` for example.
    ///
    /// [`DnsAnswers::Own`] gives this address too. Other hosts may have the standard ports of a
    /// shared address already; hosts on [`Ports::FREE`] do not conflict.
    ///
    /// # Errors
    /// Fails when one of the ports is taken.
    pub async fn also_on(&self, address: IpAddr) -> io::Result<()> {
        let inner = &*self.0;
        let open =
            |port, secure| Listener::open(SocketAddr::new(address, port), secure, &inner.stage);
        let (http, https) = (open(inner.ports.http, false)?, open(inner.ports.https, true)?);
        inner.doors.lock().await.extend([http, https]);
        inner.zone.add_own(address);
        Ok(())
    }

    /// Lets the good certificate end at this moment, from the next behaviour on.
    pub fn certificate_ends(&self, at: Moment) {
        let certificate = Certificate::Ends(at);
        *self.0.certificate.lock().unwrap_or_else(PoisonError::into_inner) = certificate;
    }

    /// Number of requests read.
    pub fn hits(&self) -> u64 {
        self.0.stage.hits.load(Relaxed)
    }

    /// Number of connections accepted.
    pub fn connections(&self) -> u64 {
        self.0.stage.connections.load(Relaxed)
    }

    /// Number of questions about the name that reached the nameserver.
    pub fn lookups(&self) -> u64 {
        self.0.zone.lookups()
    }
}
