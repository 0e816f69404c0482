//! The judge's rules, as tables of checks and as properties.

mod doubt;
mod flapping;
mod newcomers;
mod notes;
mod properties;
mod regions;
mod regions_apart;
mod slow;

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::{
    name::Slug,
    note::NoteKind,
    outcome::{Answer, Cause, Failure, Outcome, Phases},
    restriction::Restriction,
    verdict::SelfDoubt,
};

const LIMITS: Limits = Limits {
    fresh_for: Duration::from_secs(135),
    interval: Duration::from_mins(1),
    slow_after: None,
};

fn region(name: &str) -> Region {
    Region::new(name).unwrap()
}

/// Outcome of one check: `.` good, `,` good after a retry, `~` slow (2 s), `x` no connection, `d`
/// no name, `2` HTTP 502, `3` HTTP 503, `r` restricted.
fn outcome(kind: char) -> Outcome {
    let (answer, wait) = match kind {
        'x' => return Outcome::failed(Failure::Connect, "connection refused"),
        'd' => return Outcome::failed(Failure::Dns, "no such name"),
        '2' => return failed_with(502),
        '3' => return failed_with(503),
        'r' => (Answer::Restricted(Restriction::of_status(403)), 100_000),
        '~' => (Answer::Ok, 2_000_000),
        _ => (Answer::Ok, 100_000),
    };
    let phases = Phases { wait: Some(wait), ..Phases::default() };
    Outcome {
        answer,
        http_status: Some(200),
        phases,
        traces: Box::default(),
        observed: Box::default(),
    }
}

fn failed_with(status: u16) -> Outcome {
    let answer = Answer::Failed(Cause::http_status(status));
    Outcome { answer, ..Outcome::failed(Failure::Http, "as told") }
}

fn check(place: &str, minute: i64, kind: char) -> Check {
    Check {
        slug: Slug::new("slack.com").unwrap(),
        region: region(place),
        at: Moment::from_millis(minute * 60_000),
        outcome: outcome(kind),
        attempts: if kind == ',' { 2 } else { 1 },
    }
}

/// Checks of one region, a minute apart; a space is a minute without one.
fn run(kinds: &str) -> (SiteState, Vec<Change>) {
    let (mut state, mut changes) = (SiteState::default(), Vec::new());
    for (minute, kind) in kinds.chars().enumerate() {
        if kind == ' ' {
            changes.extend(state.silence(Moment::from_millis(minute as i64 * 60_000), &LIMITS));
        } else {
            changes.extend(
                state
                    .check(&check("local", minute as i64, kind), &LIMITS, &Rules::default())
                    .changes,
            );
        }
    }
    (state, changes)
}

fn minute(n: i64) -> Moment {
    Moment::from_millis(n * 60_000)
}

#[test]
fn the_last_verdict_after_a_row_of_checks() {
    for (checks, status, since) in [
        (".", Status::Up, 0),
        ("x", Status::Unknown, -1),
        ("xx", Status::Down, 0),
        ("xd", Status::Down, 0),
        ("..x", Status::Up, 0),
        ("..x.x.x", Status::Up, 0),
        (",,,,,,,,,,,,x.", Status::Up, 0),
        (",,,,,,,,,,,,xx", Status::Down, 12),
        ("..xx", Status::Down, 2),
        ("..xx.", Status::Down, 2),
        ("..xx.x.", Status::Down, 2),
        ("..xx..", Status::Up, 4),
        (".~", Status::Up, 0),
        (".~.~.", Status::Up, 0),
        ("..~~", Status::Up, 0),
        ("..~~~", Status::Slow, 2),
        // In its first hour it is not known whether that is usual.
        ("..~.~.~.~.~", Status::Up, 0),
        ("..~~~..", Status::Slow, 2),
        ("..~~~...", Status::Up, 5),
        ("..~~~.~...", Status::Slow, 2),
        ("..~~~.~.........", Status::Up, 7),
        ("..~~~xx", Status::Down, 5),
        ("..xx~~~", Status::Slow, 4),
        ("~", Status::Up, 0),
    ] {
        let (state, _) = run(checks);
        let want = (since >= 0).then(|| minute(since));
        assert_eq!((state.verdict.status, state.verdict.since), (status, want), "{checks:?}");
    }
}

#[test]
fn an_outage_begins_with_the_first_failed_check_and_ends_with_the_first_good_one() {
    let (state, changes) = run("..xxx..");
    assert_eq!(state.outage, None);
    let ended = &changes.last().unwrap().outages[0];
    assert_eq!((ended.started_at, ended.ended_at), (minute(2), Some(minute(5))));
    assert_eq!(ended.status, Status::Down);
    assert_eq!(ended.cause.as_ref().unwrap().failure, Failure::Connect);
    assert_eq!(ended.regions, [region("local")]);
}

#[test]
fn slow_that_becomes_down_is_two_outages_end_to_start() {
    let (_, changes) = run("..~~~xx");
    let outages = &changes.last().unwrap().outages;
    assert_eq!((outages[0].status, outages[0].ended_at), (Status::Slow, Some(minute(5))));
    assert_eq!((outages[1].status, outages[1].started_at), (Status::Down, minute(5)));
}

#[test]
fn the_cause_follows_when_two_checks_agree_on_another_failure() {
    let cause = |checks: &str| run(checks).0.verdict.cause.unwrap().failure;
    assert_eq!(cause("xxd"), Failure::Connect);
    assert_eq!(cause("xxdd"), Failure::Dns);
    let of = |checks: &str| {
        let (state, changes) = run(checks);
        let Verdict { cause, since, .. } = state.verdict;
        assert_eq!((since, state.outage.unwrap().cause), (Some(minute(2)), cause.clone()));
        (cause.unwrap(), changes.len())
    };
    assert_eq!(of("..dd22"), (Cause::http_status(502), 3), "names first, then an error");
    assert_eq!(of("..22333"), (Cause::http_status(503), 3), "another error");
    assert_eq!(of("..22323232"), (Cause::http_status(502), 2), "now this, now that");
}

#[test]
fn restricted_is_a_note_and_not_down() {
    let (state, changes) = run("...rrr");
    assert_eq!((state.verdict.status, state.verdict.restricted), (Status::Up, true));
    assert_eq!(state.verdict.since, Some(minute(0)));
    assert!(changes.last().unwrap().outages.is_empty());
}

#[test]
fn without_checks_the_verdict_is_unknown_from_when_evidence_ran_out() {
    let (state, changes) = run(". .    ");
    let ran_out = minute(2) + LIMITS.fresh_for;
    assert_eq!((state.verdict.status, state.verdict.since), (Status::Unknown, Some(ran_out)));
    assert_eq!(changes.last().unwrap().from, ran_out);
}

#[test]
fn a_gap_makes_nothing_better_or_worse() {
    let (state, changes) = run("..xx     x");
    assert_eq!(state.verdict.status, Status::Down);
    assert_eq!(state.outage.as_ref().unwrap().started_at, minute(2));
    assert_eq!(changes.last().unwrap().from, minute(9), "the gap stays a gap");
    let (state, _) = run("..x     x");
    assert_eq!(state.verdict.status, Status::Unknown, "one failure on each side confirms nothing");
    let (state, _) = run("..     .");
    assert_eq!((state.verdict.status, state.verdict.since), (Status::Up, Some(minute(7))));
}

#[test]
fn a_check_that_ends_an_unnoticed_gap_says_so_first() {
    let mut state = SiteState::default();
    let rules = Rules::default();
    state.check(&check("local", 0, '.'), &LIMITS, &rules);
    let step = state.check(&check("local", 60, '.'), &LIMITS, &rules);
    let words: Vec<_> = step.changes.iter().map(|c| c.verdict.status).collect();
    assert_eq!(words, [Status::Unknown, Status::Up]);
}

#[test]
fn an_unconfirmed_check_asks_for_another_look() {
    for (before, kind, again) in [
        ("..", '.', false),
        ("..", 'x', true),
        ("..x", 'x', false),
        ("..xx", 'x', false),
        ("..xx", '.', true),
        ("..xx.", '.', false),
        ("..", '~', true),
        ("..~~", '~', false),
        ("..~~~", '.', true),
    ] {
        let (mut state, _) = run(before);
        let next = check("local", before.len() as i64, kind);
        assert_eq!(
            state.check(&next, &LIMITS, &Rules::default()).recheck,
            again,
            "{before} {kind}"
        );
    }
}

#[test]
fn states_of_an_earlier_version_are_read() {
    let old = r#"{"verdict":{"status":"up","restricted":false,"since":"2026-11-01T00:00:00.000Z",
        "cause":null},"regions":[{"name":"local","last_at":"2026-11-24T00:00:00.000Z","status":"up",
        "since":"2026-11-01T00:00:00.000Z","restricted":false,"cause":null,"bad":null,
        "answered":{"first":"2026-11-01T00:00:00.000Z","count":9},"slow":null,
        "quick":{"first":"2026-11-01T00:00:00.000Z","count":9},"last_failure":null,
        "latencies":[1,2,3]}],"outage":null}"#;
    let state: SiteState = serde_json::from_str(old).unwrap();
    let last = state.checked_at().unwrap();
    assert_eq!(state.fresh_until(&LIMITS), Some(last + LIMITS.fresh_for));
}
