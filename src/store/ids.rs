//! A memory of the ids of sites and regions, and of the days with a partition of checks: no
//! statement joins a large table with a small one.
//!
//! A name that Postgres does not know is inserted at once: a check must never be lost because its
//! site was not in the catalogue's mirror yet.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::{PoisonError, RwLock},
};

use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::{Store, StoreError, WRITE_TIMEOUT, partitions, within};
use model::{
    moment::Moment,
    name::{Region, Slug},
};

/// All regions together, as rollups have them.
pub(super) const ALL_REGIONS: i16 = 0;

/// Ids known to be in Postgres; forgotten after each failure, as it may be another database since.
#[derive(Debug, Default)]
pub(super) struct Ids {
    sites: RwLock<HashMap<Slug, i32>>,
    regions: RwLock<HashMap<Region, i16>>,
    /// Days (Julian) whose partition of `checks` is there.
    days: RwLock<HashSet<i32>>,
}

impl Ids {
    /// The numbers of these sites; `at` is when one was added that was not known.
    pub(super) async fn sites(
        &self,
        pool: &PgPool,
        slugs: HashSet<&Slug>,
        at: Moment,
    ) -> Result<HashMap<Slug, i32>, StoreError> {
        let (mut known, missing) = split(&self.sites, slugs);
        if missing.is_empty() {
            return Ok(known);
        }
        let mut names: Vec<String> = missing.iter().map(|slug| slug.as_str().to_owned()).collect();
        names.sort_unstable();
        sqlx::query!(
            "INSERT INTO sites (slug, url, name, added_at)
             SELECT s, '', s, $2 FROM unnest($1::text[]) AS s
             WHERE NOT EXISTS (SELECT FROM sites WHERE slug = s)
             ON CONFLICT DO NOTHING",
            &names,
            at.to_datetime()
        )
        .execute(pool)
        .await?;
        let rows = sqlx::query!("SELECT id, slug FROM sites WHERE slug = ANY($1)", &names)
            .fetch_all(pool)
            .await?;
        let found: Vec<(Slug, i32)> =
            rows.into_iter().filter_map(|r| Some((Slug::new(&r.slug).ok()?, r.id))).collect();
        known.extend(found.iter().cloned());
        remember(&self.sites, found);
        Ok(known)
    }

    /// The numbers of these regions.
    pub(super) async fn regions(
        &self,
        pool: &PgPool,
        regions: HashSet<&Region>,
    ) -> Result<HashMap<Region, i16>, StoreError> {
        let (mut known, missing) = split(&self.regions, regions);
        if missing.is_empty() {
            return Ok(known);
        }
        let names: Vec<String> = missing.iter().map(|name| name.as_str().to_owned()).collect();
        sqlx::query!(
            "INSERT INTO regions (name) SELECT n FROM unnest($1::text[]) AS n
             WHERE NOT EXISTS (SELECT FROM regions WHERE name = n)
             ON CONFLICT DO NOTHING",
            &names
        )
        .execute(pool)
        .await?;
        let rows = sqlx::query!("SELECT id, name FROM regions WHERE name = ANY($1)", &names)
            .fetch_all(pool)
            .await?;
        let found: Vec<(Region, i16)> =
            rows.into_iter().filter_map(|r| Some((Region::new(&r.name).ok()?, r.id))).collect();
        known.extend(found.iter().cloned());
        remember(&self.regions, found);
        Ok(known)
    }

    /// Sees to it that the days of these moments have their partitions.
    pub(super) async fn days(
        &self,
        pool: &PgPool,
        moments: impl Iterator<Item = OffsetDateTime>,
    ) -> Result<(), StoreError> {
        let wanted: HashSet<time::Date> = moments.map(OffsetDateTime::date).collect();
        let is_new = |day: &time::Date| {
            !self.days.read().unwrap_or_else(PoisonError::into_inner).contains(&day.to_julian_day())
        };
        for day in wanted.into_iter().filter(is_new).collect::<Vec<_>>() {
            // Each has the time of a write: a cluster takes long to make one.
            let made = async { partitions::ensure_day(day, &mut *pool.acquire().await?).await };
            within(WRITE_TIMEOUT, made).await?;
            let mut days = self.days.write().unwrap_or_else(PoisonError::into_inner);
            days.insert(day.to_julian_day());
        }
        Ok(())
    }

    /// Forgets which partitions are there.
    pub(super) fn forget_days(&self) {
        self.days.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Forgets everything.
    pub(super) fn forget(&self) {
        self.forget_days();
        self.sites.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.regions.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Store {
    /// The number of a site, if it is known.
    pub(super) async fn site_id(&self, slug: &Slug) -> Result<Option<i32>, StoreError> {
        let known =
            self.ids.sites.read().unwrap_or_else(PoisonError::into_inner).get(slug).copied();
        if known.is_some() {
            return Ok(known);
        }
        let id = sqlx::query_scalar!("SELECT id FROM sites WHERE slug = $1", slug.as_str());
        let id = id.fetch_optional(&self.readers).await?;
        remember(&self.ids.sites, id.map(|id| (slug.clone(), id)));
        Ok(id)
    }

    /// The numbers of those of these sites that are watched.
    pub(super) async fn watched_ids(&self, slugs: &[Slug]) -> Result<Vec<(i32, Slug)>, StoreError> {
        let names: Vec<String> = slugs.iter().map(|slug| slug.as_str().to_owned()).collect();
        let rows = sqlx::query!(
            "SELECT id, slug FROM sites WHERE slug = ANY($1) AND removed_at IS NULL ORDER BY id",
            &names
        );
        let rows = rows.fetch_all(&self.pool).await?.into_iter();
        Ok(rows.filter_map(|row| Some((row.id, Slug::new(&row.slug).ok()?))).collect())
    }

    /// The names of these sites.
    pub(super) async fn slugs_of(&self, ids: &[i32]) -> Result<HashMap<i32, Slug>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = sqlx::query!("SELECT id, slug FROM sites WHERE id = ANY($1)", ids);
        let rows = rows.fetch_all(&self.readers).await?.into_iter();
        Ok(rows.filter_map(|row| Some((row.id, Slug::new(&row.slug).ok()?))).collect())
    }

    /// The regions that this version allows, by number.
    pub(super) async fn region_names(&self) -> Result<HashMap<i16, Region>, StoreError> {
        regions(&mut *self.readers.acquire().await?).await
    }
}

/// The regions that this version allows, by number.
pub(super) async fn regions(from: &mut PgConnection) -> Result<HashMap<i16, Region>, StoreError> {
    let rows = sqlx::query!("SELECT id, name FROM regions").fetch_all(from).await?;
    let named = rows.into_iter().filter_map(|row| Some((row.id, Region::new(&row.name).ok()?)));
    Ok(named.collect())
}

/// The numbers of all regions that checks may have.
pub(super) async fn region_ids(from: &mut PgConnection) -> Result<Vec<i16>, StoreError> {
    let ids = sqlx::query_scalar!("SELECT id FROM regions WHERE id <> 0 ORDER BY id");
    Ok(ids.fetch_all(from).await?)
}

/// The number of a region, if any check was ever made from there.
pub(super) async fn region_id(
    region: &Region,
    from: &mut PgConnection,
) -> Result<Option<i16>, StoreError> {
    let id = sqlx::query_scalar!("SELECT id FROM regions WHERE name = $1", region.as_str());
    Ok(id.fetch_optional(from).await?)
}

/// Returns whether these sites still have these numbers: a database that was restored may give
/// others.
pub(super) async fn hold(
    sites: &HashMap<Slug, i32>,
    from: &mut PgConnection,
) -> Result<bool, StoreError> {
    let slugs: Vec<String> = sites.keys().map(|slug| slug.as_str().to_owned()).collect();
    let ids: Vec<i32> = sites.values().copied().collect();
    let same = sqlx::query_scalar!(
        r#"SELECT count(*) AS "same!" FROM sites s
         JOIN unnest($1::int[], $2::text[]) AS known (id, slug) ON s.id = known.id AND s.slug = known.slug"#,
        &ids,
        &slugs
    );
    Ok(same.fetch_one(from).await? == ids.len() as i64)
}

fn remember<K: Eq + Hash, V>(
    memory: &RwLock<HashMap<K, V>>,
    found: impl IntoIterator<Item = (K, V)>,
) {
    memory.write().unwrap_or_else(PoisonError::into_inner).extend(found);
}

/// Splits the wanted keys into those remembered, with their values, and the others.
fn split<'a, K: Clone + Eq + Hash, V: Copy>(
    memory: &RwLock<HashMap<K, V>>,
    wanted: HashSet<&'a K>,
) -> (HashMap<K, V>, Vec<&'a K>) {
    let memory = memory.read().unwrap_or_else(PoisonError::into_inner);
    let (mut known, mut missing) = (HashMap::with_capacity(wanted.len()), Vec::new());
    for key in wanted {
        match memory.get(key) {
            Some(&id) => drop(known.insert(key.clone(), id)),
            None => missing.push(key),
        }
    }
    (known, missing)
}
