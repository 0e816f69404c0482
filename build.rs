//! Builds again when a migration is added, since `sqlx::migrate!` alone notices only changed ones, and packs the
//! relocations of the program where its loader can read them so.

use std::{env, process::Command};

/// The first glibc that reads packed relocations, of 2022.
const PACKED_SINCE: (u32, u32) = (2, 36);

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    let here = env::var("HOST").is_ok_and(|host| env::var("TARGET").is_ok_and(|to| to == host));
    if here && glibc().is_some_and(|version| version >= PACKED_SINCE) {
        // 16 kB in place of 1.8 MB, which every process has in memory from its start on.
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// The version of glibc on this machine, if that is its C library.
fn glibc() -> Option<(u32, u32)> {
    let told = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let told = String::from_utf8(told.stdout).ok()?;
    let (major, minor) = told.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
