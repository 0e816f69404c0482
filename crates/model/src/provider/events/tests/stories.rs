//! The great outages, as their sites fell; who is named, and who never.

use super::*;

/// The catalogue of the tests: as many sites of each as such a list has.
fn watched(aws: usize, cloudflare: usize, fastly: usize) -> EventWorld {
    EventWorld::new(&[
        ("aws", aws),
        ("cloudflare", cloudflare),
        ("fastly", fastly),
        ("google", 4),
        ("meta", 3),
        ("github", 1),
        ("akamai", 1),
        ("", 18),
    ])
}

#[test]
fn amazon_2025_is_amazons_and_not_that_of_the_cdn_before_three_of_its_customers() {
    for cloudflare in [6, 12, 23] {
        let mut world = watched(14, cloudflare, 3);
        world.at(0, "aws", 0..3, "503");
        world.at(60, "google", 0..1, "503");
        world.at(60, "", 0..1, "503");
        world.at(60, "cloudflare", 0..3, "503");
        world.at(240, "", 1..4, "504");
        world.at(420, "aws", 3..5, "slow");
        world.at(1_920, "aws", 5..8, "slow");
        world.run(2_700);
        assert_eq!((world.named(), world.ongoing()), (vec!["aws"], vec!["aws"]), "{cloudflare}");
    }
}

#[test]
fn amazon_2021_spread_for_an_hour_and_is_named_once_chance_is_out() {
    // Of 22 sites of Amazon eight fell, each in its own way, and four were slow.
    for (falls, want) in [(8, true), (4, false)] {
        let mut world = watched(22, 12, 3);
        world.depend(&[("", 0..2)], "aws", Role::Declared);
        let all = [
            (240, "aws", 0, "503"),
            (600, "aws", 1, "silent"),
            (780, "aws", 2, "502"),
            (1_500, "", 0, "504"),
            (1_560, "", 1, "504"),
            (2_340, "aws", 3, "503"),
            (2_400, "aws", 4, "503"),
            (3_000, "aws", 5, "503"),
        ];
        for (at, provider, n, what) in all.into_iter().take(falls) {
            world.at(at, provider, n..n + 1, what);
        }
        world.at(120, "aws", 6..8, "slow");
        world.at(1_200, "aws", 8..10, "slow");
        world.run(5_400);
        assert_eq!(world.named() == ["aws"], want, "{falls}: {:?}", world.named());
        assert!(!want || world.named_at() < 3_000, "{}", world.named_at());
    }
    // Those of a CDN fail at once, or each for itself.
    let mut world = watched(14, 22, 3);
    for n in 0..8 {
        world.at(n as i64 * 400, "cloudflare", n..n + 1, "503");
    }
    world.run(5_400);
    assert!(world.told.is_empty());
}

#[test]
fn cloudflare_2025_is_named_in_its_first_wave() {
    let mut world = watched(3, 23, 1);
    for (on, off) in [(0, 600), (900, 1_200), (1_800, 2_400), (2_700, 3_300), (5_520, 10_920)] {
        world.at(on, "cloudflare", 0..10, "500");
        world.at(off, "cloudflare", 0..10, "up");
    }
    world.run(5_400);
    assert_eq!(world.named(), ["cloudflare"]);
    assert!(world.named_at() <= 180, "{}", world.named_at());
    world.run(15_000);
    assert!(world.ongoing().is_empty());
}

#[test]
fn facebook_2021_is_metas_with_the_crowd_elsewhere_and_without() {
    for crowd_at in [0, 1_620] {
        for named in [true, false] {
            let mut world =
                EventWorld::new(&[("meta", 5), ("cloudflare", 2), ("aws", 2), ("", 12)]);
            if named {
                world.depend(&[("meta", 0..5)], "meta", Role::Names);
                world.depend(&[("cloudflare", 0..2)], "cloudflare", Role::Names);
            }
            world.at(0, "meta", 0..2, "servfail");
            world.at(180, "meta", 2..3, "servfail");
            world.at(420, "meta", 3..5, "servfail");
            world.at(crowd_at, "cloudflare", 0..2, "slow");
            world.at(crowd_at, "", 0..3, "slow");
            world.at(2_220, "", 0..3, "up");
            world.run(2_000);
            assert_eq!(world.named(), ["meta"]);
            assert!(world.named_at() < 420, "{}", world.named_at());
            assert_eq!(world.last().sites.len(), 5);
            assert_eq!(world.last().evidence.unwrap().role, Role::Names);
            // Names are known again, the servers are cold, then slow.
            world.at(19_300, "meta", 0..3, "503");
            world.at(19_300, "meta", 3..5, "slow");
            world.at(22_600, "meta", 0..3, "slow");
            world.at(25_600, "meta", 0..5, "up");
            world.run(27_000);
            assert!(world.ongoing().is_empty());
            assert_eq!(world.named(), ["meta"]);
        }
    }
}

#[test]
fn fastly_2021_is_named_where_three_of_eight_are_hit() {
    let mut world = watched(3, 3, 8);
    world.at(0, "fastly", 5..8, "503");
    world.at(3_780, "fastly", 5..8, "up");
    world.run(300);
    assert_eq!(world.named(), ["fastly"]);
    assert!(world.named_at() <= 150, "{}", world.named_at());
    world.run(4_800);
    assert!(world.ongoing().is_empty());
}

#[test]
fn servers_that_a_cdn_cannot_reach_are_not_the_cdns() {
    let mut world = EventWorld::new(&[("cloudflare", 7), ("aws", 3), ("google", 1), ("", 4)]);
    for (n, what) in ["521", "522", "523", "525", "530"].into_iter().enumerate() {
        world.at(if n < 3 { 0 } else { 60 }, "cloudflare", n..n + 1, what);
    }
    world.at(0, "aws", 0..2, "refuse");
    world.run(3_600);
    assert!(world.told.is_empty(), "{:?}", world.named());
}

#[test]
fn what_is_left_over_ends_no_later_and_a_late_one_is_its_own() {
    let mut world = EventWorld::new(&[("hetzner", 8), ("google", 1), ("aws", 2), ("", 5)]);
    world.at(0, "hetzner", 0..6, "refuse");
    world.at(3_600, "hetzner", 0..4, "up");
    world.at(14_400, "hetzner", 6..7, "500");
    world.run(4_700);
    assert_eq!(world.named(), ["hetzner"]);
    assert!(world.ongoing().is_empty());
    let ended = world.last().ended_at.unwrap().since(second(3_600)).as_secs();
    assert!(ended < 60, "{ended}");
    world.run(16_000);
    assert_eq!(world.last().sites.len(), 6);
    assert!(world.ongoing().is_empty());
}

/// Dyn, 21 October 2016: names of its customers, whoever serves them.
#[test]
fn dyn_2016_is_dyns_where_it_is_known_who_answers_for_the_names_and_else_nobodys() {
    for known in [true, false] {
        for role in [Role::Names, Role::Declared] {
            let mut world = watched(14, 23, 5);
            let mine = [("fastly", 0..3), ("aws", 0..6), ("", 0..7)];
            if known {
                world.depend(&mine, "dyn", role);
            }
            for (provider, range) in mine {
                world.at(0, provider, range, "servfail");
            }
            world.run(1_200);
            let want: &[&str] = if known { &["dyn"] } else { &[] };
            assert_eq!(world.named(), want, "{role:?}");
        }
    }
}

/// OVH, 10 March 2021: a fire; seven of sixteen sites are silent within two minutes.
#[test]
fn ovh_2021_is_named_where_seven_of_sixteen_fall_silent() {
    let mut world = EventWorld::new(&[("ovh", 16), ("aws", 14), ("cloudflare", 20), ("", 30)]);
    world.at(0, "ovh", 0..3, "silent");
    world.at(60, "ovh", 3..7, "silent");
    world.run(300);
    assert_eq!(world.named(), ["ovh"]);
    assert!(world.named_at() <= 180, "{}", world.named_at());
}

/// Let's Encrypt, 30 September 2021: a root expires, for those with the old chain.
#[test]
fn certificates_are_of_who_issued_them_and_of_nobody_where_one_serves_them_all() {
    let mut world = watched(14, 20, 5);
    let issued = [("aws", 0..10), ("cloudflare", 0..10), ("", 0..10)];
    world.depend(&issued, "letsencrypt", Role::Certificate);
    world.at(0, "aws", 0..3, "expired");
    world.at(0, "", 0..3, "expired");
    world.run(300);
    assert_eq!(world.named(), ["letsencrypt"]);
    let mut world = watched(14, 20, 5);
    world.depend(&issued, "letsencrypt", Role::Certificate);
    world.at(0, "cloudflare", 0..9, "expired");
    world.run(300);
    assert!(world.told.is_empty(), "{:?}", world.named());
}
