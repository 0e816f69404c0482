//! Outages, charts and reference as visitors of other time zones and small screens see them.

use serde_json::{Value, json};

use super::driver::Browser;
use crate::{service::Service, specimen};

/// Rows of the list of outages whose day or time is not that of UTC, and words of a zone in rows.
const ROWS: &str = "
    const days = { month: 'long', day: 'numeric', timeZone: 'UTC' }, wrong = [];
    const words = new Intl.DateTimeFormat('en-GB', days);
    for (const list of document.querySelectorAll('.outages')) {
        const day = list.previousElementSibling.textContent;
        for (const time of list.querySelectorAll(':scope > li > .when > time:first-child')) {
            const at = new Date(time.dateTime), said = time.textContent;
            if (words.format(at) !== day) wrong.push(day + ': ' + time.dateTime);
            if (at.toISOString().slice(11, 16) !== said) wrong.push(said + ' for ' + time.dateTime);
            if (time.title.includes('UTC')) wrong.push('no own time: ' + time.title);
        }
    }
    const zones = document.querySelector('main').innerText.match(/UTC/g) ?? [];
    if (zones.length !== 1) wrong.push(zones.length + ' zones');
    const foot = document.querySelector('footer').innerText;
    if (!/Updated at \\d\\d:\\d\\d:\\d\\d\\sUTC/.test(foot) || foot.includes('own time')) wrong.push(foot);
    return wrong;
";

/// Marks of the chart that are no whole hours of the visitor or lie in the future, and what is said at the
/// pointer in another zone than the marks.
const CHART: &str = "
    const wrong = [], own = { hour: '2-digit', minute: '2-digit' };
    const clock = (at) => new Intl.DateTimeFormat('en-GB', own).format(new Date(at));
    for (const mark of document.querySelectorAll('#chart .axis [data-at]')) {
        if (mark.textContent !== clock(mark.dataset.at)) wrong.push(mark.outerHTML);
        if (!/^\\d\\d:(00|30|15|45|05|10|20|25|35|40|50|55)$/.test(mark.textContent)) wrong.push(mark.textContent);
        if (new Date(mark.dataset.at) > new Date()) wrong.push('to come: ' + mark.dataset.at);
    }
    const hit = [...document.querySelectorAll('#chart .hit')].at(-1);
    hit.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
    const tip = document.querySelector('.tip'), readout = document.querySelector('#chart .readout');
    if (tip.hidden || tip.textContent !== readout.textContent) wrong.push('tip: ' + tip.textContent);
    if (!tip.textContent.includes(clock(hit.dataset.at) + ': ')) wrong.push(tip.textContent);
    if (tip.textContent.includes('UTC')) wrong.push(tip.textContent);
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone.replaceAll('_', ' ');
    const foot = document.querySelector('footer').innerText;
    if (!foot.includes('in your own time zone, ' + zone + '.')) wrong.push(foot);
    hit.dispatchEvent(new PointerEvent('pointerout', { bubbles: true }));
    if (!tip.hidden || readout.textContent !== readout.dataset.whole) wrong.push('it stays');
    return wrong;
";

/// Names in tables of the reference that are broken in two, and backticks.
const NAMES: &str = "
    for (const fold of document.querySelectorAll('.reference details')) fold.open = true;
    const names = [...document.querySelectorAll('th code')];
    const broken = names.filter((code) => code.getClientRects().length !== 1);
    const ticks = document.querySelector('main').innerText.match(/`[^`]*`/g) ?? [];
    return names.length < 50 ? ['no names'] : [...broken.map((code) => code.textContent), ...ticks];
";

/// Folds of the reference that are open without being led to, or closed although they are.
const UNFOLDED: &str = "
    const led = document.querySelector(':target').closest('section').querySelector('details');
    const all = [...document.querySelectorAll('.reference details')];
    const wrong = all.filter((fold) => fold.open !== (fold === led));
    return wrong.map((fold) => fold.parentElement.querySelector('h2, h3').id);
";

/// Buttons that lie on the code that they copy, and tables of fields that scroll sideways.
const COVERED: &str = "
    const covered = [...document.querySelectorAll('button[data-copy]')].filter((button) => {
        const code = document.getElementById(button.dataset.copy).getBoundingClientRect();
        const { top, bottom, height } = button.getBoundingClientRect();
        return height && top < code.bottom && bottom > code.top;
    });
    const wide = [...document.querySelectorAll('.schema .scroll')].filter((e) => e.scrollWidth > e.clientWidth + 1);
    return [...covered, ...wide].map((e) => e.outerHTML.slice(0, 120));
";

/// Lines with a time in another zone than the visitor's, and sentences with a time of day.
const ELSEWHERE: &str = "
    const others = document.querySelector('main').innerText.match(/.*\\bUTC\\b.*/g) ?? [];
    const said = [document.title, document.querySelector('h1').innerText].filter((words) => /\\d:\\d\\d/.test(words));
    return [...others, ...said];
";

/// Links of outages on the page of a site that lead to JSON.
const RAW: &str = "
    const all = [...document.querySelectorAll('#main a')];
    const at = (path) => all.filter((a) => new URL(a.href).pathname.startsWith(path));
    const raw = at('/api/v1/sites/').filter((a) => new URL(a.href).pathname.endsWith('/checks'));
    return at('/outages/').length ? raw.map((a) => a.href) : ['no way to the outage'];
";

/// Holds the pages of the past to one zone each, whole names, and links for people.
pub(super) async fn the_past_is_told_in_one_zone_and_for_people(
    browser: &Browser,
    service: &Service,
) {
    let nothing = |found: &Value| found.as_array().is_some_and(Vec::is_empty);
    let trouble = format!("http://{}", specimen::serve_it().await);
    for zone in ["America/Los_Angeles", "Asia/Kolkata", "Europe/Amsterdam"] {
        browser.devtools("Emulation.setTimezoneOverride", json!({ "timezoneId": zone })).await;
        for (page, look) in [
            (service.url("/outages?lang=en"), ROWS),
            (service.url("/amazon.com?lang=en"), CHART),
            (service.url("/medium.com?lang=en"), ELSEWHERE),
            (format!("{trouble}/?lang=en"), ELSEWHERE),
            (format!("{trouble}/providers/aws?lang=en"), ELSEWHERE),
        ] {
            browser.visit(&page, true).await;
            let found = browser.script(look).await;
            assert!(nothing(&found), "{page} in {zone}: {found:#}");
        }
    }
    browser.devtools("Emulation.setTimezoneOverride", json!({ "timezoneId": "" })).await;
    for (width, path) in
        [320, 390, 1280].map(|width| [(width, "/api"), (width, "/api/schemas")]).concat()
    {
        browser.wide(width, 1).await;
        browser.visit(&service.url(path), true).await;
        for look in [COVERED, NAMES] {
            let found = browser.script(look).await;
            assert!(nothing(&found), "{path} {width}: {found:#}");
        }
    }
    // What is folded opens for whoever is led there.
    browser.visit(&service.url("/api?lang=en#getSite"), true).await;
    let found = browser.script(UNFOLDED).await;
    assert!(nothing(&found), "{found:#}");
    browser.visit(&service.url("/medium.com"), true).await;
    let found = browser.script(RAW).await;
    assert!(nothing(&found), "{found:#}");
    // The permalink of the outage that goes on is followed by people who were sent it.
    let outages = service.json("/api/v1/outages?site=medium.com").await;
    let id = outages["outages"][0]["id"].as_str().unwrap().to_owned();
    browser.visit(&service.url(&format!("/outages/{id}?lang=en")), true).await;
    let heading = browser.script("return document.querySelector('h1').innerText").await;
    assert_eq!(heading, "Medium is down");
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{complaints:#?}");
}
