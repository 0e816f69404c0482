//! Checks of every page in 24 ways: in both languages, with and without scripts, light and dark, at
//! three widths.
//!
//! A page is loaded four times: in each language, with and without scripts. Each load is checked in
//! six ways while it is open: light and dark, at each width. In each of the 24, the heading is the
//! right one and in view, nothing overflows the side and nothing was fetched from elsewhere;
//! messages of the console (errors, failed requests, breaches of the policy) are read at the end of
//! a load, and count for its six. The accessibility checker meets each load twice, once light and
//! once dark, so that over the four it meets either at every width. The HTML checker reads the
//! source, which depends on the language alone: `html_is_valid`.

use std::{fmt::Write, fs, net::SocketAddr};

use serde_json::Value;

use super::{
    PAGES, TROUBLE,
    driver::Browser,
    lookups::{self, LookupTargets},
    spoken, tool,
};
use crate::service::{SOON, Service, until};

/// The widths of a small telephone, a tablet and a laptop.
const WIDTHS: [u32; 3] = [320, 768, 1280];

/// A page to look at: where, and what its heading says.
pub(super) struct Page {
    pub(super) base: String,
    pub(super) path: String,
    pub(super) heading: &'static str,
}

/// Every page in all its ways; each language has a browser of its own.
pub(super) async fn all_are_in_order(
    browsers: [&Browser; 2],
    service: &Service,
    lookups: &LookupTargets,
    trouble: SocketAddr,
) {
    let axe = fs::read_to_string(tool("axe-core/axe.min.js")).unwrap();
    let speak = async |word: usize| {
        let mut findings = String::new();
        for scripts in [true, false] {
            let load = word * 2 + usize::from(scripts);
            let visitor = 1 + load;
            browsers[word].comes_from(&lookups::visitor(visitor)).await;
            for page in pages(service, lookups, trouble, visitor, word) {
                look(browsers[word], &page, (load, ["en", "nl"][word]), &axe, &mut findings).await;
            }
        }
        findings
    };
    let (english, dutch) = tokio::join!(speak(0), speak(1));
    assert!(english.is_empty() && dutch.is_empty(), "{english}{dutch}");
}

/// All pages for this visitor, in the language of this number.
fn pages(
    service: &Service,
    lookups: &LookupTargets,
    trouble: SocketAddr,
    visitor: usize,
    word: usize,
) -> Vec<Page> {
    let page = |base: String, path: &str, headings: [&'static str; 2]| Page {
        base,
        path: path.to_owned(),
        heading: headings[word],
    };
    let ours = PAGES.iter().map(|(path, headings)| page(service.url(""), path, *headings));
    let asked = lookups.pages(visitor);
    let asked = asked.iter().map(|(path, headings)| page(service.url(""), path, *headings));
    let base = format!("http://{trouble}");
    let bad = TROUBLE.iter().map(|(path, headings)| page(base.clone(), path, *headings));
    ours.chain(asked).chain(bad).collect()
}

/// One load of a page, in its six ways.
pub(super) async fn look(
    browser: &Browser,
    page: &Page,
    (load, lang): (usize, &str),
    axe: &str,
    findings: &mut String,
) {
    let scripts = load % 2 == 1;
    let address = spoken(&page.path, lang);
    browser.visit(&format!("{}{address}", page.base), scripts).await;
    browser.let_scripts(true).await;
    let kind = if scripts { "with scripts" } else { "without scripts" };
    // Without scripts a card can only stay true by being loaded again: news that changes as it
    // happens may (WCAG 2.2.1), and three lines of text leave nothing half done or half read.
    let spared = if !scripts && address.starts_with("/embed/") { "'meta-refresh'" } else { "" };
    let mut say = |way: &str, words: String| {
        writeln!(findings, "{address}, {kind}, {way}: {words}").unwrap();
    };
    let (mut here, mut there) = (None, None);
    for (number, scheme) in ["light", "dark"].into_iter().enumerate() {
        browser.media("", &[("prefers-color-scheme", scheme)]).await;
        for turn in 1..=3 {
            // The checker comes after the last of them.
            let width = WIDTHS[(load + number + turn) % 3];
            browser.wide(width, 1).await;
            let way = format!("{scheme}, {width} wide");
            for words in disorder(browser, page, width, scheme).await {
                say(&way, words);
            }
            if turn == 3 {
                let found = barriers(browser, if number == 0 { axe } else { "" }, spared).await;
                *(if number == 0 { &mut here } else { &mut there }) = Some((way, found));
            }
        }
    }
    for (way, found) in [here, there].into_iter().flatten().filter(|(_, found)| !found.is_empty()) {
        say(&way, found);
    }
    // A page that is an error by its status is no news.
    let path = page.path.split('?').next().unwrap_or(&page.path);
    let own = |text: &String| text.contains("Failed to load resource") && text.contains(path);
    for words in browser.complaints().await.into_iter().filter(|text| !own(text)) {
        say("the console", words);
    }
}

/// Faults of an open page at this width.
async fn disorder(browser: &Browser, page: &Page, width: u32, scheme: &str) -> Vec<String> {
    let seen = worn(browser, width, scheme).await;
    let mut found = Vec::new();
    let mut hold = |holds: bool, words: &str| {
        if !holds {
            found.push(format!("{words}: {seen}"));
        }
    };
    hold(seen[0].as_str().unwrap().contains(page.heading), "another heading");
    hold(seen[1].as_f64() < Some(900.0), "the heading is below the fold");
    hold(seen[2].as_u64() <= Some(width.into()), "it scrolls sideways");
    hold(seen[3].as_array().map(Vec::len) == Some(0), "it fetches from others");
    found
}

/// State of a page at this width, light or dark.
async fn worn(browser: &Browser, width: u32, scheme: &str) -> Value {
    let script = "const h = document.querySelector('h1'), r = h.getBoundingClientRect(), \
         d = document.documentElement, fetched = performance.getEntriesByType('resource'), \
         dark = matchMedia('(prefers-color-scheme: dark)').matches; \
         return [h.textContent, r.bottom, d.scrollWidth, \
         fetched.map(({ name }) => name).filter(name => !name.startsWith(location.origin)), \
         innerWidth, dark ? 'dark' : 'light']";
    let fits = async || {
        let seen = browser.script(script).await;
        (seen[4] == width && seen[5] == scheme).then_some(seen)
    };
    until("the browser is as it should be", SOON, fits).await
}

/// Findings of the accessibility checker except for these rules, one line each. The checker itself
/// is loaded the first time.
async fn barriers(browser: &Browser, axe: &str, spared: &str) -> String {
    let run = "const done = arguments[arguments.length - 1]; \
         axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', \
         'best-practice'], rules, resultTypes: ['violations'], selectors: false \
         }).then(({ violations }) => done(violations.map(({ id, nodes }) => \
         id + ': ' + nodes.map(({ html }) => html.slice(0, 200)).join(' | ')).join('\\n')), \
         error => done(String(error)))";
    let rules = format!(
        "const rules = Object.fromEntries([{spared}].map((rule) => [rule, {{ enabled: false }}]));"
    );
    let found = browser.script_that_waits(&format!("{axe}\n{rules}\n{run}")).await;
    found.as_str().unwrap().to_owned()
}
