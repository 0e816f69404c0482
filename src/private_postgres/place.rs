//! Paths of the private Postgres.

use std::{
    fs::{self, DirBuilder},
    hash::{DefaultHasher, Hash, Hasher},
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
};

use super::{PostgresError, account::Account};

/// The bytes that the path of a Unix socket may have (`sun_path`, without its end).
const MAX_SOCKET_PATH: usize = 107;
/// The socket's name in its directory. The number is only a name: nothing listens on a port.
pub(super) const PORT: u16 = 5432;

/// The directories of one cluster; see the head of [`super`].
#[derive(Clone, Debug)]
pub(super) struct ClusterPaths {
    /// All of it.
    pub(super) home: PathBuf,
    /// The cluster.
    pub(super) db: PathBuf,
    /// Its log.
    pub(super) log: PathBuf,
    /// Directory of its socket, when we start it.
    pub(super) run: PathBuf,
}

impl ClusterPaths {
    /// The paths under this data directory, which is made if need be.
    pub(super) fn under(data_dir: &Path) -> Result<Self, PostgresError> {
        let failed = |error| PostgresError::io(data_dir, error);
        fs::create_dir_all(data_dir).map_err(failed)?;
        let data_dir = data_dir.canonicalize().map_err(failed)?;
        // pg_ctl puts its paths between double quotes into a line for the shell.
        let bad = |b: &u8| matches!(b, b'"' | b'$' | b'`' | b'\\' | b'\n' | b'\r');
        if data_dir.as_os_str().as_encoded_bytes().iter().any(bad) {
            return Err(PostgresError::BadPath(data_dir));
        }
        let home = data_dir.join("postgres");
        let run = socket_directory(&home);
        Ok(Self { db: home.join("db"), log: home.join("log"), run, home })
    }

    /// Makes the directories, for the user of Postgres.
    pub(super) fn make(&self, account: Option<&Account>) -> Result<(), PostgresError> {
        for dir in [&self.home, &self.run] {
            let made = DirBuilder::new().mode(0o700).create(dir);
            match made {
                Ok(()) => account.map_or(Ok(()), |account| account.give(dir))?,
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                    private(dir, account)?;
                }
                Err(error) => return Err(PostgresError::io(dir, error)),
            }
        }
        Ok(())
    }

    /// The files that say which process has the cluster, and which the socket.
    pub(super) fn locks(&self) -> [PathBuf; 2] {
        [self.db.join("postmaster.pid"), self.run.join(format!(".s.PGSQL.{PORT}.lock"))]
    }

    /// The major version of the cluster, if there is one.
    pub(super) fn version(&self) -> Result<Option<String>, PostgresError> {
        let file = self.db.join("PG_VERSION");
        match fs::read_to_string(&file) {
            Ok(text) => Ok(Some(text.trim().to_owned())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(PostgresError::io(file, error)),
        }
    }
}

/// Refuses a directory that another user made or can enter: every user who can reach the socket is
/// trusted, and a name in `/tmp` can be taken by anybody.
fn private(dir: &Path, account: Option<&Account>) -> Result<(), PostgresError> {
    let found = fs::symlink_metadata(dir).map_err(|error| PostgresError::io(dir, error))?;
    let wanted = account.map_or_else(|| rustix::process::geteuid().as_raw(), Account::uid);
    if found.is_dir() && found.uid() == wanted && found.mode().trailing_zeros() >= 6 {
        return Ok(());
    }
    // Made by us as root, and not given away before we were killed.
    if let (Some(account), true, 0) = (account, found.is_dir(), found.uid()) {
        return account.give(dir);
    }
    Err(PostgresError::NotOurs { dir: dir.to_owned(), owner: found.uid() })
}

/// Directory of the socket: beside the cluster if its path is short and plain enough, otherwise one
/// of its own, named after the path.
fn socket_directory(home: &Path) -> PathBuf {
    let beside = home.join("run");
    let path = beside.join(format!(".s.PGSQL.{PORT}"));
    let bytes = path.as_os_str().as_encoded_bytes();
    // Others have a meaning in the setting `unix_socket_directories`, or to the shell.
    let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'_' | b'-' | b'+');
    if bytes.len() <= MAX_SOCKET_PATH && bytes.iter().all(plain) {
        return beside;
    }
    let mut hasher = DefaultHasher::new();
    home.hash(&mut hasher);
    let root = rustix::process::geteuid().is_root() && Path::new("/run").is_dir();
    let base = if root { "/run" } else { "/tmp" };
    PathBuf::from(format!("{base}/stillup-{:016x}", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_is_beside_the_cluster_unless_its_path_would_be_too_long() {
        assert_eq!(socket_directory(Path::new("/d/postgres")), Path::new("/d/postgres/run"));
        let deep = PathBuf::from(format!("/{}/postgres", "d".repeat(79)));
        assert!(socket_directory(&deep).starts_with(&deep));
        for odd in [format!("/{}/postgres", "d".repeat(80)), "/a, b/postgres".to_owned()] {
            let short = socket_directory(Path::new(&odd));
            assert!(short.as_os_str().len() < 40 && !short.starts_with(&odd), "{short:?}");
        }
    }

    #[test]
    fn a_directory_that_others_may_look_into_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
        assert!(private(dir.path(), None).is_ok());
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        assert!(private(dir.path(), None).is_err());
    }
}
