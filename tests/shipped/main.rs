//! The shipped catalogue, resolved by the testbed to servers that are well, to faulty ones and to
//! nginx: the built program shows the right status and cause on page, API and badge, and a site that
//! recovers comes back.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests, outside of the test function"
)]

mod nginx;
mod program;
#[path = "../support/until.rs"]
mod until;

use std::fs;

use program::ShippedProgram;
use testbed::{Host, Testbed};
use until::{SOON, until};
use url::Url;

/// Faults, in the testbed's words, and the status and cause that must be shown.
const FAULTS: [(&str, &str, &str, Option<&str>); 16] = [
    ("slack.com", "dns nxdomain", "down", Some("dns")),
    ("medium.com", "dns servfail", "down", Some("dns")),
    ("www.buzzfeed.com", "refuse", "down", Some("connect")),
    ("www.netflix.com", "after 1200ms", "slow", None),
    ("open.spotify.com", "cert expired", "down", Some("tls")),
    ("www.snapchat.com", "cert self-signed", "down", Some("tls")),
    ("www.amazon.com", "hang", "down", Some("timeout")),
    ("www.google.com", "reset-mid-answer", "down", Some("reset")),
    ("github.com", "garbage", "down", Some("protocol")),
    ("www.nu.nl", "redirect-loop", "down", Some("redirect")),
    ("nos.nl", "status 503", "down", Some("http")),
    ("www.bol.com", "plain-on-tls", "down", Some("tls")),
    ("www.reddit.com", "challenge", "up", None),
    ("www.wikipedia.org", "bomb", "up", None),
    ("discord.com", "dns dead-first", "up", None),
    ("www.ing.nl", "huge-headers", "down", Some("protocol")),
];

/// The shipped catalogue as it is, but at home in the testbed and checked more often.
fn catalogue() -> (String, Vec<Url>) {
    let shipped = fs::read_to_string("sites.toml").unwrap();
    let urls = shipped.lines().filter_map(|line| line.strip_prefix("url = \""));
    let urls = urls.map(|rest| Url::parse(rest.split('"').next().unwrap()).unwrap()).collect();
    let here = "[[site]]\nprivate = true\ninterval = \"5s\"\ntimeout = \"2s\"";
    (shipped.replace("[[site]]", here), urls)
}

/// The slug of the catalogue's site at this host.
fn slug<'a>(sites: &'a [serde_json::Value], host: &str) -> &'a str {
    let at = |site: &&serde_json::Value| {
        let url = Url::parse(site["url"].as_str().unwrap()).unwrap();
        url.host_str() == Some(host)
    };
    let site = sites.iter().find(at);
    site.unwrap_or_else(|| panic!("{host} is in the shipped catalogue"))["slug"].as_str().unwrap()
}

/// Waits until a site has the expected state, and reports the actual one otherwise.
async fn becomes(program: &ShippedProgram, slug: &str, status: &str, failure: Option<&str>) {
    // The node is asked for this site alone: it looks at all of them every five seconds meanwhile,
    // and one that cannot keep up calls no site down.
    let look = async || {
        let site = program.site(slug).await;
        let is = site["status"] == status && site["cause"]["failure"].as_str() == failure;
        if is { Ok(site) } else { Err(site) }
    };
    let site = until(&format!("{slug} is {status} ({failure:?})"), SOON, look).await;
    let badge = program.get(&format!("/badge/{slug}.svg")).await;
    assert!(badge.contains(&format!(">{status}<")), "{slug}: {badge}");
    let page = program.get(&format!("/{slug}")).await;
    assert!(page.contains(site["name"].as_str().unwrap()), "{slug}");
}

async fn at(testbed: &Testbed, name: &str) -> Host {
    testbed.host(name).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shipped_names_show_the_right_status_and_come_back() {
    let testbed = Testbed::start().await.unwrap();
    let (mut sites, urls) = catalogue();
    for url in &urls {
        at(&testbed, url.host_str().unwrap()).await;
    }
    if at(&testbed, "slack.com").await.ports().https != 443 {
        eprintln!("SKIPPED: this user may not serve the standard ports that the shipped URLs have");
        return;
    }
    let nginx = nginx::FrontNginx::start().await;
    sites.push_str(&nginx.site());
    let program = ShippedProgram::start(&testbed, &sites).await;

    // Everything is well at first: the testbed's servers, and nginx.
    let look = async || {
        let status = program.status().await;
        if status["up"] == urls.len() + 1 { Ok(()) } else { Err(status) }
    };
    until("all sites are up", SOON, look).await;
    let all = program.sites().await;
    assert_eq!(all.iter().filter(|site| site["http_status"] == 200).count(), urls.len() + 1);

    for (name, words, ..) in FAULTS {
        let url = urls.iter().find(|url| url.host_str() == Some(name));
        assert!(url.is_some(), "{name} is in the shipped catalogue");
        at(&testbed, name).await.obey(words.parse().unwrap()).await.unwrap();
    }
    nginx.fail();
    for (name, _, status, failure) in FAULTS {
        becomes(&program, slug(&all, name), status, failure).await;
    }
    becomes(&program, slug(&all, "127.0.0.1"), "down", Some("http")).await;
    assert_eq!(program.site(slug(&all, "www.reddit.com")).await["restricted"], true);

    for (name, ..) in FAULTS {
        let host = at(&testbed, name).await;
        for words in ["ok", "cert good", "dns ok"] {
            host.obey(words.parse().unwrap()).await.unwrap();
        }
    }
    nginx.recover();
    for (name, ..) in FAULTS {
        becomes(&program, slug(&all, name), "up", None).await;
    }
    program.stop().await;
}
