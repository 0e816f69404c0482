//! Copies of notices and planned work, as a person queries them.

use std::time::Duration;

use model::{
    notice::{Impact, Notice, NoticeState, NoticeUpdate},
    planned::{PlannedWork, Recurrence, WorkTimes, time_zone},
    scope::Scope,
};
use sqlx::{PgPool, Row, postgres::types::PgInterval};

use crate::support::{at, slug, store};

fn update(number: usize, state: NoticeState) -> NoticeUpdate {
    let at = at("2026-11-20T12:00:00Z") + Duration::from_mins(number as u64);
    NoticeUpdate {
        id: format!("n-1-{number}").into(),
        at,
        state,
        text: "It\u{0} is so.".into(),
        by: "ci".into(),
    }
}

#[tokio::test]
async fn a_notice_and_planned_work_are_plain_rows_that_follow_what_is_said() {
    let (store, database) = store().await;
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let mut notice = Notice {
        id: "n-1".into(),
        title: "Sign-in fails".into(),
        impact: Impact::Major,
        scope: Scope { sites: vec![slug("slack.com")], ..Scope::default() },
        started_at: at("2026-11-20T11:00:00Z"),
        tell: true,
        updates: vec![update(1, NoticeState::Investigating)],
    };
    store.copy_notice(&notice).await.unwrap();
    notice.updates.push(update(2, NoticeState::Resolved));
    for _ in 0..2 {
        store.copy_notice(&notice).await.unwrap();
    }
    let row = sqlx::query("SELECT state, sites, resolved_at - started_at AS lasted FROM notices");
    let row = row.fetch_one(&pool).await.unwrap();
    assert_eq!(row.get::<String, _>("state"), "resolved");
    assert_eq!(row.get::<Vec<String>, _>("sites"), ["slack.com"]);
    assert_eq!(row.get::<PgInterval, _>("lasted").microseconds, 62 * 60 * 1_000_000);
    let texts = "SELECT text FROM notice_updates WHERE notice = 'n-1' ORDER BY at";
    let texts: Vec<String> = sqlx::query_scalar(texts).fetch_all(&pool).await.unwrap();
    assert_eq!(texts, ["It is so.", "It is so."], "Postgres keeps no zero byte");

    let zone = time_zone("Europe/Amsterdam").unwrap();
    let rule = Recurrence::parse("FREQ=WEEKLY;BYDAY=SU").unwrap();
    let except = vec!["2026-12-27".parse().unwrap()];
    let starts = "2026-12-06T02:00:00".parse().unwrap();
    let times = WorkTimes::new(starts, zone, Duration::from_hours(2), Some(rule), except).unwrap();
    let mut work = PlannedWork {
        id: "p-1".into(),
        name: "Upgrade".into(),
        text: "".into(),
        scope: Scope::default(),
        times,
        announced_at: Some(at("2026-11-20T12:00:00Z")),
        cancelled_at: None,
        by: "ci".into(),
    };
    store.copy_planned(&work).await.unwrap();
    work.cancelled_at = Some(at("2026-11-21T12:00:00Z"));
    store.copy_planned(&work).await.unwrap();
    let row = "SELECT (starts AT TIME ZONE time_zone)::text AS first, lasts::text AS lasts, rrule, \
               except_days::text AS except_days, cancelled_at IS NOT NULL AS cancelled FROM planned_work";
    let row = sqlx::query(row).fetch_one(&pool).await.unwrap();
    assert!(row.get::<String, _>("first").starts_with("2026-12-06 0"), "a moment");
    assert_eq!(row.get::<String, _>("lasts"), "02:00:00");
    assert_eq!(row.get::<String, _>("rrule"), "FREQ=WEEKLY;BYDAY=SU");
    assert_eq!(row.get::<String, _>("except_days"), "{2026-12-27}");
    assert!(row.get::<bool, _>("cancelled"));
}
