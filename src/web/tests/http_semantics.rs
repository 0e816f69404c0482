//! The manners of HTTP: tags, caching, compression, methods, headers, health.

use std::time::Duration;

use axum::{body::Body, http::Request};

use super::{Got, ask, get, send, world::*};
use crate::web::WebService;
use model::{name::Slug, verdict::Outage};

#[tokio::test(start_paused = true)]
async fn who_has_it_already_is_told_so() {
    let world = world();
    for path in ["/", "/slack.com", "/api/v1/sites", "/badge/slack.com.svg", "/static/style.css"] {
        let first = get(&world.router, path).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with('"'), "{path}");
        let again = |tag: String| {
            Request::get(path).header("if-none-match", tag).body(Body::empty()).unwrap()
        };
        for theirs in [tag.clone(), format!("\"other\", W/{tag}"), "*".to_owned()] {
            let got = send(&world.router, again(theirs)).await;
            assert_eq!((got.status.as_u16(), got.body.len()), (304, 0), "{path}");
            assert_eq!(got.header("etag"), tag);
            assert_eq!(got.header("cache-control"), first.header("cache-control"));
        }
        assert_eq!(send(&world.router, again("\"other\"".to_owned())).await.status, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn not_modified_has_no_length() {
    let service = WebService::new(world().web);
    for path in
        ["/", "/slack.com", "/api/v1/status", "/feed.atom", "/openapi.json", "/embed/slack.com"]
    {
        let tag = ask(&service, path, &[]).await.header("etag").to_owned();
        for method in ["GET", "HEAD"] {
            let request = Request::builder().method(method).uri(path);
            let request = request.header("if-none-match", &tag).body(Body::empty()).unwrap();
            let response = service.answer(request).await;
            assert_eq!(response.status(), 304, "{method} {path}");
            assert!(!response.headers().contains_key("content-length"), "{method} {path}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_wants_one_state_of_it_only_gets_no_other() {
    let world = world();
    let service = WebService::new(world.web.clone());
    for path in ["/", "/slack.com", "/api/v1/status", "/badge/slack.com.svg", "/feed.atom"] {
        let tag = ask(&service, path, &[]).await.header("etag").to_owned();
        for (only, status) in [
            (tag.as_str(), 200),
            ("*", 200),
            (&format!("\"other\", {tag}"), 200),
            (&format!("W/{tag}"), 412),
            ("\"other\"", 412),
        ] {
            let got = ask(&service, path, &[("if-match", only)]).await;
            assert_eq!(got.status, status, "{path} {only}");
            if status == 412 && path.starts_with("/api/") {
                assert_eq!(got.header("content-type"), "application/problem+json");
                assert_eq!(got.json()["instance"], path);
                let kind = got.json()["type"].to_string();
                assert!(kind.starts_with("\"http"), "{kind}");
            }
        }
    }
    assert_eq!(ask(&service, "/nothing/here", &[("if-match", "\"other\"")]).await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn each_encoding_has_a_tag_of_its_own() {
    let world = world();
    let ask = |encoding: &str, tag: &str| {
        let request = Request::get("/").header("accept-encoding", encoding);
        request.header("if-none-match", tag).body(Body::empty()).unwrap()
    };
    for encoding in ["gzip", "GZip, br, zstd"] {
        let got = send(&world.router, ask(encoding, "\"none\"")).await;
        assert_eq!(got.header("content-encoding"), "gzip");
        let vary: Vec<_> = got.headers.get_all("vary").iter().collect();
        assert!(vary.contains(&&"accept-encoding".parse().unwrap()));
        assert!(vary.contains(&&"accept-language".parse().unwrap()));
        let tag = got.header("etag").to_owned();
        assert!(tag.ends_with("-gzip\""), "{tag}");
        assert_eq!(send(&world.router, ask(encoding, &tag)).await.status, 304);
    }
}

#[tokio::test(start_paused = true)]
async fn who_takes_none_of_our_encodings_gets_the_answer_without() {
    let world = world();
    for (accept, want) in [
        ("identity;q=0, gzip", "gzip"),
        ("gzip;q=1.0,deflate;q=0.6,identity;q=0.3", "gzip"),
        ("x-gzip", "gzip"),
        ("gzip;q=0", ""),
        ("identity, gzip;q=0.5", ""),
        ("gzip;q=2, zstd;q=NaN,,;;,=", ""),
        ("zstd", ""),
        ("br", ""),
        ("*", ""),
        ("identity;q=0", ""),
        ("zstd, identity;q=0", ""),
        ("*;q=0", ""),
        ("", ""),
    ] {
        let request = Request::get("/").header("accept-encoding", accept);
        let got = send(&world.router, request.body(Body::empty()).unwrap()).await;
        assert_eq!((got.status.as_u16(), got.header("content-encoding")), (200, want), "{accept}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_answer_is_guarded_and_open_to_all() {
    let world = world();
    for path in ["/", "/nothing.example", "/api/v1/status", "/healthz"] {
        let got = get(&world.router, path).await;
        assert!(got.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert_eq!(got.header("x-content-type-options"), "nosniff");
        assert_eq!(got.header("access-control-allow-origin"), "*");
        assert!(!got.header("referrer-policy").is_empty());
        assert!(!got.header("permissions-policy").is_empty());
        assert!(!got.header("cache-control").is_empty());
    }
    // What browsers heed of documents alone is not sent with what is none.
    for path in ["/static/style.css", "/static/page.js", "/site.webmanifest"] {
        let got = get(&world.router, path).await;
        assert_eq!(got.header("x-content-type-options"), "nosniff");
        assert_eq!(got.header("access-control-allow-origin"), "*");
        assert!(!got.header("cache-control").is_empty());
        assert_eq!(got.header("content-security-policy"), "", "{path}");
    }
    for path in ["/static/up.svg", "/badge/github.com.svg"] {
        let got = get(&world.router, path).await;
        assert_eq!(got.header("content-security-policy"), "default-src 'none'", "{path}");
        assert_eq!(got.header("permissions-policy"), "", "{path}");
    }
    let exposing = [("/", false), ("/static/style.css", false), ("/static/up.svg", false)];
    for (path, exposed) in exposing.into_iter().chain([("/api/v1/status", true)]) {
        let got = get(&world.router, path).await;
        assert_eq!(got.header("access-control-expose-headers").contains("etag"), exposed, "{path}");
    }
    let options = Request::options("/api/v1/sites")
        .header("origin", "https://elsewhere.example")
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "if-none-match");
    let got = send(&world.router, options.body(Body::empty()).unwrap()).await;
    assert_eq!(got.status, 200);
    assert_eq!(got.header("access-control-allow-headers"), "*,authorization");
}

#[tokio::test(start_paused = true)]
async fn only_reading_is_allowed() {
    let world = world();
    for path in ["/", "/slack.com", "/api/v1/sites", "/badge/slack.com.svg"] {
        let post = Request::post(path).body(Body::empty()).unwrap();
        let got = send(&world.router, post).await;
        assert_eq!(got.status, 405, "{path}");
        assert_eq!(got.header("allow"), "GET,HEAD", "{path}");
        let head = Request::head(path).body(Body::empty()).unwrap();
        let got = send(&world.router, head).await;
        assert_eq!((got.status.as_u16(), got.body.len()), (200, 0), "{path}");
        let whole = get(&world.router, path).await;
        for name in ["etag", "content-length", "content-type"] {
            assert_eq!(got.header(name), whole.header(name), "{path}: {name}");
        }
    }
    let post = Request::post("/api/v1/status").body(Body::empty()).unwrap();
    assert_eq!(send(&world.router, post).await.json()["title"], "Method not allowed");
}

#[tokio::test(start_paused = true)]
async fn files_are_kept_for_ever_under_the_name_of_their_checksum() {
    let world = world();
    let page = get(&world.router, "/about").await;
    let from = page.text().find("/static/style.").unwrap();
    let path: String = page.text()[from..].chars().take_while(|c| *c != '"').collect();
    let got = get(&world.router, &path).await;
    assert_eq!(got.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(got.header("cache-control"), "public, max-age=31536000, immutable");
    for nothing in ["/static/secret", "/api/v1/endpoints/slack.com/nothing"] {
        let got = get(&world.router, nothing).await;
        assert_eq!((got.status.as_u16(), &got.json()["instance"]), (404, &nothing.into()));
    }
    assert_eq!(get(&world.router, "/static/..%2fCargo.toml").await.status, 404);
    assert!(get(&world.router, "/robots.txt").await.text().contains("User-agent: *"));
}

#[tokio::test(start_paused = true)]
async fn ready_means_that_there_is_something_to_say() {
    let world = world();
    assert_eq!(get(&world.router, "/healthz").await.text(), "ok\n");
    assert_eq!(get(&world.router, "/readyz").await.json()["status"], "ready");
    world.board.update_store_health(|record| record.away_since = Some(now()));
    let got = get(&world.router, "/readyz").await;
    assert_eq!((got.status.as_u16(), &got.json()["status"]), (200, &"degraded".into()));
    tokio::time::advance(MINUTE * 6).await;
    let got = get(&world.router, "/readyz").await;
    assert_eq!((got.status.as_u16(), &got.json()["status"]), (503, &"unready".into()));
    let got = get(&world.router, "/healthz").await;
    let text = "no site has been checked for more than 5 minutes\n";
    assert_eq!((got.status.as_u16(), got.text()), (503, text), "a balancer leaves it out");
}

#[tokio::test(start_paused = true)]
async fn metrics_count_what_is_shown() {
    let world = world();
    world.board.update_store_health(|record| record.recorded = 12);
    let got = get(&world.router, "/metrics").await;
    assert!(got.header("content-type").starts_with("text/plain; version=0.0.4"));
    for line in [
        "stillup_sites{status=\"up\"} 3",
        "stillup_sites{status=\"unknown\"} 1",
        "stillup_checks_recorded_total 12",
        "stillup_record_away_since_seconds 0",
        "stillup_last_check_timestamp_seconds 1488290995",
    ] {
        assert!(got.text().lines().any(|l| l == line), "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn programs_are_told_as_programs_what_is_wrong() {
    let world = world();
    let ask = async |method: &str, path: &str, accept: &str| {
        let request = Request::builder().method(method).uri(path).header("accept", accept);
        send(&world.router, request.body(Body::empty()).unwrap()).await
    };
    let problem = "application/problem+json";
    for path in [
        "/sites/none/api/v2/summary.json",
        "/sites/slack.com/api/v2/nope.json",
        "/sites/none/feed.atom",
        "/sites/none/feed.json",
        "/agent/v1/nope",
    ] {
        let got = ask("GET", path, "*/*").await;
        assert_eq!((got.status.as_u16(), got.header("content-type")), (404, problem), "{path}");
        assert_eq!((&got.json()["status"], &got.json()["instance"]), (&404.into(), &path.into()));
    }
    for path in [
        "/metrics",
        "/healthz",
        "/readyz",
        "/openapi.json",
        "/feed.atom",
        "/badge/slack.com.svg",
        "/slack.com.json",
    ] {
        let got = ask("POST", path, "*/*").await;
        assert_eq!((got.status.as_u16(), got.header("content-type")), (405, problem), "{path}");
        assert_eq!(got.header("allow"), "GET,HEAD", "{path}");
    }
    let got = ask("GET", "/agent/v1/hello", "*/*").await;
    assert_eq!((got.status.as_u16(), got.header("content-type")), (405, problem));
    assert_eq!(got.header("allow"), "POST");
    for (path, accept, json) in [
        ("/nothing.example", "application/json", true),
        ("/providers/none", "application/problem+json, application/json", true),
        ("/nothing/at/all", "application/json", true),
        ("/providers/none", "text/html, application/json", false),
        ("/providers/none", "*/*", false),
        ("/nothing/at/all", "text/html", false),
    ] {
        let got = ask("GET", path, accept).await;
        assert_eq!(
            (got.status, got.header("content-type") == problem),
            (http::StatusCode::NOT_FOUND, json),
            "{path} {accept}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_is_not_sent_again_within_its_second() {
    let world = world();
    let age = Duration::from_hours(72);
    let outage = world.board.site("slack.com").unwrap().outages[0].clone();
    let older =
        Outage { started_at: outage.started_at - age, ended_at: Some(now() - age), ..outage };
    world.board.fill(&Slug::new("slack.com").unwrap(), &[], &[older], true);
    tokio::time::advance(Duration::from_millis(300)).await;
    for path in [
        "/",
        "/outages",
        "/slack.com",
        "/providers/aws",
        "/about",
        "/embed/slack.com",
        "/medium.com?lang=nl",
    ] {
        let ask = |tag: &str| Request::get(path).header("if-none-match", tag).body(Body::empty());
        let first = send(&world.router, ask("").unwrap()).await;
        assert_eq!(first.status, 200, "{path}");
        tokio::time::advance(Duration::from_millis(400)).await;
        let again = send(&world.router, ask(first.header("etag")).unwrap()).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{path}");
        for name in ["vary", "cache-control", "etag"] {
            let of = |got: &Got| {
                let values = got.headers.get_all(name).iter();
                let mut all: Vec<_> = values.map(|v| v.to_str().unwrap().to_owned()).collect();
                all.sort();
                all
            };
            assert_eq!(of(&again), of(&first), "{path}: {name}");
        }
        tokio::time::advance(Duration::from_millis(600)).await;
    }
}
