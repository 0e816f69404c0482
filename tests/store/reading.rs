//! Reads of the record.

use std::time::Duration;

use model::{
    history::HistoryRange,
    name::Region,
    verdict::{Change, Outage, Status, Verdict},
};
use sqlx::{AssertSqlSafe, PgPool, Row as _, postgres::PgRow};
use stillup::store::{Batch, OutagesWanted, RecordedOutage};

use crate::support::{NOON, at, check, failed, is_skipped_on_cluster, judge, site, slug, store};

#[tokio::test]
async fn checks_come_back_as_they_were_newest_first_page_by_page() {
    let (store, _database) = store().await;
    let mut checks = Vec::new();
    for n in 0..10 {
        let mut one = check("a.example", at(NOON) + Duration::from_secs(n * 9_000));
        one.attempts = 2;
        if n % 2 == 1 {
            one.region = Region::new("syd").unwrap();
        }
        checks.push(one);
    }
    checks.push(check("b.example", at(NOON)));
    checks[9].outcome = failed("a.example", at(NOON), "refused").outcome;
    store.record(&Batch { checks: checks.clone(), ..Batch::default() }).await.unwrap();

    let first = store.recent_checks(&slug("a.example"), 4, None).await.unwrap();
    let next = store.recent_checks(&slug("a.example"), 99, Some(first[3].at)).await.unwrap();
    let all: Vec<_> = first.into_iter().chain(next).collect();
    assert_eq!(all.len(), 10);
    for (row, check) in all.iter().rev().zip(&checks) {
        assert_eq!((row.at, &row.region, row.attempts), (check.at, &check.region, 2));
        assert_eq!(row.answer, check.outcome.answer);
        assert_eq!(row.http_status, check.outcome.http_status);
        assert_eq!(row.phases, check.outcome.phases);
    }
    assert!(store.recent_checks(&slug("c.example"), 4, None).await.unwrap().is_empty());

    let latest =
        store.latest_checks(&[slug("a.example"), slug("b.example")], 3, at(NOON)).await.unwrap();
    assert_eq!((latest.len(), latest[&slug("b.example")].len()), (2, 1));
    let moments: Vec<_> = latest[&slug("a.example")].iter().map(|row| row.at).collect();
    assert_eq!(moments, checks[4..10].iter().map(|check| check.at).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_newest_checks_of_a_site_are_found_however_long_ago_they_were() {
    let (store, _database) = store().await;
    // A site a rhythm: how many checks, how far apart, how long ago the last was, and where from.
    let minute = Duration::from_mins(1);
    let rhythms = [
        ("often.example", 200, minute, Duration::ZERO, "ams"),
        ("often.example", 12, minute * 50, minute, "syd"),
        ("seldom.example", 40, minute * 90, minute * 7, "ams"),
        ("paused.example", 40, minute, Duration::from_hours(70), "syd"),
        ("long-paused.example", 15, minute * 3, Duration::from_hours(24 * 40), "ams"),
        ("few.example", 2, minute * 9_000, minute, "ams"),
    ];
    let mut checks = Vec::new();
    for (site, count, apart, ago, region) in rhythms {
        for n in 0..count {
            let mut one = check(site, at(NOON) - ago - apart * n);
            one.region = Region::new(region).unwrap();
            checks.push(one);
        }
    }
    let (_, state) = judge(&[check("often.example", at(NOON))]);
    let states = vec![(slug("often.example"), state)];
    store.record(&Batch { checks: checks.clone(), states, ..Batch::default() }).await.unwrap();
    let slugs: Vec<_> = rhythms.iter().map(|rhythm| slug(rhythm.0)).collect();
    // Just now, and long after a stop.
    for now in [at(NOON), at(NOON) + Duration::from_hours(24 * 90)] {
        let latest = store.latest_checks(&slugs, 10, now).await.unwrap();
        assert_eq!(latest.len(), 5);
        for slug in &slugs {
            let mut expected = Vec::new();
            for region in ["ams", "syd"] {
                let ours = checks
                    .iter()
                    .filter(|check| check.slug == *slug && check.region.as_str() == region);
                expected.extend(ours.map(|check| (check.at, region)).take(10));
            }
            expected.sort_unstable();
            let read = latest[slug].iter().map(|row| (row.at, row.region.as_str()));
            assert!(read.eq(expected), "{slug}");
        }
    }
}

#[tokio::test]
async fn a_site_that_the_catalogue_lets_go_keeps_its_history() {
    let (store, database) = store().await;
    let (gone, kept) = (slug("gone.example"), slug("kept.example"));
    let both = [site("gone.example"), site("kept.example")];
    let slugs = both.each_ref().map(|site| site.slug.clone());
    store.sync_sites(&both, at(NOON)).await.unwrap();
    let minute = |n: u64| at(NOON) + Duration::from_mins(n);
    let checks: Vec<_> = (0..4).map(|n| failed("gone.example", minute(n), "refused")).collect();
    let (changes, state) = judge(&checks);
    let states = vec![(gone.clone(), state)];
    store.record(&Batch { checks, changes, states, ..Batch::default() }).await.unwrap();

    store.sync_sites(&both[1..], minute(10)).await.unwrap();
    assert_eq!(store.recent_checks(&gone, 9, None).await.unwrap().len(), 4);
    let outages = store.outages(&gone, 9).await.unwrap();
    assert_eq!((outages.len(), outages[0].provider.as_deref()), (1, None));
    assert!(!store.uptimes(&slugs, minute(10)).await.unwrap().contains_key(&gone));
    assert!(store.latest_checks(&slugs, 9, minute(10)).await.unwrap().is_empty());

    store.sync_sites(&both, minute(20)).await.unwrap();
    store.sync_sites(&both, minute(30)).await.unwrap();
    assert!(store.uptimes(&slugs, minute(30)).await.unwrap().contains_key(&gone));
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let rows: Vec<(String, bool)> =
        sqlx::query_as("SELECT slug, added_at = $1 AND removed_at IS NULL FROM sites ORDER BY id")
            .bind(at(NOON).to_datetime())
            .fetch_all(&pool)
            .await
            .unwrap();
    let named = |slug: &model::name::Slug| (slug.as_str().to_owned(), true);
    assert_eq!(rows, [named(&gone), named(&kept)]);
}

#[tokio::test]
async fn reads_cost_the_same_whatever_lies_further_back() {
    let (store, database) = store().await;
    let day = |n: u64| at(NOON) + Duration::from_hours(24 * n);
    let checks = (0..30).map(|n| check("a.example", day(n))).collect();
    store.record(&Batch { checks, ..Batch::default() }).await.unwrap();
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let plan: Vec<String> = sqlx::query_scalar(
        "EXPLAIN (ANALYZE, TIMING OFF) SELECT at FROM checks WHERE site_id = 1 AND region_id = 1
         ORDER BY at DESC LIMIT 1",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    // Of 30 days, those that were read.
    let days = plan.iter().filter(|l| l.contains("on checks_") && !l.contains("never executed"));
    assert_eq!(days.count(), 1, "{plan:#?}");
}

#[tokio::test]
async fn no_statement_reads_a_large_table_without_an_index() {
    if is_skipped_on_cluster("it plans a statement for a site, and for none not at all") {
        return;
    }
    let (store, database) = store().await;
    for day in 0..3 {
        let noon = at(NOON) + Duration::from_hours(24 * day);
        store
            .record(&Batch { checks: vec![check("a.example", noon)], ..Batch::default() })
            .await
            .unwrap();
    }
    let later = at(NOON) + Duration::from_hours(24 * 3);
    while store.roll_up(later).await.unwrap().more {}
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let mut to = pool.acquire().await.unwrap();
    // Where there is no index, it is read whole even so.
    let settings = "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan";
    sqlx::raw_sql(settings).execute(&mut *to).await.unwrap();
    let mut plans = 0;
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.sqlx")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let told: serde_json::Value = serde_json::from_str(&text).unwrap();
        let statement = told["query"].as_str().unwrap();
        let parameters = told["describe"]["parameters"]["Left"].as_array().map_or(0, Vec::len);
        let nulls = vec!["NULL"; parameters].join(", ");
        let nulls = if nulls.is_empty() { nulls } else { format!("({nulls})") };
        sqlx::raw_sql(AssertSqlSafe(format!("PREPARE asked AS {statement}")))
            .execute(&mut *to)
            .await
            .unwrap();
        let plan: Vec<PgRow> =
            sqlx::raw_sql(AssertSqlSafe(format!("EXPLAIN EXECUTE asked{nulls}")))
                .fetch_all(&mut *to)
                .await
                .unwrap();
        for line in plan.iter().map(|row| row.get::<String, _>(0)) {
            let whole = line.split_once("Seq Scan on ").map_or("", |(_, table)| table);
            let large = ["checks", "rollups_", "outages", "changes"];
            assert!(!large.iter().any(|table| whole.starts_with(table)), "{line}: {statement}");
        }
        sqlx::raw_sql("DEALLOCATE asked").execute(&mut *to).await.unwrap();
        plans += 1;
    }
    assert!(plans > 90, "{plans} statements");
}

#[tokio::test]
async fn a_store_that_is_closed_may_be_asked_again_later() {
    let (store, _database) = store().await;
    store.ping().await.unwrap();
    store.close().await;
    assert!(store.ping().await.unwrap_err().is_temporary());
}

/// Outages of three sites, two of which always begin at once.
fn outages() -> Batch {
    let mut batch = Batch::default();
    for n in 0..30_u64 {
        let moment = at(NOON) + Duration::from_mins(n / 2);
        let name = ["a.example", "b.example", "c.example"][n as usize % 3];
        let outage = Outage {
            status: Status::Down,
            started_at: moment,
            ended_at: Some(moment + Duration::from_secs(30)),
            cause: None,
            regions: vec![],
        };
        let verdict = Verdict { status: Status::Up, since: Some(moment), ..Verdict::none_yet() };
        let change = Change {
            at: moment,
            from: moment,
            verdict,
            outages: vec![outage],
            withdrawn: None,
            outages_only: false,
        };
        batch.changes.push((slug(name), change));
    }
    batch
}

#[tokio::test]
async fn outages_are_turned_on_and_back_over_every_one_once() {
    let (store, database) = store().await;
    let sites = ["a.example", "b.example", "c.example"].map(site);
    store.sync_sites(&sites, at(NOON)).await.unwrap();
    store.record(&outages()).await.unwrap();
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let blamed = "UPDATE outages SET provider = 'aws' WHERE started_at < $1";
    let seventh = (at(NOON) + Duration::from_mins(7)).to_datetime();
    sqlx::query(blamed).bind(seventh).execute(&pool).await.unwrap();
    let aws = Some("aws".into());
    for (site, provider, count) in
        [(None, None, 30), (Some(slug("b.example")), None, 10), (None, aws, 14)]
    {
        let mut wanted = OutagesWanted { site, provider, ..OutagesWanted::newest(99) };
        let place =
            |row: &RecordedOutage| (row.outage.started_at, row.slug.clone(), row.outage.status);
        let all = store.outages_page(&wanted).await.unwrap();
        assert_eq!(all.len(), count);
        for (number, row) in all.iter().enumerate() {
            wanted.after = Some(place(row));
            wanted.limit = 4;
            let older = store.outages_page(&wanted).await.unwrap();
            let newer = store.outages_before(&wanted).await.unwrap();
            assert_eq!(older, all[number + 1..(number + 5).min(count)]);
            assert_eq!(newer, all[number.saturating_sub(4)..number]);
        }
    }
}

#[tokio::test]
async fn a_page_for_people_is_full_behind_any_number_of_outages_that_nobody_noticed() {
    let (store, _database) = store().await;
    let mut batch = outages();
    // Newer than all of these, for every status and length around the limits.
    let ended = [0, 1, 999, 59_999, 60_000].map(|millis| Some(Duration::from_millis(millis)));
    let kinds = [Status::Slow, Status::Partial, Status::Down]
        .into_iter()
        .flat_map(|status| ended.into_iter().chain([None]).map(move |long| (status, long)));
    for (n, (status, long)) in (1..).zip(kinds.cycle().take(90)) {
        let (slug, mut change) = batch.changes[0].clone();
        let start = at(NOON) + Duration::from_hours(n);
        let outage = &mut change.outages[0];
        (outage.status, outage.started_at) = (status, start);
        outage.ended_at = long.map(|long| start + long);
        (change.at, change.from) = (start, start);
        batch.changes.push((slug, change));
    }
    store.record(&batch).await.unwrap();
    let all = OutagesWanted::newest(999);
    let noticed = OutagesWanted { noticeable: true, ..all.clone() };
    let rows = store.outages_page(&all).await.unwrap();
    assert_eq!(rows.len(), 120);
    let left: Vec<_> = rows.iter().filter(|row| !row.outage.is_momentary()).cloned().collect();
    assert_eq!(left.len(), 30 + 90 / 18 * 12);
    assert_eq!(store.outages_page(&noticed).await.unwrap(), left);
    for (number, row) in left.iter().enumerate().step_by(7) {
        let place = (row.outage.started_at, row.slug.clone(), row.outage.status);
        let page = OutagesWanted { after: Some(place), limit: 20, ..noticed.clone() };
        let older = store.outages_page(&page).await.unwrap();
        assert_eq!(older, left[number + 1..(number + 21).min(left.len())]);
        let newer = store.outages_before(&page).await.unwrap();
        assert_eq!(newer, left[number.saturating_sub(20)..number]);
    }
    let (from, until) = (at(NOON), at(NOON) + Duration::from_hours(24 * 30));
    for (wanted, count) in [(&all, 120), (&noticed, left.len() as u64)] {
        let months = store.outage_months(wanted, (from, until), until).await.unwrap();
        assert_eq!(months.iter().map(|month| month.count).sum::<u64>(), count);
    }
}

#[tokio::test]
async fn connections_that_rested_while_postgres_started_again_cost_nobody_an_answer() {
    let (store, database) = store().await;
    let (a, now) = (slug("a.example"), at(NOON));
    let checks = vec![check("a.example", now)];
    store.record(&Batch { checks, ..Batch::default() }).await.unwrap();
    store.warm_up(&a, now + Duration::from_mins(1)).await.unwrap();
    let other = PgPool::connect_with(database.options()).await.unwrap();
    let ended: Vec<bool> = sqlx::query_scalar(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'stillup'",
    )
    .fetch_all(&other)
    .await
    .unwrap();
    assert!(ended.len() >= 5 && ended.iter().all(|ended| *ended), "{ended:?}");
    // A connection in use is not tested each time: only after a second of rest.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    for _ in 0..ended.len() {
        let range =
            HistoryRange::last(Duration::from_hours(24), now + Duration::from_mins(1)).as_one();
        let history = store.history(&a, range, now + Duration::from_mins(1)).await.unwrap();
        assert_eq!(history.buckets[0].checks, 1);
        store.ping().await.unwrap();
    }
}

#[tokio::test]
async fn a_catalogue_of_eighty_thousand_sites_is_mirrored_within_the_deadline_of_a_write() {
    let (store, database) = store().await;
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let watched = async || {
        let count = "SELECT count(*) FROM sites WHERE removed_at IS NULL";
        sqlx::query_scalar::<_, i64>(count).fetch_one(&pool).await.unwrap()
    };
    let mut sites: Vec<_> = (0..80_000).map(|n| site(&format!("s{n}.example"))).collect();
    store.sync_sites(&sites, at(NOON)).await.unwrap();
    // A start later nothing is new, and then nearly all of them go.
    store.sync_sites(&sites, at(NOON)).await.unwrap();
    assert_eq!(watched().await, 80_000);
    sites.truncate(1_000);
    store.sync_sites(&sites, at(NOON)).await.unwrap();
    assert_eq!(watched().await, 1_000);
}
