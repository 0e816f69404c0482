//! Reading everything, for an export: day by day, some sites at a time, in a fixed order, so that it
//! can go on where it ended.

use std::collections::HashMap;

use time::OffsetDateTime;

use super::{JOB, Store, StoreError, columns::cause, sealed::whole_day, verdicts::status, within};
use crate::model::{
    check::Check,
    moment::Moment,
    name::{Region, Slug},
    note::Note,
    outcome::Outcome,
    verdict::{Change, Doubt, Outage, Verdict},
};

/// The notes that this version knows, of those that were written down.
fn notes(written: serde_json::Value) -> Vec<Note> {
    let all = if let serde_json::Value::Array(all) = written { all } else { Vec::new() };
    all.into_iter().filter_map(|note| serde_json::from_value(note).ok()).collect()
}

/// A day (UTC) of which there is something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedDay {
    /// When it begins.
    pub at: Moment,
    /// Whether there are checks of it; changes are kept for longer.
    pub checks: bool,
}

/// A site by its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// Its number.
    pub id: i32,
    /// Its name.
    pub slug: Slug,
}

impl Store {
    /// The days of which there are checks or verdict changes, oldest first.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn recorded_days(&self) -> Result<Vec<RecordedDay>, StoreError> {
        let days = sqlx::query!(
            r#"SELECT day AS "day!", bool_or(checks) AS "checks!" FROM (
                 SELECT to_date(substring(c.relname FROM '\d{8}$'), 'YYYYMMDD') AS day, true AS checks
                 FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                 WHERE i.inhparent IN ('checks'::regclass, 'sealed'::regclass)
                 UNION ALL SELECT DISTINCT (at AT TIME ZONE 'UTC')::date, false FROM changes
             ) days GROUP BY day ORDER BY day"#
        );
        let days = within(JOB, async { Ok(days.fetch_all(&self.pool).await?) }).await?;
        let day =
            |at: time::Date, checks| RecordedDay { at: at.midnight().assume_utc().into(), checks };
        Ok(days.into_iter().map(|row| day(row.day, row.checks)).collect())
    }

    /// The sites whose number is above this one, removed ones too, at most so many.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn sites_after(&self, id: i32, limit: u32) -> Result<Vec<Numbered>, StoreError> {
        let rows = sqlx::query!(
            "SELECT id, slug FROM sites WHERE id > $1 ORDER BY id LIMIT $2",
            id,
            i64::from(limit)
        );
        let rows = within(JOB, async { Ok(rows.fetch_all(&self.pool).await?) }).await?;
        let named = |id, slug: &str| Some(Numbered { id, slug: Slug::new(slug).ok()? });
        Ok(rows.into_iter().filter_map(|row| named(row.id, &row.slug)).collect())
    }

    /// All checks of these sites in a day (UTC), each once.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn checks_of_day(
        &self,
        sites: &[Numbered],
        day: Moment,
    ) -> Result<Vec<Check>, StoreError> {
        let read = async {
            let regions = self.region_names().await?;
            let ids: Vec<i32> = sites.iter().map(|site| site.id).collect();
            let mut connection = self.pool.acquire().await?;
            let hours = whole_day(&ids, day.to_datetime().date(), &mut connection).await?;
            let slugs: HashMap<i32, &Slug> = sites.iter().map(|s| (s.id, &s.slug)).collect();
            let mut checks = Vec::new();
            for ((site, region, _), kept) in hours {
                let (Some(slug), Some(region)) = (slugs.get(&site), regions.get(&region)) else {
                    continue;
                };
                checks.extend(kept.into_iter().map(|kept| Check {
                    slug: (*slug).clone(),
                    region: region.clone(),
                    at: kept.at,
                    outcome: Outcome {
                        answer: kept.answer,
                        http_status: kept.http_status,
                        phases: kept.phases,
                        traces: Box::default(),
                        observed: Box::default(),
                    },
                    attempts: kept.attempts,
                }));
            }
            Ok(checks)
        };
        within(JOB, Box::pin(read)).await
    }

    /// The verdict changes of these sites that were settled in `[from, until)`, and, when `held`, the
    /// ones that held at `from`; with the outages that are as those changes left them.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn changes_between(
        &self,
        sites: &[Numbered],
        (from, until): (Moment, Moment),
        held: bool,
    ) -> Result<Vec<(Slug, Change)>, StoreError> {
        let ids: Vec<i32> = sites.iter().map(|site| site.id).collect();
        let (from, until) = (from.to_datetime(), until.to_datetime());
        let slugs: HashMap<i32, &Slug> = sites.iter().map(|s| (s.id, &s.slug)).collect();
        let read = async {
            let mut left = self.outages_left(&ids, (from, until), held).await?;
            let rows = sqlx::query!(
                r#"SELECT c.site_id AS "site_id!", c.at AS "at!", c.from_at AS "from_at!", c.since,
                     c.status AS "status!", c.failure, c.restricted AS "restricted!", c.detail,
                     c.unstable AS "unstable!", c.doubt, c.notes AS "notes!"
                 FROM unnest($1::int[]) AS s CROSS JOIN LATERAL (
                     SELECT * FROM changes WHERE site_id = s AND at >= $2 AND at < $3
                     UNION ALL
                     (SELECT * FROM changes WHERE site_id = s AND at < $2 AND $4
                      ORDER BY at DESC, from_at DESC, status LIMIT 1)
                 ) c
                 ORDER BY c.site_id, c.at, c.from_at, c.status DESC"#,
                &ids,
                from,
                until,
                held
            );
            let rows = rows.fetch_all(&self.pool).await?;
            let changes = rows.into_iter().filter_map(|row| {
                let at = Moment::from(row.at);
                let verdict = Verdict {
                    status: status(row.status)?,
                    restricted: row.restricted,
                    since: row.since.map(Moment::from),
                    cause: cause(row.failure, row.detail),
                    unstable: row.unstable,
                    doubt: row.doubt.and_then(|n| Doubt::from_number(u8::try_from(n).ok()?)),
                    notes: notes(row.notes),
                };
                let outages = left.remove(&(row.site_id, at)).unwrap_or_default();
                let slug = (*slugs.get(&row.site_id)?).clone();
                Some((
                    slug,
                    Change { at, from: row.from_at.into(), verdict, outages, withdrawn: None },
                ))
            });
            Ok(changes.collect())
        };
        within(JOB, Box::pin(read)).await
    }

    /// The outages of these sites by the changes that left them so.
    async fn outages_left(
        &self,
        sites: &[i32],
        (from, until): (OffsetDateTime, OffsetDateTime),
        held: bool,
    ) -> Result<HashMap<(i32, Moment), Vec<Outage>>, StoreError> {
        let outages = sqlx::query!(
            "SELECT site_id, changed_at, started_at, ended_at, status, failure, detail, regions
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
                cause: cause(row.failure, row.detail),
                regions: row.regions.iter().filter_map(|r| Region::new(r).ok()).collect(),
            });
        }
        Ok(left)
    }
}
