//! Files of the data directory that commands, programs and people change while the service runs.
//!
//! Each change is made under a lock and written whole: another process sees the old file or the new
//! one. A file that cannot be read changes nothing, and is told once.

use std::{
    fs::{self, DirBuilder, File},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use super::Refusal;
use crate::atomic_file::{self, OWNER_ONLY};
use crate::config::{ConfigProblem, FileMark, problem_lines};

/// Largest file that is read.
pub(super) const MAX_FILE: u64 = 16 << 20;

/// Reads the text of a file, with its name in problems.
pub(super) type Read<T> = fn(&str, &str) -> Result<Vec<T>, Vec<ConfigProblem>>;

/// A list that stands in a file of its own.
#[derive(Debug)]
pub(super) struct KeptList<T> {
    path: PathBuf,
    read: Read<T>,
    write: fn(&[T]) -> String,
    state: Mutex<FileState>,
    list: watch::Sender<Arc<[T]>>,
}

/// State of the file at the last look.
#[derive(Debug, Default)]
struct FileState {
    /// Its text, which is the same one as long as nothing changes.
    text: Arc<str>,
    /// Its mark then.
    mark: Option<FileMark>,
    /// The reason why that text was not taken.
    problem: Option<String>,
}

impl<T: Clone> KeptList<T> {
    /// The list of this file, as far as it can be read.
    pub(super) fn open(path: PathBuf, read: Read<T>, write: fn(&[T]) -> String) -> Self {
        let list = watch::Sender::new(Arc::from(Vec::new()));
        let kept = Self { path, read, write, state: Mutex::default(), list };
        kept.look();
        kept
    }

    /// The list in force.
    pub(super) fn list(&self) -> Arc<[T]> {
        self.list.borrow().clone()
    }

    /// Changes of the list.
    pub(super) fn follow(&self) -> watch::Receiver<Arc<[T]>> {
        self.list.subscribe()
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Text of the file at the last look; `None` when that was not taken.
    pub(super) fn taken_text(&self) -> Option<Arc<str>> {
        let seen = self.seen();
        seen.problem.is_none().then(|| seen.text.clone())
    }

    /// The text of a file with this list.
    pub(super) fn text_of(&self, list: &[T]) -> String {
        (self.write)(list)
    }

    /// Reason why the file as it is was not taken.
    pub(super) fn problem(&self) -> Option<String> {
        self.seen().problem.clone()
    }

    /// Takes the file if it is another one than at the last look.
    pub(super) fn look(&self) {
        let now = FileMark::of(&self.path);
        {
            let mut seen = self.seen();
            // What could not be read or taken may be right now, such as when a permission has changed.
            if std::mem::replace(&mut seen.mark, now) == now && seen.problem.is_none() {
                return;
            }
        }
        match read_text(&self.path) {
            Ok(text) => self.take(text),
            Err(error) => self.refuse(format!("{} cannot be read: {error}", self.path.display())),
        }
    }

    fn take(&self, text: String) {
        let mut seen = self.seen();
        if *seen.text == *text {
            seen.problem = seen.problem.take().filter(|_| self.parse(&text).is_err());
            return;
        }
        match self.parse(&text) {
            Ok(list) => {
                if list.is_empty() && !self.list.borrow().is_empty() {
                    tracing::warn!(file = %self.path.display(), "nothing stands in it any more");
                }
                seen.problem = None;
                self.list.send_replace(list.into());
            }
            Err(problem) => {
                tracing::error!("{problem}\nnothing of it was taken");
                seen.problem = Some(problem);
            }
        }
        seen.text = text.into();
    }

    fn refuse(&self, problem: String) {
        let mut seen = self.seen();
        if seen.problem.as_ref() != Some(&problem) {
            tracing::error!("{problem}");
            seen.problem = Some(problem);
        }
    }

    /// Reads the text of a file.
    pub(super) fn parse(&self, text: &str) -> Result<Vec<T>, String> {
        let file = self.path.display().to_string();
        (self.read)(text, &file).map_err(|problems| problem_lines(&problems))
    }

    /// Changes the list in its file; what it is then is in force at once.
    pub(super) fn edit<R>(
        &self,
        change: impl FnOnce(&mut Vec<T>) -> Result<R, Refusal>,
    ) -> Result<R, Refusal> {
        let done = edit(&self.path, |text| {
            let mut list = self.parse(text).map_err(|problem| {
                Refusal::Conflict(format!("{problem}\nmend the file first; nothing was changed"))
            })?;
            let done = change(&mut list)?;
            let written = self.text_of(&list);
            // What is written must be read again: by us, and at every start.
            self.parse(&written).map_err(Refusal::Failed)?;
            if written.len() as u64 > MAX_FILE {
                let file = self.path.display();
                return Err(Refusal::Conflict(format!(
                    "{file} would be larger than 16 MiB; take old entries out"
                )));
            }
            Ok((written, done))
        })?;
        self.look();
        Ok(done)
    }

    // A poisoned lock guards a text and a sentence, each of which is whole: going on is better.
    fn seen(&self) -> MutexGuard<'_, FileState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The text of a file; empty when there is none.
pub(super) fn read_text(path: &Path) -> io::Result<String> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        Err(error) => return Err(error),
    };
    let mut text = String::new();
    let read = io::Read::read_to_string(&mut io::Read::take(file, MAX_FILE + 1), &mut text)?;
    if read as u64 > MAX_FILE {
        return Err(io::Error::other("it is larger than 16 MiB"));
    }
    Ok(text)
}

/// Changes a file under its lock; it is written whole or not at all, over a power cut too.
pub(super) fn edit<R>(
    path: &Path,
    change: impl FnOnce(&str) -> Result<(String, R), Refusal>,
) -> Result<R, Refusal> {
    let failed = |error: io::Error| {
        Refusal::Failed(format!("{} cannot be written: {error}", path.display()))
    };
    if let Some(dir) = path.parent() {
        // Others may pass through it, as a private Postgres of another user must, and not look into it.
        DirBuilder::new().recursive(true).mode(0o751).create(dir).map_err(failed)?;
    }
    let lock = open(&path.with_extension("lock"), &mut options()).map_err(failed)?;
    lock.lock().map_err(failed)?;
    let before = read_text(path).map_err(failed)?;
    let (after, done) = change(&before)?;
    if after != before {
        atomic_file::write(path, after.as_bytes(), OWNER_ONLY).map_err(failed)?;
    }
    Ok(done)
}

/// Opens a file of the data directory, for the owner of that.
pub(super) fn open(path: &Path, options: &mut fs::OpenOptions) -> io::Result<File> {
    let file = options.open(path)?;
    atomic_file::give_to_owner_of_folder(&file, path)?;
    Ok(file)
}

/// Files for the owner's eyes alone.
pub(super) fn options() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.create(true).write(true).mode(OWNER_ONLY);
    options
}
