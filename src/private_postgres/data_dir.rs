//! The data directory, and the proof that no other stillup uses it.
//!
//! The proof is a lock that the system lets go when we end, however we end.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use super::PostgresError;

/// A data directory that is ours as long as this lives.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    lock: File,
}

impl DataDir {
    /// Makes the directory if it does not exist, and locks it.
    ///
    /// # Errors
    /// Fails when another stillup has it, or it cannot be made or written.
    pub fn claim(path: &Path) -> Result<Self, PostgresError> {
        make(path).map_err(|error| PostgresError::io(path, error))?;
        let path = path.canonicalize().map_err(|error| PostgresError::io(path, error))?;
        let lock = path.join("lock");
        let failed = |error| PostgresError::io(&lock, error);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(PostgresError::InUse { dir: path, holder: holder(&mut file) });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        file.set_len(0).map_err(failed)?;
        file.rewind().map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Self { path, lock: file })
    }

    /// Path without symbolic links.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for DataDir {
    /// Gives the lock back. Closing the file would not do: a child that another thread is starting
    /// holds a copy of it until its own program runs, and the lock with it.
    fn drop(&mut self) {
        if let Err(error) = self.lock.unlock() {
            tracing::debug!(%error, dir = %self.path.display(), "the lock was not given back");
        }
    }
}

/// Makes the directory, its parents as usual. Others may not look into it; when we are root they may
/// pass through it, as Postgres, which runs as another user, must.
fn make(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let mode = if rustix::process::geteuid().is_root() { 0o751 } else { 0o750 };
    DirBuilder::new().mode(mode).create(path)
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    match file.read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => text.trim().to_owned(),
        _ => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_claim_is_refused_and_names_the_first() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        let first = DataDir::claim(&path).unwrap();
        let refused = DataDir::claim(&path).unwrap_err().to_string();
        assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
        drop(first);
        DataDir::claim(&path).unwrap();
    }

    #[test]
    fn a_directory_is_free_again_while_a_child_still_holds_a_copy_of_the_lock() {
        let parent = tempfile::tempdir().unwrap();
        let first = DataDir::claim(parent.path()).unwrap();
        let copy_of_a_child = first.lock.try_clone().unwrap();
        drop(first);
        DataDir::claim(parent.path()).unwrap();
        drop(copy_of_a_child);
    }

    #[test]
    fn a_file_in_the_way_is_told() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for path in [file.path().to_owned(), file.path().join("data")] {
            let refused = DataDir::claim(&path).unwrap_err();
            assert!(matches!(&refused, PostgresError::NotADirectory(told) if *told == path));
        }
    }
}
