//! Incidents that overlap: two providers, a provider and our own line, a provider and what a site
//! does by itself.

use super::*;

fn parts(world: &EventWorld, provider: &str) -> (Role, usize) {
    let event = world.events.ongoing().find(|event| *event.provider == *provider).unwrap();
    (event.evidence.unwrap().role, event.sites.len())
}

#[test]
fn two_that_fail_with_shared_sites_are_each_named_for_what_is_theirs() {
    let mut world = EventWorld::new(&[("aws", 8), ("google", 8), ("", 20)]);
    world.depend(&[("aws", 4..8), ("", 0..6)], "dyn", Role::Names);
    world.at(0, "aws", 0..6, "503");
    // Two sites that are down already cannot be seen to lose their names.
    world.at(1_500, "aws", 6..8, "servfail");
    world.at(1_500, "", 0..6, "servfail");
    world.run(1_800);
    assert_eq!(world.ongoing(), ["aws", "dyn"]);
    assert_eq!(parts(&world, "aws"), (Role::Serves, 6));
    assert_eq!(parts(&world, "dyn"), (Role::Names, 8));
    world.at(2_400, "aws", 0..6, "up");
    world.run(3_600);
    assert_eq!(world.ongoing(), ["dyn"]);
}

#[test]
fn a_cloud_that_fails_minutes_after_a_cdn_is_not_behind_it_and_then_nobody_is_named() {
    let mut world = EventWorld::new(&[("cloudflare", 14), ("aws", 10), ("", 16)]);
    world.at(0, "cloudflare", 0..7, "502");
    world.at(200, "aws", 0..4, "refuse");
    world.run(1_500);
    assert_eq!(world.named(), ["cloudflare"]);
    assert!(world.ongoing().is_empty());
}

#[test]
fn a_cloud_behind_a_cdn_is_the_cause_where_the_catalogue_says_so_and_else_nobody_is() {
    for declared in [true, false] {
        let mut world = EventWorld::new(&[("cloudflare", 24), ("oracle", 2), ("", 20)]);
        if declared {
            world.depend(&[("cloudflare", 0..7)], "oracle", Role::Declared);
        }
        world.at(0, "oracle", 0..2, "refuse");
        world.at(0, "cloudflare", 0..4, "522");
        world.at(0, "cloudflare", 4..6, "523");
        world.run(900);
        let want: &[&str] = if declared { &["oracle"] } else { &[] };
        assert_eq!(world.named(), want);
        if declared {
            assert_eq!(parts(&world, "oracle").1, 8);
        }
    }
}

#[test]
fn an_operator_of_names_is_named_where_six_of_ten_fail_one_after_the_other() {
    let mut world = EventWorld::new(&[("aws", 10), ("fastly", 6), ("", 20)]);
    world.depend(&[("aws", 0..4), ("fastly", 0..3), ("", 0..3)], "nsone", Role::Names);
    world.depend(&[("aws", 4..10), ("", 3..20)], "dyn", Role::Names);
    for (n, (provider, site)) in
        [("aws", 0), ("fastly", 0), ("", 0), ("aws", 1), ("fastly", 1), ("aws", 2)]
            .into_iter()
            .enumerate()
    {
        world.at(n as i64 * 80, provider, site..site + 1, "servfail");
    }
    world.run(600);
    assert_eq!(world.named(), ["nsone"]);
    assert_eq!(parts(&world, "nsone"), (Role::Names, 6));
    for (provider, site) in [("aws", 0), ("fastly", 0), ("", 0), ("aws", 1)] {
        world.at(1_200, provider, site..site + 1, "up");
    }
    world.run(1_500);
    assert_eq!(world.ongoing(), ["nsone"], "a third of them has no name yet");
    world.run(6_000);
    assert!(world.ongoing().is_empty());
    assert_eq!(world.events.left_over().next().unwrap().sites.len(), 2);
}

#[test]
fn an_authority_that_revokes_is_the_cause_and_who_serves_them_is_not() {
    let mut world = EventWorld::new(&[("aws", 12), ("fastly", 8), ("", 20)]);
    let issued = [("aws", 0..8), ("fastly", 0..3), ("", 0..5)];
    world.depend(&issued, "digicert", Role::Certificate);
    world.at(0, "aws", 0..5, "revoked");
    world.at(0, "fastly", 0..1, "revoked");
    world.at(60, "", 0..2, "revoked");
    world.run(300);
    assert_eq!(world.named(), ["digicert"]);
    assert_eq!(parts(&world, "digicert"), (Role::Certificate, 8));
    // They are issued anew one after the other.
    for n in 0..5 {
        world.at(3_600 * (n as i64 + 1), "aws", n..n + 1, "up");
    }
    world.run(3_600 * 7);
    assert!(world.ongoing().is_empty());
    assert_eq!(world.events.left_over().next().unwrap().sites.len(), 3);
}

#[test]
fn a_provider_that_fails_through_a_doubt_of_our_own_side_is_named_again_after_it() {
    let mut world = EventWorld::new(&[("aws", 8), ("google", 14)]);
    world.at(0, "aws", 0..6, "503");
    world.run(150);
    assert_eq!(world.ongoing(), ["aws"]);
    world.at(180, "aws", 0..8, "doubted");
    world.at(180, "google", 0..14, "doubted");
    world.run(600);
    assert!(world.ongoing().is_empty());
    world.at(600, "google", 0..14, "up");
    world.at(600, "aws", 6..8, "up");
    world.at(660, "aws", 0..6, "503");
    world.run(900);
    assert_eq!(world.ongoing(), ["aws"]);
    // The ended event was our own network's doing, and no provider is blamed for it.
    let mut world = EventWorld::new(&[("aws", 8), ("google", 14)]);
    world.at(0, "aws", 0..6, "503");
    world.at(180, "aws", 0..8, "doubted");
    world.at(180, "google", 0..14, "doubted");
    world.at(600, "google", 0..14, "up");
    world.at(600, "aws", 0..8, "up");
    world.run(1_800);
    assert!(world.ongoing().is_empty() && world.events.left_over().next().is_none());
}

#[test]
fn half_of_them_that_stay_down_are_left_over_and_blame_nobody_anew() {
    let mut world = EventWorld::new(&[("ovh", 10), ("google", 14)]);
    world.at(0, "ovh", 0..8, "refuse");
    world.at(1_800, "ovh", 0..4, "up");
    world.at(1_800, "ovh", 4..8, "404");
    world.run(3_500);
    assert_eq!(world.ongoing(), ["ovh"]);
    world.run(8_000);
    assert!(world.ongoing().is_empty());
    assert_eq!(world.events.left_over().next().unwrap().sites.len(), 4);
    assert_eq!(world.named(), ["ovh"]);
    // They fail again an hour later, as if for the first time; the provider is not in it.
    world.at(9_000, "ovh", 8..9, "503");
    world.run(12_000);
    assert_eq!(world.named(), ["ovh"]);
    assert_eq!(world.events.left_over().next().unwrap().sites.len(), 4);
}
