//! Reading checks back: the newest of one site, and of all sites to fill the board at a start.
//!
//! Each site and region is a short walk at the end of its index, in the newest partition first, so
//! the cost does not grow with history.

use std::collections::HashMap;

use time::OffsetDateTime;

use super::{READ, Store, StoreError, WRITE, columns::cause, within};
use crate::model::{
    moment::Moment,
    name::{Region, Slug},
    outcome::{Answer, Phases},
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

/// A row of both queries below.
pub(super) struct Row {
    pub(super) slug: String,
    pub(super) region: String,
    pub(super) at: OffsetDateTime,
    pub(super) dns: Option<i32>,
    pub(super) connect: Option<i32>,
    pub(super) tls: Option<i32>,
    pub(super) wait: Option<i32>,
    pub(super) transfer: Option<i32>,
    pub(super) http_status: Option<i16>,
    pub(super) attempts: i16,
    pub(super) failure: Option<i16>,
    pub(super) restricted: bool,
    pub(super) detail: Option<String>,
}

impl Row {
    /// `None` for a region that this version does not allow.
    pub(super) fn check(self) -> Option<CheckRow> {
        let micros = |part: Option<i32>| part.and_then(|p| u32::try_from(p).ok());
        let answer = if self.restricted {
            Answer::Restricted(self.detail.unwrap_or_default().into())
        } else {
            cause(self.failure, self.detail).map_or(Answer::Ok, Answer::Failed)
        };
        Some(CheckRow {
            at: self.at.into(),
            region: Region::new(&self.region).ok()?,
            answer,
            http_status: self.http_status.and_then(|s| u16::try_from(s).ok()),
            phases: Phases {
                dns: micros(self.dns),
                connect: micros(self.connect),
                tls: micros(self.tls),
                wait: micros(self.wait),
                transfer: micros(self.transfer),
            },
            attempts: u8::try_from(self.attempts).unwrap_or(u8::MAX),
        })
    }
}

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
        let before = before.map(Moment::to_datetime);
        let rows = sqlx::query_as!(
            Row,
            "SELECT s.slug, r.name AS region, c.at, c.dns, c.connect, c.tls, c.wait, c.transfer,
                 c.http_status, c.attempts, c.failure, c.restricted, c.detail
             FROM sites s CROSS JOIN regions r CROSS JOIN LATERAL (
                 SELECT * FROM checks WHERE site_id = s.id AND region_id = r.id
                     AND at < coalesce($2, 'infinity'::timestamptz)
                 ORDER BY at DESC LIMIT $3
             ) c
             WHERE s.slug = $1 ORDER BY c.at DESC, r.id LIMIT $3",
            slug.as_str(),
            before,
            i64::from(limit)
        )
        .fetch_all(&self.pool);
        let rows = within(READ, async { Ok(rows.await?) }).await?;
        Ok(rows.into_iter().filter_map(Row::check).collect())
    }

    /// The newest checks of every site that is watched, at most `each` a region, oldest first.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn latest_checks(
        &self,
        each: u32,
    ) -> Result<HashMap<Slug, Vec<CheckRow>>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            "SELECT s.slug, r.name AS region, c.at, c.dns, c.connect, c.tls, c.wait, c.transfer,
                 c.http_status, c.attempts, c.failure, c.restricted, c.detail
             FROM sites s CROSS JOIN regions r CROSS JOIN LATERAL (
                 SELECT * FROM checks WHERE site_id = s.id AND region_id = r.id
                 ORDER BY at DESC LIMIT $1
             ) c
             WHERE s.removed_at IS NULL ORDER BY s.id, c.at, r.id",
            i64::from(each)
        )
        .fetch_all(&self.pool);
        let rows = within(WRITE, async { Ok(rows.await?) }).await?;
        let mut checks: HashMap<Slug, Vec<CheckRow>> = HashMap::new();
        for row in rows {
            if let Ok(slug) = Slug::new(&row.slug) {
                checks.entry(slug).or_default().extend(row.check());
            }
        }
        Ok(checks)
    }
}
