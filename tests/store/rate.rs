//! Figures: how fast batches are written to a lasting Postgres, and what a check takes on disk.
//!
//! Run by hand: `cargo test --release --test store -- --ignored --nocapture figures`

use std::time::Duration;

use sqlx::PgPool;
use stillup::{
    model::check::Check,
    postgres::Private,
    store::{Batch, Store},
};
use tokio::time::Instant;

use crate::support::{NOON, at, check, failed};

const SITES: usize = 1_000;

/// One round over all sites, a minute after the last; a check in a hundred failed.
fn round(n: u64) -> Vec<Check> {
    let one = |site: usize| {
        let name = format!("site-{site}.example");
        let at = at(NOON) + Duration::from_secs(n * 60) + Duration::from_millis(site as u64 * 60);
        if site % 100 == 1 { failed(&name, at, "connection refused") } else { check(&name, at) }
    };
    (0..SITES).map(one).collect()
}

#[tokio::test]
#[ignore = "figures, not a proof"]
async fn figures_of_recording() {
    let dir = tempfile::tempdir().unwrap();
    let postgres = Private::start(dir.path()).await.unwrap();
    let store = Store::connect(postgres.options()).await.unwrap();
    let rounds: u64 =
        std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(200);
    let mut batches: Vec<Batch> = Vec::new();
    for n in 0..rounds {
        batches.push(Batch { checks: round(n), ..Batch::default() });
    }
    store.record(&batches[0]).await.unwrap();
    let start = Instant::now();
    for batch in &batches[1..] {
        store.record(batch).await.unwrap();
    }
    let took = start.elapsed().as_secs_f64();
    let written = (rounds - 1) as f64 * SITES as f64;
    let size = store.size().await.unwrap();
    println!("recorded {:.0} checks/s in batches of {SITES}", written / took);
    println!("{:.1} bytes a check", size.checks_bytes as f64 / (rounds as f64 * SITES as f64));
    let pool = PgPool::connect_with(postgres.options()).await.unwrap();
    let parts: Vec<(String, i64)> = sqlx::query_as(
        "SELECT relname::text, pg_relation_size(oid) FROM pg_class
         WHERE relname ~ '^checks_' AND relkind IN ('r', 'i')",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    for (name, bytes) in parts {
        println!("{name}: {:.1} bytes a check", bytes as f64 / (rounds as f64 * SITES as f64));
    }
    pool.close().await;
    let start = Instant::now();
    let latest = store.latest_checks(20).await.unwrap();
    println!("latest 20 of {} sites: {:?}", latest.len(), start.elapsed());
    store.close().await;
    postgres.stop().await.unwrap();
}
