//! Uptime out of what was recorded, to the second.

use std::time::Duration;

use model::{
    moment::Moment,
    name::Slug,
    outcome::{Cause, Failure},
    uptime::Uptime,
    verdict::{Change, Status, Verdict},
};
use stillup::store::Batch;

use crate::support::{at, slug, store};

const NOW: &str = "2026-03-31T12:00:00Z";

fn change(from: Moment, status: Status) -> Change {
    let cause = (status == Status::Down).then(|| Cause::new(Failure::Timeout, "no answer"));
    let verdict = Verdict { status, since: Some(from), cause, ..Verdict::none_yet() };
    Change {
        at: from + Duration::from_secs(30),
        from,
        verdict,
        outages: vec![],
        withdrawn: None,
        outages_only: false,
    }
}

fn ago(seconds: u64) -> Moment {
    at(NOW) - Duration::from_secs(seconds)
}

async fn uptime(changes: &[(u64, Status)]) -> Option<Uptime> {
    let (store, _database) = store().await;
    let site: Slug = slug("a.example");
    let changes =
        changes.iter().map(|&(from, status)| (site.clone(), change(ago(from), status))).collect();
    let other = (slug("b.example"), change(ago(5_000_000), Status::Down));
    let batch = Batch { changes, ..Batch::default() };
    store.record(&batch).await.unwrap();
    store.record(&Batch { changes: vec![other], ..Batch::default() }).await.unwrap();
    // In any order and any number of times.
    store.record(&batch).await.unwrap();
    let asked = [site.clone(), slug("b.example")];
    let got = store.uptimes(&asked, at(NOW)).await.unwrap();
    let got = got.get(&site).copied();
    // The spans of the one site give the same.
    let spans = store.spans(&site, at(NOW)).await.unwrap();
    assert_eq!(Uptime::of(&spans, at(NOW)), got.unwrap_or_default());
    assert!(store.spans(&slug("c.example"), at(NOW)).await.unwrap().is_empty());
    got
}

const DAY: u64 = 86_400;

#[tokio::test]
async fn windows_begin_and_end_to_the_second() {
    // Down for the first second of each window, and for one that is just outside.
    let changes = [
        (100 * DAY, Status::Up),
        (30 * DAY + 1, Status::Down),
        (30 * DAY - 1, Status::Up),
        (DAY, Status::Down),
        (DAY - 1, Status::Up),
    ];
    let got = uptime(&changes).await.unwrap();
    let share = |days: u64, down: u64| Some((days * DAY - down) as f64 / (days * DAY) as f64);
    assert_eq!(got.day, share(1, 1));
    assert_eq!(got.week, share(7, 1));
    assert_eq!(got.month, share(30, 2));
    assert_eq!(got.quarter, share(90, 3));
}

#[tokio::test]
async fn time_without_evidence_counts_as_neither_and_slow_and_partial_as_up() {
    let hour = 3_600;
    let changes = [
        (20 * hour, Status::Down),
        (15 * hour, Status::Slow),
        (10 * hour, Status::Unknown),
        (5 * hour, Status::Partial),
    ];
    let got = uptime(&changes).await.unwrap();
    assert_eq!(got.day, Some(2.0 / 3.0));
    assert_eq!((got.week, got.since), (None, Some(ago(20 * hour))), "it was not watched");
    let silent = uptime(&[(6 * DAY, Status::Up), (DAY + 60, Status::Unknown)]).await.unwrap();
    assert_eq!((silent.day, silent.week), (None, Some(1.0)));
    assert_eq!(uptime(&[]).await, None);
}

#[tokio::test]
async fn what_held_when_the_window_began_is_known() {
    let got = uptime(&[(400 * DAY, Status::Down), (200 * DAY, Status::Up)]).await.unwrap();
    assert_eq!(got.quarter, Some(1.0));
    let got = uptime(&[(200 * DAY, Status::Down)]).await.unwrap();
    assert_eq!(got.quarter, Some(0.0));
}
