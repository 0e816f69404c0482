//! Messages about certificates that end soon: each certificate once for a channel and a number of days, by its id.

use std::collections::HashSet;

use super::{
    MessageDraft, Store, StoreError, WRITE_TIMEOUT,
    plan::{alone, write_drafts},
    within,
};
use model::moment::Moment;

impl Store {
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
