//! The card for other people's pages.

use super::{get, shown, world::*};

#[tokio::test(start_paused = true)]
async fn a_card_may_be_framed_by_anybody_and_nothing_else_may() {
    let world = world();
    let got = get(&world.router, "/embed/slack.com").await;
    assert_eq!(got.status, 200);
    let policy = got.header("content-security-policy");
    assert!(!policy.contains("frame-ancestors") && policy.contains("default-src 'none'"));
    assert!(!got.headers.contains_key("x-frame-options"));
    let text = got.text();
    assert_eq!(text.matches("<script").count(), 1, "one of ours, named in the policy: {policy}");
    assert!(policy.contains("script-src 'sha256-") && policy.contains("connect-src 'self'"));
    assert!(got.body.len() < 4_096, "{}", got.body.len());
    let dutch = get(&world.router, "/embed/slack.com?lang=nl").await;
    assert_eq!(dutch.header("content-language"), "nl");
    let page = get(&world.router, "/slack.com").await;
    assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
}

#[tokio::test(start_paused = true)]
async fn cards_are_as_they_were() {
    let cards = [
        "/embed/slack.com",
        "/embed/slack.com?lang=nl",
        "/embed/xn--caf-dma.nl?theme=dark",
        "/embed/nobody.example",
    ];
    let all = shown(&world().router, &cards).await;
    let (style, script) = (crate::web::embed::STYLE, crate::web::embed::SCRIPT);
    insta::assert_snapshot!(all.replace(style, "…").replace(script, "…"));
}

#[tokio::test(start_paused = true)]
async fn a_card_follows_light_and_dark_and_hostile_names_stay_text() {
    let world = world();
    for (query, class, scheme) in [
        ("", "auto", "light dark"),
        ("?theme=dark", "dark", "dark"),
        ("?theme=light", "light", "light"),
        ("?theme=%22%3E%3Cscript%3E", "auto", "light dark"),
    ] {
        let got = get(&world.router, &format!("/embed/xn--caf-dma.nl{query}")).await;
        let text = got.text();
        assert!(text.contains(&format!("class=\"{class}\"")), "{query}");
        assert!(text.contains(&format!("content=\"{scheme}\"")), "{query}");
        assert_eq!(text.matches("<script").count(), 1, "{query}");
        assert!(!text.contains("<b>Bar"), "{query}");
    }
    for (slug, name) in [("nobody.example", "nobody.example"), ("%ff", "This site")] {
        let got = get(&world.router, &format!("/embed/{slug}")).await;
        assert_eq!(got.status, 404);
        assert!(got.text().contains(&format!("<b>{name}</b> · not watched")), "{}", got.text());
        assert!(got.text().contains("We do not watch this site, so"));
        assert!(!got.header("content-security-policy").contains("frame-ancestors"));
    }
}
