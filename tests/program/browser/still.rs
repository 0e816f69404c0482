//! Stillness: nothing moves while a page loads, nothing under a pointer or a focus while live updates come; and
//! nothing that can be pressed is dead when scripts do not come.

use serde_json::{Value, json};

use super::{Browser, SITES, arrives};
use crate::{
    server::{Mood, Server},
    service::{SOON, Service, until},
};

/// Shifts of the layout since the page began to load.
const SHIFTS: &str = "
    const done = arguments[arguments.length - 1], found = [];
    const words = (node) => (node?.outerHTML ?? node?.data ?? '').slice(0, 90);
    const seen = (entries) => found.push(...entries.flatMap(({ sources, value }) =>
        sources.map(({ node }) => value.toFixed(4) + ' ' + words(node))));
    const observer = new PerformanceObserver((list) => seen(list.getEntries()));
    observer.observe({ type: 'layout-shift', buffered: true });
    requestAnimationFrame(() => setTimeout(() => { seen(observer.takeRecords()); done(found); }, 100));
";

/// Places of the headings of a page and of its foot, from its top.
const PLACES: &str = "
    const parts = [...document.querySelectorAll('h1, h2, h3, footer')];
    return parts.map((part) => [
        part.id || part.className || part.tagName, Math.round(part.getBoundingClientRect().top + scrollY),
    ]);
";

/// Checks that everything that a script shows has its place before, also where the page is painted long
/// before its scripts come.
pub(super) async fn nothing_moves_at_loading(browser: &Browser, service: &Service) {
    let mut findings = Vec::new();
    for width in [390, 1280] {
        browser.wear(width, "light").await;
        for path in ["/", "/medium.com", "/amazon.com", "/outages", "/api", "/badges?site=bol.com"]
        {
            block(browser, json!(["*/static/*.js"])).await;
            browser.visit(&service.url(path), true).await;
            let before = browser.script(PLACES).await;
            block(browser, json!([])).await;
            browser.visit(&service.url(path), true).await;
            let shifts = browser.script_that_waits(SHIFTS).await;
            let shifts = shifts.as_array().unwrap().iter();
            findings.extend(shifts.map(|shift| format!("{path}, {width} wide: {shift}")));
            let after = browser.script(PLACES).await;
            if before != after {
                findings.push(format!("{path}, {width} wide: {before} became {after}"));
            }
        }
    }
    browser.wear(1280, "light").await;
    // Each of the scripts that were kept away was a failed request.
    drop(browser.complaints().await);
    assert!(findings.is_empty(), "{findings:#?}");
}

/// Keeps files away whose addresses are like these.
async fn block(browser: &Browser, urls: Value) {
    browser.devtools("Network.enable", json!({})).await;
    browser.devtools("Network.setBlockedURLs", json!({ "urls": urls })).await;
}

/// Buttons and choices in sight that send no form.
const DEAD: &str = "
    const seen = (part) => part.checkVisibility({ visibilityProperty: true });
    const sends = (form) => form?.hasAttribute('action')
        && [...form.querySelectorAll('button[type=submit]')].some(seen);
    const all = [...document.querySelectorAll('button, select, [role=slider], [role=combobox]')];
    return all.filter((part) => seen(part) && !sends(part.form)).map((part) => part.outerHTML.slice(0, 90));
";

/// However scripts fail to come, what is in sight works.
pub(super) async fn nothing_is_dead_without_scripts(browser: &Browser, service: &Service) {
    block(browser, json!(["*/static/*.js"])).await;
    for path in ["/", "/?status=down", "/medium.com", "/outages", "/api", "/badges?site=bol.com"] {
        browser.visit(&service.url(path), true).await;
        let dead = browser.script(DEAD).await;
        assert_eq!(dead, json!([]), "{path}");
    }
    browser.visit(&service.url("/medium.com?lang=en"), true).await;
    browser.script("document.querySelector('.justme form button').click()").await;
    let thanked = async || {
        let said = "return document.querySelector('.thanks')?.textContent";
        browser
            .script(said)
            .await
            .as_str()
            .is_some_and(|said| said.contains("counts"))
            .then_some(())
    };
    until("the report is thanked for", SOON, thanked).await;
    arrives(browser, "/medium.com").await;
    block(browser, json!([])).await;
    // Each of those scripts was a failed request.
    drop(browser.complaints().await);
}

/// Points at a row, as often as the page has read something new, and notes which row is at that place.
const POINT: &str = "
    const row = document.querySelector('#wrong [data-key=\"wrong/snapchat.com\"]');
    const { left, top, width, height } = row.getBoundingClientRect();
    const points = () => row.dispatchEvent(new PointerEvent('pointermove', { bubbles: true }));
    const text = Response.prototype.text;
    Response.prototype.text = async function () {
        const read = await text.call(this);
        if (!window.left) points();
        return read;
    };
    points();
    window.seen = [];
    const look = () => {
        const at = document.elementFromPoint(left + width / 2, top + height / 2);
        const key = at?.closest('[data-key]')?.dataset.key;
        if (window.seen.at(-1) !== key) window.seen.push(key);
        if (!window.left) requestAnimationFrame(look);
    };
    look();
    window.leave = () => {
        window.left = true;
        row.dispatchEvent(new PointerEvent('pointerout', { bubbles: true, relatedTarget: document.body }));
    };
";

const LISTED: &str = "return !!document.querySelector('#wrong [data-key=\"wrong/slack.com\"]')";

/// The row that is pointed at stays where it is until the pointer has left; one that has focus keeps its
/// height on the screen.
pub(super) async fn nothing_moves_under_a_pointer(
    browser: &Browser,
    service: &Service,
    servers: &[Server],
) {
    let place = SITES.iter().position(|(slug, ..)| *slug == "slack.com").unwrap();
    browser.wear(390, "light").await;
    browser.visit(&service.url("/?lang=en"), true).await;
    browser.script(POINT).await;
    servers[place].turn(Mood::Broken);
    let known = async || {
        let row = "return document.querySelector('#all [data-key=\"slack.com\"] .row').className";
        (browser.script(row).await == "row down").then_some(())
    };
    until("the page knows of it", SOON, known).await;
    assert_eq!(browser.script(LISTED).await, false, "the list waits for the pointer");
    assert_eq!(browser.script("return window.seen").await, json!(["wrong/snapchat.com"]));
    browser.script("window.leave()").await;
    let listed = async || (browser.script(LISTED).await == true).then_some(());
    until("it is listed once the pointer has left", SOON, listed).await;
    // A row that has focus, while one above it goes.
    let height = async || {
        let top = "return document.activeElement.getBoundingClientRect().top";
        browser.script(top).await.as_f64().unwrap()
    };
    let focus = "const row = document.querySelector('#all [data-key=\"wikipedia.org\"] a'); \
         row.focus(); row.scrollIntoView({ block: 'center' })";
    browser.script(focus).await;
    let before = height().await;
    servers[place].turn(Mood::Late(85));
    let gone = async || (browser.script(LISTED).await == false).then_some(());
    until("it is well again", SOON, gone).await;
    let after = height().await;
    assert!((after - before).abs() < 2.0, "{before} {after}");
    browser.wear(1280, "light").await;
}
