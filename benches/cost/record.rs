//! Rate of recording batches, beside a bare `COPY` of the same batches into one indexed table.

use std::{fmt::Write as _, time::Duration};

use model::{check::Check, moment::Moment, rollup::begin};
use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};
use stillup::store::{Batch, Store};
use tokio::time::Instant;

use crate::{
    Bench,
    home::Home,
    making::{
        DAY,
        dice::{Nature, down},
        slug,
    },
    scale::size,
    table::now,
};

/// Checks of a batch, and sites.
pub(crate) const BATCH: u64 = 1_000;

/// The check of a site in a minute of a day.
pub(crate) fn check(site: u64, number: u64, day: Moment, minute: u64) -> Check {
    let down = down(1, site, number).is_some_and(|down| down.contains(&minute));
    let kept = Nature::of(1, site).check(number, day, minute, down);
    kept.of(slug(site))
}

/// A round over 1,000 sites.
pub(crate) fn round(number: u64, day: Moment, minute: u64) -> Batch {
    let checks = (1..=BATCH).map(|site| check(site, number, day, minute)).collect();
    Batch { checks, ..Batch::default() }
}

pub(crate) async fn measure(bench: Bench) {
    let home = Home::new();
    let (private, options) = home.postgres().await;
    let store = Store::connect(options.clone()).await.unwrap();
    let day = begin(now() - DAY, DAY);
    let rounds = size(600).max(120);
    let batches: Vec<Batch> = (0..rounds).map(|minute| round(0, day, minute)).collect();

    // The first batch makes sites and days.
    store.record(&batches[0]).await.unwrap();
    let start = Instant::now();
    for batch in &batches[1..] {
        store.record(batch).await.unwrap();
    }
    let recorded = start.elapsed();
    let bytes = bytes(&options).await;
    let start = Instant::now();
    let until = day + Duration::from_mins(rounds + 3);
    while store.roll_up(until).await.unwrap().more {}
    let summed = start.elapsed();
    let copied = copy(&options, &batches[1..]).await;
    store.close().await;

    let rows = ((rounds - 1) * BATCH) as f64;
    let (ours, bare) = (rows / recorded.as_secs_f64(), rows / copied.as_secs_f64());
    bench.table.line(
        "recording in batches of 1,000, marks for the sums included",
        format!("{ours:.0} checks/s, {:.2} of the bare `COPY`", ours / bare),
        format!("bare `COPY` of the same into one indexed table: {bare:.0} rows/s"),
        "100,000/s; a third",
    );
    bench.table.line(
        format!("the same and the sums of these {rounds} minutes made"),
        format!("{:.0} checks/s", rows / (recorded + summed).as_secs_f64()),
        format!("{:.2} s recording, {:.2} s summing", recorded.as_secs_f64(), summed.as_secs_f64()),
        "",
    );
    bench.table.line(
        format!("a check on disk after {rounds} minutes, indexes included"),
        format!("{:.1} bytes", bytes as f64 / (rows + BATCH as f64)),
        "",
        "",
    );
    private.stop().await.unwrap();
}

/// Bytes of all days of checks, indexes included.
async fn bytes(options: &PgConnectOptions) -> i64 {
    let mut connection = PgConnection::connect_with(options).await.unwrap();
    let bytes = "SELECT sum(pg_total_relation_size(inhrelid))::bigint FROM pg_inherits
        WHERE inhparent = 'checks'::regclass";
    sqlx::query_scalar(bytes).fetch_one(&mut connection).await.unwrap()
}

/// Copies the same batches, one after the other, into one table with an index on site and moment.
async fn copy(options: &PgConnectOptions, batches: &[Batch]) -> Duration {
    let mut connection = PgConnection::connect_with(options).await.unwrap();
    for statement in [
        "CREATE TABLE bare (at timestamptz NOT NULL, site_id integer NOT NULL, latency integer,
             region_id smallint NOT NULL, status smallint NOT NULL, http_status smallint)",
        "CREATE INDEX ON bare (site_id, at)",
    ] {
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    }
    let texts: Vec<String> = batches.iter().map(lines).collect();
    let start = Instant::now();
    for text in texts {
        let mut copy = connection.copy_in_raw("COPY bare FROM STDIN").await.unwrap();
        copy.send(text.as_bytes()).await.unwrap();
        copy.finish().await.unwrap();
    }
    let took = start.elapsed();
    connection.close().await.unwrap();
    took
}

fn lines(batch: &Batch) -> String {
    let mut text = String::new();
    for (site, check) in batch.checks.iter().enumerate() {
        let null = |value: Option<String>| value.unwrap_or_else(|| "\\N".to_owned());
        let latency = null(check.outcome.phases.latency().map(|micros| micros.to_string()));
        let http = null(check.outcome.http_status.map(|status| status.to_string()));
        writeln!(text, "{}\t{site}\t{latency}\t1\t1\t{http}", check.at).unwrap();
    }
    text
}
