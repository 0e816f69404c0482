//! Behind pgbouncer: in transaction mode checks wait and the board says what to do; in session mode all is well.

use std::{
    fs,
    net::TcpListener,
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::CommandExt,
    },
    process::{Child, Command, Stdio},
};

use sqlx::postgres::PgConnectOptions;

use super::*;
use crate::private_postgres::throwaway::TestDatabase;

/// A pgbouncer that ends with the test.
struct Pooler(Child);

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Pooler {
    /// Starts one in this mode; `None` when there is none on this machine.
    fn start(dir: &Path, port: u16, database: &TestDatabase, mode: &str) -> Option<Self> {
        let socket = database.options().get_socket().unwrap().display().to_string();
        let settings = format!(
            "[databases]\n* = host={socket} user=stillup\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = {mode}\n\
             default_pool_size = 20\n"
        );
        let file = dir.join(format!("{mode}.ini"));
        fs::write(&file, settings).unwrap();
        // It refuses to run as root: the user of Postgres runs it too, and may read its settings.
        fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).unwrap();
        let owner = fs::metadata(&socket).unwrap();
        let mut command = Command::new("pgbouncer");
        if rustix::process::geteuid().is_root() {
            command.uid(owner.uid()).gid(owner.gid());
        }
        command.arg("-q").arg(&file);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Some(Self(command.spawn().ok()?))
    }
}

async fn connect(options: &PgConnectOptions) -> Store {
    let look = async || Store::connect(options.clone()).await;
    until("Postgres is reached through the pooler", SOON, look).await
}

#[tokio::test]
async fn behind_a_pooler_in_transaction_mode_checks_wait_until_it_is_in_session_mode() {
    if Command::new("pgbouncer").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!(
            "skipped: there is no pgbouncer on this machine (scripts/setup.sh test installs it)"
        );
        return;
    }
    let database = throwaway::database().await.unwrap();
    let direct = Store::connect(database.options()).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let name = database.options().get_database().unwrap().to_owned();
    let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port);
    let options = options.username("stillup").database(&name);

    let pooler = Pooler::start(dir.path(), port, &database, "transaction").unwrap();
    let pipeline = build(dir.path(), 1 << 30, HashMap::new());
    pipeline.link.send_replace(Some(connect(&options).await));
    let mut second = 0;
    let lost = |board: &Board| {
        let why = board.store_health().why;
        why.is_some_and(|why| matches!(why.sqlstate.as_deref(), Some("42P05" | "26000")))
    };
    // Whose statement is met is chance: the first batches may go through.
    let look = async || {
        if lost(&pipeline.board) {
            return Some(());
        }
        pipeline.send([check("a.example", second, None)]).await;
        second += 1;
        // Another program behind the same pooler leaves its statements there too.
        drop(Store::connect(options.clone()).await);
        None
    };
    until("the pooler loses a statement", Duration::from_mins(1), look).await;
    assert!(pipeline.board.store_health().why.unwrap().short.contains("session mode"));
    assert_eq!(pipeline.board.store_health().refused_rows, 0);

    drop(pooler);
    let _pooler = Pooler::start(dir.path(), port, &database, "session").unwrap();
    pipeline
        .until(|board| board.store_health().waiting() == 0 && board.store_health().why.is_none())
        .await;
    pipeline.end().await;
    assert_eq!(moments(&direct, "a.example").await, (0..second).collect::<Vec<_>>());
}
