//! Parts of a service that may be one of several nodes: the lease of the record, the files that all share, and
//! the work for its peers.

use std::sync::Arc;

use anyhow::Result;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::{
    lifecycle::Lifecycle,
    probe::read_token,
    shared_files::SharedFiles,
    tasks::{anew, fail_if_early},
};
use crate::{
    agents::{PeerParts, Peers, new_run},
    board::Board,
    config::Config,
    operator::Operator,
    pipeline::{LeaseFile, LeaseKeeper},
    private_postgres::DataDir,
    store::{LeaseState, RecordingStore, StoreHandle},
    token::Token,
};
use model::{
    name::{AgentName, Slug},
    report::Report,
};
use prober::{clock::Clock, probe::Prober};

/// Reports between the own prober and the peers at most.
const REPORTS: usize = 4_096;

/// The token by which this node is an agent of its peers; `None` without any.
pub(super) fn token(config: &Config) -> Result<Option<Token>> {
    let file = config.nodes.token_file.as_deref().filter(|_| !config.nodes.peers.is_empty());
    file.map(read_token).transpose()
}

/// The name by which the others know this node.
fn name(config: &Config) -> &str {
    config.nodes.name.as_ref().map_or(config.region.as_str(), AgentName::as_str)
}

/// Starts to share the operator's files with the other nodes, if there are any.
pub(super) fn share_files(
    life: &mut Lifecycle,
    config: &Config,
    data: &DataDir,
    (operator, link): (Operator, StoreHandle),
) {
    if config.nodes.peers.is_empty() {
        return;
    }
    let files = SharedFiles::new(operator, link, name(config), data.path().join("shared"));
    life.start_anew("shared files", move || files.clone().run());
}

/// Starts to keep the lease of the record, until all is recorded.
pub(super) fn keep_lease(
    life: &mut Lifecycle,
    config: &Config,
    record: &RecordingStore,
    (file, board, clock): (LeaseFile, Arc<Board>, Clock),
    state: watch::Sender<LeaseState>,
    recorded: CancellationToken,
) -> Result<()> {
    let keeper = LeaseKeeper {
        link: record.link.clone(),
        file,
        node: name(config).into(),
        run: new_run()?.into(),
        state,
        board,
        clock,
        has_peers: !config.nodes.peers.is_empty(),
    };
    life.start("lease", async move {
        let end = recorded.clone();
        anew("lease", &end, || keeper.run(recorded.clone())).await;
        Ok(())
    });
    Ok(())
}

/// Parts of the work for peers.
pub(super) struct PeerWork {
    /// The token by which they know this node; `None`: there are no peers.
    pub(super) token: Option<Token>,
    pub(super) prober: Prober,
    pub(super) clock: Clock,
    /// Way to the own prober for sites that are to be looked at again.
    pub(super) again: mpsc::Sender<Slug>,
}

impl PeerWork {
    /// Has what the own prober reports go to the peers as well; gives the way that it takes.
    pub(super) fn start(
        self,
        life: &mut Lifecycle,
        config: &Config,
        data: &DataDir,
        reports: mpsc::Sender<Report>,
    ) -> Result<mpsc::Sender<Report>> {
        let Some(token) = self.token else { return Ok(reports) };
        let parts = PeerParts {
            peers: config.nodes.peers.clone(),
            token,
            region: config.region.clone(),
            data: data.path().join("peers"),
            allow_private: config.lookup.allow_private,
            prober: self.prober,
            clock: self.clock,
            ca_file: config.probe.ca_file.clone(),
            again: self.again,
            run: new_run()?,
        };
        let (peers, (seen, seen_in)) = (Peers::new(parts)?, mpsc::channel(REPORTS));
        life.start("peers", fail_if_early(&life.stop(), peers.run(seen_in, reports)));
        Ok(seen)
    }
}
