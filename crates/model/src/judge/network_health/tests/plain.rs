//! A box that answers or swallows plain HTTP alone: sites and controls with TLS say nothing of it.

use super::{
    alike::{
        Sees::{self, Fails, Page, Portal, Silent, Status, TurnedAway, UnknownName, Well},
        of, route, seen,
    },
    *,
};

/// What all plain and all secure sites see, in turns; the doubt of a plain and of a secure one after it and after
/// controls over TLS that answer.
fn doubts(plain: u64, all: u64, of_plain: Sees, of_secure: Sees) -> [Option<SelfDoubt>; 2] {
    let routes: Vec<Route> = (0..all).map(|n| Route { plain: n < plain, ..route(n) }).collect();
    let mut lines = of(&routes);
    // The turns of both kinds are mixed.
    let turns = (0..all).map(|n| (n * 7 % all) as usize);
    for (second, n) in (10..).zip(turns) {
        let sees = if (n as u64) < plain { of_plain } else { of_secure };
        let (mut check, news) = seen(second, sees);
        check.outcome.phases.tls = (n as u64 >= plain).then_some(1);
        lines.take(&check, routes[n], news);
    }
    for kind in [CanaryKind::Public, CanaryKind::Connections, CanaryKind::Answers] {
        lines.take_canary_result(CanaryResult { kind, at: at(60), answered: true });
    }
    let doubt = |n: u64| lines.evidence(routes[n as usize]).doubt.map(|(why, _)| why);
    [doubt(0), doubt(all - 1)]
}

#[test]
fn what_befalls_plain_http_alone_is_ours_whatever_controls_over_tls_say_and_no_other_site_is_doubted()
 {
    let ours = [Some(SelfDoubt::Intercepted), None];
    for sees in [
        Status(511),
        Fails(Failure::Connect),
        Fails(Failure::Reset),
        Fails(Failure::Body),
        Fails(Failure::Redirect),
        TurnedAway,
        Portal,
        Page(9),
        Silent,
    ] {
        for (plain, all) in [(4, 5), (5, 16), (9, 16)] {
            assert_eq!(doubts(plain, all, sees, Well), ours, "{sees:?}: {plain} of {all}");
        }
        assert_eq!(doubts(3, 16, sees, Well), [None; 2], "three may fail by themselves: {sees:?}");
        assert_eq!(doubts(8, 16, Well, sees), [None; 2], "half of the sites, with TLS: {sees:?}");
    }
    assert_eq!(doubts(5, 16, UnknownName, Well), [None; 2], "names are known or not, for both");
    // All fail alike, and the control over TLS says that it is not our side.
    assert_eq!(doubts(5, 16, Status(503), Status(503)), [None; 2]);
    assert_eq!(doubts(8, 16, Fails(Failure::Reset), Fails(Failure::Reset)), [None; 2]);
}

#[test]
fn what_lasts_for_an_hour_over_plain_http_is_the_sites_own() {
    let routes: Vec<Route> = (0..8).map(|n| Route { plain: n < 5, ..route(n) }).collect();
    let mut lines = of(&routes);
    let mut told = Vec::new();
    for minute in 0..70 {
        for (n, route) in (0..).zip(&routes) {
            let second = 60 * minute + n;
            let kinds = [CanaryKind::Public, CanaryKind::Connections, CanaryKind::Answers];
            for kind in kinds {
                lines.take_canary_result(CanaryResult { kind, at: at(second), answered: true });
            }
            let (check, news) = seen(second, if route.plain { Status(503) } else { Well });
            lines.take(&check, *route, news);
            let evidence = lines.evidence(*route);
            // The very first one has no other beside it, and is taken back.
            let alone = minute == 0 && n == 0;
            if route.plain && !alone && evidence.covers(Failure::Http, at(second), at(second + 9)) {
                told.push(minute);
            }
        }
    }
    assert!(told.first().is_some_and(|first| *first >= 60) && told.len() > 30, "{told:?}");
}
