//! Reading everything, for an export: day by day, some sites at a time, in a fixed order, so that it
//! can go on where it ended.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

use time::OffsetDateTime;

use super::{
    JOB_TIMEOUT, Store, StoreError,
    checks::CheckRow,
    rows::{cause, notes, status},
    within,
};
use model::{
    check::Check,
    moment::Moment,
    name::{Region, Slug},
    rollup::BucketLength,
    verdict::{Change, Outage, SelfDoubt, Verdict},
};

/// A row of the table of changes.
struct ChangeRow {
    site_id: i32,
    at: OffsetDateTime,
    from_at: OffsetDateTime,
    since: Option<OffsetDateTime>,
    status: i16,
    failure: Option<i16>,
    restricted: bool,
    failure_detail: Option<serde_json::Value>,
    unstable: bool,
    doubt: Option<i16>,
    notes: serde_json::Value,
}

/// A day (UTC) of which there is something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedDay {
    /// The moment when it begins.
    pub at: Moment,
    /// True if its checks are still there; changes are kept for longer.
    pub checks: bool,
}

/// A site by its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberedSite {
    /// Its number.
    pub id: i32,
    /// Its name.
    pub slug: Slug,
}

impl Store {
    /// The days with checks or verdict changes, oldest first.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn recorded_days(&self) -> Result<Vec<RecordedDay>, StoreError> {
        let read = async {
            let checked = sqlx::query_scalar!(
                r#"SELECT to_date(substring(c.relname FROM '\d{8}$'), 'YYYYMMDD') AS "day!"
                 FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                 WHERE i.inhparent = 'checks'::regclass AND c.relname ~ '_\d{8}$'"#
            );
            let checked = checked.fetch_all(&self.pool).await?;
            let judged = sqlx::query_scalar!(
                r#"SELECT DISTINCT (at AT TIME ZONE 'UTC')::date AS "day!" FROM changes"#
            );
            let judged = judged.fetch_all(&self.pool).await?;
            let mut days: BTreeMap<time::Date, bool> =
                judged.into_iter().map(|day| (day, false)).collect();
            days.extend(checked.into_iter().map(|day| (day, true)));
            Ok(days)
        };
        let day =
            |at: time::Date, checks| RecordedDay { at: at.midnight().assume_utc().into(), checks };
        let days = within(JOB_TIMEOUT, Box::pin(read)).await?;
        Ok(days.into_iter().map(|(at, checks)| day(at, checks)).collect())
    }

    /// The sites with a number above this one, removed ones too, at most `limit`.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn sites_after(&self, id: i32, limit: u32) -> Result<Vec<NumberedSite>, StoreError> {
        let rows = sqlx::query!(
            "SELECT id, slug FROM sites WHERE id > $1 ORDER BY id LIMIT $2",
            id,
            i64::from(limit)
        );
        let rows = within(JOB_TIMEOUT, async { Ok(rows.fetch_all(&self.pool).await?) }).await?;
        let named = |id, slug: &str| Some(NumberedSite { id, slug: Slug::new(slug).ok()? });
        Ok(rows.into_iter().filter_map(|row| named(row.id, &row.slug)).collect())
    }

    /// All checks of these sites in a day (UTC), each once.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn checks_of_day(
        &self,
        sites: &[NumberedSite],
        day: Moment,
    ) -> Result<Vec<Check>, StoreError> {
        let read = async {
            let regions = self.region_names().await?;
            let ids: Vec<i32> = sites.iter().map(|site| site.id).collect();
            let slugs: HashMap<i32, &Slug> = sites.iter().map(|s| (s.id, &s.slug)).collect();
            let (from, until) = (day, day + BucketLength::Day.length());
            let rows = sqlx::query_as!(
                CheckRow,
                "SELECT site_id, region_id, at, outcome, failure, http_status, dns_us, connect_us,
                     tls_us, wait_us, transfer_us, attempts, failure_detail
                 FROM checks WHERE site_id = ANY($1) AND at >= $2 AND at < $3
                 ORDER BY site_id, region_id, at",
                &ids,
                from.to_datetime(),
                until.to_datetime()
            );
            let mut checks = Vec::new();
            for row in rows.fetch_all(&self.pool).await? {
                let (Some(slug), Some(region)) =
                    (slugs.get(&row.site_id), regions.get(&row.region_id))
                else {
                    continue;
                };
                checks.push(row.check(region.clone())?.of((*slug).clone()));
            }
            Ok(checks)
        };
        within(JOB_TIMEOUT, Box::pin(read)).await
    }

    /// The verdict changes of these sites that were settled in `[from, until)`, and, when `held`,
    /// the ones in force at `from`; with their outages as of those changes.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn changes_between(
        &self,
        sites: &[NumberedSite],
        (from, until): (Moment, Moment),
        held: bool,
    ) -> Result<Vec<(Slug, Change)>, StoreError> {
        let ids: Vec<i32> = sites.iter().map(|site| site.id).collect();
        let (from, until) = (from.to_datetime(), until.to_datetime());
        let slugs: HashMap<i32, &Slug> = sites.iter().map(|s| (s.id, &s.slug)).collect();
        let read = async {
            let mut left = self.outages_left(&ids, (from, until), held).await?;
            let rows = sqlx::query_as!(
                ChangeRow,
                "SELECT site_id, at, from_at, since, status, failure, restricted, failure_detail, unstable,
                     doubt, notes
                 FROM changes WHERE site_id = ANY($1) AND at >= $2 AND at < $3",
                &ids,
                from,
                until
            );
            let mut rows = rows.fetch_all(&self.pool).await?;
            if held {
                for id in &ids {
                    rows.extend(self.change_before(*id, from).await?);
                }
            }
            rows.sort_by_key(|row| (row.site_id, row.at, row.from_at, Reverse(row.status)));
            let changes = rows.into_iter().filter_map(|row| {
                let at = Moment::from(row.at);
                let verdict = Verdict {
                    status: status(row.status)?,
                    restricted: row.restricted,
                    since: row.since.map(Moment::from),
                    cause: cause(row.failure, row.failure_detail),
                    unstable: row.unstable,
                    doubt: row.doubt.and_then(|n| SelfDoubt::from_number(u8::try_from(n).ok()?)),
                    notes: notes(row.notes),
                };
                let outages = left.remove(&(row.site_id, at)).unwrap_or_default();
                let slug = (*slugs.get(&row.site_id)?).clone();
                Some((
                    slug,
                    Change {
                        at,
                        from: row.from_at.into(),
                        verdict,
                        outages,
                        withdrawn: None,
                        outages_only: false,
                    },
                ))
            });
            Ok(changes.collect())
        };
        within(JOB_TIMEOUT, Box::pin(read)).await
    }

    /// The last change of a site that was settled before a moment.
    async fn change_before(
        &self,
        site: i32,
        moment: OffsetDateTime,
    ) -> Result<Option<ChangeRow>, StoreError> {
        let row = sqlx::query_as!(
            ChangeRow,
            "SELECT site_id, at, from_at, since, status, failure, restricted, failure_detail, unstable,
                 doubt, notes
             FROM changes WHERE site_id = $1 AND at < $2
             ORDER BY at DESC, from_at DESC, status LIMIT 1",
            site,
            moment
        );
        Ok(row.fetch_optional(&self.pool).await?)
    }

    /// The outages of these sites by the changes that left them so.
    async fn outages_left(
        &self,
        sites: &[i32],
        (from, until): (OffsetDateTime, OffsetDateTime),
        held: bool,
    ) -> Result<HashMap<(i32, Moment), Vec<Outage>>, StoreError> {
        let outages = sqlx::query!(
            "SELECT site_id, changed_at, started_at, ended_at, status, failure, failure_detail, regions
             FROM outages WHERE site_id = ANY($1) AND (changed_at >= $2 OR $4) AND changed_at < $3",
            sites,
            from,
            until,
            held
        );
        let mut left = HashMap::<(i32, Moment), Vec<Outage>>::new();
        for row in outages.fetch_all(&self.pool).await? {
            let Some(status) = status(row.status) else { continue };
            left.entry((row.site_id, row.changed_at.into())).or_default().push(Outage {
                status,
                started_at: row.started_at.into(),
                ended_at: row.ended_at.map(Moment::from),
                cause: cause(row.failure, row.failure_detail),
                regions: row.regions.iter().filter_map(|r| Region::new(r).ok()).collect(),
            });
        }
        Ok(left)
    }
}
