//! Reading back what was judged: states and outages.

use std::collections::HashMap;

use time::OffsetDateTime;

use super::{READ, Store, StoreError, WRITE, columns::cause, within};
use crate::model::{
    judge::SiteState,
    moment::Moment,
    name::{Region, Slug},
    verdict::{Outage, Status},
};

/// An outage as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutageRow {
    /// Its number; a later outage was written later.
    pub id: i64,
    /// The site.
    pub slug: Slug,
    /// The provider that was failing with it, if it has that cause.
    pub provider: Option<Box<str>>,
    /// What the judge said.
    pub outage: Outage,
}

/// A row of the queries of outages.
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) slug: String,
    pub(super) provider: Option<String>,
    pub(super) status: i16,
    pub(super) started_at: OffsetDateTime,
    pub(super) ended_at: Option<OffsetDateTime>,
    pub(super) failure: Option<i16>,
    pub(super) detail: Option<String>,
    pub(super) regions: Vec<String>,
}

impl Row {
    /// `None` for words that this version does not know.
    pub(super) fn outage(self) -> Option<OutageRow> {
        Some(OutageRow {
            id: self.id,
            slug: Slug::new(&self.slug).ok()?,
            provider: self.provider.map(Into::into),
            outage: Outage {
                status: status(self.status)?,
                started_at: self.started_at.into(),
                ended_at: self.ended_at.map(Moment::from),
                cause: cause(self.failure, self.detail),
                regions: self.regions.iter().filter_map(|r| Region::new(r).ok()).collect(),
            },
        })
    }
}

/// The status with this number.
pub(super) fn status(number: i16) -> Option<Status> {
    Status::from_number(u8::try_from(number).ok()?)
}

impl Store {
    /// What the judge remembers of every site that is watched. One that this version cannot read is left out, and
    /// its site is judged anew.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn states(&self) -> Result<HashMap<Slug, SiteState>, StoreError> {
        let rows = sqlx::query!(
            "SELECT s.slug, t.state FROM site_states t JOIN sites s ON s.id = t.site_id
             WHERE s.removed_at IS NULL"
        )
        .fetch_all(&self.pool);
        let rows = within(WRITE, async { Ok(rows.await?) }).await?;
        let read = rows.into_iter().filter_map(|row| {
            let state = serde_json::from_value(row.state).inspect_err(|error| {
                tracing::warn!(site = row.slug, %error, "what we knew of a site cannot be read");
            });
            Some((Slug::new(&row.slug).ok()?, state.ok()?))
        });
        Ok(read.collect())
    }

    /// The newest outages of a site, newest first.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn outages(&self, slug: &Slug, limit: u32) -> Result<Vec<OutageRow>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            "SELECT o.id, s.slug, o.provider, o.status, o.started_at, o.ended_at, o.failure,
                 o.detail, o.regions
             FROM sites s JOIN outages o ON o.site_id = s.id
             WHERE s.slug = $1 ORDER BY o.started_at DESC, o.id DESC LIMIT $2",
            slug.as_str(),
            i64::from(limit)
        )
        .fetch_all(&self.readers);
        let rows = within(READ, async { Ok(rows.await?) }).await?;
        Ok(rows.into_iter().filter_map(Row::outage).collect())
    }
}
