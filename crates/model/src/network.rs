//! Blocks of addresses, such as those of trusted proxies. Pure.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A block of addresses (`10.0.0.0/8`); a single address is a block of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    prefix: u32,
}

impl Network {
    /// Reads `10.0.0.0/8`, `fd00::/8` or a single address.
    pub fn parse(text: &str) -> Option<Self> {
        let (base, prefix): (IpAddr, _) = match text.split_once('/') {
            Some((base, prefix)) => (base.parse().ok()?, Some(prefix.parse::<u32>().ok()?)),
            None => (text.parse().ok()?, None),
        };
        // IPv4 that is written as IPv6 (`::ffff:10.0.0.0/104`) has 96 bits before its own.
        let own = base.to_canonical();
        let prefix = match prefix {
            Some(prefix) => prefix.checked_sub(width(base) - width(own))?,
            None => width(own),
        };
        (prefix <= width(own)).then_some(Self { base: own, prefix })
    }

    /// Returns whether the address is in this block; an IPv4 address counts also when written as
    /// IPv6.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let differ = bits(address) ^ bits(self.base);
        let shift = width(self.base) - self.prefix;
        width(address) == width(self.base) && differ.checked_shr(shift).unwrap_or(0) == 0
    }
}

/// The first address of the block of an address, with this many bits for IPv4 and for IPv6:
/// addresses of one block are counted as one.
pub fn masked(address: IpAddr, v4: u32, v6: u32) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - v4.min(32)).unwrap_or(0);
            Ipv4Addr::from_bits(address.to_bits() & mask).into()
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - v6.min(128)).unwrap_or(0);
            Ipv6Addr::from_bits(address.to_bits() & mask).into()
        }
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
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blocks_hold_their_addresses_and_no_others() {
        for (block, address, want) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "::ffff:10.0.0.1", true),
            ("::ffff:10.0.0.0/104", "10.255.0.1", true),
            ("::ffff:10.0.0.0/104", "11.0.0.1", false),
            ("::ffff:10.0.0.1", "10.0.0.1", true),
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
        for (address, v4, v6, want) in [
            ("192.0.2.77", 32, 64, "192.0.2.77"),
            ("192.0.2.77", 24, 48, "192.0.2.0"),
            ("::ffff:192.0.2.77", 24, 48, "192.0.2.0"),
            ("2001:db8:1:2:3:4:5:6", 32, 64, "2001:db8:1:2::"),
            ("2001:db8:1:2:3:4:5:6", 24, 48, "2001:db8:1::"),
            ("2001:db8::1", 0, 0, "::"),
            ("192.0.2.77", 0, 0, "0.0.0.0"),
        ] {
            assert_eq!(masked(address.parse().unwrap(), v4, v6).to_string(), want, "{address}");
        }
        for bad in ["10.0.0.0/33", "::/129", "10.0.0.0/", "example.com", ""] {
            assert_eq!(Network::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader_of_blocks_and_a_block_holds_its_own_base(
            text in "\\PC{0,20}|[0-9a-f.:]{0,20}(/[0-9]{0,4})?",
            address: IpAddr,
            length in 0_u32..=128,
        ) {
            let _ = Network::parse(&text);
            if let Some(block) = Network::parse(&format!("{address}/{length}")) {
                prop_assert!(block.contains(address), "{}/{}", address, length);
            }
        }
    }
}
