//! Meaning of DNS answers: addresses, aliases, or the reason for having none. Pure.

use std::net::IpAddr;

use hickory_resolver::proto::{
    op::ResponseCode,
    rr::{Name, RData, Record},
};

use crate::probe::context::ResolvedName;
use model::{address::is_public, failure_detail::FailureDetail};

/// Aliases of one answer that are followed.
const MAX_ALIASES: usize = 40;
/// Addresses of one answer that are kept.
const MAX_ADDRESSES: usize = 64;

/// Reason why a name has no address for us.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the name has no address for us")]
pub(super) enum NoAddress {
    NoSuchName,
    /// The name is an alias of this one, which does not exist.
    NoSuchAliasTarget(Box<str>),
    Empty,
    Failed(ResponseCode),
    /// The answer is too long for UDP, and nothing came over TCP.
    Cut,
    /// The server does not have the zone, and does not ask others.
    Lame,
    Unreachable,
    Special(IpAddr),
    NotAName,
}

impl NoAddress {
    pub(super) fn detail(&self) -> FailureDetail {
        match self {
            Self::NoSuchName => FailureDetail::NoSuchName,
            Self::NoSuchAliasTarget(target) => {
                FailureDetail::NoSuchAliasTarget { target: (&**target).into() }
            }
            Self::Empty => FailureDetail::NoAddress,
            Self::Failed(code) => FailureDetail::NameServerError { code: (*code).into() },
            Self::Cut => FailureDetail::NameServerAnswerCut,
            Self::Lame => FailureDetail::NameServerDoesNotKnow,
            Self::Unreachable => FailureDetail::NameServersUnreachable,
            Self::Special(address) => FailureDetail::ResolvesToSpecialAddress { address: *address },
            Self::NotAName => FailureDetail::NotAName,
        }
    }

    /// Returns whether a name server said so, rather than failing itself.
    pub(super) fn is_an_answer(&self) -> bool {
        !matches!(self, Self::Failed(_) | Self::Cut | Self::Lame | Self::Unreachable)
    }
}

/// The addresses that may be used, in the order of this attempt. Whatever the order in the answer,
/// each attempt begins with another address, alternating between the families: a fault of one of
/// them shows, and the next attempt goes elsewhere. IPv6 comes first (RFC 6724).
pub(super) fn usable(all: &[IpAddr], private: bool, attempt: u8) -> Result<Vec<IpAddr>, NoAddress> {
    let allowed = |address: &IpAddr| private || is_public(*address);
    let (mut four, mut six): (Vec<_>, Vec<_>) =
        all.iter().copied().filter(allowed).partition(IpAddr::is_ipv4);
    let turn = usize::from(attempt.saturating_sub(1));
    let both = !four.is_empty() && !six.is_empty();
    let (turn, four_first) = if both { (turn / 2, turn % 2 == 1) } else { (turn, false) };
    for family in [&mut four, &mut six] {
        family.sort_unstable();
        family.dedup();
        let most = family.len().max(1);
        family.rotate_left(turn % most);
    }
    let (first, other) = if four_first { (four, six) } else { (six, four) };
    let (mut first, mut other) = (first.into_iter(), other.into_iter());
    let mut usable = Vec::with_capacity(first.len() + other.len());
    while first.len() + other.len() > 0 {
        usable.extend(first.next());
        usable.extend(other.next());
    }
    if usable.is_empty() {
        return Err(all.first().map_or(NoAddress::Empty, |special| NoAddress::Special(*special)));
    }
    Ok(usable)
}

/// The more informative of two reasons: an empty answer says least.
pub(super) fn more_informative(one: Option<NoAddress>, other: NoAddress) -> Option<NoAddress> {
    match (&one, &other) {
        (None | Some(NoAddress::Empty), _) => Some(other),
        _ => one,
    }
}

/// Takes the addresses of a name out of an answer, and the aliases that lead to them; gives the last
/// of those. Records of other names are none of its business.
pub(super) fn take(found: &mut ResolvedName, name: &Name, answers: &[Record]) -> Option<Name> {
    let mut owners = vec![name];
    let alias = |of: &Name| {
        answers.iter().find_map(|record| match &record.data {
            RData::CNAME(alias) if record.name == *of => Some(&alias.0),
            _ => None,
        })
    };
    while let Some(next) = owners.last().and_then(|last| alias(last))
        && owners.len() <= MAX_ALIASES
        && !owners.contains(&next)
    {
        owners.push(next);
        let next: Box<str> = next.to_ascii().trim_end_matches('.').into();
        if !found.cnames.contains(&next) {
            found.cnames.push(next);
        }
    }
    let own = answers.iter().filter(|record| owners.contains(&&record.name));
    found.addresses.extend(own.filter_map(|record| record.data.ip_addr()).take(MAX_ADDRESSES));
    owners.pop().filter(|last| *last != name).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn each_attempt_begins_with_the_next_address_and_the_other_family_in_whatever_order_they_come()
    {
        let both = ["2a00::2", "9.9.9.9", "2a00::1", "8.8.8.8"];
        for (given, attempt, want) in [
            (&both[..], 1, &["2a00::1", "8.8.8.8", "2a00::2", "9.9.9.9"][..]),
            (&both, 2, &["8.8.8.8", "2a00::1", "9.9.9.9", "2a00::2"]),
            (&both, 3, &["2a00::2", "9.9.9.9", "2a00::1", "8.8.8.8"]),
            (&both, 4, &["9.9.9.9", "2a00::2", "8.8.8.8", "2a00::1"]),
            (&both, 5, &["2a00::1", "8.8.8.8", "2a00::2", "9.9.9.9"]),
            (&["9.9.9.9", "8.8.8.8", "9.9.9.9"], 1, &["8.8.8.8", "9.9.9.9"]),
            (&["8.8.8.8", "9.9.9.9"], 2, &["9.9.9.9", "8.8.8.8"]),
            (&["2a00::1", "9.9.9.9", "2a00::2"], 3, &["2a00::2", "9.9.9.9", "2a00::1"]),
            (&["8.8.8.8"], 200, &["8.8.8.8"]),
            (&["::1", "127.0.0.1", "8.8.8.8"], 1, &["8.8.8.8"]),
        ] {
            assert_eq!(
                usable(&all(given), false, attempt).unwrap(),
                all(want),
                "{given:?} {attempt}"
            );
        }
        assert!(matches!(usable(&[], false, 1), Err(NoAddress::Empty)));
        assert!(matches!(usable(&all(&["::1"]), false, 1), Err(NoAddress::Special(_))));
    }

    #[test]
    fn only_the_addresses_of_the_name_and_its_aliases_are_taken() {
        let name = |text: &str| Name::from_ascii(format!("{text}.")).unwrap();
        let at = |owner: &str, address: &str| {
            let data = RData::A(address.parse::<std::net::Ipv4Addr>().unwrap().into());
            Record::from_rdata(name(owner), 60, data)
        };
        let alias = |owner: &str, to: &str| {
            let to = hickory_resolver::proto::rr::rdata::CNAME(name(to));
            Record::from_rdata(name(owner), 60, RData::CNAME(to))
        };
        for (answers, addresses, end) in [
            (vec![at("A.example", "8.8.8.8"), at("b.example", "9.9.9.9")], "8.8.8.8", None),
            (
                vec![at("c", "8.8.8.8"), alias("b", "c"), alias("a.example", "B")],
                "8.8.8.8",
                Some("c"),
            ),
            (vec![alias("a.example", "b"), alias("b", "a.example")], "", Some("b")),
            (vec![at("b.example", "9.9.9.9")], "", None),
            (Vec::new(), "", None),
        ] {
            let mut found = ResolvedName::default();
            let last = take(&mut found, &name("a.example"), &answers);
            let got: Vec<String> = found.addresses.iter().map(ToString::to_string).collect();
            assert_eq!((got.join(","), last), (addresses.to_owned(), end.map(name)), "{answers:?}");
        }
        let many: Vec<Record> = (0..4_000).map(|_| at("a.example", "8.8.8.8")).collect();
        let mut found = ResolvedName::default();
        take(&mut found, &name("a.example"), &many);
        assert_eq!(found.addresses.len(), MAX_ADDRESSES);
    }
}
