//! Limits the connections of each client: one who wants them all gets a part, and the others are
//! let in.
//!
//! A client is an address, or a /64 of IPv6, which a household has to itself. A /48, which one may
//! have as well, is limited too, to more. A proxy that the operator trusts is not one client but
//! many, and limited only by the total.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use model::network::{Network, masked};

/// Of all connections, one visitor gets this part unless the operator says how many.
const MAX_SHARE: usize = 8;
/// Least limit of a client, however few connections there are in all: as many as a browser opens
/// for one page.
const MIN_LIMIT: usize = 6;
/// Factor by which the limit of a /48 of IPv6 exceeds that of a client.
const SITE_FACTOR: usize = 2;

/// Connections in use by each client.
#[derive(Debug)]
pub(in crate::web) struct ConnectionLimit {
    most: usize,
    exempt: Arc<[Network]>,
    counts: Mutex<HashMap<(IpAddr, u32), usize>>,
}

/// A connection that is counted until it is dropped.
#[derive(Debug)]
pub(in crate::web) struct ConnectionPermit {
    limit: Arc<ConnectionLimit>,
    keys: [Option<(IpAddr, u32)>; 2],
}

impl ConnectionLimit {
    /// A limit for each client: `each`, or a share of `all`; addresses in `exempt` have none.
    pub(in crate::web) fn new(
        all: usize,
        each: Option<usize>,
        exempt: Arc<[Network]>,
    ) -> Arc<Self> {
        let most = each.unwrap_or((all / MAX_SHARE).max(MIN_LIMIT));
        Arc::new(Self { most, exempt, counts: Mutex::default() })
    }

    /// A permit for one more connection of this address; `None` when it has reached its limit.
    pub(in crate::web) fn take(self: &Arc<Self>, address: IpAddr) -> Option<ConnectionPermit> {
        let exempt = self.exempt.iter().any(|network| network.contains(address));
        let address = address.to_canonical();
        let client = (!exempt).then(|| (masked(address, 32, 64), 64));
        let site = (!exempt && address.is_ipv6()).then(|| (masked(address, 32, 48), 48));
        let keys = [client, site];
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let has = |key: Option<_>| key.and_then(|key| counts.get(&key).copied()).unwrap_or(0);
        if has(client) >= self.most || has(site) >= self.most * SITE_FACTOR {
            return None;
        }
        for key in keys.into_iter().flatten() {
            *counts.entry(key).or_default() += 1;
        }
        drop(counts);
        Some(ConnectionPermit { limit: self.clone(), keys })
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut counts = self.limit.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for key in self.keys.into_iter().flatten() {
            if let Some(count) = counts.get_mut(&key) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(&key);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(all: usize, each: Option<usize>) -> Arc<ConnectionLimit> {
        ConnectionLimit::new(all, each, [Network::parse("10.0.0.0/8").unwrap()].into())
    }

    fn takes(held: &Arc<ConnectionLimit>, address: &str, most: usize) -> Vec<ConnectionPermit> {
        (0..most).map_while(|_| held.take(address.parse().unwrap())).collect()
    }

    #[test]
    fn a_visitor_gets_a_part_and_a_trusted_proxy_all() {
        let held = held(4_096, None);
        let one = takes(&held, "192.0.2.1", 6_000);
        assert_eq!(one.len(), 512);
        assert_eq!(takes(&held, "::ffff:192.0.2.1", 1).len(), 0, "it is the same");
        assert_eq!(takes(&held, "192.0.2.2", 9).len(), 9);
        assert_eq!(takes(&held, "10.1.2.3", 4_096).len(), 4_096);
        drop(one);
        assert_eq!(takes(&held, "192.0.2.1", 9).len(), 9);
        assert!(held.counts.lock().unwrap().is_empty(), "who left is forgotten");
    }

    #[test]
    fn a_64_is_one_visitor_and_a_48_is_bounded_too() {
        let held = held(800, None);
        let one = takes(&held, "2001:db8:1:2::1", 1_000);
        assert_eq!(one.len(), 100);
        assert!(takes(&held, "2001:db8:1:2::2", 1).is_empty());
        let other = takes(&held, "2001:db8:1:3::1", 1_000);
        assert_eq!(other.len(), 100);
        assert!(takes(&held, "2001:db8:1:4::1", 1).is_empty(), "its /48 has enough");
        assert_eq!(takes(&held, "2001:db8:2:4::1", 5).len(), 5);
        drop((one, other));
    }

    #[test]
    fn the_operator_may_say_how_many_and_few_are_not_none() {
        assert_eq!(takes(&held(4_096, Some(3)), "192.0.2.1", 9).len(), 3);
        assert_eq!(takes(&held(16, None), "192.0.2.1", 99).len(), MIN_LIMIT);
    }
}
