//! Feeds: one entry an outage, for ever; changed only when there is something new.

use std::time::Duration;

use axum::{body::Body, http::Request};
use serde_json::json;

use super::{Got, get, send, shown, world::*};
use crate::{
    board::RecordingNode,
    private_postgres::throwaway,
    store::{Batch, Store},
    web::{Web, router},
};
use model::{
    moment::Moment,
    name::Slug,
    outcome::Answer,
    verdict::{Change, Outage, Status, Verdict},
};

const ATOM: &str = "http://www.w3.org/2005/Atom";

async fn since(world: &World, path: &str, date: &str) -> Got {
    let ask = Request::get(path).header("if-modified-since", date).body(Body::empty()).unwrap();
    send(&world.router, ask).await
}

/// The rules of RFC 4287 that a feed without extensions can break.
fn check_atom(text: &str) -> Vec<(String, String, String)> {
    let read = roxmltree::Document::parse(text).unwrap();
    let feed = read.root_element();
    assert_eq!((feed.tag_name().namespace(), feed.tag_name().name()), (Some(ATOM), "feed"));
    let all = |node: roxmltree::Node<'_, '_>, name: &str| -> Vec<String> {
        let named = node.children().filter(|child| child.has_tag_name((ATOM, name)));
        named.map(|child| child.text().unwrap_or_default().to_owned()).collect()
    };
    let one = |node, name| {
        let found = all(node, name);
        assert_eq!(found.len(), 1, "{name}: {text}");
        found.into_iter().next().unwrap()
    };
    let links = |node: roxmltree::Node<'_, '_>, rel: &str| {
        let links = node.children().filter(|child| child.has_tag_name((ATOM, "link")));
        let links = links.filter(|link| link.attribute("rel") == Some(rel));
        let urls: Vec<_> = links.map(|link| link.attribute("href").unwrap().to_owned()).collect();
        assert!(urls.iter().all(|url| url::Url::parse(url).is_ok()), "{urls:?}");
        urls.len()
    };
    assert!(url::Url::parse(&one(feed, "id")).is_ok());
    assert!(!one(feed, "title").is_empty());
    assert_eq!((links(feed, "self"), links(feed, "alternate")), (1, 1));
    assert_eq!(all(feed, "author").len(), 1);
    let updated = Moment::parse(&one(feed, "updated")).unwrap();
    let mut entries = Vec::new();
    for entry in feed.children().filter(|node| node.has_tag_name((ATOM, "entry"))) {
        let id = one(entry, "id");
        assert!(url::Url::parse(&id).is_ok() && id.starts_with("tag:"), "{id}");
        let (begun, changed) = (one(entry, "published"), one(entry, "updated"));
        assert!(Moment::parse(&begun).unwrap() <= Moment::parse(&changed).unwrap());
        assert!(Moment::parse(&changed).unwrap() <= updated);
        assert_eq!(links(entry, "alternate"), 1);
        assert!(!one(entry, "content").is_empty());
        entries.push((id, one(entry, "title"), changed));
    }
    let mut ids: Vec<_> = entries.iter().map(|(id, ..)| id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), entries.len());
    entries
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_one_entry_from_its_start_to_after_its_end() {
    let world = world();
    let got = get(&world.router, "/sites/slack.com/feed.atom").await;
    assert_eq!(got.header("content-type"), "application/atom+xml; charset=utf-8");
    let before = check_atom(got.text());
    assert_eq!(before.len(), 1);
    let id = "tag:stillup.example,2017-02-28:outage/slack.com/20170228T140855.000Z/down";
    assert_eq!((&*before[0].0, &*before[0].1), (id, "Slack is down"));
    let up = answered(Answer::Ok, 200, 24_000);
    world.show_from("local", "slack.com", &[up.clone(), up]);
    let mut ended = world.board.site("slack.com").unwrap().outages[0].clone();
    ended.ended_at = Some(now() + Duration::from_mins(3));
    let state = model::judge::SiteState::default();
    world.board.show_state(&Slug::new("slack.com").unwrap(), &state, &[ended]);
    let got = get(&world.router, "/sites/slack.com/feed.atom").await;
    let after = check_atom(got.text());
    assert_eq!((&after[0].0, after.len()), (&before[0].0, 1));
    assert_eq!(after[0].1, "Slack was down for 4 minutes");
    assert!(after[0].2 > before[0].2);
}

#[tokio::test(start_paused = true)]
async fn a_feed_says_at_each_step_what_the_site_is_then() {
    let world = world();
    let titles = async || {
        let got = get(&world.router, "/sites/slack.com/feed.atom").await;
        let entries = check_atom(got.text()).into_iter().map(|(_, title, _)| title);
        entries.collect::<Vec<_>>()
    };
    assert_eq!(titles().await, ["Slack is down"]);
    let slug = Slug::new("slack.com").unwrap();
    let state = model::judge::SiteState::default();
    let down = world.board.site("slack.com").unwrap().outages[0].clone();
    let ended = Outage { ended_at: Some(now() + Duration::from_mins(3)), ..down.clone() };
    let slow = Outage {
        started_at: now() + Duration::from_mins(3),
        status: model::verdict::Status::Slow,
        cause: None,
        ..down
    };
    world.board.show_state(&slug, &state, &[ended, slow.clone()]);
    assert_eq!(titles().await, ["Slack is slow", "Slack was down for 4 minutes"]);
    let over = Outage { ended_at: Some(now() + Duration::from_mins(9)), ..slow };
    world.board.show_state(&slug, &state, &[over]);
    assert_eq!(titles().await, ["Slack was slow for 6 minutes", "Slack was down for 4 minutes"]);
}

#[tokio::test(start_paused = true)]
async fn every_form_tells_the_same_and_hostile_names_stay_text() {
    let world = world();
    let cafe = Slug::new("xn--caf-dma.nl").unwrap();
    let outage = Outage {
        started_at: now(),
        cause: Some(model::outcome::Cause {
            failure: model::outcome::Failure::Body,
            detail: "]]><script>&\u{ffff}\u{1b}".into(),
        }),
        ..world.board.site("slack.com").unwrap().outages[0].clone()
    };
    let state = model::judge::SiteState::default();
    world.board.show_state(&cafe, &state, &[outage]);
    let got = get(&world.router, "/feed.atom").await;
    let atom = check_atom(got.text());
    assert!(atom.iter().any(|(_, title, _)| title == "Café & <b>Bar</b> is down"));
    assert!(atom.iter().any(|(_, title, _)| title.starts_with("BuzzFeed is slow")));
    let got = get(&world.router, "/feed.json").await;
    assert_eq!(got.header("content-type"), "application/feed+json; charset=utf-8");
    let json = got.json();
    assert_eq!(json["version"], "https://jsonfeed.org/version/1.1");
    assert_eq!(json["feed_url"], "https://stillup.example/feed.json");
    let items = json["items"].as_array().unwrap();
    let told: Vec<_> = items.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(told, atom.iter().map(|(id, ..)| id.as_str()).collect::<Vec<_>>());
    insta::assert_snapshot!(shown(&world.router, &["/feed.atom", "/feed.json"]).await);
    assert_eq!(get(&world.router, "/sites/nobody.example/feed.json").await.status, 404);
    assert_eq!(get(&world.router, "/sites/%ff/feed.atom").await.status, 404);
    let still = get(&world.router, "/sites/netflix.com/feed.atom").await;
    assert!(check_atom(still.text()).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_feed_speaks_the_language_of_its_address_and_of_nothing_else() {
    let world = world();
    let page = get(&world.router, "/slack.com?lang=nl").await;
    assert!(page.text().contains("href=\"/sites/slack.com/feed.atom?lang=nl\""));
    let got = get(&world.router, "/sites/slack.com/feed.atom?lang=nl").await;
    let dutch = check_atom(got.text());
    assert_eq!(dutch[0].1, "Slack ligt eruit");
    assert!(got.text().contains("xml:lang=\"nl\"") && got.text().contains("Storingen van Slack"));
    assert!(got.text().contains("<link rel=\"self\" type=\"application/atom+xml\" href=\"https://stillup.example/sites/slack.com/feed.atom?lang=nl\"/>"));
    let english = get(&world.router, "/sites/slack.com/feed.atom").await;
    assert_eq!(
        check_atom(english.text())[0].0,
        dutch[0].0,
        "one entry an outage, whatever is said of it"
    );
    let liked = Request::get("/feed.json").header("accept-language", "nl").body(Body::empty());
    let json = send(&world.router, liked.unwrap()).await.json();
    assert_eq!(
        (&json["language"], &json["items"][0]["title"]),
        (&"en".into(), &"Slack is down".into())
    );
    let json = get(&world.router, "/feed.json?lang=nl").await.json();
    assert_eq!(
        (&json["language"], &json["title"]),
        (&"nl".into(), &"Alle storingen · stillup".into())
    );
}

#[tokio::test(start_paused = true)]
async fn who_has_the_feed_is_sent_it_again_only_when_it_has_changed() {
    let world = world();
    let path = "/feed.atom";
    let first = get(&world.router, path).await;
    let date = first.header("last-modified").to_owned();
    assert_eq!(date, "Tue, 28 Feb 2017 14:10:00 GMT");
    tokio::time::advance(MINUTE).await;
    let same = since(&world, path, &date).await;
    assert_eq!((same.status.as_u16(), same.body.len()), (304, 0));
    for name in ["etag", "vary", "last-modified"] {
        assert_eq!(same.header(name), first.header(name), "{name}");
        assert!(!same.header(name).is_empty(), "{name}");
    }
    // An outage that began before all others, and that we were late to be sure of.
    let older = Outage {
        started_at: now() - MINUTE * 60,
        ..world.board.site("slack.com").unwrap().outages[0].clone()
    };
    let state = model::judge::SiteState::default();
    world.board.show_state(&Slug::new("netflix.com").unwrap(), &state, &[older]);
    let again = since(&world, path, &date).await;
    assert_eq!(again.status, 200);
    let date = again.header("last-modified").to_owned();
    assert_eq!(date, "Tue, 28 Feb 2017 14:11:00 GMT");
    assert_eq!(since(&world, path, &date).await.status, 304);
    assert_eq!(since(&world, path, "yesterday").await.status, 200);
    let tag = Request::get(path).header("if-none-match", again.header("etag"));
    assert_eq!(send(&world.router, tag.body(Body::empty()).unwrap()).await.status, 304);
    let other = Request::get(path).header("if-none-match", "\"x\"");
    let other = other.header("if-modified-since", &date).body(Body::empty()).unwrap();
    assert_eq!(send(&world.router, other).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn pages_say_where_their_feeds_are() {
    let world = world();
    let front = get(&world.router, "/").await;
    assert!(front.text().contains("type=\"application/atom+xml\""));
    assert!(front.text().contains("href=\"/feed.json\""));
    let site = get(&world.router, "/slack.com").await;
    assert!(site.text().contains("href=\"/sites/slack.com/feed.atom\""));
}

#[tokio::test]
async fn feeds_reach_beyond_the_board_and_keep_their_entries_while_the_record_is_away() {
    let database = throwaway::database().await.unwrap();
    let store = Store::connect(database.options()).await.unwrap();
    let world = World::of(&[site("slack.com", "Slack", &[]), site("medium.com", "Medium", &[])]);
    let slug = Slug::new("slack.com").unwrap();
    let outage = |hour: u32| Outage {
        status: Status::Down,
        started_at: now() - MINUTE * 60 * hour,
        ended_at: (hour > 1).then(|| now() - MINUTE * (60 * hour - 5)),
        cause: None,
        regions: vec![],
    };
    let all: Vec<_> = (1..=70).map(outage).collect();
    let change = |outage: &Outage| {
        let (at, verdict) = (outage.ended_at.unwrap_or(outage.started_at), Verdict::none_yet());
        let from = outage.started_at;
        (
            slug.clone(),
            Change {
                at,
                from,
                verdict,
                outages: vec![outage.clone()],
                withdrawn: None,
                outages_only: false,
            },
        )
    };
    let changes = all.iter().rev().map(change).collect();
    store.record(&Batch { changes, ..Batch::default() }).await.unwrap();
    // The board has the newest ten, and has seen the end of the first of them.
    let ended = Outage { ended_at: Some(now()), ..all[0].clone() };
    world.board.fill(&slug, &[], &[&[ended], &all[1..10]].concat(), false);
    let (link, record) = tokio::sync::watch::channel(None);
    let router = router(Web { record, ..world.web.clone() });
    assert_eq!(check_atom(get(&router, "/feed.atom").await.text()).len(), 10);
    link.send(Some(store)).unwrap();
    let paths = ["/feed.atom", "/sites/slack.com/feed.atom"];
    let mut told = Vec::new();
    for path in paths {
        let entries = check_atom(get(&router, path).await.text());
        assert_eq!(entries.len(), 50, "{path}");
        assert_eq!(entries[0].1, "Slack was down for 1 hour", "the board is newer");
        told.push(entries);
    }
    let incidents = "/sites/slack.com/api/v2/incidents.json";
    let before = get(&router, incidents).await.json();
    assert_eq!(before["incidents"].as_array().unwrap().len(), 50);
    assert_eq!(get(&router, "/sites/medium.com/feed.json").await.json()["items"], json!([]));
    link.send(None).unwrap();
    world.board.update_store_health(|record| record.away_since = Some(now()));
    for (path, told) in paths.into_iter().zip(told) {
        assert_eq!(check_atom(get(&router, path).await.text()), told, "{path}");
    }
    assert_eq!(get(&router, incidents).await.json(), before);
}

#[tokio::test]
async fn a_node_that_follows_names_outages_as_the_record_does() {
    let database = throwaway::database().await.unwrap();
    let store = Store::connect(database.options()).await.unwrap();
    let world = World::of(&[site("slack.com", "Slack", &[])]);
    let slug = Slug::new("slack.com").unwrap();
    let outage = |status, started_at, ended_at| Outage {
        status,
        started_at,
        ended_at,
        cause: None,
        regions: vec![],
    };
    let (start, moment) = (now() - MINUTE * 60, Duration::from_millis(80));
    let recorded = outage(Status::Down, start, None);
    let (at, verdict) = (start, Verdict::none_yet());
    let change = Change {
        at,
        from: at,
        verdict,
        outages: vec![recorded.clone()],
        withdrawn: None,
        outages_only: false,
    };
    let changes = vec![(slug.clone(), change)];
    store.record(&Batch { changes, ..Batch::default() }).await.unwrap();
    // This node heard of the same checks in another order, and has seen the end since.
    let own = outage(Status::Down, start + moment, Some(now()));
    let other =
        outage(Status::Partial, start + moment, Some(start + moment + Duration::from_mins(2)));
    world.board.fill(&slug, &[], &[own, other.clone()], false);
    let other_node = RecordingNode { name: "b".into(), here: false };
    world.board.update_store_health(|record| record.recorder = Some(other_node));
    let (link, record) = tokio::sync::watch::channel(Some(store));
    let router = router(Web { record, ..world.web.clone() });
    let named = |outage: &Outage| {
        format!("/outages/slack.com-{}-{}", outage.started_at.millis(), outage.status.word())
    };
    let feed = get(&router, "/feed.json").await.json();
    let items = feed["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{feed}");
    assert_eq!(items[0]["title"], "Slack was down for 1 hour");
    assert!(items[0]["url"].as_str().unwrap().ends_with(&named(&recorded)), "{feed}");
    let incidents = get(&router, "/sites/slack.com/api/v2/incidents.json").await.json();
    assert_eq!(incidents["incidents"].as_array().unwrap().len(), 1, "{incidents}");
    let page = get(&router, "/slack.com").await;
    assert!(page.text().contains(&named(&recorded)) && !page.text().contains(&named(&other)));
    // A link that was made while it had another name leads there.
    let old = outage(Status::Down, start + moment, None);
    let got = get(&router, &named(&old)).await;
    assert_eq!((got.status.as_u16(), got.header("location")), (307, &*named(&recorded)));
    // While the record is away, what it does not have is told all the same.
    link.send(None).unwrap();
    world.board.update_store_health(|record| record.away_since = Some(now()));
    let feed = get(&router, "/feed.json").await.json();
    assert_eq!(feed["items"].as_array().unwrap().len(), 2, "{feed}");
    // A node that takes over goes on from the record.
    world.board.fill(&slug, &[], std::slice::from_ref(&recorded), false);
    assert_eq!(world.board.site("slack.com").unwrap().outages, [other, recorded]);
}
