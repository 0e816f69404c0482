//! Under every roof: deep, odd and closed directories, and as another user.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, process::Command};

use stillup::private_postgres::{PostgresError, Private};

use crate::support::{ask, copy_of_this_program, is_root, open_directory};

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
        .args(["--exact", "life::starts_is_adopted_stops_and_keeps_what_it_has"])
        .arg("life::comes_back_after_a_kill_with_clients_at_work")
        .env("TMPDIR", "/tmp")
        .current_dir("/")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && said.contains("2 passed"), "{said}");
}
