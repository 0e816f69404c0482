//! Checks and outages: from the record, and from the board while the record is away.

use std::time::Duration;

use serde_json::{Value, json};

use super::{api::ask, get, world::*};
use crate::{
    private_postgres::throwaway::{self, TestDatabase},
    store::{Batch, Store},
    web::{Web, router},
};
use model::{
    check::Check,
    judge::{Limits, Rules, SiteState},
    name::{Region, Slug},
    outcome::{Answer, Failure, Outcome},
    verdict::Outage,
};

/// The world with a record that has ten checks of two regions and the outage that they make.
pub(super) async fn recorded() -> (World, TestDatabase) {
    let mut world = world();
    let database = throwaway::database().await.unwrap();
    let store = Store::connect(database.options()).await.unwrap();
    let mut batch = Batch::default();
    let mut state = SiteState::default();
    let limits = Limits::of(&site("slack.com", "Slack", &[]));
    for minute in 0..5 {
        for region in ["ams", "syd"] {
            let good = !(2..=3).contains(&minute);
            let outcome = if good {
                answered(Answer::Ok, 200, 24_122)
            } else {
                Outcome::failed(Failure::Connect, "=HYPERLINK(\"x\"), refused")
            };
            let check = Check {
                slug: Slug::new("slack.com").unwrap(),
                region: Region::new(region).unwrap(),
                at: now() - MINUTE * (10 - minute),
                outcome,
                attempts: 1,
            };
            let step = state.check(&check, &limits, &Rules::default());
            batch.changes.extend(step.changes.into_iter().map(|c| (check.slug.clone(), c)));
            batch.checks.push(check);
        }
    }
    store.record(&batch).await.unwrap();
    let (link, record) = tokio::sync::watch::channel(Some(store));
    // The other end lives as long as the test.
    std::mem::forget(link);
    world.web = Web { record, ..world.web };
    world.router = router(world.web.clone());
    (world, database)
}

/// All pages of a list, by their cursors.
async fn pages(world: &World, address: &str, list: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = ask(world, &format!("{address}&cursor={cursor}")).await;
        assert_eq!(page["fresh"], true);
        all.extend(page[list].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return all,
        }
    }
}

#[tokio::test]
async fn checks_come_from_the_record_whole_and_by_pages() {
    let (world, _database) = recorded().await;
    let all = pages(&world, "/api/v1/sites/slack.com/checks?limit=3", "checks").await;
    let places: Vec<_> =
        all.iter().map(|c| (c["at"].to_string(), c["region"].to_string())).collect();
    let mut sorted = places.clone();
    sorted.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    assert_eq!((all.len(), &places), (10, &sorted));
    let want = json!({
        "at": "2017-02-28T14:03:00.000Z", "region": "ams", "outcome": "connect",
        "restricted": false, "http_status": null, "latency_ms": null, "attempts": 1,
        "phases": {"dns_ms": null, "connect_ms": null, "tls_ms": null, "wait_ms": null,
                   "transfer_ms": null},
        "detail": "=HYPERLINK(\"x\"), refused",
    });
    assert_eq!(all[2], want);
    assert_eq!(
        (&all[9]["phases"]["dns_ms"], &all[9]["latency_ms"]),
        (&json!(8.001), &json!(84.123))
    );
    let span =
        "/api/v1/sites/slack.com/checks?from=2017-02-28T14:01:00Z&to=2017-02-28T14:03:00Z&limit=1";
    assert_eq!(pages(&world, span, "checks").await.len(), 4);
}

#[tokio::test]
async fn outages_come_from_the_record_and_are_filtered() {
    let (world, _database) = recorded().await;
    let of_site = pages(&world, "/api/v1/sites/slack.com/outages?limit=1", "outages").await;
    let all = pages(&world, "/api/v1/outages?limit=1", "outages").await;
    assert_eq!((of_site.len(), &of_site), (2, &all), "both began at one moment");
    assert_eq!(all[0]["id"], "slack.com-1488290520000-down");
    assert_eq!(all[0]["cause"]["failure"], "connect");
    assert_eq!(all[0]["regions"], json!(["ams", "syd"]));
    for (query, count) in [
        ("state=ongoing", 1),
        ("state=ended", 1),
        ("site=slack.com", 2),
        ("site=medium.com", 0),
        ("provider=aws", 0),
    ] {
        let page = ask(&world, &format!("/api/v1/outages?{query}")).await;
        assert_eq!(page["outages"].as_array().unwrap().len(), count, "{query}");
    }
}

#[tokio::test]
async fn csv_has_a_header_row_and_no_formulas() {
    let (world, _database) = recorded().await;
    let got = get(&world.router, "/api/v1/sites/slack.com/checks?format=csv&limit=3").await;
    assert_eq!(got.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert!(!got.header("x-next-cursor").is_empty());
    let lines: Vec<_> = got.text().split("\r\n").collect();
    assert!(lines[0].starts_with("at,region,outcome,restricted,http_status,latency_ms,dns_ms,"));
    assert!(lines[3].ends_with(",1,\"'=HYPERLINK(\"\"x\"\"), refused\""), "{}", lines[3]);
    assert_eq!(lines.len(), 5);
    let got = get(&world.router, "/api/v1/outages?format=csv").await;
    assert!(
        got.text().contains("\r\nslack.com-1488290520000-down,slack.com,down,2017-02-28T14:02:")
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_record_the_board_answers_and_says_so() {
    let world = world();
    let page = ask(&world, "/api/v1/sites/slack.com/checks").await;
    assert_eq!(
        (&page["fresh"], &page["as_of"]),
        (&json!(false), &json!("2017-02-28T14:09:55.000Z"))
    );
    let checks = page["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 3);
    assert_eq!(
        (&checks[0]["outcome"], &checks[0]["detail"]),
        (&json!("dns"), &json!("no such name"))
    );
    let next = ask(&world, "/api/v1/sites/slack.com/checks?limit=2").await;
    let cursor = next["next_cursor"].as_str().unwrap();
    let rest = ask(&world, &format!("/api/v1/sites/slack.com/checks?cursor={cursor}")).await;
    assert_eq!(rest["checks"], json!([checks[2]]));
    let page = ask(&world, "/api/v1/outages?state=ongoing").await;
    let slugs: Vec<_> = page["outages"].as_array().unwrap().iter().map(|o| &o["slug"]).collect();
    assert_eq!(slugs, ["slack.com", "www.gov.uk", "buzzfeed.com"]);
    assert_eq!(
        (&page["fresh"], &page["outages"][0]["duration_seconds"]),
        (&json!(false), &json!(65))
    );
}

#[tokio::test(start_paused = true)]
async fn what_the_memory_does_not_reach_is_never_passed_over() {
    let world = world();
    let up = vec![answered(Answer::Ok, 200, 24_122); 40];
    world.fold(&site("medium.com", "Medium", &[]), &[("local", &up), ("syd", &up)]);
    let address = "/api/v1/sites/medium.com/checks?limit=1000";
    let page = ask(&world, address).await;
    let checks = page["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 30);
    let cursor = page["next_cursor"].as_str().unwrap();
    let csv = get(&world.router, &format!("{address}&format=csv")).await;
    assert_eq!((csv.text().lines().count(), csv.header("x-next-cursor")), (31, cursor));
    let as_of = page["as_of"].as_str().unwrap();
    assert_eq!((csv.header("x-fresh"), csv.header("x-as-of")), ("false", as_of));
    let known = ask(&world, &format!("{address}&from=2017-02-28T14:00:00Z")).await;
    assert_eq!(
        (known["checks"].as_array().unwrap().len(), &known["next_cursor"]),
        (20, &Value::Null)
    );
    for beyond in [
        format!("{address}&cursor={cursor}"),
        format!("{address}&cursor={cursor}&format=csv"),
        format!("{address}&from=2017-02-27T00:00:00Z&to=2017-02-28T00:00:00Z"),
        "/api/v1/sites/intranet/outages".to_owned(),
        "/api/v1/outages".to_owned(),
    ] {
        let got = get(&world.router, &beyond).await;
        assert_eq!((got.status.as_u16(), got.header("retry-after")), (503, "5"), "{beyond}");
        assert_eq!(got.header("content-type"), "application/problem+json");
    }
}

#[tokio::test(start_paused = true)]
async fn outages_in_memory_are_all_there_are_only_where_the_record_said_so() {
    let world = world();
    let address = "/api/v1/sites/slack.com/outages";
    let page = ask(&world, address).await;
    assert_eq!(page["outages"].as_array().unwrap().len(), 1);
    let next = format!("{address}?cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(get(&world.router, &next).await.status, 503);
    for live in world.board.sites() {
        world.board.fill(&live.site.slug, &[], &[], true);
    }
    for address in
        [address, &next, "/api/v1/sites/intranet/outages", "/api/v1/outages?state=ongoing"]
    {
        assert_eq!(ask(&world, address).await["next_cursor"], Value::Null, "{address}");
    }
    // A detected provider counts as serving the site as well as one that the catalogue names.
    world.board.set_found(&Slug::new("www.gov.uk").unwrap(), "fastly");
    let page = ask(&world, "/api/v1/outages?provider=fastly").await;
    assert_eq!(page["outages"][0]["slug"], "www.gov.uk");
    assert!(page["next_cursor"].is_string());
    // Sites that are watched no more are in the record alone.
    assert!(ask(&world, "/api/v1/outages").await["next_cursor"].is_string());
    let outage = world.board.site("slack.com").unwrap().outages[0].clone();
    let day = Duration::from_hours(24);
    let older: Vec<_> = (1..=10)
        .map(|days| (outage.started_at - day * days, outage.clone()))
        .map(|(started_at, outage)| Outage {
            started_at,
            ended_at: Some(started_at + MINUTE),
            ..outage
        })
        .collect();
    world.board.fill(&Slug::new("slack.com").unwrap(), &[], &older, true);
    let page = ask(&world, address).await;
    assert_eq!(page["outages"].as_array().unwrap().len(), 9);
    let next = format!("{address}?cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(get(&world.router, &next).await.status, 503);
    let page = ask(&world, "/api/v1/outages").await;
    assert_eq!(page["outages"].as_array().unwrap().len(), 11, "of all sites, as far as it is sure");
    assert!(page["next_cursor"].is_string());
}

#[tokio::test(start_paused = true)]
async fn hostile_questions_about_the_past_are_refused_in_words() {
    let world = world();
    for (address, wrong) in [
        ("/api/v1/sites/slack.com/checks?cursor=1-ff&limit=1e3", &["limit", "cursor"][..]),
        ("/api/v1/sites/slack.com/checks?from=yesterday&to=2017-02-28", &["from", "to"]),
        (
            "/api/v1/sites/slack.com/checks?from=2017-02-28T14:00:00Z&to=2017-02-28T13:00:00Z",
            &["to"],
        ),
        ("/api/v1/outages?cursor=-1-61&state=over&site=slack.com&x", &["state", "cursor", "x"]),
        ("/api/v1/outages?cursor=99999999999999999999-61", &["cursor"]),
        ("/api/v1/sites/slack.com/outages?provider=aws", &["provider"]),
        ("/api/v1/sites/slack.com/outages?limit=1&limit=2&_=1&_=2", &["limit"]),
        ("/api/v1/sites?status=up&status=down&q=a&q=b&q=c", &["status", "q"]),
    ] {
        let got = get(&world.router, address).await;
        assert_eq!(got.status, 400, "{address}");
        let named = got.json()["errors"].as_array().unwrap().clone();
        let named: Vec<_> =
            named.iter().map(|error| error["parameter"].as_str().unwrap()).collect();
        assert_eq!(named, wrong, "{address}");
    }
    for address in ["/api/v1/sites/x.example/checks", "/api/v1/outages?site=x.example"] {
        assert_eq!(get(&world.router, address).await.status, 404, "{address}");
    }
}

#[tokio::test(start_paused = true)]
async fn before_every_site_was_looked_at_what_began_since_the_start_is_told() {
    let world = World::of(&[site("a.example", "A", &[]), site("b.example", "B", &[])]);
    let got = get(&world.router, "/api/v1/outages").await;
    assert_eq!(got.status, 503);
    assert!(got.json()["detail"].as_str().unwrap().contains("/api/v1/outages?state=ongoing"));
    let outage = |started_at| Outage {
        status: model::verdict::Status::Down,
        started_at,
        ended_at: None,
        cause: None,
        regions: vec![],
    };
    let older = Outage { ended_at: Some(now()), ..outage(now() - MINUTE) };
    let slug = Slug::new("a.example").unwrap();
    world.board.fill(&slug, &[], &[outage(now() + MINUTE), older], false);
    tokio::time::advance(MINUTE * 2).await;
    let page = ask(&world, "/api/v1/outages").await;
    assert_eq!((page["outages"].as_array().unwrap().len(), &page["fresh"]), (1, &json!(false)));
    assert!(page["next_cursor"].is_string(), "there may be more before the start");
    assert_eq!(ask(&world, "/api/v1/outages?state=ongoing").await["next_cursor"], Value::Null);
}
