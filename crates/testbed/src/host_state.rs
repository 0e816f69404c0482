//! State shared by all connections of one host: the behaviour in force, the counts and the stop
//! token.
//!
//! It may be read from any task at any time. Must never wait.

use std::{
    io,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    },
};

use rustls::ServerConfig;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{
    authority::Authority,
    behaviour::{Behaviour, Certificate},
};

/// The behaviour in force, the counts and the stop token of one host.
#[derive(Debug)]
pub(super) struct HostState {
    pub(super) stop: CancellationToken,
    pub(super) hits: AtomicU64,
    pub(super) connections: AtomicU64,
    act: watch::Sender<Arc<ActiveBehaviour>>,
}

impl HostState {
    /// A stage for a server of these names, which answers well.
    pub(super) fn ready(
        names: &[String],
        authority: &Authority,
        stop: CancellationToken,
    ) -> io::Result<Arc<Self>> {
        let act = ActiveBehaviour::new(Behaviour::ok(), names, Certificate::Good, authority)?;
        let act = watch::Sender::new(Arc::new(act));
        Ok(Arc::new(Self { stop, hits: AtomicU64::new(0), connections: AtomicU64::new(0), act }))
    }

    pub(super) fn play(&self, act: ActiveBehaviour) {
        self.act.send_replace(Arc::new(act));
    }

    /// Counts a connection and says what it meets.
    pub(super) fn enter(&self) -> Arc<ActiveBehaviour> {
        self.connections.fetch_add(1, Relaxed);
        let act = Arc::clone(&self.act.borrow());
        act.next()
    }
}

/// A behaviour with the TLS settings that belong to it.
#[derive(Debug)]
pub(super) struct ActiveBehaviour {
    pub(super) behaviour: Behaviour,
    pub(super) tls: Arc<ServerConfig>,
    sometimes: Option<Sometimes>,
}

#[derive(Debug)]
struct Sometimes {
    every: NonZeroU32,
    met: AtomicU32,
    other: Arc<ActiveBehaviour>,
}

impl ActiveBehaviour {
    /// A behaviour, and `usual` for the certificate where it says nothing of that.
    pub(super) fn new(
        behaviour: Behaviour,
        names: &[String],
        usual: Certificate,
        authority: &Authority,
    ) -> io::Result<Self> {
        let h2 = behaviour.well_formed().is_some();
        let tls = authority.settings(names, behaviour.certificate().unwrap_or(usual), h2)?;
        let sometimes = match &behaviour {
            Behaviour::Flaky { every, with } => {
                let other = Arc::new(Self::new((**with).clone(), names, usual, authority)?);
                Some(Sometimes { every: *every, met: AtomicU32::new(0), other })
            }
            _ => None,
        };
        Ok(Self { behaviour, tls, sometimes })
    }

    fn next(self: Arc<Self>) -> Arc<Self> {
        let other = self.sometimes.as_ref().and_then(|sometimes| {
            let count = sometimes.met.fetch_add(1, Relaxed).wrapping_add(1);
            count.is_multiple_of(sometimes.every.get()).then(|| Arc::clone(&sometimes.other))
        });
        other.unwrap_or(self)
    }
}
