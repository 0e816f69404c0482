//! Whatever the failure looks like: most unrelated sites that turn bad with the same symptom.

use std::time::Duration;

use super::*;
use crate::{judge::network_health::route::hashed, restriction::Restriction};

/// Outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sees {
    Well,
    Status(u16),
    /// It fails so, and a machine answered.
    Fails(Failure),
    UnknownName,
    /// Nothing answers.
    Silent,
    TurnedAway,
    Portal,
    Page(u64),
    /// It is well, at an address where it was not before.
    Moved,
    /// It is silent there.
    Astray,
    /// Its certificate is refused, and is this one.
    Shows(u64),
    Slow,
}
use Sees::{
    Astray, Fails, Moved, Page, Portal, Shows, Silent, Slow, Status, TurnedAway, UnknownName, Well,
};

pub(super) fn route(n: u64) -> Route {
    Route { operator: 100 + n, site: 1 + n, ..PUBLIC }
}

/// The first of these are served by one provider.
fn served(n: u64, by_one: u64) -> Route {
    Route { relations: [u64::from(n < by_one) * 77, 0, 0], ..route(n) }
}

pub(super) fn seen(second: i64, sees: Sees) -> (Check, CheckNews) {
    let mut check = look(second, None);
    let mut news =
        CheckNews { failing: true, turned_away: true, slowing: true, ..CheckNews::default() };
    let failed = |failure, reached| look(second, Some((failure, reached)));
    match sees {
        Well | Moved => {}
        Status(status) => {
            check = failed(Failure::Http, Reached::Machine);
            check.outcome.http_status = Some(status);
        }
        Fails(failure) => check = failed(failure, Reached::Machine),
        UnknownName => check = failed(Failure::Dns, Reached::NameServer),
        Silent | Astray => check = failed(Failure::Timeout, Reached::Nothing),
        TurnedAway => {
            check.outcome.answer = Answer::Restricted(Restriction::of_status(403));
            check.outcome.http_status = Some(403);
        }
        Portal => news.answerer.leads_to = hashed("portal"),
        Page(page) => news.answerer.page = page,
        Shows(print) => {
            check = failed(Failure::Tls, Reached::Machine);
            news.answerer.refused_certificate = print;
        }
        Slow => news.slow = true,
    }
    if matches!(sees, Moved | Astray) {
        news.answerer.address = hashed("elsewhere");
    }
    (check, news)
}

pub(super) fn of(routes: &[Route]) -> NetworkHealth {
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
        (Silent, SelfDoubt::Intercepted),
        (Moved, SelfDoubt::Names),
        (Astray, SelfDoubt::Names),
        (Shows(7), SelfDoubt::Intercepted),
        (Status(503), SelfDoubt::Intercepted),
        (TurnedAway, SelfDoubt::Intercepted),
        (Portal, SelfDoubt::Intercepted),
        (Page(9), SelfDoubt::Intercepted),
        (Slow, SelfDoubt::Congested),
    ] {
        for (sites, most) in [(4, 4), (6, 4), (7, 4), (16, 9), (40, 10)] {
            let looks = vec![sees; most];
            assert_eq!(doubt(sites, 0, &looks), Some((why, at(10))), "{sees:?} at {sites}");
            if sees != Astray || most > 4 {
                assert_eq!(doubt(sites, 0, &looks[1..]), None, "one less of {sees:?} at {sites}");
            }
            // Related sites count once: whatever befalls a provider is the provider's.
            assert_eq!(doubt(sites, sites, &looks), None, "{sees:?} at one provider");
        }
        for few in 1..=3 {
            // Two names are enough that lead to one address where nothing is.
            let wanted = (sees == Astray && few > 1).then_some((why, at(10)));
            let is = doubt(few, 0, &vec![sees; few as usize]);
            assert_eq!(is, wanted, "{few} of {few}: {sees:?}");
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
        ("all but a quarter are silent", 16, 0, mixed(12, 4, Silent)),
        ("half at one new address", 16, 0, mixed(8, 8, Moved)),
        ("two of three, the third is well", 3, 0, vec![Status(503), Well, Status(503)]),
    ] {
        assert_eq!(doubt(sites, by_one, &looks), None, "{case}");
    }
    // A line that is cut but for the way to one of them.
    let looks = [vec![Silent, Well], vec![Silent; 8]].concat();
    assert_eq!(doubt(16, 0, &looks), Some((SelfDoubt::Intercepted, at(10))));
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
fn one_dead_address_or_one_certificate_for_all_makes_none_down_though_the_control_answers() {
    let routes: Vec<Route> = (0..16).map(route).collect();
    let kinds = [CanaryKind::Public, CanaryKind::KnownNames, CanaryKind::Connections];
    let kinds = || kinds.into_iter().chain([CanaryKind::Answers]);
    let play = |sees: fn(u64) -> Sees, failure| {
        let mut lines = of(&routes);
        let mut counted = 0;
        for (n, route) in (0..).zip(&routes) {
            let (check, news) = seen(10 + n, sees(n as u64));
            lines.take(&check, *route, news);
            for kind in kinds() {
                lines.take_canary_result(CanaryResult { kind, at: at(10 + n), answered: true });
            }
            let covers = lines.evidence(*route).covers(failure, at(10 + n), at(28 + n));
            counted += u32::from(covers);
        }
        let doubt = lines.evidence(routes[0]).doubt;
        for (n, route) in (0..).zip(&routes) {
            let (check, news) = seen(40 + n, Well);
            lines.take(&check, *route, news);
        }
        assert!(!lines.is_doubted());
        (doubt, counted)
    };
    let since = |why| Some((why, at(10)));
    assert_eq!(play(|_| Astray, Failure::Timeout), (since(SelfDoubt::Names), 0));
    // The first one alone has no other beside it; it is taken back.
    assert_eq!(play(|_| Shows(7), Failure::Tls), (since(SelfDoubt::Intercepted), 1));
    // An authority that is trusted no more: each has its own.
    assert_eq!(play(|n| Shows(7 + n), Failure::Tls), (None, 16));
}

#[test]
fn sites_that_fail_are_not_more_for_being_checked_again_sooner() {
    // A first start: every site in its turn within a minute, those that fail every 5 s after it.
    for (all, broken) in [(200, 55), (200, 90), (1_000, 300)] {
        let routes: Vec<Route> = (0..all).map(route).collect();
        let mut lines = of(&routes);
        let fails = |n: u64| n * broken / all != (n + 1) * broken / all;
        let turn = |n: u64| (n * 60_000 / all) as i64;
        let again = (0..all).filter(|n| fails(*n)).flat_map(|n| (1..6).map(move |k| (n, k)));
        let mut looks: Vec<(i64, u64)> = (0..all).map(|n| (turn(n), n)).collect();
        looks.extend(again.map(|(n, k)| (turn(n) + 5_000 * k, n)));
        looks.sort_unstable();
        for (millis, n) in looks {
            let status = Status([500, 502, 503][n as usize % 3]);
            let (mut check, news) = seen(0, if fails(n) { status } else { Well });
            check.at = at(0) + Duration::from_millis(millis as u64);
            lines.take(&check, routes[n as usize], news);
            assert!(!lines.is_doubted(), "{broken} of {all} after {millis} ms");
        }
    }
}

#[test]
fn the_only_name_that_leads_elsewhere_is_not_down_while_no_name_is_what_it_was() {
    let control =
        |second, answered| CanaryResult { kind: CanaryKind::KnownNames, at: at(second), answered };
    for (answered, want) in [(false, Some((SelfDoubt::Names, at(10)))), (true, None)] {
        let unnamed = (1..8).map(|n| Route { named: false, ..route(n) });
        let routes: Vec<Route> = [route(0)].into_iter().chain(unnamed).collect();
        let mut lines = of(&routes);
        lines.take_canary_result(control(1, true));
        for (n, sees, second) in [(1, Well, 9), (0, Astray, 10), (1, Well, 19)] {
            let (check, news) = seen(second, sees);
            lines.take(&check, routes[n], news);
        }
        let covers = |lines: &NetworkHealth| {
            lines.evidence(routes[0]).covers(Failure::Timeout, at(10), at(28))
        };
        assert!(!covers(&lines) && lines.wants_canaries(), "it waits for the control");
        lines.take_canary_result(control(20, answered));
        assert_eq!((lines.evidence(routes[0]).doubt, covers(&lines)), (want, answered));
        let (check, news) = seen(30, Well);
        lines.take(&check, routes[0], news);
        assert!(!lines.is_doubted(), "it is where it was");
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
