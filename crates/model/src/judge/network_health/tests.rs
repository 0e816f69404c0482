//! Our own side: what proves a line, and when we doubt it.

mod alike;
mod silence;

use super::*;
use crate::{
    name::Region,
    outcome::{Answer, Outcome, Phases},
};

const PUBLIC: Route =
    Route { private: false, named: true, operator: 0, site: 0, relations: [0; 3] };

fn at(second: i64) -> Moment {
    Moment::from_millis(second * 1_000)
}

/// A look at this second that took a second: good, or failed after getting so far.
fn look(second: i64, failed: Option<(Failure, Reached)>) -> Check {
    let phases = Phases { connect: Some(1_000_000), ..Phases::default() };
    let mut outcome = Outcome {
        answer: Answer::Ok,
        http_status: None,
        phases,
        traces: Box::default(),
        observed: Box::default(),
    };
    if let Some((failure, reached)) = failed {
        outcome.answer = Outcome::failed(failure, "as told").answer;
        outcome.traces.reached = reached;
    }
    let (slug, region) = (Slug::new("a.example").unwrap(), Region::default());
    Check { slug, region, at: at(second), outcome, attempts: 1 }
}

fn lines(operators: usize) -> NetworkHealth {
    let mut lines = NetworkHealth::default();
    let routes: Vec<_> = (0..operators as u64).map(|n| Route { operator: n, ..PUBLIC }).collect();
    lines.set_operators(OperatorCounts::of(&routes));
    lines
}

#[test]
fn any_answer_proves_the_line_and_a_refusal_is_one() {
    use {Failure as F, Reached as R};
    for (failed, line, names) in [
        (None, true, true),
        (Some((F::Connect, R::Machine)), true, true),
        (Some((F::Http, R::Nothing)), true, true),
        (Some((F::Tls, R::Nothing)), true, true),
        (Some((F::Connect, R::Nothing)), false, true),
        (Some((F::Timeout, R::Nothing)), false, true),
        (Some((F::Dns, R::NameServer)), false, true),
        (Some((F::Dns, R::Nothing)), false, false),
    ] {
        let mut lines = lines(4);
        lines.take(&look(10, failed), PUBLIC, true);
        let evidence = lines.evidence(PUBLIC);
        let proven = (evidence.answered_at.is_some(), evidence.names_at.is_some());
        assert_eq!(proven, (line, names), "{failed:?}");
        // Any failure may be our own doing, until there is evidence against it.
        assert_eq!(lines.wants_canaries(), failed.is_some(), "{failed:?}");
    }
}

#[test]
fn name_servers_that_know_none_of_many_names_are_ours_that_fail() {
    let unknown = Some((Failure::Dns, Reached::NameServer));
    let route = |operator| Route { operator, site: operator, ..PUBLIC };
    let doubt = |operators: usize, told: &[Option<(Failure, Reached)>]| {
        let mut lines = lines(operators);
        for (n, failed) in told.iter().enumerate() {
            lines.take(&look(10 + n as i64, *failed), route(n as u64), true);
        }
        lines.evidence(PUBLIC).doubt
    };
    assert_eq!(doubt(1, &[unknown; 1]), None, "one name may be gone");
    assert_eq!(doubt(3, &[unknown; 3]), None, "three names may all be gone");
    assert_eq!(doubt(4, &[unknown; 4]), Some((SelfDoubt::Names, at(10))), "but not four at once");
    assert_eq!(doubt(9, &[unknown; 4]), None, "not most of them");
    assert_eq!(doubt(6, &[unknown; 4]), Some((SelfDoubt::Names, at(10))));
    assert_eq!(doubt(100, &[unknown; 10]), Some((SelfDoubt::Names, at(10))));
    // One name that is known, whatever became of it, and they can be believed.
    let refused = Some((Failure::Connect, Reached::Machine));
    assert_eq!(doubt(6, &[unknown, unknown, None, unknown, unknown]), None);
    assert_eq!(doubt(6, &[unknown, unknown, unknown, unknown, refused]), None);
}

#[test]
fn we_doubt_ourselves_when_most_fail_and_nothing_answers_not_even_the_controls() {
    let silence = Some((Failure::Timeout, Reached::Nothing));
    let control =
        |second, answered| CanaryResult { kind: CanaryKind::Public, at: at(second), answered };
    let route = |operator| Route { named: false, operator, ..PUBLIC };
    let doubted = |operators: usize, failing: u64, known: bool, answers: Option<bool>| {
        let mut lines = lines(operators);
        if known {
            lines.take_canary_result(control(1, true));
        }
        for n in 0..failing {
            lines.take(&look(10 + n as i64, silence), route(n), true);
        }
        if let Some(answered) = answers {
            lines.take_canary_result(control(40, answered));
        }
        lines.evidence(route(0)).doubt
    };
    let since = Some((SelfDoubt::Line, at(10)));
    assert_eq!(doubted(4, 3, false, Some(false)), since);
    assert_eq!(doubted(4, 2, false, Some(false)), None, "half is not most");
    assert_eq!(doubted(4, 2, true, Some(false)), since, "the controls used to answer");
    assert_eq!(doubted(4, 4, true, Some(true)), None, "they are really down");
    assert_eq!(doubted(4, 4, true, None), None, "nobody has been asked yet");
    let alone = Some((SelfDoubt::Alone, at(10)));
    assert_eq!(doubted(1, 1, false, Some(false)), alone, "they have never answered");
    assert_eq!(doubted(1, 1, true, Some(false)), since, "they used to answer");
    assert_eq!(doubted(1, 1, true, Some(true)), None);
    assert_eq!(doubted(1_000, 9, false, Some(false)), None);
    assert_eq!(doubted(1_000, 10, false, Some(false)), since);
}

#[test]
fn one_answer_ends_the_doubt_and_private_answers_prove_nothing_public() {
    let silence = Some((Failure::Timeout, Reached::Nothing));
    let mut lines = lines(1);
    let route = Route { named: false, ..PUBLIC };
    lines.take(&look(10, silence), route, true);
    lines.take_canary_result(CanaryResult {
        kind: CanaryKind::Public,
        at: at(22),
        answered: false,
    });
    lines.take(&look(30, None), Route { private: true, ..route }, true);
    assert!(lines.is_doubted());
    assert_eq!(lines.evidence(Route { private: true, ..route }).doubt, None);
    lines.take(&look(31, None), route, true);
    assert!(!lines.is_doubted());
}

#[test]
fn a_lone_private_site_that_is_silent_while_the_internet_answers_is_silent_by_itself() {
    let silence = Some((Failure::Timeout, Reached::Nothing));
    let public = Route { named: false, ..PUBLIC };
    let private = |operator| Route { private: true, operator, ..public };
    // Sites of either kind; what the public ones do; whether the public canaries answer.
    for (privates, publics, public_answers, controls, want, proven) in [
        (1, 5, Some(true), false, None, true),
        (1, 5, None, false, None, false),
        (1, 5, Some(false), false, Some(SelfDoubt::Alone), false),
        (1, 5, Some(false), true, None, true),
        (1, 0, None, true, None, true),
        (1, 0, None, false, Some(SelfDoubt::Alone), false),
        (3, 5, Some(true), true, Some(SelfDoubt::Alone), false),
        (3, 5, Some(false), false, Some(SelfDoubt::Line), false),
        (3, 0, None, false, Some(SelfDoubt::Alone), false),
    ] {
        let mut lines = NetworkHealth::default();
        let mut routes: Vec<_> = (0..privates).map(private).collect();
        routes.extend((10..10 + publics).map(|operator| Route { operator, ..public }));
        lines.set_operators(OperatorCounts::of(&routes));
        for route in routes.iter().filter(|route| route.private) {
            lines.take(&look(10, silence), *route, true);
        }
        for route in routes.iter().filter(|route| !route.private) {
            match public_answers {
                Some(true) => lines.take(&look(11, None), *route, true),
                Some(false) => lines.take(&look(11, silence), *route, true),
                None => {}
            }
        }
        lines.take_canary_result(CanaryResult {
            kind: CanaryKind::Private,
            at: at(12),
            answered: false,
        });
        lines.take_canary_result(CanaryResult {
            kind: CanaryKind::Public,
            at: at(13),
            answered: controls,
        });
        let evidence = lines.evidence(private(0));
        let case = format!("{privates} private, {publics} public: {public_answers:?} {controls}");
        assert_eq!(evidence.doubt.map(|(why, _)| why), want, "{case}");
        assert_eq!(evidence.covers(Failure::Timeout, at(10), at(28)), proven, "{case}");
    }
}
