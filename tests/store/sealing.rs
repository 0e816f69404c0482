//! Sealing: every check is there once, before, while and after its day is packed.

use std::time::Duration;

use sqlx::PgPool;
use stillup::{
    model::{
        check::Check, history::Range, moment::Moment, name::Region, outcome::Answer, rollup::Step,
    },
    postgres::throwaway::TestDatabase,
    store::{After, CheckRow, Store},
};

use crate::support::{at, check, failed, plain, slug, store, until_poll};

const SITE: &str = "a.example";
const DAY: &str = "2026-03-01T00:00:00Z";
const HOUR: Duration = Duration::from_hours(1);

/// Two days of checks of two sites and two regions, every four minutes, some of the same moment.
fn checks() -> Vec<Check> {
    let mut all = Vec::new();
    for n in 0..720_u64 {
        for (site, region) in [(SITE, "ams"), (SITE, "syd"), ("b.example", "ams")] {
            let odd = if region == "syd" { n % 3 } else { 0 };
            let moment = at(DAY) + Duration::from_mins(4 * n) + Duration::from_millis(odd);
            let mut one = match n % 50 {
                7 => failed(site, moment, "refused by \u{1F980}"),
                _ => check(site, moment),
            };
            if n % 50 == 9 {
                one.outcome.answer = Answer::Restricted("HTTP 403".into());
            }
            one.region = Region::new(region).unwrap();
            one.outcome.phases.wait =
                one.outcome.phases.wait.map(|wait| wait + (n * 377 % 9_000) as u32);
            all.push(one);
        }
    }
    all
}

/// When the first day may be sealed and the second not.
fn morning() -> Moment {
    at(DAY) + HOUR * 31
}

/// What reads must give, newest first.
fn expected(checks: &[Check]) -> Vec<CheckRow> {
    let ours = checks.iter().filter(|check| check.slug == slug(SITE));
    let mut rows: Vec<CheckRow> = ours
        .map(|check| CheckRow {
            at: check.at,
            region: check.region.clone(),
            answer: check.outcome.answer.clone(),
            http_status: check.outcome.http_status,
            phases: check.outcome.phases,
            attempts: check.attempts,
        })
        .collect();
    rows.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.region.cmp(&b.region)));
    rows
}

/// Every check of the site, read by pages of so many.
async fn pages(store: &Store, limit: u32) -> Vec<CheckRow> {
    let (mut all, mut after) = (Vec::new(), None::<After>);
    loop {
        let (from, until) = (at(DAY), at(DAY) + HOUR * 48);
        let page =
            store.checks_between(&slug(SITE), from, until, limit, after.as_ref()).await.unwrap();
        let Some(last) = page.last() else { return all };
        after = Some(After { at: last.at, region: last.region.clone() });
        assert!(page.len() <= limit as usize);
        all.extend(page);
    }
}

async fn single(database: &TestDatabase) -> (i64, i64) {
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    sqlx::query_as(
        "SELECT (SELECT count(*) FROM checks), (SELECT coalesce(sum(checks), 0) FROM sealed)",
    )
    .fetch_one(&pool)
    .await
    .unwrap()
}

async fn seal(store: &Store, now: Moment) -> u32 {
    let mut days = 0;
    loop {
        match store.seal(now).await {
            Ok(Some(_)) => days += 1,
            Ok(None) => return days,
            // As the job does: what was killed may still be letting go of its locks.
            Err(error) => assert!(error.is_temporary(), "{error}"),
        }
    }
}

#[tokio::test]
async fn sealed_and_single_checks_are_read_alike_whatever_the_page() {
    let (store, database) = store().await;
    let all = checks();
    store.record(&plain(all.clone())).await.unwrap();
    assert_eq!(seal(&store, at(DAY) + HOUR * 29).await, 0);
    assert_eq!(seal(&store, morning()).await, 1);
    assert_eq!(single(&database).await, (1080, 1080));
    let want = expected(&all);
    for limit in [1_000, 97, 7] {
        assert_eq!(pages(&store, limit).await, want, "{limit}");
    }
    let middle = at(DAY) + HOUR * 24 + Duration::from_mins(9);
    let recent = store.recent_checks(&slug(SITE), 50, Some(middle)).await.unwrap();
    let older: Vec<_> = want.iter().filter(|row| row.at < middle).take(50).cloned().collect();
    assert_eq!(recent, older);
    let hour = (at(DAY) + Duration::from_mins(10), at(DAY) + Duration::from_mins(70));
    let within = store.checks_between(&slug(SITE), hour.0, hour.1, 500, None).await.unwrap();
    let wanted = |row: &&CheckRow| row.at >= hour.0 && row.at < hour.1;
    assert_eq!(within, want.iter().filter(wanted).cloned().collect::<Vec<_>>());
}

#[tokio::test]
async fn what_comes_after_its_day_was_sealed_is_added_once() {
    let (store, database) = store().await;
    let all = checks();
    let late: Vec<Check> = all.iter().skip(5).step_by(9).cloned().collect();
    let first: Vec<Check> = all.iter().filter(|check| !late.contains(check)).cloned().collect();
    store.record(&plain(first.clone())).await.unwrap();
    seal(&store, morning()).await;
    // Late ones, and some that the journal sends again.
    store.record(&plain(late)).await.unwrap();
    store.record(&plain(first[..300].to_vec())).await.unwrap();
    let now = at(DAY) + HOUR * 60;
    while store.roll_up(now).await.unwrap().more {}
    let count = || async {
        let range = Range::new(at(DAY), now, Step::Day).as_one();
        store.history(&slug(SITE), range, now).await.unwrap().buckets[0].checks
    };
    assert_eq!((count().await, pages(&store, 97).await), (1440, expected(&all)));
    seal(&store, at(DAY) + HOUR * 31).await;
    assert_eq!(single(&database).await, (1080, 1080));
    store.roll_up_again(at(DAY), now, |_| {}).await.unwrap();
    assert_eq!((count().await, pages(&store, 97).await), (1440, expected(&all)));
    seal(&store, now).await;
    assert_eq!(single(&database).await, (0, 2160));
    store.roll_up_again(at(DAY), now, |_| {}).await.unwrap();
    assert_eq!((count().await, pages(&store, 97).await), (1440, expected(&all)));
}

#[tokio::test]
async fn killed_at_any_point_nothing_is_lost_and_nothing_is_there_twice() {
    let all = checks();
    for polls in 1..40_u32 {
        let (store, database) = store().await;
        store.record(&plain(all.clone())).await.unwrap();
        let cut = until_poll(polls, store.seal(morning())).await.is_none();
        assert_eq!(pages(&store, 500).await.len(), 1440, "{polls}");
        seal(&store, morning()).await;
        assert_eq!(pages(&store, 500).await, expected(&all), "{polls}");
        assert_eq!(single(&database).await, (1080, 1080), "{polls}");
        store.close().await;
        if !cut {
            assert!(polls > 8, "{polls}");
            return;
        }
    }
}

#[tokio::test]
async fn a_day_is_dropped_when_it_is_summed_and_past_keeping() {
    let (store, database) = store().await;
    store.record(&plain(checks())).await.unwrap();
    seal(&store, morning()).await;
    let later = at(DAY) + HOUR * 24 * 40;
    let keep = HOUR * 24 * 30;
    assert_eq!(store.drop_past_keeping(later, keep).await.unwrap(), 0, "nothing is summed yet");
    while store.roll_up(later).await.unwrap().more {}
    assert!(store.drop_past_keeping(later, keep).await.unwrap() >= 2);
    assert_eq!(single(&database).await, (0, 0));
    // A straggler does not write over what is left of its day.
    let mut straggler = check(SITE, at(DAY) + Duration::from_secs(61));
    straggler.region = Region::new("ams").unwrap();
    store.record(&plain(vec![straggler])).await.unwrap();
    while store.roll_up(later).await.unwrap().more {}
    store.roll_up_again(at(DAY), later, |_| {}).await.unwrap();
    let range = Range::new(at(DAY), later, Step::Day).as_one();
    let history = store.history(&slug(SITE), range, later).await.unwrap();
    assert_eq!(history.buckets[0].checks, 1440);
}

#[tokio::test]
async fn a_day_that_cannot_be_sealed_holds_up_no_other() {
    let (store, database) = store().await;
    store.record(&plain(checks())).await.unwrap();
    assert_eq!(seal(&store, morning()).await, 1);
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let swap = "UPDATE sealed SET packed = $1 WHERE (at, site_id, region_id) =
         (SELECT at, site_id, region_id FROM sealed ORDER BY 1, 2, 3 LIMIT 1)";
    let first = "SELECT packed FROM sealed ORDER BY at, site_id, region_id LIMIT 1";
    let packed: Vec<u8> = sqlx::query_scalar(first).fetch_one(&pool).await.unwrap();
    sqlx::query(swap).bind(vec![42_u8]).execute(&pool).await.unwrap();
    let late = ["ams", "syd"].map(|region| {
        let mut late = check(SITE, at(DAY) + Duration::from_secs(1));
        late.region = Region::new(region).unwrap();
        late
    });
    store.record(&plain(late.into())).await.unwrap();

    let later = morning() + HOUR * 24;
    // As the job does: a lock that somebody holds for a moment is tried for again.
    let mut sealed = Vec::new();
    let error = loop {
        match store.seal(later).await {
            Err(error) if !error.is_temporary() => break error,
            Err(_) => {}
            Ok(day) => sealed.push(day),
        }
    };
    assert_eq!(sealed, [Some(at(DAY) + HOUR * 24)]);
    assert!(error.to_string().contains("2026-03-01T00:00:00.000Z cannot be read"), "{error}");
    // What is late is where it was, and goes with the rest once that can be read.
    let total = checks().len() as i64;
    sqlx::query(swap).bind(packed).execute(&pool).await.unwrap();
    assert_eq!(seal(&store, later).await, 1);
    assert_eq!(single(&database).await, (0, total + 2));
}
