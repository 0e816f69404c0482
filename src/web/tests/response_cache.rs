//! Cached responses and the rate limit, in front of the route table.

use axum::{body::Body, extract::ConnectInfo, http::Request};

use super::{ask, got, world::*};
use crate::web::{Web, WebService};
use model::outcome::{Answer, Failure, Outcome};

const HOT: [&str; 6] = [
    "/",
    "/?lang=nl",
    "/api/v1/status",
    "/api/v1/sites/slack.com",
    "/badge/slack.com.svg",
    "/badge/slack.com.svg?label=a&style=flat-square",
];

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_ready_is_the_same_as_one_that_is_made() {
    let world = world();
    let service = WebService::new(world.web.clone());
    for path in HOT {
        for headers in [&[][..], &[("accept-encoding", "gzip")]] {
            let made = ask(&service, path, headers).await;
            let ready = ask(&service, path, headers).await;
            assert_eq!((made.status, &made.headers), (ready.status, &ready.headers), "{path}");
            assert_eq!(made.body, ready.body);
            let tag = made.header("etag");
            let mut again = headers.to_vec();
            again.push(("if-none-match", tag));
            let had = ask(&service, path, &again).await;
            assert_eq!((had.status.as_u16(), had.body.len()), (304, 0), "{path}");
            assert_eq!(had.header("cache-control"), made.header("cache-control"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_is_seen_at_once_and_the_passing_of_time_each_second() {
    let world = world();
    let service = WebService::new(world.web.clone());
    let path = "/api/v1/sites/slack.com";
    assert_eq!(ask(&service, path, &[]).await.json()["status"], "down");
    world.show_from("local", "slack.com", &[answered(Answer::Ok, 200, 9)]);
    assert_eq!(ask(&service, path, &[]).await.json()["status"], "up");
    let dead = Outcome::failed(Failure::Dns, "no such name");
    world.show_from("local", "slack.com", &[dead.clone(), dead]);
    assert_eq!(ask(&service, path, &[]).await.json()["status"], "down");
    tokio::time::advance(MINUTE * 5).await;
    assert_eq!(ask(&service, path, &[]).await.json()["status"], "unknown");
    assert_eq!(ask(&service, "/api/v1/status", &[]).await.json()["unknown"], 7);
}

#[tokio::test(start_paused = true)]
async fn what_stands_behind_the_question_mark_is_heard_where_it_means_something() {
    let world = world();
    let service = WebService::new(world.web.clone());
    for path in HOT.into_iter().filter(|path| !path.contains('?')) {
        let plain = ask(&service, path, &[]).await;
        let random = ask(&service, &format!("{path}?x=81&_&4711"), &[]).await;
        assert_eq!(plain.body, random.body, "{path}");
    }
    let badge = "/badge/slack.com.svg";
    let plain = ask(&service, badge, &[]).await;
    for query in ["label=a", "style=for-the-badge", "x=1&label=a", "l%61bel=a", "lang=nl"] {
        let other = ask(&service, &format!("{badge}?{query}"), &[]).await;
        assert_ne!(plain.body, other.body, "{query}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_asks_too_often_is_told_how_long_to_wait() {
    let world = world();
    let service = WebService::new(Web { reads_per_minute: 2, ..world.web.clone() });
    let from = async |last: u8, path: &str| {
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        let peer = std::net::SocketAddr::from(([192, 0, 2, last], 9));
        request.extensions_mut().insert(ConnectInfo(peer));
        got(service.answer(request).await).await
    };
    let first = from(1, "/api/v1/status").await;
    assert_eq!(first.header("ratelimit-policy"), "\"reads\";q=2;w=60");
    assert_eq!(first.header("ratelimit"), "\"reads\";r=1;t=30");
    assert_eq!(from(1, "/api/v1/sites").await.header("ratelimit"), "\"reads\";r=0;t=30");
    let refused = from(1, "/api/v1/status").await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "30"));
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_eq!(refused.header("access-control-allow-origin"), "*");
    assert!(refused.header("access-control-expose-headers").contains("ratelimit"));
    assert_eq!(refused.json()["type"], "https://stillup.example/api#too-many");
    assert_eq!(from(2, "/api/v1/status").await.status, 200);
    // Images stay images, at the addresses of other products too.
    for badge in [
        "/badge/slack.com.svg",
        "/api/badge/slack.com/status",
        "/api/v1/endpoints/slack.com/health/badge.svg",
        "/api/v1/endpoints/slack.com/health/badge.shields",
    ] {
        let got = from(1, badge).await;
        assert_eq!((got.status.as_u16(), got.header("ratelimit")), (200, ""), "{badge}");
    }
    assert_eq!(from(1, "/api/v1/endpoints/slack.com/uptimes/24h").await.status, 429);
    tokio::time::advance(MINUTE / 2).await;
    assert_eq!(from(1, "/api/v1/status").await.status, 200);
}
