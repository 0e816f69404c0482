//! The client's address, for rate limits. It is never shown and never written down.
//!
//! Claims of a client about itself are not believed: only a proxy that the operator trusts is
//! (`[web] trusted_proxies`), and of a chain of proxies only the part that trusted ones vouch for.
//! Only `X-Forwarded-For` counts. Every proxy in use sets that one; hardly any knows `Forwarded`
//! (RFC 7239), and one that does not lets a client's own pass through untouched, so that a client
//! could pretend to be anybody.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::{HeaderMap, HeaderName, request::Parts};

use crate::web::Shared;
use model::network::{Network, masked};

/// Proxies of a chain that are read.
const MAX_CHAIN: usize = 32;

/// Address of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) struct ClientIp {
    /// The address; an IPv4 address is never written as IPv6.
    pub(in crate::web) address: IpAddr,
}

impl ClientIp {
    /// Key for rate limits: the address, or for IPv6 its /64, since a household has one.
    pub(in crate::web) fn key(self) -> IpAddr {
        masked(self.address, 32, 64)
    }

    /// The client that sent a request with these headers.
    pub(in crate::web) fn of(
        peer: Option<&ConnectInfo<SocketAddr>>,
        headers: &HeaderMap,
        shared: &Shared,
    ) -> Self {
        // Only a server that knows its peers can tell clients apart.
        let peer = peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |ConnectInfo(peer)| peer.ip());
        Self::behind(peer, headers, &shared.web.trusted_proxies)
    }

    /// The visitor behind this peer, who sent these headers.
    fn behind(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> Self {
        let trusts = |address| trusted.iter().any(|network| network.contains(address));
        let mut address = peer.to_canonical();
        for named in chain(headers).into_iter().rev().take(MAX_CHAIN) {
            if !trusts(address) {
                break;
            }
            // A proxy that hides who is before it is itself the visitor.
            let Some(named) = named else { break };
            address = named;
        }
        Self { address }
    }
}

impl FromRequestParts<Arc<Shared>> for ClientIp {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        shared: &Arc<Shared>,
    ) -> Result<Self, Infallible> {
        Ok(Self::of(parts.extensions.get(), &parts.headers, shared))
    }
}

/// The addresses in the header, the farthest first; `None` for a text that is no address.
fn chain(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    elements(headers, &HeaderName::from_static("x-forwarded-for")).map(address).collect()
}

/// The elements of all such headers, in order.
fn elements<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).into_iter();
    // A value that is not text vouches for no client.
    values.flat_map(|value| value.to_str().unwrap_or("?").split(','))
}

/// `192.0.2.7`, `192.0.2.7:443`, `2001:db8::7`, `[2001:db8::7]` or `[2001:db8::7]:443`.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    Some(bare.parse().ok().or_else(with_port)?.to_canonical())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn behind(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let trusted = ["10.0.0.0/8", "fd00::/8"].map(|text| Network::parse(text).unwrap());
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        ClientIp::behind(peer.parse().unwrap(), &map, &trusted).address.to_string()
    }

    #[test]
    fn a_visitor_is_who_trusted_proxies_say_and_nobody_else() {
        let xff = "x-forwarded-for";
        for (peer, headers, want) in [
            ("192.0.2.1", vec![], "192.0.2.1"),
            ("::ffff:192.0.2.1", vec![], "192.0.2.1"),
            // The client's own claim.
            ("192.0.2.1", vec![(xff, "198.51.100.1")], "192.0.2.1"),
            ("192.0.2.1", vec![("forwarded", "for=198.51.100.1")], "192.0.2.1"),
            // One proxy, two, and a visitor who lies to them.
            ("10.0.0.1", vec![(xff, "198.51.100.1")], "198.51.100.1"),
            ("10.0.0.1", vec![(xff, "198.51.100.1, 10.0.0.2")], "198.51.100.1"),
            ("10.0.0.1", vec![(xff, "1.1.1.1, 198.51.100.1,10.0.0.2")], "198.51.100.1"),
            ("10.0.0.1", vec![(xff, "1.1.1.1"), (xff, "198.51.100.1")], "198.51.100.1"),
            ("10.0.0.1", vec![(xff, "10.9.9.9")], "10.9.9.9"),
            // Ports and brackets.
            ("10.0.0.1", vec![(xff, "198.51.100.1:5000")], "198.51.100.1"),
            ("fd00::1", vec![(xff, "2001:db8::5")], "2001:db8::5"),
            ("10.0.0.1", vec![(xff, "[2001:db8::5]:443")], "2001:db8::5"),
            // What cannot be read ends the chain.
            ("10.0.0.1", vec![(xff, "unknown")], "10.0.0.1"),
            ("10.0.0.1", vec![(xff, "198.51.100.1, <script>, 10.0.0.2")], "10.0.0.2"),
            ("10.0.0.1", vec![(xff, "")], "10.0.0.1"),
            // RFC 7239, which the visitor may have written and the proxy let through.
            ("10.0.0.1", vec![("forwarded", "for=198.51.100.1;proto=https")], "10.0.0.1"),
            ("10.0.0.1", vec![("forwarded", "proto=http; For=\"[2001:db8::5]:1\"")], "10.0.0.1"),
            ("10.0.0.1", vec![("forwarded", "for=1.1.1.1, for=_hidden")], "10.0.0.1"),
            ("10.0.0.1", vec![("x-real-ip", "1.1.1.1"), ("via", "1.1.1.1")], "10.0.0.1"),
            // The header of our contract counts where there are both.
            ("10.0.0.1", vec![("forwarded", "for=1.1.1.1"), (xff, "198.51.100.1")], "198.51.100.1"),
        ] {
            assert_eq!(behind(peer, &headers), want, "{peer} {headers:?}");
        }
        let long = vec!["10.0.0.2"; 10_000].join(",");
        assert_eq!(behind("10.0.0.1", &[(xff, &long)]), "10.0.0.2");
    }

    #[test]
    fn a_budget_is_counted_by_address_or_by_network_of_ipv6() {
        for (address, key) in [
            ("192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2:ffff::", "2001:db8:1:2::"),
        ] {
            let client = ClientIp { address: address.parse().unwrap() };
            assert_eq!(client.key().to_string(), key);
        }
    }

    proptest! {
        #[test]
        fn no_header_breaks_the_reader_of_a_visitor_and_an_untrusted_peer_is_the_visitor(
            values in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..4),
            like in "([0-9a-f.:\\[\\]]{0,20}, ?){0,6}[0-9a-f.:]{0,20}",
            peer: IpAddr,
        ) {
            let mut headers = HeaderMap::new();
            for value in values.iter().map(Vec::as_slice).chain([like.as_bytes()]) {
                if let Ok(value) = http::HeaderValue::from_bytes(value) {
                    headers.append("x-forwarded-for", value);
                }
            }
            let none = ClientIp::behind(peer, &headers, &[]);
            prop_assert_eq!(none.address, peer.to_canonical());
            let all = ["0.0.0.0/0", "::/0"].map(|text| Network::parse(text).unwrap());
            let visitor = ClientIp::behind(peer, &headers, &all).address;
            prop_assert_eq!(visitor, visitor.to_canonical());
        }
    }
}
