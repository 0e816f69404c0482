//! Reading back which providers failed, and keeping which provider serves each site.

use std::collections::HashMap;

use time::OffsetDateTime;

use super::{READ_TIMEOUT, Store, StoreError, WRITE_TIMEOUT, rows::text, within};
use model::{
    moment::Moment,
    name::Slug,
    provider::{ProviderEvent, ProviderEvidence, Role, is_slug},
};

/// Sites of an event that are read with a page of events.
const MAX_SITES: i32 = 100;

/// Filter and page of a provider's events.
#[derive(Clone, Copy, Debug)]
pub struct EventsWanted<'a> {
    /// Its slug.
    pub provider: &'a str,
    /// Those that began before this moment.
    pub before: Option<Moment>,
    /// The one to which an outage that began at this moment is put down.
    pub at: Option<Moment>,
    /// Largest number of events.
    pub limit: u32,
}

/// Providers found for a site, as far as known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundProviders {
    /// Provider that serves it.
    pub serves: Option<Box<str>>,
    /// DNS operator of its name, and when that was looked up.
    pub names: Option<(Box<str>, Moment)>,
    /// Issuer of its certificate.
    pub authority: Option<Box<str>>,
}

/// An event as it is read, a page at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// The event, with a hundred of its sites at most.
    pub event: ProviderEvent,
    /// Number of sites that were bad with it at some time.
    pub affected: usize,
}

/// A recorded event.
pub(super) struct EventRecord {
    pub(super) provider: String,
    pub(super) started_at: OffsetDateTime,
    pub(super) noticed_at: OffsetDateTime,
    pub(super) ended_at: Option<OffsetDateTime>,
    pub(super) withdrawn_at: Option<OffsetDateTime>,
    pub(super) role: Option<String>,
    pub(super) alike: Option<String>,
    /// Seconds, then the four counts of [`ProviderEvidence`] in their order.
    pub(super) numbers: Option<Vec<Option<i32>>>,
    pub(super) sites: Vec<String>,
    /// Number of sites, those beyond the ones that were read included.
    pub(super) joined: i32,
}

impl EventRecord {
    fn evidence(&self) -> Option<ProviderEvidence> {
        let numbers = self.numbers.as_ref()?.iter();
        let known: Option<Vec<u32>> =
            numbers.map(|number| u32::try_from((*number)?).ok()).collect();
        let [seconds, affected, of, elsewhere, elsewhere_of] = *known?.first_chunk()?;
        Some(ProviderEvidence {
            role: Role::of_word(self.role.as_deref()?)?,
            alike: self.alike.as_deref()?.parse().ok()?,
            seconds,
            affected,
            of,
            elsewhere,
            elsewhere_of,
        })
    }

    pub(super) fn event(self) -> ProviderEvent {
        ProviderEvent {
            evidence: self.evidence(),
            withdrawn_at: self.withdrawn_at.map(Moment::from),
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
    /// Fails when Postgres is away, or refuses.
    pub async fn provider_events(
        &self,
        ongoing: Option<bool>,
        limit: u32,
    ) -> Result<Vec<ProviderEvent>, StoreError> {
        let rows = sqlx::query_as!(
            EventRecord,
            "SELECT provider, started_at, noticed_at, ended_at, withdrawn_at, role, alike,
                 ARRAY[fell_within, affected, watched, elsewhere_affected, elsewhere_watched]
                     AS \"numbers: Vec<Option<i32>>\",
                 sites, cardinality(sites) AS \"joined!\"
             FROM provider_events
             WHERE withdrawn_at IS NULL AND ($1::bool IS NULL OR (ended_at IS NULL) = $1)
             ORDER BY started_at DESC, provider LIMIT $2",
            ongoing,
            i64::from(limit)
        )
        .fetch_all(&self.pool);
        let rows = within(READ_TIMEOUT, async { Ok(rows.await?) }).await?;
        Ok(rows.into_iter().map(EventRecord::event).collect())
    }

    /// The newest provider events to which outages that began from the one moment to the other may be put
    /// down, newest first.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn events_between(
        &self,
        (from, until): (Moment, Moment),
        limit: u32,
    ) -> Result<Vec<ProviderEvent>, StoreError> {
        let rows = sqlx::query_as!(
            EventRecord,
            "SELECT provider, started_at, noticed_at, ended_at, withdrawn_at, role, alike,
                 ARRAY[fell_within, affected, watched, elsewhere_affected, elsewhere_watched]
                     AS \"numbers: Vec<Option<i32>>\",
                 sites[1:$4] AS \"sites!\", cardinality(sites) AS \"joined!\"
             FROM provider_events
             WHERE withdrawn_at IS NULL AND from_at <= $2 AND coalesce(ended_at, 'infinity') >= $1
             ORDER BY started_at DESC, provider LIMIT $3",
            from.to_datetime(),
            until.to_datetime(),
            i64::from(limit),
            MAX_SITES,
        )
        .fetch_all(&self.readers);
        let rows = within(READ_TIMEOUT, async { Ok(rows.await?) }).await?;
        Ok(rows.into_iter().map(EventRecord::event).collect())
    }

    /// The filtered events of one provider, newest first.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn events_of_provider(
        &self,
        wanted: &EventsWanted<'_>,
    ) -> Result<Vec<EventRow>, StoreError> {
        let rows = sqlx::query_as!(
            EventRecord,
            "SELECT provider, started_at, noticed_at, ended_at, withdrawn_at, role, alike,
                 ARRAY[fell_within, affected, watched, elsewhere_affected, elsewhere_watched]
                     AS \"numbers: Vec<Option<i32>>\",
                 sites[1:$5] AS \"sites!\", cardinality(sites) AS \"joined!\"
             FROM provider_events
             WHERE provider = $1 AND withdrawn_at IS NULL AND ($2::timestamptz IS NULL OR started_at < $2)
                 AND ($3::timestamptz IS NULL
                     OR (from_at <= $3 AND coalesce(ended_at, 'infinity') >= $3))
             ORDER BY started_at DESC LIMIT $4",
            wanted.provider,
            wanted.before.map(Moment::to_datetime),
            wanted.at.map(Moment::to_datetime),
            i64::from(wanted.limit),
            MAX_SITES,
        )
        .fetch_all(&self.pool);
        let rows = within(READ_TIMEOUT, async { Ok(rows.await?) }).await?;
        let told = rows.into_iter().map(|row| EventRow {
            affected: usize::try_from(row.joined).unwrap_or_default(),
            event: row.event(),
        });
        Ok(told.collect())
    }

    /// The providers found for all watched sites.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn found_providers(&self) -> Result<HashMap<Slug, FoundProviders>, StoreError> {
        let rows = sqlx::query!(
            "SELECT slug, provider_found, names_found, names_found_at, authority_found FROM sites
             WHERE removed_at IS NULL
                 AND coalesce(provider_found, names_found, authority_found) IS NOT NULL"
        )
        .fetch_all(&self.pool);
        let rows = within(READ_TIMEOUT, async { Ok(rows.await?) }).await?;
        let good = |slug: Option<String>| slug.filter(|slug| is_slug(slug)).map(Box::from);
        let found = rows.into_iter().filter_map(|row| {
            let names = good(row.names_found).zip(row.names_found_at.map(Moment::from));
            let (serves, authority) = (good(row.provider_found), good(row.authority_found));
            Some((Slug::new(&row.slug).ok()?, FoundProviders { serves, names, authority }))
        });
        Ok(found.collect())
    }

    /// Keeps the providers found; sites that are not known yet are skipped.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn keep_found_providers(
        &self,
        found: &HashMap<Slug, FoundProviders>,
    ) -> Result<(), StoreError> {
        let mut sorted: Vec<(&Slug, &FoundProviders)> = found.iter().collect();
        sorted.sort_unstable_by_key(|(slug, _)| *slug);
        let slugs: Vec<String> = sorted.iter().map(|(slug, _)| slug.as_str().to_owned()).collect();
        let of = |part: fn(&FoundProviders) -> Option<&str>| -> Vec<Option<String>> {
            sorted.iter().map(|(_, found)| part(found).map(text)).collect()
        };
        let at: Vec<Option<OffsetDateTime>> = sorted
            .iter()
            .map(|(_, found)| found.names.as_ref().map(|(_, at)| at.to_datetime()))
            .collect();
        let done = sqlx::query!(
            "UPDATE sites s SET provider_found = coalesce(n.serves, s.provider_found),
                 names_found = coalesce(n.names, s.names_found),
                 names_found_at = coalesce(n.at, s.names_found_at),
                 authority_found = coalesce(n.authority, s.authority_found)
             FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[])
                 AS n (slug, serves, names, at, authority)
             WHERE s.slug = n.slug",
            &slugs,
            &of(|found| found.serves.as_deref()) as &[Option<String>],
            &of(|found| found.names.as_ref().map(|(slug, _)| &**slug)) as &[Option<String>],
            &at as &[Option<OffsetDateTime>],
            &of(|found| found.authority.as_deref()) as &[Option<String>],
        )
        .execute(&self.pool);
        within(WRITE_TIMEOUT, async { Ok(done.await.map(drop)?) }).await
    }
}
