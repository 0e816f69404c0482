//! Providers some of whose sites fall with what others did: they are not the cause.

use super::*;

/// Falls in a test: at which second, whose sites, which of them, and what they do.
type Falls = &'static [(i64, &'static str, std::ops::Range<usize>, &'static str)];

/// The providers named where so many sites are watched and these fall.
fn named(watched: &[(&'static str, usize)], falls: Falls) -> Vec<String> {
    let mut world = EventWorld::new(watched);
    for (at, provider, sites, what) in falls {
        world.at(*at, provider, sites.clone(), what);
    }
    world.run(3_600);
    world.named().into_iter().map(str::to_owned).collect()
}

const WATCHED: [(&str, usize); 5] =
    [("aws", 8), ("cloudflare", 8), ("fastly", 4), ("google", 4), ("", 20)];

#[test]
fn a_cloud_is_not_the_cause_where_more_of_a_cdns_sites_fell_than_of_its_own() {
    let table: [(Falls, &[&str]); 6] = [
        (&[(0, "cloudflare", 0..6, "500"), (30, "aws", 0..3, "502")], &["cloudflare"]),
        (&[(0, "cloudflare", 0..6, "500"), (60, "aws", 0..3, "502")], &["cloudflare"]),
        (&[(0, "cloudflare", 0..6, "500"), (30, "aws", 0..3, "500")], &[]),
        (&[(0, "cloudflare", 0..6, "500"), (720, "aws", 0..3, "502")], &["cloudflare"]),
        (&[(0, "cloudflare", 0..6, "500"), (1_200, "aws", 0..3, "502")], &["cloudflare"]),
        (&[(0, "aws", 0..6, "500"), (30, "cloudflare", 0..3, "502")], &["aws"]),
    ];
    for (falls, want) in table {
        assert_eq!(named(&WATCHED, falls), want, "{falls:?}");
    }
}

#[test]
fn a_cdn_that_sites_of_a_cloud_depend_on_is_the_cause_and_not_the_cloud() {
    for then in [30, 60, 300] {
        let mut world = EventWorld::new(&WATCHED);
        world.depend(&[("aws", 0..3)], "cloudflare", Role::Declared);
        world.at(0, "cloudflare", 0..6, "500");
        world.at(then, "aws", 0..3, "502");
        world.run(3_600);
        assert_eq!((world.named(), world.ongoing()), (vec!["cloudflare"], vec!["cloudflare"]));
        assert_eq!(world.last().sites.len(), 9);
    }
}

#[test]
fn no_cloud_keeps_anybody_from_the_machines_of_a_cdn() {
    let table: [(Falls, &[&str]); 3] = [
        (&[(0, "aws", 0..3, "silent"), (0, "cloudflare", 0..3, "silent")], &[]),
        (&[(0, "aws", 0..3, "refuse"), (0, "fastly", 0..2, "silent")], &[]),
        (&[(0, "aws", 0..3, "silent"), (0, "cloudflare", 0..3, "504")], &["aws"]),
    ];
    for (falls, want) in table {
        assert_eq!(named(&WATCHED, falls), want, "{falls:?}");
    }
}

#[test]
fn nobody_is_named_before_most_sites_were_looked_at_since() {
    let mut world = EventWorld::new(&WATCHED);
    world.seen_at = Some(0);
    world.at(0, "aws", 0..3, "silent");
    world.run(240);
    assert!(world.named().is_empty());
    world.seen_at = None;
    world.run(260);
    assert_eq!(world.named(), ["aws"]);
}

#[test]
fn a_cloud_is_not_the_cause_where_as_many_fell_elsewhere_in_a_large_catalogue() {
    let watched = [("aws", 6), ("google", 8), ("", 50)];
    let table: [(Falls, &[&str]); 5] = [
        (&[(0, "aws", 0..3, "503"), (0, "", 0..4, "503")], &[]),
        (&[(0, "aws", 0..3, "503"), (0, "", 0..2, "503"), (120, "", 2..4, "503")], &[]),
        (&[(0, "aws", 0..2, "503"), (0, "aws", 2..3, "refuse"), (0, "", 0..4, "503")], &[]),
        (&[(0, "aws", 0..5, "503"), (0, "", 0..4, "503")], &["aws"]),
        (&[(0, "aws", 0..3, "503"), (0, "", 0..1, "503")], &["aws"]),
    ];
    for (falls, want) in table {
        assert_eq!(named(&watched, falls), want, "{falls:?}");
    }
}

#[test]
fn of_two_providers_of_the_same_sites_the_one_that_serves_them_is_the_cause() {
    for (others, fell, want) in [(2, 0, "heroku"), (4, 0, "heroku"), (4, 4, "aws")] {
        let mut world = EventWorld::new(&[("heroku", 7), ("aws", others), ("", 12)]);
        world.depend(&[("heroku", 0..7)], "aws", Role::Declared);
        world.at(0, "heroku", 0..5, "503");
        world.at(0, "aws", 0..fell, "503");
        world.run(900);
        assert_eq!(world.named(), [want], "{others} {fell}");
    }
    // One that falls otherwise, and later, is served by the same one too.
    let mut world = EventWorld::new(&[("heroku", 5), ("aws", 2), ("", 12)]);
    world.depend(&[("heroku", 0..5)], "aws", Role::Declared);
    world.at(0, "heroku", 0..2, "503");
    world.at(60, "heroku", 2..4, "503");
    world.at(120, "heroku", 4..5, "silent");
    world.run(900);
    assert_eq!((world.named(), world.ongoing()), (vec!["heroku"], vec!["heroku"]));
}

#[test]
fn a_cdn_is_the_cause_where_a_few_elsewhere_fell_otherwise() {
    let watched = [("fastly", 9), ("aws", 20), ("", 30)];
    let table: [(Falls, &[&str]); 4] = [
        (
            &[(0, "fastly", 0..7, "503"), (0, "", 0..1, "refuse"), (0, "aws", 0..1, "404")],
            &["fastly"],
        ),
        (
            &[(0, "fastly", 0..7, "503"), (0, "", 0..2, "refuse"), (0, "aws", 0..1, "404")],
            &["fastly"],
        ),
        (&[(0, "fastly", 0..7, "503"), (0, "", 0..3, "503")], &[]),
        (&[(0, "fastly", 0..3, "503"), (0, "", 0..2, "refuse"), (0, "aws", 0..1, "404")], &[]),
    ];
    for (falls, want) in table {
        assert_eq!(named(&watched, falls), want, "{falls:?}");
    }
}

#[test]
fn a_host_with_customers_behind_a_cdn_is_the_cause() {
    for host in ["linode", "leaseweb", "ionos", "digitalocean"] {
        let mut world = EventWorld::new(&[(host, 6), ("cloudflare", 8), ("", 14)]);
        world.at(0, host, 0..6, "silent");
        world.at(0, "cloudflare", 0..2, "522");
        world.run(900);
        assert_eq!(world.named(), [host]);
    }
}

#[test]
fn names_that_leave_the_caches_minutes_apart_are_of_who_answers_for_them() {
    for (apart, want) in [(180, true), (480, true), (1_200, false)] {
        let mut world = EventWorld::new(&[("aws", 4), ("", 20)]);
        world.depend(&[("aws", 0..2), ("", 0..5)], "godaddy", Role::Names);
        for (n, (provider, site)) in
            [("", 0), ("aws", 0), ("", 1), ("", 2), ("aws", 1), ("", 3), ("", 4)]
                .into_iter()
                .enumerate()
        {
            world.at(n as i64 * apart, provider, site..site + 1, "servfail");
        }
        world.run(9_000);
        assert_eq!(world.named() == ["godaddy"], want, "{apart}: {:?}", world.named());
    }
}
