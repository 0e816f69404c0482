//! Hostile requests: each gets a clear answer, none is trusted.

use std::fmt::Write;

use axum::{body::Body, http::Request};

use super::{get, send, words, world::*};

#[tokio::test(start_paused = true)]
async fn strange_paths_are_not_found() {
    let world = world();
    let long = format!("/{}.com", "a".repeat(5_000));
    for path in [
        "/%00",
        "/%00.com",
        "/%ff.com",
        "/%F0%9F%92%A9.com",
        "/..%2f..%2fetc",
        "/%3Cscript%3E.com",
        &long,
    ] {
        let got = get(&world.router, path).await;
        assert_eq!(got.status, 404, "{path}");
        assert!(got.header("content-type").starts_with("text/html"));
        assert!(!got.text().contains("<script>") && !got.text().contains('\0'), "{path}");
        assert!(got.body.len() < 8_000, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_told_in_both_languages() {
    let world = world();
    let mut told = String::new();
    for path in ["/nothing/here", "/%3Cscript%3E.com", "/no%20such.thing", "/providers/nobody"] {
        for lang in ["en", "nl"] {
            let got = get(&world.router, &format!("{path}?lang={lang}")).await;
            assert_eq!(got.status, 404, "{path}");
            writeln!(told, "## {path} ({lang})\n{}\n", words(got.text())).unwrap();
        }
    }
    insta::assert_snapshot!(told);
}

#[tokio::test(start_paused = true)]
async fn queries_are_bounded_and_lenient() {
    let world = world();
    // As long as a request target of `http` may be.
    let long = "x".repeat(60_000);
    for (path, kind) in [("/", "text/html"), ("/api/v1/sites", "application/problem+json")] {
        let got = get(&world.router, &format!("{path}?q={long}")).await;
        assert_eq!(got.status, 414, "{path}");
        assert!(got.header("content-type").starts_with(kind), "{path}");
        assert_eq!(got.text().contains("<input id=\"q\" name=\"q\""), path == "/", "{path}");
        let got = get(&world.router, &format!("{path}?q=%ff%01&&_=&_%=%zz&_a=b=c")).await;
        assert_eq!(got.status, 200, "{path}");
    }
    assert_eq!(get(&world.router, "/?=&%=%zz&a=b=c").await.status, 200);
    assert_eq!(get(&world.router, "/api/v1/status?=&%=%zz&a=b=c").await.status, 200);
    assert_eq!(get(&world.router, "/api/v1/sites?=&%=%zz&a=b=c").await.status, 400);
    let got = get(&world.router, &format!("/api/v1/sites?q={}", "x".repeat(201))).await;
    assert_eq!(got.json()["errors"][0]["parameter"], "q");
    for path in ["/api/v1/sites", "/api/v1/outages"] {
        let got = get(&world.router, &format!("{path}?provider=a%00b")).await;
        assert_eq!(got.json()["errors"][0]["parameter"], "provider", "{path}");
    }
    assert_eq!(get(&world.router, "/?q=%00&tag=%00&status=%00").await.status, 200);
    assert_eq!(get(&world.router, "/?status=nonsense&tag=none").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn the_host_header_is_not_believed() {
    let world = world();
    for path in ["/", "/slack.com", "/api", "/www.slack.com", "/?q=Slack"] {
        let request = Request::get(path).header("host", "evil.example");
        let request = request.header("x-forwarded-host", "evil.example");
        let got = send(&world.router, request.body(Body::empty()).unwrap()).await;
        assert!(!got.text().contains("evil.example"), "{path}");
        assert!(!got.header("location").contains("evil"), "{path}");
    }
    let got = get(&world.router, "/%2F%2Fevil.example").await;
    assert_eq!(got.status, 404);
}
