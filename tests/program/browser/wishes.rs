//! Wishes of visitors beyond light and dark: print, forced colours, larger text, less motion. Every
//! page, in Dutch, whose words are the longest.

use std::fmt::Write;

use serde_json::Value;

use super::{PAGES, driver::Browser, spoken};
use crate::service::Service;

/// Controls and scrollable parts in print, where a line of values is there to be read; parts cut off at a side; text that is not dark on white.
const PAPER: &str = "
    const shown = (all) => [...document.querySelectorAll(all)].filter((e) => e.checkVisibility());
    const press = shown('button, input, select, summary:not(.stretch > *), form, nav, .skip, #touch, #live');
    const cut = shown('.scroll, pre, body').filter((e) => e.scrollWidth > e.clientWidth + 1);
    const dark = getComputedStyle(document.body).backgroundColor !== 'rgb(255, 255, 255)';
    return [...press, ...cut, ...(dark ? [document.body] : [])].map((e) => e.outerHTML.slice(0, 90));
";

/// Marks of a status without the visitor's colours or without distinct shapes; invisible lines of
/// charts and edges of buttons.
const FORCED: &str = "
    const colour = (name) => {
        const probe = document.body.appendChild(document.createElement('i'));
        probe.style.color = name;
        const { color } = getComputedStyle(probe);
        probe.remove();
        return color;
    };
    const [ink, chosen] = ['CanvasText', 'HighlightText'].map(colour);
    const shapes = {}, wrong = [];
    for (const mark of document.querySelectorAll('.i')) {
        const { color, forcedColorAdjust } = getComputedStyle(mark), word = mark.classList[1];
        const shape = mark.querySelector('use').getAttribute('href');
        const own = color === (mark.closest('[aria-current]') ? chosen : ink);
        if (!own || forcedColorAdjust !== 'none') wrong.push(mark.outerHTML + color);
        if (word && (shapes[word] ??= shape) !== shape) wrong.push(mark.outerHTML);
    }
    const all = Object.values(shapes);
    if (new Set(all).size < all.length) wrong.push(JSON.stringify(shapes));
    for (const line of document.querySelectorAll('.line'))
        if (getComputedStyle(line).stroke !== ink) wrong.push(line.outerHTML.slice(0, 90));
    for (const button of document.querySelectorAll('button')) {
        const { borderTopWidth, borderTopStyle } = getComputedStyle(button);
        if (borderTopWidth === '0px' || borderTopStyle === 'none') wrong.push(button.outerHTML);
    }
    for (const link of document.querySelectorAll('a, button, input, summary')) {
        if (!link.checkVisibility()) continue;
        link.focus({ focusVisible: true });
        const { outlineStyle, outlineWidth } = getComputedStyle(link);
        const seen = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
        if (link.matches(':focus-visible') && !seen) wrong.push('no focus: ' + link.outerHTML);
    }
    return wrong;
";

/// Parts beyond the side.
pub(super) const BESIDE: &str = "
    const wide = document.documentElement.scrollWidth;
    if (wide <= innerWidth) return [];
    const out = [...document.body.querySelectorAll('*')].filter((e) => !e.closest('.scroll, pre')
        && e.getBoundingClientRect().right > innerWidth + 1);
    return [wide + ' in ' + innerWidth, ...out.slice(0, 3).map((e) => e.outerHTML.slice(0, 90))];
";

/// Parts that move by themselves.
const MOVES: &str = "
    return [...document.querySelectorAll('*')].filter((e) => {
        const { transitionDuration, animationName } = getComputedStyle(e);
        return !/^[0s, ]+$/.test(transitionDuration) || animationName !== 'none';
    }).map((e) => e.outerHTML.slice(0, 90));
";

/// Durations in the longest words that one can have.
const LONGEST: &str = "
    document.querySelectorAll('.long').forEach((e) => e.textContent = 'minder dan een minuut');
";

/// Every page on paper, in forced colours, at twice the size, and still.
pub(super) async fn wishes_are_met(browser: &Browser, service: &Service) {
    let mut findings = String::new();
    for (path, _) in PAGES {
        browser.wide(1280, 1).await;
        browser.media("", &[]).await;
        browser.visit(&service.url(&spoken(path, "nl")), true).await;
        let mut hold = |way: &str, found: Value| {
            for words in found.as_array().unwrap() {
                writeln!(findings, "{path}, {way}: {words}").unwrap();
            }
        };
        for scheme in ["light", "dark"] {
            let scheme = ("prefers-color-scheme", scheme);
            browser.media("", &[("forced-colors", "active"), scheme]).await;
            hold("forced colours", browser.script(FORCED).await);
        }
        browser.media("", &[("prefers-reduced-motion", "reduce")]).await;
        hold("reduced motion", browser.script(MOVES).await);
        // How long an outage lasted depends on how fast the machine is that runs this.
        browser.script(LONGEST).await;
        // Twice the size: by zooming, which halves the width, and by larger letters alone.
        browser.wide(640, 2).await;
        hold("zoomed", browser.script(BESIDE).await);
        browser.script("document.documentElement.style.fontSize = '200%'").await;
        for width in [1280, 640, 320] {
            browser.wide(width, 1).await;
            hold(&format!("large letters, {width} wide"), browser.script(BESIDE).await);
        }
        browser.script("document.documentElement.style.fontSize = ''").await;
        // The paper is as wide as A4 without its margins.
        if !path.starts_with("/embed/") {
            browser.wide(718, 1).await;
            browser.media("print", &[("prefers-color-scheme", "dark")]).await;
            hold("on paper", browser.script(PAPER).await);
        }
    }
    browser.media("", &[]).await;
    // Messages of the console are checked where pages are loaded in all their ways.
    drop(browser.complaints().await);
    assert!(findings.is_empty(), "{findings}");
}
