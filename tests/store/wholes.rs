//! Hours of a site as a whole, and those of its regions beside them.

use std::time::Duration;

use sqlx::PgPool;
use stillup::{
    model::{
        check::Check,
        history::{Point, Range, Whole},
        moment::Moment,
        name::Region,
        rollup::{Judged, Sheet, Step},
        verdict::{Change, Status, Verdict},
    },
    postgres::throwaway::TestDatabase,
    store::{Batch, Store},
};
use time::OffsetDateTime;

use crate::support::{at, check, slug, store};

const START: &str = "2026-03-01T10:00:00Z";
const SITE: &str = "a.example";
const HOUR: Duration = Duration::from_hours(1);

fn hour(n: u32) -> Moment {
    at(START) + HOUR * n
}

/// Two days of checks in two regions, the second of which sees half of the hours, and an outage.
fn record() -> Batch {
    let one = |n: u32, region: &str, wait| {
        let mut one = check(SITE, hour(n) + Duration::from_mins(7));
        one.region = Region::new(region).unwrap();
        one.outcome.phases.wait = Some(wait);
        one
    };
    let local = (0..48).map(|n| one(n, "local", 1_000 + n * 37));
    let far = (0..48).step_by(2).map(|n| one(n, "syd", 90_000 + n * 41));
    let checks: Vec<Check> = local.chain(far).collect();
    let change = |n: u32, status| {
        let verdict = Verdict { status, since: Some(hour(n)), ..Verdict::none_yet() };
        (slug(SITE), Change { at: hour(n), from: hour(n), verdict, outages: vec![] })
    };
    let changes = vec![change(0, Status::Up), change(20, Status::Down), change(22, Status::Up)];
    Batch { checks, changes, ..Batch::default() }
}

async fn summed() -> (Store, TestDatabase) {
    let (store, database) = store().await;
    store.record(&record()).await.unwrap();
    while store.roll_up(hour(60)).await.unwrap().more {}
    (store, database)
}

async fn hours(store: &Store) -> Vec<Point> {
    let range = Range::new(hour(0), hour(49), Step::Hour);
    store.history(&slug(SITE), range, hour(60)).await.unwrap().buckets
}

async fn as_one(store: &Store) -> Point {
    let range = Range::new(hour(0), hour(49), Step::Hour).as_one();
    store.history(&slug(SITE), range, hour(60)).await.unwrap().buckets[0]
}

/// Days of hours of this region.
async fn rows(pool: &PgPool, region: i16) -> Vec<(OffsetDateTime, Vec<u8>)> {
    sqlx::query_as("SELECT at, sheet FROM rollups WHERE step = 2 AND region_id = $1 ORDER BY at")
        .bind(region)
        .fetch_all(pool)
        .await
        .unwrap()
}

async fn write(pool: &PgPool, day: OffsetDateTime, sheet: Vec<u8>) {
    let query = "UPDATE rollups SET sheet = $1 WHERE step = 2 AND region_id = 0 AND at = $2";
    sqlx::query(query).bind(sheet).bind(day).execute(pool).await.unwrap();
}

#[tokio::test]
async fn hours_are_read_of_the_whole_site_and_many_as_one_of_its_regions() {
    let (store, database) = summed().await;
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let (points, one) = (hours(&store).await, as_one(&store).await);
    for n in [0, 1, 47] {
        assert_eq!(points[n].checks, if n % 2 == 0 { 2 } else { 1 }, "{n}");
        let highest = points[n].latency.map_or(0, |latency| latency.max);
        assert_eq!(highest > 90_000, n % 2 == 0, "{n}: {highest}");
    }
    assert_eq!(points[21].judged, Judged { down: 3_600_000, ..Judged::default() });
    assert_eq!(one.checks, points.iter().map(|point| point.checks).sum::<u64>());
    assert_eq!(one.judged.down, 2 * 3_600_000);
    assert_eq!(one.judged.whole(), points.iter().map(|point| point.judged.whole()).sum::<u64>());
    let highest = points.iter().filter_map(|point| point.latency).map(|latency| latency.max).max();
    assert_eq!(one.latency.map(|latency| latency.max), highest);
    // Regions are not looked at where the whole is known.
    sqlx::query("DELETE FROM rollups WHERE step = 2 AND region_id > 0")
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(hours(&store).await, points);
}

#[tokio::test]
async fn a_day_from_before_there_were_wholes_is_read_of_its_regions_and_becomes_one() {
    let (store, database) = summed().await;
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let (points, one) = (hours(&store).await, as_one(&store).await);
    let wholes = rows(&pool, 0).await;
    assert_eq!(wholes.len(), 2);
    assert!(wholes.iter().all(|(_, sheet)| Whole::is(sheet)));
    // The second day as it was written then: judged time alone.
    let (day, whole) = &wholes[1];
    let mut judged = Sheet::default();
    Whole::read(whole, |place, point| judged.at(place).judged = point.judged).unwrap();
    write(&pool, *day, judged.pack()).await;
    assert_eq!((hours(&store).await, as_one(&store).await), (points.clone(), one));
    store.roll_up_again(hour(0), hour(60), |_| ()).await.unwrap();
    assert_eq!(rows(&pool, 0).await, wholes);
    assert_eq!((hours(&store).await, as_one(&store).await), (points.clone(), one));
    // One that cannot be read hides no other day.
    write(&pool, *day, vec![2, 0, 1]).await;
    let read = hours(&store).await;
    assert_eq!((&read[..14], &read[38..]), (&points[..14], &points[38..]));
    assert_eq!(read[14].checks, 0);
}
