//! Lookups of sites that the catalogue does not have: pages, API, text and isitup.org's shapes.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo};
use futures_util::future::BoxFuture;
use http::Request;
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::{Got, get, send, world::*};
use crate::{
    lookup::{LookupSettings, Lookups},
    web::router,
};
use model::{
    failure_detail::FailureDetail,
    judge::Rules,
    name::Region,
    outcome::{Answer, Failure, Outcome},
    restriction::Restriction,
    site::Site,
};
use prober::probe::{Blocked, Gate, VisitorProbe};

/// Sees what the target's name says, after a second.
#[derive(Debug, Default)]
pub(super) struct NamedOutcomes(pub(super) AtomicU32);

impl VisitorProbe for NamedOutcomes {
    fn attempt_for_visitor<'a>(
        &'a self,
        site: &'a Site,
        _: u8,
        _: &'a Arc<dyn Gate>,
    ) -> BoxFuture<'a, Result<Outcome, Blocked>> {
        Box::pin(async move {
            self.0.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_secs(1)).await;
            match site.slug.as_str().split('.').next() {
                Some("inside") => Err(Blocked { by_redirect: false, too_often: false }),
                Some("down") => Ok(Outcome::failed(Failure::Tls, "it <b>expired</b>")),
                Some("slakc") => Ok(Outcome::failed(Failure::Dns, FailureDetail::NoSuchName)),
                Some("walled") => {
                    Ok(answered(Answer::Restricted(Restriction::of_status(403)), 403, 9))
                }
                _ => Ok(answered(Answer::Ok, 200, 24_000)),
            }
        })
    }
}

/// The usual world, in which visitors may look up three sites a minute.
pub(super) fn looking() -> (Router, Arc<NamedOutcomes>) {
    looking_in(world())
}

pub(super) fn looking_in(world: World) -> (Router, Arc<NamedOutcomes>) {
    let fake = Arc::new(NamedOutcomes::default());
    let settings = LookupSettings {
        enabled: true,
        allow_private: false,
        per_visitor: 3,
        cache: Duration::from_secs(30),
        timeout: Duration::from_secs(10),
        rules: Rules::default(),
        region: Region::default(),
    };
    let (board, clock) = (world.board.clone(), world.web.clock.clone());
    let mut web = world.web;
    web.lookups = Lookups::new(fake.clone(), board, clock, settings);
    (router(web), fake)
}

fn from(client: u8, path: &str) -> Request<Body> {
    let mut request = Request::get(path).body(Body::empty()).unwrap();
    let peer = SocketAddr::from(([192, 0, 2, client], 9));
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}

pub(super) async fn curl(router: &Router, path: &str) -> Got {
    let request = Request::get(path).header("user-agent", "curl/8.5.0").header("accept", "*/*");
    send(router, request.body(Body::empty()).unwrap()).await
}

#[tokio::test(start_paused = true)]
async fn the_page_is_there_at_once_and_its_answer_follows() {
    let (router, _) = looking();
    let request = Request::get("/down.example").header("accept-encoding", "gzip");
    let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.headers().get("content-encoding").is_none());
    let policy = response.headers()["content-security-policy"].to_str().unwrap();
    let asks = "connect-src 'self' https://down.example https://www.down.example";
    assert!(policy.contains(asks), "{policy}");
    let mut body = response.into_body();
    let start = tokio::time::Instant::now();
    let mut parts = Vec::new();
    while let Some(frame) = body.frame().await {
        let bytes = frame.unwrap().into_data().unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        parts.push((start.elapsed().as_secs(), text));
    }
    let all: String = parts.iter().map(|(_, text)| text.as_str()).collect();
    let at = |words: &str| parts.iter().find(|(_, text)| text.contains(words)).unwrap().0;
    assert_eq!(at("Checking down.example…"), 0);
    // Two rounds of three attempts, of a second each.
    assert_eq!(at("Checking again, to be sure"), 3);
    assert_eq!(at("down.example is down"), 6);
    assert!(all.contains("noindex") && all.trim_end().ends_with("</html>"));
    assert!(!all.contains("<b>expired") && !all.contains('\u{1}'), "{all}");
    // The next visitor gets it whole.
    let got = get(&router, "/down.example").await;
    assert!(got.text().contains("down.example is down") && !got.text().contains("looking\""));
}

#[tokio::test(start_paused = true)]
async fn a_thousand_visitors_of_one_site_cause_one_look_in_all_forms() {
    let (router, fake) = looking();
    let paths = ["/slow.example", "/slow.example.json", "/api/v1/lookup?target=slow.example"];
    let asks = (0..1_000_u32).map(|n| {
        let request = from((n % 250) as u8, paths[n as usize % 3]);
        let router = router.clone();
        async move { send(&router, request).await }
    });
    let answers = futures_util::future::join_all(asks).await;
    assert!(answers.iter().all(|got| got.status == 200));
    assert!(answers.iter().all(|got| got.text().contains("slow.example")));
    assert_eq!(fake.0.load(Ordering::SeqCst), 1);
    let got = get(&router, "/slow.example").await.text().to_owned();
    assert!(got.contains("251 visitors checked it in the last hour."), "{got}");
}

#[tokio::test(start_paused = true)]
async fn the_api_gives_the_verdict_in_one_shape() {
    let (router, _) = looking();
    let ask =
        async |target: &str| get(&router, &format!("/api/v1/lookup?target={target}")).await.json();
    let up = ask("https://UP.example/some/page?x=1").await;
    assert_eq!((&up["status"], &up["slug"]), (&"up".into(), &"up.example".into()));
    assert_eq!((&up["url"], &up["watched"]), (&"https://up.example/".into(), &false.into()));
    assert_eq!((&up["http_status"], &up["http_version"]), (&200.into(), &"2".into()));
    assert_eq!((&up["phases"]["dns_ms"], &up["address"]), (&8.001.into(), &"192.0.2.7".into()));
    assert_eq!((&up["age_seconds"], &up["attempts"]), (&1.into(), &1.into()));
    let down = ask("down.example").await;
    assert_eq!((&down["status"], &down["cause"]["failure"]), (&"down".into(), &"tls".into()));
    assert_eq!((&down["latency_ms"], &down["looked_up"]["down"]), (&().into(), &1.into()));
    // A site of the catalogue answers from the board, by name or by address.
    for target in ["slack.com", "Slack", "https://www.slack.com/x"] {
        let site = ask(target).await;
        assert_eq!((&site["slug"], &site["watched"]), (&"slack.com".into(), &true.into()));
        assert_eq!((&site["status"], &site["looked_up"]), (&"down".into(), &().into()));
        let keys =
            |v: &serde_json::Value| v.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&site), keys(&up));
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_looked_at_is_a_problem_with_the_parameter() {
    let (router, fake) = looking();
    for (query, words) in [
        ("", "is missing"),
        ("?target=", "is missing"),
        ("?target=a%20b", "not a name"),
        ("?target=ftp://a.example", "http and https"),
        ("?target=127.0.0.1", "public internet"),
        ("?target=http://0x7f.1/", "public internet"),
        ("?target=[::1]", "public internet"),
        ("?target=a.example:22", "port 22"),
        ("?target=me:x@a.example", "user name"),
        ("?target=inside.example", "public internet"),
        ("?target=nothing", "nothing.com"),
    ] {
        let got = get(&router, &format!("/api/v1/lookup{query}")).await;
        let wrong = &got.json()["errors"][0];
        assert_eq!((got.status.as_u16(), &wrong["parameter"]), (400, &"target".into()), "{query}");
        assert!(got.header("ratelimit").starts_with("\"lookups\";r="), "{query}");
        assert!(wrong["detail"].as_str().unwrap().contains(words), "{query}: {wrong}");
    }
    let got = get(&router, "/api/v1/lookup?target=a.example&again=maybe").await;
    assert_eq!(got.json()["errors"][0]["parameter"], "again");
    let all = get(&router, "/api/v1/lookup?target=a%20b&again=maybe&x=1").await.json();
    let named: Vec<_> = all["errors"].as_array().unwrap().iter().map(|e| &e["parameter"]).collect();
    assert_eq!(named, ["again", "target", "x"]);
    assert_eq!(fake.0.load(Ordering::SeqCst), 1, "only the name that leads inside was looked at");
}

#[tokio::test(start_paused = true)]
async fn over_budget_there_is_429_with_the_last_answer() {
    let (router, _) = looking();
    for (site, left) in
        [("a", "\"lookups\";r=2;"), ("b", "\"lookups\";r=1;"), ("c", "\"lookups\";r=0;")]
    {
        let path = format!("/api/v1/lookup?target={site}.example");
        let got = send(&router, from(1, &path)).await;
        assert_eq!(got.status, 200);
        assert_eq!(got.header("ratelimit-policy"), "\"lookups\";q=3;w=60");
        assert!(got.header("ratelimit").starts_with(left), "{:?}", got.headers);
    }
    tokio::time::advance(Duration::from_secs(6)).await;
    let again = "/api/v1/lookup?target=a.example&again=1";
    let got = send(&router, from(1, again)).await;
    assert_eq!(got.status, 429);
    assert_eq!(got.header("retry-after"), "11");
    assert_eq!(got.header("ratelimit"), "\"lookups\";r=0;t=11");
    assert_eq!(got.json()["last"]["status"], "up");
    assert_eq!(send(&router, from(1, "/api/v1/lookup?target=d.example")).await.status, 429);
    let page = send(&router, from(1, "/a.example?again=1")).await;
    assert_eq!(page.status, 429);
    assert!(page.text().contains("This is what we knew last."), "{}", page.text());
    assert!(page.text().contains("a.example is up."));
    assert_eq!(send(&router, from(1, "/d.example")).await.status, 429);
    assert_eq!(send(&router, from(1, "/d.example.json")).await.status, 429);
    // Cached answers cost nothing, and other visitors have limits of their own.
    assert_eq!(send(&router, from(1, "/a.example")).await.status, 200);
    assert_eq!(send(&router, from(2, again)).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_command_line_gets_three_lines() {
    let (router, _) = looking();
    let got = curl(&router, "/up.example").await;
    assert_eq!(got.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(
        got.text(),
        "up.example is up.\n\
         https://up.example/ HTTP 200 over HTTP/2 from 192.0.2.7 in 84 ms\n\
         Checked 1 s ago: https://stillup.example/up.example\n"
    );
    assert_eq!(curl(&router, "/slack.com").await.text().lines().count(), 3);
    assert_eq!(curl(&router, "/inside.example").await.status, 403);
    for nothing in ["/127.0.0.1", "/slakc"] {
        let got = curl(&router, nothing).await;
        assert_eq!(got.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!((got.status.as_u16(), got.text().lines().count()), (404, 1), "{nothing}");
    }
    assert!(get(&router, "/up.example").await.header("content-type").starts_with("text/html"));
    assert!(curl(&router, "/about").await.header("content-type").starts_with("text/html"));
}

#[tokio::test(start_paused = true)]
async fn old_clients_of_isitup_get_what_they_know() {
    let (router, _) = looking();
    for (path, want) in [
        ("/slack.com.txt", "slack.com, 443, 2, , , \n"),
        (
            "/up.example.json",
            r#"{"domain":"up.example","port":443,"status_code":1,"response_ip":"192.0.2.7","response_code":200,"response_time":0.084001}"#,
        ),
        ("/up.example.txt", "up.example, 443, 1, 192.0.2.7, 200, 0.084001\n"),
        ("/down.example.json", r#"{"domain":"down.example","port":443,"status_code":2}"#),
        ("/down.example.txt", "down.example, 443, 2, , , \n"),
        ("/example.json", r#"{"domain":"example","port":443,"status_code":3}"#),
        ("/inside.example.json", r#"{"domain":"inside.example","port":443,"status_code":3}"#),
        ("/a%20b.json", r#"{"domain":"a b","port":80,"status_code":3}"#),
        ("/a%2C%0Ab.txt", "a??b, 80, 3, , , \n"),
        // The name of a callback is ignored: JSON is never answered as a script.
        (
            "/down.example.json?callback=a.b",
            r#"{"domain":"down.example","port":443,"status_code":2}"#,
        ),
    ] {
        let got = get(&router, path).await;
        assert_eq!((got.status.as_u16(), got.text()), (200, want), "{path}");
        tokio::time::advance(Duration::from_secs(25)).await;
    }
    let got = get(&router, "/up.example.json?callback=alert(1)").await;
    assert_eq!((got.status.as_u16(), got.header("content-type")), (200, "application/json"));
    let fresh = get(&router, "/up.example.json").await;
    let as_lookup = get(&router, "/api/v1/lookup?target=up.example").await;
    assert_eq!(fresh.header("cache-control"), as_lookup.header("cache-control"));
    assert!(fresh.header("cache-control").starts_with("public, max-age="));
    let got = get(&router, "/intranet.json").await;
    assert_eq!(got.status, 503, "it has no number for what we do not know");
}

#[tokio::test(start_paused = true)]
async fn a_visitor_with_a_problem_too_is_counted_once_and_judges_nothing() {
    let (router, _) = looking();
    let report = async |client: u8, path: &str, header: Option<(&str, &str)>| {
        let mut request = from(client, path);
        *request.method_mut() = http::Method::POST;
        if let Some((name, value)) = header {
            let name = http::HeaderName::try_from(name).unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        send(&router, request).await
    };
    let own = Some(("sec-fetch-site", "same-origin"));
    assert_eq!(report(1, "/up.example/problem", own).await.status, 404, "nobody looked it up");
    get(&router, "/up.example").await;
    let got = report(1, "/up.example/problem", own).await;
    assert_eq!((got.status.as_u16(), got.header("location")), (303, "/up.example?told=1#justme"));
    assert_eq!(
        report(1, "/up.example/problem", own).await.header("location"),
        "/up.example?told=0#justme"
    );
    assert_eq!(report(2, "/up.example/problem", None).await.status, 303);
    let origin = Some(("origin", "https://stillup.example"));
    assert_eq!(report(3, "/up.example/problem", origin).await.status, 303);
    for other in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        assert_eq!(report(4, "/up.example/problem", Some(other)).await.status, 403, "{other:?}");
    }
    // Browsers say nothing more over plain HTTP, whatever address of ours was opened.
    let opened = async |origin: &str| {
        let mut request = from(2, "/up.example/problem");
        *request.method_mut() = http::Method::POST;
        request.headers_mut().insert("host", "192.0.2.7:8080".parse().unwrap());
        request.headers_mut().insert("origin", origin.parse().unwrap());
        send(&router, request).await.status
    };
    assert_eq!(opened("http://192.0.2.7:8080").await, 303);
    assert_eq!(opened("http://192.0.2.7").await, 403);
    // The address can be shared: it thanks nobody but those who were counted.
    for (client, path, thanks) in
        [(1, "?told=1", true), (2, "?told=0", true), (1, "", false), (9, "?told=1", false)]
    {
        let got = send(&router, from(client, &format!("/up.example{path}"))).await;
        assert_eq!(got.text().contains("class=\"thanks\""), thanks, "{client}{path}");
    }
    let got = get(&router, "/up.example").await;
    assert!(got.text().contains("3 reports in the last hour."));
    assert!(got.text().contains("up.example is up.") && got.header("set-cookie").is_empty());
    let json = get(&router, "/api/v1/lookup?target=up.example").await.json();
    assert_eq!((&json["reports"], &json["status"]), (&3.into(), &"up".into()));
    let got = report(1, "/www.slack.com/problem", own).await;
    assert_eq!(got.header("location"), "/slack.com?told=1#justme");
    assert_eq!(report(1, "/127.0.0.1/problem", own).await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn while_every_place_is_taken_the_sites_of_the_catalogue_are_answered_from_the_board() {
    let (router, _) = looking();
    for client in 0..64 {
        let (router, path) = (router.clone(), format!("/{client}.example.json"));
        tokio::spawn(async move { send(&router, from(client, &path)).await });
    }
    tokio::time::sleep(Duration::from_millis(10)).await;
    let refused = send(&router, from(200, "/api/v1/lookup?target=other.example")).await;
    assert_eq!(refused.status, 503);
    // One that was checked just now, and one that never was.
    for target in ["slack.com", "xn--caf-dma.nl"] {
        for path in [format!("/{target}"), format!("/api/v1/lookup?target={target}")] {
            assert_eq!(send(&router, from(200, &path)).await.status, 200, "{path}");
        }
    }
}
