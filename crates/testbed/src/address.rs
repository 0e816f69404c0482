//! Loopback addresses, one per host, that no other testbed of this machine uses.
//!
//! An address is held by a UDP socket on a port that only testbeds know, so it stays ours while its
//! ports are closed. Must never claim an address outside 127.66.0.0/16.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, UdpSocket},
    process,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

/// The port whose owner owns the address.
const CLAIM_PORT: u16 = 16_666;

/// An address that is ours until this is dropped.
#[derive(Debug)]
pub(super) struct Address {
    ip: IpAddr,
    _claim: Option<UdpSocket>,
}

impl Address {
    /// Claims a free address.
    pub(super) fn claim() -> io::Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        // Processes begin far apart, so that they seldom meet.
        let start = process::id().wrapping_mul(40_503);
        for _ in 0..=u16::MAX {
            let [_, _, high, low] = start.wrapping_add(NEXT.fetch_add(1, Relaxed)).to_be_bytes();
            if low == 0 || low == 255 {
                continue;
            }
            let ip = Ipv4Addr::new(127, 66, high, low);
            match UdpSocket::bind((ip, CLAIM_PORT)) {
                Ok(claim) => return Ok(Self { ip: ip.into(), _claim: Some(claim) }),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("all loopback addresses of the testbed are taken"))
    }

    /// An address that others may have as well, on other ports.
    pub(super) fn shared(ip: IpAddr) -> Self {
        Self { ip, _claim: None }
    }

    pub(super) fn ip(&self) -> IpAddr {
        self.ip
    }
}
