//! Ends of events: slow tails, waves, and sites left over.

use super::*;
use crate::provider::{Condition, Member, ProviderStatus};

impl TestOutage {
    fn member(&self) -> Member<'_> {
        let cause = self.cause.as_ref();
        Member { cause, ..Member::from((&self.slug, self.status, self.since)) }
    }
}

impl EventWorld {
    /// Status of the provider, as page and API show it.
    fn standing(&self, provider: &str) -> ProviderStatus {
        let ongoing = self.events.ongoing().find(|event| *event.provider == *provider).cloned();
        let left = || self.events.left_over().find(|event| *event.provider == *provider);
        let event = ongoing.or_else(left);
        let begins = format!("a{provider}-");
        let mine = self.sites.iter().filter(|row| row.slug.as_str().starts_with(&begins));
        let members = mine.map(TestOutage::member);
        ProviderStatus::of(provider, members, event)
    }

    fn condition(&self, provider: &str) -> Condition {
        self.standing(provider).condition()
    }
}

#[test]
fn what_is_slow_after_it_was_down_keeps_the_event_recovering_until_it_is_well() {
    for slow in [10, 4] {
        let mut world = EventWorld::new(&[("cloudflare", 15), ("google", 14)]);
        world.at(0, "cloudflare", 0..10, "500");
        world.run(300);
        assert_eq!(world.condition("cloudflare"), Condition::Failing);
        world.at(5_400, "cloudflare", 0..10, "up");
        // It takes minutes until it is known that they are slow.
        world.at(5_700, "cloudflare", 0..slow, "slow");
        world.run(5_640);
        assert_eq!(world.condition("cloudflare"), Condition::Recovering, "all are well");
        world.run(7_500);
        assert_eq!(world.condition("cloudflare"), Condition::Recovering, "{slow} are slow");
        let standing = world.standing("cloudflare");
        assert!(standing.explains(&world.sites[0].member()));
        world.at(7_800, "cloudflare", 0..slow, "up");
        world.run(8_400);
        assert_eq!(world.condition("cloudflare"), Condition::Recovering);
        world.run(9_400);
        assert_eq!((world.condition("cloudflare"), world.named().len()), (Condition::Ok, 1));
        assert!(world.events.left_over().next().is_none());
    }
}

#[test]
fn sites_that_never_come_back_are_left_over_and_the_provider_is_well() {
    let mut world = EventWorld::new(&[("hetzner", 8), ("google", 14)]);
    world.at(0, "hetzner", 0..6, "refuse");
    world.at(3_600, "hetzner", 0..4, "up");
    // One of them comes back, and is slow at once.
    world.at(4_500, "hetzner", 4..5, "up");
    world.at(4_700, "hetzner", 4..5, "slow");
    world.at(14_400, "hetzner", 6..7, "500");
    world.run(10_000);
    assert_eq!(world.condition("hetzner"), Condition::Ok);
    let standing = world.standing("hetzner");
    let left: Vec<bool> = (0..8).map(|n| standing.holds(&world.sites[n].member())).collect();
    assert_eq!(left, [false, false, false, false, true, true, false, false]);
    assert!(!world.standing("google").holds(&world.sites[4].member()));
    world.run(15_000);
    let standing = world.standing("hetzner");
    assert!(!standing.holds(&world.sites[6].member()), "it failed by itself, hours later");
    // A day later that is how they are.
    world.run(96_000);
    world.at(96_100, "google", 0..1, "slow");
    world.run(96_200);
    assert!(world.events.left_over().next().is_none());
    assert_eq!(world.named(), ["hetzner"]);
}

#[test]
fn waves_that_are_far_apart_are_named_again_with_all_that_fall_in_them() {
    for pause in [600, 1_500, 3_000] {
        let mut world = EventWorld::new(&[("cloudflare", 20), ("google", 14)]);
        world.at(0, "cloudflare", 0..8, "500");
        world.at(600, "cloudflare", 0..8, "up");
        let second = 600 + pause;
        world.at(second, "cloudflare", 0..8, "500");
        world.at(second, "cloudflare", 8..10, "500");
        world.run(second + 200);
        assert_eq!(world.ongoing(), ["cloudflare"], "{pause}");
        let event = world.events.ongoing().next().unwrap();
        assert_eq!(event.sites.len(), 10, "{pause}");
        assert_eq!(world.condition("cloudflare"), Condition::Failing);
    }
}

#[test]
fn one_site_that_falls_in_a_pause_by_itself_does_not_join() {
    let mut world = EventWorld::new(&[("cloudflare", 20), ("google", 14)]);
    world.at(0, "cloudflare", 0..8, "500");
    world.at(600, "cloudflare", 0..8, "up");
    world.at(900, "cloudflare", 8..9, "500");
    world.run(1_200);
    assert_eq!(world.ongoing(), ["cloudflare"]);
    assert_eq!(world.condition("cloudflare"), Condition::Recovering);
    assert!(!world.standing("cloudflare").holds(&world.sites[8].member()));
}

#[test]
fn what_a_site_suffers_by_itself_after_it_was_well_again_is_not_of_the_event() {
    let table = [("503", "502", true), ("503", "silent", true), ("503", "slow", true)];
    let others = ["expired", "servfail", "404"].map(|then| ("503", then, false));
    let names = [("servfail", "servfail", true), ("servfail", "503", false)];
    for (first, then, with_it) in table.into_iter().chain(others).chain(names) {
        let mut world = EventWorld::new(&[("nsone", 6), ("google", 14)]);
        world.depend(&[("nsone", 0..6)], "nsone", Role::Names);
        world.at(0, "nsone", 0..6, first);
        world.at(3_600, "nsone", 0..1, "up");
        world.at(10_800, "nsone", 0..1, then);
        world.run(11_000);
        assert_eq!(world.ongoing(), ["nsone"], "{first}");
        let standing = world.standing("nsone");
        assert!(standing.holds(&world.sites[1].member()));
        assert_eq!(standing.explains(&world.sites[0].member()), with_it, "{first} {then}");
        let row = &world.sites[0];
        let explains = world.last().explains(row.since.unwrap(), row.status, row.cause.as_ref());
        assert_eq!(explains, with_it, "{first} {then}");
        world.at(11_400, "nsone", 1..6, "up");
        world.run(20_000);
        assert!(world.ongoing().is_empty());
        let left = world.events.left_over().any(|event| event.sites.contains(&world.sites[0].slug));
        assert_eq!(left, with_it, "{first} {then}");
    }
}
