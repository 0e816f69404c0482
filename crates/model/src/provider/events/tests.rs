//! Provider events: named when there is one cause, and not otherwise; the great outages as they
//! looked from outside.

use super::*;
use crate::{
    failure_detail::FailureDetail,
    outcome::{Cause, Failure},
    provider::{Dependency, Role},
};

mod bystanders;
mod overlaps;
mod owners;
mod stories;
mod tails;

/// A site of a world, and how it is.
struct TestOutage {
    slug: Slug,
    owner: String,
    dependencies: Vec<(&'static str, Role)>,
    status: Status,
    since: Option<Moment>,
    cause: Option<Cause>,
    doubted: bool,
}

/// A world of sites that change as a test says, second by second.
struct EventWorld {
    sites: Vec<TestOutage>,
    events: ProviderEventDetector,
    /// Changes of sites to come: when each is reported, and since when it holds.
    turns: BTreeMap<(i64, usize), (i64, &'static str)>,
    now: i64,
    /// The last second at which sites were looked at, if that is not now.
    seen_at: Option<i64>,
    /// All events reported, in order.
    told: Vec<(i64, ProviderEvent)>,
}

fn second(seconds: i64) -> Moment {
    Moment::from_millis(1_500_000_000_000 + seconds * 1_000)
}

fn minute(minutes: i64) -> Moment {
    second(minutes * 60)
}

/// The status and the cause of what a site does.
fn does(what: &str) -> (Status, Option<Cause>, bool) {
    let (failure, detail) = match what {
        "up" => return (Status::Up, None, false),
        "slow" => return (Status::Slow, None, false),
        "unknown" => return (Status::Unknown, None, false),
        "doubted" => return (Status::Unknown, None, true),
        "servfail" => (Failure::Dns, FailureDetail::NameServerError { code: 2 }),
        "expired" => {
            (Failure::Tls, FailureDetail::CertificateExpired { at: None, within_a_day: false })
        }
        "revoked" => (Failure::Tls, FailureDetail::CertificateRevoked),
        "refuse" => (Failure::Connect, FailureDetail::ConnectionRefused),
        "silent" => (Failure::Timeout, FailureDetail::ConnectionUnanswered),
        status => (Failure::Http, FailureDetail::http_status(status.parse().unwrap())),
    };
    (Status::Down, Some(Cause::new(failure, detail)), false)
}

impl EventWorld {
    /// A world with this many sites served by each provider, all up; sites of `""` have no known
    /// provider.
    fn new(providers: &[(&'static str, usize)]) -> Self {
        let mut sites = Vec::new();
        for (provider, count) in providers {
            for n in 0..*count {
                let serves = (!provider.is_empty()).then_some((*provider, Role::Serves));
                let name = format!("a{provider}-{n}.example");
                sites.push(TestOutage {
                    slug: Slug::new(&name).unwrap(),
                    owner: name,
                    dependencies: serves.into_iter().collect(),
                    status: Status::Up,
                    since: None,
                    cause: None,
                    doubted: false,
                });
            }
        }
        let (events, turns) = (ProviderEventDetector::default(), BTreeMap::new());
        Self { sites, events, turns, now: 0, seen_at: None, told: Vec::new() }
    }

    /// The sites of a provider from the `from`-th on depend on another as well.
    fn depend(&mut self, sites: &[(&str, std::ops::Range<usize>)], on: &'static str, role: Role) {
        for (provider, range) in sites {
            for n in self.of(provider, range.clone()) {
                self.sites[n].dependencies.push((on, role));
            }
        }
    }

    /// The sites of this owner at a provider are so many names below one.
    fn belong(&mut self, provider: &str, range: std::ops::Range<usize>, owner: &str) {
        for n in self.of(provider, range) {
            owner.clone_into(&mut self.sites[n].owner);
        }
    }

    fn of(&self, provider: &str, range: std::ops::Range<usize>) -> Vec<usize> {
        let begins = format!("a{provider}-");
        let mine =
            self.sites.iter().enumerate().filter(|(_, s)| s.slug.as_str().starts_with(&begins));
        mine.map(|(n, _)| n).skip(range.start).take(range.len()).collect()
    }

    /// Gives these sites of a provider this state from that second on: each is checked at its next
    /// time within the minute, and judged ten seconds later.
    fn at(&mut self, at: i64, provider: &str, range: std::ops::Range<usize>, what: &'static str) {
        for n in self.of(provider, range) {
            let since = at + (n as i64 * 23 + 5) % 60;
            let told = since + if what == "up" { 5 } else { 10 };
            self.turns.insert((told, n), (since, what));
        }
    }

    /// Lets time pass until that second.
    fn run(&mut self, until: i64) -> &mut Self {
        for now in self.now..until {
            let mut news = now + 1 == until;
            let turns: Vec<_> =
                self.turns.range((now, 0)..(now + 1, 0)).map(|(k, v)| (*k, *v)).collect();
            for ((_, n), (since, what)) in turns {
                let row = &mut self.sites[n];
                let before = row.status;
                (row.status, row.cause, row.doubted) = does(what);
                if row.status != before {
                    row.since = Some(second(since));
                }
                news = true;
            }
            // Observes as often as the provider monitor does, but less often while nothing happens.
            if news || now % 5 == 0 && self.events.waits() {
                self.look(now);
            }
        }
        self.now = until;
        self
    }

    fn look(&mut self, now: i64) {
        let signals: Vec<SiteSignal<'_>> = self
            .sites
            .iter()
            .map(|row| SiteSignal {
                slug: &row.slug,
                owner: &row.owner,
                dependencies: row
                    .dependencies
                    .iter()
                    .map(|(provider, role)| Dependency { provider, role: *role })
                    .collect(),
                status: row.status,
                since: row.since,
                checked_at: Some(second(self.seen_at.unwrap_or(now))),
                cause: row.cause.as_ref(),
                doubted: row.doubted,
            })
            .collect();
        let told = self.events.observe(&signals, second(now));
        self.told.extend(told.into_iter().map(|event| (now, event)));
    }

    /// Providers named, in order, whether or not the event was withdrawn later.
    fn named(&self) -> Vec<&str> {
        let first = self
            .told
            .iter()
            .filter(|(at, e)| second(*at) == e.noticed_at && e.withdrawn_at.is_none());
        let mut names: Vec<&str> = first.map(|(_, event)| &*event.provider).collect();
        names.dedup();
        names
    }

    fn named_at(&self) -> i64 {
        self.told[0].1.noticed_at.since(second(0)).as_secs() as i64
    }

    fn ongoing(&self) -> Vec<&str> {
        self.events.ongoing().map(|event| &*event.provider).collect()
    }

    fn last(&self) -> &ProviderEvent {
        &self.told.last().unwrap().1
    }
}

#[test]
fn more_than_a_thousand_sites_that_fall_together_are_one_event_found_in_time() {
    let mut world = EventWorld::new(&[("aws", 1_500), ("fastly", 2_000), ("", 500)]);
    world.at(0, "aws", 0..1_500, "503");
    world.run(150);
    assert_eq!(world.named(), ["aws"]);
    assert_eq!(world.last().sites.len(), 1_500);
}

#[test]
fn three_sites_that_fall_alike_and_four_times_the_share_elsewhere_make_one_cause() {
    for (sites, bad, others, fell, want) in [
        (3, 3, 5, 0, true),
        (3, 2, 5, 0, false),
        (8, 3, 5, 0, true),
        (8, 4, 5, 0, true),
        (7, 4, 2, 0, true),
        (23, 10, 15, 0, true),
        (16, 7, 50, 0, true),
        (40, 8, 50, 0, true),
        // One of many elsewhere is a bystander.
        (8, 4, 60, 1, true),
        // More of the others fail too: perhaps it is our own line.
        (40, 40, 50, 20, false),
        (8, 8, 4, 2, false),
        // No other sites to compare with.
        (8, 8, 0, 0, false),
        (8, 8, 1, 1, false),
    ] {
        for provider in ["aws", "fastly", "my-cloud"] {
            let mut world = EventWorld::new(&[(provider, sites), ("", others)]);
            world.at(0, provider, 0..bad, "503");
            world.at(0, "", 0..fell, "503");
            world.run(240);
            let named = world.named();
            assert_eq!(
                named == [provider],
                want,
                "{provider}: {bad} of {sites}, {fell} of {others}: {named:?}"
            );
            if want {
                let event = world.last();
                assert!(event.started_at.since(second(0)).as_secs() < 60);
                assert!(world.named_at() <= 150, "{}", world.named_at());
                assert_eq!(event.sites.len(), bad);
                let said = event.evidence.unwrap();
                assert_eq!((said.role, said.alike), (Role::Serves, Alike::Status(503)));
                assert_eq!((said.of, said.elsewhere_of), (sites as u32, others as u32));
            }
        }
    }
}

#[test]
fn sites_that_fall_far_apart_or_each_in_its_own_way_have_no_one_cause() {
    let mut world = EventWorld::new(&[("aws", 20), ("google", 14)]);
    for n in 0..4 {
        world.at(n as i64 * 660, "aws", n..n + 1, "503");
    }
    world.run(3_600);
    assert!(world.told.is_empty());
    let mut world = EventWorld::new(&[("aws", 30), ("google", 14)]);
    for (n, what) in ["503", "expired", "servfail", "slow", "404"].into_iter().enumerate() {
        world.at(n as i64 * 100, "aws", n..n + 1, what);
    }
    world.run(1_200);
    assert!(world.told.is_empty());
}

#[test]
fn slow_counts_against_slow_and_a_crowd_elsewhere_hides_nothing() {
    let mut world = EventWorld::new(&[("meta", 5), ("", 14)]);
    world.at(0, "", 0..6, "slow");
    world.at(60, "meta", 0..5, "503");
    world.run(600);
    assert_eq!(world.named(), ["meta"]);
    // Slow alone: half of them, and hardly anybody elsewhere.
    for (slow, elsewhere, want) in [(5, 0, true), (2, 0, false), (5, 7, false)] {
        let mut world = EventWorld::new(&[("meta", 5), ("", 14)]);
        world.at(0, "meta", 0..slow, "slow");
        world.at(0, "", 0..elsewhere, "slow");
        world.run(600);
        assert_eq!(world.named() == ["meta"], want, "{slow}, {elsewhere} elsewhere");
    }
}

#[test]
fn a_cloud_is_slow_whatever_the_cdns_before_it_still_serve() {
    let mut world = EventWorld::new(&[("ovh", 6), ("cloudflare", 20), ("", 14)]);
    world.depend(&[("cloudflare", 0..8)], "ovh", Role::Declared);
    world.at(0, "ovh", 0..4, "slow");
    world.run(600);
    assert_eq!(world.named(), ["ovh"]);
}

#[test]
fn a_site_joins_that_falls_with_the_others_and_alike_until_the_first_is_well() {
    let mut world = EventWorld::new(&[("aws", 12), ("google", 14)]);
    world.at(0, "aws", 0..5, "503");
    world.at(300, "aws", 5..6, "502");
    world.at(300, "aws", 6..7, "servfail");
    world.at(1_800, "aws", 0..1, "up");
    world.at(1_900, "aws", 8..9, "503");
    world.run(2_100);
    let names: Vec<_> = world.last().sites.iter().map(Slug::as_str).collect();
    assert_eq!(names.len(), 6, "{names:?}");
    assert!(names.contains(&"aaws-5.example") && !names.contains(&"aaws-6.example"));
}

#[test]
fn it_is_over_when_nearly_all_are_well_or_half_of_them_and_none_falls_for_an_hour() {
    let mut world = EventWorld::new(&[("aws", 8), ("google", 14)]);
    world.at(0, "aws", 0..8, "503");
    world.at(1_200, "aws", 0..6, "up");
    world.run(1_200 + 895);
    assert_eq!(world.ongoing(), ["aws"]);
    world.run(2_300);
    assert!(world.ongoing().is_empty());
    let ended = world.last().ended_at.unwrap().since(second(1_200)).as_secs();
    assert!(ended < 60, "{ended}");
    let mut world = EventWorld::new(&[("aws", 8), ("google", 14)]);
    world.at(0, "aws", 0..8, "503");
    world.at(1_200, "aws", 0..4, "up");
    world.run(3_500);
    assert_eq!(
        world.ongoing(),
        ["aws"],
        "half of them are down, and may come back with the others"
    );
    world.run(3_720);
    assert!(world.ongoing().is_empty());
    assert!(world.last().ended_at.unwrap().since(second(1_200)).as_secs() < 60);
}

#[test]
fn what_falls_in_waves_is_one_event() {
    let mut world = EventWorld::new(&[("cloudflare", 23), ("google", 14)]);
    for wave in 0..6 {
        world.at(wave * 1_200, "cloudflare", 0..10, "500");
        world.at(wave * 1_200 + 600, "cloudflare", 0..10, "up");
    }
    world.run(6_600);
    let first = world.named_at();
    assert_eq!((world.named(), first < 180), (vec!["cloudflare"], true));
    let events: BTreeSet<Moment> = world.told.iter().map(|(_, event)| event.started_at).collect();
    assert_eq!(events.len(), 1, "ten minutes of health between two waves do not end it");
}

#[test]
fn while_we_know_nothing_it_goes_on() {
    let mut world = EventWorld::new(&[("aws", 4), ("google", 4)]);
    world.at(0, "aws", 0..4, "503");
    world.run(300);
    world.at(1_500, "aws", 0..4, "unknown");
    world.run(5_000);
    assert_eq!(world.ongoing(), ["aws"]);
    world.sites.retain(|row| !row.slug.as_str().starts_with("aaws"));
    world.turns.clear();
    world.run(5_002);
    assert!(world.ongoing().is_empty(), "nobody watches them any more");
}

#[test]
fn while_we_doubt_ourselves_nobody_is_named_and_blame_of_that_time_is_taken_back() {
    let mut world = EventWorld::new(&[("aws", 6), ("google", 14)]);
    world.at(0, "google", 5..6, "doubted");
    world.at(0, "aws", 0..6, "503");
    world.run(600);
    assert!(world.told.is_empty());
    let mut world = EventWorld::new(&[("aws", 6), ("google", 14)]);
    world.at(0, "aws", 0..6, "503");
    world.at(180, "aws", 0..6, "doubted");
    world.at(180, "google", 0..14, "doubted");
    world.run(600);
    assert_eq!(world.named(), ["aws"]);
    assert!(world.ongoing().is_empty() && world.last().withdrawn_at.is_some());
    // Its sites were back when our own side failed.
    let mut world = EventWorld::new(&[("aws", 6), ("google", 14)]);
    world.at(0, "aws", 0..6, "503");
    world.at(300, "aws", 0..6, "up");
    world.at(400, "aws", 0..6, "doubted");
    world.at(400, "google", 0..14, "doubted");
    world.at(700, "aws", 0..6, "up");
    world.at(700, "google", 0..14, "up");
    world.run(3_000);
    assert!(world.last().withdrawn_at.is_none() && world.last().ended_at.is_some());
}

#[test]
fn blame_is_taken_back_when_others_fall_alike_after_all() {
    let mut world = EventWorld::new(&[("fastly", 8), ("akamai", 8), ("", 20)]);
    world.at(0, "fastly", 0..4, "503");
    world.at(200, "akamai", 0..4, "503");
    world.at(200, "", 0..6, "503");
    world.run(600);
    assert_eq!(world.named(), ["fastly"]);
    assert!(world.ongoing().is_empty(), "{:?}", world.ongoing());
    assert!(world.last().withdrawn_at.is_some());
}

#[test]
fn a_second_provider_can_fail_while_the_first_does_but_not_within_minutes_of_it() {
    let mut world = EventWorld::new(&[("aws", 8), ("google", 6), ("", 14)]);
    world.at(0, "aws", 0..8, "503");
    world.at(1_200, "google", 0..6, "503");
    world.run(1_500);
    assert_eq!(world.ongoing(), ["aws", "google"]);
    let mut world = EventWorld::new(&[("my-cloud", 8), ("meta", 6), ("", 14)]);
    world.at(0, "my-cloud", 0..8, "503");
    world.at(0, "meta", 0..6, "503");
    world.run(1_500);
    assert!(world.named().is_empty(), "two that begin together have one cause, which is neither");
}

#[test]
fn of_two_that_begin_together_the_one_behind_both_is_the_cause() {
    let mut world = EventWorld::new(&[("aws", 12), ("fastly", 8), ("cloudflare", 12), ("", 40)]);
    world.at(0, "aws", 0..9, "503");
    world.at(0, "fastly", 0..4, "502");
    world.at(0, "cloudflare", 0..4, "504");
    world.run(600);
    assert_eq!((world.named(), world.ongoing()), (vec!["aws"], vec!["aws"]));
    // The catalogue says what is behind: its sites behind the CDN count for the cloud.
    let mut world = EventWorld::new(&[("cloudflare", 20), ("hetzner", 1), ("", 40)]);
    world.depend(&[("cloudflare", 0..5)], "hetzner", Role::Declared);
    world.at(0, "cloudflare", 0..5, "522");
    world.run(600);
    assert_eq!(world.named(), ["hetzner"]);
    assert_eq!(world.last().evidence.unwrap().role, Role::Declared);
}

#[test]
fn what_an_earlier_run_left_goes_on() {
    let mut world = EventWorld::new(&[("aws", 4), ("google", 4)]);
    world.at(0, "aws", 0..4, "503");
    world.run(200);
    let told = world.last().clone();
    let over =
        ProviderEvent { provider: "google".into(), ended_at: Some(minute(0)), ..told.clone() };
    let wrong =
        ProviderEvent { provider: "ovh".into(), withdrawn_at: Some(minute(0)), ..told.clone() };
    world.events = ProviderEventDetector::new(ProviderRules::default(), [told, over, wrong]);
    for row in &mut world.sites {
        row.status = Status::Unknown;
    }
    world.run(205);
    for row in world.sites.iter_mut().filter(|row| row.cause.is_some()) {
        row.status = Status::Down;
    }
    world.run(5_400);
    assert_eq!(world.ongoing(), ["aws"]);
}

#[test]
fn an_event_of_an_older_journal_is_read() {
    let line = "{\"provider\":\"aws\",\"started_at\":\"2017-02-28T17:37:00.000Z\",\"noticed_at\":\"2017-02-28T17:38:00.000Z\",\"ended_at\":null,\"sites\":[]}";
    let event: ProviderEvent = serde_json::from_str(line).unwrap();
    assert_eq!((event.evidence, event.withdrawn_at), (None, None));
}
