//! The server behind a listener: HTTP/1.1 and HTTP/2 without TLS, with limits on clients that
//! trickle.
//!
//! Connections are bounded, in all and for each client; each must send its first request within
//! [`FIRST_REQUEST_TIMEOUT`], every later header within [`HEADER_TIMEOUT`], and make progress every [`IDLE_TIMEOUT`]. On `stop` it
//! accepts no more, lets requests end, and cuts the rest after [`DRAIN_TIMEOUT`].

mod connection;
mod connection_limit;

use std::{future::Future, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use hyper_util::{
    rt::{TokioExecutor, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::connection_limit::ConnectionLimit;
use super::WebService;

/// Connections at a time.
pub const MAX_CONNECTIONS: usize = 4096;
/// From connecting to the first request.
const FIRST_REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// For the head of a request, waiting for it included.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// Without any request a connection is closed.
const IDLE_TIMEOUT: Duration = Duration::from_mins(1);
/// For requests to end after `stop`.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves until `stop`, then drains; at most `most` connections at a time, the others wait.
///
/// # Errors
/// Fails when the listener is broken for good; a connection that fails ends alone.
pub async fn serve(
    listener: TcpListener,
    service: WebService,
    most: usize,
    stop: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let (stopping, cut) = (CancellationToken::new(), CancellationToken::new());
    let slots = Arc::new(Semaphore::new(most));
    let (each, exempt) = service.connection_limits();
    let limit = ConnectionLimit::new(most, each, exempt);
    let tasks = TaskTracker::new();
    let server = Arc::new(builder());
    let mut stop = pin!(stop);
    let ended = loop {
        let next = tokio::select! {
            () = &mut stop => break Ok(()),
            next = accept(&listener, &slots) => next,
        };
        let (stream, peer, permit) = match next {
            Ok(accepted) => accepted,
            Err(error) => break Err(error),
        };
        // A client that has too many already is refused at once, and holds up no other.
        let Some(place) = limit.take(peer.ip()) else { continue };
        let (server, service) = (server.clone(), service.clone());
        let (stopping, cut) = (stopping.clone(), cut.clone());
        tasks.spawn(async move {
            let serving = connection::serve(&server, stream, peer, service, stopping);
            tokio::select! { () = serving => (), () = cut.cancelled() => () }
            drop((permit, place));
        });
    };
    drop(listener);
    stopping.cancel();
    tasks.close();
    if timeout(DRAIN_TIMEOUT, tasks.wait()).await.is_err() {
        tracing::warn!(connections = tasks.len(), "cutting connections that did not end in time");
        cut.cancel();
        tasks.wait().await;
    }
    ended
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let permit = slots.clone().acquire_owned().await.map_err(io::Error::other)?;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return Ok((stream, peer, permit)),
            Err(error) if is_of_client(&error) => {}
            Err(error) => {
                // Most often we are out of file descriptors: others may close some.
                tracing::error!(%error, "cannot accept connections; trying again in a second");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// Returns whether the visitor went away before the connection was accepted.
fn is_of_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(64 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(64)
        .max_header_list_size(16 * 1024)
        .keep_alive_interval(Some(Duration::from_secs(20)))
        .keep_alive_timeout(Duration::from_secs(20));
    builder
}
