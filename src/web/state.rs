//! The state that handlers share: the inputs of the web, its caches and limits, and access to the
//! record with a time limit.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::sync::{mpsc, watch};
use url::Url;

use super::{
    agents::AgentRequests,
    api, badge, cache, feed,
    metrics::Meters,
    middleware::{self, rate_limit},
    pages::operate::Sessions,
    preview,
};
use crate::{
    agents::Agents,
    board::{Board, LiveSite},
    lookup::Lookups,
    operator::Operator,
    store::{Store, StoreError, StoreHandle},
};
use model::{
    judge::Rules,
    moment::Moment,
    name::{Region, Slug},
    network::Network,
    target::Target,
};
use prober::clock::Clock;

/// The time that a visitor of a page waits for the record.
pub(super) const RECORD_TIMEOUT: Duration = Duration::from_millis(1_200);
/// Pause after a vain wait during which the record is not asked.
const RECORD_PAUSE: Duration = Duration::from_secs(3);

/// Everything that the web is given by the rest of the service.
#[derive(Clone, Debug)]
pub struct Web {
    /// The live picture, which answers for everything that is now.
    pub board: Arc<Board>,
    /// The record: history, checks and outages that the board no longer holds.
    pub record: StoreHandle,
    /// The time.
    pub clock: Clock,
    /// Public URL of this service; every absolute link begins with it.
    pub public_url: Url,
    /// Region of this node's prober.
    pub region: Region,
    /// Visitors' own lookups.
    pub lookups: Lookups,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Arc<[Network]>,
    /// Requests to the API per client and minute; 0: no limit.
    pub reads_per_minute: u32,
    /// Connections that one visitor may hold at a time; `None`: a part of all.
    pub connections_per_visitor: Option<usize>,
    /// The name over every page.
    pub title: Arc<str>,
    /// Figures of other modules for `/metrics`.
    pub meters: Arc<Meters>,
    /// Sites that `/metrics` shows one by one; with more of them it shows none.
    pub metrics_sites: usize,
    /// The agents that report to this service, if it may have some.
    pub agents: Option<Agents>,
    /// Tokens, planned work, notices and sites that people add while the service runs.
    pub operator: Operator,
    /// Sites that this node is to look at again at once; `None`: it looks at none.
    pub again: Option<mpsc::Sender<Slug>>,
    /// The judge's thresholds, which charts show.
    pub rules: Rules,
    /// True if the pages are files of a copy, without what needs a running service.
    pub is_copy: bool,
}

impl Web {
    /// Pages of a board without a record, lookups, agents, words of people or limits.
    pub fn new(board: Arc<Board>, clock: Clock, public_url: Url) -> Self {
        Self {
            board,
            record: watch::channel(None).1,
            clock,
            public_url,
            region: Region::default(),
            lookups: Lookups::off(),
            trusted_proxies: Arc::default(),
            reads_per_minute: 0,
            connections_per_visitor: None,
            title: "stillup".into(),
            meters: Arc::default(),
            metrics_sites: 2_000,
            agents: None,
            operator: Operator::none(),
            again: None,
            rules: Rules::default(),
            is_copy: false,
        }
    }
}

/// The state that every handler shares.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) web: Web,
    pub(super) started: Moment,
    pub(super) readers: api::events::Readers,
    pub(super) responses: cache::responses::ResponseCache,
    pub(super) reads: rate_limit::Reads,
    pub(super) agent_requests: AgentRequests,
    pub(super) writers: api::writes::Writers,
    pub(super) sessions: Sessions,
    pub(super) feeds: feed::LastChanges,
    pub(super) days: badge::Days,
    pub(super) requests: middleware::metrics::Requests,
    pub(super) histories: cache::record::Histories,
    pub(super) outages: cache::record::Outages,
    pub(super) previews: preview::Previews,
    /// Time of the last vain wait for the record, in milliseconds since 1970.
    pub(super) stalled_at: AtomicI64,
}

impl Shared {
    pub(super) fn new(web: Web) -> Self {
        Self {
            started: web.clock.now(),
            readers: api::events::Readers::default(),
            responses: cache::responses::ResponseCache::default(),
            reads: rate_limit::Reads::new(web.reads_per_minute),
            agent_requests: AgentRequests::default(),
            writers: api::writes::Writers::default(),
            sessions: Sessions::default(),
            feeds: feed::LastChanges::default(),
            days: badge::Days::default(),
            requests: middleware::metrics::Requests::default(),
            histories: cache::record::Histories::default(),
            outages: cache::record::Outages::default(),
            previews: preview::Previews::default(),
            stalled_at: AtomicI64::new(0),
            web,
        }
    }

    pub(super) fn now(&self) -> Moment {
        self.web.clock.now()
    }

    /// The site with this slug; a host is the same in capitals and in its own letters.
    pub(super) fn site(&self, slug: &str) -> Option<Arc<LiveSite>> {
        if slug.is_ascii() {
            return self.web.board.site(&slug.to_ascii_lowercase());
        }
        self.web.board.site(Target::read(slug).ok()?.slug.as_str())
    }

    /// The current second, for pages: two of one second are the same to the byte, so that a client
    /// that has one need not fetch it again.
    pub(super) fn second(&self) -> Moment {
        Moment::from_millis(self.now().seconds() * 1_000)
    }

    /// The record, unless it is known to be away, so that no visitor waits in vain.
    pub(super) fn record(&self) -> Option<Store> {
        let away = self.web.board.store_health().away_since.is_some();
        let stalled = Moment::from_millis(self.stalled_at.load(Relaxed));
        let away = away || (self.now().since(stalled) < RECORD_PAUSE && stalled <= self.now());
        self.web.record.borrow().clone().filter(|_| !away)
    }

    /// True while another node records.
    pub(super) fn follows(&self) -> bool {
        self.web.board.store_health().recorder.is_some_and(|recorder| !recorder.here)
    }

    /// Answer of the record; `None` when it cannot be asked, or not within this time. A vain wait
    /// spares others the same for a while.
    pub(super) async fn ask<T>(
        &self,
        patience: Duration,
        ask: impl AsyncFnOnce(Store) -> Result<T, StoreError>,
    ) -> Option<T> {
        let store = self.record()?;
        match tokio::time::timeout(patience, ask(store)).await {
            Ok(Ok(found)) => Some(found),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the record could not be read; the answer comes from memory");
                None
            }
            Err(_) => {
                self.stalled_at.store(self.now().millis(), Relaxed);
                tracing::warn!(?patience, "the record is slow; the answer comes from memory");
                None
            }
        }
    }

    /// An absolute link to a path of ours.
    pub(super) fn link(&self, path: &str) -> String {
        format!("{}{path}", self.web.public_url.as_str().trim_end_matches('/'))
    }
}

pub(super) type AppState = axum::extract::State<Arc<Shared>>;
