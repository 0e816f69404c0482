//! Running the programs of Postgres, as its user, and reading their output.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    pin::pin,
    process::Stdio,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::{process::Command, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{PostgresError, account::Account, programs::Programs};

/// Longest start: after a crash Postgres has to read its journal again.
pub(super) const START_TIMEOUT: Duration = Duration::from_mins(3);
/// Time for a program to clean up after SIGTERM, and again for its end.
const KILL_TIMEOUT: Duration = Duration::from_secs(1);

/// The programs and the user who runs them.
#[derive(Debug)]
pub(super) struct Tools {
    /// Installation to use.
    pub(super) programs: Programs,
    /// User that runs them, if not the current one.
    pub(super) account: Option<Account>,
    /// Directory that errors name.
    pub(super) home: PathBuf,
}

impl Tools {
    /// A program of Postgres, as its user, apart from our terminal and our environment.
    pub(super) fn command(&self, program: &str) -> Command {
        let path = self.programs.dir.join(program);
        let mut command = match &self.account {
            Some(account) => account.command(path.as_os_str()),
            None => Command::new(path),
        };
        for (key, _) in std::env::vars_os().filter(|(key, _)| is_of_postgres(key)) {
            command.env_remove(key);
        }
        // A directory that its user can enter, and messages in a known language.
        command.current_dir("/").env("LC_ALL", "C").stdin(Stdio::null());
        // Ctrl-C in our terminal is for us: we stop Postgres last.
        command.process_group(0);
        command
    }

    /// Runs it to its end.
    pub(super) async fn run(&self, command: Command, program: &str) -> Result<(), PostgresError> {
        self.run_unless(command, program, &CancellationToken::new()).await
    }

    /// Runs it to its end, unless it is cancelled; then it is killed, with all that it started.
    pub(super) async fn run_unless(
        &self,
        mut command: Command,
        program: &str,
        stop: &CancellationToken,
    ) -> Result<(), PostgresError> {
        let failed = |said: String| PostgresError::Failed { program: program.to_owned(), said };
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().map_err(|error| failed(error.to_string()))?;
        let id = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let mut done = pin!(child.wait_with_output());
        let done = tokio::select! {
            done = timeout(START_TIMEOUT + Duration::from_secs(10), &mut done) => done,
            () = stop.cancelled() => {
                end(id, done).await;
                return Err(PostgresError::Stopped);
            }
        };
        let done = done
            .map_err(|_| failed("it did not end".to_owned()))?
            .map_err(|error| failed(error.to_string()))?;
        if done.status.success() {
            return Ok(());
        }
        let said = [done.stdout, done.stderr].concat();
        Err(said_by(program, &String::from_utf8_lossy(&said), &self.home))
    }
}

/// Ends a program: it may clear up for a while, then it and its children are killed.
async fn end(id: Option<Pid>, mut done: impl Future + Unpin) {
    let Some(id) = id else { return };
    // These fail only when it has ended by itself.
    let _ = kill_process(id, Signal::TERM);
    if timeout(KILL_TIMEOUT, &mut done).await.is_err() {
        let _ = kill_process_group(id, Signal::KILL);
        // Its children hold the other end of its output as well: this waits for them too.
        let _ = timeout(KILL_TIMEOUT, done).await;
    }
}

/// Returns whether a variable of the environment would change what the programs of Postgres do.
fn is_of_postgres(key: &OsStr) -> bool {
    key.as_encoded_bytes().starts_with(b"PG")
}

/// The error for a program's output about this directory. Programs report errors by text only; they
/// run in the C locale, so that it is always this text.
pub(super) fn said_by(program: &str, text: &str, dir: &Path) -> PostgresError {
    let dir = dir.to_owned();
    let has = |what: &str| text.contains(what);
    if has("No space left on device") || has("Disk quota exceeded") {
        PostgresError::DiskFull(dir)
    } else if has("Read-only file system") {
        PostgresError::ReadOnly(dir)
    } else if has("pre-existing shared memory block")
        || has("lock file") && has("already exists")
        // One that another process starts has not written it yet.
        || (has("lock file") || has("PID file")) && has("is empty")
    {
        PostgresError::Lingering(dir)
    } else if has("Permission denied") {
        PostgresError::NotWritable(dir)
    } else {
        let telling = |line: &&str| line.contains("FATAL") || line.contains("error:");
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let last = lines.clone().next_back().unwrap_or("it said nothing");
        let said = lines.rfind(telling).unwrap_or(last).to_owned();
        PostgresError::Failed { program: program.to_owned(), said }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_says_becomes_one_sentence() {
        let said = |text| said_by("pg_ctl", text, Path::new("/d")).to_string();
        assert!(said("x\nFATAL:  could not write: No space left on device\n").contains("is full"));
        assert!(said("mkdir: Read-only file system").contains("read-only"));
        assert_eq!(said("FATAL:  no luck\nhint\n"), "pg_ctl failed: FATAL:  no luck");
        assert_eq!(said("\n"), "pg_ctl failed: it said nothing");
        for text in [
            "pg_ctl: the PID file \"/d/db/postmaster.pid\" is empty",
            "FATAL:  lock file \"postmaster.pid\" is empty",
            "FATAL:  lock file \"postmaster.pid\" already exists",
        ] {
            let error = said_by("pg_ctl", text, Path::new("/d"));
            assert!(error.is_lingering(), "one that is starting is waited for: {error}");
        }
    }
}
