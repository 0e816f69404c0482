//! Connects to the first of several addresses that answers (RFC 8305): they are tried in their
//! order, the next one when one has failed or has been silent for a while.

use std::{io, net::SocketAddr, time::Duration};

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::{net::TcpStream, time::sleep};

/// How long an address may be silent before the next one gets its chance beside it
/// (the connection attempt delay of RFC 8305, section 5).
const SILENT: Duration = Duration::from_millis(250);

/// A connection, and where it leads. The error is the last one that tells something.
pub(super) async fn connect(addresses: &[SocketAddr]) -> io::Result<(TcpStream, SocketAddr)> {
    if let [only] = addresses {
        return one(*only).await;
    }
    let (mut left, mut under_way, mut why) = (addresses.iter(), FuturesUnordered::new(), None);
    loop {
        if let Some(next) = left.next() {
            under_way.push(one(*next));
        }
        let more = !left.as_slice().is_empty();
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

async fn one(address: SocketAddr) -> io::Result<(TcpStream, SocketAddr)> {
    Ok((TcpStream::connect(address).await?, address))
}

/// That a whole family cannot be reached from here tells least of the site.
fn telling(known: Option<io::Error>, new: io::Error) -> io::Error {
    use io::ErrorKind as Kind;
    match known {
        Some(known) if matches!(new.kind(), Kind::NetworkUnreachable | Kind::AddrNotAvailable) => {
            known
        }
        _ => new,
    }
}
