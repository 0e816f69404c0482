//! A visitor's probe in the shape of any other, so that its attempts are those of every check: an
//! attempt that is blocked never ends, and is reported beside it.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::SetOnce;

use model::{outcome::Outcome, site::Site};
use prober::probe::{Blocked, Gate, Probe, VisitorProbe};

/// Attempts of one lookup.
#[derive(Debug)]
pub struct Visit<'a> {
    probe: &'a dyn VisitorProbe,
    gate: &'a Arc<dyn Gate>,
    blocked: SetOnce<Blocked>,
}

impl<'a> Visit<'a> {
    /// Attempts of this probe, through this gate.
    pub fn new(probe: &'a dyn VisitorProbe, gate: &'a Arc<dyn Gate>) -> Self {
        Self { probe, gate, blocked: SetOnce::new() }
    }

    /// Runs a lookup that is made of these attempts, until it ends or one of them is blocked.
    ///
    /// # Errors
    /// Fails when an attempt was blocked.
    pub async fn unless_blocked<T>(&self, lookup: impl Future<Output = T>) -> Result<T, Blocked> {
        tokio::select! {
            biased;
            blocked = self.blocked.wait() => Err(*blocked),
            done = lookup => Ok(done),
        }
    }
}

impl Probe for Visit<'_> {
    fn attempt<'a>(&'a self, site: &'a Site, number: u8) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            match self.probe.attempt_for_visitor(site, number, self.gate).await {
                Ok(outcome) => outcome,
                Err(blocked) => {
                    // Only the first one is reported.
                    let _ = self.blocked.set(blocked);
                    std::future::pending().await
                }
            }
        })
    }

    fn name_servers_answer(&self) -> BoxFuture<'_, bool> {
        self.probe.own_name_servers_answer()
    }
}

/// A probe that is never made.
#[derive(Debug)]
pub(super) struct NoProbe;

impl VisitorProbe for NoProbe {
    fn attempt_for_visitor<'a>(
        &'a self,
        _: &'a Site,
        _: u8,
        _: &'a Arc<dyn Gate>,
    ) -> BoxFuture<'a, Result<Outcome, Blocked>> {
        Box::pin(async { Err(Blocked { by_redirect: false, too_often: false }) })
    }
}
