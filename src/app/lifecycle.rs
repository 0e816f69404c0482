//! One lifecycle: a stop token, tracked tasks, SIGINT and SIGTERM, a drain with a deadline.
//!
//! The first signal asks all tasks to end; a second one, or a drain that takes too long, ends the
//! process at once. A task that ends on its own stops the process with a failure.

use std::{
    future::{Future, ready},
    pin::pin,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    task::JoinSet,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use super::tasks::{anew, cancel_on};

/// A signal within this time of the first is a copy of it, sent to the process and to its group as
/// `timeout` and some supervisors do.
const SAME_SIGNAL_WITHIN: Duration = Duration::from_secs(2);
/// Longest time of the drain.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(20);

/// Tasks by name, and how each ended.
type Tasks = JoinSet<(&'static str, Result<()>)>;

/// The service's tasks and their shared stop token.
#[derive(Debug)]
pub(super) struct Lifecycle {
    stop: CancellationToken,
    tasks: Tasks,
    interrupt: Signal,
    terminate: Signal,
    /// True if a signal came before everything was started.
    told: bool,
}

impl Lifecycle {
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            stop: CancellationToken::new(),
            tasks: JoinSet::new(),
            interrupt: signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?,
            terminate: signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?,
            told: false,
        })
    }

    /// The token that stops all tasks.
    pub(super) fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Starts a task that must run until it is stopped.
    pub(super) fn start(
        &mut self,
        name: &'static str,
        task: impl Future<Output = Result<()>> + Send + 'static,
    ) {
        self.tasks.spawn(async move { (name, task.await) });
    }

    /// Starts a task that is cancelled at the stop, and restarted when it panics.
    pub(super) fn start_anew<F>(
        &mut self,
        name: &'static str,
        mut run: impl FnMut() -> F + Send + 'static,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let stop = self.stop();
        let part = async move { anew(name, &stop, &mut run).await };
        self.start(name, cancel_on(&self.stop, part));
    }

    /// Waits for a step of the start, but no longer than until a signal comes.
    pub(super) async fn run_until_signal(&mut self, work: impl Future<Output = ()>) {
        tokio::select! {
            biased;
            () = ready(()), if self.told => {}
            _ = self.interrupt.recv() => self.told = true,
            _ = self.terminate.recv() => self.told = true,
            () = work => {}
        }
    }

    /// Waits for a step of the start to return; a signal cancels the token, on which the step ends
    /// early.
    pub(super) async fn run_cancelled_by_signal<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        tokio::select! {
            done = &mut work => return done,
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        self.told = true;
        self.stop.cancel();
        work.await
    }

    /// Waits for a signal or the death of a task, then for all tasks to end.
    pub(super) async fn run(mut self) -> Result<()> {
        let first = tokio::select! {
            biased;
            () = ready(()), if self.told => Ok(()),
            _ = self.interrupt.recv() => Ok(()),
            _ = self.terminate.recv() => Ok(()),
            Some(ended) = self.tasks.join_next() => Err(died(ended)),
        };
        tracing::info!("stopping: what is under way is brought to its end");
        self.stop.cancel();
        tokio::select! {
            drained = timeout(DRAIN_TIMEOUT, drain(&mut self.tasks)) => match drained {
                Ok(rest) => first.and(rest),
                Err(_) => bail!("the drain took longer than {} s", DRAIN_TIMEOUT.as_secs()),
            },
            () = another(&mut self.interrupt, &mut self.terminate) => {
                bail!("a second signal came before everything had ended")
            }
        }
    }
}

/// Waits for a signal that is meant as another one.
async fn another(interrupt: &mut Signal, terminate: &mut Signal) {
    let first = Instant::now();
    while first.elapsed() < SAME_SIGNAL_WITHIN {
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
    }
}

/// Waits for all tasks; returns the first failure among them.
async fn drain(tasks: &mut Tasks) -> Result<()> {
    let mut fate = Ok(());
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) | Ok((_, Err(error))) = ended.map_err(anyhow::Error::from) {
            fate = fate.and(Err(error));
        }
    }
    fate
}

fn died(ended: Result<(&'static str, Result<()>), tokio::task::JoinError>) -> anyhow::Error {
    match ended {
        Ok((name, Ok(()))) => anyhow::anyhow!("the {name} ended by itself"),
        Ok((name, Err(error))) => error.context(format!("the {name} failed")),
        Err(panic) => anyhow::Error::from(panic).context("a task panicked"),
    }
}
