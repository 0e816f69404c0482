//! A drill with `pg_auto_failover`: its primary is killed with its keeper, the standby is promoted by the monitor, and
//! the old primary comes back.

use std::{
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::Path,
    process::{Child, Command, Stdio},
};

use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use tempfile::TempDir;

use super::*;
use crate::pair::{account, programs};

/// The keeper, where it is installed (packages `pg-auto-failover-cli` and `postgresql-15-auto-failover`).
const KEEPER: &str = "/usr/bin/pg_autoctl";
/// A standby is copied, or promoted after the primary was given up, by then.
const FAILED_OVER: Duration = Duration::from_mins(5);

/// A monitor, and two clusters that it fails over between.
pub(super) struct AutoFailover {
    clusters: Vec<KeptPostgres>,
    monitor: KeptPostgres,
    dir: TempDir,
}

/// A cluster with its keeper.
struct KeptPostgres {
    home: PathBuf,
    port: u16,
    arguments: Vec<String>,
    keeper: Option<Child>,
}

impl AutoFailover {
    async fn start() -> Self {
        let dir = tempfile::Builder::new().prefix("stillup-failover-").tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let mut monitor = KeptPostgres::new(dir.path(), "monitor", &["monitor"]);
        monitor.start();
        monitor.answers("SELECT 1 FROM pgautofailover.formation", "pg_auto_failover").await;
        let url = format!("postgres://autoctl_node@localhost:{}/pg_auto_failover", monitor.port);
        let mut all = Self { clusters: Vec::new(), monitor, dir };
        for name in ["first", "second"] {
            let arguments =
                ["postgres", "--name", name, "--username", "stillup", "--dbname", "stillup"];
            let mut cluster = KeptPostgres::new(all.dir.path(), name, &arguments);
            cluster.arguments.extend(["--monitor".to_owned(), url.clone()]);
            cluster.start();
            cluster.answers("SELECT 1", "stillup").await;
            all.clusters.push(cluster);
        }
        all.are(0, "primary", "secondary").await;
        all
    }

    /// Waits until a cluster and the other one have these states.
    async fn are(&self, cluster: usize, state: &str, other: &str) {
        let names = ["first", "second"];
        let want = format!("{} {state},{} {other}", names[cluster], names[1 - cluster]);
        let read = format!(
            "SELECT string_agg(nodename || ' ' || reportedstate, ',' ORDER BY nodename <> '{}')
             FROM pgautofailover.node",
            names[cluster]
        );
        let look = async || {
            // A copy waits for a checkpoint, which takes its time unless it is asked for.
            for cluster in &self.clusters {
                drop(cluster.ask("CHECKPOINT", "postgres"));
            }
            let now = self.monitor.ask(&read, "pg_auto_failover").unwrap_or_default();
            (now == want).then_some(()).ok_or(now)
        };
        until(&want, FAILED_OVER, look).await;
    }

    pub(super) fn socket(&self, number: usize) -> PathBuf {
        let cluster = &self.clusters[number];
        cluster.home.join(format!(".s.PGSQL.{}", cluster.port))
    }

    pub(super) fn pool(&self, number: usize) -> PgPool {
        let cluster = &self.clusters[number];
        let options = PgConnectOptions::new_without_pgpass().socket(&cluster.home);
        let options = options.port(cluster.port).username("stillup").database("stillup");
        let options = options.ssl_mode(PgSslMode::Disable);
        PgPoolOptions::new().max_connections(2).connect_lazy_with(options)
    }
}

impl KeptPostgres {
    fn new(dir: &Path, name: &str, arguments: &[&str]) -> Self {
        let home = dir.join(name);
        fs::create_dir(&home).unwrap();
        if let Some((user, group)) = account(&home) {
            chown(&home, Some(user), Some(group)).unwrap();
        }
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Self { home, port, arguments, keeper: None }
    }

    /// A program as the user of this cluster.
    fn command(&self, program: &Path) -> Command {
        let owner = fs::metadata(&self.home).unwrap();
        let mut command = Command::new("setpriv");
        if fs::metadata("/proc/self").unwrap().uid() == 0 {
            command.arg(format!("--reuid={}", owner.uid()));
            command.arg(format!("--regid={}", owner.gid())).arg("--clear-groups");
        }
        command.arg(program).current_dir("/").stdin(Stdio::null());
        let path = format!("{}:/usr/bin:/bin", programs().display());
        for (name, value) in [
            ("PATH", path.as_str()),
            ("HOME", self.home.to_str().unwrap()),
            ("XDG_RUNTIME_DIR", self.home.to_str().unwrap()),
            ("PG_REGRESS_SOCK_DIR", self.home.to_str().unwrap()),
            ("PGHOST", self.home.to_str().unwrap()),
        ] {
            command.env(name, value);
        }
        command
    }

    fn start(&mut self) {
        let log =
            fs::File::options().create(true).append(true).open(self.home.join("log")).unwrap();
        let mut keeper = self.command(Path::new(KEEPER));
        keeper.arg("create").args(&self.arguments).arg("--pgdata").arg(self.home.join("data"));
        keeper.args(["--pgport", &self.port.to_string(), "--hostname", "localhost"]);
        keeper.args(["--auth", "trust", "--no-ssl", "--run"]);
        keeper.stdout(log.try_clone().unwrap()).stderr(log).process_group(0);
        self.keeper = Some(keeper.spawn().unwrap());
    }

    /// The answer of this cluster to a query of its owner; `None` when there is none.
    fn ask(&self, query: &str, database: &str) -> Option<String> {
        let mut psql = self.command(&programs().join("psql"));
        psql.args(["-XAtq", "-h", self.home.to_str()?, "-p", &self.port.to_string()]);
        let done = psql.args(["-d", database, "-c", query]).output().unwrap();
        let text = String::from_utf8_lossy(&done.stdout).trim().to_owned();
        done.status.success().then_some(text)
    }

    async fn answers(&self, query: &str, database: &str) {
        let log = || fs::read_to_string(self.home.join("log")).unwrap_or_default();
        let asked = async || self.ask(query, database).ok_or_else(log);
        until("the cluster answers", FAILED_OVER, asked).await;
    }

    /// Ends it as a power cut does.
    fn kill(&mut self) {
        let Some(mut keeper) = self.keeper.take() else { return };
        let kill =
            |process: &str| drop(Command::new("kill").args(["-KILL", "--", process]).status());
        kill(&format!("-{}", keeper.id()));
        let file = fs::read_to_string(self.home.join("data/postmaster.pid")).unwrap_or_default();
        if let Some(postmaster) = file.lines().next() {
            kill(postmaster);
        }
        drop(keeper.wait());
    }
}

impl Drop for KeptPostgres {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Fleet {
    fn failover(&mut self) -> &mut AutoFailover {
        match &mut self.database {
            Database::Failover(all) => all,
            _ => panic!("there is no monitor"),
        }
    }

    /// Kills a cluster of the two, and waits until what is seen from all regions is in the other one.
    async fn fail_over_from(&mut self, cluster: usize) {
        let since = Instant::now();
        self.failover().clusters[cluster].kill();
        self.pool = self.failover().pool(1 - cluster);
        self.records(&self.regions()).await;
        println!("recorded by the promoted host after {:.1} s", since.elapsed().as_secs_f64());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a drill of minutes: make drills"]
async fn when_pg_auto_failover_promotes_the_standby_nothing_is_lost_or_told_twice() {
    if !Path::new(KEEPER).exists() {
        eprintln!("SKIPPED: pg_auto_failover is not installed");
        return;
    }
    let database = Database::Failover(Box::new(AutoFailover::start().await));
    let mut fleet = Fleet::prepare(TWO, 4, database).await.begin().await;
    fleet.fickle.turn(Mood::Broken);
    fleet.receiver.wait_for(1).await;
    fleet.records(&fleet.regions()).await;
    let visits = [0, 1].map(|node| fleet.visit(node, Duration::from_mins(1)));
    fleet.fail_over_from(0).await;
    fleet.fickle.turn(Mood::Well);
    for node in 0..2 {
        fleet.shows(node, "up").await;
    }
    fleet.receiver.wait_for(2).await;
    for visit in visits {
        visit.await.unwrap();
    }
    fleet.is_whole().await;
    fleet.holds(&fleet.regions()).await;

    // The old primary comes back as the standby, and takes over in its turn.
    fleet.failover().clusters[0].start();
    fleet.failover().are(1, "primary", "secondary").await;
    fleet.fail_over_from(1).await;
    fleet.is_whole().await;
    fleet.holds(&fleet.regions()).await;
}
