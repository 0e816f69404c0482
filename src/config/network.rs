//! Addresses as people write them: where to listen, whom to ask, whom to trust. Pure.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::value::quoted;

/// An address with a port; `localhost:8080` is 127.0.0.1.
pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    let local = || {
        let port = text.strip_prefix("localhost:")?.parse::<u16>().ok()?;
        Some((Ipv4Addr::LOCALHOST, port).into())
    };
    text.parse().ok().or_else(local).ok_or_else(|| {
        let text = quoted(text);
        format!("{text} is not an address with a port; write such as 127.0.0.1:8080 or [::]:8080")
    })
}

/// An address with a port, or one without, which then has this port.
pub(super) fn with_port(text: &str, port: u16) -> Option<SocketAddr> {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return (address.port() != 0).then_some(address);
    }
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
    Some((bare.parse::<IpAddr>().ok()?, port).into())
}

/// A block of addresses (`10.0.0.0/8`); a single address is a block of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    prefix: u32,
}

impl Network {
    /// Reads `10.0.0.0/8`, `fd00::/8` or a single address.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (base, prefix) = match text.split_once('/') {
            Some((base, prefix)) => (base.parse().ok()?, Some(prefix.parse::<u32>().ok()?)),
            None => (text.parse().ok()?, None),
        };
        let longest = width(base);
        let prefix = prefix.unwrap_or(longest);
        (prefix <= longest).then_some(Self { base, prefix })
    }

    /// Whether the address is in this block; an IPv4 address counts also when written as IPv6.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let differ = bits(address) ^ bits(self.base);
        let shift = width(self.base) - self.prefix;
        width(address) == width(self.base) && differ.checked_shr(shift).unwrap_or(0) == 0
    }
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_and_without_ports() {
        for (text, want) in [
            ("9.9.9.9", Some("9.9.9.9:53")),
            ("127.0.0.1:5353", Some("127.0.0.1:5353")),
            ("2620:fe::fe", Some("[2620:fe::fe]:53")),
            ("[2620:fe::fe]", Some("[2620:fe::fe]:53")),
            ("[2620:fe::fe]:5353", Some("[2620:fe::fe]:5353")),
            ("dns.quad9.net", None),
            ("9.9.9.9:0", None),
            ("9.9.9", None),
        ] {
            assert_eq!(with_port(text, 53), want.map(|w| w.parse().unwrap()), "{text}");
        }
        assert_eq!(listen("localhost:8080"), Ok("127.0.0.1:8080".parse().unwrap()));
        assert!(listen("8080").is_err() && listen("localhost:x").is_err());
    }

    #[test]
    fn blocks_hold_their_addresses_and_no_others() {
        for (block, address, want) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "::ffff:10.0.0.1", true),
            ("0.0.0.0/0", "192.0.2.1", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("::/0", "2001:db8::1", true),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("fd00::/8", "fd12::1", true),
        ] {
            let block = Network::parse(block).unwrap();
            assert_eq!(block.contains(address.parse().unwrap()), want, "{block:?} {address}");
        }
        for bad in ["10.0.0.0/33", "::/129", "10.0.0.0/", "example.com", ""] {
            assert_eq!(Network::parse(bad), None, "{bad}");
        }
    }
}
