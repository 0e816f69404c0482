//! Reading outages a page at a time, newest first.
//!
//! A page goes on after a place, not after a count: rows that come in meanwhile move nothing. The
//! cost of a page does not grow with what lies before or behind it.

mod back;

use super::{READ, Store, StoreError, verdicts, within};
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

impl Store {
    /// The outages that are wanted: newest first; of one start by slug, of one site the worst first.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn outages_page(
        &self,
        wanted: &OutagesWanted,
    ) -> Result<Vec<super::OutageRow>, StoreError> {
        let rows = async {
            match (&wanted.site, &wanted.provider) {
                (Some(site), _) => self.outages_of_site(site, wanted).await,
                (None, Some(_)) => self.outages_of_provider(wanted).await,
                (None, None) => self.outages_of_all(wanted).await,
            }
        };
        let rows = within(READ, rows).await?;
        Ok(rows.into_iter().filter_map(verdicts::Row::outage).collect())
    }

    async fn outages_of_site(
        &self,
        site: &Slug,
        wanted: &OutagesWanted,
    ) -> Result<Vec<verdicts::Row>, StoreError> {
        let (start, slug, status) = wanted.place();
        let rows = sqlx::query_as!(
            verdicts::Row,
            r#"SELECT o.id, s.slug, o.provider, o.status, o.started_at, o.ended_at, o.failure,
                 o.detail, o.regions
             FROM sites s JOIN outages o ON o.site_id = s.id
             WHERE s.slug = $1 AND ($2::text IS NULL OR o.provider = $2)
                 AND ($3::bool IS NULL OR (o.ended_at IS NULL) = $3)
                 AND o.started_at <= $4 AND (o.started_at < $4 OR s.slug COLLATE "C" > $5
                     OR (s.slug = $5 AND o.status < $6))
             ORDER BY o.started_at DESC, o.status DESC LIMIT $7"#,
            site.as_str(),
            wanted.provider.as_deref(),
            wanted.ongoing,
            start.to_datetime(),
            slug,
            status,
            i64::from(wanted.limit)
        );
        Ok(rows.fetch_all(&self.pool).await?)
    }

    async fn outages_of_provider(
        &self,
        wanted: &OutagesWanted,
    ) -> Result<Vec<verdicts::Row>, StoreError> {
        let (start, slug, status) = wanted.place();
        let rows = sqlx::query_as!(
            verdicts::Row,
            r#"SELECT o.id, s.slug, o.provider, o.status, o.started_at, o.ended_at, o.failure,
                 o.detail, o.regions
             FROM outages o JOIN sites s ON o.site_id = s.id
             WHERE o.provider = $1 AND ($2::bool IS NULL OR (o.ended_at IS NULL) = $2)
                 AND o.started_at <= $3 AND (o.started_at < $3 OR s.slug COLLATE "C" > $4
                     OR (s.slug = $4 AND o.status < $5))
             ORDER BY o.started_at DESC, s.slug COLLATE "C", o.status DESC LIMIT $6"#,
            wanted.provider.as_deref(),
            wanted.ongoing,
            start.to_datetime(),
            slug,
            status,
            i64::from(wanted.limit)
        );
        Ok(rows.fetch_all(&self.pool).await?)
    }

    async fn outages_of_all(
        &self,
        wanted: &OutagesWanted,
    ) -> Result<Vec<verdicts::Row>, StoreError> {
        let (start, slug, status) = wanted.place();
        let rows = sqlx::query_as!(
            verdicts::Row,
            r#"SELECT o.id, s.slug, o.provider, o.status, o.started_at, o.ended_at, o.failure,
                 o.detail, o.regions
             FROM outages o JOIN sites s ON o.site_id = s.id
             WHERE ($1::bool IS NULL OR (o.ended_at IS NULL) = $1)
                 AND o.started_at <= $2 AND (o.started_at < $2 OR s.slug COLLATE "C" > $3
                     OR (s.slug = $3 AND o.status < $4))
             ORDER BY o.started_at DESC, s.slug COLLATE "C", o.status DESC LIMIT $5"#,
            wanted.ongoing,
            start.to_datetime(),
            slug,
            status,
            i64::from(wanted.limit)
        );
        Ok(rows.fetch_all(&self.pool).await?)
    }
}

impl OutagesWanted {
    /// The start, the slug and the number of the status after which the page begins.
    fn place(&self) -> (Moment, &str, i16) {
        match &self.after {
            Some((start, slug, status)) => (*start, slug.as_str(), i16::from(*status as u8)),
            None => (Moment::from_millis(NEVER), "", 0),
        }
    }
}
