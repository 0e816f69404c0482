//! Caching times of answers: until the next check, and never past it.

use std::{sync::Arc, time::Duration};

use tokio::time::advance;

use super::{get, world::*};
use crate::board::Board;
use model::{
    check::Check,
    judge::{Limits, Rules, SiteState},
    moment::Moment,
    name::Region,
    outcome::Answer,
    schedule,
    site::Site,
};

const SECOND: Duration = Duration::from_secs(1);

async fn kept(world: &World, path: &str) -> i64 {
    let got = get(&world.router, path).await;
    assert!(got.status.is_success(), "{path}: {}", got.status);
    let said = got.header("cache-control");
    said.strip_prefix("public, max-age=")
        .unwrap_or_else(|| panic!("{path}: {said}"))
        .parse()
        .unwrap()
}

/// Shows a good check of this moment.
fn look(board: &Board, state: &mut SiteState, site: &Arc<Site>, at: Moment) {
    let (slug, region) = (site.slug.clone(), Region::new("local").unwrap());
    let outcome = answered(Answer::Ok, 200, 24_000);
    let check = Arc::new(Check { slug, region, at, outcome, attempts: 1 });
    state.check(&check, &Limits::of(site), &Rules::default());
    board.show(&check, state, &[]);
}

fn turn_after(site: &Site, now: Moment) -> Moment {
    let offset = schedule::offset(&site.slug, &Region::new("local").unwrap(), site.interval);
    schedule::next(now, offset, site.interval)
}

#[tokio::test(start_paused = true)]
async fn an_answer_about_a_site_is_kept_until_its_next_turn_and_no_longer() {
    let site = site("slack.com", "Slack", &[]);
    let (world, mut state) = (World::of(std::slice::from_ref(&site)), SiteState::default());
    assert_eq!(kept(&world, "/api/v1/sites/slack.com").await, 1, "it is looked at soon");
    let due = turn_after(&site, now());
    advance(due.since(now()) + Duration::from_millis(250)).await;
    look(&world.board, &mut state, &site, world.web.clock.now());
    let next = due + site.interval;
    let mut longest = 0;
    for _ in 0..59 {
        let asked = world.web.clock.now();
        for path in [
            "/api/v1/sites/slack.com",
            "/api/v1/sites",
            "/api/v1/status",
            "/badge/slack.com.svg",
            "/badge/slack.com.json",
            "/embed/slack.com",
            "/feed.atom",
            "/sites/slack.com/feed.json",
            "/api/v2/summary.json",
            "/sites/slack.com/api/v2/status.json",
            "/api/v1/endpoints/slack.com/health/badge.shields",
            "/api/badge/slack.com/status",
        ] {
            let keep = kept(&world, path).await;
            // An answer that is ready is handed out until its second is over.
            let until = asked.seconds() + 1 + keep;
            assert!(keep == 1 || until <= next.seconds(), "{path}: {keep} s, {asked} to {next}");
            assert!(keep == 30 || until >= next.seconds(), "{path}: {keep} s, {asked} to {next}");
            longest = longest.max(keep);
        }
        advance(SECOND).await;
    }
    assert_eq!(longest, 30);
    // The check is due, and its result is not there yet.
    for _ in 0..5 {
        advance(SECOND).await;
        assert_eq!(kept(&world, "/api/v1/sites/slack.com").await, 1);
        assert_eq!(kept(&world, "/api/v1/status").await, 1);
    }
    look(&world.board, &mut state, &site, world.web.clock.now());
    assert_eq!(kept(&world, "/api/v1/sites/slack.com").await, 30);
    assert_eq!(kept(&world, "/slack.com").await, 1, "a page is of its second");
    assert_eq!(kept(&world, "/badge/nobody.example.svg").await, 30);
}

#[tokio::test(start_paused = true)]
async fn a_look_out_of_turn_is_waited_for() {
    let site = site("slack.com", "Slack", &[]);
    let (world, mut state) = (World::of(std::slice::from_ref(&site)), SiteState::default());
    let due = turn_after(&site, now());
    advance(due.since(now())).await;
    look(&world.board, &mut state, &site, due);
    assert_eq!(kept(&world, "/api/v1/sites/slack.com").await, 30);
    world.board.expect(&site.slug, due);
    assert_eq!(kept(&world, "/api/v1/sites/slack.com").await, 4);
    advance(SECOND * 2).await;
    world.board.expect(&site.slug, world.web.clock.now());
    assert_eq!(kept(&world, "/api/v1/sites/slack.com").await, 2, "the first wish is met first");
    advance(SECOND * 8).await;
    assert_eq!(kept(&world, "/api/v1/sites/slack.com").await, 1, "it is under way");
    look(&world.board, &mut state, &site, due + SECOND * 6);
    assert_eq!(kept(&world, "/api/v1/sites/slack.com").await, 30);
}

#[tokio::test(start_paused = true)]
async fn what_is_told_of_all_is_kept_until_the_first_turn_of_any() {
    let sites =
        [site("a.example", "A", &[]), site("b.example", "B", &[]), site("c.example", "C", &[])];
    let world = World::of(&sites);
    // Two minutes later, as if each had been checked on schedule.
    advance(MINUTE * 2).await;
    let mut next = Vec::new();
    for site in &sites {
        let turn = turn_after(site, world.web.clock.now());
        look(&world.board, &mut SiteState::default(), site, turn - site.interval);
        next.push(turn);
    }
    let nearest = next.into_iter().min().unwrap();
    let want = (nearest.seconds() - world.web.clock.now().seconds() - 1).clamp(1, 30);
    for path in ["/api/v1/sites", "/api/v1/status", "/api/v1/providers", "/feed.json"] {
        assert_eq!(kept(&world, path).await, want, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_badge_for_shields_is_the_same_while_the_site_is() {
    let site = site("slack.com", "Slack", &[]);
    let world = World::of(std::slice::from_ref(&site));
    look(&world.board, &mut SiteState::default(), &site, now());
    let first = get(&world.router, "/badge/slack.com.json").await.header("etag").to_owned();
    advance(SECOND * 3).await;
    assert_eq!(get(&world.router, "/badge/slack.com.json").await.header("etag"), first);
}
