//! Support shared by the tests.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use rustix::process::Pid;
use sqlx::{Connection, PgConnection, Row};
use stillup::private_postgres::Private;

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A directory that the user who runs Postgres may pass through.
pub(crate) fn open_directory() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

pub(crate) fn postmaster(data: &Path) -> Pid {
    let text = fs::read_to_string(data.join("postgres/db/postmaster.pid")).unwrap();
    Pid::from_raw(text.lines().next().unwrap().trim().parse().unwrap()).unwrap()
}

pub(crate) async fn ask(postgres: &Private, sql: &'static str) -> Result<i32, sqlx::Error> {
    let mut connection = PgConnection::connect_with(&postgres.options()).await?;
    let row = sqlx::query(sql).fetch_one(&mut connection).await?;
    connection.close().await?;
    row.try_get(0)
}

/// A copy of this test program that everybody may run.
pub(crate) fn copy_of_this_program(dir: &Path) -> PathBuf {
    let copy = dir.join("tests");
    fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).unwrap();
    copy
}
