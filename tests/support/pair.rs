//! A Postgres with a standby, by streaming replication: the one can be killed and the other promoted.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
};
use tempfile::TempDir;

use crate::until::{SOON, until};

/// Two clusters, of which the first is the primary at the beginning.
pub(crate) struct Pair {
    clusters: [PostgresProcess; 2],
    _dir: TempDir,
}

struct PostgresProcess {
    home: PathBuf,
    server: Option<Child>,
}

impl Pair {
    pub(crate) async fn start() -> Self {
        let dir = tempfile::Builder::new().prefix("stillup-pair-").tempdir().unwrap();
        // Postgres runs as another user when we are root, and has to get through.
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let clusters = ["first", "second"].map(|name| PostgresProcess::new(dir.path().join(name)));
        let mut pair = Self { clusters, _dir: dir };
        let [first, _] = &mut pair.clusters;
        first.run("initdb", &["-U", "stillup", "--auth=trust", "--encoding=UTF8", "--locale=C"]);
        first.start().await;
        pair.follow(1, 0).await;
        pair
    }

    /// Makes a cluster a standby of the other one, from nothing.
    pub(crate) async fn follow(&mut self, standby: usize, primary: usize) {
        let from = self.clusters[primary].home.display().to_string();
        let standby = &mut self.clusters[standby];
        drop(fs::remove_dir_all(standby.data()));
        let arguments = ["-h", &from, "-U", "stillup", "-R", "-X", "stream", "-c", "fast"];
        standby.run("pg_basebackup", &arguments);
        standby.start().await;
    }

    /// The socket of a cluster.
    pub(crate) fn socket(&self, number: usize) -> PathBuf {
        self.clusters[number].home.join(".s.PGSQL.5432")
    }

    /// Options for connecting to a cluster.
    pub(crate) fn options(&self, number: usize) -> PgConnectOptions {
        let options = PgConnectOptions::new_without_pgpass().socket(&self.clusters[number].home);
        options.username("stillup").database("postgres").ssl_mode(PgSslMode::Disable)
    }

    /// Connections to a cluster.
    pub(crate) fn pool(&self, number: usize) -> PgPool {
        PgPoolOptions::new().max_connections(2).connect_lazy_with(self.options(number))
    }

    /// Ends a cluster as a power cut does.
    pub(crate) fn kill(&mut self, number: usize) {
        self.clusters[number].end();
    }

    /// Has all processes of a cluster do nothing, or go on.
    pub(crate) fn freeze(&self, number: usize, frozen: bool) {
        let server = self.clusters[number].server.as_ref().unwrap().id();
        let signal = if frozen { "STOP" } else { "CONT" };
        // The postmaster first, so that it starts no other.
        send(signal, server);
        for process in children(server) {
            send(signal, process);
        }
    }

    /// Makes a standby the primary.
    pub(crate) fn promote(&self, number: usize) {
        self.clusters[number].run("pg_ctl", &["promote", "-w"]);
    }

    /// Makes the first cluster wait with every commit until its standby has it.
    pub(crate) async fn replicate_at_once(&self) {
        self.set("ALTER SYSTEM SET synchronous_standby_names = '*'").await;
    }

    /// Makes the first cluster refuse what is written, or take it again.
    pub(crate) async fn set_read_only(&self, read_only: bool) {
        self.set(if read_only {
            "ALTER SYSTEM SET default_transaction_read_only = on"
        } else {
            "ALTER SYSTEM SET default_transaction_read_only = off"
        })
        .await;
    }

    async fn set(&self, statement: &'static str) {
        let pool = self.pool(0);
        for statement in [statement, "SELECT pg_reload_conf()"] {
            sqlx::query(statement).execute(&pool).await.unwrap();
        }
    }

    /// Stops the replication, of which neither end knows: what is written from now on is not in the
    /// standby.
    pub(crate) async fn freeze_replication(&self) {
        let sender = "SELECT pid FROM pg_stat_replication";
        let pid: i32 = sqlx::query_scalar(sender).fetch_one(&self.pool(0)).await.unwrap();
        send("STOP", u32::try_from(pid).unwrap());
    }
}

impl PostgresProcess {
    fn new(home: PathBuf) -> Self {
        fs::create_dir(&home).unwrap();
        if let Some((user, group)) = account(&home) {
            chown(&home, Some(user), Some(group)).unwrap();
        }
        Self { home, server: None }
    }

    fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// A program of Postgres on this cluster. It does not run as root, so root hands it to another user.
    fn command(&self, program: &str) -> Command {
        let program = programs().join(program);
        let owner = fs::metadata(&self.home).unwrap();
        let mut command = Command::new(&program);
        if is_root() {
            command = Command::new("setpriv");
            command.arg(format!("--reuid={}", owner.uid()));
            command.arg(format!("--regid={}", owner.gid())).arg("--clear-groups").arg(program);
        }
        command.current_dir("/").stdin(Stdio::null());
        command.arg("-D").arg(self.data());
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let done = self.command(program).args(arguments).output().unwrap();
        assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
    }

    async fn start(&mut self) {
        let mut server = self.command("postgres");
        server.arg("-k").arg(&self.home).args(["-c", "listen_addresses=", "-c", "fsync=off"]);
        // A sender of the log that is frozen is not missed.
        server.args(["-c", "wal_sender_timeout=0"]);
        server.stdout(Stdio::null()).stderr(fs::File::create(self.home.join("log")).unwrap());
        self.server = Some(server.spawn().unwrap());
        let home = self.home.display().to_string();
        let ready = async || {
            let asked =
                Command::new(programs().join("pg_isready")).args(["-q", "-h", &home]).status();
            asked.unwrap().success().then_some(())
        };
        until("Postgres is ready", SOON, ready).await;
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "it is called by a drop, which cannot wait as a task"
    )]
    fn end(&mut self) {
        if let Some(mut server) = self.server.take() {
            send("QUIT", server.id());
            let ended = (0..200).any(|_| {
                std::thread::sleep(Duration::from_millis(50));
                matches!(server.try_wait(), Ok(Some(_)))
            });
            if !ended {
                send("KILL", server.id());
                drop(server.wait());
            }
        }
    }
}

impl Drop for PostgresProcess {
    fn drop(&mut self) {
        self.end();
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|found| found.uid() == 0)
}

/// The user that runs Postgres in place of root; `None` is the current one.
pub(crate) fn account(home: &Path) -> Option<(u32, u32)> {
    if fs::metadata(home).ok()?.uid() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let found = ["postgres", "nobody"].iter().find_map(|name| {
        let mut fields =
            users.lines().find(|line| line.starts_with(&format!("{name}:")))?.split(':');
        Some((fields.nth(2)?.parse().ok()?, fields.next()?.parse().ok()?))
    });
    found.or(Some((65_534, 65_534)))
}

/// Directory of the newest programs of Postgres on this machine.
pub(crate) fn programs() -> PathBuf {
    let version = |path: &PathBuf| {
        let number = path.parent()?.file_name()?.to_str()?.parse::<u32>().ok()?;
        path.join("pg_basebackup").is_file().then_some(number)
    };
    let all = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let all = all.map(|entry| entry.path().join("bin"));
    all.filter_map(|path| Some((version(&path)?, path))).max().map_or_else(PathBuf::new, |(_, p)| p)
}

/// The processes that this one has started.
fn children(parent: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").unwrap().flatten();
    let ids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let of_parent = |id: &u32| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        // Its name, in brackets, may have anything in it.
        let rest = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
        rest.split(' ').nth(1) == Some(&*parent.to_string())
    };
    ids.filter(of_parent).collect()
}

/// Sends a process of ours a signal.
fn send(name: &str, id: u32) {
    drop(Command::new("kill").args([format!("-{name}"), id.to_string()]).status());
}
