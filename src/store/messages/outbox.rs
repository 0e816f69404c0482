//! Messages are leased to one sender at a time, and end when it says so.
//!
//! A lease ends at a moment and is no lock: no connection is held while a receiver is slow, and a
//! message of a sender that died is free again when its lease runs out.

use std::time::Duration;

use super::{Store, StoreError, WRITE_TIMEOUT, within};
use crate::store::{READ_TIMEOUT, rows::text};
use model::moment::Moment;

/// Messages that wait for one channel at most; beyond, the oldest are given up.
const MAX_WAITING: i64 = 1_000;
/// Retention of messages after they arrived or were given up.
const KEPT_FOR: Duration = Duration::from_hours(30 * 24);

/// A message leased to a sender.
#[derive(Clone, Debug)]
pub struct Lease {
    /// Its place in the order in which messages were made.
    pub number: i64,
    /// Id for the receiver, the same however often the message is sent.
    pub id: String,
    /// Content of the message.
    pub message: serde_json::Value,
    /// The moment when it was made.
    pub made_at: Moment,
    /// Number of tries, this one included.
    pub tries: u32,
}

/// The messages of one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelQueue {
    /// The channel.
    pub channel: String,
    /// Messages on their way.
    pub waiting: u64,
    /// Those of the last day that were given up.
    pub failed: u64,
    /// Those of the last day that arrived.
    pub arrived: u64,
}

impl Store {
    /// Leases the oldest message of a channel that may be tried now, until `until`; two senders
    /// never have the same.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn lend_message(
        &self,
        channel: &str,
        now: Moment,
        until: Moment,
    ) -> Result<Option<Lease>, StoreError> {
        let lend = sqlx::query!(
            r#"UPDATE messages SET tries = tries + 1, next_at = $3
             WHERE number = (
                 SELECT number FROM messages
                 WHERE channel = $1 AND ended_at IS NULL AND next_at <= $2
                 ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED
             )
             RETURNING number, id::text AS "id!", message, made_at, tries"#,
            channel,
            now.to_datetime(),
            until.to_datetime()
        );
        let row = within(WRITE_TIMEOUT, async {
            let mut transaction = self.begin().await?;
            let row = lend.fetch_optional(&mut *transaction).await?;
            transaction.commit().await?;
            Ok(row)
        });
        Ok(row.await?.map(|row| Lease {
            number: row.number,
            id: row.id,
            message: row.message,
            made_at: row.made_at.into(),
            tries: u32::try_from(row.tries).unwrap_or(0),
        }))
    }

    /// Ends a message: it arrived, or it is given up; `answer` is the receiver's answer.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn end_message(
        &self,
        number: i64,
        arrived: bool,
        answer: &str,
        now: Moment,
    ) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "UPDATE messages SET ended_at = $2, arrived = $3, answer = $4
             WHERE number = $1 AND ended_at IS NULL",
            number,
            now.to_datetime(),
            arrived,
            text(answer)
        )
        .execute(&self.pool);
        within(WRITE_TIMEOUT, async { Ok(done.await.map(drop)?) }).await
    }

    /// Returns a message that did not arrive, to be tried again.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn return_message(
        &self,
        number: i64,
        answer: &str,
        next: Moment,
    ) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "UPDATE messages SET next_at = $2, answer = $3 WHERE number = $1 AND ended_at IS NULL",
            number,
            next.to_datetime(),
            text(answer)
        )
        .execute(&self.pool);
        within(WRITE_TIMEOUT, async { Ok(done.await.map(drop)?) }).await
    }

    /// Gives up messages beyond the limit, and deletes old ones.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn tidy_messages(&self, now: Moment) -> Result<u64, StoreError> {
        within(WRITE_TIMEOUT, async {
            let given_up = sqlx::query!(
                "UPDATE messages SET ended_at = $1, arrived = false, answer = 'too many wait'
                 WHERE number IN (
                     SELECT number FROM (
                         SELECT number,
                             row_number() OVER (PARTITION BY channel ORDER BY number DESC) AS place
                         FROM messages WHERE ended_at IS NULL
                     ) AS waiting WHERE place > $2
                 )",
                now.to_datetime(),
                MAX_WAITING
            )
            .execute(&self.pool)
            .await?;
            sqlx::query!(
                "DELETE FROM messages WHERE ended_at < $1",
                (now - KEPT_FOR).to_datetime()
            )
            .execute(&self.pool)
            .await?;
            Ok(given_up.rows_affected())
        })
        .await
    }

    /// Number of messages of each channel that wait, arrived and were given up.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn count_messages(&self, now: Moment) -> Result<Vec<ChannelQueue>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT channel, count(*) FILTER (WHERE ended_at IS NULL) AS "waiting!",
                 count(*) FILTER (WHERE NOT arrived) AS "failed!",
                 count(*) FILTER (WHERE arrived) AS "arrived!"
             FROM messages WHERE ended_at IS NULL OR ended_at > $1
             GROUP BY channel ORDER BY channel"#,
            (now - Duration::from_hours(24)).to_datetime()
        )
        .fetch_all(&self.pool);
        let rows = within(READ_TIMEOUT, async { Ok(rows.await?) }).await?;
        let whole = |n: i64| u64::try_from(n).unwrap_or(0);
        Ok(rows
            .into_iter()
            .map(|row| ChannelQueue {
                channel: row.channel,
                waiting: whole(row.waiting),
                failed: whole(row.failed),
                arrived: whole(row.arrived),
            })
            .collect())
    }
}
