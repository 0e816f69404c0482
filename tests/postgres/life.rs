//! Made, adopted, stopped, killed.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use rustix::process::{Signal, kill_process};
use sqlx::{Connection, PgConnection};
use stillup::private_postgres::{PostgresError, Private};

use crate::{
    support::{ask, open_directory, postmaster},
    until::{SOON, until},
};

#[tokio::test]
async fn starts_is_adopted_stops_and_keeps_what_it_has() {
    let dir = open_directory();
    let first = Private::start(dir.path()).await.unwrap();
    assert_eq!(ask(&first, "SELECT 1").await.unwrap(), 1);
    let mut connection = PgConnection::connect_with(&first.options()).await.unwrap();
    sqlx::raw_sql("CREATE TABLE kept AS SELECT 7 AS n").execute(&mut connection).await.unwrap();
    let pid = postmaster(dir.path());

    // A stillup that was killed leaves it running; the next one adopts it.
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
    let works = async || {
        let count = "SELECT count(*)::int FROM pg_stat_activity
            WHERE state = 'active' AND query LIKE '%generate_series(1, 20000000)'";
        (ask(&postgres, count).await.unwrap() == 1).then_some(())
    };
    until("the client is at work", SOON, works).await;
    let killed = postmaster(dir.path());
    kill_process(killed, Signal::KILL).unwrap();

    let again = async || {
        let answers = ask(&postgres, "SELECT 1").await.is_ok();
        (answers && postmaster(dir.path()) != killed).then_some(())
    };
    tokio::select! {
        _ = postgres.watch() => unreachable!("it runs for ever"),
        () = until("it is back", SOON, again) => {}
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
async fn empty_lock_files_of_a_power_cut_do_not_stop_a_start() {
    let dir = open_directory();
    let postgres = Private::start(dir.path()).await.unwrap();
    postgres.stop().await.unwrap();
    // Some file systems leave zeros in the place of what was not written.
    for (file, left) in [("db/postmaster.pid", "\0\0\0"), ("run/.s.PGSQL.5432.lock", "")] {
        fs::write(dir.path().join("postgres").join(file), left).unwrap();
    }
    let postgres = Private::start(dir.path()).await.unwrap();
    assert_eq!(ask(&postgres, "SELECT 1").await.unwrap(), 1);
    postgres.stop().await.unwrap();
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
