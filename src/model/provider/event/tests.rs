//! Provider events: told when there is one cause, and not when there is not.

use super::*;

/// A world of sites, each with its provider, that change as a test says.
struct World {
    sites: Vec<(Slug, &'static str, Status, Option<Moment>)>,
    events: Events,
}

fn minute(minutes: i64) -> Moment {
    Moment::from_millis(1_500_000_000_000 + minutes * 60_000)
}

impl World {
    /// So many sites of each provider, all up.
    fn new(providers: &[(&'static str, usize)]) -> Self {
        let mut sites = Vec::new();
        for (provider, count) in providers {
            for n in 0..*count {
                let slug = Slug::new(&format!("a{provider}-{n}.example")).unwrap();
                sites.push((slug, *provider, Status::Up, None));
            }
        }
        Self { sites, events: Events::default() }
    }

    /// The first `count` sites of a provider have this status since that minute.
    fn turn(&mut self, provider: &str, count: usize, status: Status, at: i64) {
        let mine = self.sites.iter_mut().filter(|site| site.1 == provider);
        for site in mine.take(count) {
            (site.2, site.3) = (status, Some(minute(at)));
        }
    }

    fn look(&mut self, at: i64) -> Vec<Event> {
        self.look_at(minute(at))
    }

    fn look_at(&mut self, at: Moment) -> Vec<Event> {
        let sights: Vec<Sight<'_>> = self
            .sites
            .iter()
            .map(|(slug, provider, status, since)| Sight {
                slug,
                provider: (!provider.is_empty()).then_some(*provider),
                status: *status,
                since: *since,
            })
            .collect();
        self.events.observe(&sights, at)
    }

    fn ongoing(&self) -> Vec<&str> {
        self.events.ongoing().map(|event| &*event.provider).collect()
    }
}

use Status::{Down, Partial, Slow, Unknown, Up};

#[test]
fn half_of_the_sites_and_three_at_least_make_one_cause() {
    for (sites, bad, others, fell, want) in [
        (3, 3, 5, 0, true),
        (3, 2, 5, 0, false),
        (2, 2, 5, 0, false),
        (8, 4, 5, 0, true),
        (8, 3, 5, 0, false),
        (7, 4, 2, 0, true),
        (40, 19, 50, 0, false),
        (40, 20, 50, 10, true),
        // More of the others fail too: perhaps it is our own line.
        (40, 40, 50, 20, false),
        (8, 8, 4, 2, false),
        // Nobody else to compare with.
        (8, 8, 0, 0, false),
        (8, 8, 1, 1, false),
    ] {
        let mut world = World::new(&[("aws", sites), ("", others)]);
        world.turn("aws", bad, Down, 0);
        world.turn("", fell, Down, 1);
        let told = world.look(2);
        assert_eq!(!told.is_empty(), want, "{bad} of {sites}, {fell} of {others} others");
        if let [event] = &*told {
            assert_eq!((event.started_at, event.noticed_at), (minute(0), minute(2)));
            assert_eq!(event.sites.len(), bad);
        }
    }
}

#[test]
fn every_kind_of_bad_counts_and_what_we_do_not_know_does_not() {
    let mut world = World::new(&[("aws", 6), ("google", 4)]);
    world.turn("aws", 3, Slow, 0);
    world.turn("aws", 2, Partial, 0);
    world.turn("aws", 1, Down, 0);
    assert_eq!(world.look(1).len(), 1);
    let mut world = World::new(&[("aws", 6), ("google", 4)]);
    world.turn("aws", 6, Unknown, 0);
    assert!(world.look(1).is_empty());
    world.turn("aws", 2, Down, 0);
    assert!(world.look(2).is_empty(), "two of which we know are no half of six");
}

#[test]
fn sites_that_fail_far_apart_have_no_one_cause() {
    let mut world = World::new(&[("aws", 4), ("google", 4)]);
    for (count, at) in [(1, 0), (2, 11), (3, 22), (4, 33)] {
        let mine = world.sites.iter_mut().filter(|site| site.1 == "aws");
        for site in mine.take(count).filter(|site| site.2 == Up) {
            (site.2, site.3) = (Down, Some(minute(at)));
        }
        assert!(world.look(at + 1).is_empty());
    }
}

#[test]
fn a_slow_site_that_goes_down_turned_bad_when_it_became_slow() {
    let mut world = World::new(&[("aws", 3), ("google", 4)]);
    world.turn("aws", 1, Slow, 0);
    world.look(1);
    world.turn("aws", 3, Down, 60);
    assert!(world.look(61).is_empty(), "one of the three was bad an hour before");
}

#[test]
fn it_grows_while_it_lasts_and_ends_when_few_have_been_bad_for_a_while() {
    let mut world = World::new(&[("aws", 8), ("google", 4)]);
    world.turn("aws", 4, Down, 0);
    assert_eq!(world.look(1).len(), 1);
    assert!(world.look(2).is_empty(), "nothing is new");
    world.turn("aws", 6, Slow, 40);
    assert_eq!(world.look(41)[0].sites.len(), 6);
    world.turn("aws", 6, Up, 100);
    world.turn("aws", 1, Down, 100);
    assert!(world.look(101).is_empty());
    world.turn("aws", 2, Down, 103);
    assert!(world.look(103).is_empty(), "bad again: it is not over");
    world.turn("aws", 2, Up, 110);
    for at in 110..115 {
        assert!(world.look(at).is_empty());
        assert_eq!(world.ongoing(), ["aws"]);
    }
    let ended = world.look(115);
    assert_eq!(ended[0].ended_at, Some(minute(110)));
    assert!(world.ongoing().is_empty());
}

#[test]
fn the_end_is_when_enough_were_well_again_however_late_we_look() {
    for (sites, back, looked, want) in [
        // All but a quarter have to be well.
        (8, &[10, 12, 14, 16, 18, 20, 22, 24][..], 60, Some(20)),
        (8, &[10, 12, 14, 16, 18, 20], 60, Some(20)),
        (8, &[10, 12, 14, 16, 18], 60, None),
        (3, &[10, 12, 14], 60, Some(14)),
        (3, &[10, 12, 14], 18, None),
        (3, &[10, 12, 14], 19, Some(14)),
    ] {
        let mut world = World::new(&[("aws", sites), ("google", 4)]);
        world.turn("aws", sites, Down, 0);
        world.look(1);
        for (site, at) in world.sites.iter_mut().zip(back) {
            (site.2, site.3) = (Up, Some(minute(*at)));
        }
        let ended = world.look(looked).first().and_then(|event| event.ended_at);
        assert_eq!(ended, want.map(minute), "{back:?} of {sites}, seen at {looked}");
    }
}

#[test]
fn while_we_know_nothing_it_goes_on() {
    let mut world = World::new(&[("aws", 4), ("google", 4)]);
    world.turn("aws", 4, Down, 0);
    world.look(1);
    world.turn("aws", 4, Unknown, 10);
    for at in 10..40 {
        assert!(world.look(at).is_empty());
    }
    assert_eq!(world.ongoing(), ["aws"]);
    world.sites.retain(|site| site.1 != "aws");
    assert_eq!(world.look(41).len(), 1, "nobody watches them any more");
}

#[test]
fn a_second_provider_can_fail_while_the_first_does() {
    let mut world = World::new(&[("aws", 8), ("google", 4), ("", 4)]);
    world.turn("aws", 8, Down, 0);
    world.look(1);
    world.turn("google", 4, Down, 20);
    assert_eq!(world.look(21).len(), 1);
    assert_eq!(world.ongoing(), ["aws", "google"]);
}

#[test]
fn what_an_earlier_run_left_goes_on() {
    let mut world = World::new(&[("aws", 4), ("google", 4)]);
    world.turn("aws", 4, Down, 0);
    let told = world.look(1);
    let ended = Event { provider: "google".into(), ended_at: Some(minute(0)), ..told[0].clone() };
    world.events = Events::new(Rules::default(), [told[0].clone(), ended]);
    assert!(world.look(90).is_empty());
    assert_eq!(world.ongoing(), ["aws"]);
}

/// Numbers that look random and are the same every time (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }
}

/// Sites are looked at once a minute, each at its own second; a failure is confirmed by a look five
/// seconds later, and both may take ten seconds.
#[test]
fn a_provider_that_goes_is_seen_within_two_minutes() {
    let mut dice = Dice(7);
    for sites in [3, 4, 8, 23] {
        for _ in 0..50 {
            let mut world = World::new(&[("aws", sites), ("google", 9)]);
            let mut turns: Vec<i64> = (0..sites).map(|_| (dice.unit() * 60.0) as i64).collect();
            turns.sort_unstable();
            let mut seen = None;
            for (n, turn) in turns.into_iter().enumerate() {
                let (first, confirmed) = (turn * 1_000, (turn + 25) * 1_000);
                let at = |millis| Moment::from_millis(minute(0).millis() + millis);
                (world.sites[n].2, world.sites[n].3) = (Down, Some(at(first)));
                if seen.is_none() && !world.look_at(at(confirmed)).is_empty() {
                    seen = Some(confirmed / 1_000);
                }
            }
            assert!(seen.is_some_and(|seconds| seconds <= 120), "{sites} sites: {seen:?}");
        }
    }
}

/// A hundred years of ninety sites that each fail 36 times a year, for an hour on average,
/// each on its own.
#[test]
fn a_hundred_years_of_unrelated_outages_make_no_event() {
    const YEARS: f64 = 100.0;
    const YEAR: f64 = 525_600.0;
    let mut world = World::new(&[
        ("cloudflare", 23),
        ("google", 16),
        ("aws", 14),
        ("azure", 9),
        ("fastly", 8),
        ("meta", 6),
        ("apple", 5),
        ("akamai", 4),
        ("ovh", 3),
        ("", 2),
    ]);
    let mut dice = Dice(1);
    let mut turns: Vec<(i64, usize, bool)> = Vec::new();
    for site in 0..world.sites.len() {
        let mut at = 0.0;
        loop {
            at += dice.exponential(YEAR / 36.0);
            let long = dice.exponential(60.0).max(1.0);
            if at > YEARS * YEAR {
                break;
            }
            turns.extend([(at as i64, site, true), ((at + long) as i64, site, false)]);
            at += long;
        }
    }
    turns.sort_unstable();
    let (mut bad, mut looks) = (0, 0);
    for (at, site, fails) in turns {
        let status = if fails { Down } else { Up };
        (world.sites[site].2, world.sites[site].3) = (status, Some(minute(at)));
        bad = if fails { bad + 1 } else { bad - 1 };
        // Fewer bad sites than three open nothing.
        if fails && bad >= 3 {
            looks += 1;
            assert!(world.look(at).is_empty(), "a false event at minute {at}");
        }
        if !fails {
            let slug = world.sites[site].0.clone();
            world.events.onsets.remove(&slug);
        }
    }
    assert!(looks > 1_000, "{looks} looks are no test");
}
