//! The cached reads of the record: histories of sites, for charts, badges and the API, and the newest
//! outages, for feeds and Statuspage.

use std::{sync::Arc, time::Duration};

use super::query::{Cached, QueryCache};
use crate::{
    store::{OutagesWanted, RecordedOutage, Store},
    web::Shared,
};
use model::{
    history::{History, HistoryRange},
    moment::Moment,
    name::{Region, Slug},
};

/// Time for which a history counts as new.
const HISTORY_FRESH_FOR: Duration = Duration::from_secs(15);
/// Bytes of all histories.
const MAX_HISTORY_BYTES: u64 = 5 << 20;
/// Time for which outages count as new; the board has later ones.
const OUTAGES_FRESH_FOR: Duration = Duration::from_secs(30);
/// Bytes of all outages.
const MAX_OUTAGE_BYTES: u64 = 4 << 20;
/// The usual bytes of an outage, with its texts.
const OUTAGE_BYTES: usize = 300;
/// Outages that are read of one site.
const MAX_SITE_OUTAGES: u32 = 50;
/// Outages that are read of all sites, of which some have left the catalogue.
const MAX_ALL_OUTAGES: u32 = 200;

/// The time that a history covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::web) enum HistoryWindow {
    /// The last such time, until now, in suitable buckets.
    Last(Duration),
    /// The same in one bucket.
    AsOne(Duration),
    /// This one.
    Exactly(HistoryRange),
}

impl HistoryWindow {
    fn range(self, now: Moment) -> HistoryRange {
        match self {
            Self::Last(window) => HistoryRange::last(window, now),
            Self::AsOne(window) => HistoryRange::last(window, now).as_one(),
            Self::Exactly(range) => range,
        }
    }
}

/// Histories of sites.
#[derive(Debug)]
pub(in crate::web) struct Histories(
    QueryCache<(Slug, Option<Region>, HistoryWindow), Arc<History>>,
);

impl Default for Histories {
    fn default() -> Self {
        let bytes = |history: &Arc<History>| size_of_val(&*history.buckets);
        Self(QueryCache::new(HISTORY_FRESH_FOR, MAX_HISTORY_BYTES, bytes))
    }
}

impl Histories {
    /// A site's history, as one region saw it or all together; `None` when Postgres is away and
    /// there is no earlier one.
    pub(in crate::web) async fn of(
        &self,
        shared: &Shared,
        slug: &Slug,
        region: Option<&Region>,
        window: HistoryWindow,
    ) -> Option<Cached<Arc<History>>> {
        let now = shared.now();
        let ask = async |store: Store| {
            let range = window.range(now);
            Ok(Arc::new(store.history_seen_from(slug, region, range, now).await?))
        };
        self.0.get(shared, (slug.clone(), region.cloned(), window), ask).await
    }
}

/// The newest outages of the record.
#[derive(Clone, Debug, Default)]
pub(in crate::web) struct NewestOutages {
    pub(in crate::web) rows: Arc<[RecordedOutage]>,
    /// True while another node records: that one may have named an outage by other checks than this one, and
    /// every node names it as the record does.
    pub(in crate::web) elsewhere: bool,
    /// True if the record could be asked.
    pub(in crate::web) fresh: bool,
}

/// The newest outages, of one site or of all: more than the board holds of a site that keeps
/// failing.
///
/// They stay as they were read while Postgres is away, so that no entry leaves a feed because of
/// that; the board, which is always newer, takes precedence. Outages of one site follow one
/// another: any beyond the newest here, and not on the board, ended before all of these.
#[derive(Debug)]
pub(in crate::web) struct Outages(QueryCache<(Option<Slug>, bool), Arc<[RecordedOutage]>>);

impl Default for Outages {
    fn default() -> Self {
        let bytes = |rows: &Arc<[RecordedOutage]>| rows.len() * OUTAGE_BYTES;
        Self(QueryCache::new(OUTAGES_FRESH_FOR, MAX_OUTAGE_BYTES, bytes))
    }
}

impl Outages {
    /// The newest outages of this site, or of all sites; none when they were never read.
    pub(in crate::web) async fn of(&self, shared: &Shared, slug: Option<&Slug>) -> NewestOutages {
        let most = if slug.is_some() { MAX_SITE_OUTAGES } else { MAX_ALL_OUTAGES };
        let wanted = OutagesWanted { site: slug.cloned(), ..OutagesWanted::newest(most) };
        self.read(shared, wanted).await
    }

    /// The newest outages of this site without those that nobody noticed, for people.
    pub(in crate::web) async fn noticeable(&self, shared: &Shared, slug: &Slug) -> NewestOutages {
        let site = Some(slug.clone());
        let newest = OutagesWanted::newest(MAX_SITE_OUTAGES);
        self.read(shared, OutagesWanted { site, noticeable: true, ..newest }).await
    }

    async fn read(&self, shared: &Shared, wanted: OutagesWanted) -> NewestOutages {
        let key = (wanted.site.clone(), wanted.noticeable);
        let ask = async |store: Store| Ok(Arc::from(store.outages_page(&wanted).await?));
        let cached = self.0.get(shared, key, ask).await;
        let fresh = cached.is_some() && shared.record().is_some();
        let rows = cached.map(|cached| cached.value).unwrap_or_default();
        NewestOutages { rows, elsewhere: shared.follows(), fresh }
    }
}
