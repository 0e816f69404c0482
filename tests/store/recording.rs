//! What is written, and that it is written once.

use std::time::Duration;

use sqlx::PgPool;
use stillup::{
    model::{moment::Moment, outcome::Answer, verdict::Status},
    store::{Batch, Recorded, Store, StoreError},
};

use crate::{at, check, failed, judge, slug, store};

const NOON: &str = "2026-03-01T12:00:00Z";

fn plain(checks: Vec<stillup::model::check::Check>) -> Batch {
    Batch { checks, ..Batch::default() }
}

async fn count(database: &stillup::postgres::throwaway::TestDatabase) -> i64 {
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    sqlx::query_scalar("SELECT count(*) FROM checks").fetch_one(&pool).await.unwrap()
}

#[tokio::test]
async fn a_replay_in_other_batches_writes_nothing_twice() {
    let (store, database) = store().await;
    let minute = |n: u64| at(NOON) + Duration::from_mins(n);
    let checks: Vec<_> = (0..100).map(|n| check("a.example", minute(n))).collect();
    let first = store.record(&plain(checks[..60].to_vec())).await.unwrap();
    assert_eq!(first, Recorded { checks: 60, changes: 0 });
    let again = store.record(&plain(checks[30..].to_vec())).await.unwrap();
    assert_eq!(again.checks, 40);
    let twice = plain([checks.clone(), checks].concat());
    assert_eq!(store.record(&twice).await.unwrap().checks, 0);
    assert_eq!(count(&database).await, 100);
    assert_eq!(store.record(&Batch::default()).await.unwrap(), Recorded::default());
}

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
    store.record(&Batch { checks, changes, states }).await.unwrap();
    let read = store.recent_checks(&slug("a.example"), 1, None).await.unwrap();
    let Answer::Failed(cause) = &read[0].answer else { panic!("{read:?}") };
    assert!(cause.detail.starts_with("nul   and '\"\\ and \u{10FFFF}"), "{cause:?}");
    let read = store.recent_checks(&slug("b.example"), 1, None).await.unwrap();
    assert_eq!(read[0].answer, Answer::Restricted(" ".into()));
    assert_eq!(store.outages(&slug("a.example"), 9).await.unwrap().len(), 1);
    assert_eq!(store.states().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_older_replay_never_reopens_an_outage_or_forgets_a_state() {
    let (store, _database) = store().await;
    let minute = |n: u64| at(NOON) + Duration::from_mins(n);
    let mut checks: Vec<_> = (0..3).map(|n| check("a.example", minute(n))).collect();
    checks.extend((3..6).map(|n| failed("a.example", minute(n), "refused")));
    let while_down = judge(&checks);
    checks.extend((6..9).map(|n| check("a.example", minute(n))));
    let after = judge(&checks);
    let batch = |(changes, state): &(Vec<_>, _)| Batch {
        checks: checks.clone(),
        changes: changes.clone(),
        states: vec![(slug("a.example"), stillup::model::judge::SiteState::clone(state))],
    };
    let first = store.record(&batch(&while_down)).await.unwrap();
    assert_eq!(first.changes, while_down.0.len() as u64);
    let ongoing = store.all_outages(Some(true), 10).await.unwrap();
    assert_eq!((ongoing.len(), ongoing[0].outage.status), (1, Status::Down));
    assert_eq!(ongoing[0].outage.started_at, minute(3));

    let second = store.record(&batch(&after)).await.unwrap();
    assert_eq!(second.changes, (after.0.len() - while_down.0.len()) as u64);
    // The journal sends the old ones again.
    assert_eq!(store.record(&batch(&while_down)).await.unwrap(), Recorded::default());
    assert!(store.all_outages(Some(true), 10).await.unwrap().is_empty());
    let ended = store.outages(&slug("a.example"), 10).await.unwrap();
    assert_eq!((ended.len(), ended[0].id), (1, ongoing[0].id));
    assert_eq!(ended[0].outage.ended_at, Some(minute(6)));
    assert_eq!(store.states().await.unwrap()[&slug("a.example")], after.1);
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
