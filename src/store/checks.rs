//! Reading checks back: the newest of one site, and of all sites to fill the board at a start.
//!
//! Each site and region is a short walk at the end of its index, in the newest partition first, so
//! the cost does not grow with history.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value;
use time::OffsetDateTime;

use super::{
    JOB, READ, READERS, Store, StoreError,
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
pub(super) struct CheckRecord {
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

impl CheckRecord {
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
pub struct After {
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
        self.checks_up_to(slug, (Moment::from_millis(i64::MIN), last), limit, None).await
    }

    /// The checks of a site in `[from, until)`, newest first, at most `limit`; `after` gives the
    /// next page. Of times whose checks are no longer kept, those that opened and closed an outage.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn checks_between(
        &self,
        slug: &Slug,
        from: Moment,
        until: Moment,
        limit: u32,
        after: Option<&After>,
    ) -> Result<Vec<RecordedCheck>, StoreError> {
        self.checks_up_to(slug, (from, just_before(until)), limit, after).await
    }

    /// The checks of a site from the one moment to the other, both with them.
    async fn checks_up_to(
        &self,
        slug: &Slug,
        (from, last): (Moment, Moment),
        limit: u32,
        after: Option<&After>,
    ) -> Result<Vec<RecordedCheck>, StoreError> {
        // The moment of the last check is read again: other regions may have it too.
        let last = after.map_or(last, |after| after.at.min(last));
        let read = async {
            let Some(site) = self.site_id(slug).await? else { return Ok(Vec::new()) };
            let mut found = Sorted::new();
            for (id, region) in self.region_names().await? {
                // One more than wanted: the first may be the last of the page before.
                for row in self.newest(site, id, (from, last), limit.saturating_add(1)).await? {
                    let check = row.check(region.clone())?;
                    found.insert((Reverse(check.at), region.clone()), check);
                }
            }
            if found.len() <= limit as usize {
                // Of times whose checks are gone, those that opened and closed an outage remain.
                for check in self.receipts(site, (from, last), limit.saturating_add(1)).await? {
                    found.entry((Reverse(check.at), check.region.clone())).or_insert(check);
                }
            }
            let next = |row: &RecordedCheck| {
                after.is_none_or(|after| row.at < after.at || row.region > after.region)
            };
            Ok(found.into_values().filter(next).take(limit as usize).collect())
        };
        within(READ, Box::pin(read)).await
    }

    /// The newest checks of a site and region from the one moment to the other.
    async fn newest(
        &self,
        site: i32,
        region: i16,
        (from, last): (Moment, Moment),
        limit: u32,
    ) -> Result<Vec<CheckRecord>, StoreError> {
        let rows = sqlx::query_as!(
            CheckRecord,
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

    /// The newest checks of every watched site, at most `each` per region, oldest first.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn latest_checks(
        &self,
        each: u32,
    ) -> Result<HashMap<Slug, Vec<RecordedCheck>>, StoreError> {
        let always = (Moment::from_millis(i64::MIN), Moment::from_millis(i64::MAX));
        let read = async {
            let names = self.region_names().await?;
            let sites = sqlx::query!("SELECT id, slug FROM sites WHERE removed_at IS NULL");
            let sites = sites.fetch_all(&self.pool).await?.into_iter();
            let sites = sites.filter_map(|row| Some((row.id, Slug::new(&row.slug).ok()?)));
            // One statement per site and region, some at once: no other way to the end of an index
            // is quicker.
            let read = |(site, slug): (i32, Slug)| {
                let names = &names;
                async move {
                    let mut checks = Vec::new();
                    for (id, region) in names {
                        for row in self.newest(site, *id, always, each).await? {
                            checks.push(row.check(region.clone())?);
                        }
                    }
                    checks.sort_by(|one, other| {
                        one.at.cmp(&other.at).then_with(|| one.region.cmp(&other.region))
                    });
                    Ok::<_, StoreError>((slug, checks))
                }
            };
            let found = stream::iter(sites).map(read).buffer_unordered(READERS as usize);
            found
                .try_filter(|(_, checks)| std::future::ready(!checks.is_empty()))
                .try_collect()
                .await
        };
        within(JOB, Box::pin(read)).await
    }
}
