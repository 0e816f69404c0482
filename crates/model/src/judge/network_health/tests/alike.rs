//! Whatever the failure looks like: most unrelated sites that turn bad with the same symptom.

use super::*;
use crate::{judge::network_health::route::hashed, restriction::Restriction};

/// Outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sees {
    Well,
    Status(u16),
    /// It fails so, and a machine answered.
    Fails(Failure),
    UnknownName,
    TurnedAway,
    Portal,
    Page(u64),
    Slow,
}
use Sees::{Fails, Page, Portal, Slow, Status, TurnedAway, UnknownName, Well};

fn route(n: u64) -> Route {
    Route { operator: 100 + n, site: 1 + n, ..PUBLIC }
}

/// The first of these are served by one provider.
fn served(n: u64, by_one: u64) -> Route {
    Route { relations: [u64::from(n < by_one) * 77, 0], ..route(n) }
}

fn seen(second: i64, sees: Sees) -> (Check, CheckNews) {
    let mut check = look(second, None);
    let mut news =
        CheckNews { failing: true, turned_away: true, slowing: true, ..CheckNews::default() };
    let failed = |failure, reached| look(second, Some((failure, reached)));
    match sees {
        Well => {}
        Status(status) => {
            check = failed(Failure::Http, Reached::Machine);
            check.outcome.http_status = Some(status);
        }
        Fails(failure) => check = failed(failure, Reached::Machine),
        UnknownName => check = failed(Failure::Dns, Reached::NameServer),
        TurnedAway => {
            check.outcome.answer = Answer::Restricted(Restriction::of_status(403));
            check.outcome.http_status = Some(403);
        }
        Portal => news.answerer.leads_to = hashed("portal"),
        Page(page) => news.answerer.page = page,
        Slow => news.slow = true,
    }
    (check, news)
}

fn of(routes: &[Route]) -> NetworkHealth {
    let mut lines = NetworkHealth::default();
    lines.set_operators(OperatorCounts::of(routes));
    lines
}

/// The doubt after checks of these sites of this many, one a second; the first are served by one
/// provider.
fn doubt(sites: u64, by_one: u64, looks: &[Sees]) -> Option<(SelfDoubt, Moment)> {
    let routes: Vec<Route> = (0..sites).map(|n| served(n, by_one)).collect();
    let mut lines = of(&routes);
    for (n, sees) in looks.iter().enumerate() {
        let (check, news) = seen(10 + n as i64, *sees);
        lines.take(&check, routes[n], news);
    }
    lines.evidence(routes[routes.len() - 1]).doubt
}

#[test]
fn most_unrelated_sites_that_turn_bad_alike_are_our_own_side() {
    for (sees, why) in [
        (UnknownName, SelfDoubt::Names),
        (Fails(Failure::Connect), SelfDoubt::Intercepted),
        (Fails(Failure::Reset), SelfDoubt::Intercepted),
        (Fails(Failure::Tls), SelfDoubt::Intercepted),
        (Fails(Failure::Protocol), SelfDoubt::Intercepted),
        (Fails(Failure::Redirect), SelfDoubt::Intercepted),
        (Fails(Failure::Body), SelfDoubt::Intercepted),
        (Fails(Failure::Timeout), SelfDoubt::Line),
        (Status(503), SelfDoubt::Intercepted),
        (TurnedAway, SelfDoubt::Intercepted),
        (Portal, SelfDoubt::Intercepted),
        (Page(9), SelfDoubt::Intercepted),
        (Slow, SelfDoubt::Congested),
    ] {
        for (sites, most) in [(4, 4), (6, 4), (7, 4), (16, 9), (40, 10)] {
            let looks = vec![sees; most];
            assert_eq!(doubt(sites, 0, &looks), Some((why, at(10))), "{sees:?} at {sites}");
            assert_eq!(doubt(sites, 0, &looks[1..]), None, "one less of {sees:?} at {sites}");
            // Related sites count once: whatever befalls a provider is the provider's.
            assert_eq!(doubt(sites, sites, &looks), None, "{sees:?} at one provider");
        }
        for few in 1..=3 {
            assert_eq!(doubt(few, 0, &vec![sees; few as usize]), None, "{few} of {few}: {sees:?}");
        }
    }
}

#[test]
fn what_befalls_some_sites_is_their_own() {
    let mixed = |bad: usize, well: usize, sees: Sees| -> Vec<Sees> {
        let all = bad + well;
        (0..all).map(|n| if n * bad % all < bad { sees } else { Well }).collect()
    };
    for (case, sites, by_one, looks) in [
        ("half of the sites at no provider that we know", 16, 0, mixed(8, 8, Status(503))),
        ("ten of a hundred", 40, 10, [vec![Status(500); 10], vec![Well; 30]].concat()),
        ("ten of twenty-three at a CDN", 23, 10, [vec![Status(500); 10], vec![Well; 3]].concat()),
        ("all of a provider's, three of twelve", 12, 3, vec![Status(500); 3]),
        ("five of twenty names", 20, 5, [vec![UnknownName; 5], vec![Well; 15]].concat()),
        ("each in its own way", 3, 0, vec![Status(500), Status(503), Fails(Failure::Tls)]),
        ("pages that change by themselves", 16, 0, (1..17).map(Page).collect()),
        ("half slow", 16, 0, mixed(8, 8, Slow)),
        ("two of three, the third is well", 3, 0, vec![Status(503), Well, Status(503)]),
    ] {
        assert_eq!(doubt(sites, by_one, &looks), None, "{case}");
    }
    // When nearly all fail within minutes, and no site is up, the symptoms need not be the same.
    let kinds = [Status(500), Fails(Failure::Reset), Fails(Failure::Tls), UnknownName];
    let looks: Vec<Sees> = kinds.into_iter().cycle().take(9).collect();
    assert_eq!(doubt(16, 0, &looks), Some((SelfDoubt::Line, at(10))));
    let looks: Vec<Sees> = [vec![Well; 2], looks, vec![Well; 3]].concat();
    assert_eq!(doubt(16, 0, &looks[..11]), Some((SelfDoubt::Line, at(12))), "well before it");
    assert_eq!(
        doubt(16, 0, &looks[2..]),
        Some((SelfDoubt::Line, at(10))),
        "three are not half yet"
    );
}

#[test]
fn what_began_long_apart_or_was_so_before_is_not_one_trouble() {
    let routes: Vec<Route> = (0..4).map(route).collect();
    let mut lines = of(&routes);
    for (n, route) in routes.iter().enumerate() {
        let (check, news) = seen(10 + 200 * n as i64, Status(503));
        lines.take(&check, *route, news);
    }
    assert!(!lines.is_doubted(), "minutes apart");
    let mut lines = of(&routes);
    for route in &routes {
        let (check, news) = seen(10, Status(503));
        lines.take(&check, *route, CheckNews { failing: false, ..news });
        let (check, news) = seen(11, Slow);
        lines.take(&check, *route, CheckNews { slowing: false, ..news });
        let (check, news) = seen(12, TurnedAway);
        lines.take(&check, *route, CheckNews { turned_away: false, ..news });
    }
    assert!(!lines.is_doubted(), "it was so before");
}

#[test]
fn a_failure_waits_until_somebody_unrelated_was_looked_at() {
    let routes: Vec<Route> = (0..4).map(route).collect();
    let covers = |looks: &[(i64, usize, Sees)], site: usize, from: i64| {
        let mut lines = of(&routes);
        for (second, n, sees) in looks {
            let (check, news) = seen(*second, *sees);
            lines.take(&check, routes[*n], news);
        }
        let evidence = lines.evidence(routes[site]);
        (
            evidence.covers(Failure::Http, at(from), at(from + 9)),
            lines.wants_reference_sites(routes[site]),
        )
    };
    let bad = Status(503);
    assert_eq!(covers(&[(10, 0, bad)], 0, 10), (false, Some(at(10))));
    assert_eq!(covers(&[(9, 1, Well), (10, 0, bad)], 0, 10), (false, Some(at(10))), "too early");
    assert_eq!(covers(&[(10, 0, bad), (12, 1, Well)], 0, 10), (true, None));
    assert_eq!(covers(&[(10, 0, bad), (12, 1, Slow)], 0, 10), (true, None), "slow is not 503");
    assert_eq!(covers(&[(10, 0, bad), (30, 1, Well)], 0, 10), (false, None), "too late");
    let two = [(10, 0, bad), (11, 1, bad), (12, 2, Well)];
    assert_eq!(covers(&two, 0, 10), (false, Some(at(10))), "more fail than are well");
    let even = [(10, 0, bad), (11, 1, bad), (12, 2, Well), (13, 3, Well)];
    assert_eq!(covers(&even, 0, 10), (true, None));
    // Without evidence: it does not wait for ever.
    assert!(!covers(&[(10, 0, bad), (40, 0, bad)], 0, 40).0);
    assert!(covers(&[(10, 0, bad), (41, 0, bad)], 0, 41).0);
    // A single site has no other to be compared with.
    let mut alone = of(&routes[..1]);
    let (check, news) = seen(10, bad);
    alone.take(&check, routes[0], news);
    assert!(alone.evidence(routes[0]).covers(Failure::Http, at(10), at(19)));
}

#[test]
fn a_late_answer_is_held_against_the_pace_of_the_others() {
    let routes: Vec<Route> = (0..4).map(route).collect();
    let beside = |looks: &[(usize, Sees)]| {
        let mut lines = of(&routes);
        for (second, (n, sees)) in (10..).zip(looks) {
            let (check, news) = seen(second, *sees);
            lines.take(&check, routes[*n], news);
        }
        let evidence = lines.evidence(routes[0]);
        (evidence.pace, evidence.overloaded, lines.wants_reference_sites(routes[0]))
    };
    let quick: Vec<(usize, Sees)> = (0..9).map(|n| (1 + n % 3, Well)).collect();
    let late = (0, Slow);
    assert_eq!(beside(&[late]), (PeerPace::Open, false, Some(at(10))), "others are looked at");
    let before = [&quick[..], &[late]].concat();
    let since = PeerPace::QuickSince(at(10));
    assert_eq!(beside(&before), (since, false, None), "it has only begun");
    let after = [&[late][..], &quick[..], &[late]].concat();
    assert_eq!(beside(&after), (PeerPace::QuickSince(at(11)), false, None));
    let lucky = [late, (1, Well), (2, Slow), (3, Well), (1, Slow), (2, Well), (3, Slow), late];
    assert_eq!(beside(&lucky), (PeerPace::Late, true, None));
    // A quick one, or one that fails, has nothing to be held against.
    assert_eq!(beside(&[late, (0, Well)]).0, PeerPace::Alone);
    assert_eq!(beside(&[late, (0, Status(503))]).0, PeerPace::Alone);
}

#[test]
fn a_control_that_does_well_what_fails_says_that_it_is_not_us() {
    let clears = |sees: Sees, line: CanaryKind, second: i64| {
        let routes: Vec<Route> = (0..4).map(route).collect();
        let mut lines = of(&routes);
        for (n, route) in routes.iter().enumerate() {
            let (check, news) = seen(10 + n as i64, sees);
            lines.take(&check, *route, news);
        }
        assert!(lines.is_doubted() && lines.wants_canaries(), "{sees:?}");
        lines.take_canary_result(CanaryResult { kind: line, at: at(second), answered: false });
        assert!(lines.is_doubted(), "{sees:?}");
        lines.take_canary_result(CanaryResult { kind: line, at: at(second), answered: true });
        !lines.is_doubted()
    };
    for (sees, line) in [
        (UnknownName, CanaryKind::KnownNames),
        (Fails(Failure::Connect), CanaryKind::Connections),
        (Fails(Failure::Tls), CanaryKind::Answers),
        (Fails(Failure::Reset), CanaryKind::Answers),
        (Status(503), CanaryKind::Answers),
        (Portal, CanaryKind::Answers),
    ] {
        assert!(clears(sees, line, 15), "{sees:?} {line:?}");
        assert!(!clears(sees, line, 9), "too early: {sees:?} {line:?}");
        let others = [
            CanaryKind::Public,
            CanaryKind::Names,
            CanaryKind::KnownNames,
            CanaryKind::Connections,
            CanaryKind::Answers,
        ];
        for other in others.into_iter().filter(|other| *other != line) {
            assert!(!clears(sees, other, 15), "{sees:?} {other:?}");
        }
    }
    for line in [CanaryKind::Public, CanaryKind::Connections, CanaryKind::Answers] {
        assert!(!clears(Slow, line, 15), "one quick control is no evidence: {line:?}");
    }
}

#[test]
fn a_doubt_ends_when_later_looks_do_not_show_what_made_it() {
    let routes: Vec<Route> = (0..16).map(route).collect();
    for (sees, wanted) in [(Status(503), 4), (Portal, 4), (Slow, 12)] {
        let mut lines = of(&routes);
        for (n, route) in routes.iter().enumerate() {
            let (check, news) = seen(10 + n as i64, sees);
            lines.take(&check, *route, news);
        }
        // One that is up among others that are not.
        let (check, news) = seen(30, Well);
        lines.take(&check, routes[0], news);
        let (check, news) = seen(31, sees);
        lines.take(&check, routes[0], news);
        assert!(lines.is_doubted(), "{sees:?}");
        for (n, route) in routes.iter().enumerate().skip(1).take(wanted) {
            assert!(lines.is_doubted(), "{n} of {sees:?}");
            let (check, news) = seen(40 + n as i64, Well);
            lines.take(&check, *route, news);
        }
        assert!(!lines.is_doubted(), "{sees:?}");
        // A symptom that stays is the site's own, and no evidence for others.
        let (check, news) = seen(60, sees);
        lines.take(&check, routes[15], news);
        assert!(!lines.is_doubted(), "{sees:?}");
    }
}

#[test]
fn of_few_sites_a_control_tells_whether_it_is_us_and_without_one_a_failure_counts() {
    for (sees, line) in [
        (Fails(Failure::Connect), CanaryKind::Connections),
        (Fails(Failure::Tls), CanaryKind::Answers),
        (Status(503), CanaryKind::Answers),
    ] {
        let routes = [route(0), route(1)];
        let mut lines = of(&routes);
        for (control, wanted) in [(None, false), (Some(true), false), (Some(false), true)] {
            lines.take_canary_result(CanaryResult {
                kind: line,
                at: at(1),
                answered: control.is_some(),
            });
            let (check, news) = seen(10, sees);
            lines.take(&check, routes[0], news);
            let counts = lines.evidence(routes[0]).covers(Failure::Http, at(10), at(19));
            assert_eq!(counts, control.is_none(), "{sees:?}: it waits for a control that can tell");
            lines.take_canary_result(CanaryResult {
                kind: line,
                at: at(12),
                answered: control != Some(false),
            });
            assert_eq!(lines.is_doubted(), wanted, "{sees:?} {control:?}");
            lines = of(&routes);
        }
    }
}

#[test]
fn the_only_name_is_not_gone_when_our_name_servers_no_longer_know_what_is_always_there() {
    let control =
        |second, answered| CanaryResult { kind: CanaryKind::KnownNames, at: at(second), answered };
    let since = Some((SelfDoubt::Names, at(10)));
    for (before, after, then, want) in [
        (Some(true), Some(false), None, since),
        (Some(true), Some(true), None, None),
        (None, Some(false), None, None),
        (Some(true), None, None, None),
        (Some(true), Some(false), Some(true), None),
    ] {
        let mut lines = of(&[route(0), Route { named: false, ..route(1) }]);
        lines.take_canary_result(control(1, before.unwrap_or(false)));
        let (check, news) = seen(10, UnknownName);
        lines.take(&check, route(0), news);
        assert_eq!(lines.wants_canaries(), before.is_some(), "it is asked where it can tell");
        for (second, answered) in [(12, after), (14, then)] {
            if let Some(answered) = answered {
                lines.take_canary_result(control(second, answered));
            }
        }
        assert_eq!(lines.evidence(route(0)).doubt, want, "{before:?}, {after:?}, {then:?}");
    }
}
