//! Writes of checks and changes, and the rows they make.

use std::time::Duration;

use model::{
    failure_detail::FailureDetail,
    moment::Moment,
    outcome::{Answer, Cause, Failure},
    restriction::Restriction,
    verdict::{SelfDoubt, Status},
};
use sqlx::PgPool;
use stillup::store::{Batch, Store, StoreError};

use crate::{
    support::{NOON, at, check, count, failed, judge, plain, slug, store},
    until::{SOON, until},
};

#[tokio::test]
async fn a_check_lands_in_its_day_however_late_or_early_it_is() {
    let (store, database) = store().await;
    let moments = [
        "2026-02-28T23:59:59.999Z",
        "2026-03-01T00:00:00Z",
        "2017-02-28T17:37:00Z",
        "2031-01-01T00:00:00Z",
        "9999-12-30T21:59:59.999Z",
        "0001-01-01T00:00:00Z",
    ];
    let checks: Vec<_> = moments.iter().map(|m| check("a.example", at(m))).collect();
    assert_eq!(store.record(&plain(checks)).await.unwrap().checks, 6);
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    // A cluster adds the numbers of shards.
    let names =
        r"SELECT substring(tableoid::regclass::text FROM 'checks_\d{8}') FROM checks ORDER BY at";
    let days: Vec<String> = sqlx::query_scalar(names).fetch_all(&pool).await.unwrap();
    let expected = ["00010101", "20170228", "20260228", "20260301", "20310101", "99991230"];
    assert_eq!(days, expected.map(|day| format!("checks_{day}")));
    let read = store.recent_checks(&slug("a.example"), 10, None).await.unwrap();
    assert_eq!(read.len(), 6);
}

#[tokio::test]
async fn a_check_of_a_day_that_was_dropped_is_kept_all_the_same() {
    let (store, database) = store().await;
    // Another process that does not know that the day is gone.
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
async fn two_that_make_the_same_partitions_at_once_are_both_content() {
    let (one, database) = store().await;
    let other = Store::connect(database.options()).await.unwrap();
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let mut holder = pool.begin().await.unwrap();
    let hold = "SELECT pg_advisory_xact_lock(hashtext('stillup partitions'))";
    sqlx::raw_sql(hold).execute(&mut *holder).await.unwrap();
    // Both look, find nothing, and wait; then the second finds what the first has made.
    let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let let_go = async {
        let both = async || {
            let count: i64 = sqlx::query_scalar(waiting).fetch_one(&pool).await.unwrap();
            (count == 2).then_some(())
        };
        until("both wait", SOON, both).await;
        holder.rollback().await.unwrap();
    };
    let (a, b, ()) = tokio::join!(one.prepare_days(at(NOON)), other.prepare_days(at(NOON)), let_go);
    a.unwrap();
    b.unwrap();
    assert_eq!(other.record(&plain(vec![check("a.example", at(NOON))])).await.unwrap().checks, 1);
}

#[tokio::test]
async fn a_check_is_read_with_plain_sql_by_the_names_that_tables_give_to_its_numbers() {
    let (store, database) = store().await;
    let mut outcomes = vec![
        (("ok", None), Answer::Ok),
        (("restricted", None), Answer::Restricted(Restriction::of_status(403))),
    ];
    outcomes.extend(
        Failure::ALL.map(|f| (("failed", Some(f.word())), Answer::Failed(Cause::new(f, "why")))),
    );
    let (words, answers): (Vec<_>, Vec<_>) = outcomes.into_iter().unzip();
    let checks = answers.iter().zip(0..).map(|(answer, minute)| {
        let mut check = check("a.example", at(NOON) + Duration::from_mins(minute));
        check.outcome.answer = answer.clone();
        check
    });
    store.record(&plain(checks.collect())).await.unwrap();
    let read = store.recent_checks(&slug("a.example"), 99, None).await.unwrap();
    assert!(read.iter().rev().map(|row| &row.answer).eq(&answers));

    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let rows = "SELECT outcome, failure, latency_us, failure_detail #>> '{}' FROM named_checks
        WHERE slug = 'a.example' AND region = 'local' ORDER BY at";
    let rows: Vec<(String, Option<String>, i32, Option<String>)> =
        sqlx::query_as(rows).fetch_all(&pool).await.unwrap();
    for (row, (word, answer)) in rows.iter().zip(words.iter().zip(&answers)) {
        assert_eq!((row.0.as_str(), row.1.as_deref(), row.2), (word.0, word.1, 61_205));
        assert_eq!(row.3.is_some(), *answer != Answer::Ok);
    }
    assert_eq!(rows.len(), answers.len());
    let statuses: Vec<(i16, String)> =
        sqlx::query_as("SELECT id, name FROM statuses ORDER BY id").fetch_all(&pool).await.unwrap();
    assert_eq!(statuses, Status::ALL.map(|status| (status as i16, status.word().to_owned())));
    let doubts: Vec<(i16, String)> =
        sqlx::query_as("SELECT id, name FROM doubts ORDER BY id").fetch_all(&pool).await.unwrap();
    let word = |doubt| serde_json::to_value(doubt).unwrap().as_str().unwrap().to_owned();
    assert_eq!(doubts, SelfDoubt::ALL.map(|doubt| (doubt as i16, word(doubt))));

    let undocumented = "SELECT c.relname || '.' || a.attname FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relname IN ('checks', 'checks_20260301') AND col_description(c.oid, a.attnum) IS NULL
        UNION ALL
        SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace
            AND relkind IN ('r', 'p', 'v') AND NOT relispartition AND relname <> '_sqlx_migrations'
            AND obj_description(oid) IS NULL";
    let undocumented: Vec<String> =
        sqlx::query_scalar(undocumented).fetch_all(&pool).await.unwrap();
    assert!(undocumented.is_empty(), "{undocumented:?}");
}

#[tokio::test]
async fn poisoned_text_does_not_stop_a_batch() {
    let (store, _database) = store().await;
    let nasty = "nul \0 and '\"\\ and \u{10FFFF} and a very ".to_owned() + &"long".repeat(5_000);
    let mut restricted = check("b.example", at(NOON));
    restricted.outcome.answer = Answer::Restricted(Restriction::of_record(None, "a\0"));
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
    let FailureDetail::Text { text } = &cause.detail else { panic!("{cause:?}") };
    assert!(text.as_str().starts_with("nul   and '\"\\ and \u{10FFFF}"), "{cause:?}");
    let read = store.recent_checks(&slug("b.example"), 1, None).await.unwrap();
    assert_eq!(read[0].answer, Answer::Restricted(Restriction::of_record(None, "a ")));
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
    sqlx::query("DROP TABLE changes CASCADE").execute(&pool).await.unwrap();
    let broken = store.uptimes(&[slug("a.example")], at(NOON)).await.unwrap_err();
    assert!(!broken.is_temporary(), "{broken}");
}
