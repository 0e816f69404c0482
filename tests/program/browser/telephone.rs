//! The view of a visitor with a telephone before scrolling, at 390 by 844 pixels, in both languages.

use serde_json::json;

use super::{driver::Browser, spoken};
use crate::{service::Service, specimen};

const HIGH: f64 = 844.0;

/// Verdict and buttons of a site in trouble, the first site that was searched for, and at the peak of an
/// incident its cause and the five sites that are asked for most.
pub(super) async fn a_telephone_shows_what_matters_first(browser: &Browser, service: &Service) {
    let trouble = format!("http://{}", specimen::serve_it().await);
    let verdict = ["h1", ".gist", ".justme .try", ".justme form button"];
    let incident = ["h1", ".incident h2", ".incident li:nth-child(5)"];
    browser.wear(390, "light").await;
    for lang in ["en", "nl"] {
        for (base, path, parts) in [
            (service.url(""), "/medium.com", &verdict[..]),
            (service.url(""), "/netflix.com", &verdict),
            (service.url(""), "/?q=ma", &["h1", "#found .row"]),
            (service.url(""), "/?status=down", &["h1", "#found .row"]),
            (trouble.clone(), "/", &incident),
        ] {
            browser.visit(&format!("{base}{}", spoken(path, lang)), true).await;
            let script = format!(
                "const edge = (part) => document.querySelector(part).getBoundingClientRect().bottom; \
                 const words = document.querySelector('h1').textContent.trim().split(/\\s+/); \
                 return [Math.max(...{}.map(edge)), words.length]",
                json!(parts)
            );
            let seen = browser.script(&script).await;
            assert!(seen[0].as_f64() < Some(HIGH), "{path} in {lang} ends at {seen}");
            assert!(seen[1].as_u64() <= Some(5), "{path} in {lang} is headed by {seen} words");
        }
    }
    // The buttons are no tower on the narrowest one.
    browser.wear(320, "light").await;
    for lang in ["en", "nl"] {
        browser.visit(&service.url(&spoken("/medium.com", lang)), true).await;
        let rows = browser.script(ROWS).await;
        assert_eq!(
            (&rows[0], &rows[1]),
            (&json!(3), &json!(2)),
            "buttons and their rows in {lang}"
        );
    }
    // Nor are the sites of an incident.
    browser.visit(&format!("{trouble}/"), true).await;
    let lines = browser.script(LINES).await;
    assert!(lines[0].as_u64() > Some(4) && lines[1].as_u64() <= Some(3), "sites, lines: {lines}");
    assert_eq!(lines[2], 320, "it scrolls sideways");
    tables_fit(browser, service).await;
    browser.wear(1280, "light").await;
}

/// Figures and the checks of an outage are read without scrolling sideways, and a check is three lines at most.
async fn tables_fit(browser: &Browser, service: &Service) {
    let outages = service.json("/api/v1/outages").await;
    let outage = format!("/outages/{}", outages["outages"][0]["id"].as_str().unwrap());
    for (width, lang) in [(320, "nl"), (390, "en")] {
        browser.wear(width, "light").await;
        for path in ["/sites/medium.com/history", "/medium.com", &outage] {
            browser.visit(&service.url(&spoken(path, lang)), true).await;
            let wrong = browser.script(TABLES).await;
            assert_eq!(wrong, json!([]), "{path} at {width} in {lang}");
        }
    }
}

/// Tables of a page that scroll sideways, and rows of checks that are higher than three lines; that there are none.
const TABLES: &str = "
    for (const fold of document.querySelectorAll('main details')) fold.open = true;
    const tables = [...document.querySelectorAll('main table')], rows = [...document.querySelectorAll('.receipts tbody tr')];
    const wide = tables.filter((table) => table.scrollWidth > table.parentElement.clientWidth);
    const high = rows.filter((row) => row.offsetHeight > 100);
    return tables.length ? [...wide, ...high].map((part) => part.innerText) : ['no table'];
";

/// Number of the sites of an incident, and of the lines that they take.
const LINES: &str = "
    const sites = [...document.querySelector('.incident .affected').children];
    const lines = new Set(sites.map((site) => site.getBoundingClientRect().top));
    return [sites.length, lines.size, document.documentElement.scrollWidth];
";

/// Number of the buttons under a verdict, and of the rows that they stand in.
const ROWS: &str = "
    const buttons = [...document.querySelectorAll('.asks button')].filter((button) => button.checkVisibility());
    const tops = new Set(buttons.map((button) => button.getBoundingClientRect().top));
    return [buttons.length, tops.size];
";
