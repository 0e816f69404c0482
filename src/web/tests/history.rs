//! History and the latency badge, over a real Postgres and without one.

use std::time::Duration;

use futures_util::future::join_all;
use http::StatusCode;
use serde_json::Value;

use super::{
    get,
    world::{MINUTE, World, answered, now, site},
};
use crate::{
    private_postgres::throwaway::{self, TestDatabase},
    store::{Batch, Store},
    web::{Web, router},
};
use model::{
    check::Check,
    name::{Region, Slug},
    outcome::{Answer, Failure, Outcome},
    verdict::{Change, Status, Verdict},
};

const HISTORY: &str = "/api/v1/sites/slack.com/history";

/// A world with three hours of checks a minute in its record; the last of them failed.
async fn world() -> (World, Store, TestDatabase) {
    let database = throwaway::database().await.unwrap();
    let store = Store::connect(database.options()).await.unwrap();
    let site = site("slack.com", "Slack", &[]);
    let begin = now() - MINUTE * 180;
    let check = |n: u32| Check {
        slug: site.slug.clone(),
        region: Region::default(),
        at: begin + MINUTE * n,
        outcome: match n {
            170.. => Outcome::failed(Failure::Connect, "refused"),
            _ => answered(Answer::Ok, 200, 20_000 + n * 100),
        },
        attempts: 1,
    };
    let change = |n: u32, status: Status| {
        let from = begin + MINUTE * n;
        let verdict = Verdict { status, since: Some(from), ..Verdict::none_yet() };
        (
            site.slug.clone(),
            Change {
                at: from,
                from,
                verdict,
                outages: vec![],
                withdrawn: None,
                outages_only: false,
            },
        )
    };
    let changes = vec![change(0, Status::Up), change(170, Status::Down)];
    let checks = (0..180).map(check).collect();
    store.record(&Batch { checks, changes, ..Batch::default() }).await.unwrap();
    while store.roll_up(now()).await.unwrap().more {}
    let world = World::of(&[site]);
    let record = tokio::sync::watch::channel(Some(store.clone())).1;
    let web = Web { record, ..world.web.clone() };
    (World { router: router(web.clone()), web, ..world }, store, database)
}

#[tokio::test]
async fn one_region_alone_is_asked_for_by_its_name() {
    let (world, store, _database) = world().await;
    let begin = now() - MINUTE * 180;
    let sydney = |n: u32| Check {
        slug: Slug::new("slack.com").unwrap(),
        region: Region::new("sydney").unwrap(),
        at: begin + MINUTE * n,
        outcome: match n % 5 {
            0 => Outcome::failed(Failure::Timeout, "silent"),
            _ => answered(Answer::Ok, 200, 500_000),
        },
        attempts: 1,
    };
    let checks = (0..180).map(sydney).collect();
    store.record(&Batch { checks, ..Batch::default() }).await.unwrap();
    while store.roll_up(now()).await.unwrap().more {}
    let buckets = async |query: &str| {
        let json = get(&world.router, &format!("{HISTORY}?{query}")).await.json();
        (json["region"].clone(), json["buckets"].as_array().unwrap().clone())
    };
    let (all, both) = buckets("window=24h").await;
    assert!(all.is_null());
    // One from sums, and one that is younger than they are.
    for place in [252, 286] {
        let (name, there) = buckets("region=sydney").await;
        assert_eq!(name, "sydney");
        let (_, here) = buckets("region=local").await;
        let checks = |buckets: &[Value]| buckets[place]["checks"].as_u64().unwrap();
        assert_eq!((checks(&there), checks(&here), checks(&both)), (5, 5, 10), "{place}");
        assert_eq!((&there[place]["failed"], &there[place]["uptime"]), (&1.into(), &0.8.into()));
        assert!(there[place]["p50_ms"].as_f64() > here[place]["p50_ms"].as_f64());
    }
    let (_, none) = buckets("region=nowhere").await;
    assert_eq!(none.len(), 289);
    assert!(none.iter().all(|bucket| bucket["checks"] == 0 && bucket["uptime"].is_null()));
    let wrong = get(&world.router, &format!("{HISTORY}?region=Not%20one")).await;
    assert_eq!(wrong.status, 400);
    assert_eq!(wrong.json()["errors"][0]["parameter"], "region");

    let checks = get(&world.router, "/api/v1/sites/slack.com/checks?region=sydney&limit=3").await;
    let page = checks.json();
    let regions: Vec<&Value> =
        page["checks"].as_array().unwrap().iter().map(|check| &check["region"]).collect();
    assert_eq!(regions, ["sydney"; 3]);
    let next = page["next_cursor"].as_str().unwrap();
    let path = format!("/api/v1/sites/slack.com/checks?region=sydney&limit=3&cursor={next}");
    let second = get(&world.router, &path).await.json();
    assert_eq!(second["checks"][0]["region"], "sydney");
    assert!(second["checks"][0]["at"].as_str() < page["checks"][2]["at"].as_str());
}

#[tokio::test]
async fn buckets_have_no_holes_and_what_is_not_known_is_null() {
    let (world, _store, _database) = world().await;
    let got = get(&world.router, HISTORY).await;
    assert_eq!(got.status, 200, "{}", got.text());
    let json = got.json();
    assert_eq!((&json["slug"], &json["step"]), (&"slack.com".into(), &"5m".into()));
    assert_eq!(json["fresh"], true);
    let buckets = json["buckets"].as_array().unwrap();
    assert_eq!(buckets.len(), 289);
    let first = &buckets[0];
    assert_eq!((&first["at"], &first["checks"]), (&"2017-02-27T14:10:00.000Z".into(), &0.into()));
    assert!(first["uptime"].is_null() && first["p50_ms"].is_null());
    assert_eq!((&buckets[252]["checks"], &buckets[252]["uptime"]), (&5.into(), &1.0.into()));
    assert_eq!((&buckets[287]["failed"], &buckets[287]["uptime"]), (&5.into(), &0.0.into()));
    assert!(buckets[287]["max_ms"].is_null());
    let median = buckets[252]["p50_ms"].as_f64().unwrap();
    assert!((median - 80.201).abs() < 80.201 / 64.0, "{median}");

    let hours = get(&world.router, &format!("{HISTORY}?window=7d")).await.json();
    assert_eq!((&hours["step"], hours["buckets"].as_array().unwrap().len()), (&"1h".into(), 169));
    let range = "?from=2017-02-28T00:00:00Z&to=2017-03-01T00:00:00Z&step=1d";
    let day = get(&world.router, &format!("{HISTORY}{range}")).await.json();
    let day = day["buckets"].as_array().unwrap();
    assert_eq!((day.len(), &day[0]["checks"], &day[0]["failed"]), (1, &180.into(), &10.into()));
    // The outage goes on while the test runs: a second of it is 0.00009 of the day so far.
    let uptime = day[0]["uptime"].as_f64().unwrap();
    assert!((0.943..=0.94444).contains(&uptime), "{uptime}");
    let badge = get(&world.router, "/badge/slack.com/latency.svg").await;
    assert!(badge.text().contains("aria-label=\"latency 24h: 89 ms\""), "{}", badge.text());
}

#[tokio::test]
async fn what_cannot_be_asked_is_named() {
    let (world, _store, _database) = world().await;
    for (query, names) in [
        ("window=1y", "window"),
        ("step=2h", "step"),
        ("from=yesterday", "from"),
        ("from=2017-02-28T14:00:00Z&to=2017-02-28T13:00:00Z", "from"),
        ("from=2018-02-28T14:00:00Z", "from"),
        ("to=2017-02-28T13:00:00Z", "to"),
        ("from=2017-02-28T00:00:00Z&window=7d", "window"),
        ("from=2017-02-01T00:00:00Z&step=5m", "step"),
        ("from=2016-02-01T00:00:00Z&step=5m", "step"),
        ("from=0001-01-01T00:00:00Z&step=1d", "step"),
        ("from=0001-01-01T00:00:00Z", "from"),
        ("window=90d&step=1h", "step"),
    ] {
        let got = get(&world.router, &format!("{HISTORY}?{query}")).await;
        let names_it = got.json()["errors"][0]["parameter"] == names;
        assert!(got.status == 400 && names_it, "{query}: {}", got.text());
    }
    let both = get(&world.router, &format!("{HISTORY}?window=1y&from=2017-02-28T00:00:00Z")).await;
    assert_eq!(both.json()["errors"].as_array().unwrap().len(), 1, "{}", both.text());
    assert_eq!(get(&world.router, "/api/v1/sites/nobody.example/history").await.status, 404);
    let offset = format!("{HISTORY}?from=2017-02-28T10:00:00+02:00");
    assert_eq!(get(&world.router, &offset).await.status, 200, "a plus that nobody escaped");
}

#[tokio::test]
async fn a_crowd_gets_one_answer_and_an_old_one_is_better_than_none() {
    let (world, store, _database) = world().await;
    let address = format!("{HISTORY}?window=90d");
    let crowd = join_all((0..50).map(|_| get(&world.router, &address))).await;
    // All of one read: they have its moment, to the millisecond.
    assert!(crowd.iter().all(|got| got.status == 200 && got.body == crowd[0].body));
    assert!(crowd[0].header("etag").starts_with('"'));
    let badge = async |window: &str| {
        let badge = format!("/badge/slack.com/latency.svg?window={window}");
        let got = get(&world.router, &badge).await;
        assert_eq!(got.status, 200);
        let (_, label) = got.text().split_once("aria-label=\"").unwrap();
        label.split_once('"').unwrap().0.to_owned()
    };
    let said = badge("30d").await;
    assert!(said.ends_with(" ms"), "{said}");

    store.close().await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_mins(10)).await;
    let old = get(&world.router, &address).await;
    assert_eq!((old.status, &old.json()["fresh"]), (StatusCode::OK, &false.into()));
    assert_eq!(old.json()["as_of"], crowd[0].json()["as_of"]);
    let none = get(&world.router, &format!("{HISTORY}?window=30d")).await;
    assert_eq!((none.status, none.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "5"));
    assert_eq!((badge("7d").await, badge("30d").await), ("latency 7d: unknown".to_owned(), said));
    // A badge cannot say how old it is.
    tokio::time::advance(Duration::from_mins(10)).await;
    assert_eq!(badge("30d").await, "latency 30d: unknown");
}

#[tokio::test(start_paused = true)]
async fn latency_badges_are_images_whatever_is_asked() {
    let world = World::of(&[site("slack.com", "Slack", &[])]);
    for (path, label) in [
        ("slack.com/latency.svg", "latency 24h: unknown"),
        ("slack.com/latency.svg?window=1y", "latency: unknown"),
        ("nobody.example/latency.svg?label=speed", "speed: unknown"),
    ] {
        let got = get(&world.router, &format!("/badge/{path}")).await;
        assert_eq!(got.status, 200);
        assert!(got.text().contains(&format!("aria-label=\"{label}\"")), "{path}: {}", got.text());
    }
}
