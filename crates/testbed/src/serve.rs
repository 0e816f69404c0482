//! One connection, from accept to its end, by the behaviour that was in force when it came.
//!
//! Well-formed answers go through hyper, malformed ones through `raw`. Must never outlive the testbed.

use std::{
    convert::Infallible,
    io,
    sync::{Arc, atomic::Ordering::Relaxed},
};

use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{net::TcpStream, time};
use tokio_rustls::TlsAcceptor;

use super::{
    behaviour::Behaviour,
    raw::{self, RawStream},
};
use crate::host_state::{ActiveBehaviour, HostState};

/// Serves one connection until it ends or the testbed does.
pub(super) async fn serve(
    stream: TcpStream,
    secure: bool,
    act: Arc<ActiveBehaviour>,
    stage: Arc<HostState>,
) {
    let ended = stage.stop.run_until_cancelled(meet(stream, secure, &act, &stage)).await;
    if let Some(Err(error)) = ended {
        // Clients that give up are part of the test: a wrong certificate is meant to be refused.
        tracing::trace!(%error, "a connection of the testbed ended");
    }
}

async fn meet(
    stream: TcpStream,
    secure: bool,
    act: &ActiveBehaviour,
    stage: &Arc<HostState>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    match &act.behaviour {
        Behaviour::ResetOnAccept | Behaviour::Refuse => stream.set_zero_linger(),
        Behaviour::HangAfterAccept | Behaviour::Blackhole => raw::hold(stream).await,
        behaviour if secure && *behaviour != Behaviour::PlainHttpOnTls => {
            let stream = TlsAcceptor::from(Arc::clone(&act.tls)).accept(stream).await?;
            speak(stream, behaviour, stage).await
        }
        behaviour => speak(stream, behaviour, stage).await,
    }
}

async fn speak<S: RawStream>(
    stream: S,
    behaviour: &Behaviour,
    stage: &Arc<HostState>,
) -> io::Result<()> {
    let Some((pause, answer)) = behaviour.well_formed() else {
        return raw::misbehave(stream, behaviour, &stage.hits).await;
    };
    let answer = Arc::new(answer);
    let service = service_fn(move |_| {
        stage.hits.fetch_add(1, Relaxed);
        let answer = Arc::clone(&answer);
        async move {
            if !pause.is_zero() {
                time::sleep(pause).await;
            }
            Ok::<_, Infallible>(answer.response())
        }
    });
    let server = auto::Builder::new(TokioExecutor::new());
    server.serve_connection(TokioIo::new(stream), service).await.map_err(io::Error::other)
}
