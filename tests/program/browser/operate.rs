//! The operator's week in a real browser, with and without scripts: signing in, a refused catalogue, a notice with its
//! updates, planned work, the audit; and every page of it without complaints of the browser and the checkers.

use std::fs;

use serde_json::Value;
use stillup::private_postgres::throwaway;

use super::{
    driver::Browser,
    gallery::pictures,
    order::{Page, look},
    spoken, tool, validate,
};
use crate::{
    server::{Mood, Server},
    service::{SOON, Service, until},
};

/// The Enter key, as a driver sends it.
const ENTER: char = '\u{e007}';

/// A browser in which an operator works.
struct Desk<'a> {
    browser: &'a Browser,
    service: &'a Service,
    scripts: bool,
}

impl Desk<'_> {
    async fn visit(&self, path: &str) {
        self.browser.visit(&self.service.url(path), self.scripts).await;
        self.browser.let_scripts(true).await;
    }

    /// Fills fields, by their selectors, and presses Enter on a button, as a person does; waits for what comes.
    async fn submit(&self, fields: &[(&str, &str)], button: &str) {
        for (field, text) in fields {
            let fill = format!("document.querySelector({field:?}).value = {text:?}");
            self.browser.script(&fill).await;
        }
        let press = format!(
            "document.body.dataset.old = 'yes'; const button = document.querySelector({button:?}); \
             button.focus(); return document.activeElement === button"
        );
        assert_eq!(self.browser.script(&press).await, true, "{button}");
        self.browser.let_scripts(self.scripts).await;
        self.browser.type_keys([ENTER]).await;
        self.browser.let_scripts(true).await;
        let new =
            "return document.readyState === 'complete' && document.body.dataset.old !== 'yes'";
        let came = async || (self.browser.script(new).await == true).then_some(());
        until("the answer is there", SOON, came).await;
    }

    /// The words of a part of the page.
    async fn words(&self, part: &str) -> String {
        let words = format!("return document.querySelector({part:?})?.innerText ?? ''");
        let Value::String(words) = self.browser.script(&words).await else { panic!("{part}") };
        words
    }

    async fn has(&self, part: &str, text: &str) {
        let words = self.words(part).await;
        assert!(words.contains(text), "{text:?} is not in {part}: {words}");
    }

    /// Visits a page until it says this: pages may be kept for their second.
    async fn comes(&self, path: &str, text: &str) {
        let says = async || {
            self.visit(path).await;
            self.words("main").await.contains(text).then_some(())
        };
        until(&format!("{path} says {text:?}"), SOON, says).await;
    }

    /// One week, with a token that may do all of it.
    async fn week(&self, token: &str, number: usize) {
        self.visit("/operate?lang=en").await;
        self.has("h1", "Operate").await;
        self.submit(&[("#token", "sut_00000000_0000")], "main form.stack button").await;
        self.has("[role=alert]", "This token is not known.").await;
        self.submit(&[("#token", token)], "main form.stack button").await;
        self.has("main", "Signed in as week.").await;
        let title = format!("Sign-in fails ({number})");
        let notice = [("#title", &*title), ("#text", "We look."), ("#impact", "major")];
        self.submit(&notice, "form[action^='/operate/notice'] button").await;
        self.has("[aria-labelledby=notices]", &title).await;
        for path in ["/?lang=en", "/shop?lang=en"] {
            self.comes(path, &title).await;
        }
        self.visit("/operate?lang=en").await;
        let update = "form[action^='/operate/update']";
        let state = format!("document.querySelector(\"{update} select\").value");
        for (old, new, text) in [
            ("investigating", "monitoring", "A fix is in place."),
            ("monitoring", "resolved", "It is mended."),
        ] {
            // Whoever only writes what is new changes no state.
            assert_eq!(self.browser.script(&format!("return {state}")).await, old);
            self.browser.script(&format!("{state} = '{new}'")).await;
            let fields = [(&*format!("{update} textarea"), text)];
            self.submit(&fields, &format!("{update} button")).await;
        }
        self.has("[aria-labelledby=notices]", "No notice is open.").await;
        let plan = "form[action^='/operate/plan']";
        let fields = [("#plan-name", "Backup"), ("#plan-sites", "shop")];
        self.submit(&fields, &format!("{plan} button[value='30m']")).await;
        self.has("[aria-labelledby=planned]", "Backup").await;
        self.comes("/shop?lang=en", "Planned until").await;
        self.visit("/operate?lang=en").await;
        self.submit(&[], "form[action^='/operate/cancel'] button").await;
        self.has("[aria-labelledby=planned]", "Nothing is planned.").await;
        self.submit(&[("#plan-sites", "Not A Slug!")], &format!("{plan} button[value='120m']"))
            .await;
        self.has("[role=alert]", "Nothing was changed").await;
        // Whoever types on mends it.
        let focus = "const at = document.activeElement; \
             return [at.id, at.value, at.checkVisibility() && at.getBoundingClientRect().top > 0]";
        let focus = self.browser.script(focus).await;
        assert_eq!(focus, serde_json::json!(["plan-sites", "Not A Slug!", true]));
        self.has("#plan-sites-wrong", "“Not”, “A”, “Slug!” are not slugs.").await;
        self.has("[aria-labelledby=changes]", "planned.cancel").await;
        self.has("[aria-labelledby=changes]", "notice.resolved").await;
        self.visit("/operate?lang=en").await;
        self.submit(&[], "form[action^='/operate/out'] button").await;
        self.has("main", "Sign in").await;
    }
}

async fn token(service: &Service, may: &str) -> String {
    let done = service.run(&["token", "add", "week", "--may", may]).await;
    assert!(done.status.success(), "{done:?}");
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

/// Six sites on one server, of which one has a name of its own.
fn catalogue(server: &Server, sites: usize) -> String {
    let others = (1..sites).map(|number| server.entry(&format!("s{number}.example")));
    server.entry("shop") + "name = \"shop\"\n" + &others.collect::<String>()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_has_a_week_with_and_without_scripts_and_is_hindered_by_nothing() {
    let (browser, server) = tokio::join!(Browser::open(), Server::start(Mood::Well));
    let database = throwaway::database().await.unwrap();
    let mut service = Service::new(&catalogue(&server, 6), Some(database.url()));
    service.start(&[]).await;
    assert_eq!(service.get("/operate").await.0, 404, "there is no token yet");
    let token = token(&service, "read,notices,planned").await;
    let there = async || (service.get("/operate").await.0 == 200).then_some(());
    until("the page is there", SOON, there).await;
    browser.wear(390, "dark").await;
    for (number, scripts) in [true, false].into_iter().enumerate() {
        Desk { browser: &browser, service: &service, scripts }.week(&token, number).await;
    }
    let desk = Desk { browser: &browser, service: &service, scripts: true };
    desk.visit("/operate?lang=en").await;
    desk.submit(&[("#token", &token)], "main form.stack button").await;
    // A change that drops most sites waits, with the number that confirms it.
    service.write_catalogue(&catalogue(&server, 2));
    let waits = async || {
        desk.visit("/operate?lang=en").await;
        desk.words("[aria-labelledby=waits]").await.contains("--confirm-removals 4").then_some(())
    };
    until("the refused change waits", SOON, waits).await;
    service.write_catalogue(&catalogue(&server, 6));
    let nothing = async || {
        desk.visit("/operate?lang=en").await;
        desk.words("[aria-labelledby=waits]").await.contains("Nothing.").then_some(())
    };
    until("nothing waits", SOON, nothing).await;
    let open = [
        ("#title", "A long name of trouble that does not fit on a line of a telephone"),
        ("#text", "See https://a.example/?x=1&y=2 ."),
    ];
    desk.submit(&open, "form[action^='/operate/notice'] button").await;
    desk.submit(&[("#plan-name", "Backup")], "form[action^='/operate/plan'] button[value='60m']")
        .await;
    all_is_in_order(&browser, &service).await;
    windows_are_shown_by_the_clocks_of_who_looks(&browser, &service).await;
    if let Some(dir) = pictures() {
        fs::create_dir_all(&dir).unwrap();
        for (width, scheme, lang) in
            [(320, "dark", "nl"), (390, "dark", "en"), (1280, "light", "en")]
        {
            browser.wear(width, scheme).await;
            for (path, name) in paths(&service).await {
                browser.visit(&service.url(&spoken(&path, lang)), true).await;
                let file = format!("{name}-{width}-{scheme}.webp");
                fs::write(dir.join(file), browser.picture(width).await).unwrap();
            }
        }
    }
    browser.close().await;
}

/// Times that are not those of the browser's own clocks, or are said to be those of others.
const OTHER_TIMES: &str = "
    const own = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' }), wrong = [];
    const times = [...document.querySelectorAll('main time[data-f]')];
    const shown = times.filter((time) => !['a', 'd', 'u'].includes(time.dataset.f));
    for (const time of shown) {
        const said = time.textContent;
        if (!said.includes(own.format(new Date(time.dateTime)))) wrong.push(said + ' for ' + time.dateTime);
        if (said.includes('UTC')) wrong.push(said);
    }
    if (!shown.length) wrong.push('no time');
    if (!document.querySelector('footer').innerText.includes('Chicago')) wrong.push('no zone is named');
    return wrong;
";

/// A window by the clocks of one zone is shown in another by figures that agree with the zone that is named.
async fn windows_are_shown_by_the_clocks_of_who_looks(browser: &Browser, service: &Service) {
    let weekly = [
        "planned",
        "add",
        "--starts",
        "2026-01-04 02:00",
        "--for",
        "2h",
        "--time-zone",
        "Pacific/Auckland",
        "--rrule",
        "FREQ=DAILY",
        "--name",
        "Nightly",
        "--site",
        "shop",
    ];
    let done = service.run(&weekly).await;
    assert!(done.status.success(), "{done:?}");
    let there = async || service.get("/shop").await.1.contains("Nightly").then_some(());
    until("the service knows it", SOON, there).await;
    let zone = |zone: &str| serde_json::json!({ "timezoneId": zone });
    browser.devtools("Emulation.setTimezoneOverride", zone("America/Chicago")).await;
    browser.visit(&service.url("/shop?lang=en"), true).await;
    let found = browser.script(OTHER_TIMES).await;
    assert!(found.as_array().is_some_and(Vec::is_empty), "{found:#}");
    browser.devtools("Emulation.setTimezoneOverride", zone("")).await;
}

/// The pages of people's words, each with a name.
async fn paths(service: &Service) -> Vec<(String, &'static str)> {
    let notices = service.json("/api/v1/notices").await;
    let id = notices["notices"][0]["id"].as_str().unwrap();
    vec![
        ("/operate".to_owned(), "operate"),
        (format!("/notices/{id}"), "notice"),
        ("/sites/shop/report".to_owned(), "report"),
        ("/shop".to_owned(), "planned"),
    ]
}

/// Every page, English with scripts and Dutch without, is in order in all its ways, and is valid HTML.
async fn all_is_in_order(browser: &Browser, service: &Service) {
    let axe = fs::read_to_string(tool("axe-core/axe.min.js")).unwrap();
    let (mut findings, dir) = (String::new(), tempfile::tempdir().unwrap());
    for (load, lang) in [(1, "en"), (2, "nl")] {
        for (path, name) in paths(service).await {
            let heading = match (name, lang) {
                ("operate", "en") => "Operate",
                ("operate", _) => "Beheer",
                ("notice", _) => "A long name of trouble",
                _ => "shop",
            };
            let page = Page { base: service.url(""), path: path.clone(), heading };
            look(browser, &page, (load, lang), &axe, &mut findings).await;
            browser.visit(&service.url(&spoken(&path, lang)), true).await;
            // As it was sent, with the session of the browser.
            let fetched = "const done = arguments[arguments.length - 1]; \
                 fetch(location.href).then((answer) => answer.text()).then(done)";
            let html = browser.script_that_waits(fetched).await;
            fs::write(dir.path().join(format!("{name}-{lang}.html")), html.as_str().unwrap())
                .unwrap();
        }
    }
    assert!(findings.is_empty(), "{findings}");
    validate(dir.path());
}
