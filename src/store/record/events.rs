//! Writing provider events, inside the transaction of the batch, and putting outages down to them.

use sqlx::PgConnection;

use crate::{
    model::{moment::Moment, provider::Event},
    store::{StoreError, columns::text},
};

/// Writes events. One that was written before gets its end and the sites that joined it.
pub(super) async fn write(events: &[Event], to: &mut PgConnection) -> Result<(), StoreError> {
    for event in events {
        let sites: Vec<String> = event.sites.iter().map(|slug| slug.as_str().to_owned()).collect();
        let (provider, from) = (text(&event.provider), event.from());
        let ended = event.ended_at.map(Moment::to_datetime);
        sqlx::query!(
            "INSERT INTO provider_events AS e
                 (provider, started_at, from_at, noticed_at, ended_at, sites)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (provider, started_at) DO UPDATE
             SET ended_at = coalesce(e.ended_at, EXCLUDED.ended_at), sites = EXCLUDED.sites
             WHERE e.sites <@ EXCLUDED.sites",
            provider,
            event.started_at.to_datetime(),
            from.to_datetime(),
            event.noticed_at.to_datetime(),
            ended,
            &sites,
        )
        .execute(&mut *to)
        .await?;
        sqlx::query!(
            "UPDATE outages o SET provider = $1 FROM sites s
             WHERE s.id = o.site_id AND s.slug = ANY($2) AND o.provider IS NULL
                 AND o.started_at >= $3 AND o.started_at <= coalesce($4, 'infinity'::timestamptz)",
            provider,
            &sites,
            from.to_datetime(),
            ended,
        )
        .execute(&mut *to)
        .await?;
    }
    Ok(())
}
