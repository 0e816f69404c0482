//! The catalogue's mirror. A site removed from the catalogue keeps its row, and so its history.

use std::sync::Arc;

use sqlx::PgConnection;

use super::{Store, StoreError, WRITE_TIMEOUT, rows::text, within};
use model::{moment::Moment, site::Site};

impl Store {
    /// Brings the mirror up to date: adds, changes, and marks as removed.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn sync_sites(&self, sites: &[Arc<Site>], now: Moment) -> Result<(), StoreError> {
        within(WRITE_TIMEOUT, self.mirror(sites, now)).await
    }

    async fn mirror(&self, sites: &[Arc<Site>], now: Moment) -> Result<(), StoreError> {
        let columns = SiteColumns::of(sites);
        let mut transaction = self.begin().await?;
        columns.update(&mut transaction).await?;
        columns.insert(now, &mut transaction).await?;
        sqlx::query!(
            "UPDATE sites SET removed_at = $2 WHERE removed_at IS NULL AND slug <> ALL($1)",
            &columns.slugs,
            now.to_datetime()
        )
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// The catalogue by columns.
struct SiteColumns {
    slugs: Vec<String>,
    urls: Vec<String>,
    names: Vec<String>,
    providers: Vec<Option<String>>,
}

impl SiteColumns {
    /// In the order of the slugs: the recorder adds sites in the same order, so that the two never
    /// wait for each other.
    fn of(sites: &[Arc<Site>]) -> Self {
        let mut sites: Vec<&Arc<Site>> = sites.iter().collect();
        sites.sort_unstable_by(|one, other| one.slug.cmp(&other.slug));
        Self {
            slugs: sites.iter().map(|s| s.slug.as_str().to_owned()).collect(),
            urls: sites.iter().map(|s| s.url.to_string()).collect(),
            names: sites.iter().map(|s| text(&s.name)).collect(),
            providers: sites.iter().map(|s| s.provider.as_deref().map(text)).collect(),
        }
    }

    /// Writes only where something is new, so that a start does not write every row.
    async fn update(&self, to: &mut PgConnection) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE sites s SET url = n.url, name = n.name, provider = n.provider, removed_at = NULL
             FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
                 AS n (slug, url, name, provider)
             WHERE s.slug = n.slug AND (s.url, s.name, s.provider, s.removed_at)
                 IS DISTINCT FROM (n.url, n.name, n.provider, NULL)",
            &self.slugs,
            &self.urls,
            &self.names,
            &self.providers as &[Option<String>]
        )
        .execute(to)
        .await?;
        Ok(())
    }

    /// Inserts only what is missing: an upsert would use up a number for every site at every start.
    async fn insert(&self, now: Moment, to: &mut PgConnection) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO sites (slug, url, name, provider, added_at)
             SELECT n.slug, n.url, n.name, n.provider, $5
             FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
                 AS n (slug, url, name, provider)
             WHERE NOT EXISTS (SELECT FROM sites s WHERE s.slug = n.slug)
             ON CONFLICT DO NOTHING",
            &self.slugs,
            &self.urls,
            &self.names,
            &self.providers as &[Option<String>],
            now.to_datetime()
        )
        .execute(to)
        .await?;
        Ok(())
    }
}
