//! Whether every check is in exactly one bucket of each length.

use futures_util::TryStreamExt as _;
use sqlx::PgPool;
use stillup::model::{
    moment::Moment,
    rollup::{Sheet, Step},
};
use time::OffsetDateTime;

/// What the buckets of one length say of a day.
pub(crate) struct Counted {
    pub(crate) step: Step,
    /// Checks in all of them.
    pub(crate) checks: u64,
    /// Buckets that do not hold a site's checks of just that time.
    pub(crate) wrong: u64,
}

/// Reads all sums of a day of sites that are looked at once a minute.
pub(crate) async fn count(pool: &PgPool, day: Moment) -> Vec<Counted> {
    let mut all = Vec::new();
    for (number, step) in [(1_i16, Step::FiveMinutes), (2, Step::Hour), (3, Step::Day)] {
        let each = step.length().as_secs() / 60;
        let mut counted = Counted { step, checks: 0, wrong: 0 };
        let end = day + Step::Day.length();
        // A sheet may have begun before the day.
        let mut rows = sqlx::query_as::<_, (OffsetDateTime, Vec<u8>)>(
            "SELECT at, sheet FROM rollups
             WHERE step = $1 AND at > $2 AND at < $3 AND region_id > 0",
        )
        .bind(number)
        .bind((day - step.sheet()).to_datetime())
        .bind(end.to_datetime())
        .fetch(pool);
        while let Some((at, bytes)) = rows.try_next().await.unwrap() {
            let sheet = Sheet::unpack(&bytes).expect("a sheet is readable");
            for (place, bucket) in sheet.buckets() {
                let at = Moment::from(at) + step.length() * u32::from(place);
                if at >= day && at < end {
                    counted.checks += bucket.checks;
                    counted.wrong += u64::from(bucket.checks != each);
                }
            }
        }
        all.push(counted);
    }
    all
}
