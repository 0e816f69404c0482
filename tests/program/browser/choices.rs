//! Choices that a visitor's browser keeps or heeds: the colour scheme, and to be told when a site is back.

use serde_json::Value;

use super::{SITES, driver::Browser};
use crate::{
    server::{Mood, Server},
    service::{SOON, Service, until},
};

const GROUND: &str = "return getComputedStyle(document.body).backgroundColor";
const LIGHT: &str = "rgb(250, 250, 251)";
const DARK: &str = "rgb(16, 18, 24)";

/// Chooses in the footer, as a visitor does; what the ground of the page is then.
async fn choose(browser: &Browser, scheme: &str) -> Value {
    let script = format!(
        "const choice = document.getElementById('scheme'); choice.value = '{scheme}'; \
         choice.dispatchEvent(new Event('change')); {GROUND}"
    );
    browser.script(&script).await
}

/// A chosen scheme holds on every page, against what the system wants, without a cookie.
pub(super) async fn a_chosen_scheme_is_kept(browser: &Browser, service: &Service) {
    for (system, scheme, [own, other]) in
        [("light", "dark", [LIGHT, DARK]), ("dark", "light", [DARK, LIGHT])]
    {
        browser.wear(1280, system).await;
        browser.visit(&service.url("/?lang=en"), true).await;
        assert_eq!(browser.script(GROUND).await, own);
        assert_eq!(choose(browser, scheme).await, other);
        browser.visit(&service.url("/medium.com?lang=nl"), true).await;
        assert_eq!(browser.script(GROUND).await, other, "another page");
        let shown = "return document.getElementById('scheme').value";
        assert_eq!(browser.script(shown).await, scheme);
        assert_eq!(choose(browser, "").await, own, "as the system has it again");
        browser.visit(&service.url("/about"), true).await;
        assert_eq!(browser.script(GROUND).await, own);
    }
    assert!(browser.client.get_all_cookies().await.unwrap().is_empty());
    browser.visit(&service.url("/about"), false).await;
    let hidden = "const choice = document.getElementById('scheme'); \
         return !choice.checkVisibility({ visibilityProperty: true })";
    browser.let_scripts(true).await;
    assert_eq!(browser.script(hidden).await, true, "without scripts there is nothing to choose");
    browser.wear(1280, "light").await;
}

/// Takes the place of the browser's own notifications, which nobody sees here.
const TOLD: &str = "
    window.told = [];
    window.Notification = class {
        static requestPermission() { return Promise.resolve('granted'); }
        constructor(title, { body, silent }) { if (!silent) window.told.push([title, body]); }
        close() {}
    };
";
/// The button: whether it is there, whether it is pressed, and what is said of it.
const BELL: &str = "
    const button = document.querySelector('.bell');
    const lines = [...document.querySelectorAll('[data-bell]')].filter((line) => !line.hidden);
    return [button.checkVisibility({ visibilityProperty: true }), button.ariaPressed, lines.map((line) => line.dataset.bell).join()];
";

/// Whoever asked is told when the site is back, by the tab that is open.
pub(super) async fn it_tells_when_a_site_is_back(
    browser: &Browser,
    service: &Service,
    servers: &[Server],
) {
    let place = SITES.iter().position(|(slug, ..)| *slug == "marktplaats.nl").unwrap();
    browser.visit(&service.url("/marktplaats.nl?lang=en"), true).await;
    assert_eq!(browser.script(BELL).await[0], false, "what is up is not waited for");
    servers[place].turn(Mood::Broken);
    let there = async || (browser.script(BELL).await[0] == true).then_some(());
    until("the button is there", SOON, there).await;
    // Without notifications the title has to do.
    browser.script("delete window.Notification; document.querySelector('.bell').click()").await;
    let pressed = |how: &'static str| async move {
        let seen = browser.script(BELL).await;
        (seen[1] == "true" && seen[2] == how).then_some(())
    };
    until("it says how it will tell", SOON, || pressed("title")).await;
    browser.script("document.querySelector('.bell').click()").await;
    assert_eq!(browser.script(BELL).await[1], "false", "it is taken back");
    browser.script(&format!("{TOLD} document.querySelector('.bell').click()")).await;
    until("it says that it will tell", SOON, || pressed("notice")).await;
    servers[place].turn(Mood::Late(52));
    let told = async || {
        let told = browser.script("return window.told").await;
        (told[0][0] == "Marktplaats is up again").then_some(())
    };
    until("it is told", SOON, told).await;
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{complaints:#?}");
}
