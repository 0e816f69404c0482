//! Marks: the stretches in which something was written since they were summed.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{DAY, HOUR, HOURS, Progress, lock};
use crate::{
    model::{moment::Moment, rollup::begin, verdict::Change},
    store::{Store, StoreError},
};

/// Marks that are looked at together.
const MOST: i64 = 20_000;
/// How far back sums go when there are none yet.
const FURTHEST: std::time::Duration = std::time::Duration::from_hours(24 * 400);

/// Hours that were summed again.
#[derive(Debug, Default)]
pub(super) struct Touched {
    pub(super) hours: u32,
    /// Their days.
    pub(super) days: BTreeSet<Moment>,
    pub(super) more: bool,
    /// The marks that are dealt with.
    done: Vec<i64>,
    /// A mark of which a part is, and where the rest begins.
    rest: Option<(i64, Moment)>,
}

impl Store {
    /// Sums again the hours that were written in after they had been summed.
    pub(super) async fn again_hours(&self, progress: Progress) -> Result<Touched, StoreError> {
        let mut touched = Touched::default();
        let Some(until) = progress.hours else { return Ok(touched) };
        let marks = sqlx::query!(
            "SELECT id, from_at, until_at, site_id FROM rollup_marks WHERE from_at < $1
             ORDER BY from_at, id LIMIT $2",
            until.to_datetime(),
            MOST
        )
        .fetch_all(&self.pool)
        .await?;
        // Hours and their sites; all sites where there are none.
        let mut hours = BTreeMap::<Moment, Option<BTreeSet<i32>>>::new();
        'marks: for mark in marks {
            let mut hour = begin(mark.from_at.into(), HOUR);
            let last = mark.until_at.map_or(until, Moment::from);
            while hour <= last && hour < until {
                if hours.len() >= HOURS && !hours.contains_key(&hour) {
                    touched.rest = Some((mark.id, hour));
                    touched.more = true;
                    break 'marks;
                }
                let sites = hours.entry(hour).or_insert_with(|| Some(BTreeSet::new()));
                match (sites.as_mut(), mark.site_id) {
                    (Some(some), Some(site)) => drop(some.insert(site)),
                    _ => *sites = None,
                }
                hour = hour + HOUR;
            }
            touched.done.push(mark.id);
        }
        for (hour, sites) in hours {
            let sites = sites.map(|sites| sites.into_iter().collect::<Vec<_>>());
            self.sum_hours(hour, hour + HOUR, sites.as_deref(), progress.way(hour)).await?;
            touched.hours += 1;
            touched.days.insert(begin(hour, DAY));
        }
        Ok(touched)
    }

    /// Takes away the marks of what was summed again: its days are by now as well.
    pub(super) async fn dealt_with(&self, touched: &Touched) -> Result<(), StoreError> {
        if touched.done.is_empty() && touched.rest.is_none() {
            return Ok(());
        }
        let mut transaction = self.pool.begin().await?;
        lock(&mut transaction).await?;
        forget(&touched.done, &mut transaction).await?;
        if let Some((id, from)) = touched.rest {
            sqlx::query!(
                "UPDATE rollup_marks SET from_at = $2 WHERE id = $1",
                id,
                from.to_datetime()
            )
            .execute(&mut *transaction)
            .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// The marks that begin in `[from, until)`: what is after it is not summed yet.
    pub(super) async fn marks_in(
        &self,
        from: Moment,
        until: Moment,
    ) -> Result<Vec<i64>, StoreError> {
        let ids = sqlx::query_scalar!(
            "SELECT id FROM rollup_marks WHERE from_at >= $1 AND from_at < $2",
            from.to_datetime(),
            until.to_datetime()
        );
        Ok(ids.fetch_all(&self.pool).await?)
    }

    /// The first hour that has a mark, within reason.
    pub(super) async fn oldest_mark(&self, now: Moment) -> Result<Option<Moment>, StoreError> {
        let oldest = sqlx::query_scalar!(
            "SELECT min(from_at) FROM rollup_marks WHERE from_at > $1",
            (now - FURTHEST).to_datetime()
        );
        Ok(oldest.fetch_one(&self.pool).await?.map(Moment::from))
    }
}

/// Takes marks away.
pub(super) async fn forget(marks: &[i64], to: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM rollup_marks WHERE id = ANY($1)", marks).execute(to).await?;
    Ok(())
}

/// The hours that these moments are in, each once.
pub(in crate::store) fn hours_of(moments: &[OffsetDateTime]) -> Vec<OffsetDateTime> {
    let hours: BTreeSet<Moment> = moments.iter().map(|at| begin((*at).into(), HOUR)).collect();
    hours.into_iter().map(Moment::to_datetime).collect()
}

/// Marks the hours from those on that these changes reach back to.
pub(in crate::store) async fn mark_changes(
    changes: &[(i32, &Change)],
    to: &mut PgConnection,
) -> Result<(), StoreError> {
    let hour = |at: Moment| begin(at, HOUR).to_datetime();
    let from: Vec<_> = changes.iter().map(|(_, c)| hour(c.from.min(c.at))).collect();
    let sites: Vec<i32> = changes.iter().map(|(site, _)| *site).collect();
    sqlx::query!(
        "INSERT INTO rollup_marks (from_at, site_id)
         SELECT DISTINCT * FROM unnest($1::timestamptz[], $2::int[])",
        &from,
        &sites
    )
    .execute(to)
    .await?;
    Ok(())
}
