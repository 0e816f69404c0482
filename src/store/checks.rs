//! Reading checks back: the newest of one site, and of all sites to fill the board at a start.
//!
//! Each site and region is a short walk at the end of its index, in the newest partition first, so
//! the cost does not grow with history.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use futures_util::TryStreamExt;
use time::OffsetDateTime;

use super::{
    READ, Store, StoreError, WRITE, columns::answer, rollups::hour, sealed::unreadable, within,
};
use crate::model::{
    moment::Moment,
    name::{Region, Slug},
    outcome::{Answer, Phases},
    sealed::{Kept, unpack},
};

/// A check as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRow {
    /// When the turn's first attempt began.
    pub at: Moment,
    /// Where we looked from.
    pub region: Region,
    /// Good, restricted, or failed and why.
    pub answer: Answer,
    /// The status of the last reply, if there was one.
    pub http_status: Option<u16>,
    /// The parts of its time.
    pub phases: Phases,
    /// How many attempts it took.
    pub attempts: u8,
}

impl CheckRow {
    /// A check of a region as it is kept.
    pub(super) fn of(region: Region, kept: Kept) -> Self {
        let Kept { at, answer, http_status, phases, attempts } = kept;
        Self { at, region, answer, http_status, phases, attempts }
    }
}

/// A row of the table of checks.
pub(super) struct Row {
    pub(super) site_id: i32,
    pub(super) region_id: i16,
    pub(super) at: OffsetDateTime,
    pub(super) http_status: i16,
    pub(super) outcome: i8,
    pub(super) phases: Vec<u8>,
    pub(super) attempts: Option<i16>,
    pub(super) detail: Option<String>,
}

impl Row {
    /// Without its site and region.
    pub(super) fn kept(self) -> Result<Kept, StoreError> {
        let at = self.at.into();
        let unreadable = || unreadable(self.site_id, at);
        Ok(Kept {
            at,
            answer: answer(self.outcome, self.detail.unwrap_or_default()).ok_or_else(unreadable)?,
            http_status: u16::try_from(self.http_status).ok().filter(|status| *status > 0),
            phases: Phases::unpack(&self.phases).ok_or_else(unreadable)?,
            attempts: u8::try_from(self.attempts.unwrap_or(1)).unwrap_or(u8::MAX),
        })
    }
}

fn just_before(moment: Moment) -> Moment {
    moment - Duration::from_millis(1)
}

/// Where a page of checks ends: the next page begins after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// The moment of the last check of the page.
    pub at: Moment,
    /// Its region.
    pub region: Region,
}

/// Sealed hours that are read together.
const HOURS: i64 = 24;

/// Newest first; of one moment, in the order of the regions.
type Sorted = BTreeMap<(Reverse<Moment>, Region), CheckRow>;

impl Store {
    /// The newest checks of a site that are older than `before`, newest first.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn recent_checks(
        &self,
        slug: &Slug,
        limit: u32,
        before: Option<Moment>,
    ) -> Result<Vec<CheckRow>, StoreError> {
        let last = before.map_or(Moment::from_millis(i64::MAX), just_before);
        self.checks_up_to(slug, Moment::from_millis(i64::MIN), last, limit, None).await
    }

    /// The checks of a site in `[from, until)`, newest first, at most so many; `after` gives the
    /// next page. Days that are sealed and days that are not are read alike, each check once.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn checks_between(
        &self,
        slug: &Slug,
        from: Moment,
        until: Moment,
        limit: u32,
        after: Option<&After>,
    ) -> Result<Vec<CheckRow>, StoreError> {
        self.checks_up_to(slug, from, just_before(until), limit, after).await
    }

    /// The checks of a site from the one moment to the other, both with them.
    async fn checks_up_to(
        &self,
        slug: &Slug,
        from: Moment,
        last: Moment,
        limit: u32,
        after: Option<&After>,
    ) -> Result<Vec<CheckRow>, StoreError> {
        // The moment of the last check is looked at again: other regions may have it too.
        let last = after.map_or(last, |after| after.at.min(last));
        let wanted = |row: &CheckRow| {
            (row.at >= from && row.at <= last)
                && after.is_none_or(|a| row.at < a.at || row.region > a.region)
        };
        let read = async {
            let names = self.region_names().await?;
            let mut found = self.single_checks(slug, (from, last), limit, &names).await?;
            found.retain(|_, row| wanted(row));
            let oldest = found.keys().nth((limit as usize).saturating_sub(1)).map(|(at, _)| at.0);
            let sealed = (oldest.unwrap_or(from), last);
            self.add_sealed_checks(slug, sealed, limit, &names, wanted, &mut found).await?;
            Ok(found.into_values().take(limit as usize).collect())
        };
        within(READ, Box::pin(read)).await
    }

    /// The names of the regions that this version allows.
    pub(super) async fn region_names(&self) -> Result<HashMap<i16, Region>, StoreError> {
        let rows = sqlx::query!("SELECT id, name FROM regions").fetch_all(&self.pool).await?;
        let named = rows.into_iter().filter_map(|row| Some((row.id, Region::new(&row.name).ok()?)));
        Ok(named.collect())
    }

    async fn single_checks(
        &self,
        slug: &Slug,
        (from, last): (Moment, Moment),
        limit: u32,
        names: &HashMap<i16, Region>,
    ) -> Result<Sorted, StoreError> {
        // One more than wanted: the first may be the last of the page before.
        let rows = sqlx::query_as!(
            Row,
            "SELECT c.site_id, c.region_id, c.at, c.http_status, c.outcome, c.phases,
                 c.attempts, c.detail
             FROM sites s CROSS JOIN regions r CROSS JOIN LATERAL (
                 SELECT * FROM checks WHERE site_id = s.id AND region_id = r.id
                     AND at >= $2 AND at <= $3 ORDER BY at DESC LIMIT $4
             ) c
             WHERE s.slug = $1",
            slug.as_str(),
            from.to_datetime(),
            last.to_datetime(),
            i64::from(limit) + 1
        );
        let mut checks = Sorted::new();
        for row in rows.fetch_all(&self.readers).await? {
            let Some(region) = names.get(&row.region_id) else { continue };
            let check = CheckRow::of(region.clone(), row.kept()?);
            checks.insert((Reverse(check.at), region.clone()), check);
        }
        Ok(checks)
    }

    /// Adds sealed checks, hour by hour, until there are enough.
    async fn add_sealed_checks(
        &self,
        slug: &Slug,
        (from, last): (Moment, Moment),
        limit: u32,
        names: &HashMap<i16, Region>,
        wanted: impl Fn(&CheckRow) -> bool,
        to: &mut Sorted,
    ) -> Result<(), StoreError> {
        let first = (from - Duration::from_hours(1)).to_datetime();
        let (mut until, mut added) = (hour(last) + Duration::from_hours(1), 0);
        while added <= limit {
            let rows = sqlx::query!(
                "SELECT d.site_id, d.region_id, d.at, d.packed
                 FROM sites s JOIN sealed d ON d.site_id = s.id
                 WHERE s.slug = $1 AND d.at > $2 AND d.at < $3
                 ORDER BY d.at DESC FETCH FIRST $4 ROWS WITH TIES",
                slug.as_str(),
                first,
                until.to_datetime(),
                HOURS
            );
            let rows = rows.fetch_all(&self.readers).await?;
            let more = rows.len() >= HOURS as usize;
            for row in rows {
                let begun = Moment::from(row.at);
                until = until.min(begun);
                let Some(region) = names.get(&row.region_id) else { continue };
                let kept = unpack(begun, &row.packed);
                for kept in kept.ok_or_else(|| unreadable(row.site_id, begun))? {
                    let row = CheckRow::of(region.clone(), kept);
                    if wanted(&row) {
                        added += 1;
                        to.insert((Reverse(row.at), region.clone()), row);
                    }
                }
            }
            if !more {
                break;
            }
        }
        Ok(())
    }

    /// The newest checks of every site that is watched, at most `each` a region, oldest first; of
    /// days that are not sealed yet.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn latest_checks(
        &self,
        each: u32,
    ) -> Result<HashMap<Slug, Vec<CheckRow>>, StoreError> {
        let read = async {
            let names = self.region_names().await?;
            let sites = sqlx::query!("SELECT id, slug FROM sites WHERE removed_at IS NULL");
            let sites = sites.fetch_all(&self.pool).await?.into_iter();
            let slugs: HashMap<i32, Slug> =
                sites.filter_map(|row| Some((row.id, Slug::new(&row.slug).ok()?))).collect();
            let mut rows = sqlx::query_as!(
                Row,
                "SELECT c.site_id, c.region_id, c.at, c.http_status, c.outcome, c.phases,
                     c.attempts, c.detail
                 FROM sites s CROSS JOIN regions r CROSS JOIN LATERAL (
                     SELECT * FROM checks WHERE site_id = s.id AND region_id = r.id
                     ORDER BY at DESC LIMIT $1
                 ) c
                 WHERE s.removed_at IS NULL ORDER BY s.id, c.at, r.id",
                i64::from(each)
            )
            .fetch(&self.pool);
            let mut checks: HashMap<Slug, Vec<CheckRow>> = HashMap::new();
            while let Some(row) = rows.try_next().await? {
                if let (Some(slug), Some(region)) =
                    (slugs.get(&row.site_id), names.get(&row.region_id))
                {
                    let row = CheckRow::of(region.clone(), row.kept()?);
                    checks.entry(slug.clone()).or_default().push(row);
                }
            }
            Ok(checks)
        };
        within(WRITE, Box::pin(read)).await
    }
}
