//! Telling people: what is new, what each channel was told, and the messages on their way.
//!
//! - [`plan`]: new verdicts become messages, in one transaction that may be cut anywhere.
//! - [`outbox`]: messages are lent to a sender, and end when it says so; a sender that dies returns
//!   its message when the loan runs out.
//!
//! What is said in a message is not known here.

mod outbox;
mod plan;

pub use self::{
    outbox::{Lent, Waiting},
    plan::{Draft, Known, Planned, Published, Unplanned},
};
use super::{Store, StoreError, WRITE, within};
use crate::model::moment::Moment;

impl Store {
    /// Makes these the channels in force. One that is new is told nothing from before now; what
    /// waits for one that is gone is given up.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn set_channels(&self, names: &[String], now: Moment) -> Result<(), StoreError> {
        within(WRITE, async {
            let now = now.to_datetime();
            let mut transaction = self.pool.begin().await?;
            sqlx::query!("DELETE FROM notify_channels WHERE name <> ALL($1)", names)
                .execute(&mut *transaction)
                .await?;
            sqlx::query!(
                "INSERT INTO notify_channels (name, added_at) SELECT name, $2
                 FROM unnest($1::text[]) AS name ON CONFLICT DO NOTHING",
                names,
                now
            )
            .execute(&mut *transaction)
            .await?;
            sqlx::query!("DELETE FROM news WHERE NOT EXISTS (SELECT FROM notify_channels)")
                .execute(&mut *transaction)
                .await?;
            sqlx::query!(
                "UPDATE notices SET ended_at = $2, arrived = false, answer = 'the channel is gone'
                 WHERE ended_at IS NULL AND channel <> ALL($1)",
                names,
                now
            )
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            Ok(())
        })
        .await
    }
}
