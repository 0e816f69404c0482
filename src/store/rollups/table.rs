//! The tables of sums: one row a bucket, site and region, in `rollups_5m`, `rollups_1h` and `rollups_1d`.

use std::{collections::HashMap, time::Duration};

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

use super::SumMode;
use crate::store::{StoreError, partitions::ensure_month};
use model::{
    moment::Moment,
    outcome::Failure,
    rollup::{Bucket, BucketLength, JudgedTime},
};

/// A bucket of a site and region by its begin.
pub(super) type BucketKey = (Moment, i32, i16);

/// Does this with the name of the table of a step: each statement is checked for each table.
macro_rules! in_table {
    ($step:expr, $with:ident) => {
        match $step {
            BucketLength::FiveMinutes => $with!("rollups_5m"),
            BucketLength::Hour => $with!("rollups_1h"),
            BucketLength::Day => $with!("rollups_1d"),
        }
    };
}

/// Inserts these columns, or replaces the row that is there.
macro_rules! insert_rows {
    ($table:literal, $columns:expr, $to:expr) => {{
        let columns = $columns;
        let [dns, connect, tls, timeout, reset, protocol, redirect, http, body] = &columns.failures;
        let [p50, p95, p99, max] = &columns.latency;
        let [up, slow, partial, down, unknown] = &columns.seconds;
        sqlx::query!(
            "INSERT INTO "
                + $table
                + " (at, site_id, region_id, checks, ok, restricted, failed, failed_dns,
                 failed_connect, failed_tls, failed_timeout, failed_reset, failed_protocol,
                 failed_redirect, failed_http, failed_body, slow, p50_us, p95_us, p99_us, max_us,
                 seconds_up, seconds_slow, seconds_partial, seconds_down, seconds_unknown,
                 histogram)
             SELECT * FROM unnest($1::timestamptz[], $2::int[], $3::smallint[], $4::int[],
                 $5::int[], $6::int[], $7::int[], $8::int[], $9::int[], $10::int[], $11::int[],
                 $12::int[], $13::int[], $14::int[], $15::int[], $16::int[], $17::int[],
                 $18::int[], $19::int[], $20::int[], $21::int[], $22::float8[], $23::float8[],
                 $24::float8[], $25::float8[], $26::float8[], $27::bytea[])
             ON CONFLICT (site_id, region_id, at) DO UPDATE
             SET checks = EXCLUDED.checks, ok = EXCLUDED.ok, restricted = EXCLUDED.restricted,
                 failed = EXCLUDED.failed, failed_dns = EXCLUDED.failed_dns,
                 failed_connect = EXCLUDED.failed_connect, failed_tls = EXCLUDED.failed_tls,
                 failed_timeout = EXCLUDED.failed_timeout, failed_reset = EXCLUDED.failed_reset,
                 failed_protocol = EXCLUDED.failed_protocol,
                 failed_redirect = EXCLUDED.failed_redirect, failed_http = EXCLUDED.failed_http,
                 failed_body = EXCLUDED.failed_body, slow = EXCLUDED.slow,
                 p50_us = EXCLUDED.p50_us, p95_us = EXCLUDED.p95_us, p99_us = EXCLUDED.p99_us,
                 max_us = EXCLUDED.max_us, seconds_up = EXCLUDED.seconds_up,
                 seconds_slow = EXCLUDED.seconds_slow,
                 seconds_partial = EXCLUDED.seconds_partial,
                 seconds_down = EXCLUDED.seconds_down,
                 seconds_unknown = EXCLUDED.seconds_unknown, histogram = EXCLUDED.histogram",
            &columns.at,
            &columns.sites,
            &columns.regions,
            &columns.checks,
            &columns.ok,
            &columns.restricted,
            &columns.failed,
            dns,
            connect,
            tls,
            timeout,
            reset,
            protocol,
            redirect,
            http,
            body,
            &columns.slow,
            p50.as_slice() as _,
            p95.as_slice() as _,
            p99.as_slice() as _,
            max.as_slice() as _,
            up.as_slice() as _,
            slow.as_slice() as _,
            partial.as_slice() as _,
            down.as_slice() as _,
            unknown.as_slice() as _,
            &columns.histograms,
        )
        .execute($to)
        .await?
    }};
}

/// A row as it is read.
pub(in crate::store) struct RollupRow {
    pub(in crate::store) at: OffsetDateTime,
    pub(in crate::store) site_id: i32,
    pub(in crate::store) region_id: i16,
    checks: i32,
    restricted: i32,
    failed_dns: i32,
    failed_connect: i32,
    failed_tls: i32,
    failed_timeout: i32,
    failed_reset: i32,
    failed_protocol: i32,
    failed_redirect: i32,
    failed_http: i32,
    failed_body: i32,
    slow: i32,
    seconds_up: Option<f64>,
    seconds_slow: Option<f64>,
    seconds_partial: Option<f64>,
    seconds_down: Option<f64>,
    histogram: Vec<u8>,
}

impl RollupRow {
    /// Adds all its counts. A histogram that cannot be read is logged and left out.
    pub(in crate::store) fn add_to(&self, bucket: &mut Bucket) {
        let count = |column: i32| u64::try_from(column).unwrap_or_default();
        let failures = [
            self.failed_dns,
            self.failed_connect,
            self.failed_tls,
            self.failed_timeout,
            self.failed_reset,
            self.failed_protocol,
            self.failed_redirect,
            self.failed_http,
            self.failed_body,
        ];
        bucket.checks += count(self.checks);
        bucket.restricted += count(self.restricted);
        bucket.slow += count(self.slow);
        for (sum, failed) in bucket.failures.iter_mut().zip(failures) {
            *sum += count(failed);
        }
        bucket.judged.add(&JudgedTime {
            up: millis(self.seconds_up),
            slow: millis(self.seconds_slow),
            partial: millis(self.seconds_partial),
            down: millis(self.seconds_down),
        });
        if bucket.latency.add_bytes(&self.histogram).is_none() {
            let (site, at) = (self.site_id, Moment::from(self.at));
            tracing::warn!(site, %at, "the latencies of a bucket cannot be read");
        }
    }
}

fn millis(seconds: Option<f64>) -> u64 {
    let seconds = seconds.filter(|seconds| seconds.is_finite()).unwrap_or_default();
    (seconds.max(0.0) * 1e3).round() as u64
}

/// The sums of some sites in `[from, until)`, of these regions.
pub(in crate::store) async fn read(
    step: BucketLength,
    (sites, regions): (&[i32], &[i16]),
    (from, until): (Moment, Moment),
    executor: impl PgExecutor<'_>,
) -> Result<Vec<RollupRow>, StoreError> {
    macro_rules! select {
        ($table:literal) => {
            sqlx::query_as!(
                RollupRow,
                "SELECT at, site_id, region_id, checks, restricted, failed_dns, failed_connect,
                     failed_tls, failed_timeout, failed_reset, failed_protocol, failed_redirect,
                     failed_http, failed_body, slow, seconds_up, seconds_slow, seconds_partial,
                     seconds_down, histogram FROM "
                    + $table
                    + " WHERE site_id = ANY($1) AND region_id = ANY($2) AND at >= $3 AND at < $4",
                sites,
                regions,
                from.to_datetime(),
                until.to_datetime()
            )
            .fetch_all(executor)
            .await?
        };
    }
    Ok(in_table!(step, select))
}

/// Sums that are to be written.
#[derive(Debug, Default)]
pub(super) struct RollupRows(pub(super) HashMap<BucketKey, Bucket>);

impl RollupRows {
    /// Writes the sums of these sites; they are all that there are in `[from, until)`.
    pub(super) async fn write(
        mut self,
        step: BucketLength,
        (sites, regions): (&[i32], &[i16]),
        (from, until): (Moment, Moment),
        way: SumMode,
        to: &mut PgConnection,
    ) -> Result<(), StoreError> {
        macro_rules! delete {
            ($table:literal) => {
                sqlx::query!(
                    "DELETE FROM "
                        + $table
                        + " WHERE site_id = ANY($1) AND region_id = ANY($2) AND at >= $3 AND at < $4",
                    sites,
                    regions,
                    from.to_datetime(),
                    until.to_datetime()
                )
                .execute(&mut *to)
                .await?
            };
        }
        match way {
            SumMode::First => {}
            SumMode::Again => {
                in_table!(step, delete);
            }
            SumMode::Fill => {
                for row in read(step, (sites, regions), (from, until), &mut *to).await? {
                    let Some(ours) = self.0.get_mut(&(row.at.into(), row.site_id, row.region_id))
                    else {
                        continue;
                    };
                    let mut known = Bucket::default();
                    row.add_to(&mut known);
                    ours.fill_up(&known);
                }
            }
        }
        self.0.retain(|_, bucket| !bucket.is_empty());
        if self.0.is_empty() {
            return Ok(());
        }
        ensure_month(step, from, to).await?;
        SumColumns::of(self.0, step.length()).insert(step, to).await
    }
}

/// Sums by columns.
#[derive(Debug, Default)]
struct SumColumns {
    at: Vec<OffsetDateTime>,
    sites: Vec<i32>,
    regions: Vec<i16>,
    checks: Vec<i32>,
    ok: Vec<i32>,
    restricted: Vec<i32>,
    failed: Vec<i32>,
    failures: [Vec<i32>; Failure::ALL.len()],
    slow: Vec<i32>,
    /// The 50th, 95th and 99th percentile, and the highest.
    latency: [Vec<Option<i32>>; 4],
    /// Up, slow, partial, down and unknown.
    seconds: [Vec<Option<f64>>; 5],
    histograms: Vec<Vec<u8>>,
}

impl SumColumns {
    fn of(rows: HashMap<BucketKey, Bucket>, length: Duration) -> Self {
        let mut columns = Self::default();
        let mut rows: Vec<_> = rows.into_iter().collect();
        // In the order of the key, so that pages of the index fill up one after the other.
        rows.sort_unstable_by_key(|((at, site, region), _)| (*site, *region, *at));
        for (key, bucket) in rows {
            columns.push(key, &bucket, length);
        }
        columns
    }

    fn push(&mut self, (at, site, region): BucketKey, bucket: &Bucket, length: Duration) {
        let count = |number: u64| i32::try_from(number).unwrap_or(i32::MAX);
        self.at.push(at.to_datetime());
        self.sites.push(site);
        self.regions.push(region);
        self.checks.push(count(bucket.checks));
        self.ok.push(count(bucket.checks.saturating_sub(bucket.failed() + bucket.restricted)));
        self.restricted.push(count(bucket.restricted));
        self.failed.push(count(bucket.failed()));
        for (column, failed) in self.failures.iter_mut().zip(bucket.failures) {
            column.push(count(failed));
        }
        self.slow.push(count(bucket.slow));
        let latency = bucket.latency.percentiles([50, 95, 99]).zip(bucket.latency.max());
        let latency = match latency {
            Some(([p50, p95, p99], max)) => {
                [p50, p95, p99, max].map(|micros| Some(count(micros.into())))
            }
            None => [None; 4],
        };
        for (column, micros) in self.latency.iter_mut().zip(latency) {
            column.push(micros);
        }
        let JudgedTime { up, slow, partial, down } = bucket.judged;
        let unknown = (length.as_millis() as u64).saturating_sub(bucket.judged.whole());
        let judged = [up, slow, partial, down, unknown];
        for (column, millis) in self.seconds.iter_mut().zip(judged) {
            // Sites are judged as a whole.
            column.push((region == super::ALL_REGIONS).then_some(millis as f64 / 1e3));
        }
        self.histograms.push(bucket.latency.to_bytes());
    }

    async fn insert(&self, step: BucketLength, to: &mut PgConnection) -> Result<(), StoreError> {
        macro_rules! insert {
            ($table:literal) => {
                insert_rows!($table, self, to)
            };
        }
        in_table!(step, insert);
        Ok(())
    }
}
