//! Figures: the rate of writing batches to a durable Postgres, beside a bare `COPY` of the same
//! rows in the same run, and the size of a check on disk hour by hour.
//!
//! Run by hand: `cargo test --release --test store -- --ignored --nocapture figures`

use std::{fmt::Write, time::Duration};

use model::{check::Check, moment::Moment, name::Slug, outcome::Phases};
use sqlx::{PgPool, postgres::PgPoolCopyExt};
use stillup::{
    private_postgres::Private,
    store::{Batch, RecordedDay, Store},
};
use tokio::time::Instant;

use crate::support::{at, check, failed, plain};

const SITES: u64 = 1_000;
const DAY: &str = "2026-03-01T00:00:00Z";
/// Its columns are those of [`lines`].
const COPY: &str =
    "COPY bare (at, site_id, region_id, outcome, failure, http_status, dns_us, connect_us,
    tls_us, wait_us, transfer_us, attempts, failure_detail) FROM STDIN";
/// Batches that are written one way before it is the other's turn.
const TURN: u64 = 50;

/// A number below `below`, always the same for the same arguments.
fn dice(n: u64, salt: u64, below: u64) -> u32 {
    let mut z = (n << 20 ^ salt).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((z ^ (z >> 27)) % below) as u32
}

/// A minute of checks of all sites, spread over it. Latencies are from 20 ms to two seconds and a
/// check in a hundred fails, some minutes in a row.
fn minute(n: u64) -> Batch {
    let one = |site: u64| {
        let (name, salt) = (format!("site-{site}.example"), n * SITES + site);
        let spread = site * 60 + u64::from(dice(1, salt, 12));
        let at = at(DAY) + Duration::from_secs(n * 60) + Duration::from_millis(spread);
        if dice(2, site + n / 10 * SITES, 100) == 0 {
            return failed(&name, at, "connection refused by 192.0.2.7");
        }
        let mut check = check(&name, at);
        let far = 5_000 + dice(3, site, 150_000);
        let part = |middle: u32, of: u64| Some(middle + dice(of, salt, u64::from(middle / 4 + 1)));
        check.outcome.phases = Phases {
            dns: part(700, 4),
            connect: part(far, 5),
            tls: part(far * 2, 6),
            wait: part(far * if dice(7, salt, 200) == 0 { 12 } else { 3 }, 8),
            transfer: part(300, 9),
        };
        check
    };
    plain((0..SITES).map(one).collect())
}

async fn lasting() -> (tempfile::TempDir, Private, Store, PgPool) {
    let dir = tempfile::tempdir().unwrap();
    let postgres = Private::start(dir.path()).await.unwrap();
    let store = Store::connect(postgres.options()).await.unwrap();
    let pool = PgPool::connect_with(postgres.options()).await.unwrap();
    (dir, postgres, store, pool)
}

fn setting(name: &str, or: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(or)
}

/// Lines of `COPY` for these checks.
fn lines(checks: &[Check]) -> String {
    let mut text = String::new();
    let null = |number: Option<u32>| number.map_or("\\N".to_owned(), |number| number.to_string());
    for check in checks {
        let site: u64 = check.slug.as_str()[5..].split_once('.').unwrap().0.parse().unwrap();
        let (outcome, failure, detail) = match check.outcome.cause() {
            Some(cause) => (3, "2", serde_json::to_string(&cause.detail).unwrap()),
            None => (1, "\\N", "\\N".to_owned()),
        };
        let status = null(check.outcome.http_status.map(u32::from));
        let phases = check.outcome.phases.parts().map(null).join("\t");
        let at = check.at;
        writeln!(text, "{at}\t{site}\t1\t{outcome}\t{failure}\t{status}\t{phases}\t1\t{detail}")
            .unwrap();
    }
    text
}

#[tokio::test]
#[ignore = "figures, not a proof"]
async fn figures_of_recording() {
    let (_dir, postgres, store, pool) = lasting().await;
    let rounds = setting("ROUNDS", 400).div_ceil(TURN).max(2);
    store.record(&minute(0)).await.unwrap();
    let bare = "CREATE TABLE bare (LIKE checks INCLUDING ALL)";
    sqlx::raw_sql(bare).execute(&pool).await.unwrap();
    let (mut copied, mut recorded) = (Duration::ZERO, Duration::ZERO);
    for round in 0..rounds {
        let batches: Vec<Batch> = (1..=TURN).map(|n| minute(round * TURN + n)).collect();
        let texts: Vec<String> = batches.iter().map(|batch| lines(&batch.checks)).collect();
        let start = Instant::now();
        for text in &texts {
            let mut copy = pool.copy_in_raw(COPY).await.unwrap();
            copy.send(text.as_bytes()).await.unwrap();
            copy.finish().await.unwrap();
        }
        copied += start.elapsed();
        let start = Instant::now();
        for batch in &batches {
            store.record(batch).await.unwrap();
        }
        recorded += start.elapsed();
    }
    let rate = |took: Duration| (rounds * TURN * SITES) as f64 / took.as_secs_f64();
    println!("a bare COPY of batches of {SITES}: {:.0} rows/s", rate(copied));
    let share = rate(recorded) / rate(copied);
    println!("the recorder, the same batches: {:.0} rows/s, {share:.2} of it", rate(recorded));
    let slugs: Vec<Slug> = minute(0).checks.into_iter().map(|check| check.slug).collect();
    let end = at(DAY) + Duration::from_mins(rounds * TURN);
    let start = Instant::now();
    let latest = store.latest_checks(&slugs, 20, end).await.unwrap();
    println!("the newest 20 of {} sites: {:?}", latest.len(), start.elapsed());
    let start = Instant::now();
    for slug in &slugs {
        let newest = store.recent_checks(slug, 20, None).await.unwrap();
        assert!(newest.iter().rev().eq(&latest[slug]), "{slug}");
    }
    println!("the same, a statement a site: {:?}", start.elapsed());
    store.close().await;
    pool.close().await;
    postgres.stop().await.unwrap();
}

#[tokio::test]
#[ignore = "figures, not a proof"]
async fn figures_of_bytes() {
    let (_dir, postgres, store, pool) = lasting().await;
    let (hours, mut most) = (setting("HOURS", 24), (0.0, 0));
    for hour in 1..=hours {
        for n in (hour - 1) * 60..hour * 60 {
            store.record(&minute(n)).await.unwrap();
        }
        let parts: Vec<(String, i64)> = sqlx::query_as(
            "SELECT CASE relkind WHEN 'r' THEN 'rows' ELSE 'index' END, pg_table_size(oid)
             FROM pg_class WHERE relname ~ '^checks_20260301' ORDER BY relkind DESC",
        )
        .fetch_all(&pool)
        .await
        .unwrap();
        let a_check = |bytes: u64| bytes as f64 / (hour * 60 * SITES) as f64;
        let whole = a_check(parts.iter().map(|(_, bytes)| *bytes as u64).sum());
        let parts: Vec<String> = parts
            .into_iter()
            .map(|(part, bytes)| format!("{part} {:.1}", a_check(bytes as u64)))
            .collect();
        println!("after {hour:>2} h in turns: {whole:.1} bytes a check ({})", parts.join(", "));
        if whole > most.0 {
            most = (whole, hour);
        }
    }
    println!("at most {:.1} bytes a check, after {} h", most.0, most.1);
    let start: Moment = at(DAY);
    let days = store.recorded_days().await.unwrap();
    assert_eq!(days, [RecordedDay { at: start, checks: true }]);
    store.close().await;
    pool.close().await;
    postgres.stop().await.unwrap();
}
