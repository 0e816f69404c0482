//! A throwaway cluster for tests and benches: one a process, a database a test.
//!
//! It vanishes with the process, however that ends: a shell reads a pipe whose other end only this
//! process has, and when that closes it ends the cluster and removes its directory.

use std::{
    fs::DirBuilder,
    os::unix::{fs::DirBuilderExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    str::FromStr,
    sync::atomic::{AtomicU32, Ordering},
};

use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::{
    patiently,
    place::ClusterPaths,
    server::{PostgresServer, Use},
};
use crate::store;

/// The database with our tables that all others are copies of.
const TEMPLATE: &str = "template_stillup";

/// Waits for the end of its input, then ends the Postgres in the directory `$0` and removes it all.
const WATCHDOG: &str = r#"
cat >/dev/null
pid=$(head -n 1 "$0/postgres/db/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd")" = "$0/postgres/db" ]; then
    kill -QUIT "$pid"
    tries=0
    while kill -0 "$pid" 2>/dev/null && [ $tries -lt 50 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
fi
rm -rf "$0"
"#;

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();
static NUMBER: AtomicU32 = AtomicU32::new(0);

#[derive(Debug)]
struct Cluster {
    server: PostgresServer,
    _watchdog: Child,
}

/// An empty database of our own, with our tables. It is gone when the process ends.
#[derive(Clone, Debug)]
pub struct TestDatabase {
    options: PgConnectOptions,
    url: String,
}

impl TestDatabase {
    /// Options for connecting to it.
    pub fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// The same as a URL, for a program's `DATABASE_URL`.
    pub fn url(&self) -> String {
        self.url.clone()
    }
}

/// A fresh database.
///
/// # Errors
/// Fails when there is no Postgres on the machine, or it does not start.
pub async fn database() -> anyhow::Result<TestDatabase> {
    let cluster = CLUSTER.get_or_try_init(start).await?;
    let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    cluster.server.create_database(&name, Some(TEMPLATE)).await?;
    let socket = cluster.server.socket().display().to_string().replace('/', "%2F");
    let url = format!("postgres://stillup@{socket}/{name}?sslmode=disable");
    Ok(TestDatabase { options: cluster.server.options(&name), url })
}

/// A schema of its own, with our tables, in the database of an existing cluster, distributed over
/// its workers by `docs/citus.sql`. It stays when the process ends.
///
/// # Errors
/// Fails when the URL is none, the cluster is not there, or it refuses a statement.
pub async fn schema_of_cluster(url: &str) -> anyhow::Result<TestDatabase> {
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let schema = format!("test_{}_{number}", std::process::id());
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE SCHEMA {schema}")))
        .execute(&mut connection)
        .await?;
    let options = PgConnectOptions::from_str(url)?
        .options([("search_path", schema.as_str()), ("citus.shard_count", "4")]);
    store::migrate(&options).await?;
    let mut connection = PgConnection::connect_with(&options).await?;
    sqlx::raw_sql(include_str!("../../docs/citus.sql")).execute(&mut connection).await?;
    let mark = if url.contains('?') { '&' } else { '?' };
    Ok(TestDatabase { options, url: format!("{url}{mark}options=-c%20search_path%3D{schema}") })
}

async fn start() -> anyhow::Result<Cluster> {
    let dir = directory()?;
    let watchdog = watch(&dir)?;
    let server = PostgresServer::prepare(
        ClusterPaths::under(&dir)?,
        Use::Throwaway,
        &CancellationToken::new(),
    )
    .await?;
    patiently(&server).await?;
    server.create_database(TEMPLATE, None).await?;
    store::migrate(&server.options(TEMPLATE)).await?;
    Ok(Cluster { server, _watchdog: watchdog })
}

/// A new directory. Others may pass through it, as Postgres must if we are root; its contents are
/// closed.
fn directory() -> std::io::Result<PathBuf> {
    let base = std::env::temp_dir().canonicalize()?;
    let mut number = 0_u32;
    loop {
        let dir = base.join(format!("stillup-test-{}-{number}", std::process::id()));
        match DirBuilder::new().mode(0o711).create(&dir) {
            Ok(()) => return Ok(dir),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    }
}

/// Apart from our terminal, so that Ctrl-C, which ends us, leaves it to clean up.
fn watch(dir: &Path) -> std::io::Result<Child> {
    Command::new("sh")
        .args(["-c", WATCHDOG])
        .arg(dir)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
}
