//! Keeping: partitions made ahead of time and dropped when past keeping, and how much there is.

use std::time::Duration;

use super::{READ, Store, StoreError, WRITE, within};
use crate::model::moment::Moment;

/// How much Postgres holds of ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Checks, as Postgres estimates them without counting.
    pub checks: u64,
    /// Bytes of checks on disk, indexes included.
    pub checks_bytes: u64,
    /// Bytes of the whole database.
    pub database_bytes: u64,
}

impl Store {
    /// Makes the partitions of today and tomorrow (UTC), so that no batch waits for one at midnight.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn prepare_days(&self, now: Moment) -> Result<(), StoreError> {
        let days = [now, now + Duration::from_hours(24)].map(Moment::to_datetime);
        within(WRITE, self.ids.days(&self.pool, days.into_iter())).await
    }

    /// Drops the days of checks that ended before this moment (UTC); returns how many days.
    ///
    /// # Errors
    /// When Postgres is away, or refuses, or the recorder was too busy to let us: try again later.
    pub async fn drop_checks_before(&self, moment: Moment) -> Result<u32, StoreError> {
        let day = moment.to_datetime().date();
        let dropped = sqlx::query_scalar!("SELECT drop_checks_before($1)", day);
        let dropped =
            within(WRITE, async { Ok(dropped.fetch_one(&self.pool).await?) }).await?.unwrap_or(0);
        self.ids.forget_days();
        Ok(u32::try_from(dropped).unwrap_or(0))
    }

    /// How much there is.
    ///
    /// # Errors
    /// When Postgres is away, or refuses.
    pub async fn size(&self) -> Result<Size, StoreError> {
        let size = sqlx::query!(
            r#"SELECT coalesce(sum(greatest(c.reltuples::bigint, t.n_live_tup, 0)), 0)::bigint
                   AS "checks!",
                 coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint AS "checks_bytes!",
                 pg_database_size(current_database()) AS "database_bytes!"
             FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
             LEFT JOIN pg_stat_user_tables t ON t.relid = c.oid
             WHERE i.inhparent = 'checks'::regclass"#
        );
        let size = within(READ, async { Ok(size.fetch_one(&self.pool).await?) }).await?;
        let whole = |n: i64| u64::try_from(n).unwrap_or(0);
        Ok(Size {
            checks: whole(size.checks),
            checks_bytes: whole(size.checks_bytes),
            database_bytes: whole(size.database_bytes),
        })
    }
}
