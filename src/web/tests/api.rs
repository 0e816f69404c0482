//! The API's shapes, exactly.

use serde_json::{Value, json};

use super::{get, world::*};
use crate::model::{name::Slug, uptime::Uptime};

async fn ask(world: &World, address: &str) -> Value {
    let got = get(&world.router, address).await;
    assert_eq!(got.status, 200, "{address}: {}", got.text());
    assert_eq!(got.header("content-type"), "application/json");
    got.json()
}

fn slugs(page: &Value) -> Vec<&str> {
    page["sites"].as_array().unwrap().iter().map(|s| s["slug"].as_str().unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_site_that_is_down_has_every_key_of_the_contract() {
    let world = world();
    let flawed = Uptime { day: Some(1.0), week: Some(0.999_987), month: None, quarter: None };
    world.board.set_uptimes(&[(Slug::new("slack.com").unwrap(), flawed)].into());
    let cause = json!({"failure": "dns", "detail": "no such name"});
    let want = json!({
        "slug": "slack.com", "name": "Slack", "url": "https://slack.com/",
        "status": "down", "restricted": false, "since": "2017-02-28T14:08:55.000Z",
        "summary": "Slack is down, and has been for 1 minute: its address could not be looked up (no such name).",
        "cause": cause, "checked_at": "2017-02-28T14:09:55.000Z", "fresh": true,
        "latency_ms": null, "usual_latency_ms": null, "http_status": null,
        "certificate_expires_at": null,
        "provider": {"slug": "aws", "name": "Amazon Web Services"}, "tags": ["chat", "work"],
        "uptime": {"24h": 0.999_99, "7d": 0.999_98, "30d": null, "90d": null},
        "regions": [{
            "region": "local", "status": "down", "checked_at": "2017-02-28T14:09:55.000Z",
            "latency_ms": null, "http_status": null, "cause": cause,
            "phases": {"dns_ms": null, "connect_ms": null, "tls_ms": null, "wait_ms": null,
                       "transfer_ms": null},
        }],
    });
    assert_eq!(ask(&world, "/api/v1/sites/slack.com").await, want);
}

#[tokio::test(start_paused = true)]
async fn a_site_that_is_up_and_walled_one_never_seen_and_one_down_in_places() {
    let world = world();
    let medium = ask(&world, "/api/v1/sites/medium.com").await;
    assert_eq!(medium["status"], "up");
    assert_eq!(medium["restricted"], true);
    assert_eq!(medium["latency_ms"], 84.001);
    assert_eq!(medium["http_status"], 403);
    assert_eq!(medium["certificate_expires_at"], "2017-03-05T00:00:00.000Z");
    assert_eq!(medium["regions"][0]["phases"]["dns_ms"], 8.001);
    let cafe = ask(&world, "/api/v1/sites/xn--caf-dma.nl").await;
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&cafe), keys(&medium));
    assert_eq!(cafe["status"], "unknown");
    for key in ["since", "cause", "checked_at", "latency_ms", "provider"] {
        assert_eq!(cafe[key], Value::Null, "{key}");
    }
    let gov = ask(&world, "/api/v1/sites/www.gov.uk").await;
    assert_eq!(gov["status"], "partial");
    assert_eq!(
        gov["summary"],
        "GOV.UK cannot be reached from syd only, for 1 minute: it answers with an error (HTTP 503)."
    );
    let buzz = ask(&world, "/api/v1/sites/buzzfeed.com").await;
    assert_eq!(buzz["status"], "slow");
    assert_eq!(buzz["usual_latency_ms"], 84.123);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_fresh_is_unknown_everywhere() {
    let world = world();
    tokio::time::advance(MINUTE * 5).await;
    let site = ask(&world, "/api/v1/sites/netflix.com").await;
    assert_eq!(site["status"], "unknown");
    assert_eq!(site["fresh"], false);
    assert_eq!(site["since"], "2017-02-28T14:12:10.000Z");
    assert_eq!(site["regions"][0]["status"], "unknown");
    assert_eq!(site["summary"], "We do not know about Netflix: no check since 14:09 UTC.");
    let down = ask(&world, "/api/v1/sites/slack.com").await;
    assert_eq!((&down["status"], &down["cause"]), (&json!("unknown"), &Value::Null));
    let status = ask(&world, "/api/v1/status").await;
    assert_eq!((&status["up"], &status["unknown"]), (&json!(0), &json!(7)));
}

#[tokio::test(start_paused = true)]
async fn the_counts() {
    let world = world();
    world.board.set_record(|record| {
        record.waiting = 7;
        record.away_since = Some(now() - MINUTE * 8);
    });
    let want = json!({
        "up": 3, "slow": 1, "partial": 1, "down": 1, "unknown": 1, "sites": 7,
        "summary": "1 of 7 sites is down, 1 is down in places and 1 is slow.",
        "record": {"waiting": 7, "away_since": "2017-02-28T14:02:00.000Z", "refusing_since": null},
        "as_of": "2017-02-28T14:09:55.000Z",
    });
    assert_eq!(ask(&world, "/api/v1/status").await, want);
}

#[tokio::test(start_paused = true)]
async fn the_list_filters_and_goes_on_where_it_ended() {
    let world = world();
    for (query, want) in [
        ("status=down", &["slack.com"][..]),
        ("status=down,slow", &["buzzfeed.com", "slack.com"]),
        ("tag=reading", &["buzzfeed.com", "medium.com"]),
        ("provider=aws", &["slack.com"]),
        ("q=GOV", &["www.gov.uk"]),
        ("q=nothing", &[]),
        ("tag=reading&status=up&_=1", &["medium.com"]),
    ] {
        let page = ask(&world, &format!("/api/v1/sites?{query}")).await;
        assert_eq!(slugs(&page), want, "{query}");
        assert_eq!(page["next_cursor"], Value::Null);
        assert_eq!(page["as_of"], "2017-02-28T14:09:55.000Z");
    }
    let (mut all, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        pages += 1;
        let page = ask(&world, &format!("/api/v1/sites?limit=3&cursor={cursor}")).await;
        all.extend(slugs(&page).into_iter().map(str::to_owned));
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(pages, 3);
    assert_eq!(all.len(), 7);
    assert!(all.is_sorted());
}

#[tokio::test(start_paused = true)]
async fn every_invalid_parameter_is_named_at_once() {
    let world = world();
    let got = get(&world.router, "/api/v1/sites?status=fine&limit=0&cursor=%21&tag=chat").await;
    assert_eq!(got.status, 400);
    assert_eq!(got.header("content-type"), "application/problem+json");
    assert_eq!(got.header("access-control-allow-origin"), "*");
    let problem = got.json();
    let named: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|e| &e["parameter"]).collect();
    assert_eq!(named, ["status", "limit", "cursor"]);
    assert_eq!(problem["type"], "/api#invalid-parameters");
    assert_eq!(problem["detail"], "3 parameters are not valid.");
    assert_eq!((&problem["status"], &problem["instance"]), (&json!(400), &json!("/api/v1/sites")));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_a_problem() {
    let world = world();
    for address in ["/api/v1/sites/example.com", "/api/v1/nothing", "/api/v2/", "/api/v1/sites/%ff"]
    {
        let got = get(&world.router, address).await;
        assert_eq!(got.status, 404, "{address}");
        assert_eq!(got.header("content-type"), "application/problem+json");
        assert_eq!(got.json()["type"], "/api#not-found");
    }
}
