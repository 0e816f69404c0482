//! What answers about names mean: addresses, aliases, or why there are none. Pure.

use std::net::IpAddr;

use hickory_resolver::{
    lookup::Lookup,
    net::{DnsError, NetError},
    proto::{op::ResponseCode, rr::RData},
};

use super::marks::Found;
use crate::model::address::is_public;

/// Why a name has no address for us.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum NoAddress {
    #[error("no such name (NXDOMAIN)")]
    NoSuchName,
    #[error("the name has no address")]
    Empty,
    #[error("the name server failed ({0})")]
    Failed(ResponseCode),
    #[error("the name servers did not answer")]
    Silence,
    #[error("the name servers cannot be reached")]
    Unreachable,
    #[error("it resolves to {0}, which is not a public address")]
    Special(IpAddr),
    #[error("it is not a name that can be looked up")]
    NotAName,
}

impl NoAddress {
    /// Whether a name server has said so, rather than failed itself.
    pub(super) fn is_an_answer(&self) -> bool {
        !matches!(self, Self::Failed(_) | Self::Silence | Self::Unreachable)
    }
}

/// The addresses that may be used, in the order of this attempt: IPv6 first
/// (RFC 6724; the connector falls back after 300 ms), and each attempt begins with another one.
pub(super) fn usable(all: &[IpAddr], private: bool, attempt: u8) -> Result<Vec<IpAddr>, NoAddress> {
    let mut usable: Vec<IpAddr> =
        all.iter().copied().filter(|address| private || is_public(*address)).collect();
    if usable.is_empty() {
        return Err(all.first().map_or(NoAddress::Empty, |special| NoAddress::Special(*special)));
    }
    usable.sort_by_key(IpAddr::is_ipv4);
    let first = usize::from(attempt.saturating_sub(1)) % usable.len();
    usable.rotate_left(first);
    Ok(usable)
}

/// The more telling of two reasons: an empty answer says least.
pub(super) fn worse(one: Option<NoAddress>, other: NoAddress) -> Option<NoAddress> {
    match (&one, &other) {
        (None | Some(NoAddress::Empty), _) => Some(other),
        _ => one,
    }
}

/// Takes the addresses and aliases of an answer.
pub(super) fn take(found: &mut Found, lookup: &Lookup) {
    for record in lookup.answers() {
        if let Some(address) = record.data.ip_addr() {
            found.addresses.push(address);
        } else if let RData::CNAME(alias) = &record.data {
            let alias: Box<str> = alias.0.to_string().trim_end_matches('.').into();
            if !found.cnames.contains(&alias) {
                found.cnames.push(alias);
            }
        }
    }
}

/// What an error of the resolver means.
pub(super) fn no_address(error: &NetError) -> NoAddress {
    let code = match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => none.response_code,
        NetError::Dns(DnsError::ResponseCode(code)) => *code,
        NetError::Timeout => return NoAddress::Silence,
        NetError::Io(_) | NetError::NoConnections => return NoAddress::Unreachable,
        _ => return NoAddress::Failed(ResponseCode::ServFail),
    };
    match code {
        ResponseCode::NoError => NoAddress::Empty,
        ResponseCode::NXDomain => NoAddress::NoSuchName,
        code => NoAddress::Failed(code),
    }
}
