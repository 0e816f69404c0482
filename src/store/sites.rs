//! The catalogue's mirror. A site that the catalogue lets go keeps its row, and so its history.

use std::sync::Arc;

use super::{Store, StoreError, WRITE, columns::text, within};
use crate::model::{moment::Moment, site::Site};

impl Store {
    /// Makes the mirror as the catalogue is: adds, changes, and marks as removed.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn sync_sites(&self, sites: &[Arc<Site>], now: Moment) -> Result<(), StoreError> {
        within(WRITE, self.mirror(sites, now)).await
    }

    async fn mirror(&self, sites: &[Arc<Site>], now: Moment) -> Result<(), StoreError> {
        let slugs: Vec<String> = sites.iter().map(|s| s.slug.as_str().to_owned()).collect();
        let urls: Vec<String> = sites.iter().map(|s| s.url.to_string()).collect();
        let names: Vec<String> = sites.iter().map(|s| text(&s.name)).collect();
        let providers: Vec<Option<String>> =
            sites.iter().map(|s| s.provider.as_deref().map(text)).collect();
        let now = now.to_datetime();
        let mut transaction = self.pool.begin().await?;
        // Apart from the insert, so that a start does not use up 10,000 numbers, and only where
        // something is new, so that it does not write every row.
        sqlx::query!(
            "UPDATE sites s SET url = n.url, name = n.name, provider = n.provider, removed_at = NULL
             FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
                 AS n (slug, url, name, provider)
             WHERE s.slug = n.slug AND (s.url, s.name, s.provider, s.removed_at)
                 IS DISTINCT FROM (n.url, n.name, n.provider, NULL)",
            &slugs,
            &urls,
            &names,
            &providers as &[Option<String>]
        )
        .execute(&mut *transaction)
        .await?;
        sqlx::query!(
            "INSERT INTO sites (slug, url, name, provider, added_at)
             SELECT n.slug, n.url, n.name, n.provider, $5
             FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
                 AS n (slug, url, name, provider)
             WHERE NOT EXISTS (SELECT FROM sites s WHERE s.slug = n.slug)
             ON CONFLICT DO NOTHING",
            &slugs,
            &urls,
            &names,
            &providers as &[Option<String>],
            now
        )
        .execute(&mut *transaction)
        .await?;
        sqlx::query!(
            "UPDATE sites SET removed_at = $2 WHERE removed_at IS NULL AND slug <> ALL($1)",
            &slugs,
            now
        )
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }
}
