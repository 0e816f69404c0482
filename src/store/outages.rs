//! Reading outages a page at a time, newest first.
//!
//! A page goes on after a place, not after a count: rows that come in meanwhile move nothing. The
//! cost of a page does not grow with the number of rows before or behind it.

use serde_json::Value;
use time::OffsetDateTime;

use super::{READ, Store, StoreError, rows::cause, verdicts::status, within};
use model::{
    moment::Moment,
    name::{Region, Slug},
    verdict::{Outage, Status},
};

/// A recorded outage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedOutage {
    /// Its number; a later outage was written later.
    pub id: i64,
    /// The site.
    pub slug: Slug,
    /// The provider that was failing with it, if it has that cause.
    pub provider: Option<Box<str>>,
    /// The outage as judged.
    pub outage: Outage,
}

/// Filter and page of outages.
#[derive(Clone, Debug)]
pub struct OutagesWanted {
    /// Of this site.
    pub site: Option<Slug>,
    /// Put down to this provider.
    pub provider: Option<Box<str>>,
    /// Only those that last, or only those that ended.
    pub ongoing: Option<bool>,
    /// Those after the one with this start, site and status, in the order of the answer.
    pub after: Option<(Moment, Slug, Status)>,
    /// Largest number of outages.
    pub limit: u32,
}

/// A row of the queries of outages.
struct OutageRecord {
    id: i64,
    site_id: i32,
    provider: Option<String>,
    status: i16,
    started_at: OffsetDateTime,
    ended_at: Option<OffsetDateTime>,
    failure: Option<i16>,
    failure_detail: Option<Value>,
    regions: Vec<String>,
}

impl OutageRecord {
    /// The outage of this site; `None` for values that this version does not know.
    fn outage(self, slug: Slug) -> Option<RecordedOutage> {
        Some(RecordedOutage {
            id: self.id,
            slug,
            provider: self.provider.map(Into::into),
            outage: Outage {
                status: status(self.status)?,
                started_at: self.started_at.into(),
                ended_at: self.ended_at.map(Moment::from),
                cause: cause(self.failure, self.failure_detail),
                regions: self.regions.iter().filter_map(|r| Region::new(r).ok()).collect(),
            },
        })
    }
}

/// Later than every recorded moment.
const NEVER: i64 = i64::MAX;

/// A place in the order of outages: start, number of the site and number of the status.
#[derive(Clone, Copy, Debug)]
struct OutagePlace {
    start: OffsetDateTime,
    site: i32,
    status: i16,
}

/// Reads the outages on one side of a place, the nearest first: one statement per filter, so that
/// each can use an index.
macro_rules! beside {
    ($pool:expr, $wanted:expr, $site:expr, $place:expr, $beyond:literal, $order:literal) => {
        match ($site, $wanted.provider.as_deref()) {
            (Some(site), provider) => beside!(
                $pool, $wanted, $place, $beyond, $order,
                "site_id = $6 AND ($7::text IS NULL OR provider = $7)",
                site, provider
            ),
            (None, Some(provider)) => {
                beside!($pool, $wanted, $place, $beyond, $order, "provider = $6", provider)
            }
            // Few among many: they have an index of their own.
            (None, None) if $wanted.ongoing == Some(true) => {
                beside!($pool, $wanted, $place, $beyond, $order, "ended_at IS NULL",)
            }
            (None, None) => beside!($pool, $wanted, $place, $beyond, $order, "true",),
        }
    };
    ($pool:expr, $wanted:expr, $place:expr, $beyond:literal, $order:literal, $which:literal, $($key:expr),*) => {
        sqlx::query_as!(
            OutageRecord,
            r#"SELECT id, site_id, provider, status, started_at, ended_at, failure, failure_detail, regions
             FROM outages
             WHERE ($1::bool IS NULL OR (ended_at IS NULL) = $1) AND "#
                + $beyond
                + " AND "
                + $which
                + " ORDER BY "
                + $order
                + " LIMIT $5",
            $wanted.ongoing,
            $place.start,
            $place.site,
            $place.status,
            i64::from($wanted.limit)
            $(, $key)*
        )
        .fetch_all($pool)
        .await?
    };
}

impl Store {
    /// The newest outages of a site, newest first.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn outages(
        &self,
        slug: &Slug,
        limit: u32,
    ) -> Result<Vec<RecordedOutage>, StoreError> {
        let site = Some(slug.clone());
        self.outages_page(&OutagesWanted { site, ..OutagesWanted::newest(limit) }).await
    }

    /// The filtered outages: newest first; of one start by the number of the site, of one site the
    /// worst first.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn outages_page(
        &self,
        wanted: &OutagesWanted,
    ) -> Result<Vec<RecordedOutage>, StoreError> {
        let read = async {
            let Some((site, place)) = self.place_of(wanted).await? else { return Ok(Vec::new()) };
            let rows = beside!(
                &self.readers,
                wanted,
                site,
                place,
                "started_at <= $2 AND (started_at < $2 OR site_id > $3
                     OR (site_id = $3 AND status < $4))",
                "started_at DESC, site_id, status DESC"
            );
            self.named(rows).await
        };
        within(READ, Box::pin(read)).await
    }

    /// As [`Store::outages_page`], but those before the place that `after` names: the previous
    /// page.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn outages_before(
        &self,
        wanted: &OutagesWanted,
    ) -> Result<Vec<RecordedOutage>, StoreError> {
        let read = async {
            let Some((site, place)) = self.place_of(wanted).await? else { return Ok(Vec::new()) };
            let mut rows = beside!(
                &self.readers,
                wanted,
                site,
                place,
                "started_at >= $2 AND (started_at > $2 OR site_id < $3
                     OR (site_id = $3 AND status > $4))",
                "started_at, site_id DESC, status"
            );
            rows.reverse();
            self.named(rows).await
        };
        within(READ, Box::pin(read)).await
    }

    /// The number of the filtered site, and the place after which the page begins; `None` when the
    /// site is not known.
    async fn place_of(
        &self,
        wanted: &OutagesWanted,
    ) -> Result<Option<(Option<i32>, OutagePlace)>, StoreError> {
        let mut site = None;
        if let Some(slug) = &wanted.site {
            site = self.site_id(slug).await?;
            if site.is_none() {
                return Ok(None);
            }
        }
        let never =
            OutagePlace { start: Moment::from_millis(NEVER).to_datetime(), site: 0, status: 0 };
        let Some((start, slug, status)) = &wanted.after else { return Ok(Some((site, never))) };
        // Of a site that is not known, all of this start come after it.
        let after = self.site_id(slug).await?.unwrap_or_default();
        let (start, status) = (start.to_datetime(), *status as i16);
        Ok(Some((site, OutagePlace { start, site: after, status })))
    }

    /// The outages of these rows, with the names of their sites.
    async fn named(&self, rows: Vec<OutageRecord>) -> Result<Vec<RecordedOutage>, StoreError> {
        let ids: Vec<i32> = rows.iter().map(|row| row.site_id).collect();
        let slugs = self.slugs_of(&ids).await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                let slug = slugs.get(&row.site_id)?.clone();
                row.outage(slug)
            })
            .collect())
    }
}

impl OutagesWanted {
    /// The newest of all sites.
    pub fn newest(limit: u32) -> Self {
        Self { site: None, provider: None, ongoing: None, after: None, limit }
    }
}
