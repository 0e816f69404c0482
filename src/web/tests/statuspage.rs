//! Statuspage's shape: every field, stable ids, and never `operational` without evidence.

use serde_json::Value;

use super::{get, shown, world::*};

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[tokio::test(start_paused = true)]
async fn every_answer_has_every_field() {
    let world = world();
    for base in ["/api/v2", "/sites/slack.com/api/v2"] {
        for (file, want) in [
            (
                "summary.json",
                &["components", "incidents", "page", "scheduled_maintenances", "status"][..],
            ),
            ("status.json", &["page", "status"]),
            ("components.json", &["components", "page"]),
            ("incidents.json", &["incidents", "page"]),
            ("incidents/unresolved.json", &["incidents", "page"]),
            ("scheduled-maintenances.json", &["page", "scheduled_maintenances"]),
            ("scheduled-maintenances/upcoming.json", &["page", "scheduled_maintenances"]),
            ("scheduled-maintenances/active.json", &["page", "scheduled_maintenances"]),
        ] {
            let got = get(&world.router, &format!("{base}/{file}")).await;
            assert_eq!(
                (got.status.as_u16(), got.header("access-control-allow-origin")),
                (200, "*")
            );
            let json = got.json();
            assert_eq!(keys(&json), want, "{base}/{file}");
            assert_eq!(keys(&json["page"]), ["id", "name", "time_zone", "updated_at", "url"]);
        }
    }
    for path in ["/api/v2/nothing.json", "/sites/nobody.example/api/v2/summary.json", "/api/v2/%ff"]
    {
        assert_eq!(get(&world.router, path).await.status, 404, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn answers_are_as_clients_know_them() {
    let files = ["/api/v2/summary.json", "/sites/slack.com/api/v2/incidents/unresolved.json"];
    insta::assert_snapshot!(shown(&world().router, &files).await);
}

#[tokio::test(start_paused = true)]
async fn statuses_are_told_in_their_words_and_unknown_is_never_well() {
    let world = world();
    let json = get(&world.router, "/api/v2/summary.json").await.json();
    assert_eq!(json["status"]["indicator"], "major");
    let components = json["components"].as_array().unwrap();
    let of = |name: &str| components.iter().find(|c| c["name"] == name).unwrap();
    for (name, status) in [
        ("Slack", "major_outage"),
        ("Medium", "operational"),
        ("BuzzFeed", "degraded_performance"),
        ("GOV.UK", "partial_outage"),
        ("Café & <b>Bar</b>", "degraded_performance"),
        ("Netflix", "operational"),
    ] {
        assert_eq!(of(name)["status"], status, "{name}");
    }
    assert_eq!(of("Netflix")["description"], Value::Null);
    assert!(of("Café & <b>Bar</b>")["description"].as_str().unwrap().contains("not checked"));
    let positions: Vec<_> = components.iter().map(|c| c["position"].as_u64().unwrap()).collect();
    assert_eq!(positions, (1..=7).collect::<Vec<_>>());
    for (path, indicator, description) in [
        ("slack.com", "critical", "Major Service Outage"),
        ("www.gov.uk", "major", "Partial System Outage"),
        ("buzzfeed.com", "minor", "Partially Degraded Service"),
        ("netflix.com", "none", "All Systems Operational"),
        ("xn--caf-dma.nl", "minor", "Status Partly Unknown"),
    ] {
        let path = format!("/sites/{path}/api/v2/status.json");
        let json = get(&world.router, &path).await.json();
        assert_eq!(json["status"]["indicator"], indicator, "{path}");
        assert_eq!(json["status"]["description"], description, "{path}");
    }
    tokio::time::advance(MINUTE * 30).await;
    let stale = get(&world.router, "/api/v2/summary.json").await.json();
    let components = stale["components"].as_array().unwrap();
    assert!(components.iter().all(|c| c["status"] == "degraded_performance"));
    assert_eq!(stale["status"]["description"], "Status Partly Unknown");
    let empty = World::of(&[]);
    let json = get(&empty.router, "/api/v2/status.json").await.json();
    assert_ne!(json["status"]["indicator"], "none");
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_an_incident_whose_ids_stay() {
    let world = world();
    let all = get(&world.router, "/api/v2/incidents.json").await.json();
    let one = get(&world.router, "/sites/slack.com/api/v2/incidents/unresolved.json").await.json();
    let slack = &one["incidents"][0];
    assert_eq!(slack["name"], "Slack is down");
    assert_eq!((&slack["status"], &slack["impact"]), (&"investigating".into(), &"critical".into()));
    let link = slack["shortlink"].as_str().unwrap();
    assert!(link.starts_with("https://stillup.example/outages/slack.com-"), "{link}");
    let update = &slack["incident_updates"][0];
    assert_eq!(update["incident_id"], slack["id"]);
    assert_eq!(update["affected_components"][0]["new_status"], "major_outage");
    assert!(update["body"].as_str().unwrap().contains("its address could not be looked up"));
    let same = all["incidents"].as_array().unwrap().iter().find(|i| i["id"] == slack["id"]);
    assert_eq!(same.unwrap()["created_at"], slack["created_at"]);
    assert_eq!(all["incidents"].as_array().unwrap().len(), 3);
    assert_eq!(slack["id"].as_str().unwrap().len(), 12);
}
