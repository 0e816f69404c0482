//! A day at 10,000 sites, as fast as it goes: the real judge, board, journal, recorder and jobs,
//! with a manual clock and made-up checks. Nothing is probed. Then the costs of a day: its bytes,
//! its rollups made again, and dropping it while recording.

use std::time::Duration;

use model::{moment::Moment, rollup::begin};
use sqlx::PgPool;
use stillup::store::Store;
use tokio::time::{Instant, sleep};

use crate::{
    Bench, buckets,
    gaps::Recording,
    home::Home,
    making::{DAY, dice::MINUTES},
    process,
    scale::{seconds, size},
    table::now,
    virtual_node::VirtualNode,
};

pub(crate) async fn measure(bench: Bench) {
    let (home, count) = (Home::new(), size(10_000).max(1_000));
    let (private, options) = home.postgres().await;
    let store = Store::connect(options.clone()).await.unwrap();
    let pool = PgPool::connect_with(options).await.unwrap();
    let day = begin(now() - DAY * 3, DAY);
    run(&bench, &home, &store, (count, day)).await;
    held(&bench, &pool, (count, day)).await;
    again(&bench, &store, &pool, (count, day)).await;
    drop_day(&bench, &store, &pool, (count, day)).await;
    pool.close().await;
    store.close().await;
    private.stop().await.unwrap();
}

/// All minutes of the day, and the jobs once in each hour.
async fn run(bench: &Bench, home: &Home, store: &Store, (count, day): (u64, Moment)) {
    let node = VirtualNode::build(home, store, count, day).await;
    let (start, mut memory) = (Instant::now(), Vec::new());
    let mut jobs = Duration::ZERO;
    for minute in 0..MINUTES {
        node.minute(minute).await;
        if minute % 60 == 4 {
            let began = Instant::now();
            node.jobs(store).await;
            jobs += began.elapsed();
            memory.push(process::memory(std::process::id()));
            eprintln!("  hour {}, {:.0} MB", minute / 60, memory[memory.len() - 1]);
        }
    }
    node.end(store).await;
    let took = start.elapsed();
    memory.push(process::memory(std::process::id()));
    let (early, late) = (memory.get(2).copied().unwrap_or(f64::NAN), memory[memory.len() - 1]);
    let most = memory.iter().copied().fold(0.0, f64::max);
    bench.table.line(
        format!("24 h of {count} sites, checks made up, clock moved by hand"),
        format!("{:.0} s", took.as_secs_f64()),
        format!(
            "{:.0} checks/s judged, kept and recorded; jobs took {:.0} s",
            (count * MINUTES) as f64 / took.as_secs_f64(),
            jobs.as_secs_f64()
        ),
        "",
    );
    bench.table.line(
        "memory of that process after 2 h and after 24 h",
        format!("{early:.0} MB and {late:.0} MB"),
        format!("most {most:.0} MB"),
        "flat",
    );
}

/// Every check is in the record once, and in one bucket of each length.
async fn held(bench: &Bench, pool: &PgPool, (count, day): (u64, Moment)) {
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM checks WHERE at < $1")
        .bind((day + DAY).to_datetime())
        .fetch_one(pool)
        .await
        .unwrap();
    let mut told = Vec::new();
    for counted in buckets::count(pool, day).await {
        let (word, checks, wrong) = (counted.step.word(), counted.checks, counted.wrong);
        told.push(format!("{word}: {checks} checks, {wrong} wrong buckets"));
    }
    bench.table.line(
        "checks of that day in the record, and in the buckets",
        format!("{rows} of {}", count * MINUTES),
        told.join("; "),
        "each exactly once",
    );
    bench.table.line(
        "a check on disk, recorded in turns for a day, indexes included",
        format!("{:.1} bytes", bytes(pool, "checks", day).await / rows as f64),
        "",
        "",
    );
}

/// Bytes of the partition of a day, indexes included.
async fn bytes(pool: &PgPool, table: &str, day: Moment) -> f64 {
    let name = format!("{table}_{}", day.to_string()[..10].replace('-', ""));
    let bytes: Option<i64> = sqlx::query_scalar("SELECT pg_total_relation_size(to_regclass($1))")
        .bind(name)
        .fetch_one(pool)
        .await
        .unwrap();
    bytes.unwrap_or(0) as f64
}

/// The rollups of the day made again, beside the time that Postgres takes to count the same rows.
async fn again(bench: &Bench, store: &Store, pool: &PgPool, (count, day): (u64, Moment)) {
    let start = Instant::now();
    store.roll_up_again(day, day + DAY, |_| {}).await.unwrap();
    let took = start.elapsed();
    let start = Instant::now();
    let plain = "SELECT count(*) FROM (
             SELECT site_id, date_bin('5 minutes', at, 'epoch'), count(*), max(http_status), avg(http_status)
             FROM checks WHERE at >= $1 AND at < $2 GROUP BY 1, 2) sums";
    let sums: i64 = sqlx::query_scalar(plain)
        .bind(day.to_datetime())
        .bind((day + DAY).to_datetime())
        .fetch_one(pool)
        .await
        .unwrap();
    bench.table.line(
        format!("rollup of a day of {count} sites: 5 min, hours, day, histograms"),
        format!("{:.1} s", took.as_secs_f64()),
        format!(
            "one `GROUP BY` over the same rows, {sums} groups, nothing written: {:.1} s",
            start.elapsed().as_secs_f64()
        ),
        "",
    );
}

/// Drops the day while the next day is being recorded.
async fn drop_day(bench: &Bench, store: &Store, pool: &PgPool, (_, day): (u64, Moment)) {
    let mb = bytes(pool, "checks", day).await / 1e6;
    // Days later, so that no check exists already.
    let next = day + DAY * 2;
    store.prepare_days(next).await.unwrap();
    let alone = Recording::start(store, 2, next, 0);
    sleep(Duration::from_secs(seconds(15))).await;
    let alone = alone.end().await;

    let recording = Recording::start(store, 2, next, 600);
    sleep(Duration::from_secs(2)).await;
    let began = Instant::now();
    let dropped = store.drop_checks_before(day + DAY).await;
    let took = began.elapsed().as_secs_f64() * 1e3;
    sleep(Duration::from_secs(2)).await;
    let busy = recording.end().await;
    bench.table.line(
        format!("dropping the day, {mb:.0} MB, past keeping, while recording"),
        match dropped {
            Ok(days) => format!("{days} partition in {took:.0} ms"),
            Err(error) => format!("put off after {took:.0} ms: {error}"),
        },
        format!("batches meanwhile: {busy}; batches alone: {alone}"),
        "no gap",
    );
}
