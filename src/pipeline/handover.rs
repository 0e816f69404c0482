//! Handover between the journal writer and the recorder: a signal that the journal has something
//! new, and, at the end, the lines that no journal has.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::timeout};

use crate::pipeline::Entry;

/// Signal and lines that the journal writer hands to the recorder.
#[derive(Debug, Default)]
pub struct Handover {
    news: Notify,
    /// Whole lines that the disk did not take.
    left: Mutex<Vec<u8>>,
}

impl Handover {
    /// Says that there is something new in the journal.
    pub(super) fn tell(&self) {
        self.news.notify_one();
    }

    /// Waits for something new, but no longer than this; false when there was nothing.
    pub(super) async fn news(&self, patience: Duration) -> bool {
        timeout(patience, self.news.notified()).await.is_ok()
    }

    /// Leaves lines that are in no journal, at the end.
    pub(super) fn leave(&self, lines: Vec<u8>) {
        *self.left.lock().unwrap_or_else(PoisonError::into_inner) = lines;
    }

    /// Takes what was left.
    pub(super) fn take(&self) -> Vec<Entry> {
        let lines = std::mem::take(&mut *self.left.lock().unwrap_or_else(PoisonError::into_inner));
        let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.filter_map(|line| serde_json::from_slice(line).ok()).collect()
    }
}
