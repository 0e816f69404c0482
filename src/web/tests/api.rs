//! The API's shapes, exactly.

use serde_json::{Value, json};

use super::{get, shown, world::*};
use model::{
    name::Slug,
    outcome::{Answer, Cause, Failure, Outcome},
    uptime::Uptime,
};

pub(super) async fn ask(world: &World, address: &str) -> Value {
    let got = get(&world.router, address).await;
    assert_eq!(got.status, 200, "{address}: {}", got.text());
    assert_eq!(got.header("content-type"), "application/json");
    got.json()
}

#[tokio::test(start_paused = true)]
async fn a_site_that_is_down_has_every_key_of_the_contract() {
    let world = world();
    let flawed = Uptime {
        day: Some(1.0),
        week: Some(0.999_987),
        month: None,
        quarter: None,
        since: Some(now() - MINUTE),
    };
    world.board.set_uptimes(&[(Slug::new("slack.com").unwrap(), flawed)].into());
    let cause = json!({"failure": "dns", "detail": "no such name"});
    let want = json!({
        "slug": "slack.com", "name": "Slack", "url": "https://slack.com/",
        "status": "down", "restricted": false,
        "intermittent": false, "notes": [], "since": "2017-02-28T14:08:55.000Z",
        "summary": "Slack is down, and has been for 1 minute: its address could not be looked up (no such name).",
        "cause": cause, "checks_path": "/api/v1/sites/slack.com/checks?from=2017-02-28T14:08:55.000Z",
        "checked_at": "2017-02-28T14:09:55.000Z", "fresh": true,
        "latency_ms": null, "usual_latency_ms": null, "http_status": null,
        "certificate_expires_at": null,
        "provider": {"slug": "aws", "name": "Amazon Web Services"}, "status_page": null,
        "tags": ["chat", "work"],
        "uptime": {"24h": 0.999_99, "7d": 0.999_98, "30d": null, "90d": null},
        "uptime_since": "2017-02-28T14:09:00.000Z",
        "regions": [{
            "region": "local", "status": "down", "checked_at": "2017-02-28T14:09:55.000Z",
            "latency_ms": null, "http_status": null, "cause": cause,
            "phases": {"dns_ms": null, "connect_ms": null, "tls_ms": null, "wait_ms": null,
                       "transfer_ms": null},
            "since": "2017-02-28T14:08:55.000Z", "voting": true, "why_not": null,
        }],
    });
    assert_eq!(ask(&world, "/api/v1/sites/slack.com").await, want);
}

#[tokio::test(start_paused = true)]
async fn answers_are_as_programs_know_them() {
    let asked = [
        "/api/v1/sites/www.gov.uk",
        "/api/v1/sites?limit=1",
        "/api/v1/sites?status=fine&limit=0",
        "/api/v1/sites/nobody.example",
        "/api/v1/status",
        "/api/v1/nothing",
    ];
    insta::assert_snapshot!(shown(&world().router, &asked).await);
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
        "GOV.UK is down from syd, for 1 minute: it answers with an error (HTTP 503 Service Unavailable). It answers from 2 other places."
    );
    let buzz = ask(&world, "/api/v1/sites/buzzfeed.com").await;
    assert_eq!(buzz["status"], "slow");
    let usual = buzz["usual_latency_ms"].as_f64().unwrap();
    assert!((usual - 84.123).abs() < 1.0, "{usual}");
}

#[tokio::test(start_paused = true)]
async fn a_region_that_has_only_begun_to_look_has_no_vote_yet_and_says_so() {
    let world = world();
    let up = answered(Answer::Ok, 200, 24_122);
    let dead = Outcome::failed(Failure::Dns, "no such name");
    let site = world.board.site("slack.com").unwrap().site.clone();
    let old = [up.clone(), dead.clone(), dead.clone()];
    for (new, counts) in [(&[up.clone()][..], false), (&[up.clone(), up.clone(), up][..], true)] {
        world.fold(&site, &[("ams", &old), ("syd", new)]);
        let json = ask(&world, "/api/v1/sites/slack.com").await;
        let regions = json["regions"].as_array().unwrap();
        let syd = regions.iter().find(|seen| seen["region"] == "syd").unwrap();
        let why = if counts { Value::Null } else { json!("settling") };
        assert_eq!(
            (&json["status"], &syd["status"], &syd["voting"], &syd["why_not"]),
            (&json!(if counts { "partial" } else { "down" }), &json!("up"), &json!(counts), &why)
        );
        for (lang, words) in [("en", "Does not count yet: "), ("nl", "Telt nog niet mee: ")] {
            let page = get(&world.router, &format!("/slack.com?lang={lang}")).await;
            assert_eq!(page.text().contains(words), !counts, "{}", page.text());
        }
    }
    // One whose only check failed has confirmed nothing.
    world.fold(&site, &[("ams", &old), ("syd", &[dead])]);
    let json = ask(&world, "/api/v1/sites/slack.com").await;
    let regions = json["regions"].as_array().unwrap();
    let syd = regions.iter().find(|seen| seen["region"] == "syd").unwrap();
    assert_eq!((&syd["voting"], &syd["why_not"]), (&json!(false), &json!("settling")));
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
    assert_eq!(
        site["summary"],
        "We cannot tell about Netflix: there has been no check for 5 minutes."
    );
    let down = ask(&world, "/api/v1/sites/slack.com").await;
    assert_eq!((&down["status"], &down["cause"]), (&json!("unknown"), &Value::Null));
    let status = ask(&world, "/api/v1/status").await;
    assert_eq!((&status["up"], &status["unknown"]), (&json!(0), &json!(7)));
}

#[tokio::test(start_paused = true)]
async fn the_counts() {
    let world = world();
    world.board.update_store_health(|record| {
        record.kept = 7;
        record.away_since = Some(now() - MINUTE * 8);
    });
    let want = json!({
        "up": 3, "slow": 1, "partial": 1, "down": 1, "unknown": 1, "sites": 7,
        "summary": "1 of 7 sites is down, 1 is partly down and 1 is slow. We cannot tell about one more.",
        "record": {"waiting": 7, "away_since": "2017-02-28T14:02:00.000Z", "held_since": null, "refusing_since": null},
        "overloaded_since": null,
        "as_of": "2017-02-28T14:09:55.000Z",
    });
    assert_eq!(ask(&world, "/api/v1/status").await, want);
}

#[tokio::test(start_paused = true)]
async fn a_site_that_keeps_failing_says_why_it_is_down_while_it_answers() {
    let world = world();
    let good = answered(Answer::Ok, 200, 24_122);
    let bad = Outcome {
        answer: Answer::Failed(Cause::http_status(503)),
        ..answered(Answer::Ok, 503, 9_000)
    };
    let turns = "xx..xx...".bytes().map(|kind| if kind == b'x' { &bad } else { &good });
    let turns: Vec<Outcome> = turns.cloned().collect();
    world.show_from("local", "slack.com", &turns);
    let site = ask(&world, "/api/v1/sites/slack.com").await;
    let here = &site["regions"][0];
    assert_eq!((&site["status"], &here["status"]), (&json!("down"), &json!("down")));
    assert_eq!(here["http_status"], 200);
    let why = json!({"failure": "http", "detail": "HTTP 503 Service Unavailable"});
    assert_eq!((&site["cause"], &here["cause"]), (&why, &why));
    let says = site["summary"].as_str().unwrap();
    assert!(says.starts_with("Slack is unstable: it has been failing and coming back for 4"));
    assert!(
        says.ends_with(
            ". The last time, it answered with an error (HTTP 503 Service Unavailable)."
        ),
        "{says}"
    );
}
