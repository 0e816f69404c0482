//! A private Postgres for operators who bring none: from the programs installed on the machine,
//! under the data directory, on a Unix socket only.
//!
//! It is not a child process. `pg_ctl` starts it apart from this one and `postmaster.pid` shows
//! that it runs, so one that a killed stillup left behind is simply adopted. Its directory is
//!
//! ```text
//! DATA_DIR/lock           held by the stillup that uses it  (DataDir)
//! DATA_DIR/postgres/      0700, owned by the user of Postgres
//!          db             the cluster
//!          run            its socket, unless the path is too long for one
//!          log            its log
//! ```
//!
//! - [`data_dir`]: one stillup a data directory.
//! - [`programs`]: the installation to use; [`account`]: the user that runs it.
//! - [`tools`]: running its programs; [`place`]: its paths; [`pidfile`]: detection of a running one.
//! - [`server`]: creation, start and stop of the cluster, with its [`settings`].
//! - [`throwaway`]: the same for tests and benches, gone when their process ends.
//!
//! This module may assume nothing about the machine but a POSIX system. It must never change
//! another directory's mode, never touch a process that is not proven to be this very Postgres, and
//! never speak SQL.

mod account;
mod data_dir;
mod error;
mod pidfile;
mod place;
mod programs;
mod server;
mod settings;
pub mod throwaway;
mod tools;

use std::{convert::Infallible, path::Path, time::Duration};

use sqlx::postgres::PgConnectOptions;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

pub use self::{data_dir::DataDir, error::PostgresError};
use self::{
    place::ClusterPaths,
    server::{PostgresServer, Use},
};

/// The name of our database in it.
const DATABASE: &str = "stillup";
/// Interval at which it is checked that it still runs.
const WATCH_INTERVAL: Duration = Duration::from_millis(500);
/// Longest wait for the last processes of a killed Postgres to go away.
const LINGER_TIMEOUT: Duration = Duration::from_secs(10);
/// Time that a start may still take after the stop: cut sooner, it might leave a Postgres behind
/// that has not written its pid file.
const START_GRACE: Duration = Duration::from_secs(1);
/// The longest pause between two tries to start it again.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Our own Postgres, running.
#[derive(Debug)]
pub struct Private {
    server: PostgresServer,
}

impl Private {
    /// Starts it, or adopts the one that runs already; makes the cluster first if there is none.
    ///
    /// # Errors
    /// One sentence for the operator.
    pub async fn start(data_dir: &Path) -> Result<Self, PostgresError> {
        Self::start_unless(data_dir, &CancellationToken::new()).await
    }

    /// The same, but given up within a few seconds of the stop, with nothing left running and
    /// nothing half made.
    ///
    /// # Errors
    /// One sentence for the operator; [`PostgresError::Stopped`] when it was given up.
    pub async fn start_unless(
        data_dir: &Path,
        stop: &CancellationToken,
    ) -> Result<Self, PostgresError> {
        let place = ClusterPaths::under(data_dir)?;
        let server = PostgresServer::prepare(place, Use::Lasting, stop).await?;
        let ready = async {
            patiently(&server).await?;
            server.create_database(DATABASE, None).await
        };
        let too_late = async {
            stop.cancelled().await;
            sleep(START_GRACE).await;
        };
        tokio::select! {
            done = ready => done?,
            () = too_late => {
                server.stop().await?;
                return Err(PostgresError::Stopped);
            }
        }
        Ok(Self { server })
    }

    /// Options for connecting to it.
    pub fn options(&self) -> PgConnectOptions {
        self.server.options(DATABASE)
    }

    /// Runs for ever: notices that it died, and starts it again.
    pub async fn watch(&self) -> Infallible {
        loop {
            sleep(WATCH_INTERVAL).await;
            if !self.server.is_running() {
                tracing::warn!("our own Postgres has died; starting it again");
                self.revive().await;
                tracing::info!("our own Postgres runs again");
            }
        }
    }

    /// Tries until it runs.
    async fn revive(&self) {
        let (mut pause, mut told) = (WATCH_INTERVAL / 2, String::new());
        while let Err(error) = self.server.start().await {
            let sentence = error.to_string();
            if !error.is_lingering() && sentence != told {
                tracing::error!("our own Postgres does not start: {sentence}; trying again");
                told = sentence;
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Stops it: ends what runs, writes all to disk.
    ///
    /// # Errors
    /// Fails when it does not stop within a minute.
    pub async fn stop(&self) -> Result<(), PostgresError> {
        self.server.stop().await
    }
}

/// Starts it, giving what is left of a killed one time to go away.
async fn patiently(server: &PostgresServer) -> Result<(), PostgresError> {
    let deadline = Instant::now() + LINGER_TIMEOUT;
    let mut pause = Duration::from_millis(100);
    loop {
        match server.start().await {
            Err(error) if error.is_lingering() && Instant::now() < deadline => {
                sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(2));
            }
            done => return done,
        }
    }
}
