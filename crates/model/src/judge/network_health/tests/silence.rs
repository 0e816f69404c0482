//! Nothing answers at most sites: it is our own line for an hour, and then it is the sites.

use std::ops::Range;

use super::{
    alike::{
        Sees::{self, Astray, Silent, Well},
        of, route, seen,
    },
    *,
};
use crate::{
    judge::{Limits, Rules, SiteState, network_health::route::hashed},
    verdict::Status,
};

const HOUR: i64 = 3_600;

/// The second from which on the sites are silent, and a second at which the story ends.
const BEGINS: i64 = 600;
const ENDS: i64 = BEGINS + 2 * HOUR;

const LIMITS: Limits = Limits {
    fresh_for: Duration::from_secs(135),
    interval: Duration::from_mins(1),
    slow_after: None,
};

/// Sites that are looked at by turns, once a minute and sooner after a failure, as the service does.
struct Sites {
    network: NetworkHealth,
    routes: Vec<Route>,
    states: Vec<SiteState>,
    /// The second of the next look at each, and what the last one will show at which second.
    next: Vec<i64>,
    under_way: Vec<Option<(i64, i64, Sees)>>,
    asked: i64,
    /// Since when each is down, as told.
    down: Vec<Option<i64>>,
    /// Changes of the verdict on each.
    changes: Vec<usize>,
}

impl Sites {
    fn new(count: u64) -> Self {
        let routes: Vec<Route> = (0..count).map(route).collect();
        let empty = count as usize;
        Self {
            network: of(&routes),
            states: vec![SiteState::default(); empty],
            next: (0..count).map(|n| (n * 60 / count) as i64).collect(),
            under_way: vec![None; empty],
            asked: -60,
            down: vec![None; empty],
            changes: vec![0; empty],
            routes,
        }
    }

    fn is_down(&self, n: usize) -> bool {
        self.states[n].verdict.status == Status::Down
    }

    /// Ten seconds apart the controls are asked where there is need.
    fn ask(&mut self, second: i64) {
        if self.asked + 10 > second || !self.network.wants_canaries() && self.asked >= 0 {
            return;
        }
        self.asked = second;
        for kind in [CanaryKind::Public, CanaryKind::Connections, CanaryKind::Answers] {
            let result = CanaryResult { kind, at: at(second), answered: true };
            self.network.take_canary_result(result);
        }
    }

    fn note(&mut self, n: usize, second: i64, changes: usize) {
        if changes == 0 {
            return;
        }
        self.changes[n] += changes;
        if self.is_down(n) {
            self.down[n].get_or_insert(second);
        }
        let up: Vec<Route> =
            (0..self.routes.len()).filter(|n| !self.is_down(*n)).map(|n| self.routes[n]).collect();
        self.network.set_operators(OperatorCounts::of(&self.routes).counting(&up));
    }

    fn look(&mut self, n: usize, second: i64, sees: impl Fn(usize, i64) -> Sees) {
        let route = self.routes[n];
        if let Some((_, begun, saw)) = self.under_way[n].take_if(|(ends, ..)| *ends == second) {
            let (mut check, news) = seen(begun, saw);
            check.outcome.phases.connect = Some((second - begun) as u32 * 1_000_000);
            let news = CheckNews { failing: !self.is_down(n), ..news };
            self.network.take(&check, route, news);
            let (rules, evidence) = (Rules::default(), self.network.evidence(route));
            let effect = self.states[n].check_with_evidence(&check, &LIMITS, &rules, &evidence);
            self.next[n] = if effect.recheck { second + 5 } else { begun + 60 };
            self.note(n, second, effect.changes.len());
        }
        if self.next[n] == second {
            let saw = sees(n, second);
            let took = if saw == Well { 1 } else { 18 };
            self.under_way[n] = Some((second + took, second, saw));
        }
        let (region, now, rules) = (Region::default(), at(second), Rules::default());
        let evidence = self.network.evidence(route);
        let state = &mut self.states[n];
        let doubts = evidence.doubt.is_some() && state.trusts(&region);
        let taken = (doubts || state.awaits_evidence(&region))
            .then(|| state.take_evidence(&region, &evidence, now, &LIMITS, &rules))
            .flatten();
        let changes =
            usize::from(taken.is_some()) + usize::from(state.silence(now, &LIMITS).is_some());
        self.note(n, second, changes);
    }

    fn play(count: u64, sees: impl Fn(usize, i64) -> Sees) -> Self {
        let mut sites = Self::new(count);
        for second in 0..ENDS {
            sites.ask(second);
            for n in 0..count as usize {
                sites.look(n, second, &sees);
            }
        }
        sites
    }
}

#[test]
fn a_control_does_not_show_that_all_sites_are_silent_by_themselves_until_an_hour_has_passed() {
    let routes: Vec<Route> = (0..16).map(route).collect();
    let kinds = [CanaryKind::Public, CanaryKind::Connections];
    let control = |kind, second| CanaryResult { kind, at: at(second), answered: true };
    for (sees, answers, over) in
        [(Silent, true, true), (Silent, false, false), (Astray, false, true), (Astray, true, true)]
    {
        let mut lines = of(&routes);
        let turn = |lines: &mut NetworkHealth, minute: i64, sees| {
            let mut was_down = false;
            for (n, route) in (0..).zip(&routes) {
                for kind in kinds.into_iter().filter(|_| answers) {
                    lines.take_canary_result(control(kind, 60 * minute + n));
                }
                let (check, news) = seen(60 * minute + n, sees);
                lines.take(&check, *route, news);
                let of_site = lines.evidence(*route);
                let from = at(60 * minute + n);
                was_down |= of_site.covers(Failure::Timeout, from, from + Duration::from_secs(18));
            }
            was_down
        };
        for minute in 0..60 {
            assert!(!turn(&mut lines, minute, sees), "{sees:?} {answers} {minute}");
            assert!(lines.is_doubted(), "{sees:?} {answers} {minute}");
        }
        turn(&mut lines, 60, sees);
        let again = turn(&mut lines, 61, sees);
        assert_eq!(again, over && answers, "{sees:?} {answers}: they are silent by themselves");
        // They come back for a moment: it is the same trouble. Once they have been well for a good while, all
        // begins anew.
        for minute in 62..65 {
            turn(&mut lines, minute, Well);
            assert!(!lines.is_doubted());
        }
        assert_eq!(turn(&mut lines, 65, sees), over && answers, "{sees:?} {answers}");
        for minute in 66..78 {
            turn(&mut lines, minute, Well);
        }
        assert!(!turn(&mut lines, 78, sees), "{sees:?} {answers}");
        assert!(lines.is_doubted());
    }
}

/// Minutes since the trouble began.
fn minutes(second: i64) -> i64 {
    (second - BEGINS).div_euclid(60)
}

#[test]
fn sites_that_are_silent_beside_one_that_answers_are_doubted_for_an_hour_and_then_down() {
    for count in [5, 6, 8, 16] {
        for one in 0..count {
            let case = format!("site {one} of {count}");
            let sites =
                Sites::play(
                    count,
                    |n, second| {
                        if second < BEGINS || n as u64 == one { Well } else { Silent }
                    },
                );
            for (n, down) in sites.down.iter().enumerate() {
                if n as u64 == one {
                    let calm = sites.changes[n] < 4;
                    assert!(down.is_none() && calm, "{case}: {} changes", sites.changes[n]);
                } else {
                    let told = down.map(minutes);
                    assert!(told.is_some_and(|told| (60..64).contains(&told)), "{case}: {told:?}");
                }
            }
        }
    }
}

#[test]
fn a_line_that_lets_little_through_makes_none_down_within_the_hour_and_none_once_it_is_well() {
    for (case, sees) in [
        (
            "another one each minute",
            (|n, second| n as i64 == minutes(second) % 16) as fn(usize, i64) -> bool,
        ),
        ("one of twenty looks", |n, second| hashed((n, second)).is_multiple_of(20)),
        ("one of twelve looks", |n, second| hashed((n, second)).is_multiple_of(12)),
        ("every other minute one", |n, second| n == 3 && second / 60 % 2 == 0),
        ("two of sixteen", |n, _| n == 3 || n == 11),
        ("a minute well in ten", |_, second| minutes(second) % 10 == 9),
        ("two sites, each for a while", |n, second| n as i64 == minutes(second) / 20),
    ] {
        let sites = Sites::play(16, |n, second| {
            let trouble = (0..58).contains(&minutes(second));
            if trouble && !sees(n, second) { Silent } else { Well }
        });
        assert_eq!(sites.down, [None; 16], "{case}");
    }
}

/// A trouble of all sites but one: what they show in which minute, and the minutes within which they are told as down.
type Play = (&'static str, fn(i64) -> Sees, Range<i64>);

#[test]
fn one_trouble_is_doubted_for_one_hour_whatever_it_is_called() {
    let plays: [Play; 5] = [
        ("one dead address", |_| Astray, 60..64),
        ("an address, then silence", |minute| if minute < 30 { Astray } else { Silent }, 60..64),
        ("silence, then an address", |minute| if minute < 30 { Silent } else { Astray }, 60..64),
        ("well for a minute", |minute| if minute == 40 { Well } else { Silent }, 60..64),
        (
            "well for a good while",
            |minute| if (40..50).contains(&minute) { Well } else { Silent },
            110..115,
        ),
    ];
    for (case, shows, wanted) in plays {
        for one in [None, Some(7)] {
            let sites = Sites::play(16, |n, second| {
                if second < BEGINS || Some(n) == one { Well } else { shows(minutes(second)) }
            });
            for (n, down) in sites.down.iter().enumerate().filter(|(n, _)| Some(*n) != one) {
                let told = down.map(minutes);
                assert!(told.is_some_and(|told| wanted.contains(&told)), "{case}: {n} {told:?}");
            }
        }
    }
}
