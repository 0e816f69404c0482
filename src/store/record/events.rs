//! Writing provider events, inside the transaction of the batch, and putting outages down to them.

use sqlx::PgConnection;

use crate::{
    model::{
        moment::Moment,
        provider::{Event, Evidence},
    },
    store::{StoreError, columns::text},
};

/// Writes events. One that was written before gets its end and the sites that joined it.
pub(super) async fn write(events: &[Event], to: &mut PgConnection) -> Result<(), StoreError> {
    for event in events {
        let sites: Vec<String> = event.sites.iter().map(|slug| slug.as_str().to_owned()).collect();
        let (provider, from) = (text(&event.provider), event.from());
        let ended = event.ended_at.map(Moment::to_datetime);
        let evidence = event.evidence.as_ref();
        let number = |of: fn(&Evidence) -> u32| {
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
        if event.withdrawn_at.is_some() {
            take_back(&provider, event, &sites, to).await?;
            continue;
        }
        sqlx::query!(
            "UPDATE outages o SET provider = $1 FROM sites s
             WHERE s.id = o.site_id AND s.slug = ANY($2) AND o.provider IS NULL
                 AND o.started_at >= $3 AND o.started_at <= coalesce($4, 'infinity'::timestamptz)
                 AND NOT EXISTS (
                     SELECT FROM provider_events e
                     WHERE e.provider = $1 AND e.started_at = $5 AND e.withdrawn_at IS NOT NULL
                 )",
            provider,
            &sites,
            from.to_datetime(),
            ended,
            event.started_at.to_datetime(),
        )
        .execute(&mut *to)
        .await?;
    }
    Ok(())
}

/// Outages that were put down to an event which was taken back have no cause of it any more. Its row
/// stays, unseen, so that what is sent again brings no blame back.
async fn take_back(
    provider: &str,
    event: &Event,
    sites: &[String],
    to: &mut PgConnection,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE outages o SET provider = NULL FROM sites s
         WHERE s.id = o.site_id AND s.slug = ANY($2) AND o.provider = $1 AND o.started_at >= $3
             AND o.started_at <= $4",
        provider,
        sites,
        event.from().to_datetime(),
        event.withdrawn_at.unwrap_or(event.noticed_at).to_datetime(),
    )
    .execute(&mut *to)
    .await?;
    Ok(())
}
