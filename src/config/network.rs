//! Addresses as people write them: where to listen, whom to ask. Pure.

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
}
