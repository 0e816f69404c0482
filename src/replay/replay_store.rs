//! The record of a replay: a throwaway Postgres, so that there are history and outages as in the
//! service.
//!
//! It may come late or not at all, where no programs of Postgres are installed: the play goes on,
//! as the service does when its Postgres is away.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    board::Board,
    pipeline::{Handover, Jobs, Recorder, Refresh},
    private_postgres::throwaway,
    store::{RecordingStore, Store, StoreHandle, held_alone},
};
use model::site::Sites;
use prober::{
    clock::Clock,
    journal::{Folder, Reader},
};

/// No check is past keeping while a story lasts.
const CHECKS_KEPT_FOR: Duration = Duration::from_hours(30 * 24);

/// Parts that the record needs.
pub(super) struct ReplayStore {
    pub(super) folder: Folder,
    pub(super) written: Arc<Handover>,
    pub(super) board: Arc<Board>,
    pub(super) clock: Clock,
    pub(super) sites: watch::Receiver<Sites>,
}

impl ReplayStore {
    /// Starts it, until `stop`; returns its handle.
    ///
    /// # Errors
    /// Fails when the journal cannot be read.
    pub(super) fn start(self, stop: &CancellationToken) -> Result<StoreHandle> {
        let (reached, link) = watch::channel(None);
        let reader = Reader::resume(self.folder).context("no journal")?;
        let record = RecordingStore { link: link.clone(), lease: held_alone() };
        let recorder = Recorder {
            reader: Arc::new(Mutex::new(reader)),
            record: record.clone(),
            board: self.board.clone(),
            clock: self.clock.clone(),
            written: self.written,
            lease_file: None,
            several_hosts: false,
            takeovers: mpsc::channel(1).0,
        };
        let (board, clock) = (self.board.clone(), self.clock.clone());
        let jobs = Jobs { record: record.clone(), board, clock, keep: CHECKS_KEPT_FOR };
        let (board, clock, sites) = (self.board, self.clock, self.sites);
        let refresh = Refresh { record, sites, board, clock };
        let ended = stop.clone();
        tokio::spawn(async move {
            let store = match open().await {
                Ok(store) => store,
                Err(error) => {
                    tracing::warn!("there is no history in this replay: {error:#}");
                    return;
                }
            };
            reached.send_replace(Some(store));
            let follow = async {
                if let Err(error) = recorder.run(CancellationToken::new()).await {
                    tracing::error!(%error, "the journal cannot be read");
                }
            };
            tokio::select! {
                () = ended.cancelled() => {}
                ((), (), ()) = async { tokio::join!(follow, refresh.run(), jobs.run()) } => {}
            }
        });
        Ok(link)
    }
}

async fn open() -> Result<Store> {
    let database = throwaway::database().await?;
    Ok(Store::connect(database.options()).await?)
}
