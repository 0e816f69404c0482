//! A lookup under way: one probe, and all visitors who wait for it.

use std::sync::Arc;

use tokio::sync::watch;

use crate::lookup::answer::LookupAnswer;
use model::outcome::Cause;

/// Progress of a lookup.
#[derive(Clone, Debug)]
pub enum LookupProgress {
    /// We are looking.
    Looking,
    /// The first look failed, or was slow: we are looking again to be sure.
    Again(Option<Cause>),
    /// It is answered.
    Done(Arc<LookupAnswer>),
}

/// A handle on the end of a lookup under way. Dropping it ends the waiting, not the lookup.
#[derive(Clone, Debug)]
pub struct Coming {
    pub(super) progress: watch::Receiver<LookupProgress>,
}

impl Coming {
    /// Current progress.
    pub fn now(&mut self) -> LookupProgress {
        self.progress.borrow_and_update().clone()
    }

    /// The next that is known; `None` when the lookup broke.
    pub async fn next(&mut self) -> Option<LookupProgress> {
        self.progress.changed().await.ok()?;
        Some(self.now())
    }

    /// The answer; `None` when the lookup broke.
    pub async fn answer(&mut self) -> Option<Arc<LookupAnswer>> {
        let done = |progress: &LookupProgress| matches!(progress, LookupProgress::Done(_));
        match &*self.progress.wait_for(done).await.ok()? {
            LookupProgress::Done(answered) => Some(answered.clone()),
            LookupProgress::Looking | LookupProgress::Again(_) => None,
        }
    }
}
