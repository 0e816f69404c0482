//! One lifecycle: a stop token, tracked tasks, SIGINT and SIGTERM, a drain with a deadline.
//!
//! The first signal asks everybody to end; a second one, or a drain that takes too long, ends the
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

use super::tasks::{anew, cut_by};

/// A signal that comes so soon after the first is the same wish, sent to the process and to its
/// group as `timeout` and some supervisors do.
const SAME: Duration = Duration::from_secs(2);
/// The time that the drain may take.
const DRAIN: Duration = Duration::from_secs(20);

/// Tasks by name, and how each ended.
type Tasks = JoinSet<(&'static str, Result<()>)>;

/// The tasks of a service and the word that ends them.
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

    /// The word that ends everybody.
    pub(super) fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Starts a task that must live until it is told to end.
    pub(super) fn start(
        &mut self,
        name: &'static str,
        task: impl Future<Output = Result<()>> + Send + 'static,
    ) {
        self.tasks.spawn(async move { (name, task.await) });
    }

    /// Starts a part that is cut short when everybody is told to end, and that is started anew when it
    /// panics.
    pub(super) fn start_anew<F>(
        &mut self,
        name: &'static str,
        mut run: impl FnMut() -> F + Send + 'static,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let stop = self.stop();
        let part = async move { anew(name, &stop, &mut run).await };
        self.start(name, cut_by(&self.stop, part));
    }

    /// Waits for a piece of the start, but no longer than until a signal comes.
    pub(super) async fn heeding(&mut self, work: impl Future<Output = ()>) {
        tokio::select! {
            biased;
            () = ready(()), if self.told => {}
            _ = self.interrupt.recv() => self.told = true,
            _ = self.terminate.recv() => self.told = true,
            () = work => {}
        }
    }

    /// Waits for the end of a piece of the start that ends early by itself on the word for all.
    pub(super) async fn telling<T>(&mut self, work: impl Future<Output = T>) -> T {
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

    /// Waits for a signal or for the death of a task, then for everybody to end.
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
            drained = timeout(DRAIN, drain(&mut self.tasks)) => match drained {
                Ok(rest) => first.and(rest),
                Err(_) => bail!("the drain took longer than {} s", DRAIN.as_secs()),
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
    while first.elapsed() < SAME {
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
    }
}

/// Waits for all tasks; gives the first failure among them.
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
