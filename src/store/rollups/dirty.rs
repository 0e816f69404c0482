//! Marks of what is dirty: the stretches in which something was written since they were summed.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Bound,
};

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{DAY, HOUR, RollupProgress, SumMode, is_long_past, within_job};
use crate::store::{Store, StoreError};
use model::{moment::Moment, rollup::begin, verdict::Change};

/// Marks read at once.
const MAX_MARKS: i64 = 20_000;
/// Days of which one call sums hours again at most; the rest is left to the next call.
const MAX_DAYS: usize = 2;
/// Largest age of data that is summed when there are no rollups yet.
const OLDEST_DATA: std::time::Duration = std::time::Duration::from_hours(24 * 400);

/// Time in which a site that changes at all has mostly changed.
const LATELY: std::time::Duration = std::time::Duration::from_hours(24 * 30);

/// Some sites; all of them when it is `None`.
pub(super) type SomeSites = Option<BTreeSet<i32>>;

/// Hours that were summed again.
#[derive(Debug, Default)]
pub(super) struct Touched {
    pub(super) hours: u32,
    /// Their days, and the sites.
    pub(super) days: BTreeMap<Moment, SomeSites>,
    pub(super) more: bool,
    /// The marks that are dealt with.
    done: Vec<i64>,
    /// Those of which a part is.
    begun: Vec<i64>,
    /// Beginning of the rest of those.
    rest: Moment,
}

/// A stretch in which something was written.
#[derive(Clone, Copy, Debug)]
struct DirtyRange {
    id: i64,
    /// Its first hour, and its last.
    first: Moment,
    last: Moment,
    /// All sites when it is `None`.
    site: Option<i32>,
}

impl Store {
    /// Sums again the hours that were written to after they had been summed: of the first such
    /// days, so that marks of the same hours share the work.
    pub(super) async fn again_hours(
        &self,
        progress: RollupProgress,
        now: Moment,
    ) -> Result<Touched, StoreError> {
        let mut touched = Touched::default();
        let Some(until) = progress.hours else { return Ok(touched) };
        let marks = within_job(self.marks_before(until)).await?;
        let mut end = Moment::from_millis(i64::MIN);
        for _ in 0..MAX_DAYS {
            let next = marks.iter().filter_map(|mark| mark.day_from(end)).min();
            let Some(day) = next else { break };
            end = day + DAY;
            let mut hours = marked(&marks, day);
            let sites = hours.values().cloned().reduce(both).unwrap_or_default();
            let mode = progress.sum_mode(day);
            let long_past = is_long_past(day, now);
            if mode == SumMode::Fill || long_past {
                // What a day is summed from may not be there any more but for these hours.
                let whole = hour_range(day, until.min(end));
                hours = whole.map(|hour| (hour, sites.clone())).collect();
            }
            touched.hours += hours.len() as u32;
            if !long_past {
                for (from, until, sites) in stretches(hours) {
                    self.sum_hours(from, until, sites.as_deref(), mode).await?;
                }
            }
            touched.days.insert(day, sites);
        }
        touched.rest = end;
        touched.more = marks.len() as i64 == MAX_MARKS;
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

    async fn marks_before(&self, until: Moment) -> Result<Vec<DirtyRange>, StoreError> {
        let rows = sqlx::query!(
            "SELECT id, from_at, until_at, site_id FROM rollup_marks WHERE from_at < $1
             ORDER BY from_at, id LIMIT $2",
            until.to_datetime(),
            MAX_MARKS
        );
        let mark = |id, from: OffsetDateTime, last: Option<OffsetDateTime>, site| DirtyRange {
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
            (now - OLDEST_DATA).to_datetime()
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

impl DirtyRange {
    /// The first day, from this moment on, of which an hour is in it.
    fn day_from(&self, moment: Moment) -> Option<Moment> {
        let day = begin(self.first, DAY).max(moment);
        (day <= self.last).then_some(day)
    }
}

/// The hours of a day that are marked, and for which sites.
fn marked(marks: &[DirtyRange], day: Moment) -> BTreeMap<Moment, SomeSites> {
    let mut hours = BTreeMap::<Moment, SomeSites>::new();
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

fn both(one: SomeSites, other: SomeSites) -> SomeSites {
    Some(one?.into_iter().chain(other?).collect())
}

/// The hours that begin in `[from, until)`.
fn hour_range(from: Moment, until: Moment) -> impl Iterator<Item = Moment> {
    std::iter::successors(Some(from), |hour| Some(*hour + HOUR)).take_while(move |at| *at < until)
}

/// Consecutive hours with the same sites, as one stretch each.
fn stretches(hours: BTreeMap<Moment, SomeSites>) -> Vec<(Moment, Moment, Option<Vec<i32>>)> {
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

/// Marks these hours, of all sites.
pub(in crate::store) async fn mark_hours(
    hours: &[OffsetDateTime],
    to: &mut PgConnection,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO rollup_marks (from_at, until_at)
         SELECT hour, hour FROM unnest($1::timestamptz[]) AS hour",
        hours
    )
    .execute(to)
    .await?;
    Ok(())
}

/// Place of a change among those of its site: the moment when it was settled and the one from which
/// it holds; the worst of one moment first.
type ChangePlace = (Moment, Moment, i16);

fn place(at: Moment, from: Moment, status: i16) -> ChangePlace {
    (at, from, -status)
}

/// Marks the hours whose verdict these changes may have changed, once they are written: from the
/// start that a change reaches back to, which is not before the previous change. A change that
/// repeats the newest status for another reason changes no hour; one that comes late may change the
/// reach of those after it.
pub(in crate::store) async fn mark_changes(
    changes: &[(i32, &Change)],
    to: &mut PgConnection,
) -> Result<(), StoreError> {
    let Some(first) = changes.iter().map(|(_, change)| change.at).min() else { return Ok(()) };
    let sites: BTreeSet<i32> = changes.iter().map(|(site, _)| *site).collect();
    let sites: Vec<i32> = sites.into_iter().collect();
    let rows = sqlx::query!(
        "SELECT site_id, at, from_at, status FROM changes WHERE site_id = ANY($1) AND at >= $2",
        &sites,
        first.to_datetime()
    );
    let mut known = BTreeMap::<i32, BTreeMap<ChangePlace, i16>>::new();
    for row in rows.fetch_all(&mut *to).await? {
        let place = place(row.at.into(), row.from_at.into(), row.status);
        known.entry(row.site_id).or_default().insert(place, row.status);
    }
    let before = last_changes(&sites, first, to).await?;
    let mut marks = BTreeSet::new();
    for (site, change) in changes {
        let status = change.verdict.status as i16;
        let here = place(change.at, change.from, status);
        let known = known.entry(*site).or_default();
        let later = known.range((Bound::Excluded(here), Bound::Unbounded));
        let later = later.map(|((_, from, _), _)| *from).min();
        let earlier = match known.range(..here).next_back() {
            Some(((_, from, _), status)) => Some((*from, *status)),
            None => before.get(site).copied(),
        };
        if later.is_none() && earlier.is_some_and(|(_, before)| before == status) {
            continue;
        }
        let reaches = change.from.min(change.at).min(later.unwrap_or(change.at));
        let from = reaches.max(earlier.map_or(reaches, |(from, _)| from));
        marks.insert((*site, begin(from, HOUR)));
    }
    let (sites, hours): (Vec<i32>, Vec<OffsetDateTime>) =
        marks.into_iter().map(|(site, hour)| (site, hour.to_datetime())).unzip();
    sqlx::query!(
        "INSERT INTO rollup_marks (from_at, site_id)
         SELECT * FROM unnest($1::timestamptz[], $2::int[])",
        &hours,
        &sites
    )
    .execute(to)
    .await?;
    Ok(())
}

/// The last change of each of these sites that was settled before a moment: from when it holds, and its
/// status. All sites at once, since all may change together; first those that changed lately, so that no
/// long history is read for them.
async fn last_changes(
    sites: &[i32],
    before: Moment,
    to: &mut PgConnection,
) -> Result<HashMap<i32, (Moment, i16)>, StoreError> {
    let mut found = HashMap::new();
    for (from, until) in [(before - LATELY, before), (Moment::default(), before - LATELY)] {
        let missing: Vec<i32> =
            sites.iter().filter(|site| !found.contains_key(*site)).copied().collect();
        if missing.is_empty() {
            break;
        }
        let rows = sqlx::query!(
            "SELECT DISTINCT ON (site_id) site_id, from_at, status FROM changes
             WHERE site_id = ANY($1) AND at >= $2 AND at < $3
             ORDER BY site_id, at DESC, from_at DESC, status",
            &missing,
            from.to_datetime(),
            until.to_datetime()
        );
        let rows = rows.fetch_all(&mut *to).await?.into_iter();
        found.extend(rows.map(|row| (row.site_id, (row.from_at.into(), row.status))));
    }
    Ok(found)
}
