//! Checks of one kind in a row.

use serde::{Deserialize, Serialize};

use crate::moment::Moment;

/// Checks of one kind in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) first: Moment,
    pub(super) count: u32,
}

/// Adds a check to a run.
pub(super) fn grow(run: &mut Option<Run>, at: Moment) -> Run {
    let grown = match *run {
        Some(Run { first, count }) => Run { first, count: count.saturating_add(1) },
        None => Run { first: at, count: 1 },
    };
    *run = Some(grown);
    grown
}

/// A run that is as long as wanted.
pub(super) fn long(run: Option<Run>, wanted: u32) -> Option<Run> {
    run.filter(|run| run.count >= wanted)
}

/// Returns whether there is a run, but a shorter one than wanted.
pub(super) fn short(run: Option<Run>, wanted: u32) -> bool {
    run.is_some_and(|run| run.count < wanted)
}
