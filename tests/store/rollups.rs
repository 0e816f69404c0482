//! Sums: every check in exactly one bucket, whatever is late, sent twice or killed.

use std::time::Duration;

use model::{
    check::Check,
    history::{History, HistoryBuilder, HistoryRange},
    moment::Moment,
    name::Region,
    outcome::{Cause, Failure},
    rollup::{BucketLength, CheckSample},
    verdict::{Change, Status, Verdict},
};
use sqlx::PgPool;
use stillup::{
    private_postgres::throwaway::TestDatabase,
    store::{Batch, Store, StoreError},
};

use crate::support::{at, check, failed, plain, slug, store, until_poll};

const START: &str = "2026-03-01T20:00:00Z";
const SITE: &str = "a.example";

fn minutes(n: u64) -> Duration {
    Duration::from_mins(n)
}

/// Thirty hours of checks, every three minutes, of two sites and two regions, no two the same.
fn checks() -> Vec<Check> {
    let mut all = Vec::new();
    for n in 0..600_u64 {
        for (site, region) in [(SITE, "local"), (SITE, "syd"), ("b.example", "local")] {
            let moment = at(START) + minutes(3 * n) + Duration::from_millis(n * 37);
            let bad = n % 11 == 0 && region == "syd";
            let mut one = if bad { failed(site, moment, "no") } else { check(site, moment) };
            one.region = Region::new(region).unwrap();
            if !bad {
                one.outcome.phases.wait = Some(((n * 7_919) % 90_000) as u32);
            }
            all.push(one);
        }
    }
    all
}

fn end() -> Moment {
    at(START) + minutes(30 * 60 + 5)
}

/// Expected history, counted from the checks themselves.
fn truth(checks: &[Check], range: HistoryRange, now: Moment) -> History {
    let mut sums = HistoryBuilder::new(range);
    for check in checks.iter().filter(|check| check.slug == slug(SITE)) {
        let outcome = &check.outcome;
        let tally = CheckSample {
            at: check.at,
            failure: outcome.cause().map(|cause| cause.failure),
            restricted: outcome.restricted(),
            latency: outcome.phases.latency(),
        };
        if let Some(sum) = sums.at(check.at) {
            sum.count(&tally, false);
        }
    }
    sums.history(slug(SITE), now)
}

async fn assert_true(store: &Store, checks: &[Check], now: Moment) {
    for step in BucketLength::ALL {
        let range = HistoryRange::new(at(START), now, step);
        let read = store.history(&slug(SITE), range, now).await.unwrap();
        assert_eq!(read, truth(checks, range, now), "{step:?}");
    }
}

async fn roll_up(store: &Store, now: Moment) {
    while store.roll_up(now).await.unwrap().more {}
}

/// Every row of sums, as text.
async fn rows(database: &TestDatabase) -> Vec<String> {
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let rows = "SELECT '5m' || r::text FROM rollups_5m r UNION ALL SELECT '1h' || r::text FROM rollups_1h r
        UNION ALL SELECT '1d' || r::text FROM rollups_1d r ORDER BY 1";
    sqlx::query_scalar(rows).fetch_all(&pool).await.unwrap()
}

#[tokio::test]
async fn sums_are_the_same_as_counting_every_check_at_any_moment() {
    let (store, _database) = store().await;
    let all = checks();
    for (n, part) in all.chunks(150).enumerate() {
        store.record(&plain(part.to_vec())).await.unwrap();
        let so_far = &all[..((n + 1) * 150).min(all.len())];
        let now = so_far.last().unwrap().at + Duration::from_secs(1);
        if n % 3 == 0 {
            roll_up(&store, now).await;
        }
        if n % 4 == 1 {
            assert_true(&store, so_far, now).await;
        }
    }
    roll_up(&store, end()).await;
    assert_true(&store, &all, end()).await;
}

#[tokio::test]
async fn what_is_late_or_sent_again_is_counted_once_where_it_belongs() {
    let (store, database) = store().await;
    let all = checks();
    let (late, first): (Vec<_>, Vec<_>) =
        all.iter().cloned().enumerate().partition(|(n, _)| n % 7 == 3);
    let values =
        |of: Vec<(usize, Check)>| of.into_iter().map(|(_, check)| check).collect::<Vec<_>>();
    let (late, first) = (values(late), values(first));
    store.record(&plain(first.clone())).await.unwrap();
    roll_up(&store, end()).await;
    assert_true(&store, &first, end()).await;

    store.record(&plain(late)).await.unwrap();
    store.record(&plain(first[..500].to_vec())).await.unwrap();
    roll_up(&store, end()).await;
    assert_true(&store, &all, end()).await;

    let before = rows(&database).await;
    let (from, until) = (at(START), end());
    let summed = store.roll_up_again(from, until, |_| {}).await.unwrap();
    assert_eq!((summed.days, summed.hours > 24), (2, true));
    assert_eq!(rows(&database).await, before);
}

#[tokio::test]
async fn a_day_that_is_summed_again_leaves_the_days_beside_it() {
    let (store, database) = store().await;
    let hour = |n: u64| check(SITE, at(START) + minutes(60 * n));
    let (late, first): (Vec<u64>, Vec<u64>) =
        (0..40 * 24).partition(|n| [99, 100, 900].contains(n));
    let [first, late] = [first, late].map(|of| of.into_iter().map(hour).collect::<Vec<_>>());
    let end = at(START) + minutes(60 * 24 * 42);
    let days = async || {
        let range = HistoryRange::new(at(START), end, BucketLength::Day);
        (store.history(&slug(SITE), range, end).await.unwrap(), range)
    };
    store.record(&plain(first.clone())).await.unwrap();
    roll_up(&store, end).await;
    let (read, range) = days().await;
    assert_eq!(read, truth(&first, range, end));
    let days_of_it = rows(&database).await.iter().filter(|row| row.starts_with("1d")).count();
    assert_eq!(days_of_it, 41 * 2, "each of its region and of all");

    store.record(&plain(late.clone())).await.unwrap();
    roll_up(&store, end).await;
    let all = [first, late].concat();
    assert_eq!(days().await.0, truth(&all, range, end));

    // Where checks are gone, late ones are not added to the existing rollup.
    store.drop_past_keeping(end, minutes(60 * 24 * 20)).await.unwrap();
    store.record(&plain(vec![check(SITE, at(START) + minutes(61))])).await.unwrap();
    roll_up(&store, end).await;
    assert_eq!(days().await.0, truth(&all, range, end));
}

#[tokio::test]
async fn a_sum_that_is_killed_at_any_point_is_made_again_and_the_same() {
    let (store, database) = store().await;
    let all = checks();
    store.record(&plain(all.clone())).await.unwrap();
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let mut cut = 0;
    for polls in 1..150 {
        cut += u32::from(until_poll(polls, store.roll_up(end())).await.is_none());
    }
    assert!(cut > 5, "{cut}");
    roll_up(&store, end()).await;
    assert_true(&store, &all, end()).await;
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM rollup_marks WHERE from_at < $1")
        .bind(end().to_datetime() - time::Duration::hours(2))
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn of_two_processes_one_sums() {
    let (store, database) = store().await;
    store.record(&plain(checks())).await.unwrap();
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let mut other = pool.begin().await.unwrap();
    sqlx::query("SELECT pg_advisory_xact_lock(hashtext('stillup jobs')::bigint)")
        .execute(&mut *other)
        .await
        .unwrap();
    let busy = store.roll_up(end()).await.unwrap_err();
    assert!(matches!(busy, StoreError::Busy) && busy.is_temporary(), "{busy}");
    other.commit().await.unwrap();
    roll_up(&store, end()).await;
    assert_true(&store, &checks(), end()).await;
}

fn change(from: Moment, status: Status) -> Change {
    let cause = (status == Status::Down).then(|| Cause::new(Failure::Timeout, "no answer"));
    let verdict =
        Verdict { status, restricted: false, since: Some(from), cause, ..Verdict::none_yet() };
    Change {
        at: from + Duration::from_secs(90),
        from,
        verdict,
        outages: vec![],
        withdrawn: None,
        outages_only: false,
    }
}

#[tokio::test]
async fn judged_time_is_summed_from_verdicts_also_when_one_reaches_back() {
    let (store, _database) = store().await;
    let moment = |minute: u64| at(START) + minutes(minute);
    let change = |minute: u64, status| (slug(SITE), change(moment(minute), status));
    let mut changes = vec![change(0, Status::Up), change(59, Status::Slow)];
    let checks: Vec<_> = (0..181).map(|n| check(SITE, moment(n))).collect();
    store.record(&Batch { checks, changes, ..Batch::default() }).await.unwrap();
    let now = moment(183);
    roll_up(&store, now).await;
    // These were settled before, and come after the hour was summed.
    changes = vec![change(61, Status::Down), change(71, Status::Unknown), change(81, Status::Up)];
    store.record(&Batch { changes, ..Batch::default() }).await.unwrap();
    roll_up(&store, now).await;

    let range = HistoryRange::new(at(START), now, BucketLength::Hour);
    let history = store.history(&slug(SITE), range, now).await.unwrap();
    let minutes_of = |millis: u64| millis / 60_000;
    let seen: Vec<_> = history
        .buckets
        .iter()
        .map(|b| (minutes_of(b.judged.whole()), minutes_of(b.judged.down), b.slow))
        .collect();
    assert_eq!(seen, [(60, 0, 1), (50, 10, 1), (60, 0, 0), (3, 0, 0)]);
    assert_eq!(history.buckets[1].judged.uptime(), Some(0.8));
    let fine = HistoryRange::new(moment(60), moment(90), BucketLength::FiveMinutes);
    let fine = store.history(&slug(SITE), fine, now).await.unwrap();
    let uptimes: Vec<_> = fine.buckets.iter().map(|b| b.judged.uptime()).collect();
    let expected = [Some(0.2), Some(0.0), Some(0.0), None, Some(1.0), Some(1.0)];
    assert_eq!(uptimes, expected);
}

#[tokio::test]
async fn an_unknown_site_and_an_empty_database_have_gaps_and_no_zeros() {
    let (store, _database) = store().await;
    let range = HistoryRange::last(Duration::from_hours(24), end());
    let history = store.history(&slug("nobody.example"), range, end()).await.unwrap();
    assert_eq!(history.buckets.len(), range.count());
    assert!(history.buckets.iter().all(|b| b.judged.uptime().is_none() && b.latency.is_none()));
    assert_eq!(store.roll_up(end()).await.unwrap(), stillup::store::Summed::default());
}

#[tokio::test]
async fn a_day_of_forty_thousand_checks_is_summed_without_overflow_and_under_one_slug_whatever_its_name()
 {
    let (store, database) = store().await;
    let midnight = at("2026-03-01T00:00:00Z");
    let named = |name: &str| {
        let site = crate::support::site(SITE);
        std::sync::Arc::new(model::site::Site {
            name: name.into(),
            ..model::site::Site::clone(&site)
        })
    };
    store.sync_sites(&[named("Before")], midnight).await.unwrap();
    let mut all = Vec::new();
    for n in 0..20_000_u64 {
        for region in ["local", "syd"] {
            let mut one = check(SITE, midnight + Duration::from_millis(n * 4_320));
            one.region = Region::new(region).unwrap();
            all.push(one);
        }
    }
    for part in all.chunks(5_000) {
        store.record(&plain(part.to_vec())).await.unwrap();
    }
    let end = midnight + Duration::from_hours(25);
    roll_up(&store, end).await;
    store.sync_sites(&[named("After")], end).await.unwrap();
    store.record(&plain(vec![check(SITE, end)])).await.unwrap();
    roll_up(&store, end + Duration::from_hours(25)).await;
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    // Region 0 is all of them together.
    let sums = "SELECT at::text, sum(checks), sum(ok), count(DISTINCT site_id) FROM rollups_1d
        WHERE region_id = 0 GROUP BY 1 ORDER BY 1";
    let days: Vec<(String, i64, i64, i64)> = sqlx::query_as(sums).fetch_all(&pool).await.unwrap();
    let sums: Vec<_> = days.iter().map(|(_, checks, ok, sites)| (*checks, *ok, *sites)).collect();
    assert_eq!(sums, [(40_000, 40_000, 1), (1, 1, 1)], "{days:?}");
    let sites: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sites").fetch_one(&pool).await.unwrap();
    assert_eq!(sites, 1, "a new name is no other site");
}
