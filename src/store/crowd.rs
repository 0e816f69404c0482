//! What visitors look up and report, for a day.
//!
//! It is bounded whatever visitors do: old rows go, and of too many the oldest go as well.

use super::{READ, Store, StoreError, WRITE, within};
use crate::model::{
    crowd::{COUNTS_KEPT, Count, What},
    moment::Moment,
};

/// Counts that are kept at most, the newest ones.
const COUNTS: i64 = 200_000;
/// Counts that are read back at most.
const READ_BACK: i64 = 50_000;

/// Some counts that are not kept yet.
#[derive(Clone, Debug, Default)]
pub struct CrowdBatch {
    /// Which process writes it: a number that no other has.
    pub writer: i64,
    /// Which of its batches it is; each is counted once, however often it is written.
    pub number: i64,
    /// What is added to the counts.
    pub counts: Vec<Count>,
}

impl Store {
    /// Adds to the counts. The same batch may be written again.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn add_crowd(&self, batch: &CrowdBatch, now: Moment) -> Result<(), StoreError> {
        // In one order, so that two processes never wait for each other.
        let mut counts: Vec<&Count> = batch.counts.iter().collect();
        counts.sort_unstable_by(|a, b| (a.at, a.what, &a.key).cmp(&(b.at, b.what, &b.key)));
        let at: Vec<_> = counts.iter().map(|count| count.at.to_datetime()).collect();
        let what: Vec<i16> = counts.iter().map(|count| i16::from(count.what.number())).collect();
        let keys: Vec<String> = counts.iter().map(|count| count.key.clone()).collect();
        let times: Vec<i32> = counts.iter().map(|count| whole(count.times)).collect();
        let down: Vec<i32> = counts.iter().map(|count| whole(count.down)).collect();
        within(WRITE, async {
            let mut transaction = self.pool.begin().await?;
            let new = sqlx::query!(
                "INSERT INTO crowd_writers (writer, batch, at) VALUES ($1, $2, $3)
                 ON CONFLICT (writer) DO UPDATE SET batch = excluded.batch, at = excluded.at
                 WHERE crowd_writers.batch < excluded.batch",
                batch.writer,
                batch.number,
                now.to_datetime()
            );
            if new.execute(&mut *transaction).await?.rows_affected() == 0 {
                return Ok(());
            }
            sqlx::query!(
                "INSERT INTO crowd_counts AS c (at, what, key, times, down)
                 SELECT * FROM unnest(
                     $1::timestamptz[], $2::smallint[], $3::text[], $4::integer[], $5::integer[])
                 ON CONFLICT (at, what, key) DO UPDATE
                 SET times = least(c.times::bigint + excluded.times, 2147483647)::integer,
                     down = least(c.down::bigint + excluded.down, 2147483647)::integer",
                &at,
                &what,
                &keys,
                &times,
                &down
            )
            .execute(&mut *transaction)
            .await?;
            Ok(transaction.commit().await?)
        })
        .await
    }

    /// The counts of the last day, oldest first; of very many the newest.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn crowd(&self, now: Moment) -> Result<Vec<Count>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT at, what, key, times, down FROM crowd_counts WHERE at > $1 AND at <= $2
             ORDER BY at DESC, what, key LIMIT $3"#,
            (now - COUNTS_KEPT).to_datetime(),
            now.to_datetime(),
            READ_BACK
        )
        .fetch_all(&self.pool);
        let rows = within(READ, async { Ok(rows.await?) }).await?;
        let count = |n: i32| u32::try_from(n).unwrap_or(0);
        let counts = rows.into_iter().rev().filter_map(|row| {
            let what = What::of(u8::try_from(row.what).ok()?)?;
            let (times, down) = (count(row.times), count(row.down));
            Some(Count { what, key: row.key, at: row.at.into(), times, down })
        });
        Ok(counts.collect())
    }

    /// Drops what is past keeping, and the oldest of what is too much.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn drop_past_crowd(&self, now: Moment) -> Result<(), StoreError> {
        let counts = now - COUNTS_KEPT;
        within(WRITE, async {
            sqlx::query!(
                "DELETE FROM crowd_counts WHERE at <= greatest($1,
                     (SELECT at FROM crowd_counts ORDER BY at DESC OFFSET $2 LIMIT 1))",
                counts.to_datetime(),
                COUNTS
            )
            .execute(&self.pool)
            .await?;
            sqlx::query!("DELETE FROM crowd_writers WHERE at <= $1", counts.to_datetime())
                .execute(&self.pool)
                .await?;
            Ok(())
        })
        .await
    }
}

fn whole(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
