//! Channels notified of provider events, in the transaction of a plan.

use sqlx::PgConnection;

use super::{NotifiedEvent, StoreError};
use crate::store::{providers::EventRecord, rows::text};
use model::provider::ProviderEvent;

/// Events that are read at once.
const MAX_EVENTS: i64 = 100;

/// The ongoing events, and those whose end a channel is still to be notified of; with the channels
/// notified of each.
pub(super) async fn read(
    names: &[String],
    to: &mut PgConnection,
) -> Result<(Vec<ProviderEvent>, Vec<NotifiedEvent>), StoreError> {
    let told = sqlx::query!(
        "SELECT channel, provider, started_at FROM notify_events WHERE channel = ANY($1)",
        names
    );
    let told = told.fetch_all(&mut *to).await?;
    let events = sqlx::query_as!(
        EventRecord,
        "SELECT provider, started_at, noticed_at, ended_at, withdrawn_at, role, alike,
             ARRAY[fell_within, affected, watched, elsewhere_affected, elsewhere_watched]
                 AS \"numbers: Vec<Option<i32>>\",
             sites, cardinality(sites) AS \"joined!\"
         FROM provider_events e
         WHERE ended_at IS NULL AND withdrawn_at IS NULL OR EXISTS (
             SELECT FROM notify_events n WHERE n.channel = ANY($1)
                 AND n.provider = e.provider AND n.started_at = e.started_at
         )
         ORDER BY started_at DESC, provider LIMIT $2",
        names,
        MAX_EVENTS
    );
    let events = events.fetch_all(&mut *to).await?;
    let told = told.into_iter().map(|row| NotifiedEvent {
        channel: row.channel,
        provider: row.provider.into(),
        started_at: row.started_at.into(),
    });
    Ok((events.into_iter().map(EventRecord::event).collect(), told.collect()))
}

/// Keeps which channel is notified of which event, and removes those notified of the end.
pub(super) async fn write(
    opened: &[NotifiedEvent],
    closed: &[NotifiedEvent],
    to: &mut PgConnection,
) -> Result<(), StoreError> {
    for NotifiedEvent { channel, provider, started_at } in opened {
        sqlx::query!(
            "INSERT INTO notify_events (channel, provider, started_at) VALUES ($1, $2, $3)
             ON CONFLICT DO NOTHING",
            channel,
            text(provider),
            started_at.to_datetime()
        )
        .execute(&mut *to)
        .await?;
    }
    for NotifiedEvent { channel, provider, started_at } in closed {
        sqlx::query!(
            "DELETE FROM notify_events WHERE channel = $1 AND provider = $2 AND started_at = $3",
            channel,
            text(provider),
            started_at.to_datetime()
        )
        .execute(&mut *to)
        .await?;
    }
    Ok(())
}
