//! A directory for one replay, which is gone when it is dropped.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A directory for one replay.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// Makes a new one.
    pub(super) fn new() -> io::Result<Self> {
        let mut number = 0;
        loop {
            let name = format!("stillup-replay-{}-{number}", std::process::id());
            let path = std::env::temp_dir().join(name);
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 100 => {
                    number += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Its path.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // The directory of temporary files is cleaned by the system in the end.
        drop(fs::remove_dir_all(&self.0));
    }
}
