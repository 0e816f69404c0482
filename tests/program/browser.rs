//! The pages in a real browser: every width, light and dark, by keyboard alone, without complaints.
//!
//! With `STILLUP_SCREENSHOTS=DIR` it also writes the pictures that the README shows.

use std::{
    fmt::Write,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, KeyAction, KeyActions},
    key::Key,
    wd::WebDriverCompatibleCommand,
};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use stillup::postgres::throwaway;
use tempfile::TempDir;
use tokio::net::TcpStream;
use url::{ParseError, Url};

use crate::{
    house::{House, send, until},
    past,
    server::{Mood, SLOW, Server},
};

/// The widths of a small telephone, a tablet and a laptop.
const WIDTHS: [u32; 3] = [320, 768, 1280];

/// What pictures are of: page, width and scheme; and their names.
const PICTURES: [((&str, u32, &str), &str); 3] = [
    (("front", 1280, "light"), "front.png"),
    (("front", 320, "dark"), "front-320-dark.png"),
    (("site", 1280, "light"), "site.png"),
];

/// A browser with its driver; both end when this is dropped.
struct Browser {
    client: Client,
    driver: Child,
    _profile: TempDir,
}

/// A command that Chromium's driver has beyond the standard.
#[derive(Debug)]
struct Own(&'static str, Value);

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.0))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.1.to_string()))
    }
}

impl Browser {
    async fn open() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let port = free_port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let listens = async || TcpStream::connect(("127.0.0.1", port)).await.ok();
        until("chromedriver listens", Duration::from_secs(10), listens).await;
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            &format!("--user-data-dir={}", profile.path().display()),
        ];
        let wishes = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let Value::Object(wishes) = wishes else { unreachable!() };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(wishes)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        Self { client, driver, _profile: profile }
    }

    async fn own(&self, name: &'static str, body: Value) -> Value {
        self.client.issue_cmd(Own(name, body)).await.unwrap()
    }

    async fn devtools(&self, command: &str, parameters: Value) {
        self.own("goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await;
    }

    /// Makes it so wide, with light or dark wished for.
    async fn wear(&self, width: u32, scheme: &str) {
        let size = json!({
            "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    async fn script(&self, script: &str) -> Value {
        self.client.execute(script, vec![]).await.unwrap()
    }

    /// What the browser complained of since the last time.
    async fn complaints(&self) -> Vec<String> {
        let log = self.own("se/log", json!({ "type": "browser" })).await;
        log.as_array().unwrap().iter().map(ToString::to_string).collect()
    }

    async fn type_keys(&self, keys: impl IntoIterator<Item = char>) {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for value in keys {
            actions = actions.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        }
        self.client.perform_actions(actions).await.unwrap();
    }

    async fn close(self) {
        self.client.clone().close().await.unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // On a signal it takes the browser with it.
        send("TERM", self.driver.id());
        drop(self.driver.wait());
    }
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A page in order: its title, its sentence in view, nothing beyond the side, nothing complained.
async fn is_in_order(browser: &Browser, title: &str, sentence: &str) {
    let client = &browser.client;
    assert!(client.title().await.unwrap().contains(title), "{}", client.title().await.unwrap());
    let verdict = client.find(Locator::Css("h1.verdict")).await.unwrap();
    assert!(verdict.is_displayed().await.unwrap());
    let text = verdict.text().await.unwrap();
    assert!(text.contains(sentence), "{text}");
    let top = browser
        .script("return document.querySelector('h1.verdict').getBoundingClientRect().bottom")
        .await;
    assert!(top.as_f64() < Some(900.0), "the sentence is below the fold: {top}");
    let wide =
        browser.script("return [document.documentElement.scrollWidth, window.innerWidth]").await;
    assert!(wide[0].as_u64() <= wide[1].as_u64(), "{title}: it scrolls sideways: {wide}");
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{complaints:#?}");
}

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

/// Where pictures are wanted, if they are.
fn pictures() -> Option<PathBuf> {
    std::env::var_os("STILLUP_SCREENSHOTS").map(PathBuf::from)
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_fit_every_width_light_and_dark_and_a_keyboard_is_enough() {
    let (watched, browser) = tokio::join!(watched(), Browser::open());
    let (house, _servers) = watched;
    for (width, scheme) in WIDTHS.into_iter().flat_map(|w| [(w, "light"), (w, "dark")]) {
        browser.wear(width, scheme).await;
        let pages =
            [("front", "/", "", "2 of 16"), ("site", "/medium.com", "Medium", "Medium is down")];
        for (name, path, title, sentence) in pages {
            browser.client.goto(&house.url(path)).await.unwrap();
            let dark =
                browser.script("return matchMedia('(prefers-color-scheme: dark)').matches").await;
            assert_eq!(dark, scheme == "dark");
            is_in_order(&browser, title, sentence).await;
            let wanted = PICTURES.iter().find(|(what, ..)| *what == (name, width, scheme));
            if let (Some(dir), Some((_, file))) = (pictures(), wanted) {
                std::fs::create_dir_all(&dir).unwrap();
                let picture = browser.client.screenshot().await.unwrap();
                std::fs::write(dir.join(file), picture).unwrap();
            }
        }
    }

    browser.client.goto(&house.url("/")).await.unwrap();
    let mut tabs = 0;
    while browser.script("return document.activeElement.id").await != "q" {
        assert!(tabs < 10, "the search field is not among the first ten stops");
        browser.type_keys([char::from(Key::Tab)]).await;
        tabs += 1;
    }
    browser.type_keys("snapchat".chars().chain([char::from(Key::Enter)])).await;
    let arrived = async || {
        let url = browser.client.current_url().await.unwrap();
        (url.path() == "/snapchat.com").then_some(())
    };
    until("the search leads to the site", Duration::from_secs(10), arrived).await;
    is_in_order(&browser, "Snapchat", "Snapchat is down").await;
    browser.close().await;
}
