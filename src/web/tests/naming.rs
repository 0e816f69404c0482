//! The site that an address of ours, a search or a target of a lookup names, with several on one
//! host.

use std::sync::Arc;

use axum::Router;

use super::{
    get,
    lookups::{curl, looking_in},
    world::{World, site},
};
use model::site::Site;

/// Three sites on one machine, one of them with a slug and a name of its own.
fn neighbours() -> Router {
    let at = |slug: &str, name: &str, url: &str| {
        let url = url.parse().unwrap();
        Arc::new(Site { url, private: true, ..(*site(slug, name, &[])).clone() })
    };
    looking_in(World::of(&[
        at("127.0.0.1:18291", "127.0.0.1:18291", "http://127.0.0.1:18291/"),
        at("127.0.0.1:18299", "127.0.0.1", "http://127.0.0.1:18299/"),
        at("good", "The Good One", "http://localhost:18291/"),
        at("localhost:18292", "Other", "http://localhost:18292/"),
        at("slack.com", "Slack", "https://slack.com/"),
    ]))
    .0
}

async fn look_up(router: &Router, target: &str) -> (u16, serde_json::Value) {
    let target: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
    let got = get(router, &format!("/api/v1/lookup?target={target}")).await;
    (got.status.as_u16(), got.json())
}

#[tokio::test(start_paused = true)]
async fn a_target_gets_the_verdict_of_its_own_port() {
    let router = neighbours();
    for (target, slug) in [
        ("http://127.0.0.1:18291/", "127.0.0.1:18291"),
        ("http://127.0.0.1:18299/", "127.0.0.1:18299"),
        ("127.0.0.1:18299", "127.0.0.1:18299"),
        ("http://localhost:18291/x?y", "good"),
        ("Good", "good"),
        ("the good one", "good"),
        ("LOCALHOST:18292", "localhost:18292"),
        ("https://slack.com/some/page?x=1", "slack.com"),
    ] {
        let (status, json) = look_up(&router, target).await;
        assert_eq!((status, &json["slug"]), (200, &slug.into()), "{target}: {json}");
        assert_eq!(json["watched"], true, "{target}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_stays_so_on_a_host_of_the_catalogue() {
    let router = neighbours();
    for (target, words) in [
        ("http://127.0.0.1/", "public internet"),
        ("http://127.0.0.1:22/", "port 22"),
        ("gopher://127.0.0.1:70/", "http and https"),
        ("gopher://127.0.0.1:18291/", "http and https"),
        ("http://user:pass@127.0.0.1/", "user name"),
        ("http://user:pass@127.0.0.1:18291/", "user name"),
        ("2130706433", "public internet"),
        ("127.0.0.1", "public internet"),
        ("slack.com:22", "port 22"),
        ("me@slack.com", "user name"),
    ] {
        let (status, json) = look_up(&router, target).await;
        let detail = json["errors"][0]["detail"].as_str().unwrap_or_default();
        assert!(status == 400 && detail.contains(words), "{target}: {json}");
    }
    for path in ["/127.0.0.1.json", "/127.0.0.1.txt"] {
        let got = get(&router, path).await;
        assert!(got.text().contains('3') && !got.text().contains("18299"), "{}", got.text());
    }
    assert_eq!(get(&router, "/127.0.0.1").await.status, 404);
    for typed in ["http://127.0.0.1:22/", "http://user:pass@127.0.0.1/", "2130706433"] {
        let got = get(&router, &format!("/?q={typed}")).await;
        assert_eq!((got.status.as_u16(), got.header("location")), (200, ""), "{typed}");
    }
    let got = get(&router, "/?q=http://127.0.0.1:18299/").await;
    assert_eq!(got.header("location"), "/127.0.0.1:18299");
}

#[tokio::test(start_paused = true)]
async fn any_writing_of_a_site_is_text_for_the_command_line_and_leads_browsers_to_its_page() {
    let router = neighbours();
    for (path, page) in [
        ("/Good", "/good"),
        ("/GOOD", "/good"),
        ("/The%20Good%20One", "/good"),
        ("/LOCALHOST:18292", "/localhost:18292"),
        ("/other", "/localhost:18292"),
        ("/SLACK.com", "/slack.com"),
    ] {
        let got = curl(&router, path).await;
        assert_eq!((got.status.as_u16(), got.text().lines().count()), (200, 3), "{path}");
        assert!(got.header("content-type").starts_with("text/plain"), "{path}");
        let got = get(&router, path).await;
        assert_eq!((got.status.as_u16(), got.header("location")), (308, page), "{path}");
    }
    assert_eq!(curl(&router, "/good").await.text().lines().count(), 3);
    assert!(get(&router, "/GOOD.txt").await.text().contains("not checked The Good One yet"));
    assert_eq!(curl(&router, "/nothing").await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn a_host_in_capitals_is_the_same_site_for_programs() {
    let router = neighbours();
    for path in [
        "/api/v1/sites/Slack.COM",
        "/badge/Slack.COM.json",
        "/embed/Slack.COM",
        "/sites/Slack.COM/feed.atom",
        "/sites/Slack.COM/api/v2/status.json",
    ] {
        assert_eq!(get(&router, path).await.status, 200, "{path}");
    }
    let got = get(&router, "/api/v1/sites/Slack.COM").await;
    assert_eq!(got.json()["slug"], "slack.com");
    // There is no record here, which is another answer than that there is no such site.
    for list in ["checks", "outages", "history"] {
        let got = get(&router, &format!("/api/v1/sites/Slack.COM/{list}")).await;
        assert_eq!(got.status, 503, "{list}");
    }
    assert_eq!(get(&router, "/api/v1/outages?state=ongoing&site=Slack.COM").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_site_is_the_same_in_capitals_and_in_its_own_letters_at_every_address() {
    let world = super::world::world();
    for (slug, name) in [("xn--caf-dma.nl", "caf%C3%A9.nl"), ("slack.com", "SLACK.com")] {
        for form in ["/api/v1/sites/{}", "/sites/{}/feed.json", "/sites/{}/windows.ics"] {
            let [plain, other] = [slug, name].map(|slug| form.replace("{}", slug));
            let (plain, other) =
                (get(&world.router, &plain).await, get(&world.router, &other).await);
            assert_eq!(plain.status, 200, "{form} {slug}");
            assert_eq!((other.status, other.text()), (plain.status, plain.text()), "{form} {name}");
        }
        for form in ["/badge/{}.svg", "/badge/{}/dot.svg", "/embed/{}", "/api/badge/{}/status"] {
            let [plain, other] = [slug, name].map(|slug| form.replace("{}", slug));
            let (plain, other) =
                (get(&world.router, &plain).await, get(&world.router, &other).await);
            assert_eq!(other.text(), plain.text(), "{form} {name}");
        }
    }
}
