//! The queries of docs/schema.md and of the dashboard, run as a person would run them, and what they say.

use std::time::Duration;

use model::{check::Check, moment::Moment};
use sqlx::{AssertSqlSafe, Column, PgPool, Row, TypeInfo, postgres::PgRow};
use stillup::{
    private_postgres::throwaway::TestDatabase,
    store::{Batch, Store},
};

use crate::support::{at, check, failed, judge, slug, store};

const SITE: &str = "slack.com";

/// The queries of the page, each with the question above it.
fn queries() -> Vec<(String, String)> {
    let page = include_str!("../../docs/schema.md");
    let parts: Vec<&str> = page.split("```").collect();
    let queries = parts.windows(2).filter_map(|pair| {
        let query = pair[1].strip_prefix("sql\n")?;
        let question = pair[0].trim_end().rsplit('\n').next()?;
        Some((question.to_owned(), query.to_owned()))
    });
    queries.collect()
}

/// November: a check a minute of three days, and ten minutes of failures in the first.
async fn november() -> (Store, TestDatabase) {
    let (store, database) = store().await;
    let start = at("2026-11-19T00:00:00Z");
    let one = |minute: u64| -> Check {
        let moment = start + Duration::from_mins(minute);
        match minute {
            720..730 => failed(SITE, moment, "connection refused by 192.0.2.7"),
            _ => check(SITE, moment),
        }
    };
    let checks: Vec<Check> = (0..3 * 1440).map(one).collect();
    let (changes, state) = judge(&checks);
    let states = vec![(slug(SITE), state)];
    store.record(&Batch { checks, changes, states, ..Batch::default() }).await.unwrap();
    let now: Moment = at("2026-11-22T00:10:00Z");
    while store.roll_up(now).await.unwrap().more {}
    (store, database)
}

async fn answer(pool: &PgPool, question: &str) -> Vec<PgRow> {
    let found = queries().into_iter().find(|(asked, _)| asked.starts_with(question));
    let (_, query) = found.unwrap_or_else(|| panic!("nobody asks: {question}"));
    sqlx::query(AssertSqlSafe(query)).fetch_all(pool).await.unwrap()
}

#[tokio::test]
async fn every_query_of_the_page_runs_and_says_what_was() {
    let (_store, database) = november().await;
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let all = queries();
    assert!(all.len() >= 9, "{} queries", all.len());
    for (question, query) in all {
        let rows = sqlx::query(AssertSqlSafe(query)).fetch_all(&pool).await;
        assert!(rows.is_ok(), "{question} {:?}", rows.err());
    }

    let now = answer(&pool, "How is every site right now?").await;
    assert_eq!((now.len(), now[0].get::<String, _>("status")), (1, "up".to_owned()));

    let down = answer(&pool, "How long was slack.com down").await;
    let ten_minutes =
        sqlx::postgres::types::PgInterval { months: 0, days: 0, microseconds: 600_000_000 };
    assert_eq!(down[0].get::<sqlx::postgres::types::PgInterval, _>("down"), ten_minutes);
    let uptime: f64 = down[0].get("uptime_percent");
    assert!((uptime - 100.0 * (1.0 - 10.0 / 4320.0)).abs() < 1e-3, "{uptime}");

    let days = answer(&pool, "What was its p95 by day?").await;
    let checks: Vec<i32> = days.iter().map(|day| day.get("checks")).collect();
    assert_eq!(checks, [1440; 3]);

    let made = answer(&pool, "Which checks made its longest outage?").await;
    let told = |row: &PgRow| {
        let at: time::OffsetDateTime = row.get("at");
        (Moment::from(at), row.get::<String, _>("outcome"), row.get::<Option<String>, _>("failure"))
    };
    let made: Vec<_> = made.iter().map(told).collect();
    let (first, last) = (made.first().unwrap(), made.last().unwrap());
    let bad = (at("2026-11-19T12:00:00Z"), "failed".to_owned(), Some("connect".to_owned()));
    assert_eq!(*first, bad);
    assert_eq!((last.1.as_str(), &last.2), ("ok", &None));
    assert!(last.0 >= at("2026-11-19T12:10:00Z"), "{made:?}");

    let hour = answer(&pool, "Its single checks of a time").await;
    assert_eq!(hour.len(), 60);
    let hours = answer(&pool, "Where was it slow from").await;
    assert_eq!((hours.len(), hours[0].get::<String, _>("region")), (24, "local".to_owned()));
    let failures = answer(&pool, "Which failures were the most frequent?").await;
    assert_eq!(failures[0].get::<String, _>("failure"), "connect");
}

/// A query of a dashboard as Grafana sends it, for the time of [`november`].
fn expanded(query: &str) -> String {
    let (from, until) = ("'2026-11-19T00:00:00Z'", "'2026-11-22T00:10:00Z'");
    let mut parts = query.split("$__timeFilter(");
    let mut sent = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (column, rest) = part.split_once(')').unwrap();
        sent.extend([column, " BETWEEN ", from, " AND ", until, rest]);
    }
    let sent = sent.replace("$__timeFrom()", from).replace("$__timeTo()", until);
    let sent = sent.replace("${site}", SITE);
    assert!(!sent.contains('$'), "{sent}");
    sent
}

#[tokio::test]
async fn every_panel_of_the_dashboard_has_rows_and_columns_that_grafana_can_draw() {
    let dashboard = include_str!("../../deploy/grafana/stillup-record.json");
    let dashboard: serde_json::Value = serde_json::from_str(dashboard).unwrap();
    let (_store, database) = november().await;
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let ask = async |query: &serde_json::Value| {
        let query = expanded(query.as_str().unwrap());
        let asked = sqlx::query(AssertSqlSafe(query.clone())).fetch_all(&pool).await;
        asked.unwrap_or_else(|error| panic!("{query}: {error}"))
    };
    for variable in dashboard["templating"]["list"].as_array().unwrap() {
        assert_eq!(variable["query"], variable["definition"]);
        assert_eq!(ask(&variable["query"]).await.len(), 1);
    }
    let targets = dashboard["panels"].as_array().unwrap().iter().flat_map(|panel| {
        let targets = panel["targets"].as_array().unwrap();
        targets.iter().map(move |target| (panel["title"].as_str().unwrap(), target))
    });
    for (title, target) in targets {
        let rows = ask(&target["rawSql"]).await;
        // The view of 30 days is about those before the day on which the test runs.
        if title.starts_with("Uptime over 30 days") {
            continue;
        }
        assert!(!rows.is_empty(), "{title}");
        let kinds: Vec<(&str, &str)> = rows[0]
            .columns()
            .iter()
            .map(|column| (column.name(), column.type_info().name()))
            .collect();
        if target["format"] == "time_series" {
            assert_eq!(kinds[0], ("time", "TIMESTAMPTZ"), "{title}");
            for kind in &kinds[1..] {
                let is_number =
                    ["NUMERIC", "INT2", "INT4", "INT8", "FLOAT4", "FLOAT8"].contains(&kind.1);
                assert!(is_number || *kind == ("metric", "TEXT"), "{title}: {kind:?}");
            }
        }
    }
}

#[tokio::test]
async fn tables_of_another_stillup_are_told_as_that_and_left_alone() {
    let (_store, database) = store().await;
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    for change in [
        "UPDATE _sqlx_migrations SET checksum = 'x' WHERE version = 1",
        "UPDATE _sqlx_migrations SET version = 99999999 WHERE version = 1",
    ] {
        sqlx::query(change).execute(&pool).await.unwrap();
        let error = Store::connect(database.options()).await.unwrap_err();
        assert_eq!(error.short(), "the tables were made by another stillup", "{change}: {error}");
    }
}
