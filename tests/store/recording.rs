//! What is written, and where it lands.

use std::time::Duration;

use sqlx::PgPool;
use stillup::{
    model::{moment::Moment, outcome::Answer},
    store::{Batch, Store, StoreError},
};

use crate::support::{NOON, at, check, count, failed, judge, plain, slug, store};

#[tokio::test]
async fn a_check_lands_in_its_day_however_late_or_early_it_is() {
    let (store, database) = store().await;
    let moments = [
        "2026-02-28T23:59:59.999Z",
        "2026-03-01T00:00:00Z",
        "2017-02-28T17:37:00Z",
        "2031-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999Z",
        "0001-01-01T00:00:00Z",
    ];
    let checks: Vec<_> = moments.iter().map(|m| check("a.example", at(m))).collect();
    assert_eq!(store.record(&plain(checks)).await.unwrap().checks, 6);
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let days: Vec<String> =
        sqlx::query_scalar("SELECT tableoid::regclass::text FROM checks ORDER BY at")
            .fetch_all(&pool)
            .await
            .unwrap();
    let expected = ["00010101", "20170228", "20260228", "20260301", "20310101", "99991231"];
    assert_eq!(days, expected.map(|day| format!("checks_{day}")));
    let read = store.recent_checks(&slug("a.example"), 10, None).await.unwrap();
    assert_eq!(read.len(), 6);
}

#[tokio::test]
async fn a_check_of_a_day_that_was_dropped_is_kept_all_the_same() {
    let (store, database) = store().await;
    // Another process that writes and does not know that the day is gone.
    let other = Store::connect(database.options()).await.unwrap();
    store.record(&plain(vec![check("a.example", at(NOON))])).await.unwrap();
    other.record(&plain(vec![check("b.example", at(NOON))])).await.unwrap();
    store.record(&plain(vec![check("a.example", at("2026-03-02T00:00:00Z"))])).await.unwrap();
    let noon_later = at("2026-03-02T12:00:00Z");
    assert_eq!(store.drop_checks_before(noon_later).await.unwrap(), 1);
    assert_eq!(store.drop_checks_before(noon_later).await.unwrap(), 0);
    assert_eq!(count(&database).await, 1);
    let late = plain(vec![check("b.example", at(NOON) + Duration::from_secs(1))]);
    assert_eq!(other.record(&late).await.unwrap().checks, 1);
    store.prepare_days(noon_later).await.unwrap();
}

#[tokio::test]
async fn poisoned_text_does_not_stop_a_batch() {
    let (store, _database) = store().await;
    let nasty = "nul \0 and '\"\\ and \u{10FFFF} and a very ".to_owned() + &"long".repeat(5_000);
    let mut restricted = check("b.example", at(NOON));
    restricted.outcome.answer = Answer::Restricted("\0".into());
    restricted.outcome.http_status = Some(u16::MAX);
    restricted.outcome.phases.wait = Some(u32::MAX);
    let minute = |n: u64| at(NOON) + Duration::from_mins(n);
    let mut checks = vec![failed("a.example", minute(0), &nasty), restricted];
    checks.push(failed("a.example", minute(1), &nasty));
    let (changes, state) = judge(&[checks[0].clone(), checks[2].clone()]);
    let states = vec![(slug("a.example"), state)];
    store.record(&Batch { checks, changes, states, ..Batch::default() }).await.unwrap();
    let read = store.recent_checks(&slug("a.example"), 1, None).await.unwrap();
    let Answer::Failed(cause) = &read[0].answer else { panic!("{read:?}") };
    assert!(cause.detail.starts_with("nul   and '\"\\ and \u{10FFFF}"), "{cause:?}");
    let read = store.recent_checks(&slug("b.example"), 1, None).await.unwrap();
    assert_eq!(read[0].answer, Answer::Restricted(" ".into()));
    assert_eq!(store.outages(&slug("a.example"), 9).await.unwrap().len(), 1);
    assert_eq!(store.states().await.unwrap().len(), 1);
}

#[tokio::test]
async fn says_whether_to_try_again() {
    let (store, database) = store().await;
    let missing = Store::connect(database.options().database("nowhere")).await.unwrap_err();
    assert!(matches!(missing, StoreError::Refused(_)), "{missing}");
    let nobody = database.options().socket("/nowhere/at/all");
    let away = Store::connect(nobody).await.unwrap_err();
    assert!(matches!(away, StoreError::Away(_)), "{away}");

    let batch = |at: Moment| plain(vec![check("a.example", at)]);
    store.record(&batch(at(NOON))).await.unwrap();
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
    sqlx::query(kill).execute(&pool).await.unwrap();
    let mut tries = 0;
    while let Err(error) = store.record(&batch(at(NOON) + Duration::from_secs(1))).await {
        assert!(error.is_temporary(), "{error}");
        tries += 1;
        assert!(tries < 10);
    }
    sqlx::query("DROP TABLE changes").execute(&pool).await.unwrap();
    let broken = store.uptimes(at(NOON)).await.unwrap_err();
    assert!(!broken.is_temporary(), "{broken}");
}
