//! Errors, each in one sentence that tells the operator what to do.

use std::{io, path::PathBuf};

/// Reason why there is no private Postgres.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// Not installed.
    #[error(
        "the programs of Postgres (initdb, pg_ctl, postgres, createdb) are not on this machine: \
         install them (on Debian: apt-get install postgresql), or name a server in DATABASE_URL"
    )]
    NoPrograms,
    /// Installed, but too old.
    #[error("Postgres {found} is too old: install version {needed} or later")]
    TooOld {
        /// The newest that there is.
        found: u32,
        /// The oldest that will do.
        needed: u32,
    },
    /// The cluster needs programs of another version.
    #[error(
        "the database in {} was made by Postgres {cluster}, and this machine has Postgres \
         {installed}: install postgresql-{cluster}, or move that directory away to begin anew",
        dir.display()
    )]
    OtherVersion {
        /// The cluster.
        dir: PathBuf,
        /// Its version, as `PG_VERSION` has it.
        cluster: String,
        /// The versions of the programs.
        installed: String,
    },
    /// Another stillup has the data directory.
    #[error(
        "another stillup (process {holder}) uses the data directory {}: stop it, or choose another \
         directory with --data-dir", dir.display()
    )]
    InUse {
        /// The data directory.
        dir: PathBuf,
        /// Its process id, `unknown` when it has not written it yet.
        holder: String,
    },
    /// The disk is full.
    #[error("the disk of {} is full: make room, then start again", .0.display())]
    DiskFull(PathBuf),
    /// The file system cannot be written.
    #[error("{} is on a read-only file system: choose another directory with --data-dir", .0.display())]
    ReadOnly(PathBuf),
    /// We may not write there.
    #[error("{} cannot be written by this user: choose another directory with --data-dir", .0.display())]
    NotWritable(PathBuf),
    /// A file is in place of the directory, or of a parent of it.
    #[error("{} cannot be a directory, as there is a file in its place: choose another directory with --data-dir", .0.display())]
    NotADirectory(PathBuf),
    /// The cluster belongs to another user.
    #[error("{} belongs to the user with the id {owner}: start stillup as that user, or as root", dir.display())]
    NotOurs {
        /// The directory.
        dir: PathBuf,
        /// Its owner.
        owner: u32,
    },
    /// The unprivileged user cannot get there.
    #[error(
        "{} cannot be reached by the user {user}, as whom Postgres must run: choose another \
         directory with --data-dir, for instance below /var/lib", dir.display()
    )]
    OutOfReach {
        /// The directory.
        dir: PathBuf,
        /// The user.
        user: String,
    },
    /// Started as root without the program that drops privileges.
    #[error(
        "the program setpriv is not on this machine: install util-linux, or start stillup as an ordinary user"
    )]
    NoSetpriv,
    /// A path that `pg_ctl` would pass to a shell.
    #[error("{} has a quote, dollar sign, backslash or line break in it, which pg_ctl cannot take: choose another directory with --data-dir", .0.display())]
    BadPath(PathBuf),
    /// The last of a killed Postgres is still there.
    #[error("what is left of the Postgres that ran in {} has not ended yet", .0.display())]
    Lingering(PathBuf),
    /// It was asked to stop, and still runs.
    #[error(
        "the Postgres in {} was told to stop and still runs; it ends when what holds it up is over",
        .0.display()
    )]
    Stubborn(PathBuf),
    /// The start was cancelled.
    #[error("the private Postgres was told to end before it ran")]
    Stopped,
    /// Any other failure of a program.
    #[error("{program} failed: {said}")]
    Failed {
        /// The program.
        program: String,
        /// The most informative line of its output.
        said: String,
    },
    /// Any other failure of the system.
    #[error("{}: {error}", path.display())]
    Io {
        /// About what.
        path: PathBuf,
        /// The error.
        error: io::Error,
    },
}

impl PostgresError {
    /// Returns whether it goes away after a short wait.
    pub(super) fn is_lingering(&self) -> bool {
        matches!(self, Self::Lingering(_))
    }

    /// The sentence for an error of the file system.
    pub(super) fn io(path: impl Into<PathBuf>, error: io::Error) -> Self {
        let path = path.into();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull(path),
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly(path),
            io::ErrorKind::PermissionDenied => Self::NotWritable(path),
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
                Self::NotADirectory(path)
            }
            _ => Self::Io { path, error },
        }
    }
}
