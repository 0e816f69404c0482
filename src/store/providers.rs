//! Reading back which providers failed, and keeping which provider serves each site.

use std::collections::HashMap;

use time::OffsetDateTime;

use super::{READ, Store, StoreError, WRITE, columns::text, within};
use crate::model::{
    moment::Moment,
    name::Slug,
    provider::{Event, is_slug},
};

/// Sites of an event that are named, where a page of events is read.
const NAMED: i32 = 100;

/// Which events of a provider are wanted.
#[derive(Clone, Copy, Debug)]
pub struct EventsWanted<'a> {
    /// Its slug.
    pub provider: &'a str,
    /// Those that began before this moment.
    pub before: Option<Moment>,
    /// The one to which an outage that began at this moment is put down.
    pub at: Option<Moment>,
    /// At most so many.
    pub limit: u32,
}

/// An event as it is read, a page at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// The event, with a hundred of its sites at most.
    pub event: Event,
    /// How many sites were bad with it at some time.
    pub affected: usize,
}

/// An event as it is kept.
pub(super) struct Row {
    pub(super) provider: String,
    pub(super) started_at: OffsetDateTime,
    pub(super) noticed_at: OffsetDateTime,
    pub(super) ended_at: Option<OffsetDateTime>,
    pub(super) sites: Vec<String>,
}

impl Row {
    pub(super) fn event(self) -> Event {
        Event {
            provider: self.provider.into(),
            started_at: self.started_at.into(),
            noticed_at: self.noticed_at.into(),
            ended_at: self.ended_at.map(Moment::from),
            sites: self.sites.iter().filter_map(|slug| Slug::new(slug).ok()).collect(),
        }
    }
}

impl Store {
    /// The newest provider events, newest first; only ongoing or only ended ones if asked.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn provider_events(
        &self,
        ongoing: Option<bool>,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            "SELECT provider, started_at, noticed_at, ended_at, sites FROM provider_events
             WHERE $1::bool IS NULL OR (ended_at IS NULL) = $1
             ORDER BY started_at DESC, provider LIMIT $2",
            ongoing,
            i64::from(limit)
        )
        .fetch_all(&self.pool);
        let rows = within(READ, async { Ok(rows.await?) }).await?;
        Ok(rows.into_iter().map(Row::event).collect())
    }

    /// The events of one provider that are wanted, newest first.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn events_of_provider(
        &self,
        wanted: &EventsWanted<'_>,
    ) -> Result<Vec<EventRow>, StoreError> {
        let rows = sqlx::query!(
            "SELECT provider, started_at, noticed_at, ended_at, sites[1:$5] AS \"sites!\",
                 cardinality(sites) AS \"affected!\"
             FROM provider_events
             WHERE provider = $1 AND ($2::timestamptz IS NULL OR started_at < $2)
                 AND ($3::timestamptz IS NULL
                     OR (from_at <= $3 AND coalesce(ended_at, 'infinity') >= $3))
             ORDER BY started_at DESC LIMIT $4",
            wanted.provider,
            wanted.before.map(Moment::to_datetime),
            wanted.at.map(Moment::to_datetime),
            i64::from(wanted.limit),
            NAMED,
        )
        .fetch_all(&self.pool);
        let rows = within(READ, async { Ok(rows.await?) }).await?;
        let told = rows.into_iter().map(|row| EventRow {
            affected: usize::try_from(row.affected).unwrap_or_default(),
            event: Row {
                provider: row.provider,
                started_at: row.started_at,
                noticed_at: row.noticed_at,
                ended_at: row.ended_at,
                sites: row.sites,
            }
            .event(),
        });
        Ok(told.collect())
    }

    /// The providers that were found out, of all sites that are watched.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn found_providers(&self) -> Result<HashMap<Slug, Box<str>>, StoreError> {
        let rows = sqlx::query!(
            "SELECT slug, provider_found AS \"found!\" FROM sites
             WHERE removed_at IS NULL AND provider_found IS NOT NULL"
        )
        .fetch_all(&self.pool);
        let rows = within(READ, async { Ok(rows.await?) }).await?;
        let good = rows.into_iter().filter(|row| is_slug(&row.found));
        Ok(good.filter_map(|row| Some((Slug::new(&row.slug).ok()?, row.found.into()))).collect())
    }

    /// Keeps the providers that were found out; sites that are not known yet are passed over.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn keep_found_providers(
        &self,
        found: &HashMap<Slug, Box<str>>,
    ) -> Result<(), StoreError> {
        let mut sorted: Vec<(&Slug, &str)> = found.iter().map(|(slug, p)| (slug, &**p)).collect();
        sorted.sort_unstable();
        let slugs: Vec<String> = sorted.iter().map(|(slug, _)| slug.as_str().to_owned()).collect();
        let providers: Vec<String> = sorted.iter().map(|(_, provider)| text(provider)).collect();
        let done = sqlx::query!(
            "UPDATE sites s SET provider_found = n.found
             FROM unnest($1::text[], $2::text[]) AS n (slug, found)
             WHERE s.slug = n.slug AND s.provider_found IS DISTINCT FROM n.found",
            &slugs,
            &providers
        )
        .execute(&self.pool);
        within(WRITE, async { Ok(done.await.map(drop)?) }).await
    }
}
