//! A batch that is sent again is written once, and changes nothing that is newer.

use std::time::Duration;

use model::{
    judge::SiteState,
    name::Slug,
    verdict::{Change, Status},
};
use stillup::store::{Batch, BatchResult, OutagesWanted};

use crate::support::{NOON, at, check, count, failed, judge, plain, slug, store};

#[tokio::test]
async fn a_replay_in_other_batches_writes_nothing_twice() {
    let (store, database) = store().await;
    let minute = |n: u64| at(NOON) + Duration::from_mins(n);
    let checks: Vec<_> = (0..100).map(|n| check("a.example", minute(n))).collect();
    let first = store.record(&plain(checks[..60].to_vec())).await.unwrap();
    assert_eq!(first, BatchResult { checks: 60, changes: 0 });
    let again = store.record(&plain(checks[30..].to_vec())).await.unwrap();
    assert_eq!(again.checks, 40);
    let twice = plain([checks.clone(), checks].concat());
    assert_eq!(store.record(&twice).await.unwrap().checks, 0);
    assert_eq!(count(&database).await, 100);
    assert_eq!(store.record(&Batch::default()).await.unwrap(), BatchResult::default());
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
    let batch = |(changes, state): &(Vec<(Slug, Change)>, SiteState)| Batch {
        checks: checks.clone(),
        changes: changes.clone(),
        states: vec![(slug("a.example"), state.clone())],
        ..Batch::default()
    };
    let wanted = OutagesWanted { ongoing: Some(true), ..OutagesWanted::newest(10) };
    let first = store.record(&batch(&while_down)).await.unwrap();
    assert_eq!(first.changes, while_down.0.len() as u64);
    let ongoing = store.outages_page(&wanted).await.unwrap();
    assert_eq!((ongoing.len(), ongoing[0].outage.status), (1, Status::Down));
    assert_eq!(ongoing[0].outage.started_at, minute(3));

    let second = store.record(&batch(&after)).await.unwrap();
    assert_eq!(second.changes, (after.0.len() - while_down.0.len()) as u64);
    // The journal sends the old ones again.
    assert_eq!(store.record(&batch(&while_down)).await.unwrap(), BatchResult::default());
    assert!(store.outages_page(&wanted).await.unwrap().is_empty());
    let ended = store.outages(&slug("a.example"), 10).await.unwrap();
    assert_eq!((ended.len(), ended[0].id), (1, ongoing[0].id));
    assert_eq!(ended[0].outage.ended_at, Some(minute(6)));
    assert_eq!(store.states().await.unwrap()[&slug("a.example")], after.1);
}
