//! Bad disks, and a machine without Postgres. Each is mounted for one test process alone, where the
//! machine lets us.

use std::{fs, path::PathBuf, process::Command};

use stillup::private_postgres::{PostgresError, Private};

use crate::support::{copy_of_this_program, is_root, open_directory};

/// Runs one of the tests below in a mount namespace of its own, on a disk with these options.
fn on_a_disk(options: &str, test: &str) {
    mounted(&format!("mount -t tmpfs -o {options} none \"$1\""), test);
}

/// The same, after these commands; `$1` is an empty directory.
fn mounted(commands: &str, test: &str) {
    let dir = open_directory();
    let copy = copy_of_this_program(dir.path());
    let disk = dir.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let mount = format!("{commands} && exec \"$0\" \"$2\" --ignored");
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "sh", "-c", &mount]).arg(copy).arg(&disk).arg(test);
    let done = unshare.env("STILLUP_TEST_DISK", &disk).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
}

fn disk() -> PathBuf {
    std::env::var_os("STILLUP_TEST_DISK").unwrap().into()
}

/// Returns whether this machine lets us mount (a container often does not).
fn can_mount() -> bool {
    let tried =
        Command::new("unshare").args(["--mount", "sh", "-c", "mount -t tmpfs none /mnt"]).output();
    is_root() && tried.is_ok_and(|done| done.status.success())
}

#[test]
fn a_full_or_read_only_disk_is_told() {
    if can_mount() {
        on_a_disk("size=8m,mode=755", "disks::inner_full_disk");
        on_a_disk("ro,mode=755", "disks::inner_read_only_disk");
    }
}

#[test]
fn a_machine_without_postgres_is_told() {
    if can_mount() {
        let hide = "for dir in /usr/lib/postgresql /usr/pgsql-*; do \
                        [ ! -d $dir ] || mount -t tmpfs none $dir || exit; \
                    done; export PATH=/nowhere";
        mounted(hide, "disks::inner_no_programs");
    }
}

#[tokio::test]
#[ignore = "run by a_machine_without_postgres_is_told"]
async fn inner_no_programs() {
    let refused = Private::start(&disk()).await.unwrap_err();
    assert!(matches!(refused, PostgresError::NoPrograms), "{refused:?}");
    let said = refused.to_string();
    assert!(said.contains("apt-get install postgresql") && !said.contains('\n'), "{said}");
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
