//! The keyboard alone: searching, filtering, sorting, a chart's values, copying the badge.

use fantoccini::key::Key;
use serde_json::json;

use super::driver::Browser;
use crate::service::{SOON, Service, until};

/// The keyboard alone searches, filters, reads a chart's values and copies the badge.
pub(super) async fn a_keyboard_is_enough(browser: &Browser, service: &Service) {
    browser.wear(1280, "light").await;
    browser.visit(&service.url("/"), true).await;
    tab_to(browser, "document.activeElement.id === 'q'").await;
    browser.type_keys("snapchat".chars().chain([char::from(Key::Enter)])).await;
    arrives(browser, "/snapchat.com").await;
    browser.visit(&service.url("/"), true).await;
    tab_to(browser, "document.activeElement.getAttribute('href') === '/?status=down'").await;
    browser.type_keys([char::from(Key::Enter)]).await;
    arrives_asking(browser, "?status=down").await;
    tab_to(browser, "document.activeElement.id === 'sort'").await;
    browser.type_keys("name".chars()).await;
    let search = browser.script("return location.search").await;
    assert_eq!(search, "?status=down", "a choice by keys is not made before it is confirmed");
    browser.type_keys([char::from(Key::Tab), char::from(Key::Enter)]).await;
    arrives_asking(browser, "?status=down&sort=name").await;
    suggestions_are_chosen_by_keyboard(browser, service).await;
    let grants = json!({
        "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"],
        "origin": service.url(""),
    });
    browser.devtools("Browser.grantPermissions", grants).await;
    browser.visit(&service.url("/amazon.com"), true).await;
    tab_to(browser, "document.activeElement.getAttribute('role') === 'slider'").await;
    let value = "return document.activeElement.getAttribute('aria-valuetext')";
    browser.type_keys([char::from(Key::End)]).await;
    let last = browser.script(value).await;
    browser.type_keys([char::from(Key::Left)]).await;
    let before = browser.script(value).await;
    assert!(last.is_string() && before.is_string() && last != before, "{last} {before}");
    // What a day leads to stands behind it.
    let shown =
        "return document.activeElement.closest('figure').querySelector('.readout').textContent";
    let shown = browser.script(shown).await;
    assert!(shown.as_str().unwrap().starts_with(before.as_str().unwrap()), "{shown} {before}");
    // What was under the pointer is in a table as well, on a page of its own.
    tab_to(
        browser,
        "document.activeElement.getAttribute('href')?.startsWith('/sites/amazon.com/history?')",
    )
    .await;
    browser.type_keys([char::from(Key::Enter)]).await;
    arrives(browser, "/sites/amazon.com/history").await;
    let rows = browser.script("return document.querySelectorAll('#chart tbody tr').length").await;
    assert!(rows.as_u64() >= Some(1), "{rows}");
    browser.visit(&service.url("/amazon.com"), true).await;
    // What is folded opens by Enter.
    tab_to(browser, "document.activeElement.localName === 'summary'").await;
    browser.type_keys([char::from(Key::Enter)]).await;
    assert_eq!(browser.script("return document.activeElement.parentElement.open").await, true);
    tab_to(browser, "document.activeElement.dataset.copy === 'html-code'").await;
    let code = "return document.getElementById('html-code').textContent";
    let code = browser.script(code).await;
    browser.type_keys([' ']).await;
    let copied = async || {
        let text = "const done = arguments[arguments.length - 1]; \
             navigator.clipboard.readText().then(done, error => done(String(error)))";
        (browser.script_that_waits(text).await == code).then_some(())
    };
    until("the code is on the clipboard", SOON, copied).await;
    assert!(code.as_str().unwrap().contains("/badge/amazon.com.svg"), "{code}");
}

/// Typing into the field of any page lists sites with their status; arrows choose.
async fn suggestions_are_chosen_by_keyboard(browser: &Browser, service: &Service) {
    browser.visit(&service.url("/about"), true).await;
    tab_to(browser, "document.activeElement.id === 'q'").await;
    browser.type_keys("is snap".chars()).await;
    let shown = async || {
        let list = "return document.getElementById('found-here').textContent";
        let list = browser.script(list).await;
        list.as_str().is_some_and(|list| list.contains("Snapchat snapchat.comdown")).then_some(())
    };
    until("the site is suggested", SOON, shown).await;
    browser.type_keys([char::from(Key::Down), char::from(Key::Enter)]).await;
    arrives(browser, "/snapchat.com").await;
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

/// Waits for the front page with this query: the page that one leaves for it has the same path.
async fn arrives_asking(browser: &Browser, query: &str) {
    let asks = async || {
        let search = browser.script("return location.search").await;
        (search == query).then_some(())
    };
    until(&format!("it asks {query}"), SOON, asks).await;
    arrives(browser, "/").await;
}

pub(super) async fn arrives(browser: &Browser, path: &str) {
    let arrived = async || {
        let url = browser.client.current_url().await.unwrap();
        // Between two pages of one address there is neither.
        let whole = "return document.readyState === 'complete' && !!document.querySelector('h1')";
        (url.path() == path && browser.script(whole).await == true).then_some(())
    };
    until("it leads there", SOON, arrived).await;
}
