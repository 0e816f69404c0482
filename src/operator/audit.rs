//! The audit: one line for each change that a person or a program made, with who, when and what.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::files::{open, options, read_text};
use model::moment::Moment;

/// Bytes of the file; then it is put aside, and the one before it is removed.
const MAX_BYTES: u64 = 4 << 20;

/// A change that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLine {
    /// Moment of the change.
    pub at: Moment,
    /// The one who made it: the name of a token, or `cli`.
    pub by: Box<str>,
    /// The kind of change, such as `notice.open`.
    pub action: Box<str>,
    /// Id, slug or name of its subject.
    pub subject: Box<str>,
    /// A few words more; may be empty.
    pub detail: Box<str>,
}

/// The file of the lines.
#[derive(Debug)]
pub(super) struct Audit {
    path: PathBuf,
}

impl Audit {
    pub(super) fn new(dir: &Path) -> Self {
        Self { path: dir.join("audit.jsonl") }
    }

    /// Keeps a line, and logs it. A line that cannot be kept is in the log all the same.
    pub(super) fn keep(&self, line: &AuditLine) {
        let AuditLine { by, action, subject, detail, .. } = line;
        tracing::info!(
            by = &**by,
            action = &**action,
            subject = &**subject,
            detail = &**detail,
            "a change"
        );
        let write = || -> std::io::Result<()> {
            if fs::metadata(&self.path).is_ok_and(|meta| meta.len() > MAX_BYTES) {
                fs::rename(&self.path, self.path.with_extension("1.jsonl"))?;
            }
            let mut text = serde_json::to_vec(line)?;
            text.push(b'\n');
            open(&self.path, options().append(true))?.write_all(&text)
        };
        if let Err(error) = write() {
            tracing::error!(%error, file = %self.path.display(), "the audit cannot be kept");
        }
    }

    /// The last lines, newest first.
    pub(super) fn last(&self, most: usize) -> Vec<AuditLine> {
        let mut last = Vec::new();
        for path in [self.path.clone(), self.path.with_extension("1.jsonl")] {
            let text = read_text(&path).unwrap_or_default();
            let lines = text.lines().rev().filter_map(|line| serde_json::from_str(line).ok());
            last.extend(lines.take(most - last.len()));
        }
        last
    }
}
