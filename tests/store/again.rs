//! Sums that are made again, long after: of what is late, imported, or judged once more.

use std::time::Duration;

use model::{
    check::Check,
    history::{History, HistoryRange},
    moment::Moment,
    name::Slug,
    rollup::BucketLength,
    verdict::{Change, Status, Verdict},
};
use sqlx::PgPool;
use stillup::{
    private_postgres::throwaway::TestDatabase,
    store::{Batch, Store},
};

use crate::support::{at, check, plain, slug, store};

const START: &str = "2026-03-01T10:00:00Z";
const SITES: [&str; 2] = ["a.example", "b.example"];
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

fn hour(n: u32) -> Moment {
    at(START) + HOUR * n
}

/// A check of both sites each hour, for this many hours.
fn checks(hours: u32) -> Vec<Check> {
    (0..hours).flat_map(|n| SITES.map(|site| check(site, hour(n)))).collect()
}

fn change(n: u32, from: u32, status: Status) -> Change {
    let verdict = Verdict { status, since: Some(hour(from)), ..Verdict::none_yet() };
    Change {
        at: hour(n),
        from: hour(from),
        verdict,
        outages: vec![],
        withdrawn: None,
        outages_only: false,
    }
}

fn judged(site: &str, changes: impl IntoIterator<Item = Change>) -> Batch {
    let changes = changes.into_iter().map(|change| (slug(site), change)).collect();
    Batch { changes, ..Batch::default() }
}

/// Sums all there is; returns the number of calls that took.
async fn sum(store: &Store, now: Moment) -> u32 {
    let mut calls = 1;
    while store.roll_up(now).await.unwrap().more {
        calls += 1;
    }
    calls
}

async fn days(store: &Store, site: &str, now: Moment) -> History {
    let range = HistoryRange::new(at(START), now, BucketLength::Day);
    store.history(&slug(site), range, now).await.unwrap()
}

async fn both_in(store: &Store, now: Moment) -> Vec<History> {
    let mut all = Vec::new();
    for step in [BucketLength::Hour, BucketLength::Day] {
        for site in SITES {
            let range = HistoryRange::new(at(START), now, step);
            all.push(store.history(&slug(site), range, now).await.unwrap());
        }
    }
    all
}

async fn marks(database: &TestDatabase) -> Vec<(Moment, Option<Moment>)> {
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let rows: Vec<(time::OffsetDateTime, Option<time::OffsetDateTime>)> =
        sqlx::query_as("SELECT from_at, until_at FROM rollup_marks ORDER BY 1, 2")
            .fetch_all(&pool)
            .await
            .unwrap();
    rows.into_iter().map(|(from, until)| (from.into(), until.map(Moment::from))).collect()
}

#[tokio::test]
async fn a_verdict_marks_the_hours_that_it_changes_and_no_others() {
    let (store, database) = store().await;
    store.record(&judged(SITES[0], [change(0, 0, Status::Up)])).await.unwrap();
    assert_eq!(marks(&database).await, [(hour(0), None)]);
    let now = hour(900);
    sum(&store, now).await;
    assert_eq!(marks(&database).await, []);
    // Restricted now and then, but up since the first hour all the same.
    store.record(&judged(SITES[0], [change(890, 0, Status::Up)])).await.unwrap();
    assert_eq!(marks(&database).await, []);
    // A change that reaches back does not do so beyond the one before it.
    store.record(&judged(SITES[0], [change(895, 5, Status::Down)])).await.unwrap();
    assert_eq!(marks(&database).await, [(hour(5), None)]);
    sum(&store, now).await;
    // A late change may shorten the reach of those after it.
    store.record(&judged(SITES[0], [change(880, 870, Status::Slow)])).await.unwrap();
    assert_eq!(marks(&database).await, [(hour(0), None)]);
    sum(&store, now).await;
    let before = both_in(&store, now).await;
    store.roll_up_again(at(START), now, |_| {}).await.unwrap();
    assert!(both_in(&store, now).await == before);
}

#[tokio::test]
async fn marks_of_the_same_hours_share_the_work() {
    let (store, _database) = store().await;
    let now = hour(30 * 24);
    store.record(&plain(checks(30 * 24))).await.unwrap();
    sum(&store, now).await;
    for site in SITES {
        let flips = (0..40).map(|n| {
            let status = if n % 2 == 0 { Status::Up } else { Status::Down };
            change(n * 17, n * 17, status)
        });
        store.record(&judged(site, flips)).await.unwrap();
    }
    let calls = sum(&store, now).await;
    assert!(calls <= 17, "{calls} calls for 31 days");
    let (alone, _other) = crate::support::store().await;
    alone.record(&plain(checks(30 * 24))).await.unwrap();
    for site in SITES {
        let flips = (0..40).map(|n| {
            let status = if n % 2 == 0 { Status::Up } else { Status::Down };
            change(n * 17, n * 17, status)
        });
        alone.record(&judged(site, flips)).await.unwrap();
    }
    sum(&alone, now).await;
    assert!(both_in(&store, now).await == both_in(&alone, now).await);
}

#[tokio::test]
async fn a_straggler_of_a_day_without_five_minutes_leaves_all_else_of_it() {
    let (store, _database) = store().await;
    let (now, keep) = (hour(150 * 24), DAY * 180);
    let all = checks(120 * 24);
    store.record(&plain(all.clone())).await.unwrap();
    store.record(&judged(SITES[0], [change(0, 0, Status::Up)])).await.unwrap();
    sum(&store, now).await;
    store.drop_past_keeping(now, keep).await.unwrap();
    let before = both_in(&store, now).await;
    store.record(&plain(vec![check(SITES[0], hour(30) + Duration::from_mins(7))])).await.unwrap();
    sum(&store, now).await;
    let mut want = before.clone();
    for (place, range) in [(0, 30), (2, 1)] {
        want[place].buckets[range].checks += 1;
    }
    let after = both_in(&store, now).await;
    for (after, want) in after.iter().zip(&want) {
        for (after, want) in after.buckets.iter().zip(&want.buckets) {
            assert_eq!((after.at, after.checks, after.judged), (want.at, want.checks, want.judged));
        }
    }
}

#[tokio::test]
async fn what_is_older_than_keeping_is_summed_whole_in_whatever_parts_it_comes() {
    let (store, _database) = store().await;
    let now = hour(100 * 24);
    // Checks have been dropped: from now on rollups are all that is left of the time before.
    store.record(&plain(vec![check("c.example", hour(99 * 24))])).await.unwrap();
    sum(&store, now).await;
    store.drop_past_keeping(now, DAY * 30).await.unwrap();
    let (all, up, down) =
        (checks(9 * 24), change(0, 0, Status::Up), change(110, 109, Status::Down));
    let again = change(120, 120, Status::Up);
    for part in all.chunks(61) {
        store.record(&plain(part.to_vec())).await.unwrap();
        if part[0].at == all[0].at {
            store.record(&judged(SITES[0], [up.clone()])).await.unwrap();
        }
        sum(&store, now).await;
    }
    store.record(&judged(SITES[0], [down.clone(), again.clone()])).await.unwrap();
    sum(&store, now).await;

    let (alone, _other) = crate::support::store().await;
    alone.record(&plain(all)).await.unwrap();
    alone.record(&judged(SITES[0], [up, down, again])).await.unwrap();
    sum(&alone, now).await;
    assert!(both_in(&store, now).await == both_in(&alone, now).await);
    let down = days(&store, SITES[0], now).await;
    let down: u64 = down.buckets.iter().map(|day| day.judged.down).sum();
    assert_eq!(down, 11 * 3_600_000);
}

#[tokio::test]
async fn five_minutes_stay_until_their_days_are_made() {
    let (store, database) = store().await;
    let now = hour(100 * 24);
    store.record(&plain(checks(48))).await.unwrap();
    sum(&store, hour(72)).await;
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let set = "UPDATE rollup_progress SET until = $1 WHERE name = '1d'";
    let back = async |moment: Moment| {
        sqlx::query(set).bind(moment.to_datetime()).execute(&pool).await.unwrap();
    };
    // As if the process had ended before the second day was made.
    back(at("2026-03-02T00:00:00Z")).await;
    store.drop_past_keeping(now, DAY * 90).await.unwrap();
    assert_eq!(five_minutes(&database).await, 96);
    sum(&store, now).await;
    store.drop_past_keeping(now, DAY * 90).await.unwrap();
    assert_eq!(five_minutes(&database).await, 0);
    assert_eq!(days(&store, SITES[1], now).await.buckets[1].checks, 24);
}

/// Rows of five minutes of single regions.
async fn five_minutes(database: &TestDatabase) -> i64 {
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let count = "SELECT count(*) FROM rollups_5m WHERE region_id > 0";
    sqlx::query_scalar(count).fetch_one(&pool).await.unwrap()
}

#[tokio::test]
async fn days_long_past_are_summed_alike_and_leave_no_five_minutes() {
    // Until the end of the twentieth day.
    const HOURS: u32 = 19 * 24 + 14;
    let batches = [
        plain(checks(HOURS)),
        judged(SITES[0], [change(0, 0, Status::Up), change(40, 39, Status::Down)]),
    ];
    let (end, long_after) = (hour(HOURS), hour(60 * 24));
    let (kept, kept_in) = store().await;
    let (past, past_in) = store().await;
    for batch in &batches {
        kept.record(batch).await.unwrap();
        past.record(batch).await.unwrap();
    }
    // Summed day by day, and once when all of it is long past.
    for day in 1..=21 {
        sum(&kept, hour(day * 24 + 3)).await;
    }
    assert_eq!(five_minutes(&kept_in).await, 2 * i64::from(HOURS));
    sum(&past, long_after).await;
    assert_eq!(five_minutes(&past_in).await, 0);
    assert!(both_in(&past, end).await == both_in(&kept, end).await);

    // What is late is summed again, and what there is of its five minutes goes.
    let late = plain(vec![check(SITES[1], hour(30) + Duration::from_mins(7))]);
    for store in [&kept, &past] {
        store.record(&late).await.unwrap();
        sum(store, long_after).await;
    }
    assert_eq!(five_minutes(&past_in).await, 0);
    assert!(five_minutes(&kept_in).await < 2 * i64::from(HOURS));
    assert!(both_in(&past, end).await == both_in(&kept, end).await);
    past.roll_up_again(at(START), long_after, |_| {}).await.unwrap();
    assert!(both_in(&past, end).await == both_in(&kept, end).await);
}

#[tokio::test]
async fn years_of_days_are_dropped_when_keeping_is_made_shorter() {
    let (store, _database) = store().await;
    let days: Vec<Check> = (0..130).map(|n| check(SITES[0], hour(n * 24))).collect();
    store.record(&plain(days)).await.unwrap();
    assert_eq!(store.drop_checks_before(hour(120 * 24)).await.unwrap(), 120);
    assert_eq!(
        store.recent_checks(&Slug::new(SITES[0]).unwrap(), 999, None).await.unwrap().len(),
        10
    );
}

#[tokio::test]
async fn latencies_that_cannot_be_read_leave_the_counts_and_are_made_again() {
    let (store, database) = store().await;
    store.record(&plain(checks(30))).await.unwrap();
    let now = hour(60);
    sum(&store, now).await;
    let before = both_in(&store, now).await;
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    for table in ["rollups_5m", "rollups_1h", "rollups_1d"] {
        let damage = format!("UPDATE {table} SET histogram = '\\x2a'");
        sqlx::raw_sql(sqlx::AssertSqlSafe(damage)).execute(&pool).await.unwrap();
    }
    let damaged = both_in(&store, now).await;
    for (damaged, before) in damaged.iter().zip(&before) {
        for (damaged, before) in damaged.buckets.iter().zip(&before.buckets) {
            assert_eq!((damaged.checks, damaged.latency), (before.checks, None));
        }
    }
    store.roll_up_again(at(START), now, |_| {}).await.unwrap();
    assert!(both_in(&store, now).await == before);
}

#[tokio::test]
async fn a_straggler_of_a_day_without_checks_takes_no_sums_place() {
    let (store, _database) = store().await;
    let now = hour(150 * 24);
    store.record(&plain(checks(120 * 24))).await.unwrap();
    store.record(&judged(SITES[0], [change(0, 0, Status::Up)])).await.unwrap();
    sum(&store, now).await;
    store.drop_past_keeping(now, DAY * 30).await.unwrap();
    let before = both_in(&store, now).await;
    let mut late = check(SITES[0], hour(30) + Duration::from_mins(7));
    late.outcome.phases.wait = Some(9_000_000);
    store.record(&plain(vec![late])).await.unwrap();
    sum(&store, now).await;
    assert!(both_in(&store, now).await == before);
}
