//! The lease of the record: one node has it, and what another one writes is refused.

use std::time::Duration;

use model::report::Origin;
use sqlx::PgPool;
use stillup::store::{
    Batch, LeaseAnswer, LeaseKey, LeaseRequest, LeaseState, RecordingStore, Store, StoreError,
};
use tokio::{sync::watch, time::timeout};

use crate::support::{NOON, at, check, plain, store};

fn request(holder: &str, term: Duration) -> LeaseRequest {
    let (name, run) = (holder.into(), format!("run-{holder}").into());
    let patience = Duration::ZERO;
    LeaseRequest { holder: holder.into(), node: name, run, anew: false, patience, term }
}

async fn take(store: &Store, request: &LeaseRequest) -> Option<LeaseKey> {
    match store.take_lease(request).await.unwrap() {
        LeaseAnswer::Taken(taken) => Some(taken.key),
        LeaseAnswer::HeldBy(_) => None,
    }
}

/// The store as the node with this key has it.
fn recording(store: &Store, key: &LeaseKey) -> Store {
    let link = watch::channel(Some(store.clone())).1;
    let held = LeaseState::Held { key: Some(key.clone()), continues: true };
    RecordingStore { link, lease: watch::channel(held).1 }.now().unwrap()
}

const LONG: Duration = Duration::from_mins(1);

#[tokio::test]
async fn one_node_has_the_lease_until_its_term_is_over() {
    let (store, _database) = store().await;
    let first = take(&store, &request("a", LONG)).await.unwrap();
    assert_eq!(first.epoch(), 1);
    let held = store.take_lease(&request("b", LONG)).await.unwrap();
    assert_eq!(held, LeaseAnswer::HeldBy("a".into()));
    // A restart of the same node does not wait, and ends what its process before had.
    let again = LeaseRequest { run: "again".into(), anew: true, ..request("a", LONG) };
    let second = take(&store, &again).await.unwrap();
    assert_eq!(second.epoch(), 2);
    assert!(!store.renew_lease(&first, LONG).await.unwrap());
    // One that lost it waits for its end like any other.
    assert_eq!(take(&store, &request("a", LONG)).await, None);
    assert!(store.renew_lease(&second, Duration::ZERO).await.unwrap());
    // Whoever is patient leaves it to others for a while.
    let patient = LeaseRequest { patience: LONG, ..request("c", LONG) };
    assert_eq!(take(&store, &patient).await, None);
    let LeaseAnswer::Taken(taken) = store.take_lease(&request("b", LONG)).await.unwrap() else {
        panic!("it is free");
    };
    assert_eq!((taken.key.epoch(), taken.before), (3, Some(("a".into(), 2))));
}

#[tokio::test]
async fn a_term_whose_number_was_given_twice_belongs_to_one_process_alone() {
    // A standby that is promoted may lack the last term: the number is given again, to another process.
    let (store, database) = store().await;
    let lost = take(&store, &request("a", Duration::ZERO)).await.unwrap();
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    sqlx::query("DELETE FROM lease").execute(&pool).await.unwrap();
    let new = take(&store, &request("b", LONG)).await.unwrap();
    assert_eq!(new.epoch(), lost.epoch());
    let one = plain(vec![check("slack.com", at(NOON))]);
    let refused = recording(&store, &lost).record(&one).await;
    assert!(matches!(refused, Err(StoreError::Fenced)), "{refused:?}");
    assert!(!store.renew_lease(&lost, LONG).await.unwrap());
    assert_eq!(recording(&store, &new).record(&one).await.unwrap().checks, 1);
}

#[tokio::test]
async fn a_term_by_the_clock_of_another_host_keeps_nobody_waiting() {
    let (store, database) = store().await;
    take(&store, &request("a", LONG)).await.unwrap();
    assert_eq!(take(&store, &request("b", LONG)).await, None);
    // The primary that is gone was an hour ahead.
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let ahead = "UPDATE lease SET until = until + interval '1 hour'";
    sqlx::query(ahead).execute(&pool).await.unwrap();
    assert_eq!(take(&store, &request("b", LONG)).await.unwrap().epoch(), 2);
}

#[tokio::test]
async fn a_term_that_is_lost_in_the_middle_of_a_transaction_takes_all_of_it_along() {
    let (store, database) = store().await;
    let old = recording(&store, &take(&store, &request("a", Duration::ZERO)).await.unwrap());
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    // Somebody has locked what the batch needs last: the transaction has the lease, and waits.
    let mut other = pool.begin().await.unwrap();
    sqlx::query("LOCK TABLE recorded").execute(&mut *other).await.unwrap();
    let one = plain(vec![check("slack.com", at(NOON))]);
    let writing = tokio::spawn(async move { old.record(&one).await });
    let waits = "SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let blocked = async |number: i64| {
        while sqlx::query_scalar::<_, i64>(waits).fetch_one(&pool).await.unwrap() < number {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(20), blocked(1)).await.unwrap();
    let taking = tokio::spawn({
        let store = store.clone();
        async move { take(&store, &request("b", LONG)).await }
    });
    timeout(Duration::from_secs(20), blocked(2)).await.unwrap();
    // Its connection is lost, as that of a node that is cut off: nothing of it remains.
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'
             AND query NOT LIKE '%lease%'";
    sqlx::query(end).execute(&pool).await.unwrap();
    assert!(writing.await.unwrap().is_err());
    assert_eq!(taking.await.unwrap().unwrap().epoch(), 2);
    other.rollback().await.unwrap();
    let checks: i64 =
        sqlx::query_scalar("SELECT count(*) FROM checks").fetch_one(&pool).await.unwrap();
    assert_eq!(checks, 0);
}

#[tokio::test]
async fn what_is_written_in_a_term_that_is_over_is_refused_whatever_it_is() {
    let (store, database) = store().await;
    let old = take(&store, &request("a", Duration::ZERO)).await.unwrap();
    let old = recording(&store, &old);
    let one = Batch {
        marks: vec![Origin { run: "x".into(), number: 7 }, Origin { run: "x".into(), number: 5 }],
        ..plain(vec![check("slack.com", at(NOON))])
    };
    assert_eq!(old.record(&one).await.unwrap().checks, 1);
    let marks = store.recorded_marks().await.unwrap();
    assert!(marks.cover(&Origin { run: "x".into(), number: 7 }));
    assert!(!marks.cover(&Origin { run: "x".into(), number: 8 }));
    assert_eq!(marks.newest, Some(at(NOON)));

    let new = take(&store, &request("b", LONG)).await.unwrap();
    let other = plain(vec![check("slack.com", at("2026-03-01T12:01:00Z"))]);
    let now = at(NOON);
    assert!(matches!(old.record(&other).await, Err(StoreError::Fenced)));
    assert!(matches!(old.roll_up(now).await, Err(StoreError::Fenced)));
    assert!(matches!(old.sync_sites(&[], now).await, Err(StoreError::Fenced)));
    assert!(matches!(old.lend_message("team", now, now).await, Err(StoreError::Fenced)));
    assert_eq!(recording(&store, &new).record(&other).await.unwrap().checks, 1);
    // Commands have no term.
    assert_eq!(store.record(&other).await.unwrap().checks, 0);
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let checks: i64 =
        sqlx::query_scalar("SELECT count(*) FROM checks").fetch_one(&pool).await.unwrap();
    assert_eq!(checks, 2);
}

#[tokio::test]
async fn whoever_takes_over_waits_for_a_transaction_under_way_and_a_renewal_does_not() {
    let (store, database) = store().await;
    let old = take(&store, &request("a", Duration::ZERO)).await.unwrap();
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let mut writing = pool.begin().await.unwrap();
    let lock = "SELECT epoch FROM lease WHERE run = 'run-a' AND epoch = 1 FOR KEY SHARE";
    sqlx::query(lock).fetch_one(&mut *writing).await.unwrap();
    let renewed = store.renew_lease(&old, Duration::ZERO);
    assert!(timeout(Duration::from_secs(5), renewed).await.unwrap().unwrap());
    let taking = tokio::spawn({
        let store = store.clone();
        async move { take(&store, &request("b", LONG)).await }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!taking.is_finished());
    writing.commit().await.unwrap();
    assert_eq!(taking.await.unwrap().unwrap().epoch(), 2);
}
