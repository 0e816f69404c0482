//! Names to addresses, with our own resolver; and the guard: addresses that a target may not have
//! are dropped here, where the client takes them, so that a name that changes its answer between
//! look-up and connect slips through nowhere.
//!
//! Nothing is cached: each attempt is a fresh look.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use hickory_resolver::{
    Hosts, Resolver,
    config::{ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig},
    lookup::Lookup,
    net::{NetError, runtime::TokioRuntimeProvider},
    proto::{
        op::Query,
        rr::{Name as DnsName, RData, RecordType},
    },
};
use tokio::time::timeout;

use super::{
    SetupError,
    marks::{self, Found},
    names::{NoAddress, no_address, take, usable, worse},
};

/// A name server may take so long; then it is asked once more.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// When one family has answered, the other gets so much longer
/// (the resolution delay of RFC 8305, section 3).
const OTHER_FAMILY: Duration = Duration::from_millis(50);

/// Looks names up for the client.
#[derive(Clone, Debug)]
pub(super) struct Lookups(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    resolver: Resolver<TokioRuntimeProvider>,
    /// The machine's own table of names, unless name servers were named.
    hosts: Option<Hosts>,
}

impl Lookups {
    pub(super) fn new(nameservers: &[SocketAddr]) -> Result<Self, SetupError> {
        let failed = |error: NetError| SetupError::Resolver(error.to_string());
        let mut builder = if nameservers.is_empty() {
            Resolver::builder_tokio().map_err(failed)?
        } else {
            let servers = nameservers.iter().map(server).collect();
            let config = ResolverConfig::from_name_servers(servers);
            Resolver::builder_with_config(config, TokioRuntimeProvider::default())
        };
        let options = builder.options_mut();
        options.cache_size = 0;
        options.timeout = PATIENCE;
        options.attempts = 1;
        options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
        options.use_hosts_file = ResolveHosts::Never;
        options.preserve_intermediates = true;
        options.max_active_requests = 4_096;
        let resolver = builder.build().map_err(failed)?;
        let hosts = nameservers.is_empty().then(Hosts::from_system).and_then(Result::ok);
        Ok(Self(Arc::new(Inner { resolver, hosts })))
    }
}

impl Lookups {
    /// The addresses that this attempt may use, in the order in which it tries them.
    pub(super) async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, NoAddress> {
        let found = self.0.look_up(name).await?;
        let (private, attempt) = marks::asked();
        let usable = usable(&found.addresses, private, attempt).inspect_err(|why| {
            if matches!(why, NoAddress::Special(_)) {
                marks::keep_away();
            }
        })?;
        marks::found(found);
        Ok(usable)
    }

    /// The name servers of the zone that a name is in: its own, or those of the nearest name above it
    /// that has some, but for names of one label. `None` when nobody says.
    pub(super) async fn name_servers(&self, name: &str) -> Option<Vec<String>> {
        let mut zone = DnsName::from_ascii(name.trim_end_matches('.')).ok()?;
        zone.set_fqdn(true);
        while zone.num_labels() > 1 {
            let heard = self.0.resolver.lookup(zone.clone(), RecordType::NS).await;
            let answers = match &heard {
                Ok(lookup) => lookup.answers(),
                Err(error) if no_address(error).is_an_answer() => &[],
                Err(_) => return None,
            };
            let mine = answers.iter().filter(|record| record.name == zone);
            let servers: Vec<String> = mine
                .filter_map(|record| match &record.data {
                    RData::NS(server) => Some(server.0.to_ascii()),
                    _ => None,
                })
                .collect();
            if !servers.is_empty() {
                return Some(servers);
            }
            zone = zone.base_name();
        }
        None
    }

    /// Whether a name server gives an answer at all: asked for the root, which is always there.
    pub(super) async fn answer(&self) -> bool {
        match self.0.resolver.lookup(DnsName::root(), RecordType::NS).await {
            Ok(_) => true,
            Err(error) => no_address(&error).is_an_answer(),
        }
    }
}

fn server(at: &SocketAddr) -> NameServerConfig {
    let mut connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
    for connection in &mut connections {
        connection.port = at.port();
    }
    NameServerConfig::new(at.ip(), true, connections.into())
}

impl Inner {
    async fn look_up(&self, name: &str) -> Result<Found, NoAddress> {
        let bare = name.trim_end_matches('.');
        // RFC 6761, section 6.3: never asked of a name server.
        if bare == "localhost" || bare.ends_with(".localhost") {
            let addresses = vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
            return Ok(Found { addresses, cnames: Vec::new() });
        }
        // RFC 6761, section 6.4: never there, whoever is asked.
        if bare == "invalid" || bare.ends_with(".invalid") {
            return Err(NoAddress::NoSuchName);
        }
        // A URL has its names in ASCII already, and some have an underscore in them.
        let mut full = DnsName::from_ascii(bare).map_err(|_| NoAddress::NotAName)?;
        full.set_fqdn(true);
        if let Some(found) = self.in_hosts(&full) {
            return Ok(found);
        }
        self.ask(full).await
    }

    fn in_hosts(&self, name: &DnsName) -> Option<Found> {
        let hosts = self.hosts.as_ref()?;
        let mut found = Found::default();
        for kind in [RecordType::A, RecordType::AAAA] {
            if let Some(lookup) = hosts.lookup_static_host(&Query::query(name.clone(), kind)) {
                take(&mut found, &lookup);
            }
        }
        (!found.addresses.is_empty()).then_some(found)
    }

    /// Asks for both families at once.
    async fn ask(&self, name: DnsName) -> Result<Found, NoAddress> {
        let v4 = self.resolver.lookup(name.clone(), RecordType::A);
        let v6 = self.resolver.lookup(name, RecordType::AAAA);
        tokio::pin!(v4, v6);
        let (first, second) = tokio::select! {
            first = &mut v4 => {
                let wait = patience(&first);
                (first, timeout(wait, v6).await.ok())
            }
            first = &mut v6 => {
                let wait = patience(&first);
                (first, timeout(wait, v4).await.ok())
            }
        };
        let mut found = Found::default();
        let mut why = None;
        for answer in [Some(first), second].into_iter().flatten() {
            match answer {
                Ok(lookup) => take(&mut found, &lookup),
                Err(error) => why = worse(why, no_address(&error)),
            }
        }
        if found.addresses.is_empty() { Err(why.unwrap_or(NoAddress::Empty)) } else { Ok(found) }
    }
}

/// How long the other family may take: not long when there is an address already.
fn patience(first: &Result<Lookup, NetError>) -> Duration {
    let has = |lookup: &Lookup| lookup.answers().iter().any(|r| r.data.ip_addr().is_some());
    if first.as_ref().is_ok_and(has) { OTHER_FAMILY } else { PATIENCE * 4 }
}
