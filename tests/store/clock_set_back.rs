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
async fn an_outage_that_has_not_begun_yet_is_none_and_its_time_is_not_down_when_it_comes() {
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
    assert!(store.outages(&slug(SITE), 10).await.unwrap().is_empty());
    let spans = store.spans(&slug(SITE), ahead + Duration::from_hours(1)).await.unwrap();
    assert!(spans.iter().all(|span| span.status == Status::Up), "{spans:?}");
}

#[tokio::test]
async fn an_outage_that_was_over_before_the_clock_was_set_back_goes_with_the_next_verdict() {
    let (store, _database) = store().await;
    let now = Clock::system().now();
    let (ahead, over) = (now + Duration::from_hours(2), now + Duration::from_hours(3));
    let ended = [outage(ahead, None), outage(ahead, Some(over))];
    let [begun, ended] = ended.map(|outage| vec![outage]);
    for change in [
        change(ahead, ahead, Status::Down, begun),
        change(over, over, Status::Up, ended),
        change(now, now, Status::Slow, Vec::new()),
    ] {
        let (changes, checks) = (vec![(slug(SITE), change)], vec![check(SITE, now)]);
        store.record(&Batch { changes, checks, ..Batch::default() }).await.unwrap();
    }
    assert!(store.outages(&slug(SITE), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_outage_ends_that_began_by_a_right_clock_though_the_clock_is_behind_at_its_end() {
    let (store, _database) = store().await;
    let now = Clock::system().now();
    let (begun, behind) = (now - Duration::from_mins(30), now - Duration::from_hours(2));
    for change in [
        change(begun, begun, Status::Down, vec![outage(begun, None)]),
        change(behind, behind, Status::Up, vec![outage(begun, Some(begun))]),
    ] {
        let (changes, checks) = (vec![(slug(SITE), change)], vec![check(SITE, begun)]);
        store.record(&Batch { changes, checks, ..Batch::default() }).await.unwrap();
    }
    let outages = store.outages(&slug(SITE), 10).await.unwrap();
    assert!(outages.iter().all(|outage| outage.outage.ended_at.is_some()), "{outages:?}");
    assert_eq!(outages.len(), 1);
}

#[tokio::test]
async fn a_clock_that_is_ahead_makes_no_day_old_that_was_recorded_just_now() {
    let (store, _database) = store().await;
    let (day, keep) = (Duration::from_hours(24), Duration::from_hours(24 * 7));
    let now = Clock::system().now();
    let ahead = now + day * 10;
    for n in 0..12 {
        store.prepare_days(now - day * n).await.unwrap();
    }
    assert_eq!(store.keeping_moment(now, keep).await.unwrap(), now);
    assert!(store.keeping_moment(ahead, keep).await.unwrap() < now + day * 2);
    // What is recorded by it makes days old, as days do that pass.
    store.prepare_days(ahead).await.unwrap();
    let moment = store.keeping_moment(ahead, keep).await.unwrap();
    assert!(moment < now + day * 4, "{moment:?}");
    for n in 2..10 {
        store.prepare_days(now + day * n).await.unwrap();
    }
    assert_eq!(store.keeping_moment(ahead, keep).await.unwrap(), ahead, "they have passed");
}

#[tokio::test]
async fn a_clock_that_stays_ahead_drops_no_more_each_time_that_keeping_is_looked_at() {
    let (store, _database) = store().await;
    let (day, keep) = (Duration::from_hours(24), Duration::from_hours(24 * 7));
    let now = Clock::system().now();
    for n in 0..12 {
        store.prepare_days(now - day * n).await.unwrap();
    }
    let ahead = now + day * 10;
    store.prepare_days(ahead).await.unwrap();
    let mut dropped = 0;
    for _ in 0..24 {
        let moment = store.keeping_moment(ahead, keep).await.unwrap();
        dropped += store.drop_checks_before(moment - keep).await.unwrap();
    }
    // Nine days stay: two that are ahead, tomorrow, today, and five before it.
    assert_eq!(dropped, 6);
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
