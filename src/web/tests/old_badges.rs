//! The badge addresses of Gatus and Uptime Kuma.

use super::{get, shown, world::*};
use model::{name::Slug, uptime::Uptime};

fn with_uptime() -> World {
    let world = world();
    let all = Uptime {
        day: Some(0.98),
        week: Some(0.999_999),
        month: None,
        quarter: Some(0.5),
        since: None,
    };
    world.board.set_uptimes(&[(Slug::new("slack.com").unwrap(), all)].into());
    world
}

/// The accessible name of a badge, and the colour of its message.
async fn badge(world: &World, path: &str) -> (String, String) {
    let got = get(&world.router, path).await;
    assert_eq!(got.status, 200, "{path}");
    assert_eq!(got.header("content-type"), "image/svg+xml;charset=utf-8", "{path}");
    let svg = roxmltree::Document::parse(got.text()).unwrap();
    let fills = svg.descendants().filter(|n| n.has_tag_name("rect"));
    let fills: Vec<_> = fills.filter_map(|rect| rect.attribute("fill")).collect();
    let colour = fills.iter().rev().find(|fill| fill.starts_with('#')).unwrap();
    (svg.root_element().attribute("aria-label").unwrap().to_owned(), (*colour).to_owned())
}

#[tokio::test(start_paused = true)]
async fn gatus_badges_are_found_by_alias_slug_and_key() {
    let world = with_uptime();
    let base = "/api/v1/endpoints";
    for (path, said, colour) in [
        ("core_chat/health/badge.svg", "health: down", "#c7130a"),
        ("Core_Chat/health/badge.svg", "health: down", "#c7130a"),
        ("gr%C3%BC%C3%9Fe_%C3%BC/health/badge.svg", "health: down", "#c7130a"),
        ("SLACK.com/health/badge.svg", "health: down", "#c7130a"),
        ("Film_NETFLIX/health/badge.svg", "health: up", "#40cc11"),
        ("slack.com/health/badge.svg", "health: down", "#c7130a"),
        ("chat_slack/health/badge.svg", "health: down", "#c7130a"),
        ("_slack-com/health/badge.svg", "health: down", "#c7130a"),
        ("film_netflix/health/badge.svg", "health: up", "#40cc11"),
        ("_netflix/health/badge.svg", "health: up", "#40cc11"),
        ("_xn--caf-dma-nl/health/badge.svg", "health: ?", "#ccb311"),
        ("nobody/health/badge.svg", "health: ?", "#9f9f9f"),
        ("%ff/health/badge.svg", "gatus: unknown", "#9f9f9f"),
        ("chat_slack/uptimes/24h/badge.svg", "uptime 24h: 98%", "#40cc11"),
        ("chat_slack/uptimes/7d/badge.svg", "uptime 7d: 99.99%", "#40cc11"),
        ("chat_slack/uptimes/30d/badge.svg", "uptime 30d: unknown", "#9f9f9f"),
        ("chat_slack/uptimes/12y/badge.svg", "uptime 12y: unknown", "#9f9f9f"),
        ("chat_slack/uptimes/1h/badge.svg", "uptime 1h: 33.33%", "#c7130a"),
        ("film_netflix/response-times/1h/badge.svg", "response time 1h: 84ms", "#94cc11"),
        ("nobody/response-times/24h/badge.svg", "response time 24h: unknown", "#9f9f9f"),
    ] {
        let got = badge(&world, &format!("{base}/{path}")).await;
        assert_eq!(got, (said.to_owned(), colour.to_owned()), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn gatus_numbers_are_plain_and_its_errors_too() {
    let world = with_uptime();
    for (path, status, text) in [
        ("chat_slack/uptimes/24h", 200, "0.980000"),
        ("film_netflix/response-times/1h", 200, "84"),
        ("chat_slack/uptimes/2h", 400, "Durations supported: 30d, 7d, 24h, 1h"),
        ("nobody/uptimes/24h", 404, "endpoint not found"),
        ("chat_slack/uptimes/30d", 404, "nothing is known of that time yet"),
    ] {
        let got = get(&world.router, &format!("/api/v1/endpoints/{path}")).await;
        assert_eq!((got.status.as_u16(), got.text()), (status, text), "{path}");
        assert_eq!(got.header("content-type"), "text/plain; charset=utf-8");
    }
}

#[tokio::test(start_paused = true)]
async fn old_badges_are_drawn_as_they_were() {
    let drawn = [
        "/api/v1/endpoints/slack.com/health/badge.svg",
        "/api/v1/endpoints/slack.com/health/badge.shields",
        "/api/v1/endpoints/chat_slack/uptimes/7d/badge.svg",
        "/api/badge/12/status",
        "/api/badge/12/uptime/24?color=red&prefix=~",
        "/api/badge/netflix.com/cert-exp",
    ];
    insta::assert_snapshot!(shown(&with_uptime().router, &drawn).await);
}

#[tokio::test(start_paused = true)]
async fn kuma_badges_have_its_words_colours_and_parameters() {
    let world = with_uptime();
    for (path, said, colour) in [
        ("12/status", "Status: Down", "#c2290a"),
        ("12/status?downLabel=kaputt&downColor=000&label=x", "x: kaputt", "#000"),
        ("netflix.com/status", "Status: Up", "#66c20a"),
        ("netflix.com/status?upLabel=fine", "Status: fine", "#66c20a"),
        ("xn--caf-dma.nl/status", "Status: N/A", "#999"),
        ("13/status", "N/A", "#999"),
        ("12/uptime", "Uptime (24h): 98.00%", "#6bc20a"),
        ("12/uptime/168", "Uptime (168h): 99.99%", "#66c20a"),
        ("12/uptime/7d?suffix=percent&labelSuffix=days", "Uptime (7days): 99.99percent", "#66c20a"),
        ("12/uptime/30d", "N/A", "#999"),
        ("12/uptime/24?color=red&prefix=~", "Uptime (24h): ~98.00%", "#e05d44"),
        ("netflix.com/ping", "Avg. Ping (24h): 84ms", "#007ec6"),
        ("netflix.com/avg-response/1", "Avg. Response (1h): 84ms", "#007ec6"),
        ("netflix.com/response", "Response: 84ms", "#007ec6"),
        ("12/response", "N/A", "#999"),
        ("netflix.com/cert-exp", "Cert Exp.: 4 days", "#c2290a"),
        ("netflix.com/cert-exp?downDays=3", "Cert Exp.: 4 days", "#eed202"),
        ("netflix.com/cert-exp?date=1", "Cert Exp.: 2017-03-05T00:00:00.000Z", "#c2290a"),
        ("xn--caf-dma.nl/cert-exp", "No/Bad Cert", "#999"),
        ("12/nothing", "N/A", "#999"),
        ("%ff/status", "N/A", "#999"),
        ("1%20or%201/status", "N/A", "#999"),
        ("9e99/uptime/x", "N/A", "#999"),
    ] {
        let got = badge(&world, &format!("/api/badge/{path}")).await;
        assert_eq!(got, (said.to_owned(), colour.to_owned()), "{path}");
    }
}
