//! Connects to the first of several addresses that answers (RFC 8305): they are tried in their
//! order, the next one when one has failed or has been silent for a while.
//!
//! Only a handful is tried: the owner of a name chooses its addresses, and they may be anybody's.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    time::Duration,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::{net::TcpStream, time::sleep};

use crate::probe::context;

/// Silence of an address after which the next one is tried beside it (the connection attempt delay
/// of RFC 8305, section 5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);
/// Connections that one attempt begins in vain, redirects included, are fewer than this. Five that
/// lead nowhere do not hide a good one; and as each attempt begins with the next address, the three
/// of a check get to eight addresses of a name at most.
pub const MAX_CONNECTIONS: usize = 6;

/// A connection and its address. The error is the most informative one.
pub(super) async fn connect(addresses: &[SocketAddr]) -> io::Result<(TcpStream, SocketAddr)> {
    let most = addresses.len().min(context::connections_left(MAX_CONNECTIONS));
    let mut left = addresses[..most].iter();
    let (mut under_way, mut why) = (FuturesUnordered::new(), None);
    let (mut tried, mut refused) = (0, Vec::new());
    loop {
        if let Some(next) = left.next() {
            under_way.push(one(*next));
            tried += 1;
        }
        let done = tokio::select! {
            biased;
            done = under_way.next() => done,
            () = sleep(ATTEMPT_DELAY), if !left.as_slice().is_empty() => continue,
        };
        match done {
            Some((to, Ok(stream))) => {
                context::note_connections(Some(to.ip()), refused, tried);
                return Ok((stream, to));
            }
            Some((to, Err(error))) => {
                // Only a machine can refuse.
                let kind = error.kind();
                if matches!(kind, io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset)
                {
                    refused.push(to.ip());
                }
                why = Some(most_informative(why, error));
            }
            None => {
                context::note_connections(None, Vec::new(), tried);
                return Err(why.unwrap_or_else(|| io::ErrorKind::AddrNotAvailable.into()));
            }
        }
    }
}

async fn one(address: SocketAddr) -> (SocketAddr, io::Result<TcpStream>) {
    if let Err(turned_back) = context::ask_gate(address.ip()) {
        return (address, Err(turned_back));
    }
    let done = TcpStream::connect(address).await;
    (address, done.map_err(|error| with_place(error, address)))
}

/// The error, with the place where there is no way: a router on the way says the same as this machine does that
/// has no route of its own.
fn with_place(error: io::Error, address: SocketAddr) -> io::Error {
    match error.kind() {
        io::ErrorKind::NetworkUnreachable if has_route(address) => {
            io::ErrorKind::HostUnreachable.into()
        }
        _ => error,
    }
}

/// Returns whether this machine has a route to an address. Nothing is sent.
fn has_route(address: SocketAddr) -> bool {
    let any: IpAddr = match address {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    UdpSocket::bind((any, 0)).is_ok_and(|socket| socket.connect(address).is_ok())
}

/// The more informative of two errors: that this machine has no route says least about the site.
fn most_informative(known: Option<io::Error>, new: io::Error) -> io::Error {
    use io::ErrorKind as Kind;
    let no_way = matches!(
        new.kind(),
        Kind::NetworkUnreachable | Kind::HostUnreachable | Kind::AddrNotAvailable
    );
    match known {
        Some(known) if no_way => known,
        _ => new,
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        net::{TcpListener, TcpSocket},
        time::{Instant, timeout},
    };

    use super::*;

    #[test]
    fn a_network_is_out_of_reach_only_where_this_machine_has_no_route_itself() {
        let error = || io::ErrorKind::NetworkUnreachable.into();
        let here = "127.0.0.1:9".parse().unwrap();
        assert_eq!(with_place(error(), here).kind(), io::ErrorKind::HostUnreachable);
        // An address of a link, without the link.
        let nowhere = "[fe80::1]:9".parse().unwrap();
        assert!(!has_route(nowhere));
        assert_eq!(with_place(error(), nowhere).kind(), io::ErrorKind::NetworkUnreachable);
    }

    async fn open() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        (listener, at)
    }

    async fn closed() -> SocketAddr {
        open().await.1
    }

    /// A listener whose queue is full: it no longer answers.
    async fn silent() -> (SocketAddr, TcpListener, Vec<TcpStream>) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let (at, mut queue) = (listener.local_addr().unwrap(), Vec::new());
        while let Ok(Ok(stream)) = timeout(Duration::from_millis(50), TcpStream::connect(at)).await
        {
            queue.push(stream);
        }
        (at, listener, queue)
    }

    #[tokio::test]
    async fn an_address_that_refuses_or_is_silent_does_not_hide_one_that_works() {
        let (_kept, good) = open().await;
        let (_other, better) = open().await;
        let (silent, _listener, _queue) = silent().await;
        let refused = closed().await;
        for addresses in [
            vec![good],
            vec![good, better],
            vec![refused, good],
            vec![silent, good],
            vec![silent, refused, silent, good],
        ] {
            let (_, reached) = connect(&addresses).await.unwrap();
            assert_eq!(reached, good, "{addresses:?}");
        }
    }

    #[tokio::test]
    async fn five_silent_addresses_hide_a_good_one_for_little_more_than_a_second() {
        let (_kept, good) = open().await;
        let (silent, _listener, _queue) = silent().await;
        let start = Instant::now();
        let addresses = [silent, silent, silent, silent, silent, good];
        assert_eq!(connect(&addresses).await.unwrap().1, good);
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    }

    #[tokio::test]
    async fn only_a_handful_of_addresses_is_tried() {
        let (_kept, good) = open().await;
        let refused = closed().await;
        let mut addresses = vec![refused; MAX_CONNECTIONS];
        addresses.push(good);
        connect(&addresses).await.unwrap_err();
        assert_eq!(connect(&addresses[1..]).await.unwrap().1, good);
    }

    #[tokio::test]
    async fn the_error_is_the_one_that_tells_most() {
        let (refused, nowhere) = (closed().await, "[2001:db8::1]:81".parse().unwrap());
        for addresses in [vec![refused], vec![nowhere, refused], vec![refused, nowhere]] {
            let error = connect(&addresses).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused, "{addresses:?}");
        }
        assert!(connect(&[]).await.is_err());
    }
}
