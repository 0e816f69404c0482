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
    Hosts,
    config::NameServerConfig,
    net::NetError,
    proto::{
        op::{Message, Query, ResponseCode},
        rr::{Name as DnsName, RData, RecordType},
    },
    system_conf::read_system_conf,
};
use tokio::time::timeout;

use super::{
    ProberSetupError,
    name_server::DnsQuery,
    name_servers::NameServers,
    names::{NoAddress, more_informative, take, usable},
};
use crate::probe::context::{self, ResolvedName};

/// Further wait for the other family once one has answered (the resolution delay of RFC 8305,
/// section 3).
const RESOLUTION_DELAY: Duration = Duration::from_millis(50);
/// Further wait for an address of the other family once one says that there is no such name.
const NO_SUCH_NAME_GRACE: Duration = Duration::from_secs(1);
/// Longest search for the servers of a zone.
const ZONE_TIMEOUT: Duration = Duration::from_secs(5);
/// Aliases that are asked about in a row, when an answer ends with one.
const MAX_ALIASES: usize = 8;

/// Looks names up for the client.
#[derive(Clone, Debug)]
pub(super) struct Resolver(Arc<ResolverState>);

#[derive(Debug)]
struct ResolverState {
    servers: NameServers,
    /// The machine's own table of names, unless name servers were named.
    hosts: Option<Hosts>,
}

impl Resolver {
    pub(super) fn new(nameservers: &[SocketAddr]) -> Result<Self, ProberSetupError> {
        if !nameservers.is_empty() {
            let servers = NameServers::new(nameservers.iter().copied());
            return Ok(Self(Arc::new(ResolverState { servers, hosts: None })));
        }
        let failed = |error: NetError| ProberSetupError::Resolver(error.to_string());
        let (config, _) = read_system_conf().map_err(failed)?;
        let port = |server: &NameServerConfig| server.connections.first().map_or(53, |c| c.port);
        let all = config.name_servers().iter().map(|server| (server.ip, port(server)).into());
        let hosts = Hosts::from_system().ok();
        Ok(Self(Arc::new(ResolverState { servers: NameServers::new(all), hosts })))
    }

    /// The addresses that this attempt may use, in the order in which it tries them.
    pub(super) async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, NoAddress> {
        let mut found = ResolvedName::default();
        if let Err(why) = self.0.look_up(name, &mut found).await {
            // Where the aliases lead shows whose failure it may be.
            context::note_resolved(ResolvedName { addresses: Vec::new(), ..found });
            return Err(why);
        }
        let (private, attempt) = context::private_and_attempt();
        let usable = usable(&found.addresses, private, attempt).inspect_err(|why| {
            if matches!(why, NoAddress::Special(_)) {
                context::note_blocked();
            }
        })?;
        context::note_resolved(found);
        Ok(usable)
    }

    /// Returns whether a name has one of these addresses: what answers every name with an address of
    /// its own knows none.
    pub(super) async fn know(&self, name: &str, addresses: &[IpAddr]) -> bool {
        let mut found = ResolvedName::default();
        self.0.look_up(name, &mut found).await.is_ok()
            && found.addresses.iter().any(|found| addresses.contains(found))
    }

    /// The name servers of the zone that a name is in: its own, or those of the nearest name above
    /// it that has some, except for names of one label. `None` when they cannot be found.
    pub(super) async fn name_servers(&self, name: &str) -> Option<Vec<String>> {
        let labels = name.trim_end_matches('.').split('.').map(str::as_bytes);
        let mut zone = DnsName::from_labels(labels).ok()?;
        while zone.num_labels() > 1 {
            let question = DnsQuery::new(zone.clone(), RecordType::NS).ok()?;
            let heard = timeout(ZONE_TIMEOUT, self.0.servers.ask(&question)).await.ok()?.ok()?;
            let mine = heard.message.answers.iter().filter(|record| record.name == zone);
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

    /// Returns whether our name servers answer at all: they are asked for the root, which always
    /// exists, in the same way as for any name. One that does not know the root does not work.
    pub(super) async fn answer(&self) -> bool {
        let Ok(root) = DnsQuery::new(DnsName::root(), RecordType::NS) else { return false };
        let heard = self.0.servers.ask(&root).await;
        heard.is_ok_and(|heard| heard.message.metadata.response_code == ResponseCode::NoError)
    }
}

impl ResolverState {
    /// Looks a name up; the aliases are found also where there is no address.
    async fn look_up(&self, name: &str, found: &mut ResolvedName) -> Result<(), NoAddress> {
        let bare = name.trim_end_matches('.');
        // RFC 6761, section 6.3: never asked of a name server.
        if bare == "localhost" || bare.ends_with(".localhost") {
            found.addresses = vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
            return Ok(());
        }
        // RFC 6761, section 6.4, and RFC 7686, section 2: these never exist, whichever server is
        // asked.
        if ["invalid", "onion"].contains(&bare.rsplit('.').next().unwrap_or(bare)) {
            return Err(NoAddress::NoSuchName);
        }
        // A URL has its names in ASCII already. What its labels are made of is for name servers to
        // judge: some have underscores in them, or begin or end with a hyphen.
        let labels = bare.split('.').map(str::as_bytes);
        let full = DnsName::from_labels(labels).map_err(|_| NoAddress::NotAName)?;
        if let Some(known) = self.in_hosts(&full) {
            *found = known;
            return Ok(());
        }
        self.ask(full, found).await
    }

    fn in_hosts(&self, name: &DnsName) -> Option<ResolvedName> {
        let hosts = self.hosts.as_ref()?;
        let mut found = ResolvedName::default();
        for kind in [RecordType::A, RecordType::AAAA] {
            if let Some(lookup) = hosts.lookup_static_host(&Query::query(name.clone(), kind)) {
                take(&mut found, name, lookup.answers());
            }
        }
        (!found.addresses.is_empty()).then_some(found)
    }

    /// Asks for both families at once.
    async fn ask(&self, name: DnsName, found: &mut ResolvedName) -> Result<(), NoAddress> {
        let mut six = ResolvedName::default();
        let (first, second) = {
            let v4 = self.family(name.clone(), RecordType::A, found);
            let v6 = self.family(name, RecordType::AAAA, &mut six);
            tokio::pin!(v4, v6);
            tokio::select! {
                first = &mut v4 => {
                    let wait = match &first {
                        Ok(_) => RESOLUTION_DELAY,
                        Err(NoAddress::NoSuchName | NoAddress::NoSuchAliasTarget(_)) => {
                            NO_SUCH_NAME_GRACE
                        }
                        Err(_) => Duration::MAX,
                    };
                    (first, timeout(wait, v6).await.ok())
                }
                first = &mut v6 => {
                    // Some name servers say to this question alone that there is no such name.
                    let wait = if first.is_ok() { RESOLUTION_DELAY } else { Duration::MAX };
                    (first, timeout(wait, v4).await.ok())
                }
            }
        };
        found.join(six);
        let (mut why, mut lost) = (None, None::<Duration>);
        for answer in [Some(first), second].into_iter().flatten() {
            match answer {
                Ok(ours) => lost = Some(lost.map_or(ours, |other| other.min(ours))),
                Err(error) => why = more_informative(why, error),
            }
        }
        let Some(lost) = lost else { return Err(why.unwrap_or(NoAddress::Empty)) };
        context::exclude(lost);
        Ok(())
    }

    /// Finds the addresses of one family; returns how much time was lost to servers of ours.
    async fn family(
        &self,
        mut name: DnsName,
        kind: RecordType,
        found: &mut ResolvedName,
    ) -> Result<Duration, NoAddress> {
        let mut lost = Duration::ZERO;
        for _ in 0..=MAX_ALIASES {
            let question = DnsQuery::new(name, kind).map_err(|_| NoAddress::NotAName)?;
            let heard = self.servers.ask(&question).await?;
            lost += heard.lost;
            let end = take(found, question.name(), &heard.message.answers);
            if heard.message.metadata.response_code == ResponseCode::NXDomain {
                // It is about the last name of a chain (RFC 6604, section 3).
                return Err(match found.cnames.last() {
                    Some(target) => NoAddress::NoSuchAliasTarget(target.clone()),
                    None => NoAddress::NoSuchName,
                });
            }
            if !found.addresses.is_empty() {
                return Ok(lost);
            }
            match end {
                // The server of the last alias's zone would have said if it had no address.
                Some(end) if !is_final(&heard.message) && end != *question.name() => name = end,
                _ => break,
            }
        }
        Err(NoAddress::Empty)
    }
}

/// Returns whether a zone itself says that there is nothing more.
fn is_final(message: &Message) -> bool {
    message.authorities.iter().any(|record| record.record_type() == RecordType::SOA)
}
