//! The pages of outages: the list by month and day, and one outage with its evidence.

use super::{api::ask, get, recorded::recorded, world::*};
use crate::store::{Batch, Store};
use model::{
    moment::Moment,
    name::Slug,
    outcome::Cause,
    provider::ProviderEvent,
    verdict::{Change, Outage, Status, Verdict},
};

fn at(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

fn outage(status: Status, from: &str, until: Option<&str>) -> Outage {
    Outage {
        status,
        started_at: at(from),
        ended_at: until.map(at),
        cause: (status != Status::Slow).then(|| Cause::http_status(503)),
        regions: vec![],
    }
}

/// Keeps these outages of sites.
async fn keep(store: &Store, outages: &[(&str, Outage)]) {
    let change = |(slug, outage): &(&str, Outage)| {
        let at = outage.ended_at.unwrap_or(outage.started_at);
        let change = Change {
            at,
            from: at,
            verdict: Verdict::none_yet(),
            outages: vec![outage.clone()],
            withdrawn: None,
            outages_only: false,
        };
        (Slug::new(slug).unwrap(), change)
    };
    let changes = outages.iter().map(change).collect();
    store.record(&Batch { changes, ..Batch::default() }).await.unwrap();
}

#[tokio::test]
async fn an_outage_has_a_page_for_good_with_the_checks_that_made_it() {
    let (world, _database) = recorded().await;
    let all = ask(&world, "/api/v1/outages").await;
    let outages = all["outages"].as_array().unwrap();
    for told in outages {
        let id = told["id"].as_str().unwrap();
        let got = get(&world.router, &format!("/outages/{id}")).await;
        assert_eq!(got.status, 200, "{id}");
        let canonical =
            format!("<link rel=\"canonical\" href=\"https://stillup.example/outages/{id}\">");
        assert!(got.text().contains(&canonical), "{id}: {}", got.text());
        assert!(got.text().contains("Checks that opened it"), "{id}");
        assert!(got.text().contains("=HYPERLINK(&#34;x&#34;), refused"), "{id}");
        assert!(got.text().contains("href=\"/outages?month=2017-02\""), "{id}");
    }
    let ended = outages.iter().find(|told| !told["ended_at"].is_null()).unwrap();
    let page = get(&world.router, &format!("/outages/{}", ended["id"].as_str().unwrap())).await;
    assert!(page.text().contains("<span>Slack was "), "{}", page.text());
}

#[tokio::test(start_paused = true)]
async fn without_the_record_an_outage_is_told_from_memory_or_not_at_all() {
    let world = world();
    let page = get(&world.router, "/api/v1/outages?state=ongoing").await.json();
    let id = page["outages"][0]["id"].as_str().unwrap().to_owned();
    let got = get(&world.router, &format!("/outages/{id}")).await;
    assert_eq!(got.status, 200);
    assert!(got.text().contains("<span>Slack is down</span>"));
    assert!(got.text().contains("Our record cannot be read right now."));
    assert!(got.text().contains("data-follows=\"slack.com\""));
    let other = get(&world.router, "/outages/slack.com-1-down").await;
    assert_eq!(other.status, 503);
    assert!(other.text().contains("We cannot show this outage right now"));
    let dutch = get(&world.router, &format!("/outages/{id}?lang=nl")).await;
    assert!(dutch.text().contains("<span>Slack ligt eruit</span>"));
}

#[tokio::test]
async fn what_is_no_outage_is_not_found_in_words() {
    let (world, _database) = recorded().await;
    for id in
        ["slack.com-1-down", "nobody.example-1-slow", "zzz", "%00", "slack.com-1488290520000-up"]
    {
        let got = get(&world.router, &format!("/outages/{id}")).await;
        assert_eq!(got.status, 404, "{id}");
        assert!(got.text().contains("No such outage"), "{id}");
    }
    let got = get(&world.router, "/outages/slack.com-1-down").await;
    assert!(got.text().contains("href=\"/slack.com\">Slack now</a>"));
}

#[tokio::test]
async fn months_and_days_are_those_of_utc_and_are_summed() {
    let (world, _database) = recorded().await;
    let store = world.web.record.borrow().clone().unwrap();
    let rows = [
        // It ends on another day than it began on.
        ("medium.com", outage(Status::Down, "2017-01-30T23:50:00Z", Some("2017-01-31T00:20:00Z"))),
        ("medium.com", outage(Status::Slow, "2017-01-31T23:59:00Z", Some("2017-02-02T00:09:00Z"))),
        ("slack.com", outage(Status::Down, "2017-01-02T08:00:00Z", Some("2017-01-02T10:00:00Z"))),
        // It lasts for most of a year, and so did one that is over.
        ("buzzfeed.com", outage(Status::Slow, "2016-05-05T08:00:00Z", None)),
        ("netflix.com", outage(Status::Slow, "2016-03-03T08:00:00Z", Some("2016-12-12T08:00:00Z"))),
    ];
    keep(&store, &rows).await;
    let all = get(&world.router, "/outages").await;
    let text = all.text();
    let place = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words}: {text}"));
    assert!(place("February 2017</a>") < place("January 2017</a>"));
    assert!(place("January 2017</a>") < place("3 outages, "));
    assert!(place("<h3>31 January</h3>") < place("<h3>30 January</h3>"));
    assert!(text.contains(
        ">23:50</time>–<time datetime=\"2017-01-31T00:20:00.000Z\" data-f=\"u\">31\u{a0}January, 00:20<"
    ));
    assert_eq!(text.matches("are in UTC").count(), 1);
    assert!(!text.contains(" UTC</time>–"), "no row says its zone again");
    for (query, want, not) in [
        ("month=2017-01", "Outages, January 2017", "28 February</h3>"),
        // What lasts into a day is of that day.
        ("site=medium.com&day=2017-02-01", "31 January</h3>", "30 January</h3>"),
        ("day=2017-02-02", "31 January</h3>", "28 February</h3>"),
        ("day=2017-02-02", "5 May</h3>", "30 January</h3>"),
        ("day=2016-12-12", "3 March</h3>", "28 February</h3>"),
        ("day=2016-12-13", "5 May</h3>", "3 March</h3>"),
        ("day=2016-05-04", "3 March</h3>", "5 May</h3>"),
        ("day=2016-12-12&provider=aws", "No outages match", "3 March</h3>"),
        ("day=2016-03-02", "No outages match", "3 March</h3>"),
        ("status=slow", "31 January</h3>", "30 January</h3>"),
        ("site=medium.com&day=2017-02-03", "No outages match", "31 January</h3>"),
        ("month=2017-13", "28 February</h3>", "No outages match"),
    ] {
        let got = get(&world.router, &format!("/outages?{query}")).await;
        assert!(got.text().contains(want) && !got.text().contains(not), "{query}: {}", got.text());
    }
}

#[tokio::test]
async fn a_site_that_was_down_in_some_places_before_all_is_one_site_of_its_event() {
    let (world, _database) = recorded().await;
    let store = world.web.record.borrow().clone().unwrap();
    let (begin, middle) = ("2017-01-02T08:00:00Z", "2017-01-02T08:01:00Z");
    let sites = ["medium.com", "netflix.com"];
    let rows = sites.map(|slug| {
        let stretches =
            [(Status::Partial, begin, middle), (Status::Down, middle, "2017-01-02T09:00:00Z")];
        stretches.map(|(status, from, until)| (slug, outage(status, from, Some(until))))
    });
    keep(&store, rows.as_flattened()).await;
    let event = ProviderEvent {
        provider: "aws".into(),
        started_at: at(begin),
        noticed_at: at(middle),
        ended_at: Some(at("2017-01-02T09:00:00Z")),
        sites: sites.iter().map(|slug| Slug::new(slug).unwrap()).collect(),
        evidence: None,
        withdrawn_at: None,
    };
    store.record(&Batch { events: vec![event], ..Batch::default() }).await.unwrap();
    let page = get(&world.router, "/outages?month=2017-01").await;
    assert!(page.text().contains("2\u{a0}down</span>"), "{}", page.text());
    let chips = page.text().split_once("class=\"affected\"").unwrap().1;
    assert_eq!(chips.split("</ul>").next().unwrap().matches("<li").count(), 2, "{chips}");
}

#[tokio::test]
async fn what_nobody_noticed_is_recorded_and_linked_but_not_listed_unless_asked_for() {
    let (world, _database) = recorded().await;
    let store = world.web.record.borrow().clone().unwrap();
    let begin = "2017-01-02T08:00:00Z";
    let rows = [
        ("medium.com", outage(Status::Partial, begin, Some(begin))),
        ("medium.com", outage(Status::Down, begin, Some("2017-01-02T09:00:00Z"))),
        ("netflix.com", outage(Status::Partial, begin, Some("2017-01-02T08:00:40Z"))),
        (
            "netflix.com",
            outage(Status::Partial, "2017-01-03T08:00:00Z", Some("2017-01-03T08:01:00Z")),
        ),
    ];
    keep(&store, &rows).await;
    let page = get(&world.router, "/outages?month=2017-01").await;
    assert!(!page.text().contains("less than a minute"), "{}", page.text());
    let text = page.text().replace('\u{a0}', " ");
    assert!(text.contains("2 outages, 1 h 1 min in total"), "{text}");
    let site = get(&world.router, "/medium.com").await;
    assert!(!site.text().contains("less than a minute"), "{}", site.text());
    let page = get(&world.router, "/outages?month=2017-01&status=partial").await;
    assert_eq!(page.text().matches("less than a minute").count(), 2, "{}", page.text());
    assert!(page.text().contains("3 outages, "), "{}", page.text());
    let all = ask(&world, "/api/v1/outages").await;
    let all = all["outages"].as_array().unwrap().iter();
    let of_then = all.filter(|told| told["started_at"].as_str().unwrap().starts_with("2017-01"));
    assert_eq!(of_then.count(), 4);
    let id = format!("medium.com-{}-partial", at(begin).millis());
    assert_eq!(get(&world.router, &format!("/outages/{id}")).await.status, 200);
}

#[tokio::test]
async fn a_page_is_full_and_leads_on_whatever_nobody_noticed_lies_in_front() {
    let (world, _database) = recorded().await;
    let store = world.web.record.borrow().clone().unwrap();
    let minute = |n: u32| at("2017-01-02T00:00:00Z") + MINUTE * n;
    let rows = (0..250).map(|n| {
        // Those that nobody noticed are the newest.
        let status = if n < 120 { Status::Down } else { Status::Partial };
        let ended_at = minute(2 * n) + MINUTE / 2;
        let outage = outage(status, "2017-01-02T00:00:00Z", None);
        ("medium.com", Outage { started_at: minute(2 * n), ended_at: Some(ended_at), ..outage })
    });
    keep(&store, &rows.collect::<Vec<_>>()).await;
    let links = |text: &str| text.matches("href=\"/outages/medium.com-").count();
    let first = get(&world.router, "/outages?site=medium.com").await;
    assert_eq!(links(first.text()), 100);
    let older = first.text().split("rel=\"next\" href=\"").nth(1).map(str::to_owned);
    let older = older.as_deref().and_then(|rest| rest.split('"').next()).unwrap();
    let last = get(&world.router, &older.replace("&#38;", "&").replace("&amp;", "&")).await;
    assert_eq!(links(last.text()), 20);
    assert!(!last.text().contains("rel=\"next\""), "{}", last.text());
    // The ten newest of the site's own page are such, too.
    let site = get(&world.router, "/medium.com").await;
    assert_eq!(links(site.text()), 10, "{}", site.text());
}

#[tokio::test]
async fn a_site_that_is_not_known_is_said_to_be_so_with_those_that_may_be_meant() {
    let (world, _database) = recorded().await;
    let got = get(&world.router, "/outages?site=slakc").await;
    assert!(got.text().contains("We do not know a site called “slakc”."));
    assert!(got.text().contains("href=\"/slack.com\""));
    let known = get(&world.router, "/outages?site=netflix.com").await;
    assert!(known.text().contains("None that we have seen."));
}
