//! The pages: what they say of every status, where they lead, and that they escape what they show.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use http_body_util::BodyExt;

use super::{get, send, world::*};
use crate::web::{Shared, extractors::locale::Locale, pages::error_page};
use model::{
    outcome::{Answer, Failure, Outcome},
    report::Overload,
};

#[tokio::test(start_paused = true)]
async fn the_front_page_tells_what_is_wrong_first() {
    let world = world();
    let got = get(&world.router, "/").await;
    let html = got.text();
    assert!(html.contains("1 of 7 sites is down, 1 is partly down and 1 is slow."));
    let place = |text: &str| html.find(text).unwrap_or_else(|| panic!("{text} is missing"));
    assert!(html.contains("<span>1 site is down</span></h1>"));
    assert!(place("id=\"q\"") < place("</h1>"), "the search comes first");
    let wrong = place("Having problems now");
    assert!(wrong < place("<b>Slack</b> <small>no such name</small>"));
    assert!(place("<b>Slack</b>") < place("<b>GOV.UK</b>"));
    assert!(place("<b>GOV.UK</b>") < place("<b>BuzzFeed</b>"));
    let slow = "4.2\u{a0}s instead of the usual 84\u{a0}ms";
    assert!(place("<b>BuzzFeed</b>") < place(slow) && place(slow) < place("<h3>Reading</h3>"));
    assert!(html.contains("Café &#38; &#60;b&#62;Bar&#60;/b&#62;"));
    assert!(!html.contains("<b>Bar") && !html.contains("style=") && !html.contains("<script>"));
    assert!(got.body.len() < 30_000);
}

#[tokio::test(start_paused = true)]
async fn before_any_look_and_without_sites_it_says_so() {
    let empty = get(&World::of(&[]).router, "/").await;
    assert!(empty.text().contains("No site is being watched yet."));
    let new = get(&World::of(&[site("slack.com", "Slack", &[])]).router, "/").await;
    assert!(new.text().contains("We have not checked any site yet."));
}

#[tokio::test(start_paused = true)]
async fn a_search_that_names_a_site_leads_to_it() {
    let world = world();
    for (q, to) in [
        ("Slack", "/slack.com"),
        ("slack.com", "/slack.com"),
        ("https://slack.com/some/page?x=1", "/slack.com"),
        ("SLACK.COM.", "/slack.com"),
        ("gov.uk/browse", "/www.gov.uk"),
        ("caf%C3%A9.nl", "/xn--caf-dma.nl"),
    ] {
        let got = get(&world.router, &format!("/?q={q}")).await;
        assert_eq!((got.status.as_u16(), got.header("location")), (303, to), "{q}");
    }
    let got = get(&world.router, "/?q=e&status=up&tag=reading").await;
    assert!(got.text().contains("1 site for “e”"), "{}", got.text());
    let none = get(&world.router, "/?q=%3Cscript%3E").await;
    assert!(none.text().contains("Nothing found for “&#60;script&#62;”"));
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_typed_whole_comes_before_one_that_goes_on() {
    let world = World::of(&[
        site("meet.google.com", "Google Meet", &[]),
        site("google.com", "Google", &[]),
        site("chatgpt.com", "ChatGPT", &[]),
        site("disneyplus.com", "Disney+", &[]),
        site("kpn.com", "KPN", &[]),
    ]);
    let page = get(&world.router, "/?q=goog").await;
    let place = |text: &str| page.text().find(text).unwrap_or_else(|| panic!("{text} is missing"));
    assert!(place("href=\"/google.com\"") < place("href=\"/meet.google.com\""));
    let suggested = get(&world.router, "/suggest?q=goog").await.json();
    assert_eq!(
        (&suggested[0]["slug"], &suggested[1]["slug"]),
        (&"google.com".into(), &"meet.google.com".into())
    );
    for (q, to) in [
        ("google", "/google.com"),
        ("chat+gpt", "/chatgpt.com"),
        ("disney+plus+storing", "/disneyplus.com"),
        ("kpn+internet+storing", "/kpn.com"),
        ("google+meet+werkt+niet", "/meet.google.com"),
    ] {
        let got = get(&world.router, &format!("/?q={q}")).await;
        assert_eq!((got.status.as_u16(), got.header("location")), (303, to), "{q}");
    }
    let slip = get(&world.router, "/?q=chatgtp").await;
    assert!(slip.text().contains("<span>Did you mean ChatGPT?</span></h1>"), "{}", slip.text());
}

#[tokio::test(start_paused = true)]
async fn the_checks_of_one_region_are_shown_when_it_is_chosen() {
    let world = world();
    let chosen = "href=\"/www.gov.uk?window=24h&#38;region=syd#chart\" aria-current=\"true\">syd<";
    let seen = |page: &str| {
        let table = page.split_once("Recent checks, newest first").unwrap().1;
        let rows = table.split("</table>").next().unwrap();
        ["ams", "fra", "syd"].map(|region| rows.contains(&format!("<td>{region}</td>")))
    };
    let all = get(&world.router, "/www.gov.uk").await;
    assert!(!all.text().contains(chosen) && all.text().contains(">all places<"), "{}", all.text());
    assert_eq!(seen(all.text()), [true, true, true]);
    let one = get(&world.router, "/www.gov.uk?region=syd").await;
    assert!(one.text().contains(chosen), "{}", one.text());
    assert_eq!(seen(one.text()), [false, false, true]);
    let week = "href=\"/www.gov.uk?window=7d&#38;region=syd#chart\"";
    assert!(one.text().contains(week), "the region stays when the window is changed");
    for path in ["/www.gov.uk?region=mars", "/slack.com?region=local"] {
        let page = get(&world.router, path).await;
        assert!(!page.text().contains("region=mars") && page.status == 200, "{path}");
    }
    let alone = get(&world.router, "/slack.com?region=local").await;
    assert!(!alone.text().contains("all places"), "one place is nothing to choose");
}

#[tokio::test(start_paused = true)]
async fn where_it_fails_is_said_in_lists() {
    let world = world();
    let front = get(&world.router, "/").await;
    let why = "<b>GOV.UK</b> <small>down from syd · HTTP\u{a0}503 Service Unavailable</small>";
    assert!(front.text().contains(why), "{}", front.text());
    let mark = "GOV.UK <small>down from syd</small>";
    assert!(front.text().contains(mark), "{}", front.text());
}

#[tokio::test(start_paused = true)]
async fn the_page_of_a_site_says_it_in_one_sentence_first() {
    let world = world();
    for (slug, heading, line, sentence) in [
        (
            "slack.com",
            "Slack is down",
            "For 1\u{a0}minute · no such name",
            "Slack is down, and has been for 1 minute: its address could not be looked up (no such name).",
        ),
        (
            "medium.com",
            "Medium turns us away",
            "We cannot see whether it lets people in · HTTP\u{a0}403",
            "Medium answers, but turns us away (HTTP 403); we cannot see whether it lets people in.",
        ),
        (
            "buzzfeed.com",
            "BuzzFeed is slow",
            "For 2\u{a0}minutes · 4.2\u{a0}s instead of the usual 84\u{a0}ms",
            "BuzzFeed answers, but slowly: 4.2 s instead of the usual 84 ms, for 2 minutes.",
        ),
        (
            "www.gov.uk",
            "GOV.UK is partly down",
            "For 1\u{a0}minute · down from syd · answers from 2\u{a0}other places · HTTP\u{a0}503 Service Unavailable",
            "GOV.UK is down from syd, for 1 minute: it answers with an error (HTTP 503 Service Unavailable). It answers from 2 other places.",
        ),
        ("netflix.com", "Netflix is up", "Answers in 84\u{a0}ms", "Netflix is up."),
        ("intranet", "Intranet is up", "Answers in 84\u{a0}ms", "Intranet is up."),
        (
            "xn--caf-dma.nl",
            "Café &#38; &#60;b&#62;Bar&#60;/b&#62;: not checked yet",
            "The first check is on its way",
            "We have not checked Café &#38; &#60;b&#62;Bar&#60;/b&#62; yet.",
        ),
    ] {
        let got = get(&world.router, &format!("/{slug}")).await;
        assert_eq!(got.status, 200, "{slug}");
        assert!(got.text().contains(&format!("<span>{heading}</span></h1>")), "{slug}");
        assert!(got.text().contains(&format!("<p class=\"gist\">{line}</p>")), "{slug}: {line}");
        assert!(got.text().contains(&format!("aria-label=\"{sentence}\">")), "{slug}");
        let ago = if heading.contains("not checked") { "" } else { " Checked 5 seconds ago." };
        let described = format!("property=\"og:description\" content=\"{sentence}{ago}\">");
        assert!(got.text().contains(&described), "{slug}");
        assert!(!got.text().contains("style=") && !got.text().contains("<script>"));
        assert!(got.text().contains("https://stillup.example/badge/"));
    }
    let html = get(&world.router, "/medium.com").await;
    assert!(html.text().contains("expires in 4 days"));
    assert!(html.text().contains("We cannot see whether people with a browser get in"));
    tokio::time::advance(MINUTE * 5).await;
    let stale = get(&world.router, "/netflix.com").await;
    assert!(
        stale
            .text()
            .contains("We cannot tell about Netflix: there has been no check for 5 minutes.")
    );
}

#[tokio::test(start_paused = true)]
async fn the_page_of_a_site_answers_visitors_before_operators() {
    let page = get(&world().router, "/slack.com").await;
    let parts = [
        "<h1",
        "id=\"justme\"",
        "id=\"uptime\"",
        "id=\"outages\"",
        "id=\"chart\"",
        "id=\"details\"",
        "id=\"share\"",
    ];
    let places = parts.map(|part| page.text().find(part).unwrap_or_else(|| panic!("no {part}")));
    assert!(places.is_sorted(), "{places:?}");
}

#[tokio::test(start_paused = true)]
async fn a_site_that_is_back_says_so_for_a_while_and_the_front_page_too() {
    let world = World::of(&[site("slack.com", "Slack", &[])]);
    let (up, dead) = (answered(Answer::Ok, 200, 24_122), Outcome::failed(Failure::Dns, "none"));
    let outcomes = [vec![up.clone(); 3], vec![dead; 4], vec![up; 3]].concat();
    world.show_from("local", "slack.com", &outcomes);
    let page = get(&world.router, "/slack.com").await;
    assert!(page.text().contains("<span>Slack is up again</span></h1>"), "{}", page.text());
    assert!(page.text().contains("It was down for 4\u{a0}minutes, until "), "{}", page.text());
    assert!(page.text().contains("Is Slack down right now? No, up again for"));
    let front = get(&world.router, "/").await;
    assert!(front.text().contains("Recently recovered"), "{}", front.text());
    assert!(front.text().contains("<b>Slack</b> <small>after 4\u{a0}minutes</small>"));
    tokio::time::advance(MINUTE * 181).await;
    assert!(!get(&world.router, "/").await.text().contains("Recently recovered"));
}

#[tokio::test(start_paused = true)]
async fn a_site_that_came_back_slowly_is_back_from_being_down() {
    let world = World::of(&[site("slack.com", "Slack", &[])]);
    let (up, dead) = (answered(Answer::Ok, 200, 24_122), Outcome::failed(Failure::Dns, "none"));
    let slow = answered(Answer::Ok, 200, 4_150_000);
    let outcomes = [vec![up.clone(); 20], vec![dead; 4], vec![slow; 5], vec![up; 4]].concat();
    world.show_from("local", "slack.com", &outcomes);
    let outages = get(&world.router, "/api/v1/sites/slack.com/outages").await.json();
    assert_eq!(outages["outages"][0]["status"], "slow", "it was slow at last: {outages}");
    let page = get(&world.router, "/slack.com").await;
    assert!(page.text().contains("It was down for 4\u{a0}minutes, until "), "{}", page.text());
    let front = get(&world.router, "/").await;
    assert!(front.text().contains("<small>after 4\u{a0}minutes</small>"), "{}", front.text());
}

#[tokio::test(start_paused = true)]
async fn a_site_that_came_back_in_one_place_after_the_other_was_down_for_as_long_as_it_was() {
    let slack = site("slack.com", "Slack", &[]);
    let world = World::of(std::slice::from_ref(&slack));
    let (up, dead) = (answered(Answer::Ok, 200, 24_122), Outcome::failed(Failure::Dns, "none"));
    let seen = |bad| [vec![up.clone(); 3], vec![dead.clone(); bad], vec![up.clone(); 12 - bad]];
    let [ams, fra, syd] = [6, 6, 8].map(|bad| seen(bad).concat());
    world.fold(&slack, &[("ams", &ams), ("fra", &fra), ("syd", &syd)]);
    let outages = get(&world.router, "/api/v1/sites/slack.com/outages").await.json();
    assert_eq!(outages["outages"][0]["status"], "partial", "at last it was down in one: {outages}");
    let page = get(&world.router, "/slack.com").await;
    assert!(page.text().contains("It was down for 6\u{a0}minutes, until "), "{}", page.text());
    let front = get(&world.router, "/").await;
    assert!(front.text().contains("<small>after 6\u{a0}minutes</small>"), "{}", front.text());
}

#[tokio::test(start_paused = true)]
async fn other_ways_to_write_a_domain_lead_to_its_page() {
    let world = world();
    for (path, to) in [
        ("/SLACK.com", "/slack.com"),
        ("/www.slack.com", "/slack.com"),
        ("/slack.com.", "/slack.com"),
        ("/gov.uk", "/www.gov.uk"),
        ("/caf%C3%A9.nl", "/xn--caf-dma.nl"),
    ] {
        let got = get(&world.router, path).await;
        assert_eq!((got.status.as_u16(), got.header("location")), (308, to), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_domain_that_we_do_not_watch_is_said_kindly() {
    let world = world();
    let got = get(&world.router, "/slakc.com").await;
    assert_eq!(got.status, 404);
    assert!(got.text().contains("We don’t watch slakc.com"));
    assert!(got.text().contains("href=\"/slack.com\""));
    assert!(!get(&world.router, "/nowhere.example").await.text().contains("Did you mean"));
    let got = get(&world.router, "/nothing/here").await;
    assert_eq!(got.status, 404);
    assert!(got.text().contains("There is nothing at this address."));
}

#[tokio::test(start_paused = true)]
async fn the_record_behind_is_said_on_every_page() {
    let world = world();
    world.board.update_store_health(|record| record.away_since = Some(now() - MINUTE * 8));
    for path in ["/", "/slack.com", "/about", "/api"] {
        let got = get(&world.router, path).await;
        let notice = "The history has been waiting for its database for 8 minutes.";
        assert!(got.text().contains(notice), "{path}");
    }
    world.board.update_store_health(|r| r.held_since = Some(now()));
    for path in ["/", "/readyz"] {
        let got = get(&world.router, path).await;
        let text = got.text();
        assert!(text.contains("the history is waiting in memory"), "{path}: {text}");
    }
    world.board.update_store_health(|r| r.refusing = Some(now()));
    assert!(get(&world.router, "/").await.text().contains("cannot save any history at the moment"));
}

#[tokio::test(start_paused = true)]
async fn a_prober_that_cannot_keep_up_is_said_on_every_page_and_to_programs() {
    let world = world();
    let status = async || get(&world.router, "/api/v1/status").await.json();
    assert_eq!(status().await["overloaded_since"], serde_json::Value::Null);
    let since = now() - MINUTE * 8;
    let overload = Overload { since, turns: 600, behind: 240, lag_percent: 31 };
    world.board.set_overload(Some(overload));
    for path in ["/", "/slack.com", "/about", "/outages"] {
        let text = get(&world.router, path).await.text().to_owned();
        let notice = "For 8 minutes we have had more checks to make than we can manage";
        assert!(text.contains(notice), "{path}: {text}");
        let dutch = get(&world.router, &format!("{path}?lang=nl")).await.text().to_owned();
        assert!(dutch.contains("We moeten al 8 minuten meer controleren"), "{path}");
    }
    // Both are worth knowing.
    world.board.update_store_health(|record| record.away_since = Some(now() - MINUTE));
    let text = get(&world.router, "/about").await.text().to_owned();
    assert!(text.contains("waiting for its database") && text.contains("than we can manage"));
    let ready = get(&world.router, "/readyz").await;
    assert_eq!((ready.status.as_u16(), &ready.json()["status"]), (200, &"degraded".into()));
    let reasons = ready.json()["reasons"].to_string();
    let said = "of 600 checks in the last minute 240 were skipped or late, and its event loop was late for 31%";
    assert!(reasons.contains(said), "{reasons}");
    tokio::time::advance(std::time::Duration::from_secs(2)).await;
    assert_eq!(status().await["overloaded_since"], since.to_string());
}

#[tokio::test(start_paused = true)]
async fn every_page_speaks_dutch_when_asked() {
    let world = world();
    for (path, status, words) in [
        ("/", 200, "1 van 7 sites ligt eruit, 1 is deels onbereikbaar en 1 is traag."),
        ("/slack.com", 200, "Slack ligt eruit, al 1 minuut: het adres was niet op te zoeken"),
        ("/about", 200, "Zo werkt het"),
        ("/outages", 200, "“no such name”"),
        ("/slakc.com", 404, "We volgen slakc.com niet"),
        ("/nothing/here", 404, "Op dit adres is niets."),
    ] {
        let liked = Request::get(path).header("accept-language", "nl-BE, en;q=0.5");
        let got = send(&world.router, liked.body(Body::empty()).unwrap()).await;
        assert_eq!(got.status, status, "{path}");
        assert!(got.text().contains(words), "{path}: {}", got.text());
        assert!(got.text().contains("<html lang=\"nl\">"), "{path}");
        assert_eq!(got.header("content-language"), "nl", "{path}");
        assert!(got.text().contains("href=\"/about\""), "{path}: what was not chosen is not kept");
        let chosen = get(&world.router, &format!("{path}?lang=nl")).await;
        assert!(chosen.text().contains(words), "{path}");
        assert!(chosen.text().contains("href=\"/about?lang=nl\""), "{path}");
        let english = get(&world.router, path).await;
        assert_eq!(english.header("content-language"), "en", "{path}");
        assert_eq!(english.header("vary"), "accept-language", "{path}");
    }
    let api = Request::get("/api/v1/sites/slack.com").header("accept-language", "nl");
    let got = send(&world.router, api.body(Body::empty()).unwrap()).await;
    assert!(got.json()["summary"].as_str().unwrap().starts_with("Slack is down"));
}

#[tokio::test(start_paused = true)]
async fn many_sites_are_shown_a_view_at_a_time() {
    let sites: Vec<_> = (0..1_000)
        .map(|n| site(&format!("site{n:04}.example"), &format!("Site {n:04}"), &[]))
        .collect();
    let world = World::of(&sites);
    let first = get(&world.router, "/?sort=name").await;
    assert!(first.text().contains("Page 1 of 4") && first.text().contains("Site 0299"));
    assert!(!first.text().contains("href=\"/site0300.example\""));
    assert!(first.text().contains("href=\"/?sort=name&#38;page=2\""));
    assert!(first.body.len() < 300_000, "{}", first.body.len());
    let last = get(&world.router, "/?sort=name&page=4&lang=nl").await;
    assert!(last.text().contains("Pagina 4 van 4") && last.text().contains("Site 0999"));
    assert!(last.text().contains("href=\"/?sort=name&#38;page=3&#38;lang=nl\""));
    assert_eq!(get(&world.router, "/?page=99999999999").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn outages_are_told_from_memory_while_the_record_cannot_be_read() {
    let world = world();
    let all = get(&world.router, "/outages").await;
    assert!(all.text().contains("from memory."));
    for name in ["Slack", "GOV.UK", "BuzzFeed"] {
        assert!(all.text().contains(&format!(">{name}</a>")), "{name}");
    }
    let one = get(&world.router, "/outages?site=slack.com&lang=nl").await;
    assert!(one.text().contains("Storingen van Slack") && !one.text().contains(">GOV.UK</a>"));
    let at = get(&world.router, "/outages?provider=aws").await;
    assert!(at.text().contains(">Slack</a>") && !at.text().contains(">GOV.UK</a>"));
    let none = get(&world.router, "/outages?site=nobody.example&page=99999").await;
    assert!(none.text().contains("We do not know a site called “nobody.example”."));
    // That none is known then does not mean that there was none.
    world.board.update_store_health(|record| record.away_since = Some(now()));
    let none = "None that we have seen";
    let page = get(&world.router, "/netflix.com").await;
    assert!(page.text().contains("so we cannot list them.") && !page.text().contains(none));
    let page = get(&world.router, "/outages?site=netflix.com").await;
    assert!(page.text().contains("from memory.") && !page.text().contains(none));
}

#[tokio::test(start_paused = true)]
async fn a_page_has_its_state_in_title_and_icon_and_says_what_it_follows() {
    let world = world();
    let got = get(&world.router, "/slack.com").await;
    assert!(
        got.text()
            .contains("<title>✕ Is Slack down right now? Yes, for 1 minute · stillup</title>")
    );
    assert!(
        got.text().contains("href=\"/static/down.")
            && got.text().contains("data-follows=\"slack.com\"")
    );
    assert!(got.text().contains("property=\"og:title\" content=\"Slack is down\""));
    let front = get(&world.router, "/").await;
    assert!(front.text().contains("data-follows=\"*\""));
    let map = get(&world.router, "/sitemap.xml").await;
    let changed = "<lastmod>2017-02-28T14:08:55.000Z</lastmod>";
    let slack = format!("<loc>https://stillup.example/slack.com?lang=nl</loc>{changed}");
    assert!(map.text().contains(&slack), "{}", map.text());
    let search = get(&world.router, "/opensearch.xml").await;
    assert!(search.text().contains("template=\"https://stillup.example/?q={searchTerms}\""));
    assert!(roxmltree::Document::parse(search.text()).is_ok());
    assert!(roxmltree::Document::parse(map.text()).is_ok());
    assert_eq!(get(&world.router, "/site.webmanifest").await.json()["name"], "stillup");
    assert!(get(&world.router, "/robots.txt").await.text().contains("/sitemap.xml"));
}

#[tokio::test(start_paused = true)]
async fn a_crash_says_what_we_knew() {
    let world = world();
    let shared = Arc::new(Shared::new(world.web));
    let locale = Locale::of(&"/x?lang=nl".parse().unwrap(), &HeaderMap::new());
    let got = error_page::respond(&shared, &locale, StatusCode::INTERNAL_SERVER_ERROR);
    let body = got.into_body().collect().await.unwrap().to_bytes();
    let text = str::from_utf8(&body).unwrap();
    assert!(text.contains("Wat we om") && text.contains("1 van 7 sites ligt eruit"));
}

#[tokio::test(start_paused = true)]
async fn every_link_within_the_reference_leads_somewhere() {
    let world = world();
    let [page, schemas] =
        [get(&world.router, "/api").await, get(&world.router, "/api/schemas").await];
    for (from, to, way) in [
        (&page, &page, "href=\"#"),
        (&page, &schemas, "href=\"/api/schemas#"),
        (&schemas, &schemas, "href=\"#"),
    ] {
        let links: Vec<_> = from.text().split(way).skip(1).collect();
        assert!(links.len() > 10, "{way}");
        for link in links.into_iter().filter_map(|rest| rest.split('"').next()) {
            assert!(to.text().contains(&format!("id=\"{link}\"")), "{link}");
        }
    }
    // The fields of every answer are told there.
    for part in
        ["id=\"Site\"", "<code>usual_latency_ms</code>", "id=\"SitesPage\"", "id=\"NewSite\""]
    {
        assert!(schemas.text().contains(part), "{part}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_values_of_the_charts_are_tables_on_a_page_of_their_own() {
    let world = world();
    let page = get(&world.router, "/slack.com?lang=en").await;
    let way = "href=\"/sites/slack.com/history?window=24h&#38;lang=en\"";
    assert!(page.text().contains(way) && !page.text().contains("95% within"), "{}", page.text());
    let values = get(&world.router, "/sites/slack.com/history?window=24h&lang=en").await;
    assert_eq!(values.status, 200);
    for part in ["Slack in figures", "95% within", "/history?window=24h&#38;format=csv", "noindex"]
    {
        assert!(values.text().contains(part), "{part}: {}", values.text());
    }
    // What memory does not have is not made up.
    let longer = get(&world.router, "/sites/slack.com/history?window=90d&lang=en").await;
    assert!(
        longer.text().contains("Our record cannot be read")
            && !longer.text().contains("95% within")
    );
    assert_eq!(get(&world.router, "/sites/nobody.example/history").await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn the_sites_of_a_tag_lead_to_their_report() {
    let world = world();
    let way = "href=\"/report?tag=chat\"";
    for (path, leads) in [
        ("/?tag=chat", true),
        ("/?tag=chat&sort=name", true),
        ("/?tag=chat&status=down", false),
        ("/?tag=nobody", false),
        ("/", false),
    ] {
        let page = get(&world.router, path).await;
        assert_eq!(page.text().contains(way), leads, "{path}");
        assert_eq!(page.text().contains("/report?tag="), leads, "{path}");
    }
}
