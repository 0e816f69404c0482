//! What visitors look up and report comes back, counted once, and is bounded.

use std::time::Duration;

use stillup::{
    model::{
        crowd::{Count, What},
        moment::Moment,
    },
    store::CrowdBatch,
};

use crate::support::{NOON, at, store};

fn count(what: What, key: &str, at: Moment, times: u32) -> Count {
    Count { what, key: key.to_owned(), at, times, down: times / 2 }
}

#[tokio::test]
async fn a_batch_that_is_written_again_counts_once_and_others_add_to_it() {
    let (store, _database) = store().await;
    let (noon, five) = (at(NOON), at(NOON) + Duration::from_mins(5));
    let mut batch = CrowdBatch { writer: 7, number: 1, ..CrowdBatch::default() };
    batch.counts = vec![
        count(What::Report, "a.example", five, 1),
        count(What::Lookup, "b.example", noon, 4),
        count(What::Lookup, "a.example", noon, 6),
    ];
    for _ in 0..2 {
        store.add_crowd(&batch, five).await.unwrap();
    }
    let next =
        CrowdBatch { number: 2, counts: vec![count(What::Lookup, "a.example", noon, 2)], ..batch };
    store.add_crowd(&next, five).await.unwrap();
    // Another process counts for itself.
    store.add_crowd(&CrowdBatch { writer: 8, ..next }, five).await.unwrap();
    let want = [
        count(What::Lookup, "b.example", noon, 4),
        count(What::Lookup, "a.example", noon, 10),
        count(What::Report, "a.example", five, 1),
    ];
    assert_eq!(store.crowd(five).await.unwrap(), want);
}

#[tokio::test]
async fn what_is_past_keeping_is_neither_read_nor_kept() {
    let (store, _database) = store().await;
    let noon = at(NOON);
    let batch = CrowdBatch {
        writer: 1,
        number: 1,
        counts: vec![
            count(What::Lookup, "old.example", noon - Duration::from_hours(24), 2),
            count(What::Lookup, "new.example", noon - Duration::from_hours(23), 2),
        ],
    };
    store.add_crowd(&batch, noon).await.unwrap();
    let keys = async |now: Moment| {
        let counts = store.crowd(now).await.unwrap();
        counts.into_iter().map(|count| count.key).collect::<Vec<_>>()
    };
    assert_eq!(keys(noon).await, ["new.example"]);
    assert_eq!(keys(noon - Duration::from_hours(23)).await, ["old.example", "new.example"]);
    store.drop_past_crowd(noon).await.unwrap();
    assert_eq!(keys(noon - Duration::from_hours(23)).await, ["new.example"]);
}
