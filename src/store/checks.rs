//! Reading checks back: the newest of one site, and of all sites to fill the board at a start.
//!
//! Each site and region is a short walk at the end of its index, so the cost does not grow with history.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use serde_json::Value;
use time::OffsetDateTime;

use super::{
    JOB_TIMEOUT, READ_TIMEOUT, Store, StoreError,
    rows::{answer, phases},
    within,
};
use model::{
    check::Check,
    moment::Moment,
    name::{Region, Slug},
    outcome::{Answer, Outcome, Phases},
};

/// A recorded check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedCheck {
    /// Start of the first attempt.
    pub at: Moment,
    /// Region that made the check.
    pub region: Region,
    /// Good, restricted, or failed and why.
    pub answer: Answer,
    /// The status of the last reply, if there was one.
    pub http_status: Option<u16>,
    /// The parts of its time.
    pub phases: Phases,
    /// Number of attempts.
    pub attempts: u8,
}

impl RecordedCheck {
    /// The check of this site. Its traces are not kept.
    pub fn of(self, slug: Slug) -> Check {
        let Self { at, region, answer, http_status, phases, attempts } = self;
        let (traces, observed) = Default::default();
        let outcome = Outcome { answer, http_status, phases, traces, observed };
        Check { slug, region, at, outcome, attempts }
    }
}

/// A row of the table of checks.
pub(super) struct CheckRow {
    pub(super) site_id: i32,
    pub(super) region_id: i16,
    pub(super) at: OffsetDateTime,
    pub(super) outcome: i16,
    pub(super) failure: Option<i16>,
    pub(super) http_status: Option<i16>,
    pub(super) dns_us: Option<i32>,
    pub(super) connect_us: Option<i32>,
    pub(super) tls_us: Option<i32>,
    pub(super) wait_us: Option<i32>,
    pub(super) transfer_us: Option<i32>,
    pub(super) attempts: i16,
    pub(super) failure_detail: Option<Value>,
}

impl CheckRow {
    /// The check, made from this region.
    pub(super) fn check(self, region: Region) -> Result<RecordedCheck, StoreError> {
        let at = self.at.into();
        let answer = answer(self.outcome, self.failure, self.failure_detail);
        Ok(RecordedCheck {
            at,
            region,
            answer: answer.ok_or_else(|| unreadable(self.site_id, at))?,
            http_status: self.http_status.and_then(|status| u16::try_from(status).ok()),
            phases: phases([
                self.dns_us,
                self.connect_us,
                self.tls_us,
                self.wait_us,
                self.transfer_us,
            ]),
            attempts: u8::try_from(self.attempts).unwrap_or(u8::MAX),
        })
    }
}

/// Error for a check with numbers that this version does not know.
pub(super) fn unreadable(site: i32, at: Moment) -> StoreError {
    let what = format!("the check of site {site} at {at} cannot be read");
    StoreError::Broken(sqlx::Error::Decode(what.into()))
}

fn just_before(moment: Moment) -> Moment {
    moment - Duration::from_millis(1)
}

/// End of a page of checks: the next page begins after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckCursor {
    /// The moment of the last check of the page.
    pub at: Moment,
    /// Its region.
    pub region: Region,
}

/// Newest first; of one moment, in the order of the regions.
type Sorted = BTreeMap<(Reverse<Moment>, Region), RecordedCheck>;

impl Store {
    /// The newest checks of a site that are older than `before`, newest first.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn recent_checks(
        &self,
        slug: &Slug,
        limit: u32,
        before: Option<Moment>,
    ) -> Result<Vec<RecordedCheck>, StoreError> {
        let last = before.map_or(Moment::from_millis(i64::MAX), just_before);
        self.checks_up_to(slug, None, (Moment::from_millis(i64::MIN), last), limit, None).await
    }

    /// The checks of a site in `[from, until)`, from one region or from all, newest first, at most
    /// `limit`; `after` gives the next page. Of times whose checks are no longer kept, those that opened and closed an outage.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn checks_between(
        &self,
        slug: &Slug,
        region: Option<&Region>,
        (from, until): (Moment, Moment),
        limit: u32,
        after: Option<&CheckCursor>,
    ) -> Result<Vec<RecordedCheck>, StoreError> {
        self.checks_up_to(slug, region, (from, just_before(until)), limit, after).await
    }

    /// The checks of a site from the one moment to the other, both with them.
    async fn checks_up_to(
        &self,
        slug: &Slug,
        wanted: Option<&Region>,
        (from, last): (Moment, Moment),
        limit: u32,
        after: Option<&CheckCursor>,
    ) -> Result<Vec<RecordedCheck>, StoreError> {
        let fits = |region: &Region| wanted.is_none_or(|wanted| wanted == region);
        // The moment of the last check is read again: other regions may have it too.
        let last = after.map_or(last, |after| after.at.min(last));
        let read = async {
            let Some(site) = self.site_id(slug).await? else { return Ok(Vec::new()) };
            let mut found = Sorted::new();
            for (id, region) in self.region_names().await?.into_iter().filter(|(_, r)| fits(r)) {
                // One more than wanted: the first may be the last of the page before.
                for row in self.newest(site, id, (from, last), limit.saturating_add(1)).await? {
                    let check = row.check(region.clone())?;
                    found.insert((Reverse(check.at), region.clone()), check);
                }
            }
            if found.len() <= limit as usize {
                // Of times whose checks are gone, those that opened and closed an outage remain.
                let kept = self.receipts(site, (from, last), limit.saturating_add(1)).await?;
                for check in kept.into_iter().filter(|check| fits(&check.region)) {
                    found.entry((Reverse(check.at), check.region.clone())).or_insert(check);
                }
            }
            let next = |row: &RecordedCheck| {
                after.is_none_or(|after| row.at < after.at || row.region > after.region)
            };
            Ok(found.into_values().filter(next).take(limit as usize).collect())
        };
        within(READ_TIMEOUT, Box::pin(read)).await
    }

    /// The newest checks of a site and region from the one moment to the other.
    async fn newest(
        &self,
        site: i32,
        region: i16,
        (from, last): (Moment, Moment),
        limit: u32,
    ) -> Result<Vec<CheckRow>, StoreError> {
        let rows = sqlx::query_as!(
            CheckRow,
            "SELECT site_id, region_id, at, outcome, failure, http_status, dns_us, connect_us, tls_us,
                 wait_us, transfer_us, attempts, failure_detail
             FROM checks WHERE site_id = $1 AND region_id = $2 AND at >= $3 AND at <= $4
             ORDER BY at DESC LIMIT $5",
            site,
            region,
            from.to_datetime(),
            last.to_datetime(),
            i64::from(limit)
        );
        Ok(rows.fetch_all(&self.readers).await?)
    }

    /// The newest checks of these sites, at most `each` per region, oldest first. Meant for some hundred sites
    /// per call.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn latest_checks(
        &self,
        sites: &[Slug],
        each: u32,
        now: Moment,
    ) -> Result<HashMap<Slug, Vec<RecordedCheck>>, StoreError> {
        let read = async {
            let slugs: HashMap<i32, Slug> = self.watched_ids(sites).await?.into_iter().collect();
            let ids: Vec<i32> = slugs.keys().copied().collect();
            // They end together, when the process that made them did.
            let end = self.last_check(&ids).await?.unwrap_or(now).min(now);
            let mut found = HashMap::<Slug, Vec<RecordedCheck>>::new();
            for (id, region) in self.region_names().await? {
                for row in self.newest_of_each(ids.clone(), id, each, end).await? {
                    let Some(slug) = slugs.get(&row.site_id) else { continue };
                    found.entry(slug.clone()).or_default().push(row.check(region.clone())?);
                }
            }
            for checks in found.values_mut() {
                checks.sort_by(|one, other| (one.at, &one.region).cmp(&(other.at, &other.region)));
            }
            Ok(found)
        };
        within(JOB_TIMEOUT, Box::pin(read)).await
    }

    /// The newest checks of these sites and this region, in any order: those of the last minutes of the
    /// record, two for each, and of sites with fewer in them those of longer and longer ones.
    async fn newest_of_each(
        &self,
        mut sites: Vec<i32>,
        region: i16,
        each: u32,
        end: Moment,
    ) -> Result<Vec<CheckRow>, StoreError> {
        let mut newest = Vec::new();
        let spans = [1, 4, 16, 64, 256].map(|times| end - Duration::from_mins(2) * each * times);
        for from in spans.into_iter().chain([Moment::from_millis(i64::MIN)]) {
            let rows = sqlx::query_as!(
                CheckRow,
                "SELECT site_id, region_id, at, outcome, failure, http_status, dns_us, connect_us, tls_us,
                     wait_us, transfer_us, attempts, failure_detail
                 FROM (
                     SELECT *, row_number() OVER (PARTITION BY site_id ORDER BY at DESC) AS place
                     FROM checks WHERE site_id = ANY($1) AND region_id = $2 AND at >= $3
                 ) c WHERE place <= $4",
                &sites,
                region,
                from.to_datetime(),
                i64::from(each)
            );
            let rows = rows.fetch_all(&self.pool).await?;
            let mut counts = HashMap::<i32, u32>::new();
            for row in &rows {
                *counts.entry(row.site_id).or_default() += 1;
            }
            let is_whole = |site: &i32| counts.get(site) == Some(&each);
            let is_last = from == Moment::from_millis(i64::MIN);
            newest.extend(rows.into_iter().filter(|row| is_last || is_whole(&row.site_id)));
            sites.retain(|site| !is_whole(site));
            if sites.is_empty() {
                break;
            }
        }
        Ok(newest)
    }

    /// Moment of the last check that the verdicts of these sites rest on.
    async fn last_check(&self, sites: &[i32]) -> Result<Option<Moment>, StoreError> {
        let last = sqlx::query_scalar!(
            "SELECT max(last_at) FROM site_states WHERE site_id = ANY($1)",
            sites
        );
        Ok(last.fetch_one(&self.pool).await?.map(Moment::from))
    }
}
