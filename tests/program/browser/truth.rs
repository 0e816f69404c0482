//! Untruths that pages once told, in a real browser: figures of time that was not watched, an outage of a name
//! that nobody has, a refusal of a question that people type.

use serde_json::Value;
use stillup::private_postgres::throwaway;
use testbed::Testbed;

use super::{driver::Browser, keys::arrives};
use crate::{
    server::entry,
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
    let mut service = Service::new(&catalogue, Some(database.url()));
    std::fs::write(service.path("testbed.pem"), testbed.ca_pem()).unwrap();
    service.write_settings(&format!(
        "[probe]\nnameservers = [\"{}\"]\nca_file = \"testbed.pem\"\n[lookup]\nallow_private = true\n\
         [judge]\ncontrols = []\n",
        testbed.nameserver()
    ));
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
