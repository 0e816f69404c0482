//! Turning back: the outages that lie before a place, the nearest of them, in the order of a page.

use super::{super::verdicts, OutagesWanted};
use crate::store::{OutageRow, READ, Store, StoreError, within};

impl Store {
    /// As [`Store::outages_page`], of those that come before the place which `after` names: the
    /// page that a reader at this place has turned from.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn outages_before(
        &self,
        wanted: &OutagesWanted,
    ) -> Result<Vec<OutageRow>, StoreError> {
        let rows = within(READ, self.newer(wanted)).await?;
        Ok(rows.into_iter().rev().filter_map(verdicts::Row::outage).collect())
    }

    async fn newer(&self, wanted: &OutagesWanted) -> Result<Vec<verdicts::Row>, StoreError> {
        let (start, slug, status) = wanted.place();
        let (start, limit) = (start.to_datetime(), i64::from(wanted.limit));
        if let Some(site) = &wanted.site {
            let rows = sqlx::query_as!(
                verdicts::Row,
                r#"SELECT o.id, s.slug, o.provider, o.status, o.started_at, o.ended_at, o.failure,
                     o.detail, o.regions
                 FROM sites s JOIN outages o ON o.site_id = s.id
                 WHERE s.slug = $1 AND ($2::text IS NULL OR o.provider = $2)
                     AND ($3::bool IS NULL OR (o.ended_at IS NULL) = $3)
                     AND o.started_at >= $4 AND (o.started_at > $4 OR s.slug COLLATE "C" < $5
                         OR (s.slug = $5 AND o.status > $6))
                 ORDER BY o.started_at, o.status LIMIT $7"#,
                site.as_str(),
                wanted.provider.as_deref(),
                wanted.ongoing,
                start,
                slug,
                status,
                limit
            );
            return Ok(rows.fetch_all(&self.pool).await?);
        }
        if let Some(provider) = &wanted.provider {
            let rows = sqlx::query_as!(
                verdicts::Row,
                r#"SELECT o.id, s.slug, o.provider, o.status, o.started_at, o.ended_at, o.failure,
                     o.detail, o.regions
                 FROM outages o JOIN sites s ON o.site_id = s.id
                 WHERE o.provider = $1 AND ($2::bool IS NULL OR (o.ended_at IS NULL) = $2)
                     AND o.started_at >= $3 AND (o.started_at > $3 OR s.slug COLLATE "C" < $4
                         OR (s.slug = $4 AND o.status > $5))
                 ORDER BY o.started_at, s.slug COLLATE "C" DESC, o.status LIMIT $6"#,
                provider,
                wanted.ongoing,
                start,
                slug,
                status,
                limit
            );
            return Ok(rows.fetch_all(&self.pool).await?);
        }
        let rows = sqlx::query_as!(
            verdicts::Row,
            r#"SELECT o.id, s.slug, o.provider, o.status, o.started_at, o.ended_at, o.failure,
                 o.detail, o.regions
             FROM outages o JOIN sites s ON o.site_id = s.id
             WHERE ($1::bool IS NULL OR (o.ended_at IS NULL) = $1)
                 AND o.started_at >= $2 AND (o.started_at > $2 OR s.slug COLLATE "C" < $3
                     OR (s.slug = $3 AND o.status > $4))
             ORDER BY o.started_at, s.slug COLLATE "C" DESC, o.status LIMIT $5"#,
            wanted.ongoing,
            start,
            slug,
            status,
            limit
        );
        Ok(rows.fetch_all(&self.pool).await?)
    }
}
