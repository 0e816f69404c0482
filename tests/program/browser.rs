//! The pages in a real browser: in both languages, at every width, light and dark, with and without
//! scripts, on paper, in forced colours, in large letters, by keyboard alone; without complaints of
//! the browser, of an accessibility checker or of an HTML checker.
//!
//! With `STILLUP_SCREENSHOTS=DIR` it also writes the pictures that the README shows.

mod choices;
mod driver;
mod gallery;
mod history;
mod hostile;
mod justme;
mod keys;
mod lookups;
mod operate;
mod order;
mod still;
mod telephone;
mod truth;
mod wishes;

use std::{
    fmt::Write,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

use stillup::private_postgres::throwaway;

use self::{
    choices::{a_chosen_scheme_is_kept, it_tells_when_a_site_is_back},
    driver::Browser,
    gallery::{pictures, take_pictures},
    history::the_past_is_told_in_one_zone_and_for_people,
    keys::{a_keyboard_is_enough, arrives},
    lookups::{LookupTargets, NEVER},
    order::all_are_in_order,
    still::{
        nothing_is_dead_without_scripts, nothing_moves_at_loading, nothing_moves_under_a_pointer,
    },
    telephone::a_telephone_shows_what_matters_first,
    wishes::wishes_are_met,
};
use crate::{
    server::{Mood, SLOW, Server},
    service::{SOON, Service, until},
    specimen,
};

/// Well-known names, on servers of ours: most are up, some are not.
const SITES: [(&str, &str, &str, Mood); 16] = [
    ("slack.com", "Slack", "chat", Mood::Late(85)),
    ("medium.com", "Medium", "reading", Mood::Refusing),
    ("buzzfeed.com", "BuzzFeed", "reading", Mood::Late(140)),
    ("netflix.com", "Netflix", "video", SLOW),
    ("spotify.com", "Spotify", "music", Mood::Late(64)),
    ("snapchat.com", "Snapchat", "social", Mood::Broken),
    ("amazon.com", "Amazon", "shopping", Mood::Late(190)),
    ("github.com", "GitHub", "developer", Mood::Late(48)),
    ("google.com", "Google", "search", Mood::Late(32)),
    ("microsoft.com", "Microsoft", "work", Mood::Late(71)),
    ("wikipedia.org", "Wikipedia", "reading", Mood::Late(58)),
    ("reddit.com", "Reddit", "social", Mood::Shy),
    ("twitch.tv", "Twitch", "video", Mood::Late(96)),
    ("bol.com", "bol", "shopping", Mood::Late(44)),
    ("nos.nl", "NOS", "news", Mood::Late(37)),
    ("marktplaats.nl", "Marktplaats", "shopping", Mood::Late(52)),
];

/// Those of them that are at one provider.
const AT_AWS: [&str; 6] =
    ["slack.com", "medium.com", "netflix.com", "amazon.com", "reddit.com", "twitch.tv"];

/// Each page: its address, and what its heading says in English and in Dutch.
const PAGES: [(&str, [&str; 2]); 19] = [
    ("/", ["2 sites are down", "2 sites liggen eruit"]),
    ("/?status=up&sort=name", ["13 sites are up", "13 sites werken"]),
    ("/medium.com", ["Medium is down", "Medium ligt eruit"]),
    ("/medium.com?window=90d", ["Medium is down", "Medium ligt eruit"]),
    ("/netflix.com", ["Netflix", "Netflix"]),
    ("/amazon.com", ["Amazon is up", "Amazon werkt"]),
    ("/outages", ["Outages", "Storingen"]),
    ("/outages?site=medium.com&provider=aws", ["Outages of Medium", "Storingen van Medium"]),
    ("/about", ["How it works", "Zo werkt het"]),
    ("/api", ["API", "API"]),
    ("/api/schemas", ["Schemas of the API", "Datatypen van de API"]),
    ("/sites/medium.com/history", ["Medium in figures", "Medium in cijfers"]),
    ("/badges?site=medium.com&kind=uptime", ["Badges and cards", "Badges en kaartjes"]),
    ("/providers/aws", ["Amazon Web Services", "Amazon Web Services"]),
    ("/providers/azure", ["No sites at", "Geen sites bij"]),
    ("/embed/medium.com", ["Medium", "Medium"]),
    ("/embed/nobody.example", ["nobody.example", "nobody.example"]),
    ("/nothing/here", ["Page not found", "Pagina niet gevonden"]),
    ("/no%20such.thing", ["no such.thing", "no such.thing"]),
];

/// Pages of trouble, which a service that is well does not show.
const TROUBLE: [(&str, [&str; 2]); 4] = [
    ("/trouble/405", ["Not allowed here", "Niet toegestaan"]),
    ("/trouble/429", ["Too many requests", "Te veel verzoeken"]),
    ("/trouble/500", ["Something broke", "ging bij ons iets mis"]),
    ("/trouble/503", ["Not available right now", "Nu even niet beschikbaar"]),
];

/// A file of the checkers that `scripts/setup.sh test` installs.
fn tool(path: &str) -> PathBuf {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join(".tools/pages/node_modules").join(path);
    assert!(tool.exists(), "{} is missing: run scripts/setup.sh test", tool.display());
    tool
}

/// A service that shows them, with every verdict settled.
async fn watched() -> (Service, Vec<Server>) {
    let (mut catalogue, mut servers) = (String::new(), Vec::new());
    for (slug, name, tag, mood) in SITES {
        let server = Server::start(mood).await;
        catalogue += &server.entry(slug);
        writeln!(catalogue, "name = \"{name}\"\ntags = [\"{tag}\"]").unwrap();
        if AT_AWS.contains(&slug) {
            catalogue += "provider = \"aws\"\n";
        }
        servers.push(server);
    }
    let database = throwaway::database().await.unwrap();
    let mut service = Service::new(&catalogue, Some(database.url()));
    service.write_settings(lookups::SETTINGS);
    service.start(&[]).await;
    let settled = async || {
        let status = service.json("/api/v1/status").await;
        (status["up"] == 13 && status["slow"] == 1 && status["down"] == 2).then_some(())
    };
    until("every verdict is settled", SOON, settled).await;
    (service, servers)
}

/// The address of a page in a language.
fn spoken(path: &str, lang: &str) -> String {
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}lang={lang}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_are_in_order_for_everybody_and_follow_what_changes() {
    let (browser, trouble) = tokio::join!(Browser::open(), specimen::serve_it());
    if let Some(dir) = pictures() {
        take_pictures(&browser, trouble, dir).await;
        browser.close().await;
        return;
    }
    let ((mut service, servers), other) = tokio::join!(watched(), Browser::open());
    let lookups = LookupTargets::start(&service).await;
    all_are_in_order([&browser, &other], &service, &lookups, trouble).await;
    other.close().await;
    wishes_are_met(&browser, &service).await;
    a_telephone_shows_what_matters_first(&browser, &service).await;
    the_past_is_told_in_one_zone_and_for_people(&browser, &service).await;
    html_is_valid(&service, &lookups, trouble).await;
    a_keyboard_is_enough(&browser, &service).await;
    a_chosen_scheme_is_kept(&browser, &service).await;
    nothing_moves_at_loading(&browser, &service).await;
    nothing_is_dead_without_scripts(&browser, &service).await;
    it_tells_when_a_site_is_back(&browser, &service, &servers).await;
    a_row_that_has_focus_stays_what_it_is(&browser, &service, &servers).await;
    nothing_moves_under_a_pointer(&browser, &service, &servers).await;
    an_open_page_follows(&browser, &service, &servers).await;
    it_says_that_it_lost_touch(&browser, &mut service).await;
    browser.close().await;
}

/// Every page is valid HTML by the standard.
async fn html_is_valid(service: &Service, lookups: &LookupTargets, trouble: SocketAddr) {
    let dir = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    let mut write = |html: String| {
        let file = dir.path().join(format!("{}.html", files.len()));
        fs::write(&file, html).unwrap();
        files.push(file);
    };
    for (number, lang) in ["en", "nl"].into_iter().enumerate() {
        for (path, _) in PAGES {
            write(service.get(&spoken(path, lang)).await.1);
        }
        let visitor = 200 + number;
        let from = format!("x-forwarded-for: {}", lookups::visitor(visitor));
        for (path, _) in lookups.pages(visitor) {
            let ask = format!("GET {}", spoken(&path, lang));
            let (status, _, html) = service.ask(&ask, &[&from, "accept: text/html"]).await;
            assert_eq!(status, if path == NEVER { 429 } else { 200 }, "{path}");
            write(html);
        }
        for (path, _) in TROUBLE {
            write(specimen::plain(trouble, &spoken(path, lang)).await);
        }
    }
    validate(dir.path());
}

/// Holds the files of a folder against the standard of HTML.
fn validate(dir: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let checked = Command::new(tool(".bin/html-validate"))
        .arg("--config")
        .arg(root.join("scripts/pages/htmlvalidate.json"))
        .args(["--formatter", "text"])
        .arg(dir)
        .output()
        .unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
}

/// A new outage above the row that has focus makes no other site of it.
async fn a_row_that_has_focus_stays_what_it_is(
    browser: &Browser,
    service: &Service,
    servers: &[Server],
) {
    browser.visit(&service.url("/"), true).await;
    browser.script("document.querySelector('#wrong a[href=\"/snapchat.com\"]').focus()").await;
    let place = SITES.iter().position(|(slug, ..)| *slug == "nos.nl").unwrap();
    servers[place].turn(Mood::Broken);
    let seen = async || {
        let there = "return !!document.querySelector('#wrong a[href=\"/nos.nl\"]')";
        (browser.script(there).await == true).then_some(())
    };
    until("the new outage is on the page", SOON, seen).await;
    let focused = browser.script("return document.activeElement.getAttribute('href')").await;
    assert_eq!(focused, "/snapchat.com");
}

/// A page that is open when a site goes down says so within two seconds of the verdict.
async fn an_open_page_follows(browser: &Browser, service: &Service, servers: &[Server]) {
    browser.visit(&service.url("/bol.com"), true).await;
    let listens = async || {
        let live = browser.script("return document.getElementById('live').textContent").await;
        (live == "This page updates itself.").then_some(())
    };
    until("the page listens", SOON, listens).await;
    let page = browser.client.window().await.unwrap();
    let card = browser.client.new_window(true).await.unwrap().handle;
    browser.client.switch_to_window(card).await.unwrap();
    browser.visit(&service.url("/embed/bol.com"), true).await;
    browser.type_keys(['\u{e004}']).await;
    browser.client.switch_to_window(page).await.unwrap();
    let place = SITES.iter().position(|(slug, ..)| *slug == "bol.com").unwrap();
    servers[place].turn(Mood::Broken);
    let down =
        async || (service.json("/api/v1/sites/bol.com").await["status"] == "down").then_some(());
    until("it is down", SOON, down).await;
    let shown = async || {
        let seen = browser
            .script(
                "return [document.querySelector('h1').textContent, document.title, \
                 document.getElementById('icon').getAttribute('href')]",
            )
            .await;
        let says = |place: usize, words: &str| seen[place].as_str().unwrap().contains(words);
        (says(0, "bol is down") && says(1, "✕ Is bol down right now? Yes") && says(2, "/down."))
            .then_some(())
    };
    until("the open page says so", SOON, shown).await;
    // A card that comes into view refreshes, and keeps the focus.
    let page = browser.client.window().await.unwrap();
    for window in browser.client.windows().await.unwrap() {
        if window != page {
            browser.client.switch_to_window(window).await.unwrap();
        }
    }
    let shown = async || {
        let card = "const at = document.activeElement; return at.id + at.textContent";
        let seen = browser.script(card).await;
        let seen = seen.as_str().unwrap();
        (seen.starts_with("card") && seen.contains("bol · down")).then_some(())
    };
    until("the card says so", SOON, shown).await;
    browser.client.close_window().await.unwrap();
    browser.client.switch_to_window(page).await.unwrap();
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{complaints:#?}");
}

/// A page that is open when the service ends says so, and since when.
async fn it_says_that_it_lost_touch(browser: &Browser, service: &mut Service) {
    service.signal("INT");
    service.ended().await;
    let said = async || {
        let touch = browser
            .script(
                "const p = document.getElementById('touch'); return [p.className, p.textContent]",
            )
            .await;
        (touch[0] == "notice").then_some(touch)
    };
    let touch = until("it says that it lost touch", SOON, said).await;
    assert!(touch[1].as_str().unwrap().contains("Connection lost"), "{touch}");
    // Who reads further down sees it too, and how old what is there has become.
    let sight = "scrollTo(0, document.body.scrollHeight); \
         const { top, bottom } = document.getElementById('touch').getBoundingClientRect(); \
         return scrollY > 0 && top >= 0 && bottom <= innerHeight";
    assert_eq!(browser.script(sight).await, true, "it stays in sight");
    let age = async || {
        browser.script("return document.querySelector('time[data-f=a]').textContent").await
    };
    let then = age().await;
    let counts = async || (age().await != then).then_some(());
    until("ages count on", SOON, counts).await;
}
