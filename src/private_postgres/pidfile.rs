//! `postmaster.pid`: whether this very Postgres runs, and where its socket is.
//!
//! A number alone proves nothing: after a crash or a reboot another process may have it. A postmaster
//! lives in its cluster's directory; that is the proof.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rustix::process::{Pid, test_kill_process};

/// Contents of `postmaster.pid` of a running Postgres.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Running {
    /// The directory of its socket.
    pub(super) socket: PathBuf,
    /// True if it accepts connections.
    pub(super) ready: bool,
}

/// The Postgres that runs on this cluster, if one does.
pub(super) fn running(db: &Path) -> Option<Running> {
    let text = fs::read_to_string(db.join("postmaster.pid")).ok()?;
    lives_in(process(&text)?, db).then(|| contents(&text))
}

/// The process that a lock file names.
fn process(text: &str) -> Option<Pid> {
    let number = text.lines().next()?.trim().parse().ok().filter(|pid| *pid > 0)?;
    Pid::from_raw(number)
}

/// Lines of the file: pid, directory, start, port, socket directory, address, shared memory, state.
/// Postgres writes the later ones as it gets so far.
fn contents(text: &str) -> Running {
    let mut lines = text.lines().map(str::trim);
    let socket = lines.nth(4).unwrap_or_default();
    Running { socket: PathBuf::from(socket), ready: lines.nth(2) == Some("ready") }
}

/// Removes the lock files of a dead Postgres for which Postgres would refuse to start: those with a
/// process id that another process has since, and empty ones, as a power cut leaves them. `locks` are
/// `postmaster.pid` and the socket's lock file. Postgres itself checks, by its shared memory, that no
/// part of the old one is left.
///
/// Postgres leaves an empty one to the operator because another Postgres may have created it and be
/// about to write it, within the moment. Wait a while after [`has_empty`] before this: one that is
/// still empty then, while no process has the data directory as its own, was left by a dead one.
pub(super) fn clear_dead(db: &Path, locks: [PathBuf; 2]) -> Result<(), (PathBuf, io::Error)> {
    if running(db).is_some() {
        return Ok(());
    }
    for file in locks {
        let exists = |pid| !matches!(test_kill_process(pid), Err(rustix::io::Errno::SRCH));
        let dead = match fs::read_to_string(&file) {
            Ok(text) if is_empty(&text) => !anybody_lives_in(db),
            Ok(text) => process(&text).is_some_and(exists),
            Err(_) => false,
        };
        if dead {
            tracing::warn!(file = %file.display(), "removing the lock file of a dead Postgres");
            fs::remove_file(&file).map_err(|error| (file, error))?;
        }
    }
    Ok(())
}

/// Returns whether one of these lock files is there and empty.
pub(super) fn has_empty(locks: &[PathBuf; 2]) -> bool {
    locks.iter().any(|file| fs::read_to_string(file).is_ok_and(|text| is_empty(&text)))
}

/// Returns whether this is what a power cut leaves: nothing, or zeros in the place of what was not written.
fn is_empty(text: &str) -> bool {
    text.trim_matches('\0').is_empty()
}

/// Returns whether any process may have this directory as its own.
fn anybody_lives_in(db: &Path) -> bool {
    if !Path::new("/proc/self/cwd").exists() {
        return true;
    }
    let Ok(processes) = fs::read_dir("/proc") else { return true };
    let mut homes = processes.flatten().map(|process| fs::read_link(process.path().join("cwd")));
    homes.any(|home| home.is_ok_and(|home| home == db))
}

/// Returns whether a process with this id has this directory as its own. A zombie has none.
fn lives_in(pid: Pid, db: &Path) -> bool {
    if Path::new("/proc/self/cwd").exists() {
        return fs::read_link(format!("/proc/{}/cwd", pid.as_raw_nonzero()))
            .is_ok_and(|cwd| cwd == db);
    }
    test_kill_process(pid).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn another_process_with_the_number_is_not_taken_for_postgres() {
        let db = tempfile::tempdir().unwrap();
        assert_eq!(running(db.path()), None);
        let write = |pid: u32| {
            let text = format!("{pid}\n/x\n1\n5432\n/run/x\n\n  1 2\nready   \n");
            fs::write(db.path().join("postmaster.pid"), text).unwrap();
        };
        write(std::process::id());
        assert_eq!(running(db.path()), None);
        write(0);
        assert_eq!(running(db.path()), None);

        let mut child =
            std::process::Command::new("sleep").arg("60").current_dir(db.path()).spawn().unwrap();
        write(child.id());
        let found = running(db.path());
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(found, Some(Running { socket: "/run/x".into(), ready: true }));
        assert_eq!(running(db.path()), None);
    }

    #[test]
    fn an_empty_lock_file_is_of_the_dead_where_no_process_lives() {
        let db = tempfile::tempdir().unwrap();
        let locks = [db.path().join("postmaster.pid"), db.path().join("socket.lock")];
        assert!(!has_empty(&locks));
        for file in &locks {
            fs::write(file, "").unwrap();
        }
        assert!(has_empty(&locks));
        let mut starting =
            std::process::Command::new("sleep").arg("60").current_dir(db.path()).spawn().unwrap();
        // It is there once it has become the other program.
        while fs::read_link(format!("/proc/{}/cwd", starting.id())).ok().as_deref()
            != Some(db.path())
        {
            std::thread::yield_now();
        }
        clear_dead(db.path(), locks.clone()).unwrap();
        assert!(has_empty(&locks), "it is about to write them");
        starting.kill().unwrap();
        starting.wait().unwrap();
        clear_dead(db.path(), locks.clone()).unwrap();
        assert!(locks.iter().all(|file| !file.exists()));
    }

    proptest! {
        #[test]
        fn whatever_is_in_the_file_a_process_has_a_number_and_is_ready_only_when_it_says_so(
            lines in proptest::collection::vec("-?[0-9]{0,12}|ready *|\\PC{0,8}", 0..10),
        ) {
            let text = lines.join("\n");
            prop_assert!(process(&text).is_none_or(|pid| pid.as_raw_nonzero().get() > 0));
            let said = lines.get(7).is_some_and(|line| line.trim() == "ready");
            prop_assert_eq!(contents(&text).ready, said);
        }
    }
}
