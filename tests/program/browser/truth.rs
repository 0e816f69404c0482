//! Untruths that pages once told, in a real browser: figures of time that was not watched, an outage of a name
//! that nobody has, a refusal of a question that people type, a provider blamed for our own trouble, gaps between
//! checks that nobody had planned.

use std::fmt::Write;

use model::moment::Moment;
use prober::clock::Clock;
use serde_json::{Value, json};
use stillup::private_postgres::throwaway;
use testbed::{Behaviour, DnsAnswers, NameserverBehaviour, Testbed};

use super::{driver::Browser, keys::arrives};
use crate::{
    server::{Mood, Server, entry},
    service::{SOON, Service, until},
};

/// Figures that stand where a window was not watched for half.
const FIGURES: &str = "
    const figures = [...document.querySelectorAll('.tiles, #card')].filter((e) => e.textContent.includes('%'));
    return figures.map((e) => e.textContent);
";

/// Ways to report what is no site, or to try it.
const TRIES: &str = "
    const all = [...document.querySelectorAll('.justme, .try, form[method=post]')];
    return all.map((e) => e.outerHTML.slice(0, 90));
";

/// A service whose names are those of a testbed.
fn in_testbed(testbed: &Testbed, catalogue: &str, database_url: String) -> Service {
    let service = Service::new(catalogue, Some(database_url));
    std::fs::write(service.path("testbed.pem"), testbed.ca_pem()).unwrap();
    service.write_settings(&format!(
        "[probe]\nnameservers = [\"{}\"]\nca_file = \"testbed.pem\"\n[lookup]\nallow_private = true\n\
         [judge]\ncontrols = []\n",
        testbed.nameserver()
    ));
    service
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_told_wrongly_once_is_not_told_again() {
    let testbed = Testbed::start().await.unwrap();
    let mut catalogue = String::new();
    for (slug, name) in [("slack.com", "Slack"), ("nos.nl", "NOS"), ("bol.com", "bol")] {
        let host = testbed.host(slug).await.unwrap();
        catalogue += &entry(slug, &host.https_url());
        catalogue.extend(["name = \"", name, "\"\n"]);
    }
    let database = throwaway::database().await.unwrap();
    let mut service = in_testbed(&testbed, &catalogue, database.url());
    service.start(&[]).await;
    let up = async || (service.json("/api/v1/status").await["up"] == 3).then_some(());
    until("all are up", SOON, up).await;
    let browser = Browser::open().await;
    let heading = async || {
        let said = browser.script("return document.querySelector('h1').innerText").await;
        said.as_str().unwrap_or_default().to_owned()
    };
    let nothing = |found: Value, path: &str| assert_eq!(found, Value::Array(Vec::new()), "{path}");

    for path in ["/slack.com?lang=en", "/embed/slack.com?lang=en"] {
        browser.visit(&service.url(path), true).await;
        nothing(browser.script(FIGURES).await, path);
    }
    let (_, badge) = service.get("/badge/slack.com/uptime.svg").await;
    assert!(badge.contains("<title>uptime 30d: no data yet</title>"), "{badge}");

    for question in ["is+slack+down", "slack+werkt+niet", "Is+Slack+down+right+now%3F"] {
        browser.visit(&service.url(&format!("/?q={question}")), true).await;
        arrives(&browser, "/slack.com").await;
    }

    browser.visit(&service.url("/slakc.com?lang=en"), true).await;
    assert_eq!(heading().await, "No site at slakc.com");
    nothing(browser.script(TRIES).await, "/slakc.com");
    let near = "return document.querySelector('main a[href^=\"/slack.com\"]')?.innerText";
    let near = browser.script(near).await;
    assert!(near.as_str().is_some_and(|near| near.contains("Slack")), "{near}");

    browser.close().await;
}

/// Places in a text where we and where the provider are named, if they are.
fn places(text: &str) -> [Option<usize>; 2] {
    let text = text.to_lowercase();
    ["our own name servers", "amazon web services"].map(|words| text.find(words))
}

/// Returns whether a text tells of our trouble, and of the provider's at most after it.
fn tells_ours_first(text: &Value) -> bool {
    let [ours, theirs] = places(text.as_str().unwrap());
    ours.is_some() && theirs.is_none_or(|theirs| Some(theirs) > ours)
}

/// The title of a page, its heading, and the words of its main part.
const WORDS: &str = "return [document.title, document.querySelector('h1').innerText, \
     document.querySelector('main').innerText]";

async fn all(service: &Service, status: &str, n: usize) -> Option<()> {
    (service.json("/api/v1/status").await[status] == n).then_some(())
}

async fn blamed(service: &Service) -> Option<()> {
    let summary = service.json("/api/v1/status").await["summary"].clone();
    places(summary.as_str().unwrap())[1].map(drop)
}

/// Checks that our trouble is told before that of a provider, whose sites are reached by name or by address.
async fn our_trouble_comes_first(browser: &Browser, by_name: bool) {
    let testbed = Testbed::start().await.unwrap();
    let (mut catalogue, mut servers, mut hosts) = (String::new(), Vec::new(), Vec::new());
    for number in 0..10 {
        let (slug, is_at_aws) = (format!("site-{number}.example"), number < 4);
        if number == 9 || is_at_aws && !by_name {
            servers.push(Server::start(Mood::Well).await);
            catalogue += &servers[servers.len() - 1].entry(&slug);
        } else {
            hosts.push(testbed.host(&slug).await.unwrap());
            catalogue += &entry(&slug, &hosts[hosts.len() - 1].https_url());
        }
        catalogue += if is_at_aws { "provider = \"aws\"\n" } else { "" };
    }
    let database = throwaway::database().await.unwrap();
    let mut service = in_testbed(&testbed, &catalogue, database.url());
    service.start(&[]).await;
    until("all are up", SOON, || all(&service, "up", 10)).await;
    for server in servers.iter().take(if by_name { 0 } else { 4 }) {
        server.turn(Mood::Broken);
    }
    for host in hosts.iter().take(if by_name { 4 } else { 0 }) {
        host.behave(Behaviour::status(503)).await.unwrap();
    }
    until("the provider is blamed", SOON, || blamed(&service)).await;
    testbed.names().behave(NameserverBehaviour::Says(DnsAnswers::Silence));
    let unknown = if by_name { 9 } else { 5 };
    until("nothing is known of names", SOON, || all(&service, "unknown", unknown)).await;

    let summary = service.json("/api/v1/status").await["summary"].clone();
    assert!(tells_ours_first(&summary), "{summary}");
    browser.visit(&service.url("/?lang=en"), true).await;
    let page = browser.script(WORDS).await;
    assert_eq!(page[1], "The problem may be ours");
    assert!(page[0].as_str().unwrap().contains("The problem may be ours"), "{page:#}");
    assert!(tells_ours_first(&page[2]), "{page:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_own_trouble_is_told_before_that_of_a_provider() {
    let browser = Browser::open().await;
    // Its sites are seen to be down still, or nothing is known of them any more.
    for by_name in [false, true] {
        our_trouble_comes_first(&browser, by_name).await;
    }
    browser.close().await;
}

/// Runs of the line of the chart, its points, and the gaps.
const LINE: &str = "
    const chart = document.querySelector('#chart svg');
    const d = chart.querySelector('.line')?.getAttribute('d') ?? '';
    const gaps = [...chart.querySelectorAll('.gap')].map((gap) => gap.outerHTML);
    return [d.split('M').length - 1, d.match(/-?\\d+/g)?.length / 2, gaps];
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_that_is_checked_every_ten_minutes_has_a_line_and_no_bar_code() {
    const TURN: std::time::Duration = std::time::Duration::from_mins(10);
    let server = Server::start(Mood::Well).await;
    let catalogue =
        server.entry("seldom.example").replace("interval = \"5s\"", "interval = \"10m\"");
    let database = throwaway::database().await.unwrap();
    let mut service = Service::new(&catalogue, Some(database.url()));
    let now = Clock::system().now();
    let mut past = String::new();
    // For six turns of them nobody checked.
    for turn in (1..160).rev().filter(|turn| !(40..46).contains(turn)) {
        writeln!(past, "{}", answered(now - TURN * turn, 80.0 + f64::from(turn % 7))).unwrap();
    }
    let file = service.path("past.jsonl");
    std::fs::write(&file, past).unwrap();
    let done = service.run(&["import", file.to_str().unwrap()]).await;
    assert!(done.status.success(), "{done:?}");
    service.start(&[]).await;
    let browser = Browser::open().await;
    let drawn = async || {
        browser.visit(&service.url("/seldom.example?lang=en"), true).await;
        let line = browser.script(LINE).await;
        (line[1].as_f64() > Some(100.0)).then_some(line)
    };
    let line = until("the past is drawn", SOON, drawn).await;
    let gaps = line[2].as_array().map(Vec::len);
    assert_eq!((&line[0], gaps), (&json!(2), Some(1)), "runs and gaps: {line}");
    browser.close().await;
}

/// A good check of the site, as it is exported.
fn answered(at: Moment, wait_ms: f64) -> Value {
    json!({
        "slug": "seldom.example", "region": "local", "at": at.to_string(), "outcome": "ok", "restricted": false,
        "http_status": 200, "dns_ms": null, "connect_ms": 0.4, "tls_ms": null, "wait_ms": wait_ms,
        "transfer_ms": 0.02, "attempts": 1, "detail": null,
    })
}
