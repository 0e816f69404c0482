//! A clock that was ahead and was set back: what was recorded by it neither holds nor stands in the way.

use std::time::Duration;

use model::{
    judge::SiteState,
    moment::Moment,
    outcome::Cause,
    verdict::{Change, Outage, Status, Verdict},
};
use prober::clock::Clock;
use stillup::store::Batch;

use crate::support::{check, judge, slug, store};

const SITE: &str = "a.example";

fn change(at: Moment, since: Moment, status: Status, outages: Vec<Outage>) -> Change {
    let verdict = Verdict { status, since: Some(since), ..Verdict::none_yet() };
    Change { at, from: since, verdict, outages, withdrawn: None, outages_only: false }
}

fn outage(started_at: Moment, ended_at: Option<Moment>) -> Outage {
    let cause = Some(Cause::http_status(503));
    Outage { status: Status::Down, started_at, ended_at, cause, regions: Vec::new() }
}

#[tokio::test]
async fn an_outage_ends_and_its_time_is_not_down_when_it_comes() {
    let (store, _database) = store().await;
    let now = Clock::system().now();
    let (early, ahead) = (now - Duration::from_mins(10), now + Duration::from_hours(2));
    for change in [
        change(early, early, Status::Up, vec![]),
        change(ahead + Duration::from_secs(10), ahead, Status::Down, vec![outage(ahead, None)]),
        // The clock is set back; it is up again.
        change(now, now, Status::Up, vec![outage(ahead, Some(ahead))]),
    ] {
        let (changes, checks) = (vec![(slug(SITE), change)], vec![check(SITE, now)]);
        store.record(&Batch { changes, checks, ..Batch::default() }).await.unwrap();
    }
    let outages = store.outages(&slug(SITE), 10).await.unwrap();
    let ends: Vec<_> = outages.iter().map(|row| row.outage.ended_at).collect();
    assert_eq!(ends, [Some(ahead)]);
    let spans = store.spans(&slug(SITE), ahead + Duration::from_hours(1)).await.unwrap();
    assert!(spans.iter().all(|span| span.status == Status::Up), "{spans:?}");
}

#[tokio::test]
async fn the_state_of_a_site_is_what_was_seen_last() {
    let (store, _database) = store().await;
    let now = Clock::system().now();
    let seen_at = |at: Moment| -> SiteState { judge(&[check(SITE, at)]).1 };
    for at in [now - Duration::from_mins(1), now + Duration::from_hours(2), now] {
        let (checks, states) = (vec![check(SITE, at)], vec![(slug(SITE), seen_at(at))]);
        store.record(&Batch { checks, states, ..Batch::default() }).await.unwrap();
    }
    assert_eq!(store.states().await.unwrap()[&slug(SITE)], seen_at(now));
}
