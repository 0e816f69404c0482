//! The private Postgres, for real: made, adopted, killed, refused, and run under every roof.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use sqlx::{Connection, PgConnection, Row};
use stillup::postgres::{PostgresError, Private};
use tokio::time::{sleep, timeout};

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A directory that the user who runs Postgres may pass through.
fn open_directory() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

fn postmaster(data: &Path) -> Pid {
    let text = fs::read_to_string(data.join("postgres/db/postmaster.pid")).unwrap();
    Pid::from_raw(text.lines().next().unwrap().trim().parse().unwrap()).unwrap()
}

async fn ask(postgres: &Private, sql: &'static str) -> Result<i32, sqlx::Error> {
    let mut connection = PgConnection::connect_with(&postgres.options()).await?;
    let row = sqlx::query(sql).fetch_one(&mut connection).await?;
    connection.close().await?;
    row.try_get(0)
}

#[tokio::test]
async fn starts_is_adopted_stops_and_keeps_what_it_has() {
    let dir = open_directory();
    let first = Private::start(dir.path()).await.unwrap();
    assert_eq!(ask(&first, "SELECT 1").await.unwrap(), 1);
    let mut connection = PgConnection::connect_with(&first.options()).await.unwrap();
    sqlx::raw_sql("CREATE TABLE kept AS SELECT 7 AS n").execute(&mut connection).await.unwrap();
    let pid = postmaster(dir.path());

    // A stillup that was killed leaves it running; the next one takes it as it is.
    drop(first);
    let second = Private::start(dir.path()).await.unwrap();
    assert_eq!(postmaster(dir.path()), pid);
    second.stop().await.unwrap();
    second.stop().await.unwrap();

    let third = Private::start(dir.path()).await.unwrap();
    assert_eq!(ask(&third, "SELECT n FROM kept").await.unwrap(), 7);
    third.stop().await.unwrap();
    let mode = fs::metadata(dir.path().join("postgres")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[tokio::test]
async fn comes_back_after_a_kill_with_clients_at_work() {
    let dir = open_directory();
    let postgres = Private::start(dir.path()).await.unwrap();
    let mut busy = PgConnection::connect_with(&postgres.options()).await.unwrap();
    let work = tokio::spawn(async move {
        sqlx::raw_sql("SELECT count(*) FROM generate_series(1, 20000000)").execute(&mut busy).await
    });
    sleep(Duration::from_millis(200)).await;
    let killed = postmaster(dir.path());
    kill_process(killed, Signal::KILL).unwrap();

    let again = async {
        while ask(&postgres, "SELECT 1").await.is_err() || postmaster(dir.path()) == killed {
            sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::select! {
        _ = postgres.watch() => unreachable!("it runs for ever"),
        back = timeout(Duration::from_secs(30), again) => back.unwrap(),
    }
    work.abort();

    // And a start after a kill, by a stillup that was killed with it.
    kill_process(postmaster(dir.path()), Signal::KILL).unwrap();
    let postgres = Private::start(dir.path()).await.unwrap();
    assert_eq!(ask(&postgres, "SELECT 1").await.unwrap(), 1);
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn a_number_that_another_process_has_now_does_not_stop_a_start() {
    let dir = open_directory();
    let postgres = Private::start(dir.path()).await.unwrap();
    let file = dir.path().join("postgres/db/postmaster.pid");
    let text = fs::read_to_string(&file).unwrap();
    postgres.stop().await.unwrap();
    // As after a power cut, with a stranger who has the number since.
    let mut stranger = Command::new("sleep").arg("60").spawn().unwrap();
    let rest = text.split_once('\n').unwrap().1;
    let socket_lock = dir.path().join("postgres/run/.s.PGSQL.5432.lock");
    for file in [&file, &socket_lock] {
        fs::write(file, format!("{}\n{rest}", stranger.id())).unwrap();
    }
    let started = Private::start(dir.path()).await;
    let lives = stranger.try_wait().unwrap().is_none();
    stranger.kill().unwrap();
    stranger.wait().unwrap();
    started.unwrap().stop().await.unwrap();
    assert!(lives, "the stranger was hurt");
}

#[tokio::test]
async fn a_cluster_of_another_version_is_told_with_both_versions() {
    let dir = open_directory();
    let db = dir.path().join("postgres/db");
    fs::create_dir_all(&db).unwrap();
    fs::set_permissions(dir.path().join("postgres"), fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(db.join("PG_VERSION"), "9\n").unwrap();
    let refused = Private::start(dir.path()).await.unwrap_err();
    assert!(matches!(refused, PostgresError::OtherVersion { .. }), "{refused}");
    assert!(refused.to_string().contains("made by Postgres 9, and this machine has Postgres 1"));
}

#[tokio::test]
async fn lives_in_deep_and_oddly_named_directories() {
    let dir = open_directory();
    let odd = dir.path().join(format!("a, b's {}", "d".repeat(100)));
    let postgres = Private::start(&odd).await.unwrap();
    assert_eq!(ask(&postgres, "SELECT 1").await.unwrap(), 1);
    let socket: PathBuf = postgres.options().get_socket().unwrap().clone();
    postgres.stop().await.unwrap();
    fs::remove_dir_all(socket).unwrap();
    let refused = Private::start(&dir.path().join("a$b")).await.unwrap_err();
    assert!(matches!(refused, PostgresError::BadPath(_)));
}

#[tokio::test]
async fn root_may_keep_its_data_where_nobody_else_can_go() {
    if !is_root() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    // As `/root` is.
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let postgres = Private::start(&dir.path().join("below")).await.unwrap();
    assert_eq!(ask(&postgres, "SELECT 1").await.unwrap(), 1);
    postgres.stop().await.unwrap();
    assert_eq!(fs::metadata(dir.path()).unwrap().permissions().mode() & 0o777, 0o700);
}

/// A copy of this test program that everybody may run.
fn copy_of_this_program(dir: &Path) -> PathBuf {
    let copy = dir.join("tests");
    fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).unwrap();
    copy
}

#[test]
fn an_ordinary_user_runs_it_too() {
    if !is_root() {
        return;
    }
    let dir = open_directory();
    let copy = copy_of_this_program(dir.path());
    let done = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"])
        .arg(copy)
        .args(["--exact", "starts_is_adopted_stops_and_keeps_what_it_has"])
        .arg("comes_back_after_a_kill_with_clients_at_work")
        .env("TMPDIR", "/tmp")
        .current_dir("/")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && said.contains("2 passed"), "{said}");
}

/// Runs one of the tests below in a mount namespace of its own, on a disk with these options.
fn on_a_disk(options: &str, test: &str) {
    let dir = open_directory();
    let copy = copy_of_this_program(dir.path());
    let disk = dir.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let mount = format!("mount -t tmpfs -o {options} none \"$1\" && exec \"$0\" \"$2\" --ignored");
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "sh", "-c", &mount]).arg(copy).arg(&disk).arg(test);
    let done = unshare.env("STILLUP_TEST_DISK", &disk).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
}

fn disk() -> PathBuf {
    std::env::var_os("STILLUP_TEST_DISK").unwrap().into()
}

/// Whether this machine lets us mount (a container often does not).
fn can_mount() -> bool {
    let tried =
        Command::new("unshare").args(["--mount", "sh", "-c", "mount -t tmpfs none /mnt"]).output();
    is_root() && tried.is_ok_and(|done| done.status.success())
}

#[test]
fn a_full_or_read_only_disk_is_told() {
    if can_mount() {
        on_a_disk("size=8m,mode=755", "inner_full_disk");
        on_a_disk("ro,mode=755", "inner_read_only_disk");
    }
}

#[tokio::test]
#[ignore = "run by a_full_or_read_only_disk_is_told"]
async fn inner_full_disk() {
    let refused = Private::start(&disk()).await.unwrap_err();
    assert!(matches!(refused, PostgresError::DiskFull(_)), "{refused:?}");
}

#[tokio::test]
#[ignore = "run by a_full_or_read_only_disk_is_told"]
async fn inner_read_only_disk() {
    let refused = Private::start(&disk()).await.unwrap_err();
    assert!(matches!(refused, PostgresError::ReadOnly(_)), "{refused:?}");
}
