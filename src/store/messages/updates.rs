//! Messages about updates of people's notices: each update once for a channel, by its id.

use super::{MessageDraft, Store, StoreError, WRITE_TIMEOUT, plan::alone, within};
use crate::store::rows::json;
use model::moment::Moment;

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
}
