//! Test that every check is in exactly one bucket of each length.

use model::{moment::Moment, rollup::BucketLength};
use sqlx::{AssertSqlSafe, PgPool};

/// Counts in the buckets of one length over a day.
pub(crate) struct Counted {
    pub(crate) step: BucketLength,
    /// Checks in all of them.
    pub(crate) checks: u64,
    /// Buckets that do not hold a site's checks of just that time.
    pub(crate) wrong: u64,
}

/// Reads all rollups of a day of sites that are checked once a minute.
pub(crate) async fn count(pool: &PgPool, day: Moment) -> Vec<Counted> {
    let mut all = Vec::new();
    for step in BucketLength::ALL {
        let counts = format!(
            "SELECT coalesce(sum(checks), 0)::bigint, count(*) FILTER (WHERE checks <> $1)
             FROM rollups_{} WHERE region_id = 0 AND at >= $2 AND at < $3",
            step.word()
        );
        let counts = sqlx::query_as::<_, (i64, i64)>(AssertSqlSafe(counts));
        let counts = counts.bind((step.length().as_secs() / 60) as i32).bind(day.to_datetime());
        let counts = counts.bind((day + BucketLength::Day.length()).to_datetime());
        let (checks, wrong) = counts.fetch_one(pool).await.unwrap();
        all.push(Counted { step, checks: checks as u64, wrong: wrong as u64 });
    }
    all
}
