//! The stream of changes: its events, its places, and its number of readers.

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, Response},
};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use super::{get, world::*, writes::with_files};
use model::outcome::{Answer, Failure, Outcome};

async fn open(world: &World, address: &str, last: &str) -> Response<Body> {
    let request = Request::get(address).header("last-event-id", last);
    let mut request = request.body(Body::empty()).unwrap();
    if last.is_empty() {
        request.headers_mut().clear();
    }
    let response = world.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    response
}

/// The next event, as its fields.
async fn next(response: &mut Response<Body>) -> Vec<(String, String)> {
    let piece = response.body_mut().frame().await.unwrap().unwrap().into_data().unwrap();
    let text = str::from_utf8(&piece).unwrap();
    assert!(text.ends_with("\n\n"), "{text}");
    let fields = text.lines().filter_map(|line| line.split_once(": "));
    fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn field<'a>(event: &'a [(String, String)], name: &str) -> &'a str {
    event.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
}

/// Shows two checks as a judge without memory sees them.
fn turn(world: &World, slug: &str, outcome: &Outcome) {
    world.show_from("local", slug, &[outcome.clone(), outcome.clone()]);
}

/// The statuses of the next events, until one is this.
async fn until(stream: &mut Response<Body>, status: &str) -> Vec<Value> {
    let mut sites = Vec::new();
    loop {
        let event = next(stream).await;
        assert_eq!(field(&event, "event"), "verdict");
        sites.push(serde_json::from_str::<Value>(field(&event, "data")).unwrap());
        if sites.last().unwrap()["status"] == status {
            return sites;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn each_change_is_one_event_with_the_site() {
    let world = world();
    let mut stream = open(&world, "/api/v1/events", "").await;
    let mut only = open(&world, "/api/v1/events?site=netflix.com", "").await;
    let hello = next(&mut stream).await;
    assert_eq!((field(&hello, "event"), field(&hello, "data")), ("", ""));
    assert_eq!(field(&hello, "retry"), "3000");
    next(&mut only).await;
    turn(&world, "slack.com", &answered(Answer::Ok, 200, 9));
    turn(&world, "netflix.com", &Outcome::failed(Failure::Dns, "no such name"));
    let sites = until(&mut stream, "up").await;
    let site = sites.last().unwrap();
    assert_eq!((&site["slug"], &site["fresh"]), (&"slack.com".into(), &true.into()));
    assert_eq!(site["checked_at"], "2017-02-28T14:08:55.000Z");
    assert_eq!(until(&mut stream, "down").await, until(&mut only, "down").await);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_comes_back_misses_nothing_or_is_told() {
    let world = world();
    let mut stream = open(&world, "/api/v1/events", "").await;
    let place = field(&next(&mut stream).await, "id").to_owned();
    drop(stream);
    turn(&world, "slack.com", &answered(Answer::Ok, 200, 9));
    turn(&world, "slack.com", &Outcome::failed(Failure::Dns, "no such name"));
    for address in ["/api/v1/events".to_owned(), format!("/api/v1/events?last_event_id={place}")] {
        let header = if address.contains('?') { "" } else { &place };
        let mut stream = open(&world, &address, header).await;
        next(&mut stream).await;
        until(&mut stream, "up").await;
        until(&mut stream, "down").await;
    }
    for lost in ["1-1", "nonsense", "é", &format!("{}-999999-0", now().millis())] {
        let mut stream = open(&world, "/api/v1/events", lost).await;
        next(&mut stream).await;
        assert_eq!(field(&next(&mut stream).await, "event"), "reset", "{lost}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_comes_back_misses_no_notice_either() {
    let (world, _dir) = with_files();
    let operator = &world.web.operator;
    let mut stream = open(&world, "/api/v1/events", "").await;
    let first = field(&next(&mut stream).await, "id").to_owned();
    drop(stream);
    let keys = |title: &str| format!("title = \"{title}\"\ntext = \"We look.\"").parse().unwrap();
    operator.open_notice(keys("Older"), "ci", now()).unwrap();
    let later = now() + std::time::Duration::from_secs(1);
    operator.open_notice(keys("Newer"), "ci", later).unwrap();
    let mut stream = open(&world, "/api/v1/events", &first).await;
    next(&mut stream).await;
    let mut ids = Vec::new();
    for title in ["Older", "Newer"] {
        let event = next(&mut stream).await;
        assert_eq!(field(&event, "event"), "notice");
        assert!(field(&event, "data").contains(title), "{event:?}");
        ids.push(field(&event, "id").to_owned());
    }
    drop(stream);
    turn(&world, "slack.com", &answered(Answer::Ok, 200, 9));
    // Each is told once: after the last of them come the verdicts alone.
    let mut stream = open(&world, "/api/v1/events", &ids[1]).await;
    next(&mut stream).await;
    until(&mut stream, "up").await;
    let mut stream = open(&world, "/api/v1/events", &ids[0]).await;
    next(&mut stream).await;
    assert!(field(&next(&mut stream).await, "data").contains("Newer"));
}

#[tokio::test(start_paused = true)]
async fn readers_are_bounded_for_each_visitor_and_seats_are_given_back() {
    let world = world();
    let ask = async |last: u8| {
        let mut request = Request::get("/api/v1/events").body(Body::empty()).unwrap();
        let peer = std::net::SocketAddr::from(([192, 0, 2, last], 9));
        request.extensions_mut().insert(ConnectInfo(peer));
        world.router.clone().oneshot(request).await.unwrap()
    };
    let mut open = Vec::new();
    let refused = loop {
        let response = ask(1).await;
        if response.status() != 200 {
            break response;
        }
        open.push(response);
    };
    assert_eq!((open.len(), refused.status().as_u16()), (32, 503));
    assert_eq!(refused.headers()["retry-after"], "30");
    assert_eq!(ask(2).await.status(), 200);
    open.pop();
    assert_eq!(ask(1).await.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_site_that_is_not_there_has_no_events() {
    let world = world();
    assert_eq!(get(&world.router, "/api/v1/events?site=example.com").await.status, 404);
    let long = format!("/api/v1/events?last_event_id={}", "9".repeat(61));
    assert_eq!(get(&world.router, &long).await.status, 400);
}
