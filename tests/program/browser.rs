//! The pages in a real browser: in both languages, at every width, light and dark, with and without
//! scripts, by keyboard alone; without complaints of the browser, of an accessibility checker or of
//! an HTML checker.
//!
//! With `STILLUP_SCREENSHOTS=DIR` it also writes the pictures that the README shows.

mod driver;
mod justme;
mod keys;
mod lookups;

use std::{
    fmt::Write,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use stillup::postgres::throwaway;

use self::{
    driver::Browser,
    keys::{a_keyboard_is_enough, arrives},
    lookups::{Lookups, NEVER},
};
use crate::{
    house::{House, until},
    past,
    server::{Mood, SLOW, Server},
    specimen,
};

/// The widths of a small telephone, a tablet and a laptop.
const WIDTHS: [u32; 3] = [320, 768, 1280];

/// Pages that pictures are made of, and the names of the pictures.
const PICTURES: [(&str, &str); 9] = [
    ("/", "front"),
    ("/amazon.com", "site"),
    ("/medium.com", "site-down"),
    ("/outages", "outages"),
    ("/about", "about"),
    ("/api", "api"),
    ("/providers/aws", "provider"),
    ("/embed/medium.com", "embed"),
    ("/no%20such.thing", "missing"),
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
    ("reddit.com", "Reddit", "social", Mood::Shy),
    ("twitch.tv", "Twitch", "video", Mood::Late(96)),
    ("bol.com", "bol", "shopping", Mood::Late(44)),
    ("nos.nl", "NOS", "news", Mood::Late(37)),
    ("marktplaats.nl", "Marktplaats", "shopping", Mood::Late(52)),
];

/// Which of them are at one provider.
const AT_AWS: [&str; 6] =
    ["slack.com", "medium.com", "netflix.com", "amazon.com", "reddit.com", "twitch.tv"];

/// Each page: its address, and what its heading says in English and in Dutch.
const PAGES: [(&str, [&str; 2]); 16] = [
    ("/", ["2 of 16", "2 van 16"]),
    ("/?status=up&sort=name", ["2 of 16", "2 van 16"]),
    ("/medium.com", ["Medium is down", "Medium ligt eruit"]),
    ("/medium.com?window=90d", ["Medium is down", "Medium ligt eruit"]),
    ("/netflix.com", ["Netflix", "Netflix"]),
    ("/amazon.com", ["Amazon is up", "Amazon werkt"]),
    ("/outages", ["Outages", "Storingen"]),
    ("/outages?site=medium.com&provider=aws", ["Outages of Medium", "Storingen van Medium"]),
    ("/about", ["How we know", "Hoe we het weten"]),
    ("/api", ["For programs", "Voor programma"]),
    ("/providers/aws", ["Amazon Web Services", "Amazon Web Services"]),
    ("/providers/azure", ["We watch no site", "We volgen geen site"]),
    ("/embed/medium.com", ["Medium", "Medium"]),
    ("/embed/nobody.example", ["Unknown", "Onbekend"]),
    ("/nothing/here", ["Nothing here", "Hier is niets"]),
    ("/no%20such.thing", ["no such.thing", "no such.thing"]),
];

/// Pages of trouble, which a service that is well does not show.
const TROUBLE: [(&str, [&str; 2]); 4] = [
    ("/trouble/405", ["Not like this", "Niet zo"]),
    ("/trouble/429", ["Not so fast", "Niet zo snel"]),
    ("/trouble/500", ["Our own trouble", "Onze eigen moeilijkheden"]),
    ("/trouble/503", ["Too slow", "Te traag"]),
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
        if AT_AWS.contains(&slug) {
            catalogue += "provider = \"aws\"\n";
        }
        servers.push(server);
    }
    let database = throwaway::database().await.unwrap();
    if pictures().is_some() {
        past::write(database.options(), &SITES).await;
    }
    let mut house = House::new(&catalogue, Some(database.url()));
    house.write_settings(lookups::SETTINGS);
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

/// What is not in order on a page: its heading out of view, anything beyond the side, anything
/// fetched from elsewhere, any complaint.
async fn disorder(browser: &Browser, path: &str, heading: &str) -> Vec<String> {
    let seen = browser
        .script(
            "const h = document.querySelector('h1'), r = h.getBoundingClientRect(), \
             d = document.documentElement, fetched = performance.getEntriesByType('resource'); \
             return [h.textContent, r.bottom, d.scrollWidth, innerWidth, \
             fetched.map(({ name }) => name).filter(name => !name.startsWith(location.origin))]",
        )
        .await;
    let mut found = Vec::new();
    let mut hold = |holds: bool, words: &str| {
        if !holds {
            found.push(format!("{words}: {seen}"));
        }
    };
    hold(seen[0].as_str().unwrap().contains(heading), "another heading");
    hold(seen[1].as_f64() < Some(900.0), "the heading is below the fold");
    hold(seen[2].as_u64() <= seen[3].as_u64(), "it scrolls sideways");
    hold(seen[4].as_array().map(Vec::len) == Some(0), "it fetches from others");
    // A page that is an error by its status is no news.
    let path = path.split('?').next().unwrap_or(path);
    let own = |text: &String| text.contains("Failed to load resource") && text.contains(path);
    found.extend(browser.complaints().await.into_iter().filter(|text| !own(text)));
    found
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
    let (watched, browser, trouble) =
        tokio::join!(watched(), Browser::open(), specimen::serve_it());
    let (mut house, servers) = watched;
    let lookups = Lookups::start(&house).await;
    if pictures().is_some() {
        take_pictures(&browser, &house, &lookups, trouble).await;
        browser.close().await;
        return;
    }
    all_are_in_order(&browser, &house, &lookups, trouble).await;
    html_is_valid(&house, &lookups, trouble).await;
    a_keyboard_is_enough(&browser, &house).await;
    an_open_page_follows(&browser, &house, &servers).await;
    it_says_that_it_lost_touch(&browser, &mut house).await;
    browser.close().await;
}

/// Every page, at every width, light and dark, in both languages; each of these with and without
/// scripts, in turn.
async fn all_are_in_order(
    browser: &Browser,
    house: &House,
    lookups: &Lookups,
    trouble: SocketAddr,
) {
    let axe = fs::read_to_string(tool("axe-core/axe.min.js")).unwrap();
    let (mut visitor, mut findings) = (0, String::new());
    for (width, scheme) in WIDTHS.into_iter().flat_map(|w| [(w, "light"), (w, "dark")]) {
        browser.wear(width, scheme).await;
        for (word, lang) in ["en", "nl"].into_iter().enumerate() {
            // English has scripts in the dark, Dutch in the light: each width has both.
            let scripts = (scheme == "dark") == (lang == "en");
            visitor += 1;
            browser.comes_from(&lookups::visitor(visitor)).await;
            let ours = PAGES.map(|(path, headings)| (house.url(""), path.to_owned(), headings));
            let asked = lookups.pages(visitor);
            let asked = asked.map(|(path, headings)| (house.url(""), path, headings));
            let base = format!("http://{trouble}");
            let bad = TROUBLE.map(|(path, headings)| (base.clone(), path.to_owned(), headings));
            for (base, path, headings) in ours.into_iter().chain(asked).chain(bad) {
                let address = spoken(&path, lang);
                browser.visit(&format!("{base}{address}"), scripts).await;
                let mut wrong = disorder(browser, &path, headings[word]).await;
                // Each page meets the checker narrow in Dutch and light, wide in English and dark.
                // A card comes again by itself and has the colours of the page that it lies on.
                let card = path.starts_with("/embed/");
                if scripts && !card && width == if lang == "nl" { 320 } else { 1280 } {
                    wrong.push(barriers(browser, &axe).await);
                }
                for words in wrong.iter().filter(|words| !words.is_empty()) {
                    writeln!(findings, "{address} at {width}, {scheme}: {words}").unwrap();
                }
            }
        }
    }
    assert!(findings.is_empty(), "{findings}");
}

/// What every page sends is what the standard says.
async fn html_is_valid(house: &House, lookups: &Lookups, trouble: SocketAddr) {
    let dir = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    let mut write = |html: String| {
        let file = dir.path().join(format!("{}.html", files.len()));
        fs::write(&file, html).unwrap();
        files.push(file);
    };
    for (number, lang) in ["en", "nl"].into_iter().enumerate() {
        for (path, _) in PAGES {
            write(house.get(&spoken(path, lang)).await.1);
        }
        let visitor = 200 + number;
        let from = format!("x-forwarded-for: {}", lookups::visitor(visitor));
        for (path, _) in lookups.pages(visitor) {
            let ask = format!("GET {}", spoken(&path, lang));
            let (status, _, html) = house.ask(&ask, &[&from, "accept: text/html"]).await;
            assert_eq!(status, if path == NEVER { 429 } else { 200 }, "{path}");
            write(html);
        }
        for (path, _) in TROUBLE {
            write(specimen::plain(trouble, &spoken(path, lang)).await);
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let checked = Command::new(tool(".bin/html-validate"))
        .arg("--config")
        .arg(root.join("scripts/pages/htmlvalidate.json"))
        .args(["--formatter", "text"])
        .arg(dir.path())
        .output()
        .unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
}

/// A page that is open when a site goes down says so within two seconds of the verdict.
async fn an_open_page_follows(browser: &Browser, house: &House, servers: &[Server]) {
    browser.visit(&house.url("/bol.com"), true).await;
    let listens = async || {
        let live = browser.script("return document.getElementById('live').textContent").await;
        (live == "Live: this page updates by itself.").then_some(())
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

/// A page that is open when the service ends says so, and since when.
async fn it_says_that_it_lost_touch(browser: &Browser, house: &mut House) {
    house.signal("INT");
    house.ended().await;
    let said = async || {
        let touch = browser
            .script(
                "const p = document.getElementById('touch'); return [p.className, p.textContent]",
            )
            .await;
        (touch[0] == "notice").then_some(touch)
    };
    let touch = until("it says that it lost touch", Duration::from_secs(20), said).await;
    assert!(touch[1].as_str().unwrap().contains("touch"), "{touch}");
}

/// Pictures of every page, and of the front page of the shipped catalogue.
async fn take_pictures(browser: &Browser, house: &House, lookups: &Lookups, trouble: SocketAddr) {
    let Some(dir) = pictures() else { return };
    fs::create_dir_all(&dir).unwrap();
    for (width, scheme) in [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")] {
        browser.wear(width, scheme).await;
        // Narrow and dark speaks Dutch.
        let lang = if (width, scheme) == (320, "dark") { "?lang=nl" } else { "" };
        let mut all = vec![(format!("http://{trouble}/{lang}"), "catalogue")];
        let own = PICTURES.map(|(path, name)| (house.url(&format!("{path}{lang}")), name));
        all.extend(own);
        all.push((house.url(&format!("{}{lang}", lookups.fine())), "lookup"));
        all.push((house.url(&format!("{}{lang}", lookups.failing())), "lookup-failed"));
        all.push((format!("http://{trouble}/trouble/500{lang}"), "trouble"));
        for (address, name) in all {
            browser.visit(&address, true).await;
            let file = format!("{name}-{width}-{scheme}.webp");
            fs::write(dir.join(file), browser.picture(width).await).unwrap();
        }
    }
}
