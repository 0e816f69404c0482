//! Retention: checks are read page by page while they are kept, and their rollups stay when they
//! are gone.

use std::time::Duration;

use model::{
    check::Check, history::HistoryRange, name::Region, outcome::Answer, restriction::Restriction,
    rollup::BucketLength,
};
use stillup::store::{Batch, CheckCursor, RecordedCheck, Store};

use crate::support::{at, check, count, failed, judge, plain, slug, store};

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
                one.outcome.answer = Answer::Restricted(Restriction::of_status(403));
            }
            one.region = Region::new(region).unwrap();
            one.outcome.phases.wait =
                one.outcome.phases.wait.map(|wait| wait + (n * 377 % 9_000) as u32);
            all.push(one);
        }
    }
    all
}

/// Expected rows, newest first.
fn expected(checks: &[Check]) -> Vec<RecordedCheck> {
    let ours = checks.iter().filter(|check| check.slug == slug(SITE));
    let mut rows: Vec<RecordedCheck> = ours
        .map(|check| RecordedCheck {
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

/// Every check of the site, read in pages of this size.
async fn pages(store: &Store, limit: u32) -> Vec<RecordedCheck> {
    let (mut all, mut after) = (Vec::new(), None::<CheckCursor>);
    loop {
        let (from, until) = (at(DAY), at(DAY) + HOUR * 48);
        let page = store
            .checks_between(&slug(SITE), None, (from, until), limit, after.as_ref())
            .await
            .unwrap();
        let Some(last) = page.last() else { return all };
        after = Some(CheckCursor { at: last.at, region: last.region.clone() });
        assert!(page.len() <= limit as usize);
        all.extend(page);
    }
}

#[tokio::test]
async fn checks_are_read_alike_whatever_the_page() {
    let (store, _database) = store().await;
    let all = checks();
    store.record(&plain(all.clone())).await.unwrap();
    let want = expected(&all);
    for limit in [1_000, 97, 7] {
        assert_eq!(pages(&store, limit).await, want, "{limit}");
    }
    let middle = at(DAY) + HOUR * 24 + Duration::from_mins(9);
    let recent = store.recent_checks(&slug(SITE), 50, Some(middle)).await.unwrap();
    let older: Vec<_> = want.iter().filter(|row| row.at < middle).take(50).cloned().collect();
    assert_eq!(recent, older);
    let hour = (at(DAY) + Duration::from_mins(10), at(DAY) + Duration::from_mins(70));
    let within = store.checks_between(&slug(SITE), None, hour, 500, None).await.unwrap();
    let wanted = |row: &&RecordedCheck| row.at >= hour.0 && row.at < hour.1;
    assert_eq!(within, want.iter().filter(wanted).cloned().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_day_is_dropped_when_it_is_summed_and_past_keeping() {
    let (store, database) = store().await;
    store.record(&plain(checks())).await.unwrap();
    let later = at(DAY) + HOUR * 24 * 40;
    let keep = HOUR * 24 * 30;
    assert_eq!(store.drop_past_keeping(later, keep).await.unwrap(), 0, "nothing is summed yet");
    while store.roll_up(later).await.unwrap().more {}
    assert!(store.drop_past_keeping(later, keep).await.unwrap() >= 2);
    assert_eq!(count(&database).await, 0);
    // A straggler does not write over what is left of its day.
    let mut straggler = check(SITE, at(DAY) + Duration::from_secs(61));
    straggler.region = Region::new("ams").unwrap();
    store.record(&plain(vec![straggler])).await.unwrap();
    while store.roll_up(later).await.unwrap().more {}
    store.roll_up_again(at(DAY), later, |_| {}).await.unwrap();
    let range = HistoryRange::new(at(DAY), later, BucketLength::Day).as_one();
    let history = store.history(&slug(SITE), range, later).await.unwrap();
    assert_eq!(history.buckets[0].checks, 1440);
}

#[tokio::test]
async fn the_checks_that_made_an_outage_outlive_the_others() {
    let (store, database) = store().await;
    let minute = |n: u64| at(DAY) + Duration::from_mins(n);
    let all: Vec<Check> = (0..30)
        .map(|n| match n {
            10..14 => failed(SITE, minute(n), "connection refused by 192.0.2.7"),
            _ => check(SITE, minute(n)),
        })
        .collect();
    // As the recorder writes them: some checks before the verdict that they make, some with it.
    store.record(&plain(all[..11].to_vec())).await.unwrap();
    let batch = |changes| Batch { checks: all[11..].to_vec(), changes, ..Batch::default() };
    store.record(&batch(judge(&all).0)).await.unwrap();
    let outage = store.outages(&slug(SITE), 9).await.unwrap().remove(0).outage;
    let end = outage.ended_at.unwrap();
    assert_eq!((outage.started_at, end), (minute(10), minute(14)));
    let made = async || {
        let until = end + Duration::from_millis(1);
        store
            .checks_between(&slug(SITE), None, (outage.started_at, until), 500, None)
            .await
            .unwrap()
    };
    let before = made().await;
    assert_eq!(before.len(), 5);

    let later = at(DAY) + HOUR * 24 * 40;
    while store.roll_up(later).await.unwrap().more {}
    store.drop_past_keeping(later, HOUR * 24 * 7).await.unwrap();
    assert_eq!(count(&database).await, 0);
    let after = made().await;
    // The first of them, until the verdict was settled, and the first good one.
    assert_eq!((after.first(), after.last()), (before.first(), before.last()));
    assert!(after.iter().all(|row| before.contains(row)), "{after:?}");
    // Sent again when the checks are gone, nothing of it is lost.
    store.record(&Batch { changes: judge(&all).0, ..Batch::default() }).await.unwrap();
    assert_eq!(made().await, after);
}
