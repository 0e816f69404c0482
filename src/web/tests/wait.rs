//! The long poll for a site, the list as targets for Prometheus, and the secrets of a site's request.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, Response},
};
use tower::ServiceExt;

use super::{get, world::*};
use model::{
    outcome::{Answer, Failure, Outcome},
    site::Site,
    site_request::{Method, RequestHeader, Secret, SiteRequest},
};

const SLACK: &str = "/api/v1/sites/slack.com/wait";

async fn ask(world: &World, query: &str) -> Response<Body> {
    let mut request = Request::get(format!("{SLACK}{query}")).body(Body::empty()).unwrap();
    let peer = std::net::SocketAddr::from(([192, 0, 2, 1], 9));
    request.extensions_mut().insert(ConnectInfo(peer));
    world.router.clone().oneshot(request).await.unwrap()
}

fn good() -> Outcome {
    answered(Answer::Ok, 200, 9)
}

#[tokio::test(start_paused = true)]
async fn the_answer_comes_when_it_is_so_and_nothing_when_the_time_runs_out() {
    let world = world();
    let now = get(&world.router, &format!("{SLACK}?until=down")).await;
    assert_eq!((now.status.as_u16(), now.header("cache-control")), (200, "no-store"));
    assert_eq!(now.json()["status"], "down");

    let start = tokio::time::Instant::now();
    for query in ["?until=up&timeout=20", "?until=change&timeout=20", "?timeout=20"] {
        let late = get(&world.router, &format!("{SLACK}{query}")).await;
        assert_eq!((late.status.as_u16(), late.text()), (204, ""), "{query}");
    }
    assert_eq!(start.elapsed(), Duration::from_mins(1));

    let up = ask(&world, "?until=up");
    let other = ask(&world, "?until=change&timeout=60");
    let turn = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        world.show_from("local", "slack.com", &[good(), good()]);
    };
    let (up, other, ()) = tokio::join!(up, other, turn);
    assert_eq!((up.status().as_u16(), other.status().as_u16()), (200, 200));
}

#[tokio::test(start_paused = true)]
async fn slow_is_up_and_what_is_wrong_is_told() {
    let world = world();
    let of = async |path: &str| get(&world.router, path).await.status.as_u16();
    assert_eq!(of("/api/v1/sites/buzzfeed.com/wait?until=up").await, 200);
    assert_eq!(of("/api/v1/sites/nothing.example/wait").await, 404);
    for query in ["?until=fine", "?timeout=0", "?timeout=61", "?timeout=-1", "?untill=up"] {
        assert_eq!(of(&format!("{SLACK}{query}")).await, 400, "{query}");
    }
}

#[tokio::test(start_paused = true)]
async fn waiters_are_bounded_and_their_places_given_back() {
    let world = world();
    let crowd = (0..40).map(|_| ask(&world, "?until=up&timeout=5"));
    let answers = futures_util::future::join_all(crowd).await;
    let count = |status: u16| answers.iter().filter(|a| a.status() == status).count();
    assert_eq!((count(204), count(503)), (32, 8));
    assert_eq!(ask(&world, "?until=up&timeout=1").await.status(), 204);
}

#[tokio::test(start_paused = true)]
async fn prometheus_gets_all_targets_or_an_empty_list() {
    let world = world();
    let got = get(&world.router, "/api/v1/sites?format=http_sd&tag=chat").await;
    assert_eq!(got.header("content-type"), "application/json");
    assert_eq!(got.text(), r#"[{"targets":["https://slack.com/"],"labels":{"site":"slack.com"}}]"#);
    let all = get(&world.router, "/api/v1/sites?format=http_sd&limit=1").await.json();
    assert_eq!(all.as_array().unwrap().len(), 7);
    let none = get(&world.router, "/api/v1/sites?format=http_sd&tag=none").await;
    assert_eq!((none.status.as_u16(), none.text()), (200, "[]"));
    assert_eq!(get(&world.router, "/api/v1/sites?format=yaml").await.status, 400);
}

#[tokio::test(start_paused = true)]
async fn the_secrets_of_a_request_are_shown_nowhere_and_the_status_page_is() {
    let secret = || Some(Secret::from("swordfish".to_owned()));
    let header = RequestHeader { name: "x-swordfish".into(), value: secret(), hidden: true };
    let request = SiteRequest {
        method: Method::Post,
        headers: vec![header],
        body: secret(),
        ..SiteRequest::default()
    };
    let status_page = Some("https://status.example/".into());
    let plain = site("secret.example", "Secret", &[]);
    let world = World::of(&[Arc::new(Site { request, status_page, ..(*plain).clone() })]);
    world.show_from("local", "secret.example", &[good(), Outcome::failed(Failure::Reset, "")]);
    let one = get(&world.router, "/api/v1/sites/secret.example").await.json();
    assert_eq!(one["status_page"], "https://status.example/");
    let page = get(&world.router, "/secret.example").await;
    assert!(page.text().contains("href=\"https://status.example/\""), "{}", page.text());
    for path in [
        "/",
        "/secret.example",
        "/api/v1/sites",
        "/api/v1/sites?format=http_sd",
        "/api/v1/sites/secret.example",
        "/api/v1/sites/secret.example/wait?until=change&timeout=1",
        "/api/v1/status",
        "/api/v2/summary.json",
        "/badge/secret.example.json",
        "/embed/secret.example",
        "/feed.json",
        "/metrics",
        "/openapi.json",
        "/sites/secret.example/feed.atom",
    ] {
        let got = get(&world.router, path).await;
        assert!(!String::from_utf8_lossy(&got.body).contains("swordfish"), "{path}");
        assert!(got.headers.values().all(|v| !v.as_bytes().windows(9).any(|w| w == b"swordfish")));
    }
    assert!(!format!("{:?}", world.board.site("secret.example")).contains("\"swordfish"));
}
