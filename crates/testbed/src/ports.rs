//! Ports of a host, its URLs and the names on its certificate.
//!
//! Pure. Must never know the behaviour behind them.

use std::net::{IpAddr, Ipv4Addr};

/// An address of the testbed's loopback network at which no host ever listens: connecting is refused.
pub const NOWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 67, 0, 1));

/// The ports of one host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// Plain HTTP.
    pub http: u16,
    /// HTTPS.
    pub https: u16,
}

impl Ports {
    /// The ports that URLs leave out. Ordinary users may not listen there.
    pub const STANDARD: Self = Self { http: 80, https: 443 };
    /// Any free ports.
    pub const FREE: Self = Self { http: 0, https: 0 };
}

/// The names on the certificate of a host.
pub(super) fn certified(name: &str, address: IpAddr) -> [String; 2] {
    [name.to_owned(), address.to_string()]
}

/// The root of a host, with the port only where it is not the standard one.
pub(super) fn url(scheme: &str, name: &str, port: u16, standard: u16) -> String {
    if port == standard {
        return format!("{scheme}://{name}/");
    }
    format!("{scheme}://{name}:{port}/")
}
