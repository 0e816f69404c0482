//! Public internet addresses as opposed to special ones: private, loopback, link-local (where the
//! metadata services of clouds are), shared, multicast, documentation, reserved, and the IPv6 forms
//! that carry such an IPv4 address inside.
//!
//! The ranges are those of the IANA special-purpose address registries
//! (<https://www.iana.org/assignments/iana-ipv4-special-registry/>, and the one for IPv6) that are
//! not globally reachable.
//!
//! And the addresses of nodes, which tokens may be sent to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Returns whether an address belongs to the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        // This network, private, loopback, multicast, reserved, broadcast.
        [0 | 10 | 127 | 224..=255, ..]
        // Shared by carriers; link-local, and the metadata services.
        | [100, 64..=127, ..] | [169, 254, ..]
        | [172, 16..=31, ..] | [192, 168, ..]
        // Protocol assignments, the 6to4 relay, benchmarking, documentation.
        | [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 18 | 19, ..]
        | [198, 51, 100, _] | [203, 0, 113, _] => true,
        // The platform address of one large cloud.
        octets => octets == [168, 63, 129, 16],
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let s = address.segments();
    let inner = |high: u16, low: u16| {
        is_public_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
    };
    match s {
        // Translated by NAT64, and 6to4: as good as what is inside.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => inner(high, low),
        // Teredo, benchmarking, ORCHID, documentation.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // Only this eighth is given out as global unicast.
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

/// The address of a node, as an operator gives it: over HTTPS, or on this machine.
///
/// # Errors
/// Fails with a sentence that says what would be right.
pub fn node_url(text: &str) -> Result<Url, String> {
    let wrong =
        || format!("{text:?} is not the address of a node; write such as \"https://up.example\"");
    let mut url = Url::parse(text).map_err(|_| wrong())?;
    let plain = url.username().is_empty() && url.password().is_none();
    if !plain || url.query().is_some() || url.fragment().is_some() || url.host().is_none() {
        return Err(wrong());
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => {
            return Err(format!(
                "{text:?} would send the token in the open; write https://, or an address of this machine"
            ));
        }
        _ => return Err(wrong()),
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_public_and_what_is_not() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "93.184.216.34",
            "172.15.0.1",
            "172.32.0.1",
            "100.63.0.1",
            "100.128.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2a00:1450:4001::1",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text} is public");
        }
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "168.63.129.16",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "4000::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text} is special");
        }
    }

    #[test]
    fn a_token_goes_over_https_or_stays_on_the_machine() {
        for (text, want) in [
            ("https://up.example", Ok("https://up.example/")),
            ("https://up.example/here", Ok("https://up.example/here/")),
            ("http://127.0.0.1:8080", Ok("http://127.0.0.1:8080/")),
            ("http://[::1]:8080/", Ok("http://[::1]:8080/")),
            ("http://localhost:8080", Ok("http://localhost:8080/")),
            ("http://up.example", Err("in the open")),
            ("http://192.168.1.1", Err("in the open")),
            ("http://localhost.evil.example", Err("in the open")),
            ("ftp://up.example", Err("is not the address")),
            ("https://a:b@up.example", Err("is not the address")),
            ("https://up.example/?a", Err("is not the address")),
            ("up.example", Err("is not the address")),
        ] {
            match (node_url(text), want) {
                (Ok(url), Ok(want)) => assert_eq!(url.as_str(), want),
                (Err(told), Err(want)) => assert!(told.contains(want), "{told}"),
                (got, want) => panic!("{text}: {got:?}, not {want:?}"),
            }
        }
    }
}
