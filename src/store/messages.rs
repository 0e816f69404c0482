//! Notifications: new verdicts, the state of each channel, and the messages on their way.
//!
//! - [`plan`]: new verdicts become messages, in one transaction that may be cut anywhere.
//! - [`updates`]: messages about what people say, each once.
//! - [`certificates`]: messages about certificates that end soon, each once.
//! - [`events`]: channels that were notified of a provider event.
//! - [`outbox`]: messages are leased to a sender, and end when it says so; a message of a sender that
//!   died is free again when the lease runs out.
//!
//! The text of a message is not known here.

mod certificates;
mod events;
mod outbox;
mod plan;
mod updates;

use std::time::Duration;

pub use self::{
    outbox::{ChannelQueue, Lease},
    plan::{ChannelKnowledge, MessageDraft, NotifiedEvent, PlanResult, Published, Unplanned},
    updates::UpdateDraft,
};
use super::{Store, StoreError, WRITE_TIMEOUT, within};
use model::moment::Moment;

/// A channel that no process has had for this long is forgotten, with all that was due to it.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(7 * 24);

impl Store {
    /// Declares that this process has these channels; to be repeated within an hour or so. A new
    /// channel is sent nothing from before now. Other processes may have others; one that no
    /// process has had for a week is forgotten, and its waiting messages are given up: returns
    /// their number.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn set_channels(&self, names: &[String], now: Moment) -> Result<u64, StoreError> {
        within(WRITE_TIMEOUT, async {
            let mut transaction = self.pool.begin().await?;
            sqlx::query!(
                "INSERT INTO notify_channels AS c (name, added_at, seen_at) SELECT name, $2, $2
                 FROM unnest($1::text[]) AS name ORDER BY name
                 ON CONFLICT (name) DO UPDATE SET seen_at = greatest(c.seen_at, $2)",
                names,
                now.to_datetime()
            )
            .execute(&mut *transaction)
            .await?;
            sqlx::query!(
                "DELETE FROM notify_channels WHERE seen_at < $1",
                (now - FORGOTTEN_AFTER).to_datetime()
            )
            .execute(&mut *transaction)
            .await?;
            let given_up = sqlx::query!(
                "UPDATE messages n SET ended_at = $1, arrived = false, answer = 'the channel is gone'
                 WHERE ended_at IS NULL
                     AND NOT EXISTS (SELECT FROM notify_channels WHERE name = n.channel)",
                now.to_datetime()
            )
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            Ok(given_up.rows_affected())
        })
        .await
    }
}
