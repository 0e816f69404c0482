//! One cause, on every page and in the API.

use std::sync::Arc;

use super::{
    api::ask as json,
    get,
    world::{MINUTE, World, answered, now, site},
};
use crate::{
    board::LiveSite,
    i18n::Lang,
    private_postgres::throwaway::{self, TestDatabase},
    store::{Batch, Store},
    web::{
        Shared, Web, router,
        views::{overview::Overview, site::SiteView},
    },
};
use model::{
    name::Slug,
    outcome::{Answer, Failure, Outcome},
    provider::{Alike, ProviderEvent, ProviderEvidence, ProviderStatus, Role},
    restriction::Restriction,
    site::Site,
    verdict::{SelfDoubt, Status, Verdict},
};

/// Five sites at one provider, of which four are bad, and two elsewhere.
fn failing() -> World {
    failing_by(|_| {})
}

/// The same with another event.
fn failing_by(change: impl FnOnce(&mut ProviderEvent)) -> World {
    let at = |slug: &str, provider: Option<&str>| {
        let plain = Site::clone(&site(slug, slug, &[]));
        Arc::new(Site { provider: provider.map(Into::into), ..plain })
    };
    let mine = ["a.example", "b.example", "c.example", "d.example", "e.example"];
    let mut sites: Vec<_> = mine.iter().map(|slug| at(slug, Some("aws"))).collect();
    sites.extend([at("g.example", Some("google")), at("h.example", None)]);
    let world = World::of(&sites);
    let (up, dead) = (answered(Answer::Ok, 200, 24_000), Outcome::failed(Failure::Connect, "no"));
    let mut slowing = vec![up.clone(); 20];
    slowing.extend(vec![answered(Answer::Ok, 200, 4_150_000); 3]);
    for slug in ["a.example", "b.example", "c.example"] {
        world.show_from("local", slug, &[up.clone(), dead.clone(), dead.clone()]);
    }
    world.show_from("local", "d.example", &slowing);
    for slug in ["e.example", "g.example", "h.example"] {
        world.show_from("local", slug, &[up.clone(), up.clone()]);
    }
    let mut event = ProviderEvent {
        provider: "aws".into(),
        started_at: now() - MINUTE * 33,
        noticed_at: now() - MINUTE * 31,
        ended_at: None,
        sites: mine[..4].iter().map(|slug| Slug::new(slug).unwrap()).collect(),
        evidence: None,
        withdrawn_at: None,
    };
    change(&mut event);
    let counts = [Status::Down, Status::Down, Status::Down, Status::Slow, Status::Up];
    let slugs = mine.map(|slug| Slug::new(slug).unwrap());
    let members = slugs.iter().zip(counts).map(|(slug, status)| (slug, status, None));
    let provider = event.provider.clone();
    let standing = ProviderStatus::of(&provider, members, Some(event));
    standing.event.iter().for_each(|event| world.board.attribute(event));
    world.board.set_failing(vec![standing]);
    world
}

async fn text(world: &World, path: &str) -> String {
    let got = get(&world.router, path).await;
    assert_eq!(got.status, 200, "{path}");
    got.text().to_owned()
}

fn since(site: &serde_json::Value) -> &str {
    site["since"].as_str().unwrap()
}

const SAID: &str =
    "Amazon Web Services seems to be failing: 3 of its 5 sites are down and 1 is slow";

#[tokio::test(start_paused = true)]
async fn the_front_page_and_the_status_name_the_one_cause() {
    let world = failing();
    let front = text(&world, "/").await;
    assert!(front.contains(&format!("{SAID}. The other 2 sites are fine.")), "{front}");
    let status = json(&world, "/api/v1/status").await;
    assert_eq!(status["summary"], format!("{SAID}. The other 2 sites are fine."));
    // One card has all of its sites, which are told nowhere else as wrong.
    assert!(front.contains("<span>Trouble at Amazon Web Services</span></h1>"), "{front}");
    assert_eq!(front.matches("data-key=\"provider-aws/").count(), 4, "{front}");
    assert!(!front.contains("data-key=\"wrong/"), "{front}");
}

#[tokio::test(start_paused = true)]
async fn our_own_doubt_comes_before_a_provider_and_with_nothing_known_nobody_is_blamed() {
    let world = failing();
    let mut overview = Overview::now(&Shared::new(world.web.clone()));
    let doubted = |view: &SiteView| {
        let mut live = LiveSite::clone(&view.live);
        live.verdict = Verdict { doubt: Some(SelfDoubt::Names), ..Verdict::none_yet() };
        SiteView::new(Arc::new(live), view.now)
    };
    let said = |overview: &mut Overview| {
        overview.counts = overview.views.iter().map(SiteView::status).collect();
        (overview.headline(), overview.heading_in(Lang::En))
    };
    for place in [5, 6] {
        overview.views[place] = doubted(&overview.views[place]);
    }
    let (sentence, heading) = said(&mut overview);
    let first = "We cannot tell about 2 of 7 sites: our own name servers are not working.";
    assert_eq!(
        (heading.as_str(), sentence),
        ("The problem may be ours", format!("{first} {SAID}."))
    );
    let unseen = |view: &SiteView| {
        let mut live = LiveSite::clone(&view.live);
        live.verdict = Verdict::none_yet();
        SiteView::new(Arc::new(live), view.now)
    };
    let mut most = Overview::now(&Shared::new(world.web.clone()));
    for view in &mut most.views[..5] {
        *view = unseen(view);
    }
    assert_eq!(said(&mut most).1, "2 sites are fine", "of the provider's nothing is known");
    overview.views = overview.views.iter().map(doubted).collect();
    let (sentence, heading) = said(&mut overview);
    assert_eq!(heading, "We cannot tell right now");
    assert!(!sentence.contains("Amazon") && sentence.contains("our own"), "{sentence}");
}

#[tokio::test(start_paused = true)]
async fn each_affected_site_says_it_and_the_others_do_not() {
    let world = failing();
    let blame = "Amazon Web Services, which serves it, seems to be failing.";
    for (slug, blamed) in
        [("a.example", true), ("d.example", true), ("e.example", false), ("g.example", false)]
    {
        let site = json(&world, &format!("/api/v1/sites/{slug}")).await;
        assert_eq!(site["summary"].as_str().unwrap().contains(blame), blamed, "{site}");
        let page = text(&world, &format!("/{slug}")).await;
        assert_eq!(page.contains(blame), blamed);
        let cause =
            format!("\"/providers/aws?at={}#events\">Part of a larger incident</a>", since(&site));
        assert_eq!(page.contains(&cause), blamed, "{page}");
    }
    let page = text(&world, "/a.example").await;
    assert!(page.contains("<a href=\"/providers/aws\">Amazon Web Services</a>"), "{page}");
}

#[tokio::test(start_paused = true)]
async fn providers_have_the_shape_of_the_contract() {
    let world = failing();
    let list = json(&world, "/api/v1/providers").await;
    let slugs: Vec<_> = list["providers"].as_array().unwrap().iter().map(|p| &p["slug"]).collect();
    assert_eq!(slugs, ["aws", "google"]);
    assert_eq!(list["as_of"], "2017-02-28T14:09:55.000Z");
    let aws = json(&world, "/api/v1/providers/aws").await;
    assert_eq!(aws, list["providers"][0]);
    let keys: Vec<_> = aws.as_object().unwrap().keys().collect();
    let want =
        ["affected", "as_of", "name", "since", "sites", "slug", "status", "summary", "total"];
    assert_eq!(keys, want);
    assert_eq!(
        (&aws["status"], &aws["since"]),
        (&"failing".into(), &"2017-02-28T13:37:00.000Z".into())
    );
    assert_eq!((&aws["affected"], &aws["total"]), (&4.into(), &5.into()));
    assert_eq!(aws["sites"][3], serde_json::json!({"slug": "d.example", "status": "slow"}));
    assert_eq!(aws["summary"], format!("{SAID}, for 33 minutes."));
    let google = &list["providers"][1];
    assert_eq!((&google["status"], &google["since"]), (&"ok".into(), &serde_json::Value::Null));
}

#[tokio::test(start_paused = true)]
async fn a_provider_has_a_page_even_with_no_site_and_nonsense_has_none() {
    let world = failing();
    let page = text(&world, "/providers/aws").await;
    assert!(page.contains(SAID) && page.contains("href=\"/a.example\""), "{page}");
    let empty = text(&world, "/providers/fastly").await;
    assert!(empty.contains("We watch no sites at Fastly."), "{empty}");
    assert_eq!(json(&world, "/api/v1/providers/fastly").await["total"], 0);
    for path in ["/providers/nobody", "/api/v1/providers/nobody", "/providers/%3Cb%3E"] {
        assert_eq!(get(&world.router, path).await.status, 404, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_was_found_out_is_shown_and_can_be_filtered_by() {
    let world = failing();
    world.board.set_found(&Slug::new("h.example").unwrap(), "fastly");
    world.board.set_found(&Slug::new("a.example").unwrap(), "fastly");
    let h = json(&world, "/api/v1/sites/h.example").await;
    assert_eq!(h["provider"], serde_json::json!({"slug": "fastly", "name": "Fastly"}));
    let found = json(&world, "/api/v1/sites?provider=fastly").await;
    let slugs: Vec<_> = found["sites"].as_array().unwrap().iter().map(|s| &s["slug"]).collect();
    assert_eq!(slugs, ["h.example"], "what the catalogue says goes first");
}

#[tokio::test(start_paused = true)]
async fn a_provider_says_when_it_was_seen_and_is_on_the_map() {
    let world = super::world::world();
    let aws = json(&world, "/api/v1/providers/aws").await;
    assert_eq!(aws["as_of"], "2017-02-28T14:09:55.000Z");
    assert_eq!(json(&world, "/api/v1/providers/google").await["as_of"], serde_json::Value::Null);
    let map = get(&world.router, "/sitemap.xml").await;
    assert!(map.text().contains("/providers/aws</loc>"));
    assert!(!map.text().contains("/providers/google"));
}

/// The world with a record of this many past events, an hour each, one a day.
pub(super) async fn with_past(events: u32) -> (World, TestDatabase) {
    let mut world = failing();
    let database = throwaway::database().await.unwrap();
    let store = Store::connect(database.options()).await.unwrap();
    let event = |n: u32| ProviderEvent {
        provider: "aws".into(),
        started_at: now() - MINUTE * 1_440 * n,
        noticed_at: now() - MINUTE * 1_440 * n + MINUTE * 2,
        ended_at: Some(now() - MINUTE * 1_440 * n + MINUTE * 60),
        sites: ["a.example", "gone.example"].iter().map(|slug| Slug::new(slug).unwrap()).collect(),
        evidence: None,
        withdrawn_at: None,
    };
    let events = (1..=events).map(event).collect();
    store.record(&Batch { events, ..Batch::default() }).await.unwrap();
    let (link, record) = tokio::sync::watch::channel(Some(store));
    std::mem::forget(link);
    world.web = Web { record, ..world.web };
    world.router = router(world.web.clone());
    (world, database)
}

#[tokio::test]
async fn past_events_are_listed_by_pages_with_their_evidence() {
    let (world, _database) = with_past(5).await;
    let path = "/api/v1/providers/aws/events?limit=2";
    let first = json(&world, path).await;
    let want = serde_json::json!({
        "id": "aws-1488204600000",
        "provider": {"slug": "aws", "name": "Amazon Web Services"},
        "started_at": "2017-02-27T14:10:00.000Z",
        "noticed_at": "2017-02-27T14:12:00.000Z",
        "ended_at": "2017-02-27T15:10:00.000Z",
        "duration_seconds": 3600,
        "evidence": "2 of its sites ran into trouble within minutes of each other. This is our own \
                     observation, not a statement by Amazon Web Services.",
        "role": null,
        "alike": null,
        "affected": 2,
        "sites": ["a.example", "gone.example"],
        "outages_url": "https://stillup.example/api/v1/outages?provider=aws",
    });
    assert_eq!(first["events"][0], want);
    assert_eq!(first["fresh"], true);
    let (mut all, mut cursor) = (2, first["next_cursor"].clone());
    while let Some(next) = cursor.as_str() {
        let page = json(&world, &format!("{path}&cursor={next}")).await;
        all += page["events"].as_array().unwrap().len();
        cursor = page["next_cursor"].clone();
    }
    assert_eq!(all, 5);
    let at = json(&world, "/api/v1/providers/aws/events?at=2017-02-25T14:40:00Z").await;
    assert_eq!(at["events"].as_array().unwrap().len(), 1);
    assert_eq!(at["events"][0]["started_at"], "2017-02-25T14:10:00.000Z");
    let none = json(&world, "/api/v1/providers/google/events").await;
    assert_eq!(none["events"], serde_json::json!([]));
    for (path, status) in [
        ("/api/v1/providers/nobody/events", 404),
        ("/api/v1/providers/aws/events?limit=0", 400),
        ("/api/v1/providers/aws/events?cursor=-1", 400),
        ("/api/v1/providers/aws/events?at=yesterday", 400),
        ("/api/v1/providers/aws/events?from=2017-02-25T14:40:00Z", 400),
    ] {
        assert_eq!(get(&world.router, path).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn the_page_of_a_provider_lists_past_events_in_both_languages() {
    let (world, _database) = with_past(23).await;
    let page = text(&world, "/providers/aws").await;
    assert!(page.contains("Incidents at Amazon Web Services"), "{page}");
    assert_eq!(page.matches("<li id=\"event-").count(), 20);
    assert!(page.contains("<a href=\"/a.example\">a.example</a>, gone.example"), "{page}");
    let older = "/providers/aws?before=2017-02-08T14:10:00.000Z#events";
    assert!(page.contains(&format!("rel=\"next\" href=\"{older}\"")), "{page}");
    let page = text(&world, "/providers/aws?before=2017-02-08T14:10:00.000Z&lang=nl").await;
    assert_eq!(page.matches("<li id=\"event-").count(), 3);
    assert!(page.contains("Storingen bij Amazon Web Services"), "{page}");
    assert!(page.contains("href=\"/providers/aws?lang=nl#events\">Nieuwste"), "{page}");
    let page = text(&world, "/providers/aws?before=nonsense").await;
    assert_eq!(page.matches("<li id=\"event-").count(), 20, "nonsense is not wanted");
    let page = text(&world, "/providers/google").await;
    assert!(page.contains("None on record."), "{page}");
}

#[tokio::test(start_paused = true)]
async fn without_a_record_what_goes_on_is_known_and_what_was_is_not_made_up() {
    let world = failing();
    let page = json(&world, "/api/v1/providers/aws/events").await;
    assert_eq!((&page["fresh"], &page["next_cursor"]), (&false.into(), &serde_json::Value::Null));
    assert_eq!(page["events"][0]["started_at"], "2017-02-28T13:37:00.000Z");
    assert_eq!(page["events"][0]["duration_seconds"], 33 * 60);
    assert_eq!(get(&world.router, "/api/v1/providers/google/events").await.status, 503);
    let page = text(&world, "/providers/aws").await;
    assert!(page.contains("The history cannot be read right now"), "{page}");
    assert!(page.contains("<b>ongoing</b>"), "{page}");
}

#[tokio::test(start_paused = true)]
async fn a_site_that_turns_us_away_while_its_provider_fails_carries_the_provider_s_sentence() {
    let world = failing();
    let wall = answered(Answer::Restricted(Restriction::of_status(403)), 403, 24_000);
    let up = answered(Answer::Ok, 200, 24_000);
    for slug in ["e.example", "g.example"] {
        let looks = [vec![up.clone(); 40], vec![wall.clone(); 5]].concat();
        world.show_from("local", slug, &looks);
    }
    let said = |slug: &str| format!("/api/v1/sites/{slug}");
    let site = json(&world, &said("e.example")).await;
    let summary = site["summary"].as_str().unwrap();
    assert!(summary.contains("which it did not do before"), "{summary}");
    assert!(summary.contains("Amazon Web Services, which serves it, seems to be failing"));
    let elsewhere = json(&world, &said("g.example")).await;
    assert!(!elsewhere["summary"].as_str().unwrap().contains("seems to be failing"));
}

/// An event of names, as reported about a DNS operator.
fn of_names(event: &mut ProviderEvent) {
    event.noticed_at = now() - MINUTE;
    event.evidence = Some(ProviderEvidence {
        role: Role::Names,
        alike: Alike::Names,
        seconds: 60,
        affected: 4,
        of: 5,
        elsewhere: 0,
        elsewhere_of: 2,
    });
}

#[tokio::test(start_paused = true)]
async fn who_answers_for_a_name_does_not_turn_anybody_away() {
    let world = failing_by(of_names);
    let wall = answered(Answer::Restricted(Restriction::of_status(403)), 403, 24_000);
    let looks = [vec![answered(Answer::Ok, 200, 24_000); 40], vec![wall; 5]].concat();
    world.show_from("local", "e.example", &looks);
    let site = json(&world, "/api/v1/sites/e.example").await;
    let summary = site["summary"].as_str().unwrap();
    assert!(summary.contains("which it did not do before"), "{summary}");
    assert!(!summary.contains("Amazon Web Services"), "{summary}");
    let site = json(&world, "/api/v1/sites/a.example").await;
    let blame = "Amazon Web Services, which answers for its name, seems to be failing.";
    assert!(site["summary"].as_str().unwrap().contains(blame), "{site}");
}

#[tokio::test(start_paused = true)]
async fn between_waves_a_provider_is_recovering_wherever_it_is_told() {
    let world = failing();
    for slug in ["a.example", "b.example", "c.example", "d.example"] {
        world.show_from("local", slug, &vec![answered(Answer::Ok, 200, 24_000); 30]);
    }
    let said = "Amazon Web Services seems to be recovering: its 5 sites are fine again";
    let aws = json(&world, "/api/v1/providers/aws").await;
    assert_eq!((&aws["status"], &aws["affected"]), (&"recovering".into(), &0.into()));
    assert_eq!(aws["since"], "2017-02-28T13:37:00.000Z");
    assert_eq!(aws["summary"], format!("{said}. It began 33 minutes ago."));
    assert_eq!(json(&world, "/api/v1/providers").await["providers"][0], aws);
    let status = json(&world, "/api/v1/status").await;
    assert_eq!(status["summary"], format!("{said}. The other 2 sites are fine."));
    for path in ["/", "/providers/aws"] {
        let page = text(&world, path).await;
        assert!(page.contains("<span>Recovery at Amazon Web Services</span></h1>"), "{page}");
        assert!(page.contains(said) && !page.contains("seems to have recovered"), "{page}");
        let page = text(&world, &format!("{path}?lang=nl")).await;
        let said = "Amazon Web Services lijkt te herstellen: zijn 5 sites zijn weer in orde";
        assert!(page.contains(said), "{page}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_left_over_from_an_event_is_said_to_be_and_its_provider_is_ok() {
    let world = failing_by(|event| event.ended_at = Some(now() - MINUTE * 10));
    let aws = json(&world, "/api/v1/providers/aws").await;
    assert_eq!((&aws["status"], &aws["since"]), (&"ok".into(), &serde_json::Value::Null));
    let said = "Amazon Web Services seems to have recovered from the failure that began 33 minutes \
                ago, but not all of its sites have: 3 of its 5 sites are down and 1 is slow.";
    assert_eq!(aws["summary"], said);
    let left = "It failed together with other sites of Amazon Web Services, which itself seems to \
                have recovered.";
    for (slug, is_left) in [("a.example", true), ("e.example", false)] {
        let site = json(&world, &format!("/api/v1/sites/{slug}")).await;
        assert_eq!(site["summary"].as_str().unwrap().contains(left), is_left, "{site}");
    }
    let front = text(&world, "/").await;
    assert!(!front.contains("href=\"/providers/aws\""), "nothing goes on there: {front}");
}

#[tokio::test(start_paused = true)]
async fn who_serves_sites_that_fail_with_another_is_not_looked_at_for_it() {
    let world = failing_by(|event| {
        of_names(event);
        event.provider = "dyn".into();
    });
    let aws = json(&world, "/api/v1/providers/aws").await;
    let said = "Amazon Web Services looks fine: 3 of its 5 sites are down and 1 is slow, but the \
                cause looks like Dyn.";
    assert_eq!((&aws["status"], &aws["summary"]), (&"ok".into(), &said.into()));
    let page = text(&world, "/providers/aws?lang=nl").await;
    assert!(page.contains("maar dat lijkt aan Dyn te liggen"), "{page}");
}
