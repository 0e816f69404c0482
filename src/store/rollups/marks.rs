//! Marks: the stretches in which something was written since they were summed.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{DAY, HOUR, Progress, Way, within_job};
use crate::{
    model::{
        history::kept,
        moment::Moment,
        rollup::{Step, begin},
        verdict::Change,
    },
    store::{Store, StoreError},
};

/// Marks that are looked at together.
const MOST: i64 = 20_000;
/// Days of which one call sums hours again at most; what is left is the next call's.
const DAYS: usize = 2;
/// How far back sums go when there are none yet.
const FURTHEST: std::time::Duration = std::time::Duration::from_hours(24 * 400);

/// Some sites; all of them when it is `None`.
pub(super) type Sites = Option<BTreeSet<i32>>;

/// Hours that were summed again.
#[derive(Debug, Default)]
pub(super) struct Touched {
    pub(super) hours: u32,
    /// Their days, and the sites.
    pub(super) days: BTreeMap<Moment, Sites>,
    pub(super) more: bool,
    /// The marks that are dealt with.
    done: Vec<i64>,
    /// Those of which a part is.
    begun: Vec<i64>,
    /// Where their rest begins.
    rest: Moment,
}

/// A stretch in which something was written.
#[derive(Clone, Copy, Debug)]
struct Mark {
    id: i64,
    /// Its first hour, and its last.
    first: Moment,
    last: Moment,
    /// All sites when it is `None`.
    site: Option<i32>,
}

impl Store {
    /// Sums again the hours that were written in after they had been summed: of the first days of
    /// which there are any, so that marks of the same hours share the work.
    pub(super) async fn again_hours(
        &self,
        progress: Progress,
        now: Moment,
    ) -> Result<Touched, StoreError> {
        let mut touched = Touched::default();
        let Some(until) = progress.hours else { return Ok(touched) };
        let marks = within_job(self.marks_before(until)).await?;
        let mut end = Moment::from_millis(i64::MIN);
        for _ in 0..DAYS {
            let next = marks.iter().filter_map(|mark| mark.day_from(end)).min();
            let Some(day) = next else { break };
            end = day + DAY;
            let mut hours = marked(&marks, day);
            let sites = hours.values().cloned().reduce(both).unwrap_or_default();
            let way = progress.way(day);
            if way == Way::Fill || day + kept(Step::FiveMinutes) <= now {
                // What a day is summed from may not be there any more but for these hours.
                let whole = hour_range(day, until.min(end));
                hours = whole.map(|hour| (hour, sites.clone())).collect();
            }
            touched.hours += hours.len() as u32;
            for (from, until, sites) in stretches(hours) {
                self.sum_hours(from, until, sites.as_deref(), way).await?;
            }
            touched.days.insert(day, sites);
        }
        touched.rest = end;
        touched.more = marks.len() as i64 == MOST;
        for mark in marks {
            if mark.last < end {
                touched.done.push(mark.id);
                continue;
            }
            touched.more = true;
            if mark.first < end {
                touched.begun.push(mark.id);
            }
        }
        Ok(touched)
    }

    async fn marks_before(&self, until: Moment) -> Result<Vec<Mark>, StoreError> {
        let rows = sqlx::query!(
            "SELECT id, from_at, until_at, site_id FROM rollup_marks WHERE from_at < $1
             ORDER BY from_at, id LIMIT $2",
            until.to_datetime(),
            MOST
        );
        let mark = |id, from: OffsetDateTime, last: Option<OffsetDateTime>, site| Mark {
            id,
            first: begin(from.into(), HOUR),
            last: last.map_or(until, Moment::from).min(until - HOUR),
            site,
        };
        let rows = rows.fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(|r| mark(r.id, r.from_at, r.until_at, r.site_id)).collect())
    }

    /// Takes away the marks of what was summed again: its days are by now as well.
    pub(super) async fn dealt_with(&self, touched: &Touched) -> Result<(), StoreError> {
        if touched.done.is_empty() && touched.begun.is_empty() {
            return Ok(());
        }
        let mut transaction = self.jobs_lock().await?;
        forget(&touched.done, &mut transaction).await?;
        sqlx::query!(
            "UPDATE rollup_marks SET from_at = $2 WHERE id = ANY($1)",
            &touched.begun,
            touched.rest.to_datetime()
        )
        .execute(&mut *transaction)
        .await?;
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

impl Mark {
    /// The first day, from this moment on, of which an hour is in it.
    fn day_from(&self, moment: Moment) -> Option<Moment> {
        let day = begin(self.first, DAY).max(moment);
        (day <= self.last).then_some(day)
    }
}

/// The hours of a day that are marked, and for which sites.
fn marked(marks: &[Mark], day: Moment) -> BTreeMap<Moment, Sites> {
    let mut hours = BTreeMap::<Moment, Sites>::new();
    for mark in marks {
        for hour in hour_range(mark.first.max(day), (mark.last + HOUR).min(day + DAY)) {
            let sites = hours.entry(hour).or_insert_with(|| Some(BTreeSet::new()));
            match (sites.as_mut(), mark.site) {
                (Some(some), Some(site)) => drop(some.insert(site)),
                _ => *sites = None,
            }
        }
    }
    hours
}

fn both(one: Sites, other: Sites) -> Sites {
    Some(one?.into_iter().chain(other?).collect())
}

/// The hours that begin in `[from, until)`.
fn hour_range(from: Moment, until: Moment) -> impl Iterator<Item = Moment> {
    std::iter::successors(Some(from), |hour| Some(*hour + HOUR)).take_while(move |at| *at < until)
}

/// Hours that follow each other and are of the same sites, as one stretch each.
fn stretches(hours: BTreeMap<Moment, Sites>) -> Vec<(Moment, Moment, Option<Vec<i32>>)> {
    let mut all = Vec::<(Moment, Moment, Option<Vec<i32>>)>::new();
    for (hour, sites) in hours {
        let sites = sites.map(|sites| sites.into_iter().collect());
        match all.last_mut() {
            Some((_, until, same)) if *until == hour && *same == sites => *until = hour + HOUR,
            _ => all.push((hour, hour + HOUR, sites)),
        }
    }
    all
}

/// Marks the hours whose verdict these changes may have changed, once they are written: from where
/// one reaches back to, which is not beyond the change before it. One that says the same as the newest,
/// for another reason, changes none; one that comes late may change how far those after it reach.
pub(in crate::store) async fn mark_changes(
    changes: &[(i32, &Change)],
    to: &mut PgConnection,
) -> Result<(), StoreError> {
    let column = |of: fn(&Change) -> Moment| -> Vec<OffsetDateTime> {
        changes.iter().map(|(_, change)| of(change).to_datetime()).collect()
    };
    let sites: Vec<i32> = changes.iter().map(|(site, _)| *site).collect();
    let status: Vec<i16> = changes.iter().map(|(_, c)| i16::from(c.verdict.status as u8)).collect();
    sqlx::query!(
        "INSERT INTO rollup_marks (from_at, site_id)
         SELECT DISTINCT date_trunc('hour',
             greatest(least(n.from_at, n.at, later.from_at), earlier.from_at), 'UTC'), n.site_id
         FROM unnest($1::int[], $2::timestamptz[], $3::timestamptz[], $4::smallint[])
             AS n (site_id, at, from_at, status)
         LEFT JOIN LATERAL (
             SELECT from_at, status FROM changes c WHERE c.site_id = n.site_id AND c.at <= n.at
                 AND (c.at, c.from_at, -c.status) < (n.at, n.from_at, -n.status)
             ORDER BY c.at DESC, c.from_at DESC, c.status LIMIT 1
         ) earlier ON true
         CROSS JOIN LATERAL (
             SELECT min(from_at) AS from_at FROM changes c
             WHERE c.site_id = n.site_id AND c.at >= n.at
                 AND (c.at, c.from_at, -c.status) > (n.at, n.from_at, -n.status)
         ) later
         WHERE earlier.status IS DISTINCT FROM n.status OR later.from_at IS NOT NULL",
        &sites,
        &column(|change| change.at),
        &column(|change| change.from),
        &status
    )
    .execute(to)
    .await?;
    Ok(())
}
