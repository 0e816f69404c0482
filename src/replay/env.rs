//! Environment of a replay: the testbed, the prober, the pipeline and the pages, all of its own.

use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
};
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Url;

use super::{replay_store::ReplayStore, scratch::Scratch, story_servers::StoryServers};
use crate::{
    board::Board,
    config::Story,
    pipeline::{CanaryLink, Handover, JournalWriter, Judge, Pipeline, ProviderMonitor, Rechecks},
    web::{self, Web},
};
use model::{
    judge::Rules,
    moment::Moment,
    name::{Region, Slug},
    provider::Ranges,
    report::Report,
    site::Sites,
};
use prober::{
    clock::{Clock, ManualClock},
    journal::{Folder, Writer},
    probe::{Prober, ProberSettings},
};
use testbed::Testbed;

/// Messages under way at most in each queue: requested rechecks, requests to canaries and their
/// results.
const QUEUE: usize = 4_096;
/// Time alone brings something no later than this, as in the service.
const TICK: Duration = Duration::from_secs(1);
/// Limit of the journal of a replay, in bytes.
const JOURNAL: u64 = 1 << 30;

/// The service of a replay: board, judge, journal, pages. Everything in it ends when it is dropped.
#[derive(Debug)]
pub(super) struct ReplayEnv {
    pub(super) board: Arc<Board>,
    pub(super) region: Region,
    /// Address of its pages, if it has some.
    pub(super) url: Option<Url>,
    pipeline: Pipeline,
    ticked_at: Option<Moment>,
    rechecks_in: mpsc::Receiver<Slug>,
    canary_requests: mpsc::Receiver<()>,
    manual_clock: Option<ManualClock>,
    _sites: watch::Sender<Sites>,
    _stop: DropGuard,
    _scratch: Scratch,
}

impl ReplayEnv {
    /// Builds it, with servers for the sites of the story; with pages and a record if they are to
    /// listen somewhere.
    pub(super) async fn build(
        story: &Story,
        listen: Option<SocketAddr>,
    ) -> Result<(Self, StoryServers)> {
        let scratch = Scratch::new().context("there is no room for temporary files")?;
        let (clock, manual_clock) = Clock::manual(story.begins);
        let dated = clock.clone();
        let testbed =
            Testbed::dated(move || dated.now()).await.context("the testbed cannot be started")?;
        let prober = prober(&testbed, &scratch, &clock)?;
        let servers = StoryServers::open(testbed, prober, story).await?;
        let (board, region) = (Arc::new(Board::new()), Region::default());
        let (stop, all_sites): (_, Sites) = (CancellationToken::new(), story.sites.clone().into());
        let folder = Folder::open(scratch.path().join("journal")).context("no journal")?;
        let writer = Writer::new(folder.clone(), JOURNAL).context("no journal")?;
        let (sites, sites_in) = watch::channel(all_sites.clone());
        let written = Arc::new(Handover::default());

        let (rechecks_out, rechecks_in) = mpsc::channel(QUEUE);
        let (request_canaries, canary_requests) = mpsc::channel(QUEUE);
        let canaries = CanaryLink::new(region.clone(), request_canaries);
        let judging = Judge::new(Rules::default(), HashMap::new()).with_canaries(canaries);
        let mut pipeline = Pipeline {
            judge: judging,
            provider_monitor: ProviderMonitor::new(Ranges::default(), []),
            journal: JournalWriter::new(writer, written.clone()),
            board: board.clone(),
            clock: clock.clone(),
            rechecks: Arc::new(Rechecks::new(region.clone(), rechecks_out)),
            gather: Duration::ZERO,
            takeovers: mpsc::channel(1).1,
        };
        pipeline.set_sites(&all_sites).await;
        let url = match listen {
            None => None,
            Some(at) => {
                let (board, clock) = (board.clone(), clock.clone());
                let record = ReplayStore { folder, written, board, clock, sites: sites_in };
                Some(open_pages(at, record, &story.title, &stop).await?)
            }
        };
        let env = Self {
            board,
            region,
            url,
            pipeline,
            ticked_at: None,
            rechecks_in,
            canary_requests,
            manual_clock: Some(manual_clock),
            _sites: sites,
            _stop: stop.drop_guard(),
            _scratch: scratch,
        };
        Ok((env, servers))
    }

    /// Takes the means to set the clock; there is one.
    pub(super) fn take_clock(&mut self) -> Option<ManualClock> {
        self.manual_clock.take()
    }

    /// Judges what was reported and shows it; returns the sites to be rechecked.
    pub(super) async fn judge(&mut self, mut reports: Vec<Report>) -> Vec<Slug> {
        if !reports.is_empty() {
            self.pipeline.take(&mut reports).await;
        }
        let now = self.pipeline.clock.now();
        if self.ticked_at.is_none_or(|at| now.since(at) >= TICK) {
            self.ticked_at = Some(self.pipeline.tick().await);
        }
        let mut again = Vec::new();
        while let Ok(slug) = self.rechecks_in.try_recv() {
            again.push(slug);
        }
        again
    }

    /// Returns whether the canaries are asked.
    pub(super) fn asks_canaries(&mut self) -> bool {
        let mut asked = false;
        while self.canary_requests.try_recv().is_ok() {
            asked = true;
        }
        asked
    }

    /// Looks at what time alone brings with the next reports.
    pub(super) fn tick_soon(&mut self) {
        self.ticked_at = None;
    }
}

/// Opens the pages and the record; returns the address of the pages.
async fn open_pages(
    at: SocketAddr,
    record: ReplayStore,
    title: &str,
    stop: &CancellationToken,
) -> Result<Url> {
    let cannot = || format!("cannot listen on {at}");
    let listener = TcpListener::bind(at).await.with_context(cannot)?;
    let address = listener.local_addr().with_context(cannot)?;
    let url = Url::parse(&format!("http://{address}/")).context("no address for the pages")?;
    let (board, clock) = (record.board.clone(), record.clock.clone());
    let link = record.start(stop)?;
    let title = format!("stillup replay: {title}").into();
    let web = Web { record: link, title, ..Web::new(board, clock, url.clone()) };
    tokio::spawn(serve(listener, web, stop.clone()));
    Ok(url)
}

/// The real prober, with the testbed for an internet.
fn prober(testbed: &Testbed, scratch: &Scratch, clock: &Clock) -> Result<Prober> {
    let ca_file = scratch.path().join("ca.pem");
    std::fs::write(&ca_file, testbed.ca_pem()).context("there is no room for temporary files")?;
    let settings = ProberSettings {
        user_agent: format!("stillup/{} (replay)", env!("CARGO_PKG_VERSION")),
        max_body: 64 * 1024,
        max_redirects: 10,
        nameservers: vec![testbed.nameserver()],
        ca_file: Some(ca_file),
    };
    Ok(Prober::with_clock(&settings, clock.clone())?)
}

/// Serves the pages until the token is cancelled.
async fn serve(listener: TcpListener, web: Web, stop: CancellationToken) {
    if let Err(error) = web::serve(
        listener,
        web::WebService::new(web),
        web::MAX_CONNECTIONS,
        stop.cancelled_owned(),
    )
    .await
    {
        tracing::error!(%error, "the pages cannot be served any more");
    }
}
