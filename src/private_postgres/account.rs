//! The user that runs Postgres. It refuses to run as root, so root hands it to an unprivileged one.

use std::{
    ffi::OsStr,
    fs,
    os::unix::fs::{MetadataExt, chown},
    path::Path,
};

use tokio::process::Command;

use super::PostgresError;

/// The user that runs Postgres, when it is not us.
#[derive(Clone, Debug)]
pub(super) struct Account {
    name: String,
    uid: u32,
    gid: u32,
    /// True if the data lies below a directory that this user may not pass through.
    walled: bool,
}

impl Account {
    /// The user for the Postgres in `dir`: its owner; for a new one, `postgres` or `nobody` in
    /// place of root. `None` is the current user.
    pub(super) fn for_directory(dir: &Path) -> Result<Option<Self>, PostgresError> {
        let us = rustix::process::geteuid().as_raw();
        let owner = match fs::metadata(dir) {
            Ok(found) => Some((found.uid(), found.gid())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(PostgresError::io(dir, error)),
        };
        match owner {
            Some((uid, _)) if us != 0 && uid != us => {
                Err(PostgresError::NotOurs { dir: dir.to_owned(), owner: uid })
            }
            _ if us != 0 => Ok(None),
            Some((uid, gid)) if uid != 0 => {
                Ok(Some(Self { name: format!("with the id {uid}"), uid, gid, walled: false }))
            }
            _ => Ok(Some(Self::unprivileged())),
        }
    }

    fn unprivileged() -> Self {
        let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let nobody = Self { name: "nobody".to_owned(), uid: 65534, gid: 65534, walled: false };
        ["postgres", "nobody"].iter().find_map(|name| find(&passwd, name)).unwrap_or(nobody)
    }

    /// Gives the user a file or directory of ours.
    pub(super) fn give(&self, path: &Path) -> Result<(), PostgresError> {
        chown(path, Some(self.uid), Some(self.gid)).map_err(|error| PostgresError::io(path, error))
    }

    /// Its id.
    pub(super) fn uid(&self) -> u32 {
        self.uid
    }

    /// Makes sure that the user can reach `dir`: by its permissions, or else by a capability that
    /// lets it pass through and read directories of others, but not write.
    pub(super) async fn reach(mut self, dir: &Path) -> Result<Self, PostgresError> {
        for walled in [false, true] {
            self.walled = walled;
            // Not `test -x`: the system call behind it ignores capabilities.
            let mut list = self.command(OsStr::new("ls"));
            list.arg("-d").arg(dir.join(".")).current_dir("/");
            let done = list.output().await.map_err(|_| PostgresError::NoSetpriv)?;
            if done.status.success() {
                return Ok(self);
            }
        }
        Err(PostgresError::OutOfReach { dir: dir.to_owned(), user: self.name })
    }

    /// A command that runs a program as this user.
    pub(super) fn command(&self, program: &OsStr) -> Command {
        let mut command = Command::new("setpriv");
        command.args([format!("--reuid={}", self.uid), format!("--regid={}", self.gid)]);
        command.arg("--clear-groups");
        if self.walled {
            command
                .args(["--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"]);
        }
        command.arg("--").arg(program);
        command
    }
}

/// The user of this name in the text of `/etc/passwd`.
fn find(passwd: &str, name: &str) -> Option<Account> {
    let fields = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let found = fields.into_iter().find(|fields| fields.first() == Some(&name))?;
    let id = |at: usize| found.get(at)?.parse().ok();
    Some(Account { name: name.to_owned(), uid: id(2)?, gid: id(3)?, walled: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_user() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\npostgres:x:101:104::/:/bin/sh\n";
        let found = find(passwd, "postgres").unwrap();
        assert_eq!((found.uid, found.gid), (101, 104));
        assert!(find(passwd, "post").is_none());
    }
}
