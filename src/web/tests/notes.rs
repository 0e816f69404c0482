//! Notes on pages, API and badges, beside the status.

use serde_json::json;

use super::{api::ask, get, world::*};
use model::{
    judge::network_health::Family,
    note::{Observations, ObservedPage, Peculiarity},
    outcome::{Answer, Failure, Outcome},
    restriction::Restriction,
};

fn up() -> Outcome {
    answered(Answer::Ok, 200, 24_122)
}

fn wall(status: u16) -> Outcome {
    answered(Answer::Restricted(Restriction::of_status(status)), status, 24_122)
}

async fn text(world: &World, address: &str) -> String {
    get(&world.router, address).await.text().to_owned()
}

/// One site whose last checks were these, after forty good ones.
fn after(last: &[Outcome]) -> World {
    let world = World::of(&[site("slack.com", "Slack", &["chat"])]);
    let all = [vec![up(); 40], last.to_vec()].concat();
    world.show_from("local", "slack.com", &all);
    world
}

fn with_page(page: ObservedPage) -> Outcome {
    let observed = Observations { page: Some(page), ..Observations::default() };
    Outcome { observed: Box::new(observed), ..up() }
}

#[tokio::test(start_paused = true)]
async fn a_site_that_turns_us_away_since_lately_is_not_fine_and_says_since_when() {
    let world = after(&vec![wall(403); 5]);
    let site = ask(&world, "/api/v1/sites/slack.com").await;
    assert_eq!((&site["status"], &site["restricted"]), (&json!("up"), &json!(true)));
    let said = "Slack answers, but has been turning us away for 4 minutes (HTTP 403), which it did not \
                do before. It may be turning everybody away.";
    assert_eq!(site["summary"], said);
    assert_eq!(
        site["notes"],
        json!([{
            "kind": "turned_away", "since": "2017-02-28T14:05:55.000Z",
            "text": "It has been turning us away for 4 minutes, which it did not do before. It may be \
                     turning everybody away.",
        }])
    );
    let status = ask(&world, "/api/v1/status").await;
    assert_eq!(status["summary"], "The only site answers, but not as usual.");
    let front = text(&world, "/").await;
    assert!(front.contains("Having problems now") && front.contains(">turns us away<"), "{front}");
    assert!(!front.contains("is fine"));
    let page = text(&world, "/slack.com").await;
    assert!(page.contains("<span>Slack turns us away</span></h1>"), "{page}");
    assert!(page.contains("For 4\u{a0}minutes now; it did not before"), "{page}");
    assert!(!page.contains("It has been turning us away"), "once is enough: {page}");
    assert!(!page.contains("no outage"), "{page}");
    let dutch = text(&world, "/slack.com?lang=nl").await;
    assert!(dutch.contains("weert ons al 4 minuten (HTTP 403); daarvoor niet"), "{dutch}");
    let badge = text(&world, "/badge/slack.com.svg").await;
    assert!(badge.contains("<title>Slack: up (turns us away)</title>"), "{badge}");
}

#[tokio::test(start_paused = true)]
async fn a_site_that_turned_us_away_from_the_first_look_on_is_up_and_no_more_is_said() {
    let world = World::of(&[site("slack.com", "Slack", &[])]);
    world.show_from("local", "slack.com", &vec![wall(403); 50]);
    let site = ask(&world, "/api/v1/sites/slack.com").await;
    assert_eq!(
        site["summary"],
        "Slack answers, but turns us away (HTTP 403); we cannot see whether it lets people in."
    );
    assert_eq!(site["notes"], json!([]));
    assert!(text(&world, "/").await.contains("The only site is fine."));
}

#[tokio::test(start_paused = true)]
async fn unavailable_for_what_the_law_says_is_no_word_about_robots() {
    let new = after(&vec![wall(451); 5]);
    let always = World::of(&[site("slack.com", "Slack", &[])]);
    always.show_from("local", "slack.com", &vec![wall(451); 50]);
    for (world, said) in [
        (&new, "Slack has been saying for 4 minutes that it is not available from where we check"),
        (
            &always,
            "Slack says that it is not available from where we check (unavailable for legal reasons, HTTP 451).",
        ),
    ] {
        let page = text(world, "/slack.com").await;
        assert!(page.contains(said), "{page}");
        let list = text(world, "/").await;
        let lookup = text(world, "/slack.com?lang=nl").await;
        for text in [page, list, lookup] {
            assert!(!text.contains("robots like") && !text.contains("weert robots"), "{text}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_unusual_page_is_told_on_every_page_and_changes_no_status() {
    let usual = ObservedPage { bytes: 40_000, ..ObservedPage::default() };
    let world = World::of(&[site("slack.com", "Slack", &[]), site("b.example", "B", &[])]);
    let shrunk = [vec![with_page(usual); 40], vec![with_page(ObservedPage::default()); 4]].concat();
    world.show_from("local", "slack.com", &shrunk);
    world.show_from("local", "b.example", &[up(), up()]);
    let said = "It answers, but for 3 minutes its page has been nearly empty.";
    let site = ask(&world, "/api/v1/sites/slack.com").await;
    assert_eq!((&site["status"], &site["summary"]), (&json!("up"), &json!("Slack is up.")));
    assert_eq!(
        (&site["notes"][0]["kind"], &site["notes"][0]["text"]),
        (&json!("page_shrunk"), &json!(said))
    );
    let front = text(&world, "/").await;
    assert!(front.contains("All 2 sites answer, but one of them not as usual."), "{front}");
    assert!(front.contains("<small>unusual page</small>"), "{front}");
    let page = text(&world, "/slack.com").await;
    assert!(page.contains(&format!("<p class=\"notice note\">{said}</p>")));
    let plain = ask(&world, "/api/v1/lookup?target=slack.com").await;
    assert_eq!(plain["notes"][0]["kind"], "page_shrunk");
}

#[tokio::test(start_paused = true)]
async fn what_a_server_has_long_been_like_is_a_note_and_the_site_is_fine() {
    let peculiarity = Some(Peculiarity::IncompleteChain);
    let observed = Observations { peculiarity, ..Observations::default() };
    let world = after(&[Outcome { observed: Box::new(observed), ..up() }]);
    let page = text(&world, "/slack.com").await;
    assert!(page.contains("does not send a certificate that its chain needs"), "{page}");
    assert!(text(&world, "/").await.contains("The only site is fine."));
}

#[tokio::test(start_paused = true)]
async fn badges_name_what_a_server_has_long_been_like() {
    for (peculiarity, title) in [
        (Peculiarity::OldTls, "Slack: up (only old encryption)"),
        (Peculiarity::IncompleteChain, "Slack: up (incomplete certificate chain)"),
    ] {
        let observed = Observations { peculiarity: Some(peculiarity), ..Observations::default() };
        let world = after(&[Outcome { observed: Box::new(observed), ..up() }]);
        let badge = text(&world, "/badge/slack.com.svg").await;
        assert!(badge.contains(&format!("<title>{title}</title>")), "{badge}");
    }
}

#[tokio::test(start_paused = true)]
async fn noted_sites_stand_after_those_that_are_down_and_are_not_crowded_out_by_them() {
    let downs: Vec<String> = (0..30).map(|n| format!("down-{n:02}.example")).collect();
    let mut sites: Vec<_> = downs.iter().map(|name| site(name, name, &[])).collect();
    sites.push(site("noted.example", "Noted", &[]));
    sites.push(site("well.example", "Well", &[]));
    let world = World::of(&sites);
    for name in &downs {
        world.show_from("local", name, &vec![Outcome::failed(Failure::Timeout, "for a test"); 3]);
    }
    world.show_tried("noted.example", &vec![(up(), 2); 20]);
    world.show_from("local", "well.example", &[up(), up()]);
    let front = text(&world, "/").await;
    let wrong = front.split_once("<section id=\"wrong\"").unwrap().1;
    let wrong = wrong.split_once("</section>").unwrap().0;
    let (noted, last) = (wrong.find("/noted.example\""), wrong.rfind("/down-"));
    assert!(noted.is_some() && noted > last, "{wrong}");
    assert!(!wrong.contains("/well.example\""), "{wrong}");
    let shown = downs.iter().filter(|name| wrong.contains(&format!("/{name}\""))).count();
    assert!((1..30).contains(&shown), "{shown} of thirty, and a link to the rest");
}

#[tokio::test(start_paused = true)]
async fn readyz_names_the_address_family_of_ours_that_does_not_work() {
    let world = World::of(&[site("slack.com", "Slack", &[])]);
    for (family, name) in [(Family::Ipv6, "IPv6"), (Family::Ipv4, "IPv4")] {
        world.board.set_lost_families(&[family]);
        let ready = get(&world.router, "/readyz").await;
        assert_eq!(ready.status, 200);
        let said = format!(
            "{name} does not work from here: sites with both families are seen over the other"
        );
        assert_eq!(ready.json()["status"], "degraded");
        assert_eq!(ready.json()["reasons"], json!([said]));
    }
    world.board.set_lost_families(&[]);
    assert_eq!(get(&world.router, "/readyz").await.json()["status"], "ready");
}

#[tokio::test(start_paused = true)]
async fn a_site_that_fails_now_and_then_says_so_in_api_page_list_and_badge() {
    let world = World::of(&[site("slack.com", "Slack", &[])]);
    world.show_tried("slack.com", &vec![(up(), 2); 20]);
    let site = ask(&world, "/api/v1/sites/slack.com").await;
    assert_eq!((&site["status"], &site["intermittent"]), (&json!("up"), &json!(true)));
    assert_eq!(site["notes"][0]["kind"], "intermittent");
    let said =
        "It fails now and then: for 19 minutes, many checks have passed only on the second try.";
    assert_eq!(site["notes"][0]["text"], said);
    for (address, said) in [("/", "<small>fails now and then</small>"), ("/slack.com", said)] {
        let page = text(&world, address).await;
        assert!(page.contains(said), "{page}");
    }
    let badge = text(&world, "/badge/slack.com.svg?style=for-the-badge").await;
    assert!(badge.contains("(fails now and then)</title>"), "{badge}");
    let dot = text(&world, "/badge/slack.com.json").await;
    assert!(dot.contains("\"message\":\"up\""), "{dot}");
}
