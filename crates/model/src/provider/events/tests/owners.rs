//! Several sites of one owner fall together by that owner's own doing: who serves them is not to blame.

use super::*;

#[test]
fn an_owner_whose_sites_fall_together_is_no_evidence_against_who_serves_them() {
    for (provider, what) in
        [("fastly", "503"), ("cloudflare", "500"), ("aws", "silent"), ("aws", "slow")]
    {
        let mut world = EventWorld::new(&[(provider, 8), ("meta", 5), ("", 15)]);
        world.belong(provider, 0..5, "reddit.com");
        world.at(0, provider, 0..5, what);
        world.run(1_200);
        assert!(world.told.is_empty(), "{provider} {what}: {:?}", world.named());
        // Two others beside it: three customers.
        let mut world = EventWorld::new(&[(provider, 8), ("meta", 5), ("", 15)]);
        world.belong(provider, 0..5, "reddit.com");
        world.at(0, provider, 0..7, what);
        world.run(1_200);
        assert_eq!(world.named(), [provider], "{what}");
    }
}

#[test]
fn shops_of_one_name_in_several_countries_have_one_owner() {
    for (shops, named) in [
        (["amazon.com", "amazon.nl", "amazon.co.uk"], false),
        (["zalando.com", "amazon.nl", "bol.com"], true),
        // Short names are anybody's.
        (["nu.nl", "nu.com", "t.co"], true),
    ] {
        let mut world = EventWorld::new(&[("aws", 8), ("meta", 5), ("", 15)]);
        for (n, shop) in shops.into_iter().enumerate() {
            world.belong("aws", n..n + 1, shop);
        }
        world.at(0, "aws", 0..3, "503");
        world.run(600);
        assert_eq!(world.named() == ["aws"], named, "{shops:?}");
    }
}

#[test]
fn names_and_certificates_of_one_owner_are_no_evidence_against_their_operator() {
    for (role, what) in [(Role::Names, "servfail"), (Role::Certificate, "expired")] {
        for (owners, named) in [(1, false), (4, true)] {
            let mut world = EventWorld::new(&[("aws", 4), ("fastly", 4), ("", 12)]);
            let sites = [("aws", 0..4), ("fastly", 0..4)];
            world.depend(&sites, "godaddy", role);
            for (n, provider) in ["aws", "aws", "fastly", "fastly"].into_iter().enumerate() {
                let place = n % 2;
                let owner = format!("owner{}.example", n % owners);
                world.belong(provider, place..place + 1, &owner);
                world.at(0, provider, place..place + 1, what);
            }
            world.run(600);
            assert_eq!(world.named() == ["godaddy"], named, "{what} {owners}");
        }
    }
}

#[test]
fn a_provider_whose_own_names_fall_is_named_and_so_is_one_that_gives_names_to_its_customers() {
    for (provider, owner) in
        [("github", "github.com"), ("heroku", "herokuapp.com"), ("our-hosting", "example.com")]
    {
        let mut world = EventWorld::new(&[(provider, 5), ("", 15)]);
        world.belong(provider, 0..5, owner);
        world.at(0, provider, 0..4, "503");
        world.run(300);
        assert_eq!(world.named(), [provider]);
    }
}

#[test]
fn who_serves_sites_and_answers_for_their_names_by_trade_is_named_when_the_names_fall() {
    for (provider, named) in
        [("godaddy", true), ("dyn", true), ("cloudflare", true), ("fastly", false)]
    {
        let mut world = EventWorld::new(&[(provider, 6), ("", 12)]);
        // Half of them say so of their own accord.
        world.depend(&[(provider, 3..6)], provider, Role::Declared);
        world.at(0, provider, 0..6, "servfail");
        world.run(600);
        let all = world.told.last().map(|(_, event)| event.sites.len());
        assert_eq!(all == Some(6), named, "{provider}: {:?}", world.named());
    }
}

#[test]
fn sites_that_lost_their_names_first_and_then_fail_otherwise_fall_by_who_serves_them_then() {
    for (then, named) in [("502", true), ("servfail", false)] {
        let mut world = EventWorld::new(&[("aws", 8), ("", 15)]);
        world.at(0, "aws", 0..5, "servfail");
        world.run(300);
        assert!(world.told.is_empty(), "their names are nobody's that is known");
        world.at(300, "aws", 0..5, then);
        world.run(700);
        assert_eq!(world.named() == ["aws"], named, "{then}: {:?}", world.named());
        if named {
            assert_eq!(world.last().evidence.unwrap().alike, Alike::Status(502));
            assert!(world.last().started_at >= second(300));
        }
    }
}
