//! Withdrawn verdicts leave the record: outages are gone, and the time counts as unknown. What another region
//! sees is no new verdict.

use std::time::Duration;

use model::{
    moment::Moment,
    name::Region,
    outcome::Cause,
    uptime::{Span, share},
    verdict::{Change, Outage, SelfDoubt, Status, Verdict, Withdrawn},
};
use stillup::store::{Batch, Store};

use crate::support::{at, check, slug, store};

const SITE: &str = "a.example";

fn noon() -> Moment {
    at(crate::support::NOON)
}

fn second(n: u64) -> Moment {
    noon() + Duration::from_secs(n)
}

fn local() -> Region {
    Region::new("local").unwrap()
}

fn outage(start: u64, end: Option<u64>, region: &str) -> Outage {
    Outage {
        status: Status::Down,
        started_at: second(start),
        ended_at: end.map(second),
        cause: Some(Cause::http_status(503)),
        regions: vec![Region::new(region).unwrap()],
    }
}

fn change(at: u64, from: u64, status: Status, outages: Vec<Outage>) -> Change {
    let verdict = Verdict { status, since: Some(second(from)), ..Verdict::none_yet() };
    Change {
        at: second(at),
        from: second(from),
        verdict,
        outages,
        withdrawn: None,
        outages_only: false,
    }
}

/// Up since noon; down from 600 s because of our own network, found at 630 s; up again at 900 s.
fn changes() -> Vec<Change> {
    let unknown = change(630, 595, Status::Unknown, vec![]);
    let ours = Change {
        verdict: Verdict { doubt: Some(SelfDoubt::Intercepted), ..unknown.verdict },
        withdrawn: Some(Withdrawn { since: second(595), region: local() }),
        ..unknown
    };
    vec![
        change(0, 0, Status::Up, vec![]),
        change(300, 290, Status::Down, vec![outage(290, None, "local")]),
        change(400, 390, Status::Up, vec![outage(290, Some(390), "local")]),
        change(606, 600, Status::Down, vec![outage(600, None, "local")]),
        ours,
        change(900, 900, Status::Up, vec![]),
        change(1_000, 990, Status::Down, vec![outage(990, None, "local")]),
    ]
}

async fn write(store: &Store, changes: &[Change]) {
    let changes = changes.iter().map(|change| (slug(SITE), change.clone())).collect();
    let checks = vec![check(SITE, noon())];
    store.record(&Batch { changes, checks, ..Batch::default() }).await.unwrap();
}

async fn is_right(store: &Store, case: &str) {
    let outages = store.outages(&slug(SITE), 10).await.unwrap();
    let starts: Vec<_> = outages.iter().map(|row| row.outage.started_at).collect();
    assert_eq!(starts, [second(990), second(290)], "{case}");
    let spans = store.spans(&slug(SITE), second(1_100)).await.unwrap();
    let want = [
        (0, 290, Status::Up),
        (290, 390, Status::Down),
        (390, 595, Status::Up),
        (595, 900, Status::Unknown),
        (900, 990, Status::Up),
        (990, 1_100, Status::Down),
    ];
    let want =
        want.map(|(from, until, status)| Span { from: second(from), until: second(until), status });
    assert_eq!(spans, want, "{case}");
}

#[tokio::test]
async fn a_withdrawn_outage_is_gone_and_its_time_is_unknown() {
    let all = changes();
    // Together, one by one, and sent again from any place on, as after a kill.
    let (store, _database) = store().await;
    write(&store, &all).await;
    is_right(&store, "together").await;
    for begin in 0..all.len() {
        for change in &all[begin..] {
            write(&store, std::slice::from_ref(change)).await;
        }
        is_right(&store, &format!("again from {begin}")).await;
    }
}

#[tokio::test]
async fn hours_that_were_summed_are_summed_again_without_it() {
    let (store, _database) = store().await;
    let all = changes();
    write(&store, &all[..4]).await;
    let later = noon() + Duration::from_hours(2);
    while store.roll_up(later).await.unwrap().more {}
    for change in &all[4..] {
        write(&store, std::slice::from_ref(change)).await;
    }
    while store.roll_up(later).await.unwrap().more {}
    let spans = store.spans(&slug(SITE), second(1_100)).await.unwrap();
    let (judged, down) = (1_100.0 - 305.0, 100.0 + 110.0);
    let share = share(&spans, noon() - Duration::from_hours(1), second(1_100)).unwrap();
    assert!((share - (judged - down) / judged).abs() < 1e-9, "{share}");
}

#[tokio::test]
async fn what_other_regions_saw_stays() {
    let (store, _database) = store().await;
    let mut all = changes();
    all[3].outages = vec![outage(600, None, "sydney")];
    write(&store, &all).await;
    let outages = store.outages(&slug(SITE), 10).await.unwrap();
    assert_eq!(outages.len(), 3);
}

#[tokio::test]
async fn another_region_that_sees_an_outage_is_named_and_is_no_new_verdict() {
    let (store, database) = store().await;
    let mut both = outage(290, None, "local");
    both.regions.push(Region::new("sydney").unwrap());
    let joined = Change {
        outages_only: true,
        outages: vec![both.clone()],
        ..change(300, 290, Status::Down, vec![])
    };
    write(&store, &[change(300, 290, Status::Down, vec![outage(290, None, "local")])]).await;
    write(&store, &[Change { at: second(310), ..joined }]).await;
    let outages = store.outages(&slug(SITE), 10).await.unwrap();
    assert_eq!(outages[0].outage.regions, both.regions);
    let pool = sqlx::PgPool::connect_with(database.options()).await.unwrap();
    let rows: i64 =
        sqlx::query_scalar("SELECT count(*) FROM changes").fetch_one(&pool).await.unwrap();
    assert_eq!(rows, 1);
}
