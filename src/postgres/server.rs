//! Making, starting and stopping one cluster, by the programs that come with Postgres.

use std::{
    ffi::OsStr,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::{
    process::Command,
    time::{Instant, sleep, timeout},
};

use super::{
    PostgresError,
    account::Account,
    pidfile,
    place::{PORT, Place},
    programs::Programs,
    settings,
};

/// The user of ours inside Postgres; it owns everything there.
const ROLE: &str = "stillup";
/// How long a start may take: after a crash it has to read its log again.
const START: Duration = Duration::from_mins(3);
/// A log longer than this is put aside at the next start.
const LONG_LOG: u64 = 1 << 20;

/// What a cluster is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// To keep what it is given.
    Lasting,
    /// For tests: fast, and gone afterwards.
    Throwaway,
}

/// One cluster and the programs for it.
#[derive(Debug)]
pub(super) struct Server {
    place: Place,
    programs: Programs,
    account: Option<Account>,
    purpose: Use,
}

impl Server {
    /// Finds programs and user, and makes the cluster if there is none.
    pub(super) async fn prepare(place: Place, purpose: Use) -> Result<Self, PostgresError> {
        let programs = Programs::find(place.version()?.as_deref(), &place.db).await?;
        let account = Account::for_directory(&place.home)?;
        place.make(account.as_ref())?;
        let account = match account {
            Some(account) => Some(account.reach(&place.home).await?),
            None => None,
        };
        let server = Self { place, programs, account, purpose };
        if server.place.version()?.is_none() {
            server.initialize().await?;
        }
        Ok(server)
    }

    /// Makes the cluster beside its place and then moves it there, so that one that was killed half
    /// way is never taken for a whole one.
    async fn initialize(&self) -> Result<(), PostgresError> {
        tracing::info!(directory = %self.place.home.display(), "making a Postgres of our own");
        let new = self.place.home.join("db.new");
        match fs::remove_dir_all(&new) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(PostgresError::io(new, error));
            }
            _ => {}
        }
        let mut initdb = self.command("initdb");
        // Whoever reaches the socket is trusted. Only the user of Postgres and root can: its
        // directory and the socket itself are closed to all others. `peer` would shut root out.
        initdb.args(["--auth=trust", "--encoding=UTF8", "--locale=C"]);
        initdb.arg(format!("--username={ROLE}")).arg("-D").arg(&new);
        if self.purpose == Use::Throwaway {
            initdb.arg("--no-sync");
        }
        self.run(initdb, "initdb").await?;
        fs::rename(&new, &self.place.db).map_err(|error| PostgresError::io(&self.place.db, error))
    }

    /// Whether it runs.
    pub(super) fn is_running(&self) -> bool {
        pidfile::running(&self.place.db).is_some()
    }

    /// Starts it and waits until it takes connections; adopts one that runs.
    pub(super) async fn start(&self) -> Result<(), PostgresError> {
        let db = &self.place.db;
        if self.is_running() {
            return self.wait_until_ready().await;
        }
        pidfile::clear_reused(db, self.place.locks())
            .map_err(|(file, error)| PostgresError::io(file, error))?;
        self.place.make(self.account.as_ref())?;
        let before = self.log_length();
        let mut start = self.command("pg_ctl");
        start.args(["start", "-w", "-s", "-t"]).arg(START.as_secs().to_string());
        start.arg("-D").arg(db).arg("-l").arg(&self.place.log);
        start.arg("-o").arg(settings::line(&self.place.run, self.purpose));
        match self.run(start, "pg_ctl").await {
            // Postgres itself tells more than pg_ctl, in its log.
            Err(PostgresError::Failed { program, said }) => {
                let text = fs::read(&self.place.log).unwrap_or_default();
                let news = text.get(before..).unwrap_or(&text);
                let news = format!("{said}\n{}", String::from_utf8_lossy(news));
                Err(PostgresError::said(&program, &news, self.place.home.clone()))
            }
            done => done,
        }
    }

    async fn wait_until_ready(&self) -> Result<(), PostgresError> {
        let deadline = Instant::now() + START;
        while Instant::now() < deadline {
            match pidfile::running(&self.place.db) {
                Some(running) if running.ready => return Ok(()),
                Some(_) => sleep(Duration::from_millis(100)).await,
                None => break,
            }
        }
        Err(PostgresError::Lingering(self.place.home.clone()))
    }

    /// Stops it: what runs is rolled back, everything written to disk.
    pub(super) async fn stop(&self) -> Result<(), PostgresError> {
        if !self.is_running() {
            return Ok(());
        }
        let mut stop = self.command("pg_ctl");
        stop.args(["stop", "-m", "fast", "-w", "-s", "-t", "60", "-D"]).arg(&self.place.db);
        match self.run(stop, "pg_ctl").await {
            Err(_) if !self.is_running() => Ok(()),
            done => done,
        }
    }

    /// Makes a database, from a template if one is named; one that is there is left as it is.
    pub(super) async fn create_database(
        &self,
        name: &str,
        template: Option<&str>,
    ) -> Result<(), PostgresError> {
        let mut createdb = self.command("createdb");
        createdb.arg("-h").arg(self.socket()).arg("-p").arg(PORT.to_string());
        createdb.args(["-U", ROLE, "-w", "--maintenance-db=postgres"]);
        createdb.args(template.map(|template| format!("--template={template}")));
        createdb.arg(name);
        match self.run(createdb, "createdb").await {
            Err(PostgresError::Failed { said, .. }) if said.ends_with("already exists") => Ok(()),
            done => done,
        }
    }

    /// How to connect to one of its databases.
    pub(super) fn options(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(self.socket())
            .port(PORT)
            .username(ROLE)
            .database(database)
            .ssl_mode(PgSslMode::Disable)
    }

    /// Where its socket is: one that we adopted may have been started with another place for it.
    pub(super) fn socket(&self) -> PathBuf {
        pidfile::running(&self.place.db)
            .map(|running| running.socket)
            .filter(|socket| socket.is_absolute())
            .unwrap_or_else(|| self.place.run.clone())
    }

    /// A program of Postgres, as whoever runs it, apart from our terminal and our environment.
    fn command(&self, program: &str) -> Command {
        let path = self.programs.dir.join(program);
        let mut command = match &self.account {
            Some(account) => account.command(path.as_os_str()),
            None => Command::new(path),
        };
        for (key, _) in std::env::vars_os().filter(|(key, _)| is_of_postgres(key)) {
            command.env_remove(key);
        }
        // A directory that whoever runs it can enter, and messages that we can read.
        command.current_dir("/").env("LC_ALL", "C").stdin(Stdio::null());
        // Ctrl-C in our terminal is for us: we stop Postgres last.
        command.process_group(0);
        command
    }

    async fn run(&self, mut command: Command, program: &str) -> Result<(), PostgresError> {
        let failed = |said: String| PostgresError::Failed { program: program.to_owned(), said };
        let done = timeout(START + Duration::from_secs(10), command.output()).await;
        let done = done
            .map_err(|_| failed("it did not end".to_owned()))?
            .map_err(|error| failed(error.to_string()))?;
        if done.status.success() {
            return Ok(());
        }
        let said = [done.stdout, done.stderr].concat();
        let home = self.place.home.clone();
        Err(PostgresError::said(program, &String::from_utf8_lossy(&said), home))
    }

    /// How long the log is; a long one is put aside.
    fn log_length(&self) -> usize {
        let log: &Path = &self.place.log;
        let length = fs::metadata(log).map_or(0, |found| found.len());
        if length > LONG_LOG && fs::rename(log, self.place.home.join("log.old")).is_ok() {
            return 0;
        }
        length as usize
    }
}

/// Whether a variable of the environment would change what the programs of Postgres do.
fn is_of_postgres(key: &OsStr) -> bool {
    key.as_encoded_bytes().starts_with(b"PG")
}
