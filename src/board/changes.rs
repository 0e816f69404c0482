//! The last changes of verdicts, numbered from 1 since the start, so that a follower can resume
//! where it stopped.
//!
//! Followers pull: a slow one costs no memory here. At most [`MAX_CHANGES`] are kept; a follower that is
//! further behind learns that some are lost.

use std::{collections::VecDeque, sync::Arc};

use super::LiveSite;
use model::{
    moment::Moment,
    note::Note,
    outcome::Failure,
    verdict::{Status, Verdict},
};

/// Changes that are kept.
const MAX_CHANGES: usize = 512;

/// A site as it was when its verdict had just changed.
#[derive(Clone, Debug)]
pub struct ChangedSite {
    /// Its number, one more than that of the change before.
    pub number: u64,
    /// The site.
    pub live: Arc<LiveSite>,
}

/// Some changes are no longer kept: only the current state helps to catch up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost;

/// The last changes, oldest first.
#[derive(Debug, Default)]
pub(super) struct Changes {
    kept: VecDeque<ChangedSite>,
    newest: u64,
}

impl Changes {
    /// Keeps a change, and returns its number.
    pub(super) fn push(&mut self, live: Arc<LiveSite>) -> u64 {
        self.newest += 1;
        if self.kept.len() == MAX_CHANGES {
            self.kept.pop_front();
        }
        self.kept.push_back(ChangedSite { number: self.newest, live });
        self.newest
    }

    /// The changes after this number, oldest first, at most `most`.
    pub(super) fn after(&self, number: u64, most: usize) -> Result<Vec<ChangedSite>, Lost> {
        let first = self.newest - self.kept.len() as u64;
        if number < first || number > self.newest {
            return Err(Lost);
        }
        let skipped = (number - first) as usize;
        Ok(self.kept.iter().skip(skipped).take(most).cloned().collect())
    }
}

/// The parts of a verdict that make it a new one: not the wording of its detail.
pub(super) fn change_key(
    verdict: &Verdict,
) -> (Status, bool, Option<Moment>, Option<Failure>, Vec<Note>) {
    let failure = verdict.cause.as_ref().map(|cause| cause.failure);
    (verdict.status, verdict.restricted, verdict.since, failure, verdict.notes.clone())
}
