//! Reading outages a page at a time, newest first.
//!
//! A page goes on after a place, not after a count: rows that come in meanwhile move nothing. The
//! cost of a page does not grow with the number of rows before or behind it.

use std::time::Duration;

use serde_json::Value;
use sqlx::postgres::types::PgInterval;
use time::OffsetDateTime;

use super::{
    READ_TIMEOUT, RecordedCheck, Store, StoreError, receipts,
    rollups::spans_of_one,
    rows::{cause, status},
    within,
};
use model::{
    moment::Moment,
    name::{Region, Slug},
    uptime::Span,
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
    /// With this status.
    pub status: Option<Status>,
    /// Those that began at this moment or later.
    pub from: Option<Moment>,
    /// Those that began before this moment.
    pub until: Option<Moment>,
    /// Only outages that were not over by this moment.
    pub lasting_at: Option<Moment>,
    /// Only those that last, or lasted longer than [`LONG_OUTAGE`]: few among many.
    pub long: bool,
    /// None that are [momentary](Outage::is_momentary).
    pub noticeable: bool,
    /// Those after the one with this start, site and status, in the order of the answer.
    pub after: Option<(Moment, Slug, Status)>,
    /// Largest number of outages.
    pub limit: u32,
}

/// An outage with its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutageEvidence {
    /// The outage.
    pub row: RecordedOutage,
    /// Copies of the checks that opened it.
    pub opened_by: Vec<RecordedCheck>,
    /// Copies of the checks that closed it.
    pub closed_by: Vec<RecordedCheck>,
    /// Statuses from a while before it to a while after it.
    pub course: Vec<Span>,
}

/// The outages that began in one month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutageMonth {
    /// The moment when the month begins, in UTC.
    pub begins_at: Moment,
    /// Number of outages.
    pub count: u64,
    /// Total duration, until now at most.
    pub together: Duration,
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

/// Length of an outage above which the record finds it without walking over all of its time: as the
/// index `outages_long` has it.
pub const LONG_OUTAGE: Duration = Duration::from_hours(24 * 92);
/// Later than every recorded moment.
const NEVER: i64 = i64::MAX;
/// Before every moment that is kept.
const EVER: i64 = 0;

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
                "site_id = $11 AND ($12::text IS NULL OR provider = $12)",
                site, provider
            ),
            (None, provider) if $wanted.long => beside!(
                $pool, $wanted, $place, $beyond, $order,
                "(ended_at IS NULL OR ended_at - started_at > interval '92 days')
                 AND ($11::text IS NULL OR provider = $11)",
                provider
            ),
            (None, Some(provider)) => {
                beside!($pool, $wanted, $place, $beyond, $order, "provider = $11", provider)
            }
            // Few among many: they have an index of their own.
            (None, None) if $wanted.ongoing == Some(true) => {
                beside!($pool, $wanted, $place, $beyond, $order, "ended_at IS NULL",)
            }
            (None, None) => beside!($pool, $wanted, $place, $beyond, $order, "true",),
        }
    };
    ($pool:expr, $wanted:expr, $place:expr, $beyond:literal, $order:literal, $which:literal, $($key:expr),*) => {{
        let shortest = $wanted.shortest();
        sqlx::query_as!(
            OutageRecord,
            r#"SELECT id, site_id, provider, status, started_at, ended_at, failure, failure_detail, regions
             FROM outages
             WHERE ($1::bool IS NULL OR (ended_at IS NULL) = $1) AND ($6::smallint IS NULL OR status = $6)
                 AND started_at >= $7 AND started_at < $8 AND coalesce(ended_at, 'infinity') > $9
                 AND ($10::interval[] IS NULL OR ended_at IS NULL OR ended_at - started_at >= $10[status]) AND "#
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
            i64::from($wanted.limit),
            $wanted.status.map(|status| status as i16),
            $wanted.from.unwrap_or(Moment::from_millis(EVER)).to_datetime(),
            $wanted.until.unwrap_or(Moment::from_millis(NEVER)).to_datetime(),
            $wanted.lasting_at.unwrap_or(Moment::from_millis(EVER)).to_datetime(),
            shortest.as_deref()
            $(, $key)*
        )
        .fetch_all($pool)
        .await?
    }};
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
        within(READ_TIMEOUT, Box::pin(read)).await
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
        within(READ_TIMEOUT, Box::pin(read)).await
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
        // What begins later is not walked over.
        let last = wanted.until.map(|until| until - Duration::from_millis(1));
        let start = last.unwrap_or(Moment::from_millis(NEVER)).to_datetime();
        let never = OutagePlace { start, site: 0, status: 0 };
        let Some((start, slug, status)) = &wanted.after else { return Ok(Some((site, never))) };
        // Of a site that is not known, all of this start come after it.
        let after = self.site_id(slug).await?.unwrap_or_default();
        let (start, status) = (start.to_datetime(), *status as i16);
        Ok(Some((site, OutagePlace { start, site: after, status })))
    }

    /// One outage with its evidence; `None` when there is none of this site, start and status.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn outage(
        &self,
        slug: &Slug,
        start: Moment,
        status: Status,
        around: Duration,
    ) -> Result<Option<OutageEvidence>, StoreError> {
        let read = async {
            let Some(site) = self.site_id(slug).await? else { return Ok(None) };
            let row = sqlx::query!(
                "SELECT id, provider, ended_at, failure, failure_detail, regions, opened_by, closed_by
                 FROM outages WHERE site_id = $1 AND started_at = $2 AND status = $3",
                site,
                start.to_datetime(),
                status as i16,
            );
            let Some(row) = row.fetch_optional(&self.readers).await? else { return Ok(None) };
            let record = OutageRecord {
                id: row.id,
                site_id: site,
                provider: row.provider,
                status: status as i16,
                started_at: start.to_datetime(),
                ended_at: row.ended_at,
                failure: row.failure,
                failure_detail: row.failure_detail,
                regions: row.regions,
            };
            let end = row.ended_at.map_or(Moment::from_millis(NEVER), Moment::from);
            let stretch = (start - around, end + around);
            let course = spans_of_one(site, stretch, &mut *self.readers.acquire().await?).await?;
            Ok(record.outage(slug.clone()).map(|outage| OutageEvidence {
                row: outage,
                opened_by: receipts::read(row.opened_by).collect(),
                closed_by: receipts::read(row.closed_by).collect(),
                course,
            }))
        };
        within(READ_TIMEOUT, Box::pin(read)).await
    }

    /// The wanted outages that began from the one moment until the other, summed by month, newest first.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn outage_months(
        &self,
        wanted: &OutagesWanted,
        (from, until): (Moment, Moment),
        now: Moment,
    ) -> Result<Vec<OutageMonth>, StoreError> {
        let read = async {
            let mut site = None;
            if let Some(slug) = &wanted.site {
                site = self.site_id(slug).await?;
                if site.is_none() {
                    return Ok(Vec::new());
                }
            }
            let shortest = wanted.shortest();
            let rows = sqlx::query!(
                r#"SELECT date_trunc('month', started_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS "month!",
                       count(*) AS "count!",
                       sum(extract(epoch FROM greatest(coalesce(ended_at, $3) - started_at, interval '0')))::float8
                           AS "seconds!"
                   FROM outages
                   WHERE started_at >= $1 AND started_at < $2 AND ($4::int IS NULL OR site_id = $4)
                       AND ($5::text IS NULL OR provider = $5) AND ($6::smallint IS NULL OR status = $6)
                       AND ($7::interval[] IS NULL OR ended_at IS NULL OR ended_at - started_at >= $7[status])
                   GROUP BY 1 ORDER BY 1 DESC"#,
                from.to_datetime(),
                until.to_datetime(),
                now.to_datetime(),
                site,
                wanted.provider.as_deref(),
                wanted.status.map(|status| status as i16),
                shortest.as_deref(),
            );
            let rows = rows.fetch_all(&self.readers).await?;
            let month = rows.into_iter().map(|row| OutageMonth {
                begins_at: row.month.into(),
                count: u64::try_from(row.count).unwrap_or_default(),
                together: Duration::try_from_secs_f64(row.seconds).unwrap_or_default(),
            });
            Ok(month.collect())
        };
        within(READ_TIMEOUT, Box::pin(read)).await
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
        Self {
            site: None,
            provider: None,
            ongoing: None,
            status: None,
            from: None,
            until: None,
            lasting_at: None,
            long: false,
            noticeable: false,
            after: None,
            limit,
        }
    }

    /// The least duration of the wanted outages, by the number of their status as arrays of Postgres count.
    fn shortest(&self) -> Option<Vec<PgInterval>> {
        let interval = |status| PgInterval {
            months: 0,
            days: 0,
            microseconds: Outage::noticeable_after(status).as_micros() as i64,
        };
        self.noticeable.then(|| Status::ALL.map(interval).into())
    }
}
