//! Keeps the lease of the record: takes it when it is free, and renews it.
//!
//! A node that is alone takes it at once. What this node knows of the lease is only a hint to its other
//! parts: the store refuses what is written without it.

use std::{fs, io, path::PathBuf, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use tokio::{sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    atomic_file::{self, OWNER_ONLY},
    board::{Board, StoreProblem},
    store::{LeaseKey, LeaseRequest, LeaseState, Store, StoreError, StoreHandle},
};
use prober::journal::Folder;

/// Length of a term that is not renewed.
const TERM: Duration = Duration::from_secs(15);
/// Interval at which a term is renewed.
const RENEW_INTERVAL: Duration = Duration::from_secs(5);
/// Interval at which a node looks whether the lease is free, and between tries in vain.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);

/// The memory of a data directory about its lease, kept with the journal.
#[derive(Clone, Debug)]
pub struct LeaseFile {
    path: PathBuf,
    /// Names the directory.
    id: Box<str>,
}

/// Content of the file.
#[derive(Debug, Deserialize, Serialize)]
struct LeaseMemory {
    id: Box<str>,
    /// The last term that the journal goes on from.
    epoch: Option<i64>,
}

impl LeaseFile {
    /// The file in the folder of the journal, which is made if it is missing; `new_id` names a new one.
    ///
    /// # Errors
    /// Fails when the disk refuses.
    pub fn open(folder: &Folder, new_id: &str) -> io::Result<Self> {
        let path = folder.path().join("lease.json");
        if let Some(known) = read(&path)? {
            return Ok(Self { path, id: known.id });
        }
        let file = Self { path, id: new_id.into() };
        file.write(None)?;
        Ok(file)
    }

    /// Remembers that the journal is what this term goes on from.
    pub(super) fn remember(&self, epoch: i64) -> io::Result<()> {
        self.write(Some(epoch))
    }

    /// The last term that the journal goes on from.
    pub(super) fn epoch(&self) -> Option<i64> {
        read(&self.path).ok().flatten()?.epoch
    }

    fn write(&self, epoch: Option<i64>) -> io::Result<()> {
        let text = serde_json::to_vec(&LeaseMemory { id: self.id.clone(), epoch })?;
        atomic_file::write(&self.path, &text, OWNER_ONLY)
    }
}

/// The content of the file; `None` when there is none that can be read.
fn read(path: &PathBuf) -> io::Result<Option<LeaseMemory>> {
    match fs::read(path) {
        Ok(text) => Ok(serde_json::from_slice(&text).ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Takes the lease when it is free, and renews it.
#[derive(Debug)]
pub struct LeaseKeeper {
    /// The store, once it could be reached.
    pub link: StoreHandle,
    /// Memory of the data directory.
    pub file: LeaseFile,
    /// The name of this node, for people.
    pub node: Box<str>,
    /// Names the process.
    pub run: Arc<str>,
    /// The state for the other parts.
    pub state: watch::Sender<LeaseState>,
    /// Board on which the state of the record is shown.
    pub board: Arc<Board>,
}

impl LeaseKeeper {
    /// Keeps the lease until `ended`, and then lets go of it: another node takes over at once.
    pub async fn run(&self, ended: CancellationToken) {
        // A restart takes its own lease back at once, and never again: two processes that believe to be
        // the same node would take it from each other for ever.
        let mut anew = true;
        loop {
            let store = self.link.borrow().clone();
            let pause = match store {
                Some(store) => self.look(&store, &mut anew).await,
                None => Duration::from_millis(20),
            };
            tokio::select! {
                () = sleep(pause) => {}
                () = ended.cancelled() => break,
            }
        }
        let store = self.link.borrow().clone();
        if let (Some(store), Some(key)) = (store, self.key()) {
            drop(store.renew_lease(&key, Duration::ZERO).await);
        }
    }

    fn key(&self) -> Option<LeaseKey> {
        let LeaseState::Held { key, .. } = &*self.state.borrow() else { return None };
        key.clone()
    }

    fn set(&self, state: LeaseState) {
        self.state.send_if_modified(|known| {
            let other = *known != state;
            *known = state;
            other
        });
    }

    /// One look, or one renewal; gives the pause after it.
    async fn look(&self, store: &Store, anew: &mut bool) -> Duration {
        if let Some(key) = self.key() {
            return match store.renew_lease(&key, TERM).await {
                Ok(true) => RENEW_INTERVAL,
                Ok(false) => {
                    tracing::warn!("another node took over the record; this one follows it");
                    self.set(LeaseState::Elsewhere);
                    LOOK_INTERVAL
                }
                // The term may have run out: whoever takes over then is seen at the next answer.
                Err(_) => LOOK_INTERVAL / 2,
            };
        }
        match self.take(store, *anew).await {
            Ok(state) => {
                *anew = false;
                let held = matches!(state, LeaseState::Held { .. });
                let first = *self.state.borrow() == LeaseState::Unknown;
                self.set(state);
                if held {
                    return RENEW_INTERVAL;
                }
                if first {
                    tracing::info!("another node records; this one follows it");
                }
            }
            Err(error) => {
                let sqlstate = error.sqlstate().map(String::into_boxed_str);
                let why = StoreProblem { sqlstate, short: error.short() };
                if *self.state.borrow() == LeaseState::Unknown {
                    self.board.update_store_health(|record| record.why = Some(why));
                }
            }
        }
        LOOK_INTERVAL
    }

    async fn take(&self, store: &Store, anew: bool) -> Result<LeaseState, StoreError> {
        let request = LeaseRequest {
            holder: self.file.id.clone(),
            node: self.node.clone(),
            run: self.run.clone(),
            anew,
            term: TERM,
        };
        // Read before: what the file says is of a term that is over once there is another one.
        let known = self.file.epoch();
        let Some(taken) = store.take_lease(&request).await? else {
            return Ok(LeaseState::Elsewhere);
        };
        let continues = taken
            .before
            .as_ref()
            .is_none_or(|(holder, epoch)| *holder == self.file.id && known == Some(*epoch));
        let epoch = taken.key.epoch();
        if continues {
            tracing::debug!(epoch, "this node records");
        } else {
            tracing::info!(epoch, "this node takes over the record");
        }
        Ok(LeaseState::Held { key: Some(taken.key), continues })
    }
}
