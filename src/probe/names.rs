//! What answers about names mean: addresses, aliases, or why there are none. Pure.

use std::net::IpAddr;

use hickory_resolver::{
    lookup::Lookup,
    net::{DnsError, NetError},
    proto::{op::ResponseCode, rr::RData},
};

use super::marks::Found;
use crate::model::{address::is_public, sentence::detail};

/// Why a name has no address for us.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", self.detail())]
pub(super) enum NoAddress {
    NoSuchName,
    Empty,
    Failed(ResponseCode),
    Silence,
    Unreachable,
    Special(IpAddr),
    NotAName,
}

impl NoAddress {
    fn detail(&self) -> String {
        let id = match self {
            Self::NoSuchName => "detail-no-such-name",
            Self::Empty => "detail-no-address",
            Self::Failed(code) => {
                return detail("detail-names-failed", [("code", code.to_string())]);
            }
            Self::Silence => "detail-names-silent",
            Self::Unreachable => "detail-names-unreachable",
            Self::Special(address) => {
                return detail("detail-names-special", [("address", address.to_string())]);
            }
            Self::NotAName => "detail-names-bad",
        };
        detail(id, [])
    }

    /// Whether a name server has said so, rather than failed itself.
    pub(super) fn is_an_answer(&self) -> bool {
        !matches!(self, Self::Failed(_) | Self::Silence | Self::Unreachable)
    }
}

/// The addresses that may be used, in the order of this attempt: IPv6 first
/// (RFC 6724; [`super::connect`] does not wait long for one), and each attempt begins with another.
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
            let alias: Box<str> = alias.0.to_ascii().trim_end_matches('.').into();
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
