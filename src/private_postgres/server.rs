//! Creation, start and stop of one cluster, by the programs that come with Postgres.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::{
    PostgresError,
    account::Account,
    pidfile,
    place::{ClusterPaths, PORT},
    programs::Programs,
    settings,
    tools::{START_TIMEOUT, Tools, said_by},
};

/// The user of ours inside Postgres; it owns everything there.
pub(super) const ROLE: &str = "stillup";
/// Longest wait for its end.
const STOP_TIMEOUT: Duration = Duration::from_secs(6);
/// Time within which a Postgres that starts has written its lock file.
const LOCK_WRITTEN_WITHIN: Duration = Duration::from_secs(2);
/// A log longer than this is put aside at the next start.
const MAX_LOG: u64 = 1 << 20;

/// Purpose of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// To keep its data.
    Lasting,
    /// For tests: fast, and gone afterwards.
    Throwaway,
}

/// One cluster and the programs for it.
#[derive(Debug)]
pub(super) struct PostgresServer {
    pub(super) place: ClusterPaths,
    pub(super) tools: Tools,
    account: Option<Account>,
    pub(super) purpose: Use,
}

impl PostgresServer {
    /// Finds programs and user, and makes the cluster if there is none, unless it is cancelled.
    pub(super) async fn prepare(
        place: ClusterPaths,
        purpose: Use,
        stop: &CancellationToken,
    ) -> Result<Self, PostgresError> {
        let programs = Programs::find(place.version()?.as_deref(), &place.db).await?;
        let account = Account::for_directory(&place.home)?;
        place.make(account.as_ref())?;
        let runner = match account.clone() {
            Some(account) => Some(account.reach(&place.home).await?),
            None => None,
        };
        let tools = Tools { programs, account: runner, home: place.home.clone() };
        let server = Self { place, tools, account, purpose };
        if server.place.version()?.is_none() {
            server.initialize(stop).await?;
        }
        Ok(server)
    }

    /// Returns whether it runs.
    pub(super) fn is_running(&self) -> bool {
        pidfile::running(&self.place.db).is_some()
    }

    /// Starts it and waits until it accepts connections; adopts one that runs.
    pub(super) async fn start(&self) -> Result<(), PostgresError> {
        let db = &self.place.db;
        if self.is_running() {
            return self.wait_until_ready().await;
        }
        if pidfile::has_empty(&self.place.locks()) {
            sleep(LOCK_WRITTEN_WITHIN).await;
            if self.is_running() {
                return self.wait_until_ready().await;
            }
        }
        pidfile::clear_dead(db, self.place.locks())
            .map_err(|(file, error)| PostgresError::io(file, error))?;
        self.place.make(self.account.as_ref())?;
        let before = self.log_length();
        let mut start = self.tools.command("pg_ctl");
        start.args(["start", "-w", "-s", "-t"]).arg(START_TIMEOUT.as_secs().to_string());
        start.arg("-D").arg(db).arg("-l").arg(&self.place.log);
        start.arg("-o").arg(settings::line(&self.place.run, self.purpose));
        match self.tools.run(start, "pg_ctl").await {
            // Postgres' own log says more than pg_ctl.
            Err(PostgresError::Failed { program, said }) => {
                let text = fs::read(&self.place.log).unwrap_or_default();
                let news = text.get(before..).unwrap_or(&text);
                let news = format!("{said}\n{}", String::from_utf8_lossy(news));
                Err(said_by(&program, &news, &self.place.home))
            }
            done => done,
        }
    }

    async fn wait_until_ready(&self) -> Result<(), PostgresError> {
        let deadline = Instant::now() + START_TIMEOUT;
        while Instant::now() < deadline {
            match pidfile::running(&self.place.db) {
                Some(running) if running.ready => return Ok(()),
                Some(_) => sleep(Duration::from_millis(100)).await,
                None => break,
            }
        }
        Err(PostgresError::Lingering(self.place.home.clone()))
    }

    /// Stops it: open transactions are rolled back, everything is written to disk. One that takes
    /// too long ends later: it has been asked.
    pub(super) async fn stop(&self) -> Result<(), PostgresError> {
        if !self.is_running() {
            return Ok(());
        }
        let mut stop = self.tools.command("pg_ctl");
        stop.args(["stop", "-m", "fast", "-w", "-s", "-t"]).arg(STOP_TIMEOUT.as_secs().to_string());
        stop.arg("-D").arg(&self.place.db);
        match self.tools.run(stop, "pg_ctl").await {
            Err(_) if !self.is_running() => Ok(()),
            Err(_) => Err(PostgresError::Stubborn(self.place.home.clone())),
            Ok(()) => Ok(()),
        }
    }

    /// Options for connecting to one of its databases.
    pub(super) fn options(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(self.socket())
            .port(PORT)
            .username(ROLE)
            .database(database)
            .ssl_mode(PgSslMode::Disable)
    }

    /// Its socket: one that was adopted may have been started with another path for it.
    pub(super) fn socket(&self) -> PathBuf {
        pidfile::running(&self.place.db)
            .map(|running| running.socket)
            .filter(|socket| socket.is_absolute())
            .unwrap_or_else(|| self.place.run.clone())
    }

    /// Makes the cluster beside its final path and then renames it, so that a half-made one is
    /// never taken for a whole one. On a stop nothing of it remains.
    pub(super) async fn initialize(&self, stop: &CancellationToken) -> Result<(), PostgresError> {
        tracing::info!(directory = %self.place.home.display(), "making a Postgres of our own");
        let new = self.place.home.join("db.new");
        remove(&new)?;
        let mut initdb = self.tools.command("initdb");
        // Every user who can reach the socket is trusted. Only the user of Postgres and root can:
        // its directory and the socket itself are closed to all others. `peer` would shut root out.
        initdb.args(["--auth=trust", "--encoding=UTF8", "--locale=C"]);
        initdb.arg(format!("--username={ROLE}")).arg("-D").arg(&new);
        if self.purpose == Use::Throwaway {
            initdb.arg("--no-sync");
        }
        match self.tools.run_unless(initdb, "initdb", stop).await {
            Err(PostgresError::Stopped) => {
                remove(&new)?;
                return Err(PostgresError::Stopped);
            }
            done => done?,
        }
        fs::rename(&new, &self.place.db).map_err(|error| PostgresError::io(&self.place.db, error))
    }

    /// Creates a database, from a template if one is given; an existing one is left as it is.
    pub(super) async fn create_database(
        &self,
        name: &str,
        template: Option<&str>,
    ) -> Result<(), PostgresError> {
        let mut createdb = self.tools.command("createdb");
        createdb.arg("-h").arg(self.socket()).arg("-p").arg(PORT.to_string());
        createdb.args(["-U", ROLE, "-w", "--maintenance-db=postgres"]);
        createdb.args(template.map(|template| format!("--template={template}")));
        createdb.arg(name);
        match self.tools.run(createdb, "createdb").await {
            // Somebody else may make it at the same moment.
            Err(PostgresError::Failed { said, .. })
                if said.ends_with("already exists") || said.contains("duplicate key value") =>
            {
                Ok(())
            }
            done => done,
        }
    }

    /// Length of the log; a long one is set aside first.
    fn log_length(&self) -> usize {
        let log = &self.place.log;
        let length = fs::metadata(log).map_or(0, |found| found.len());
        if length > MAX_LOG && fs::rename(log, self.place.home.join("log.old")).is_ok() {
            return 0;
        }
        length as usize
    }
}

/// Removes a directory, if it is there.
fn remove(dir: &Path) -> Result<(), PostgresError> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(PostgresError::io(dir, error)),
        _ => Ok(()),
    }
}
