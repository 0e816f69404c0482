//! Rows that Postgres refuses for their contents, set aside so that they hold up nothing and are
//! not lost: JSON lines in `refused.jsonl`, beside the segments.
//!
//! `stillup journal refused` shows them and can retry them. It may do so while the service goes on
//! setting rows aside: each holds a lock while it touches the files, and rows being retried are in
//! a file of another name meanwhile, so that a crash loses none of them.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, ErrorKind, Write},
    os::unix::fs::{MetadataExt, fchown},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::Entry;
use model::moment::Moment;
use prober::journal::Folder;

/// Largest size of the file, in bytes: past that, the recorder waits instead, and the journal keeps
/// all.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// A row that was refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefusedRow {
    /// Moment of the refusal.
    pub at: Moment,
    /// The SQLSTATE of the refusal.
    pub sqlstate: Box<str>,
    /// Message of Postgres.
    pub said: Box<str>,
    /// Entry that was refused.
    pub entry: Entry,
}

/// The file of rows that were refused.
#[derive(Clone, Debug)]
pub struct RefusedRows(PathBuf);

impl RefusedRows {
    /// Those of this journal.
    pub fn of(folder: &Folder) -> Self {
        Self(folder.path().to_owned())
    }

    /// Sets rows aside, all or none.
    ///
    /// # Errors
    /// Fails when the disk does not take them, or there are too many already.
    pub fn add(&self, rows: &[RefusedRow]) -> io::Result<()> {
        let mut lines = Vec::new();
        for row in rows {
            serde_json::to_writer(&mut lines, row)?;
            lines.push(b'\n');
        }
        let _locked = self.lock()?;
        let mut file = self.open_to_append(&self.file())?;
        let before = file.metadata()?.len();
        if before + lines.len() as u64 > MAX_BYTES {
            return Err(io::Error::other("too many rows are set aside"));
        }
        let written = file.write_all(&lines).and_then(|()| file.sync_data());
        if written.is_err() {
            // A torn line would swallow the next one.
            file.set_len(before)?;
        }
        written
    }

    /// Every row that is set aside, oldest first.
    ///
    /// # Errors
    /// Fails when the files cannot be read.
    pub fn rows(&self) -> io::Result<Vec<RefusedRow>> {
        let _locked = self.lock()?;
        let mut rows = read(&self.retried())?;
        rows.append(&mut read(&self.file())?);
        Ok(rows)
    }

    /// Number of rows set aside.
    ///
    /// # Errors
    /// Fails when the files cannot be read.
    pub fn count(&self) -> io::Result<u64> {
        let mut count = 0;
        for path in [self.retried(), self.file()] {
            let Some(file) = open(&path)? else { continue };
            for line in BufReader::new(file).split(b'\n') {
                count += u64::from(!line?.is_empty());
            }
        }
        Ok(count)
    }

    /// Size of the files, a cheap sign of new rows.
    pub fn bytes(&self) -> u64 {
        let bytes = |path| fs::metadata(path).map_or(0, |file| file.len());
        bytes(self.retried()) + bytes(self.file())
    }

    /// Takes every row to be tried again. They stay on disk until [`Self::put_back`] says what became
    /// of them.
    ///
    /// # Errors
    /// Fails when the files cannot be read or moved.
    pub fn take(&self) -> io::Result<Vec<RefusedRow>> {
        let _locked = self.lock()?;
        let (taken, file) = (self.retried(), self.file());
        if taken.exists() {
            // An earlier try was cut short: these come first.
            let mut all = fs::read(&taken)?;
            if file.exists() {
                all.append(&mut fs::read(&file)?);
            }
            let draft = self.0.join("refused.draft");
            drop(fs::remove_file(&draft));
            self.open_to_append(&draft)?.write_all(&all)?;
            fs::rename(draft, &taken)?;
            drop(fs::remove_file(&file));
        } else if file.exists() {
            fs::rename(&file, &taken)?;
        }
        read(&taken)
    }

    /// Ends a retry: these of the rows taken are still refused.
    ///
    /// # Errors
    /// Fails when the disk does not take them; then all that were taken stay.
    pub fn put_back(&self, rows: &[RefusedRow]) -> io::Result<()> {
        if !rows.is_empty() {
            self.add(rows)?;
        }
        match fs::remove_file(self.retried()) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn lock(&self) -> io::Result<File> {
        let lock = self.open_to_append(&self.0.join("refused.lock"))?;
        lock.lock()?;
        Ok(lock)
    }

    /// A file of ours. One that an operator's command makes as root gets the owner of the service,
    /// which could not write to it otherwise.
    fn open_to_append(&self, path: &Path) -> io::Result<File> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let folder = fs::metadata(&self.0)?;
        if file.metadata()?.uid() != folder.uid() {
            fchown(&file, Some(folder.uid()), Some(folder.gid()))?;
        }
        Ok(file)
    }

    fn file(&self) -> PathBuf {
        self.0.join("refused.jsonl")
    }

    fn retried(&self) -> PathBuf {
        self.0.join("refused-retried.jsonl")
    }
}

fn open(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        opened => opened.map(Some),
    }
}

/// The rows of a file; lines that are no rows of ours are skipped, and logged.
fn read(path: &Path) -> io::Result<Vec<RefusedRow>> {
    let Some(file) = open(path)? else { return Ok(Vec::new()) };
    let mut rows = Vec::new();
    for line in BufReader::new(file).split(b'\n') {
        let line = line?;
        match serde_json::from_slice(&line) {
            Ok(row) => rows.push(row),
            Err(_) if line.is_empty() => {}
            Err(error) => {
                tracing::warn!(%error, path = %path.display(), "a line cannot be read and is skipped");
            }
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use model::{
        check::Check,
        name::{Region, Slug},
        outcome::{Failure, Outcome},
    };

    fn refusal(number: i64) -> RefusedRow {
        let check = Check {
            slug: Slug::new("a.example").unwrap(),
            region: Region::default(),
            at: Moment::from_millis(number),
            outcome: Outcome::failed(Failure::Dns, "for a test"),
            attempts: 1,
        };
        let (sqlstate, said) = ("22021".into(), "invalid byte \"\\0\"\nin it".into());
        RefusedRow {
            at: Moment::from_millis(9),
            sqlstate,
            said,
            entry: Entry::Check(Arc::new(check)),
        }
    }

    #[test]
    fn what_is_set_aside_stays_until_a_retry_says_what_became_of_it() {
        let dir = tempfile::tempdir().unwrap();
        let refused = RefusedRows::of(&Folder::open(dir.path()).unwrap());
        assert_eq!((refused.count().unwrap(), refused.bytes()), (0, 0));
        refused.add(&[refusal(1), refusal(2)]).unwrap();
        refused.add(&[refusal(3)]).unwrap();
        assert_eq!(refused.count().unwrap(), 3);
        assert_eq!(refused.rows().unwrap(), [1, 2, 3].map(refusal));
        assert_eq!(refused.take().unwrap(), [1, 2, 3].map(refusal));
        // The service goes on meanwhile, and the retry is killed.
        refused.add(&[refusal(4)]).unwrap();
        assert_eq!(refused.count().unwrap(), 4);
        assert_eq!(refused.take().unwrap(), [1, 2, 3, 4].map(refusal));
        refused.put_back(&[refusal(2)]).unwrap();
        assert_eq!(refused.rows().unwrap(), [refusal(2)]);
        assert_eq!(refused.take().unwrap(), [refusal(2)]);
        refused.put_back(&[]).unwrap();
        assert_eq!((refused.count().unwrap(), refused.bytes()), (0, 0));
    }

    #[test]
    fn a_line_that_makes_no_sense_is_passed_over_and_the_file_is_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let refused = RefusedRows::of(&Folder::open(dir.path()).unwrap());
        fs::write(dir.path().join("refused.jsonl"), "{\"at\":\n\n").unwrap();
        refused.add(&[refusal(1)]).unwrap();
        assert_eq!(refused.rows().unwrap(), [refusal(1)]);
        let file = OpenOptions::new().append(true).open(dir.path().join("refused.jsonl")).unwrap();
        file.set_len(MAX_BYTES).unwrap();
        assert!(refused.add(&[refusal(2)]).is_err());
        assert_eq!(file.metadata().unwrap().len(), MAX_BYTES);
    }
}
