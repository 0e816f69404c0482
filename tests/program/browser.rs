//! The pages in a real browser: in both languages, at every width, light and dark, with and without
//! scripts, by keyboard alone; without complaints of the browser, of an accessibility checker or of
//! an HTML checker.
//!
//! With `STILLUP_SCREENSHOTS=DIR` it also writes the pictures that the README shows.

mod driver;
mod justme;

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use fantoccini::{Locator, key::Key};
use stillup::postgres::throwaway;

use self::driver::Browser;
use crate::{
    house::{House, until},
    past,
    server::{Mood, SLOW, Server},
};

/// The widths of a small telephone, a tablet and a laptop.
const WIDTHS: [u32; 3] = [320, 768, 1280];

/// What pictures are of: address, width and scheme; and their names.
const PICTURES: [((&str, u32, &str), &str); 3] = [
    (("/", 1280, "light"), "front.png"),
    (("/?lang=nl", 320, "dark"), "front-320-dark.png"),
    (("/amazon.com", 1280, "light"), "site.png"),
];

/// Names that people ask about, on servers of ours: most are well, some are not.
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
    ("reddit.com", "Reddit", "social", Mood::Late(120)),
    ("twitch.tv", "Twitch", "video", Mood::Late(96)),
    ("bol.com", "bol", "shopping", Mood::Late(44)),
    ("nos.nl", "NOS", "news", Mood::Late(37)),
    ("marktplaats.nl", "Marktplaats", "shopping", Mood::Late(52)),
];

/// Each page: its address, and what its heading says in English and in Dutch.
const PAGES: [(&str, [&str; 2]); 7] = [
    ("/", ["2 of 16", "2 van 16"]),
    ("/?status=up&sort=name", ["2 of 16", "2 van 16"]),
    ("/medium.com", ["Medium is down", "Medium ligt eruit"]),
    ("/amazon.com", ["Amazon is up", "Amazon werkt"]),
    ("/outages", ["Outages", "Storingen"]),
    ("/about", ["How we know", "Hoe we het weten"]),
    ("/providers/aws", ["We watch no site", "We volgen geen site"]),
];

/// Where pictures are wanted, if they are.
fn pictures() -> Option<PathBuf> {
    std::env::var_os("STILLUP_SCREENSHOTS").map(PathBuf::from)
}

/// A file of the checkers that `scripts/setup.sh test` installs.
fn tool(path: &str) -> PathBuf {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join(".tools/pages/node_modules").join(path);
    assert!(tool.exists(), "{} is missing: run scripts/setup.sh test", tool.display());
    tool
}

/// A service that shows them, with every verdict settled.
async fn watched() -> (House, Vec<Server>) {
    let (mut catalogue, mut servers) = (String::new(), Vec::new());
    for (slug, name, tag, mood) in SITES {
        let server = Server::start(mood).await;
        catalogue += &server.entry(slug);
        writeln!(catalogue, "name = \"{name}\"\ntags = [\"{tag}\"]").unwrap();
        servers.push(server);
    }
    let database = throwaway::database().await.unwrap();
    if pictures().is_some() {
        past::write(database.options(), &SITES).await;
    }
    let mut house = House::new(&catalogue, Some(database.url()));
    house.start(&[]).await;
    let settled = async || {
        let status = house.json("/api/v1/status").await;
        (status["up"] == 13 && status["slow"] == 1 && status["down"] == 2).then_some(())
    };
    until("every verdict is settled", Duration::from_secs(25), settled).await;
    (house, servers)
}

/// The address of a page in a language.
fn spoken(path: &str, lang: &str) -> String {
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}lang={lang}")
}

/// A page in order: its heading in view, nothing beyond the side, nothing complained.
async fn is_in_order(browser: &Browser, at: &str, heading: &str) {
    let seen = browser
        .script(
            "const h = document.querySelector('h1'), r = h.getBoundingClientRect(), \
             d = document.documentElement; \
             return [h.textContent, r.bottom, d.scrollWidth, innerWidth, d.lang]",
        )
        .await;
    assert!(seen[0].as_str().unwrap().contains(heading), "{at}: {seen}");
    assert!(seen[1].as_f64() < Some(900.0), "{at}: the heading is below the fold: {seen}");
    assert!(seen[2].as_u64() <= seen[3].as_u64(), "{at}: it scrolls sideways: {seen}");
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{at}: {complaints:#?}");
}

/// What the accessibility checker finds, one line each.
async fn barriers(browser: &Browser, axe: &str) -> String {
    let run = "const done = arguments[arguments.length - 1]; \
         axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', \
         'best-practice'] }).then(({ violations }) => done(violations.map(({ id, nodes }) => id + \
         ': ' + nodes.map(({ html }) => html.slice(0, 200)).join(' | ')).join('\\n')), \
         error => done(String(error)))";
    let found = browser.script_that_waits(&format!("{axe}\n{run}")).await;
    drop(browser.complaints().await);
    found.as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_are_in_order_for_everybody_and_follow_what_changes() {
    let (watched, browser) = tokio::join!(watched(), Browser::open());
    let (house, servers) = watched;
    let axe = fs::read_to_string(tool("axe-core/axe.min.js")).unwrap();
    for (width, scheme) in WIDTHS.into_iter().flat_map(|w| [(w, "light"), (w, "dark")]) {
        browser.wear(width, scheme).await;
        for (path, headings) in PAGES {
            for (lang, heading) in ["en", "nl"].into_iter().zip(headings) {
                // Without scripts in the light, with them in the dark, and each width has both.
                let scripts = scheme == "dark" || lang == "nl";
                let address = spoken(path, lang);
                let at = format!("{address} at {width}, {scheme}, scripts {scripts}");
                browser.visit(&house.url(&address), scripts).await;
                is_in_order(&browser, &at, heading).await;
                // Each page, language, and side of light meets the checker once or twice.
                if scripts && width == if lang == "nl" { 320 } else { 1280 } {
                    assert_eq!(barriers(&browser, &axe).await, "", "{at}");
                }
            }
        }
    }
    html_is_valid(&house).await;
    a_keyboard_is_enough(&browser, &house).await;
    an_open_page_follows(&browser, &house, &servers).await;
    take_pictures(&browser, &house).await;
    browser.close().await;
}

/// What every page sends is what the standard says.
async fn html_is_valid(house: &House) {
    let dir = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    let others = [("/nothing/here", [""; 2]), ("/api", [""; 2])];
    for (number, (path, _)) in PAGES.into_iter().chain(others).enumerate() {
        for lang in ["en", "nl"] {
            let (_, html) = house.get(&spoken(path, lang)).await;
            let file = dir.path().join(format!("{number}-{lang}.html"));
            fs::write(&file, html).unwrap();
            files.push(file);
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let checked = Command::new(tool(".bin/html-validate"))
        .arg("--config")
        .arg(root.join("scripts/pages/htmlvalidate.json"))
        .args(["--formatter", "text"])
        .args(&files)
        .output()
        .unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
}

/// The keyboard alone searches, filters, reads a chart's values and copies the badge.
async fn a_keyboard_is_enough(browser: &Browser, house: &House) {
    browser.wear(1280, "light").await;
    browser.visit(&house.url("/"), true).await;
    tab_to(browser, "document.activeElement.id === 'q'").await;
    browser.type_keys("snapchat".chars().chain([char::from(Key::Enter)])).await;
    arrives(browser, "/snapchat.com").await;
    browser.visit(&house.url("/"), true).await;
    tab_to(browser, "document.activeElement.getAttribute('href') === '/?status=down'").await;
    browser.type_keys([char::from(Key::Enter)]).await;
    arrives(browser, "/").await;
    browser.visit(&house.url("/amazon.com"), true).await;
    tab_to(browser, "document.activeElement.getAttribute('role') === 'slider'").await;
    let value = "return document.activeElement.getAttribute('aria-valuetext')";
    browser.type_keys([char::from(Key::End)]).await;
    let last = browser.script(value).await;
    browser.type_keys([char::from(Key::Left)]).await;
    let before = browser.script(value).await;
    assert!(last.is_string() && before.is_string() && last != before, "{last} {before}");
    let shown = browser.script("return document.querySelector('.readout').textContent").await;
    assert_eq!(shown, before);
    tab_to(browser, "document.activeElement.dataset.copy === 'html-code'").await;
}

async fn tab_to(browser: &Browser, there: &str) {
    for _ in 0..80 {
        browser.type_keys([char::from(Key::Tab)]).await;
        if browser.script(&format!("return {there}")).await == true {
            return;
        }
    }
    panic!("not within 80 stops: {there}");
}

async fn arrives(browser: &Browser, path: &str) {
    let arrived = async || {
        let url = browser.client.current_url().await.unwrap();
        let ready = browser.script("return document.readyState").await == "complete";
        (url.path() == path && ready).then_some(())
    };
    until("it leads there", Duration::from_secs(10), arrived).await;
    browser.client.find(Locator::Css("h1")).await.unwrap();
}

/// A page that is open when a site goes down says so within two seconds of the verdict.
async fn an_open_page_follows(browser: &Browser, house: &House, servers: &[Server]) {
    browser.visit(&house.url("/bol.com"), true).await;
    let listens = async || {
        let live = browser.script("return document.getElementById('live').textContent").await;
        (live == "Live: this page follows by itself.").then_some(())
    };
    until("the page listens", Duration::from_secs(10), listens).await;
    let place = SITES.iter().position(|(slug, ..)| *slug == "bol.com").unwrap();
    servers[place].turn(Mood::Broken);
    let down =
        async || (house.json("/api/v1/sites/bol.com").await["status"] == "down").then_some(());
    until("it is down", Duration::from_secs(25), down).await;
    let shown = async || {
        let seen = browser
            .script(
                "return [document.querySelector('h1').textContent, document.title, \
                 document.getElementById('icon').getAttribute('href')]",
            )
            .await;
        let says = |place: usize, words: &str| seen[place].as_str().unwrap().contains(words);
        (says(0, "bol is down") && says(1, "✕ bol: down") && says(2, "/down.")).then_some(())
    };
    until("the open page says so", Duration::from_secs(2), shown).await;
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{complaints:#?}");
}

async fn take_pictures(browser: &Browser, house: &House) {
    let Some(dir) = pictures() else { return };
    fs::create_dir_all(&dir).unwrap();
    for ((path, width, scheme), file) in PICTURES {
        browser.wear(width, scheme).await;
        browser.visit(&house.url(path), true).await;
        fs::write(dir.join(file), browser.client.screenshot().await.unwrap()).unwrap();
    }
}
