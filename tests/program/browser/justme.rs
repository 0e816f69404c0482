//! "Is it just me?" in a real browser: what it says in each case, that nothing is sent before the
//! visitor presses, and the button for those who have a problem too.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use fantoccini::Locator;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::sleep,
};

use super::{Browser, arrives};
use crate::{
    server::{Mood, Server},
    service::{SOON, Service, until},
};

/// Behaviour of a site towards a client.
#[derive(Clone, Copy)]
enum Treats {
    Well,
    Slowly,
    /// With an error.
    Badly,
    /// Hangs up.
    NotAtAll,
    /// Sends on to a place that the page's policy does not know.
    Elsewhere,
    /// Turns robots and people away.
    Away,
    /// With an answer that browsers keep from pages of others.
    OwnPagesOnly,
    /// Sends on to itself, for ever.
    InCircles,
}

/// A site that treats probes and browsers each in their own way, and counts browsers.
struct TwoFacedSite {
    address: SocketAddr,
    browsers: Arc<AtomicUsize>,
}

impl TwoFacedSite {
    async fn new(probes: Treats, browsers: Treats) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, count) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let counted = count.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, probes, browsers, counted.clone()));
            }
        });
        Self { address, browsers: count }
    }

    fn asked_by_browsers(&self) -> usize {
        self.browsers.load(Ordering::SeqCst)
    }
}

async fn talk(mut stream: TcpStream, probes: Treats, browsers: Treats, count: Arc<AtomicUsize>) {
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        if !stream.read_buf(&mut asked).await.is_ok_and(|read| read > 0) {
            return;
        }
    }
    let asked = String::from_utf8_lossy(&asked).to_lowercase();
    let treats = if asked.contains("mozilla") {
        count.fetch_add(1, Ordering::SeqCst);
        let said = asked.contains("\r\ncookie:") || asked.contains("\r\nreferer:");
        assert!(!said, "it says where it comes from: {asked}");
        browsers
    } else {
        probes
    };
    let head = match treats {
        Treats::NotAtAll => return,
        Treats::Slowly => {
            sleep(Duration::from_millis(3_500)).await;
            "200 OK"
        }
        Treats::Badly => "500 Internal Server Error",
        Treats::Elsewhere => "302 Found\r\nlocation: http://127.0.0.99:9/",
        Treats::InCircles => "302 Found\r\nlocation: /",
        Treats::Away => "403 Forbidden",
        Treats::OwnPagesOnly => "200 OK\r\ncross-origin-resource-policy: same-origin",
        Treats::Well => "200 OK",
    };
    let answer = format!("HTTP/1.1 {head}\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
    drop(stream.write_all(answer.as_bytes()).await);
}

/// The case that is shown, and its words.
async fn shown(browser: &Browser) -> Option<(String, String)> {
    let seen = browser
        .script(
            "const lines = [...document.querySelectorAll('.justme [data-case]')] \
                 .filter((line) => line.checkVisibility()); \
             return lines.map((line) => [line.dataset.case, line.textContent])",
        )
        .await;
    let lines = seen.as_array().unwrap();
    assert!(lines.len() < 2, "one at a time: {seen}");
    let text = |place: usize| lines.first()?[place].as_str().map(str::to_owned);
    Some((text(0)?, text(1)?))
}

async fn press(browser: &Browser, button: &str) {
    browser.client.find(Locator::Css(button)).await.unwrap().click().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_of_the_visitor_tells_which_case_it_is_once_it_is_asked() {
    let watched = Server::start(Mood::Well).await;
    let wrong = watched.entry("wrong.test") + "expect_text = \"what it does not say\"\n";
    let mut service = Service::new(&(watched.entry("watched.test") + &wrong), None);
    service.write_settings("[lookup]\nallow_private = true\n");
    service.start(&[]).await;
    let browser = Browser::open().await;
    for (probes, browsers, case, words) in [
        (Treats::Well, Treats::Well, "fine", "it is fine"),
        (Treats::Well, Treats::Badly, "fine", "it is fine"),
        (Treats::Well, Treats::Elsewhere, "fine", "it is fine"),
        (Treats::Away, Treats::Away, "turned", "may be turned away as we are"),
        (Treats::OwnPagesOnly, Treats::OwnPagesOnly, "kept", "this test cannot tell"),
        (Treats::Well, Treats::Slowly, "slow", "slow only for you"),
        (Treats::Well, Treats::NotAtAll, "you", "it looks like it is just you"),
        // Whoever is answered with an error is answered: that is no word about who else is.
        (Treats::Badly, Treats::Badly, "also", "may well get the same error"),
        (Treats::Badly, Treats::Well, "also", "may well get the same error"),
        (Treats::InCircles, Treats::Well, "also", "may well get the same error"),
        (Treats::Badly, Treats::NotAtAll, "neither", "it works for neither of us"),
        (Treats::NotAtAll, Treats::Well, "here", "it looks down only from where we check"),
        (Treats::NotAtAll, Treats::NotAtAll, "everybody", "it is down for everybody"),
    ] {
        let site = TwoFacedSite::new(probes, browsers).await;
        browser.visit(&service.url(&format!("/{}", site.address)), true).await;
        let button = ".justme .try";
        let offered = browser.script("return !document.querySelector('.justme .try').hidden").await;
        assert_eq!((offered, shown(&browser).await), (true.into(), None), "{case}");
        assert_eq!(site.asked_by_browsers(), 0, "{case}: nothing is sent before it is asked for");
        drop(browser.complaints().await);
        press(&browser, button).await;
        let told = async || shown(&browser).await.filter(|(case, _)| case != "trying");
        let (seen, text) = until("it says which case it is", SOON, told).await;
        assert!(seen == case && text.contains(words), "{case}: {seen}: {text}");
        // Chromium tries a connection that was hung up on once more.
        let asked = site.asked_by_browsers();
        assert!(asked == 1 || (matches!(browsers, Treats::NotAtAll) && asked == 2), "{case}");
        if matches!(browsers, Treats::Well) {
            let complaints = browser.complaints().await;
            assert!(complaints.is_empty(), "the policy lets it ask: {complaints:#?}");
        }
    }
    where_it_fails_from_some_places_only_nobody_is_told_that_it_is_just_them(&browser, &service)
        .await;
    a_page_that_follows_keeps_what_it_said(&browser, &service).await;
    a_wrong_page_is_one_for_the_browser_too(&browser, &service).await;
    browser.close().await;
}

/// The verdict of several places is written into the page of one.
async fn where_it_fails_from_some_places_only_nobody_is_told_that_it_is_just_them(
    browser: &Browser,
    service: &Service,
) {
    for (browsers, case, words) in [
        (Treats::Well, "partly", "it works for you, but not from everywhere"),
        (Treats::NotAtAll, "partlyyou", "it is not just you"),
    ] {
        let site = TwoFacedSite::new(Treats::Well, browsers).await;
        browser.visit(&service.url(&format!("/{}", site.address)), true).await;
        let partial = "document.querySelector('[data-status]').dataset.status = 'partial'";
        browser.script(partial).await;
        press(browser, ".justme .try").await;
        let told = async || shown(browser).await.filter(|(case, _)| case != "trying");
        let (seen, text) = until("it says which case it is", SOON, told).await;
        assert!(seen == case && text.contains(words), "{case}: {seen}: {text}");
    }
}

/// A page that comes need not be the right one.
async fn a_wrong_page_is_one_for_the_browser_too(browser: &Browser, service: &Service) {
    let down =
        async || (service.json("/api/v1/sites/wrong.test").await["status"] == "down").then_some(());
    until("it is down", SOON, down).await;
    browser.visit(&service.url("/wrong.test"), true).await;
    press(browser, ".justme .try").await;
    let told = async || shown(browser).await.filter(|(case, _)| case != "trying");
    let (case, _) = until("it says which case it is", SOON, told).await;
    assert_eq!(case, "also");
}

/// On the page of a watched site, which makes itself new, the answer stays.
async fn a_page_that_follows_keeps_what_it_said(browser: &Browser, service: &Service) {
    let up =
        async || (service.json("/api/v1/sites/watched.test").await["status"] == "up").then_some(());
    until("it is up", SOON, up).await;
    browser.visit(&service.url("/watched.test"), true).await;
    press(browser, ".justme .try").await;
    let fine = async || shown(browser).await.filter(|(case, _)| case == "fine");
    let (_, text) = until("it is fine", SOON, fine).await;
    // What the page does when something changes.
    browser.script("window.marked = document.querySelector('.justme'); document.dispatchEvent(new Event('visibilitychange'))").await;
    let swapped = async || {
        let now = "return performance.getEntriesByType('resource').filter((entry) => \
            entry.initiatorType === 'fetch' && entry.name === location.href).length";
        (browser.script(now).await.as_u64() > Some(0)).then_some(())
    };
    until("the page is made new", SOON, swapped).await;
    let kept = async || shown(browser).await.filter(|seen| *seen == ("fine".into(), text.clone()));
    until("the answer is still there", SOON, kept).await;
    // A report beside it takes nothing of it away.
    press(browser, ".justme form button").await;
    let thanked = async || {
        let seen = "return document.querySelector('.justme .counted').checkVisibility()";
        (browser.script(seen).await == true).then_some(())
    };
    until("the report is thanked for", SOON, thanked).await;
    assert_eq!(shown(browser).await, Some(("fine".into(), text)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_problem_is_reported_without_scripts_and_without_a_cookie() {
    let watched = Server::start(Mood::Well).await;
    let mut service = Service::new(&watched.entry("watched.test"), None);
    service.write_settings("[lookup]\nallow_private = true\n");
    service.start(&[]).await;
    let browser = Browser::open().await;
    let site = TwoFacedSite::new(Treats::Well, Treats::Well).await;
    let path = format!("/{}", site.address);
    for (lang, thanks, counted) in [
        ("en", "Thank you, your report counts.", "Your report already counts this hour."),
        ("nl", "Uw melding telt dit uur al mee.", "Uw melding telt dit uur al mee."),
    ] {
        browser.visit(&service.url(&format!("{path}?lang={lang}")), false).await;
        for words in [thanks, counted] {
            press(&browser, "form[method=post] button").await;
            arrives(&browser, &path).await;
            let said = async || {
                let page = browser.client.source().await.unwrap();
                (page.contains(words) && page.contains("data-status=\"up\"")).then_some(())
            };
            until("it says that it counted, and no other verdict", SOON, said).await;
        }
    }
    // With scripts it is said in place: nothing moves, and the address says nothing to others.
    browser.visit(&service.url(&path), true).await;
    press(&browser, "form[method=post] button").await;
    let said = async || {
        let seen = "const b = document.querySelector('form[method=post] button'); \
             return [b.disabled, b.textContent, location.search + location.hash]";
        let seen = browser.script(seen).await;
        (seen[0] == true && seen[1] == "Reported \u{2713}" && seen[2] == "").then_some(())
    };
    until("the button says that it was reported", SOON, said).await;
    assert_eq!(site.asked_by_browsers(), 0);
    assert!(browser.client.get_all_cookies().await.unwrap().is_empty());
    let told = service.json(&format!("/api/v1/lookup?target={}", site.address)).await;
    assert_eq!((&told["reports"], &told["status"]), (&1.into(), &"up".into()), "{told}");
    browser.close().await;
}
