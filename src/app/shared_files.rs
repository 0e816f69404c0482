//! Shares the operator's files between the nodes of one Postgres: tokens, planned work, notices and sites that were
//! added on one node are on all of them within seconds.
//!
//! Postgres has the newest edition of each file, and each node keeps the one that it saw last, so that it knows what
//! was changed here and what elsewhere. While Postgres is away, a change holds on the node where it was made.

use std::{collections::HashMap, fs, io, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, Result, anyhow};
use serde::{Deserialize, Serialize};
use tokio::{
    task::spawn_blocking,
    time::{MissedTickBehavior, interval},
};

use crate::{
    atomic_file::{self, OWNER_ONLY},
    operator::{Operator, Refusal, SharedFile, Sharing},
    store::{FileEdition, Store, StoreError, StoreHandle},
};

/// Interval at which Postgres is asked for changes, and given them.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// Shares the files.
#[derive(Clone, Debug)]
pub(super) struct SharedFiles {
    operator: Operator,
    link: StoreHandle,
    /// Name of this node.
    node: String,
    /// Folder of the editions that were seen last.
    folder: PathBuf,
}

/// The edition of a file that this node saw last, as it is kept.
#[derive(Debug, Default, Deserialize, Serialize)]
struct SeenEdition {
    version: i64,
    /// The text of the operator's file itself while both are the same, so that comparing them costs nothing.
    text: Arc<str>,
}

impl SharedFiles {
    /// Shares the files of `operator` as the node of this name; the editions seen last are kept in `folder`.
    pub(super) fn new(operator: Operator, link: StoreHandle, node: &str, folder: PathBuf) -> Self {
        Self { operator, link, node: node.to_owned(), folder }
    }

    /// Runs for ever.
    pub(super) async fn run(self) {
        let mut seen = Vec::new();
        for file in SharedFile::ALL {
            seen.push((file, self.seen(file).await));
        }
        let mut turn = interval(LOOK_INTERVAL);
        turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told = None;
        loop {
            turn.tick().await;
            let store = self.link.borrow().clone();
            let done = match &store {
                Some(store) => self.share(store, &mut seen).await,
                None => Err(anyhow!("Postgres is away")),
            };
            let sharing = if done.is_ok() { Sharing::Soon } else { Sharing::Later };
            let why = done.err().and_then(|error| self.problem(&error, store.is_none(), &seen));
            if let Some(why) = why.as_ref().filter(|_| why != told) {
                tracing::warn!("{why}");
            }
            self.operator.set_sharing(sharing, why.clone());
            told = why;
        }
    }

    /// Sentence on what is not shared. While Postgres is away, only changes that wait for it are told.
    fn problem(
        &self,
        error: &anyhow::Error,
        away: bool,
        seen: &[(SharedFile, SeenEdition)],
    ) -> Option<String> {
        let waits = |(file, seen): &&(SharedFile, SeenEdition)| {
            let here = self.operator.shared_text(*file);
            here.is_some_and(|text| !text.is_empty() && text != seen.text)
        };
        let names: Vec<_> = seen.iter().filter(waits).map(|(file, _)| file.name()).collect();
        if names.is_empty() {
            return (!away && !error.is::<StoreError>()).then(|| format!("{error:#}"));
        }
        let names = names.join(", ");
        Some(format!("{names}: what was changed here is not on the other nodes yet ({error:#})"))
    }

    /// Shares every file; the first error is that of the first one which cannot be shared now.
    async fn share(&self, store: &Store, seen: &mut [(SharedFile, SeenEdition)]) -> Result<()> {
        let versions: HashMap<String, i64> = store.shared_versions().await?.into_iter().collect();
        let mut first = Ok(());
        for (file, seen) in seen {
            let version = versions.get(file.name()).copied().unwrap_or_default();
            let shared = self.share_one(store, *file, version, seen).await;
            first = first.and(shared.with_context(|| format!("{} cannot be shared", file.name())));
        }
        first
    }

    /// Brings this node's file and the one of Postgres, which has this version, together.
    async fn share_one(
        &self,
        store: &Store,
        file: SharedFile,
        version: i64,
        seen: &mut SeenEdition,
    ) -> Result<()> {
        // One that cannot be read is told of where it is read.
        let Some(mine) = self.operator.shared_text(file) else { return Ok(()) };
        if version == seen.version && mine == seen.text {
            seen.text = mine;
            return Ok(());
        }
        let theirs = if version == seen.version {
            FileEdition { version, text: seen.text.to_string() }
        } else {
            store.shared_file(file.name()).await?
        };
        // An older edition than one that was seen is that of a standby which lacked the newest when it was promoted.
        let base: &str = if theirs.version < seen.version { &theirs.text } else { &seen.text };
        let merged = self.operator.merged(file, base, &mine, &theirs.text)?;
        if *merged != *mine {
            let (operator, after) = (self.operator.clone(), merged.clone());
            let replace = move || operator.replace_shared(file, &mine, &after);
            match spawn_blocking(replace).await? {
                Ok(()) => tracing::info!("{} was changed on another node", file.name()),
                // It is being changed here: the next look merges that.
                Err(Refusal::Conflict(_)) => return Ok(()),
                Err(refusal) => return Err(refusal.into()),
            }
        }
        let version = if merged == theirs.text {
            theirs.version
        } else {
            let names = (file.name(), self.node.as_str());
            let kept = store.replace_shared_file(names, (theirs.version, seen.version), &merged);
            // Another node was quicker: the next look merges its edition.
            let Some(version) = kept.await? else { return Ok(()) };
            version
        };
        *seen = SeenEdition { version, text: merged.into() };
        self.keep(file, seen).await
    }

    fn path(&self, file: SharedFile) -> PathBuf {
        self.folder.join(file.name()).with_extension("json")
    }

    /// The edition that was seen last; none, where that cannot be read: both sides' entries count then.
    async fn seen(&self, file: SharedFile) -> SeenEdition {
        let path = self.path(file);
        let read = spawn_blocking(move || {
            let bytes = fs::read(path)?;
            serde_json::from_slice(&bytes).map_err(io::Error::from)
        });
        match read.await.map_err(io::Error::other).flatten() {
            Ok(seen) => seen,
            Err(error) if error.kind() == io::ErrorKind::NotFound => SeenEdition::default(),
            Err(error) => {
                tracing::warn!(%error, "the last shared edition of {} cannot be read", file.name());
                SeenEdition::default()
            }
        }
    }

    async fn keep(&self, file: SharedFile, seen: &SeenEdition) -> Result<()> {
        let (path, bytes) = (self.path(file), serde_json::to_vec(seen)?);
        let write = move || {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            atomic_file::write(&path, &bytes, OWNER_ONLY)
        };
        Ok(spawn_blocking(write).await??)
    }
}
