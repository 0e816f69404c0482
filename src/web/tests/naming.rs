//! The site that an address of ours, a search or a target of a lookup names: questions, typing errors,
//! names of files, and several sites on one host.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::Router;

use super::{
    get,
    lookups::{curl, looking, looking_in},
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

#[tokio::test(start_paused = true)]
async fn questions_in_both_languages_lead_to_the_site() {
    let (router, fake) = looking();
    for (typed, want) in [
        ("is slack down", "/slack.com"),
        ("Is Slack down right now?", "/slack.com"),
        ("slack werkt niet", "/slack.com"),
        ("storing bij slack", "/slack.com"),
        ("is slack.com down?", "/slack.com"),
        ("netfl", "/netflix.com"),
        ("gov", "/www.gov.uk"),
        // An address is what it says, and no part of another one.
        ("flix.com", "/flix.com"),
        ("is flix.com down?", "/flix.com"),
    ] {
        let query: String = url::form_urlencoded::byte_serialize(typed.as_bytes()).collect();
        let got = get(&router, &format!("/?q={query}")).await;
        assert_eq!((got.status.as_u16(), got.header("location")), (303, want), "{typed}");
    }
    let found = get(&router, "/suggest?q=slack+werkt").await.json();
    let slack = serde_json::json!({"slug": "slack.com", "name": "Slack", "status": "down"});
    assert_eq!(found, serde_json::json!([slack]));
    assert_eq!(get(&router, "/suggest?q=slakc").await.json(), found, "a slip of the pen");
    assert_eq!(get(&router, "/suggest").await.json(), serde_json::json!([]));
    assert_eq!(fake.0.load(Ordering::SeqCst), 0, "nobody was asked");
}

#[tokio::test(start_paused = true)]
async fn whatever_people_paste_leads_to_the_page() {
    let (router, _) = looking();
    for (typed, want) in [
        ("Slack", "/slack.com"),
        ("new.example", "/new.example"),
        ("https://New.Example./some/page?x=1", "/new.example"),
        ("http://new.example", "/new.example:80"),
        ("2606:4700::1111", "/%5B2606:4700::1111%5D"),
        ("neu.caf\u{e9}.nl", "/neu.xn--caf-dma.nl"),
        ("https://new.example:8080", "/https:%2F%2Fnew.example:8080"),
    ] {
        let query: String = url::form_urlencoded::byte_serialize(typed.as_bytes()).collect();
        let got = get(&router, &format!("/?q={query}")).await;
        assert_eq!((got.status.as_u16(), got.header("location")), (303, want), "{typed}");
        let page = get(&router, want).await;
        assert_eq!(page.status, 200, "{want}");
        // People read a name in its own letters; programs and addresses have the other form.
        assert_eq!(page.text().contains("<title>Is neu.caf\u{e9}.nl "), typed.contains('\u{e9}'));
        tokio::time::advance(Duration::from_mins(1)).await;
    }
    for (path, status, words) in [
        ("/?q=nosuch", 200, "nosuch.com"),
        ("/?q=slakc", 200, "<span>Did you mean Slack?</span></h1>"),
        ("/slakc", 404, "href=\"/slack.com\""),
        ("/?q=http%3A%2F%2Fme%3Asecret%40new.example", 200, "href=\"/new.example\""),
        ("/?q=http%2F%2Fnew.example&lang=nl", 200, "href=\"/new.example?lang=nl\""),
        ("/?q=new.example%3A22", 200, "href=\"/new.example\""),
        ("/?q=%E2%80%AEa+b%E2%80%AE", 200, "\u{fffd}a b\u{fffd}"),
        ("/?q=%3Cscript%3E", 200, "script.com"),
        ("/192.168.0.1", 404, "public internet"),
        ("/a..b", 404, "not a name"),
        ("/WWW.New.Example", 303, ""),
    ] {
        let got = get(&router, path).await;
        assert_eq!(got.status, status, "{path}");
        let text = got.text();
        assert!(text.contains(words), "{path}: {text}");
        assert!(!text.contains("<script>") && !text.contains("secret"), "{path}: {text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_nobody_has_leads_to_the_sites_that_are_nearly_called_so() {
    let (router, _) = looking();
    let got = get(&router, "/slakc.com?lang=nl").await;
    let text = got.text();
    assert!(text.contains("<span>Geen site op slakc.com</span></h1>"), "{text}");
    assert!(
        text.contains("Die naam bestaat niet.") && !text.contains("slakc.com ligt eruit"),
        "{text}"
    );
    assert!(text.contains("Bedoelde u") && text.contains("href=\"/slack.com?lang=nl\""), "{text}");
    assert!(!text.contains("/problem\"") && !text.contains("class=\"try\""), "nothing to report");
    let json = get(&router, "/api/v1/lookup?target=slakc.com").await.json();
    assert_eq!((&json["status"], &json["fresh"]), (&"unknown".into(), &true.into()), "{json}");
    assert_eq!(json["summary"], "There is no site at slakc.com: that name does not exist.");
    assert_eq!(json["looked_up"]["down"], 0, "nobody was told that it is down");
    let old = get(&router, "/slakc.com.json").await;
    assert_eq!(old.text(), r#"{"domain":"slakc.com","port":443,"status_code":3}"#);
    assert!(!get(&router, "/down.example").await.text().contains("Did you mean"));
}

/// Typed texts that are no name of a site, and the result of each: a page, or a sentence that
/// contains this in English.
const TYPED: &[(&str, Result<&str, &str>)] = &[
    ("SLACK", Ok("/slack.com")),
    ("www.slack.com", Ok("/slack.com")),
    ("slack.com.", Ok("/slack.com")),
    ("slack.com:443", Ok("/slack.com")),
    ("\"slack.com\"", Ok("/slack.com")),
    ("<slack.com>", Ok("/slack.com")),
    ("slack.com:8080", Ok("/slack.com:8080")),
    ("slack.con", Ok("/slack.con")),
    ("slack .com", Err("href=\"/slack.com")),
    ("slack,com", Err("href=\"/slack.com")),
    ("http://user:pw@slack.com/", Err("href=\"/slack.com")),
    ("https://https://slack.com", Err("href=\"/slack.com")),
    ("https:\\\\slack.com", Err("href=\"/slack.com")),
    ("me@slack.com", Err("href=\"/slack.com")),
    ("Is Slack down, or is it only me who cannot send anything?", Ok("/slack.com")),
    ("javascript:alert(1)", Err("Type one such as slack.com")),
    ("file:///etc/passwd", Err("Type a name such as slack.com")),
    ("ftp://x", Err("Type a name such as slack.com")),
    ("C:\\Windows\\system.ini", Err("Type one such as slack.com")),
    ("\u{1f600}", Err("Type one such as slack.com")),
    ("+31 6 12345678", Err("Type one such as slack.com")),
    ("localhost", Err("We only check public sites")),
    ("192.168.1.1", Err("We only check public sites")),
    ("[::1]", Err("We only check public sites")),
];

#[tokio::test(start_paused = true)]
async fn nonsense_gets_a_kind_sentence_and_a_way_on_in_both_languages() {
    let (router, _) = looking();
    for (typed, want) in TYPED {
        let query: String = url::form_urlencoded::byte_serialize(typed.as_bytes()).collect();
        let got = get(&router, &format!("/?q={query}")).await;
        let dutch = get(&router, &format!("/?q={query}&lang=nl")).await;
        match want {
            Ok(path) => assert_eq!((got.status.as_u16(), got.header("location")), (303, *path)),
            Err(words) => {
                let (text, dutch) = (got.text(), dutch.text());
                assert_eq!(got.status, 200, "{typed}");
                assert!(text.contains(words), "{typed}: {text}");
                let told = text.contains("We can’t check") || text.contains("Did you mean Slack?");
                assert!(told && text.contains("name=\"q\""), "{typed}");
                let told = dutch.contains("kunnen we niet controleren")
                    || dutch.contains("Bedoelde u Slack?");
                assert!(told, "{typed}: {dutch}");
                assert!(dutch.contains("lang=\"nl\"") && dutch.contains("name=\"q\""), "{typed}");
            }
        }
    }
    // Longer than allowed: the beginning is enough, and the rest is refused with a form.
    let tracking = "utm_source=mail&".repeat(180);
    let query: String =
        url::form_urlencoded::byte_serialize(tracking.as_bytes()).collect::<String>();
    let got = get(&router, &format!("/?q=https%3A%2F%2Fslack.com%2F%3F{query}")).await;
    assert_eq!((got.status.as_u16(), got.header("location")), (303, "/slack.com"));
    let got = get(&router, &format!("/?lang=nl&q={}", "een+heel+verhaal+".repeat(600))).await;
    assert_eq!(got.status, 414);
    assert!(got.text().contains("De naam van een site is genoeg"), "{}", got.text());
    assert!(got.text().contains("name=\"q\""));
}

#[tokio::test(start_paused = true)]
async fn the_names_of_files_are_not_looked_up() {
    let (router, fake) = looking();
    for path in [
        "/apple-touch-icon.png",
        "/apple-touch-icon-precomposed.png",
        "/wp-login.php",
        "/xmlrpc.php",
        "/favicon-32x32.png",
        "/sitemap_index.xml",
        "/browserconfig.xml",
        "/style.css.json",
        "/foo.php",
        "/app.js.txt",
        "/index.html",
        "/.env",
        "/config.yml",
    ] {
        assert_eq!(get(&router, path).await.status, 404, "{path}");
        assert_eq!(curl(&router, path).await.status, 404, "{path}");
    }
    assert_eq!(get(&router, "/api/v1/lookup?target=foo.php").await.status, 400);
    assert_eq!(fake.0.load(Ordering::SeqCst), 0);
    // Real domains are looked up, as before.
    for path in ["/archive.zip", "/my.dev", "/php.net"] {
        assert_eq!(get(&router, path).await.status, 200, "{path}");
    }
    assert_eq!(fake.0.load(Ordering::SeqCst), 3);
    let feed = get(&router, "/feed.atom").await;
    for path in ["/history.atom", "/history.rss"] {
        let got = get(&router, path).await;
        assert_eq!(got.status, 200, "{path}");
        assert_eq!(got.text(), feed.text(), "{path}");
        assert_eq!(got.header("content-type"), "application/atom+xml; charset=utf-8");
    }
}
