//! The report on a month: its three forms say the same, its hash is that of its JSON, and it says nothing of time that
//! nobody looked at.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Got, get, send, world::*};
use crate::{
    config::Defaults,
    operator::{AddedSites, Operator},
    private_postgres::throwaway::{self, TestDatabase},
    store::{Batch, Store},
    token::hex,
    web::{Web, router},
};
use model::{
    check::Check,
    failure_detail::FailureDetail,
    judge::{Limits, Rules, SiteState},
    name::{Region, Slug},
    outcome::{Answer, Failure, Outcome},
};

async fn report(world: &World, query: &str) -> Got {
    get(&world.router, &format!("/sites/slack.com/report?{query}")).await
}

/// A record of ten checks, of which three fail from 14:02 on, and files that people change.
async fn with_words() -> (World, TestDatabase, tempfile::TempDir) {
    let (mut world, database) = (world(), throwaway::database().await.unwrap());
    let (mut batch, mut state) = (Batch::default(), SiteState::default());
    let limits = Limits::of(&site("slack.com", "Slack", &[]));
    for minute in 0..10 {
        let outcome = match minute {
            2..=4 => Outcome::failed(Failure::Connect, FailureDetail::ConnectionRefused),
            _ => answered(Answer::Ok, 200, 24_122),
        };
        let (slug, region) = (Slug::new("slack.com").unwrap(), Region::new("ams").unwrap());
        let check =
            Check { slug, region, at: now() - MINUTE * (10 - minute), outcome, attempts: 1 };
        let step = state.check(&check, &limits, &Rules::default());
        batch.changes.extend(step.changes.into_iter().map(|change| (check.slug.clone(), change)));
        batch.checks.push(check);
    }
    let store = Store::connect(database.options()).await.unwrap();
    store.record(&batch).await.unwrap();
    let (link, record) = tokio::sync::watch::channel(Some(store));
    // The other end lives as long as the test.
    std::mem::forget(link);
    let dir = tempfile::tempdir().unwrap();
    let added = AddedSites::open(dir.path(), &dir.path().join("sites.toml"), Defaults::default());
    world.web = Web { record, operator: Operator::open(dir.path(), added), ..world.web };
    world.router = router(world.web.clone());
    (world, database, dir)
}

#[tokio::test]
async fn the_three_forms_say_the_same_and_the_page_has_the_hash_of_the_json() {
    let (world, _database, _dir) = with_words().await;
    // Announced before it began, and one that was not: nobody announces an outage away.
    let work = |text: &str| text.parse().unwrap();
    let before = now() - MINUTE * 60;
    let operator = &world.web.operator;
    let planned = "lasts = \"2m\"\nstarts = \"2017-02-28T14:02:00Z\"\nname = \"Upgrade <1>\"";
    operator.announce(work(planned), "ci", before).unwrap();
    operator
        .announce(work("lasts = \"30m\"\nname = \"Too late\""), "ci", now() - MINUTE * 8)
        .unwrap();
    let got = report(&world, "month=2017-02&format=json").await;
    assert_eq!((got.status.as_u16(), got.header("content-type")), (200, "application/json"));
    let json = got.json();
    assert_eq!(
        (&json["month"], &json["time_zone"], &json["complete"]),
        (&json!("2017-02"), &json!("UTC"), &json!(false))
    );
    let site = &json["sites"][0];
    let number = |of: &Value, name: &str| of[name].as_u64().unwrap();
    let of = |name: &str| number(site, name);
    assert_eq!(of("seconds"), of("watched_seconds") + of("unwatched_seconds"));
    assert!(of("down_seconds") == 180 && of("watched_seconds") < 3_600, "{site}");
    assert_eq!(site["uptime"], Value::Null, "hardly any of the month was looked at");
    assert_eq!((of("checks"), &site["latency"]["p50_ms"]), (10, &site["latency"]["max_ms"]));
    assert!((site["latency"]["p50_ms"].as_f64().unwrap() - 84.1).abs() < 1.5, "{site}");
    let planned = site["planned"].as_array().unwrap();
    let told: Vec<_> =
        planned.iter().map(|work| (&work["name"], &work["announced_before"])).collect();
    assert_eq!(told, [(&json!("Upgrade <1>"), &json!(true)), (&json!("Too late"), &json!(false))]);
    let outside = &site["outside_planned"];
    assert_eq!(number(outside, "seconds"), of("seconds") - 120);
    assert_eq!(number(outside, "down_seconds"), of("down_seconds") - 120, "{site}");
    let outages = site["outages"].as_array().unwrap();
    let down: u64 = outages
        .iter()
        .filter(|row| row["status"] == "down")
        .map(|row| number(row, "seconds"))
        .sum();
    assert_eq!(down, of("down_seconds"));
    for outage in outages {
        let path =
            outage["page"].as_str().unwrap().strip_prefix("https://stillup.example").unwrap();
        assert_eq!(get(&world.router, path).await.status, 200, "{path}");
    }

    // The month is not over: what is compared has to be of the same second.
    let beside_json = async |query: &str| {
        let json = async || report(&world, "month=2017-02&format=json").await;
        loop {
            let before = json().await;
            let other = report(&world, query).await;
            if json().await.body == before.body {
                break (before, other);
            }
        }
    };
    for (lang, words) in [("en", "SHA-256 of the JSON"), ("nl", "SHA-256 van de JSON")] {
        let (json, page) = beside_json(&format!("month=2017-02&lang={lang}")).await;
        let hash = hex(&Sha256::digest(&json.body));
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert!(page.text().contains(&hash) && page.text().contains(words), "{lang}");
        let text = page.text();
        assert!(text.contains("Upgrade &#60;1&#62;"), "{lang}");
        assert!(!text.contains("report-"), "{lang}: {:?}", text.split_once("report-"));
        let other = format!("/report?month=2017-02&#38;time_zone=UTC&#38;lang={lang}");
        assert!(text.contains(&other), "each language is said once");
    }
    let (json, csv) = beside_json("month=2017-02&format=csv").await;
    let json = json.json();
    let of = |name: &str| number(&json["sites"][0], name);
    let mut rows = csv::Reader::from_reader(csv.text().as_bytes());
    let head = rows.headers().unwrap().clone();
    let row = rows.records().next().unwrap().unwrap();
    let cell = |name: &str| row.get(head.iter().position(|known| known == name).unwrap()).unwrap();
    for name in ["seconds", "watched_seconds", "unwatched_seconds", "down_seconds", "checks"] {
        assert_eq!(cell(name), of(name).to_string(), "{name}");
    }
    assert_eq!((cell("slug"), cell("uptime")), ("slack.com", ""));
    assert_eq!(cell("down_seconds_outside_planned"), (of("down_seconds") - 120).to_string());
}

#[tokio::test]
async fn a_month_is_that_of_its_zone_and_one_that_has_not_begun_has_no_report() {
    let (world, _database, _dir) = with_words().await;
    let seconds = async |query: &str| {
        let json = report(&world, query).await.json();
        json["sites"][0]["watched_seconds"].as_u64()
    };
    let watched = seconds("month=2017-02&format=json").await;
    assert!(watched > Some(0));
    // In Auckland it is March already, and all of it was looked at then.
    assert!(seconds("month=2017-03&time_zone=Pacific/Auckland&format=json").await >= watched);
    assert_eq!(seconds("month=2017-02&time_zone=Pacific/Auckland&format=json").await, Some(0));
    for (query, wrong) in [
        ("month=2017-03", "month"),
        ("month=2017-2", "month"),
        ("month=2017-13", "month"),
        ("month=2017-02&time_zone=Mars", "time_zone"),
        ("month=2017-02&format=pdf", "format"),
        ("month=2017-02&colour=red", "colour"),
    ] {
        let got = report(&world, query).await;
        assert_eq!(got.status, 400, "{query}");
        assert_eq!(got.json()["errors"][0]["parameter"], wrong, "{query}");
    }
    assert_eq!(get(&world.router, "/sites/nobody.example/report").await.status, 404);
    // Who asked for the page is told in a page.
    for (query, status, words) in [
        (
            "slack.com/report?month=2017-2&lang=en",
            400,
            "We cannot use the value that this address gives for: month.",
        ),
        (
            "slack.com/report?month=2017-2&lang=nl",
            400,
            "Met deze waarde in het adres kunnen we niets: month.",
        ),
        ("nobody.example/report?lang=en", 404, "Page not found"),
    ] {
        let ask = Request::get(format!("/sites/{query}")).header("accept", "text/html,*/*;q=0.8");
        let got = send(&world.router, ask.body(Body::empty()).unwrap()).await;
        assert_eq!(
            (got.status.as_u16(), got.header("content-type")),
            (status, "text/html; charset=utf-8")
        );
        assert!(got.text().contains(words), "{}", got.text());
    }
    assert_eq!(report(&world, "").await.status, 200, "the month that it is");
}

#[tokio::test]
async fn a_report_tells_causes_in_the_language_of_its_page_and_alike_to_programs() {
    let (world, _database, _dir) = with_words().await;
    for (lang, why) in [("en", "connection refused"), ("nl", "de verbinding werd geweigerd")] {
        let page = report(&world, &format!("month=2017-02&lang={lang}")).await;
        assert!(page.text().contains(why), "{lang}: {}", page.text());
        let json = report(&world, &format!("month=2017-02&format=json&lang={lang}")).await.json();
        assert_eq!(json["sites"][0]["outages"][0]["detail"], "connection refused", "{json}");
    }
}

#[tokio::test]
async fn a_report_says_its_times_in_one_zone_whoever_reads_it() {
    let (world, _database, _dir) = with_words().await;
    let work = "lasts = \"2m\"\nstarts = \"2017-02-28T14:02:00Z\"".parse().unwrap();
    world.web.operator.announce(work, "ci", now() - MINUTE * 60).unwrap();
    let page = report(&world, "month=2017-02").await;
    let main = page.text().split_once("<main").unwrap().1.split("</main>").next().unwrap();
    let times: Vec<&str> = main.split("<time ").skip(1).collect();
    assert!(times.len() >= 4, "an outage and planned work: {main}");
    // The script of the page leaves these as they are.
    assert!(times.iter().all(|time| time.contains(" data-f=\"u\"")), "{main}");
}

#[tokio::test]
async fn the_report_of_a_tag_is_that_of_its_sites_in_every_form() {
    let (world, _database, _dir) = with_words().await;
    let json = get(&world.router, "/report?tag=chat&month=2017-02&format=json").await.json();
    let slugs: Vec<_> =
        json["sites"].as_array().unwrap().iter().map(|site| &site["slug"]).collect();
    assert_eq!(slugs, ["slack.com"]);
    let page = get(&world.router, "/report?tag=chat&month=2017-02&lang=nl").await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(page.text().contains("SHA-256 van de JSON") && page.text().contains("Chat, "));
    let english = "/report?tag=chat&#38;month=2017-02&#38;time_zone=UTC&#38;lang=en";
    assert!(page.text().contains(english), "{}", page.text());
    let csv = get(&world.router, "/report?tag=chat&month=2017-02&format=csv").await;
    assert_eq!(csv.text().lines().count(), 2);
    for (query, wrong) in [
        ("", "tag"),
        ("tag=none", "tag"),
        ("tag=chat&month=2017-13", "month"),
        ("tag=chat&tag=chat", "tag"),
    ] {
        let got = get(&world.router, &format!("/report?{query}")).await;
        assert_eq!(
            (got.status.as_u16(), &got.json()["errors"][0]["parameter"]),
            (400, &json!(wrong))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_record_there_is_no_report() {
    let got = report(&world(), "month=2017-02").await;
    assert_eq!(got.status, 503);
    assert!(got.text().contains("there is no report without it"));
}
