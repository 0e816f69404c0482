//! Writing provider events, inside the transaction of the batch, and putting outages down to them.

use sqlx::PgConnection;

use crate::store::{
    StoreError,
    rows::{cause, status, text},
};
use model::{
    moment::Moment,
    provider::{ProviderEvent, ProviderEvidence},
};

/// Writes events. A row that exists gets its end and the sites that joined it.
pub(super) async fn write(
    events: &[ProviderEvent],
    to: &mut PgConnection,
) -> Result<(), StoreError> {
    for event in events {
        let sites: Vec<String> = event.sites.iter().map(|slug| slug.as_str().to_owned()).collect();
        let (provider, from) = (text(&event.provider), event.from());
        let ended = event.ended_at.map(Moment::to_datetime);
        let evidence = event.evidence.as_ref();
        let number = |of: fn(&ProviderEvidence) -> u32| {
            evidence.map(|evidence| i32::try_from(of(evidence)).unwrap_or(i32::MAX))
        };
        sqlx::query!(
            "INSERT INTO provider_events AS e
                 (provider, started_at, from_at, noticed_at, ended_at, sites, role, alike,
                  fell_within, affected, watched, elsewhere_affected, elsewhere_watched,
                  withdrawn_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
             ON CONFLICT (provider, started_at) DO UPDATE
             SET ended_at = coalesce(e.ended_at, EXCLUDED.ended_at), sites = EXCLUDED.sites,
                 withdrawn_at = coalesce(e.withdrawn_at, EXCLUDED.withdrawn_at)
             WHERE e.sites <@ EXCLUDED.sites",
            provider,
            event.started_at.to_datetime(),
            from.to_datetime(),
            event.noticed_at.to_datetime(),
            ended,
            &sites,
            evidence.map(|evidence| evidence.role.word()),
            evidence.map(|evidence| evidence.alike.to_string()),
            number(|evidence| evidence.seconds),
            number(|evidence| evidence.affected),
            number(|evidence| evidence.of),
            number(|evidence| evidence.elsewhere),
            number(|evidence| evidence.elsewhere_of),
            event.withdrawn_at.map(Moment::to_datetime),
        )
        .execute(&mut *to)
        .await?;
        let ids = sqlx::query_scalar!("SELECT id FROM sites WHERE slug = ANY($1)", &sites);
        let ids = ids.fetch_all(&mut *to).await?;
        if event.withdrawn_at.is_some() {
            take_back(&provider, event, &ids, to).await?;
        } else if !is_withdrawn(&provider, event, to).await? {
            blame(&provider, event, &ids, to).await?;
        }
    }
    Ok(())
}

/// Returns whether an event was withdrawn before. Its row stays, hidden, so that a repeated write
/// blames no provider again.
async fn is_withdrawn(
    provider: &str,
    event: &ProviderEvent,
    to: &mut PgConnection,
) -> Result<bool, StoreError> {
    let withdrawn = sqlx::query_scalar!(
        r#"SELECT withdrawn_at IS NOT NULL AS "withdrawn!" FROM provider_events
         WHERE provider = $1 AND started_at = $2"#,
        provider,
        event.started_at.to_datetime()
    );
    Ok(withdrawn.fetch_optional(to).await?.unwrap_or(false))
}

/// Puts the outages that began while the provider failed down to it: those of the time in which its sites fell, and
/// of later ones those that show its trouble.
async fn blame(
    provider: &str,
    event: &ProviderEvent,
    sites: &[i32],
    to: &mut PgConnection,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE outages SET provider = $1
         WHERE site_id = ANY($2) AND provider IS NULL
             AND started_at >= $3 AND started_at <= coalesce($4, 'infinity'::timestamptz)",
        provider,
        sites,
        event.from().to_datetime(),
        Some(event.falls_until().to_datetime()),
    )
    .execute(&mut *to)
    .await?;
    let later = sqlx::query!(
        "SELECT site_id, started_at, status, failure, failure_detail FROM outages
         WHERE site_id = ANY($1) AND provider IS NULL
             AND started_at > $2 AND started_at <= coalesce($3, 'infinity'::timestamptz)",
        sites,
        event.falls_until().to_datetime(),
        event.ended_at.map(Moment::to_datetime),
    );
    for row in later.fetch_all(&mut *to).await? {
        let cause = cause(row.failure, row.failure_detail);
        let is_its = |status| event.explains(row.started_at.into(), status, cause.as_ref());
        if !status(row.status).is_some_and(is_its) {
            continue;
        }
        sqlx::query!(
            "UPDATE outages SET provider = $4 WHERE site_id = $1 AND started_at = $2 AND status = $3",
            row.site_id,
            row.started_at,
            row.status,
            provider,
        )
        .execute(&mut *to)
        .await?;
    }
    Ok(())
}

/// Removes a withdrawn event as the cause of outages.
async fn take_back(
    provider: &str,
    event: &ProviderEvent,
    sites: &[i32],
    to: &mut PgConnection,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE outages SET provider = NULL
         WHERE site_id = ANY($2) AND provider = $1 AND started_at >= $3 AND started_at <= $4",
        provider,
        sites,
        event.from().to_datetime(),
        event.withdrawn_at.unwrap_or(event.noticed_at).to_datetime(),
    )
    .execute(to)
    .await?;
    Ok(())
}
