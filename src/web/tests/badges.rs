//! Badges: always an image, whatever the request.

use super::{get, lookups::looking, shown, world::*};
use model::{name::Slug, uptime::Uptime};

#[tokio::test(start_paused = true)]
async fn every_status_has_its_word_and_colour() {
    let world = world();
    for (slug, word, hex, name) in [
        ("slack.com", "down", "#e05d44", "red"),
        ("medium.com", "up", "#4c1", "brightgreen"),
        ("buzzfeed.com", "slow", "#dfb317", "yellow"),
        ("www.gov.uk", "partial", "#fe7d37", "orange"),
        ("xn--caf-dma.nl", "unknown", "#9f9f9f", "lightgrey"),
        ("example.com", "unknown", "#9f9f9f", "lightgrey"),
        ("%ff", "unknown", "#9f9f9f", "lightgrey"),
    ] {
        let got = get(&world.router, &format!("/badge/{slug}.svg")).await;
        assert_eq!(got.status, 200, "{slug}");
        let svg = roxmltree::Document::parse(got.text()).unwrap();
        assert!(svg.root_element().attribute("aria-label").unwrap().ends_with(word), "{slug}");
        assert!(got.text().contains(hex), "{slug}");
        let json = get(&world.router, &format!("/badge/{slug}.json")).await.json();
        assert_eq!((&json["message"], &json["color"]), (&word.into(), &name.into()), "{slug}");
        assert_eq!(json["schemaVersion"], 1);
        assert_eq!(json.as_object().unwrap().len(), 5);
    }
    tokio::time::advance(MINUTE * 5).await;
    assert!(get(&world.router, "/badge/netflix.com.svg").await.text().contains(">unknown</text>"));
}

#[tokio::test(start_paused = true)]
async fn a_badge_lives_shortly_and_can_be_asked_again() {
    let got = get(&world().router, "/badge/slack.com.svg").await;
    assert_eq!(got.header("content-type"), "image/svg+xml;charset=utf-8");
    let seconds = got.header("cache-control").strip_prefix("public, max-age=").unwrap();
    assert!((1..=30).contains(&seconds.parse::<u8>().unwrap()), "{seconds}");
    assert_eq!(got.header("expires"), format!("Tue, 28 Feb 2017 14:10:{seconds:0>2} GMT"));
    assert_eq!(got.header("content-security-policy"), "default-src 'none'");
    assert!(got.header("etag").starts_with('"'));
}

#[tokio::test(start_paused = true)]
async fn any_label_is_safe_and_bounded() {
    let world = world();
    let (long, longer) = ("x".repeat(3_000), "x".repeat(60_000));
    for label in [
        "%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "%00%1b%0a",
        "%ff",
        "%EF%BF%BF",
        &long,
        &longer,
        "%26amp%3B'",
        "%E2%80%AEevil%E2%81%A6",
        "%F0%9F%91%A9%E2%80%8D%F0%9F%9A%80",
    ] {
        for style in ["flat", "flat-square", "for-the-badge", "no-such-style"] {
            let address = format!("/badge/slack.com.svg?label={label}&style={style}");
            let got = get(&world.router, &address).await;
            assert_eq!(got.status, 200);
            let svg = roxmltree::Document::parse(got.text()).unwrap();
            let nodes = || svg.descendants();
            assert!(nodes().all(|node| !node.has_tag_name("script")));
            let turns = |c| ('\u{202a}'..='\u{202e}').contains(&c) || c == '\u{2066}';
            assert!(!got.text().contains(turns));
            assert_eq!(svg.root_element().attribute("role"), Some("img"));
            assert!(nodes().any(|node| node.tag_name().name() == "title"));
            assert!(nodes().all(|node| node.attributes().all(|a| !a.name().starts_with("on"))));
            let wide: f64 = svg.root_element().attribute("width").unwrap().parse().unwrap();
            assert!(wide < 900.0, "{wide}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_style_that_there_is_not_is_flat() {
    let world = world();
    let flat = get(&world.router, "/badge/slack.com.svg?style=flat").await;
    for style in ["plastic", "social", "", "FLAT-SQUARE", "%ff"] {
        let got = get(&world.router, &format!("/badge/slack.com.svg?style={style}")).await;
        assert_eq!((got.status.as_u16(), got.text()), (200, flat.text()), "{style}");
    }
}

#[tokio::test(start_paused = true)]
async fn boxes_are_as_wide_as_those_of_shields() {
    let got = get(&world().router, "/badge/slack.com.svg?label=build").await;
    // "build" is 37 wide in every badge of Shields, and "passing" would be 51.
    let svg = roxmltree::Document::parse(got.text()).unwrap();
    let wide: Vec<_> = svg.descendants().filter(|n| n.has_tag_name("rect")).collect();
    let wide: Vec<_> = wide.iter().filter_map(|rect| rect.attribute("width")).collect();
    assert_eq!(wide, ["76", "37", "39", "76"]);
}

#[tokio::test(start_paused = true)]
async fn uptime_is_rounded_down_and_unknown_without_data() {
    let world = world();
    let all = Uptime { day: Some(0.998_765_4), month: Some(0.5), ..Uptime::default() };
    world.board.set_uptimes(&[(Slug::new("slack.com").unwrap(), all)].into());
    for (query, want) in [
        ("", "uptime 30d: 50.000%"),
        ("?window=24h", "uptime 24h: 99.876%"),
        ("?window=7d", "uptime 7d: no data yet"),
        ("?window=12y", "uptime: unknown"),
        ("?window=24h&label=alive", "alive: 99.876%"),
    ] {
        let got = get(&world.router, &format!("/badge/slack.com/uptime.svg{query}")).await;
        assert!(got.text().contains(&format!("aria-label=\"{want}\"")), "{query}: {}", got.text());
    }
}

#[tokio::test(start_paused = true)]
async fn colours_may_be_chosen_but_trouble_is_not_painted_over() {
    let world = world();
    for (path, want) in [
        ("netflix.com.svg?color=blue", "#007ec6"),
        ("netflix.com.svg?color=%23123456", "#123456"),
        ("netflix.com.svg?color=%22/%3E", "#4c1"),
        ("slack.com.svg?color=brightgreen", "#e05d44"),
        ("nobody.example.svg?color=brightgreen", "#9f9f9f"),
        ("netflix.com.svg?labelColor=abc", "#abc"),
        ("nobody.example/uptime.svg?color=brightgreen", "#9f9f9f"),
    ] {
        let got = get(&world.router, &format!("/badge/{path}")).await;
        assert!(got.text().contains(&format!("fill=\"{want}\"")), "{path}: {}", got.text());
    }
    let json = get(&world.router, "/badge/netflix.com.json?labelColor=123").await.json();
    assert_eq!(json["labelColor"], "#123");
}

#[tokio::test(start_paused = true)]
async fn the_dot_and_the_bars_are_images_whatever_is_asked() {
    let world = world();
    for slug in ["slack.com", "netflix.com", "xn--caf-dma.nl", "nobody.example", "%ff", "%00"] {
        for file in ["dot.svg", "bar90.svg"] {
            let got = get(&world.router, &format!("/badge/{slug}/{file}?x=%ff")).await;
            assert_eq!(got.status, 200, "{slug}");
            assert_eq!(got.header("content-type"), "image/svg+xml;charset=utf-8");
            let svg = roxmltree::Document::parse(got.text()).unwrap();
            assert!(svg.root_element().attribute("aria-label").is_some_and(|l| !l.is_empty()));
        }
    }
    // In the first hours after the first start, today is known and the 89 days before are not.
    for slug in ["slack.com", "netflix.com"] {
        let bars = get(&world.router, &format!("/badge/{slug}/bar90.svg")).await;
        let drawn = roxmltree::Document::parse(bars.text()).unwrap();
        let counts: Vec<usize> = drawn
            .descendants()
            .filter_map(|node| node.attribute("d"))
            .map(|path| path.matches('M').count())
            .collect();
        assert_eq!((counts[0], counts.iter().sum::<usize>()), (89, 90), "{slug}: {}", bars.text());
    }
    let dot = get(&world.router, "/badge/slack.com/dot.svg").await;
    assert!(dot.text().contains("aria-label=\"Slack: down\""));
}

#[tokio::test(start_paused = true)]
async fn badges_are_drawn_as_they_were() {
    let world = world();
    let all = Uptime { day: Some(0.998_765_4), month: Some(0.5), ..Uptime::default() };
    world.board.set_uptimes(&[(Slug::new("slack.com").unwrap(), all)].into());
    let statuses = ["slack.com", "medium.com", "buzzfeed.com", "www.gov.uk", "nobody.example"];
    let statuses = statuses.map(|slug| format!("/badge/{slug}.svg"));
    let statuses = statuses.each_ref().map(String::as_str);
    insta::assert_snapshot!("badges_by_status", shown(&world.router, &statuses).await);
    let forms = [
        "/badge/slack.com.svg?style=flat-square",
        "/badge/slack.com.svg?style=for-the-badge",
        "/badge/slack.com.svg?label=%3Cour%3E%20%26%20theirs",
        "/badge/slack.com.svg?label=",
        "/badge/slack.com.json",
        "/badge/slack.com/uptime.svg",
        "/badge/slack.com/uptime.svg?window=7d",
        "/badge/slack.com/dot.svg",
        // Without Postgres, only today is known.
        "/badge/slack.com/bar90.svg",
    ];
    insta::assert_snapshot!("badges_by_form", shown(&world.router, &forms).await);
}

#[tokio::test(start_paused = true)]
async fn every_address_of_badges_is_an_image_and_an_empty_label_is_one() {
    let world = world();
    for path in ["/badge/slack.com/nope.svg", "/badge/a/b/c.svg", "/badge/", "/badge/a/uptime.png"]
    {
        let got = get(&world.router, path).await;
        assert_eq!(
            (got.status.as_u16(), got.header("content-type")),
            (200, "image/svg+xml;charset=utf-8"),
            "{path}"
        );
        assert!(got.text().contains("aria-label=\"status: unknown\""), "{path}");
        assert!(got.header("cache-control").contains("max-age=30"));
    }
    assert_eq!(get(&world.router, "/badge/a/b.json").await.json()["message"], "unknown");
    let got = get(&world.router, "/badge/netflix.com.svg?label=").await;
    assert!(got.text().contains("aria-label=\"up\""), "{}", got.text());
}

#[tokio::test(start_paused = true)]
async fn a_badge_speaks_the_language_of_its_address_and_no_other() {
    let world = world();
    for (path, english, dutch) in [
        ("/badge/slack.com.svg", "Slack: down", "Slack: ligt eruit"),
        ("/badge/nobody.example.svg", "status: unknown", "status: onbekend"),
        ("/badge/slack.com/uptime.svg", "uptime 30d: ", "beschikbaarheid 30d: "),
        ("/badge/slack.com/latency.svg", "latency 24h: unknown", "reactietijd 24h: onbekend"),
        ("/badge/slack.com/dot.svg", "Slack: down", "Slack: ligt eruit"),
        ("/badge/slack.com/bar90.svg", "last 90 days: ", "laatste 90 dagen: "),
    ] {
        let liked = axum::http::Request::get(path).header("accept-language", "nl");
        let liked = liked.body(axum::body::Body::empty()).unwrap();
        let got = super::send(&world.router, liked).await;
        assert!(got.text().contains(english), "{path}: {}", got.text());
        let got = get(&world.router, &format!("{path}?lang=nl")).await;
        assert!(got.text().contains(dutch), "{path}: {}", got.text());
    }
}

#[tokio::test(start_paused = true)]
async fn the_page_of_badges_makes_the_code_that_was_chosen() {
    let world = world();
    let got = get(
        &world.router,
        "/badges?site=Slack&kind=uptime&window=7d&style=flat-square&language=nl",
    )
    .await;
    let url = "https://stillup.example/badge/slack.com/uptime.svg?window=7d&#38;style=flat-square&#38;lang=nl";
    assert!(got.text().contains(url), "{}", got.text());
    assert!(got.text().contains("[![Beschikbaarheid van Slack]("));
    // The name of a site is no markup on anybody's page.
    let café = get(&world.router, "/badges?site=xn--caf-dma.nl").await;
    assert!(café.text().contains("alt=&#34;Status of Café &#38;amp; &#38;lt;b&#38;gt;Bar"));
    let card = get(&world.router, "/badges?site=slack.com&kind=card").await;
    assert!(
        card.text().contains("&#60;iframe src=&#34;https://stillup.example/embed/slack.com&#34;")
    );
    let got = get(&world.router, "/badges?site=zzz&kind=%22%3E").await;
    assert_eq!(got.status, 200);
    assert!(got.text().contains("We do not watch a site called “zzz”."));
    assert!(!got.text().contains("id=\"html-code\""));
}

#[tokio::test(start_paused = true)]
async fn the_page_of_badges_begins_with_the_site_that_most_people_look_up() {
    let (router, _) = looking();
    let begins_with = async |slug: &str| {
        for query in ["", "?site=&kind=status", "?lang=nl", "?site=+"] {
            let got = get(&router, &format!("/badges{query}")).await;
            assert_eq!(got.status, 200);
            assert!(got.text().contains(&format!("value=\"{slug}\"")), "{query}: {}", got.text());
            assert!(got.text().contains(&format!("src=\"/badge/{slug}.svg")), "{query}");
            assert!(got.text().contains("id=\"html-code\""), "{query}");
        }
    };
    begins_with("slack.com").await;
    assert_eq!(get(&router, "/netflix.com").await.status, 200);
    begins_with("netflix.com").await;
}
