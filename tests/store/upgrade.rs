//! Databases of older versions: every check comes through as it was, by whatever way it is kept now.

use std::collections::BTreeMap;

use sqlx::{PgPool, Row, postgres::PgRow, types::time::OffsetDateTime};
use stillup::{
    model::{
        history::Range,
        name::Region,
        outcome::{Answer, Cause, Failure, Phases},
        rollup::{Sheet, Step},
    },
    store::{CheckRow, Store},
};

use crate::{
    archive::emptied,
    support::{at, slug},
};

const OLD: &str = include_str!("old/0.1.0.sql");
/// The first version of the tables in which nothing of a check is null.
const FULL: i64 = 20_261_124_170_000;
/// The first one in which days share a row.
const SHEETS_OF_DAYS: i64 = 20_261_128_020_000;

/// Odd ones: none of a part or all of it, the ends of every range, text beyond ASCII.
const ODD: &str = "INSERT INTO checks (at, site_id, dns, connect, tls, wait, transfer, region_id,
    http_status, attempts, failure, restricted, detail) VALUES
    ('2026-11-18 00:00:00.001+00', 1, NULL, NULL, NULL, NULL, NULL, 1, NULL, 1, 1, false, 'no such name'),
    ('2026-11-18 00:00:00.002+00', 1, 0, 1, 126, 127, 128, 1, 100, 14, 9, false, NULL),
    ('2026-11-19 00:00:00.003+00', 1, 16382, 16383, 2097150, 2097151, 268435454, 1, 199, 15, NULL, false, NULL),
    ('2026-11-19 00:00:00.004+00', 1, 268435455, 2147483647, NULL, 0, NULL, 2, 201, 16, 8, false, 'HTTP 500'),
    ('2026-11-20 00:00:00.005+00', 1, 1, NULL, 3, NULL, 5, 1, 999, 255, NULL, true, NULL),
    ('2026-11-20 00:00:00.006+00', 1, 1, NULL, 3, NULL, 5, 1, 32767, 127, 4, false, 'é \u{1F980} \\x');
    INSERT INTO checks (at, site_id, region_id, attempts, failure, restricted, detail)
    SELECT '2026-11-20 00:00:00.01+00'::timestamptz + n * interval '1 s', 1, 1, 1, n, false, 'HTTP'
    FROM generate_series(1, 9) n;";

fn as_kept_before(row: &PgRow) -> CheckRow {
    let micros = |column| row.get::<Option<i32>, _>(column).map(|part| part as u32);
    let detail = || row.get::<Option<String>, _>("detail").unwrap_or_default().into();
    let failure = row.get::<Option<i16>, _>("failure");
    CheckRow {
        at: row.get::<OffsetDateTime, _>("at").into(),
        region: Region::new(row.get("region")).unwrap(),
        answer: match failure.map(|number| Failure::from_number(number as u8).unwrap()) {
            _ if row.get("restricted") => Answer::Restricted(detail()),
            Some(failure) => Answer::Failed(Cause { failure, detail: detail() }),
            None => Answer::Ok,
        },
        http_status: row.get::<Option<i16>, _>("http_status").map(|status| status as u16),
        phases: Phases {
            dns: micros("dns"),
            connect: micros("connect"),
            tls: micros("tls"),
            wait: micros("wait"),
            transfer: micros("transfer"),
        },
        attempts: row.get::<i16, _>("attempts") as u8,
    }
}

/// Every check of a site, newest first, as the version before read it.
async fn before(pool: &PgPool, site: &str) -> Vec<CheckRow> {
    let all = "SELECT c.*, r.name AS region FROM checks c JOIN regions r ON r.id = c.region_id
        JOIN sites s ON s.id = c.site_id WHERE s.slug = $1 ORDER BY c.at DESC, r.name";
    let rows = sqlx::query(all).bind(site).fetch_all(pool).await.unwrap();
    rows.iter().map(as_kept_before).collect()
}

#[tokio::test]
async fn every_check_is_as_it_was_once_its_row_is_rewritten() {
    let (pool, database) = emptied().await;
    sqlx::raw_sql(OLD).execute(&pool).await.unwrap();
    let mut until_then = sqlx::migrate!();
    until_then.migrations.to_mut().retain(|migration| migration.version < FULL);
    until_then.run(&pool).await.unwrap();
    sqlx::raw_sql(ODD).execute(&pool).await.unwrap();
    let mut expected = BTreeMap::new();
    for site in ["slack.com", "medium.com"] {
        expected.insert(site, before(&pool, site).await);
    }
    assert_eq!(expected["slack.com"].len(), 447);
    // A day that was being sealed when the older version was ended.
    sqlx::raw_sql("SELECT take_out_checks('2026-11-18')").execute(&pool).await.unwrap();

    let store = Store::connect(database.options()).await.unwrap();
    let sealed = store.seal(at("2026-11-19T12:00:00Z")).await.unwrap();
    assert_eq!(sealed, Some(at("2026-11-18T00:00:00Z")));
    for (site, expected) in &expected {
        assert_eq!(&store.recent_checks(&slug(site), 999, None).await.unwrap(), expected);
    }
    while store.seal(at("2026-11-21T12:00:00Z")).await.unwrap().is_some() {}
    for (site, expected) in &expected {
        assert_eq!(&store.recent_checks(&slug(site), 999, None).await.unwrap(), expected);
    }
    let left: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class WHERE relname ~ '^(old_|sealing_|checks_2)'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(left, Vec::<String>::new());
}

#[tokio::test]
async fn sums_of_days_are_as_they_were_once_many_share_a_row() {
    let (pool, database) = emptied().await;
    let mut until_then = sqlx::migrate!();
    until_then.migrations.to_mut().retain(|migration| migration.version < SHEETS_OF_DAYS);
    until_then.run(&pool).await.unwrap();
    let begun = "INSERT INTO sites (slug, url, name, added_at)
             VALUES ('a.example', 'https://a.example/', 'A', now());
         INSERT INTO regions (name) VALUES ('local');
         INSERT INTO rollup_progress (name, until)
             VALUES ('5m', '2026-11-20+00'), ('1d', '2026-11-20+00')";
    sqlx::raw_sql(begun).execute(&pool).await.unwrap();
    let (now, first) = (at("2026-11-20T00:00:00Z"), at("2026-01-01T00:00:00Z"));
    let day = Step::Day.length();
    let mut expected = Vec::new();
    for number in 0..now.since(first).as_secs() as u32 / 86_400 {
        // Of a day with nothing there was no row; with no checks, or no judged time, the version alone.
        if number % 35 == 0 || number % 70 > 60 {
            expected.push((0, 0));
            continue;
        }
        let (checks, judged) = (u64::from(number) % 7, u64::from(number) % 5 * 1_000);
        expected.push((checks, judged));
        for region in [0_i16, 1] {
            let mut sheet = Sheet::default();
            match region {
                0 => sheet.at(0).judged.up = judged,
                _ => sheet.at(0).checks = checks,
            }
            let row = "INSERT INTO rollups (at, site_id, region_id, step, sheet)
                VALUES ($1, 1, $2, 3, $3)";
            let row = sqlx::query(row).bind((first + day * number).to_datetime()).bind(region);
            row.bind(sheet.pack()).execute(&pool).await.unwrap();
        }
    }
    let store = Store::connect(database.options()).await.unwrap();
    let range = Range::new(first, now, Step::Day);
    let history = store.history(&slug("a.example"), range, now).await.unwrap();
    let read: Vec<_> = history.buckets.iter().map(|day| (day.checks, day.judged.whole())).collect();
    assert_eq!(read, expected);
    let rows: i64 =
        sqlx::query_scalar("SELECT count(*) FROM rollups").fetch_one(&pool).await.unwrap();
    assert_eq!(rows, 2 * 11);
}

#[tokio::test]
async fn a_database_of_an_older_version_keeps_its_data() {
    let (pool, database) = emptied().await;
    sqlx::raw_sql(OLD).execute(&pool).await.unwrap();
    let store = Store::connect(database.options()).await.unwrap();
    let now = at("2026-11-21T12:00:00Z");
    let counted: i64 =
        sqlx::query_scalar("SELECT count(*) FROM checks").fetch_one(&pool).await.unwrap();
    assert_eq!(counted, 648);
    while store.roll_up(now).await.unwrap().more {}
    while store.seal(now).await.unwrap().is_some() {}
    let (slack, medium) = (slug("slack.com"), slug("medium.com"));
    assert_eq!(store.recent_checks(&slack, 999, None).await.unwrap().len(), 432);
    assert_eq!(store.recent_checks(&medium, 999, None).await.unwrap().len(), 216);
    let outages = store.outages(&slack, 9).await.unwrap();
    assert_eq!((outages.len(), outages[0].outage.regions.len()), (1, 2));
    assert!(
        !store.uptimes(std::slice::from_ref(&medium), now).await.unwrap().contains_key(&medium)
    );
    let range = Range::new(at("2026-11-18T00:00:00Z"), now, Step::Day);
    let whole = store.history(&slack, range.as_one(), now).await.unwrap().buckets[0];
    assert_eq!((whole.checks, whole.failed, whole.judged.down), (432, 6, 3_600_051));
    let history = store.history(&slack, range, now).await.unwrap();
    assert!(history.buckets[1].judged.uptime().is_some_and(|uptime| uptime < 1.0));
}

#[tokio::test]
async fn tables_of_a_later_release_are_left_alone_and_named() {
    let (pool, database) = emptied().await;
    Store::connect(database.options()).await.unwrap().close().await;
    let later =
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
        VALUES (20991231000000, 'later', true, '', 0)";
    sqlx::raw_sql(later).execute(&pool).await.unwrap();
    let error = Store::connect(database.options()).await.unwrap_err().to_string();
    assert_eq!(
        error,
        "its tables were made by a later stillup (their version is 20991231000000): run that one"
    );
}
