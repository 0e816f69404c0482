//! The list of sites: filters, paging, and what is wrong with a request.

use serde_json::{Value, json};

use super::{api::ask, get, world::*};

fn slugs(page: &Value) -> Vec<&str> {
    page["sites"].as_array().unwrap().iter().map(|s| s["slug"].as_str().unwrap()).collect()
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
    let got =
        get(&world.router, "/api/v1/sites?status=fine&limit=0&cursor=%21&tag=chat&stauts=up&_=1")
            .await;
    assert_eq!(got.status, 400);
    assert_eq!(got.header("content-type"), "application/problem+json");
    assert_eq!(got.header("access-control-allow-origin"), "*");
    let problem = got.json();
    let named: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|e| &e["parameter"]).collect();
    assert_eq!(named, ["status", "limit", "cursor", "stauts"]);
    assert_eq!(problem["type"], "https://stillup.example/api#invalid-parameters");
    assert_eq!(problem["detail"], "4 parameters are not valid.");
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
        assert_eq!(got.json()["type"], "https://stillup.example/api#not-found");
    }
}
