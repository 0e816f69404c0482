//! Search for the programs of Postgres on the machine.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use tokio::process::Command;

use super::PostgresError;

/// The oldest version that will do.
const OLDEST_VERSION: u32 = 14;
/// Programs that a directory must have.
const NEEDED_PROGRAMS: [&str; 4] = ["initdb", "pg_ctl", "postgres", "createdb"];

/// The programs of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Programs {
    /// Directory of the programs.
    pub(super) dir: PathBuf,
    version: u32,
}

impl Programs {
    /// The programs for a cluster of this version; when there is none yet, the first of `PATH`, else
    /// the newest.
    pub(super) async fn find(cluster: Option<&str>, db: &Path) -> Result<Self, PostgresError> {
        let mut found: Vec<Self> = Vec::new();
        for dir in directories().await {
            if found.iter().all(|known| known.dir != dir)
                && NEEDED_PROGRAMS.iter().all(|program| dir.join(program).is_file())
                && let Some(version) = version(&dir).await
            {
                found.push(Self { dir, version });
            }
        }
        choose(found, cluster, db)
    }
}

fn choose(
    found: Vec<Programs>,
    cluster: Option<&str>,
    db: &Path,
) -> Result<Programs, PostgresError> {
    let Some(newest) = found.iter().map(|programs| programs.version).max() else {
        return Err(PostgresError::NoPrograms);
    };
    let installed: Vec<String> = found.iter().map(|p| p.version.to_string()).collect();
    let fits = |p: &Programs| match cluster {
        Some(version) => p.version.to_string() == version,
        None => p.version >= OLDEST_VERSION,
    };
    found.into_iter().find(fits).ok_or_else(|| match cluster {
        Some(version) => PostgresError::OtherVersion {
            dir: db.to_owned(),
            cluster: version.to_owned(),
            installed: installed.join(" and "),
        },
        None => PostgresError::TooOld { found: newest, needed: OLDEST_VERSION },
    })
}

/// Directories that may have the programs, best first.
async fn directories() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut all: Vec<PathBuf> = env::split_paths(&path)
        // What `PATH` has may be a link; its neighbours are where it leads to.
        .filter_map(|dir| Some(dir.join("pg_ctl").canonicalize().ok()?.parent()?.to_owned()))
        .collect();
    let mut packaged = below("/usr/lib/postgresql", "");
    packaged.extend(below("/usr", "pgsql-"));
    packaged.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    all.extend(packaged.into_iter().map(|(_, dir)| dir));
    if let Ok(said) = Command::new("pg_config").arg("--bindir").output().await {
        all.push(PathBuf::from(String::from_utf8_lossy(&said.stdout).trim()));
    }
    all
}

/// The directories `<parent>/<prefix><number>/bin`, with their numbers.
fn below(parent: &str, prefix: &str) -> Vec<(u32, PathBuf)> {
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    let numbered = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        Some((name.strip_prefix(prefix)?.parse().ok()?, entry.path().join("bin")))
    };
    entries.flatten().filter_map(numbered).collect()
}

/// The major version of the programs in a directory.
async fn version(dir: &Path) -> Option<u32> {
    let said = Command::new(dir.join("pg_ctl")).arg("--version").output().await.ok()?;
    major(&String::from_utf8_lossy(&said.stdout))
}

/// The major version in `pg_ctl (PostgreSQL) 15.3 (Debian 15.3-0+deb12u1)`.
fn major(said: &str) -> Option<u32> {
    let number = said.split_once("(PostgreSQL)")?.1.trim_start();
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programs(version: u32) -> Programs {
        Programs { dir: format!("/{version}").into(), version }
    }

    #[test]
    fn the_cluster_decides_and_else_the_first_that_is_new_enough() {
        let db = Path::new("/data/postgres/db");
        let all = || vec![programs(13), programs(15), programs(17)];
        assert_eq!(choose(all(), None, db).unwrap(), programs(15));
        assert_eq!(choose(all(), Some("17"), db).unwrap(), programs(17));
        let refused = choose(all(), Some("16"), db).unwrap_err().to_string();
        assert!(refused.contains("Postgres 16") && refused.contains("13 and 15 and 17"));
        let refused = choose(vec![programs(13)], None, db).unwrap_err().to_string();
        assert_eq!(refused, "Postgres 13 is too old: install version 14 or later");
        let refused = choose(vec![], None, db).unwrap_err().to_string();
        assert!(refused.contains("apt-get install postgresql"), "{refused}");
    }

    #[test]
    fn reads_versions() {
        assert_eq!(major("pg_ctl (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major("pg_ctl (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major("something else"), None);
    }
}
