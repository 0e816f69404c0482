//! Pages, API and badges: what visitors and programs see of the board.
//!
//! - [`router()`] is the whole route table, [`doors()`] stands before it, [`serve()`] puts both behind
//!   a listener.
//! - A handler is: extract, one read of the board, view, respond.
//! - `look` is the one view of a site that page, API and badge share: stale evidence is `unknown`.
//!
//! Only this room knows HTML and JSON shapes. It reads the board and the clock and nothing else,
//! so it goes on when Postgres does not. It must never judge, never wait for anything but the
//! visitor, and never trust what a visitor sends (the `Host` header is not read at all). Who asks is known by
//! `visitor`, which believes trusted proxies alone.

mod api;
mod asked;
mod asking;
mod assets;
mod badge;
mod budget;
mod chart;
mod doors;
mod embed;
mod etag;
mod events;
mod feed;
mod find;
mod found;
mod gatus;
mod guard;
mod headers;
mod health;
mod http_date;
mod keep;
mod kuma;
mod look;
mod metrics;
mod numbers;
mod openapi;
mod pages;
mod params;
mod past;
mod picture;
mod problem;
mod provider;
mod ready;
mod recall;
mod receipt;
mod redirect;
mod router;
mod serve;
mod statuspage;
mod told;
mod visitor;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::Duration,
};

use url::Url;

pub use api::lookup::{lookup_json, refused_json};
pub use doors::{Doors, doors, gallery};
pub use metrics::{Kind, Meters};
pub use picture::{Sayings, sayings};
pub use router::router;
pub use serve::{CONNECTIONS, serve};

use crate::{
    board::Board,
    clock::Clock,
    lookup::Lookups,
    model::{moment::Moment, name::Region, network::Network},
    store::{Link, Store, StoreError},
};

/// How long a visitor of a page waits for the record.
const PATIENCE: Duration = Duration::from_millis(1_200);
/// How long nobody asks the record after it was waited for in vain.
const PAUSE: Duration = Duration::from_secs(3);

/// What this room is given.
#[derive(Clone, Debug)]
pub struct Web {
    /// The live picture, which answers for everything that is now.
    pub board: Arc<Board>,
    /// What was before: history, checks and outages that the board no longer holds.
    pub record: Link,
    /// The time.
    pub clock: Clock,
    /// Where the world reaches us; every absolute link begins with it.
    pub public_url: Url,
    /// Where this prober looks from.
    pub region: Region,
    /// Visitors' own lookups.
    pub lookups: Lookups,
    /// Whose word on a visitor's address is taken.
    pub trusted_proxies: Arc<[Network]>,
    /// How often one visitor may ask the API in a minute; 0: as often as it likes.
    pub reads_per_minute: u32,
    /// Connections that one visitor may hold at a time; `None`: a part of all.
    pub connections_per_visitor: Option<usize>,
    /// The name over every page.
    pub title: Arc<str>,
    /// Figures of other rooms for `/metrics`.
    pub meters: Arc<Meters>,
    /// Sites that `/metrics` shows one by one; with more of them it shows none.
    pub metrics_sites: usize,
}

/// What every handler reads.
#[derive(Debug)]
struct Shared {
    web: Web,
    started: Moment,
    readers: events::Readers,
    ready: ready::Ready,
    budget: budget::Budget,
    feeds: feed::Changed,
    days: badge::Days,
    requests: metrics::Requests,
    histories: recall::history::Histories,
    outages: recall::outages::Outages,
    /// When the record was waited for in vain, in milliseconds since 1970.
    stalled_at: AtomicI64,
}

impl Shared {
    fn new(web: Web) -> Self {
        Self {
            started: web.clock.now(),
            readers: events::Readers::default(),
            ready: ready::Ready::default(),
            budget: budget::Budget::new(web.reads_per_minute),
            feeds: feed::Changed::default(),
            days: badge::Days::default(),
            requests: metrics::Requests::default(),
            histories: recall::history::Histories::default(),
            outages: recall::outages::Outages::default(),
            stalled_at: AtomicI64::new(0),
            web,
        }
    }

    fn now(&self) -> Moment {
        self.web.clock.now()
    }

    /// The second that it is, for pages: two of one second are the same to the byte, so that whoever
    /// has one already need not get it again.
    fn second(&self) -> Moment {
        Moment::from_millis(self.now().seconds() * 1_000)
    }

    /// The record, unless it is known to be away: nobody waits for what will not come.
    fn record(&self) -> Option<Store> {
        let away = self.web.board.record().away_since.is_some();
        let stalled = Moment::from_millis(self.stalled_at.load(Relaxed));
        let away = away || (self.now().since(stalled) < PAUSE && stalled <= self.now());
        self.web.record.borrow().clone().filter(|_| !away)
    }

    /// What the record says; `None` when it cannot be asked, or not within this patience. Who waited
    /// in vain spares the others the same for a while.
    async fn ask<T>(
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
    fn link(&self, path: &str) -> String {
        format!("{}{path}", self.web.public_url.as_str().trim_end_matches('/'))
    }
}

type State = axum::extract::State<Arc<Shared>>;

#[cfg(test)]
mod tests;
