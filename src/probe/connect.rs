//! Connects to the first of several addresses that answers (RFC 8305): they are tried in their
//! order, but with the families in turns, the next one when one has failed or has been silent for a
//! while.

use std::{io, net::SocketAddr, time::Duration};

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::{net::TcpStream, time::sleep};

use super::marks;

/// How long an address may be silent before the next one gets its chance beside it
/// (the connection attempt delay of RFC 8305, section 5).
const SILENT: Duration = Duration::from_millis(250);
/// Addresses that are tried beside each other at most.
pub const TOGETHER: usize = 4;

/// A connection, and where it leads. The error is the last one that tells something.
pub(super) async fn connect(addresses: &[SocketAddr]) -> io::Result<(TcpStream, SocketAddr)> {
    if let [only] = addresses {
        return one(*only).await;
    }
    let mut left = in_turns(addresses).into_iter();
    let (mut under_way, mut why) = (FuturesUnordered::new(), None);
    loop {
        if under_way.len() < TOGETHER
            && let Some(next) = left.next()
        {
            under_way.push(one(next));
        }
        let more = under_way.len() < TOGETHER && !left.as_slice().is_empty();
        let tried = tokio::select! {
            biased;
            tried = under_way.next() => tried,
            () = sleep(SILENT), if more => continue,
        };
        match tried {
            Some(Ok(connected)) => return Ok(connected),
            Some(Err(error)) => why = Some(telling(why, error)),
            None => return Err(why.unwrap_or_else(|| io::ErrorKind::AddrNotAvailable.into())),
        }
    }
}

/// The families in turns, so that one that leads nowhere holds up nothing.
fn in_turns(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let begin = addresses.first().map(SocketAddr::is_ipv4);
    let (first, other): (Vec<_>, Vec<_>) =
        addresses.iter().partition(|address| Some(address.is_ipv4()) == begin);
    let (mut first, mut other) = (first.into_iter(), other.into_iter());
    let pairs = (0..addresses.len()).flat_map(|_| [first.next(), other.next()]);
    pairs.flatten().collect()
}

async fn one(address: SocketAddr) -> io::Result<(TcpStream, SocketAddr)> {
    marks::pass_gate(address.ip())?;
    Ok((TcpStream::connect(address).await?, address))
}

/// That there is no way from here tells least of the site.
fn telling(known: Option<io::Error>, new: io::Error) -> io::Error {
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
        time::timeout,
    };

    use super::*;

    async fn open() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        (listener, at)
    }

    async fn closed() -> SocketAddr {
        open().await.1
    }

    /// A listener whose queue is full: it answers no more.
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

    #[test]
    fn families_take_turns() {
        let at = |host: &str| SocketAddr::new(host.parse().unwrap(), 443);
        let all = |hosts: &[&str]| hosts.iter().map(|host| at(host)).collect::<Vec<_>>();
        for (given, want) in [
            (
                &["::a", "::b", "::c", "1.1.1.1", "2.2.2.2"][..],
                &["::a", "1.1.1.1", "::b", "2.2.2.2", "::c"][..],
            ),
            (&["1.1.1.1", "2.2.2.2", "::a"], &["1.1.1.1", "::a", "2.2.2.2"]),
            (&["2.2.2.2", "1.1.1.1"], &["2.2.2.2", "1.1.1.1"]),
            (&[], &[]),
        ] {
            assert_eq!(in_turns(&all(given)), all(want));
        }
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
