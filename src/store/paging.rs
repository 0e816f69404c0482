//! Reading outages a page at a time, newest first.
//!
//! A page goes on after a place, not after a count: rows that come in meanwhile move nothing. The
//! cost of a page does not grow with what lies before or behind it.

use super::{OutageRow, READ, Store, StoreError, verdicts, within};
use crate::model::{moment::Moment, name::Slug, verdict::Status};

/// Which outages are wanted.
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
    /// At most so many.
    pub limit: u32,
}

/// Beyond every moment that is kept.
const NEVER: i64 = i64::MAX;

/// Reads the outages on one side of the place that `$wanted` names, the nearest first: one statement
/// for each way to find them, so that each has an index to walk along.
macro_rules! beside {
    ($pool:expr, $wanted:expr, $beyond:literal, $order:literal) => {{
        let read = async {
            Ok(match (&$wanted.site, $wanted.provider.as_deref()) {
                (Some(site), provider) => beside!(
                    $pool, $wanted, $beyond, $order,
                    "s.slug = $6 AND ($7::text IS NULL OR o.provider = $7)",
                    site.as_str(), provider
                ),
                (None, Some(provider)) => {
                    beside!($pool, $wanted, $beyond, $order, "o.provider = $6", provider)
                }
                // Few among many: they have an index of their own.
                (None, None) if $wanted.ongoing == Some(true) => {
                    beside!($pool, $wanted, $beyond, $order, "o.ended_at IS NULL",)
                }
                (None, None) => beside!($pool, $wanted, $beyond, $order, "true",),
            })
        };
        within(READ, Box::pin(read)).await?.into_iter().filter_map(verdicts::Row::outage)
    }};
    ($pool:expr, $wanted:expr, $beyond:literal, $order:literal, $which:literal, $($key:expr),*) => {{
        let (start, slug, status) = $wanted.place();
        sqlx::query_as!(
            verdicts::Row,
            r#"SELECT o.id, s.slug, o.provider, o.status, o.started_at, o.ended_at, o.failure,
                 o.detail, o.regions
             FROM outages o JOIN sites s ON s.id = o.site_id
             WHERE ($1::bool IS NULL OR (o.ended_at IS NULL) = $1) AND "#
                + $beyond
                + " AND "
                + $which
                + " ORDER BY "
                + $order
                + " LIMIT $5",
            $wanted.ongoing,
            start.to_datetime(),
            slug,
            status,
            i64::from($wanted.limit)
            $(, $key)*
        )
        .fetch_all($pool)
        .await?
    }};
}

impl Store {
    /// The outages that are wanted: newest first; of one start by slug, of one site the worst first.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn outages_page(&self, wanted: &OutagesWanted) -> Result<Vec<OutageRow>, StoreError> {
        let rows = beside!(
            &self.readers,
            wanted,
            r#"o.started_at <= $2 AND (o.started_at < $2 OR s.slug COLLATE "C" > $3
                 OR (s.slug = $3 AND o.status < $4))"#,
            r#"o.started_at DESC, s.slug COLLATE "C", o.status DESC"#
        );
        Ok(rows.collect())
    }

    /// As [`Store::outages_page`], of those that come before the place which `after` names: the
    /// page that a reader at this place has turned from.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn outages_before(
        &self,
        wanted: &OutagesWanted,
    ) -> Result<Vec<OutageRow>, StoreError> {
        let rows = beside!(
            &self.readers,
            wanted,
            r#"o.started_at >= $2 AND (o.started_at > $2 OR s.slug COLLATE "C" < $3
                 OR (s.slug = $3 AND o.status > $4))"#,
            r#"o.started_at, s.slug COLLATE "C" DESC, o.status"#
        );
        Ok(rows.rev().collect())
    }
}

impl OutagesWanted {
    /// The newest of all sites.
    pub fn newest(limit: u32) -> Self {
        Self { site: None, provider: None, ongoing: None, after: None, limit }
    }

    /// The start, the slug and the number of the status after which the page begins.
    fn place(&self) -> (Moment, &str, i16) {
        match &self.after {
            Some((start, slug, status)) => (*start, slug.as_str(), i16::from(*status as u8)),
            None => (Moment::from_millis(NEVER), "", 0),
        }
    }
}
