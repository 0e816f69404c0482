//! The small numbers of sites and regions, remembered.
//!
//! A name that Postgres does not know is put there at once: a check must never be lost because its
//! site was not in the catalogue's mirror yet.

use std::{
    collections::{HashMap, HashSet},
    sync::{PoisonError, RwLock},
};

use sqlx::PgPool;
use time::OffsetDateTime;

use super::StoreError;
use crate::model::{
    moment::Moment,
    name::{Region, Slug},
};

/// What we know of Postgres; forgotten whenever it was away, as it may be another one since.
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
        self.sites.write().unwrap_or_else(PoisonError::into_inner).extend(found);
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
        self.regions.write().unwrap_or_else(PoisonError::into_inner).extend(found);
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
            sqlx::query!("SELECT ensure_checks_partition($1)", day).execute(pool).await?;
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

/// What of this is remembered, and what is not.
fn split<'a, K: Clone + Eq + std::hash::Hash, V: Copy>(
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
