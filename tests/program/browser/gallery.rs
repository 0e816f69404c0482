//! The pictures that the README shows, made with `STILLUP_SCREENSHOTS=DIR`: of a day on which a
//! provider fails, with sites under their own names on a small internet of ours (as root, at their
//! own ports).

use std::{fmt::Write, fs, net::SocketAddr, path::PathBuf, time::Duration};

use stillup::private_postgres::throwaway;
use testbed::{Behaviour, HttpAnswer, Testbed};

use super::{AT_AWS, SITES, driver::Browser};
use crate::{
    past,
    server::{Mood, SLOW, entry},
    service::{Service, until},
};

/// Pages for screenshots, and the names of the pictures.
const PICTURES: [(&str, &str); 11] = [
    ("/", "front"),
    ("/amazon.com", "site"),
    ("/medium.com", "site-down"),
    ("/outages", "outages"),
    ("/about", "about"),
    ("/api", "api"),
    ("/providers/aws", "provider"),
    ("/embed/medium.com", "embed"),
    ("/no%20such.thing", "missing"),
    ("/example.org", "lookup"),
    ("/example.net", "lookup-failed"),
];

/// Directory for screenshots, if they are requested.
pub(super) fn pictures() -> Option<PathBuf> {
    std::env::var_os("STILLUP_SCREENSHOTS").map(PathBuf::from)
}

/// Makes them all.
pub(super) async fn take_pictures(browser: &Browser, trouble: SocketAddr, dir: PathBuf) {
    let (service, _bed) = staged().await;
    fs::create_dir_all(&dir).unwrap();
    for (width, scheme) in [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")] {
        browser.wear(width, scheme).await;
        // Narrow and dark speaks Dutch.
        let lang = if (width, scheme) == (320, "dark") { "?lang=nl" } else { "" };
        let mut all = vec![(format!("http://{trouble}/{lang}"), "catalogue")];
        all.extend(PICTURES.map(|(path, name)| (service.url(&format!("{path}{lang}")), name)));
        all.push((format!("http://{trouble}/trouble/500{lang}"), "trouble"));
        for (address, name) in all {
            browser.visit(&address, true).await;
            let file = format!("{name}-{width}-{scheme}.webp");
            fs::write(dir.join(file), browser.picture(width).await).unwrap();
        }
    }
    for (way, medium, wishes) in [
        ("print", "print", [("prefers-color-scheme", "light")]),
        ("forced", "", [("forced-colors", "active")]),
    ] {
        browser.wide(718, 1).await;
        browser.media("", &[]).await;
        browser.visit(&service.url("/medium.com"), true).await;
        browser.media(medium, &wishes).await;
        fs::write(dir.join(format!("site-down-{way}.webp")), browser.picture(718).await).unwrap();
    }
}

/// Mood of a site on that day.
fn mood(slug: &str, usual: Mood) -> Mood {
    match slug {
        "slack.com" | "twitch.tv" => Mood::Broken,
        _ => usual,
    }
}

fn behaviour(mood: Mood) -> Behaviour {
    match mood {
        Mood::Well => Behaviour::ok(),
        Mood::Shy => Behaviour::status(403),
        Mood::Broken => Behaviour::status(500),
        Mood::Late(millis) => {
            Behaviour::AnswerAfter(Duration::from_millis(millis), HttpAnswer::ok())
        }
        Mood::Silent => Behaviour::HangAfterRequest,
        Mood::Refusing => Behaviour::Refuse,
    }
}

/// A service that watches them, with a past and with every verdict settled.
async fn staged() -> (Service, Testbed) {
    let testbed = Testbed::start().await.unwrap();
    let sites = SITES.map(|(slug, name, tag, usual)| (slug, name, tag, mood(slug, usual)));
    let mut catalogue = String::new();
    for (slug, name, tag, mood) in sites {
        let host = testbed.host(slug).await.unwrap();
        host.behave(behaviour(mood)).await.unwrap();
        catalogue += &entry(slug, &host.https_url());
        writeln!(catalogue, "name = \"{name}\"\ntags = [\"{tag}\"]").unwrap();
        if AT_AWS.contains(&slug) {
            catalogue += "provider = \"aws\"\n";
        }
    }
    testbed.host("example.org").await.unwrap();
    testbed.host("example.net").await.unwrap().behave(Behaviour::Refuse).await.unwrap();
    let database = throwaway::database().await.unwrap();
    past::write(database.options(), &sites).await;
    let mut service = Service::new(&catalogue, Some(database.url()));
    fs::write(service.path("testbed.pem"), testbed.ca_pem()).unwrap();
    service.write_settings(&format!(
        "[probe]\nnameservers = [\"{}\"]\nca_file = \"testbed.pem\"\n[lookup]\nallow_private = true\n",
        testbed.nameserver()
    ));
    service.start(&[]).await;
    let settled = async || {
        let status = service.json("/api/v1/status").await;
        let of = |mood: Mood| sites.iter().filter(|site| site.3 == mood).count();
        let down = of(Mood::Broken) + of(Mood::Refusing);
        let aws = service.json("/api/v1/providers/aws").await;
        (status["down"] == down && status["slow"] == of(SLOW) && aws["status"] == "failing")
            .then_some(())
    };
    until("every verdict is settled", Duration::from_mins(1), settled).await;
    (service, testbed)
}
