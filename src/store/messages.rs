//! Notifications: new verdicts, the state of each channel, and the messages on their way.
//!
//! - [`plan`]: new verdicts become messages, in one transaction that may be cut anywhere.
//! - [`events`]: channels that were notified of a provider event.
//! - [`outbox`]: messages are leased to a sender, and end when it says so; a message of a sender that
//!   died is free again when the lease runs out.
//!
//! Messages about updates of notices and about certificates that end soon are queued here, each once for a
//! channel. The text of a message is not known here.

mod events;
mod outbox;
mod plan;

use std::{collections::HashSet, time::Duration};

use self::plan::{alone, write_drafts};
pub use self::{
    outbox::{ChannelQueue, Lease},
    plan::{ChannelKnowledge, MessageDraft, NotifiedEvent, PlanResult, Published, Unplanned},
};
use super::{Store, StoreError, WRITE_TIMEOUT, rows::json, within};
use model::moment::Moment;

/// A channel that no process has had for this long is forgotten, with all that was due to it.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(7 * 24);

/// A message about an update of a notice.
#[derive(Clone, Debug)]
pub struct UpdateDraft {
    /// The message.
    pub draft: MessageDraft,
    /// The id of the update.
    pub update: Box<str>,
    /// Moment of the update: a channel is told nothing from before it was added.
    pub at: Moment,
}

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

    /// Queues those of these messages that were never queued; returns their number, or `None` while another
    /// process plans.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses; nothing has changed then.
    pub async fn queue_updates(
        &self,
        drafts: &[UpdateDraft],
        now: Moment,
    ) -> Result<Option<u64>, StoreError> {
        within(WRITE_TIMEOUT, async {
            let mut transaction = self.begin().await?;
            if !alone(&mut transaction).await? {
                return Ok(None);
            }
            let mut queued = 0;
            for UpdateDraft { draft, update, at } in drafts {
                let done = sqlx::query!(
                    "INSERT INTO messages (channel, made_at, message, next_at) SELECT $1, $2, $3, $4
                     WHERE NOT EXISTS (
                         SELECT FROM messages
                         WHERE channel = $1 AND message #>> '{data,notice,update_id}' = $5
                     ) AND EXISTS (
                         SELECT FROM notify_channels WHERE name = $1 AND added_at <= $6
                     )",
                    draft.channel,
                    now.to_datetime(),
                    json(draft.message.clone()),
                    draft.not_before.to_datetime(),
                    &**update,
                    at.to_datetime(),
                )
                .execute(&mut *transaction)
                .await?;
                queued += done.rows_affected();
            }
            transaction.commit().await?;
            Ok(Some(queued))
        })
        .await
    }

    /// Passes the ids of all that a channel was told of certificates to `decide`, and queues the message that it
    /// returns. Returns whether there was one, or `None` while another process plans.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses; nothing has changed then.
    pub async fn queue_certificates(
        &self,
        channel: &str,
        now: Moment,
        decide: impl FnOnce(&HashSet<String>) -> Option<MessageDraft> + Send,
    ) -> Result<Option<bool>, StoreError> {
        within(WRITE_TIMEOUT, async {
            let mut transaction = self.begin().await?;
            if !alone(&mut transaction).await? {
                return Ok(None);
            }
            let told = sqlx::query_scalar!(
                r#"SELECT told ->> 'id' AS "id!"
                 FROM messages, jsonb_array_elements(message #> '{data,certificates}') AS told
                 WHERE channel = $1"#,
                channel
            );
            let told = told.fetch_all(&mut *transaction).await?.into_iter().collect();
            let draft = decide(&told);
            write_drafts(draft.as_slice(), now, &mut transaction).await?;
            transaction.commit().await?;
            Ok(Some(draft.is_some()))
        })
        .await
    }
}
