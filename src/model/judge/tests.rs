//! The judge's rules, as tables of checks and as properties.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::model::{
    name::Slug,
    outcome::{Answer, Failure, Outcome, Phases},
    verdict::Doubt,
};

const LIMITS: Limits = Limits {
    fresh_for: Duration::from_secs(135),
    interval: Duration::from_mins(1),
    slow_after: None,
};

fn region(name: &str) -> Region {
    Region::new(name).unwrap()
}

/// What one check saw: `.` good, `~` slow (2 s), `x` no connection, `d` no name, `r` restricted.
fn outcome(kind: char) -> Outcome {
    let (answer, wait) = match kind {
        'x' => return Outcome::failed(Failure::Connect, "connection refused"),
        'd' => return Outcome::failed(Failure::Dns, "no such name"),
        'r' => (Answer::Restricted("HTTP 403".into()), 100_000),
        '~' => (Answer::Ok, 2_000_000),
        _ => (Answer::Ok, 100_000),
    };
    let phases = Phases { wait: Some(wait), ..Phases::default() };
    Outcome { answer, http_status: Some(200), phases, traces: Box::default() }
}

fn check(place: &str, minute: i64, kind: char) -> Check {
    Check {
        slug: Slug::new("slack.com").unwrap(),
        region: region(place),
        at: Moment::from_millis(minute * 60_000),
        outcome: outcome(kind),
        attempts: 1,
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
        ("..xx", Status::Down, 2),
        ("..xx.", Status::Down, 2),
        ("..xx.x.", Status::Down, 2),
        ("..xx..", Status::Up, 4),
        (".~", Status::Up, 0),
        (".~.~.", Status::Up, 0),
        ("..~~", Status::Up, 0),
        ("..~~~", Status::Slow, 2),
        ("..~.~.~.~.~", Status::Slow, 2),
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
}

#[test]
fn restricted_is_a_note_and_not_down() {
    let (state, changes) = run("..r");
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
fn slow_is_measured_by_what_is_usual_above_the_floor_or_by_what_the_site_says() {
    let rules = Rules { slow_floor: Duration::from_millis(50), ..Rules::default() };
    let verdict = |latency: u32, limits: &Limits| {
        let mut state = SiteState::default();
        for n in 0..67 {
            let mut check = check("local", n, '.');
            let wait = if n < 64 { 100_000 } else { latency };
            check.outcome.phases.wait = Some(wait);
            state.check(&check, limits, &rules);
        }
        state.verdict.status
    };
    assert_eq!(verdict(299_000, &LIMITS), Status::Up);
    assert_eq!(verdict(301_000, &LIMITS), Status::Slow);
    let set = Limits { slow_after: Some(Duration::from_millis(150)), ..LIMITS };
    assert_eq!(verdict(150_000, &set), Status::Up);
    assert_eq!(verdict(150_001, &set), Status::Slow);
}

/// The verdict after each of these latencies, a minute apart, in milliseconds.
fn paces(latencies: impl IntoIterator<Item = u32>) -> Vec<(Status, Option<Moment>)> {
    let mut state = SiteState::default();
    let each = latencies.into_iter().enumerate().map(|(n, latency)| {
        let mut check = check("local", n as i64, '.');
        check.outcome.phases.wait = Some(latency * 1_000);
        state.check(&check, &LIMITS, &Rules::default());
        (state.verdict.status, state.verdict.since)
    });
    each.collect()
}

#[test]
fn a_site_that_is_slow_from_the_first_stays_so_for_an_hour_and_then_its_own_usual_decides() {
    let said = paces(vec![3_000; 120]);
    let slow = (Status::Slow, Some(minute(0)));
    assert!(said[2..61].iter().all(|now| *now == slow), "{said:?}");
    assert_eq!(said[63].0, Status::Up);
    assert!(said[64..].iter().all(|now| *now == said[63]), "it is settled then");
    // Once it is quick, it is quick at once, hour or not.
    let said = paces([3_000; 20].into_iter().chain([200; 3]));
    assert_eq!(said.last().unwrap(), &(Status::Up, Some(minute(20))));
}

#[test]
fn a_quick_site_that_becomes_ten_times_slower_is_found_in_its_first_hour_and_later() {
    for quick in [1, 5, 20, 50, 59, 60, 61, 90, 600] {
        let said = paces(vec![200; quick].into_iter().chain([2_000; 3]));
        assert_eq!(said.last().unwrap(), &(Status::Slow, Some(minute(quick as i64))), "{quick}");
        let one = paces(vec![200; quick].into_iter().chain([2_000]).chain([200; 20]));
        assert!(one.iter().all(|(status, _)| *status == Status::Up), "one slow answer: {quick}");
    }
}

#[test]
fn down_needs_more_than_half_of_the_fresh_regions() {
    let verdict = |kinds: &[(&str, &str)]| {
        let mut state = SiteState::default();
        for minute in 0..4 {
            for (place, kinds) in kinds {
                if let Some(kind) = kinds.chars().nth(minute as usize).filter(|k| *k != ' ') {
                    state.check(&check(place, minute, kind), &LIMITS, &Rules::default());
                }
            }
        }
        state.verdict
    };
    let partial = verdict(&[("ams", "...."), ("nyc", "...."), ("syd", "..xx")]);
    assert_eq!((partial.status, partial.since), (Status::Partial, Some(minute(2))));
    let changes = |kinds: &[(&str, &str)]| {
        let mut state = SiteState::default();
        let each = (0..9).flat_map(|minute| kinds.iter().map(move |(place, k)| (minute, place, k)));
        let checks = each.map(|(m, place, k)| check(place, m, k.as_bytes()[m as usize].into()));
        let all = checks.flat_map(|c| state.check(&c, &LIMITS, &Rules::default()).changes);
        all.flat_map(|change| change.outages).collect::<Vec<_>>()
    };
    let outages = changes(&[("ams", ".xxx....."), ("nyc", ".xxxx...."), ("syd", ".xxxxxx..")]);
    let ended: Vec<_> = outages.iter().filter_map(|o| Some((o.status, o.ended_at?))).collect();
    assert_eq!(ended[ended.len() - 2..], [(Status::Down, minute(5)), (Status::Partial, minute(7))]);
    let half = verdict(&[("ams", "...."), ("syd", "..xx")]);
    assert_eq!(half.status, Status::Partial);
    let down = verdict(&[("ams", "...."), ("nyc", ".xxx"), ("syd", "..xx")]);
    assert_eq!((down.status, down.since), (Status::Down, Some(minute(2))));
    let stale = verdict(&[("ams", ".   "), ("syd", "..xx")]);
    assert_eq!(stale.status, Status::Down, "a silent region leaves the vote");
}

fn checks() -> impl Strategy<Value = Vec<Check>> {
    let kind =
        prop_oneof![5 => Just('.'), 2 => Just('x'), 1 => Just('d'), 2 => Just('~'), 1 => Just('r')];
    let place = prop_oneof![Just("ams"), Just("nyc"), Just("syd")];
    prop::collection::vec((kind, place, 1_i64..5), 0..60).prop_map(|all| {
        let mut at = 0;
        let each = all.into_iter().map(|(kind, place, gap)| {
            at += gap;
            check(place, at, kind)
        });
        each.collect()
    })
}

fn fold(state: &mut SiteState, checks: &[Check]) -> Vec<Change> {
    let steps = checks.iter().flat_map(|c| state.check(c, &LIMITS, &Rules::default()).changes);
    steps.collect()
}

proptest! {
    #[test]
    fn judging_a_prefix_and_then_the_rest_is_judging_all(checks in checks(), cut in 0_usize..60) {
        let (mut whole, mut parts) = (SiteState::default(), SiteState::default());
        let all = fold(&mut whole, &checks);
        let cut = cut.min(checks.len());
        let mut pieces = fold(&mut parts, &checks[..cut]);
        let kept = serde_json::to_string(&parts).unwrap();
        let mut parts: SiteState = serde_json::from_str(&kept).unwrap();
        pieces.extend(fold(&mut parts, &checks[cut..]));
        prop_assert_eq!(all, pieces);
        prop_assert_eq!(&whole, &parts);
        prop_assert_eq!(fold(&mut parts, &checks), vec![], "reading it all twice changes nothing");
    }

    #[test]
    fn nothing_without_evidence_is_up(checks in checks(), after in 1_i64..600) {
        let mut state = SiteState::default();
        fold(&mut state, &checks);
        let last = state.checked_at().unwrap_or_default();
        state.silence(last + LIMITS.fresh_for + Duration::from_millis(after as u64), &LIMITS);
        prop_assert_eq!(state.verdict.status, Status::Unknown);
    }

    #[test]
    fn outages_follow_one_another_and_changes_go_forward(checks in checks()) {
        let mut state = SiteState::default();
        let changes = fold(&mut state, &checks);
        for pair in changes.windows(2) {
            prop_assert!(pair[0].at <= pair[1].at);
        }
        let touched = changes.iter().flat_map(|c| &c.outages);
        for outage in touched.filter(|o| o.ended_at.is_some()) {
            prop_assert!(outage.ended_at >= Some(outage.started_at));
        }
        prop_assert_eq!(state.outage.is_some_and(|o| o.ended_at.is_some()), false);
    }
}

#[test]
fn a_site_that_keeps_changing_is_one_outage_until_it_has_been_good_for_a_good_while() {
    let (state, _) = run("..xx..xx.....");
    assert_eq!((state.verdict.status, state.verdict.unstable), (Status::Down, true));
    let (state, changes) = run("..xx..xx..x...xx.x......");
    assert_eq!((state.verdict.status, state.verdict.unstable), (Status::Up, false));
    assert_eq!(state.verdict.since, Some(minute(18)));
    let ended = &changes.last().unwrap().outages[0];
    assert_eq!((ended.started_at, ended.ended_at), (minute(6), Some(minute(18))));
    let (state, _) = run(&format!("..xx..{}xx..", ".".repeat(31)));
    assert_eq!(state.verdict.status, Status::Up, "an hour later it is news");
}

/// Checks of one region every five seconds; `,` is good, but only after a retry.
fn run_every_five_seconds(kinds: &str) -> (SiteState, Vec<Change>) {
    let limits = Limits { interval: Duration::from_secs(5), ..LIMITS };
    let (mut state, mut changes) = (SiteState::default(), Vec::new());
    for (turn, kind) in kinds.chars().enumerate() {
        let mut check = check("local", 0, kind);
        check.at = Moment::from_millis(turn as i64 * 5_000);
        check.attempts = if kind == ',' { 2 } else { 1 };
        changes.extend(state.check(&check, &limits, &Rules::default()).changes);
    }
    (state, changes)
}

#[test]
fn an_unstable_site_is_back_after_five_turns_or_a_minute_and_since_its_first_good_check() {
    // Failing for 25 seconds of each minute.
    let minutes = "xxxxx.......".repeat(4);
    let (state, changes) = run_every_five_seconds(&minutes);
    assert_eq!((state.verdict.status, state.verdict.unstable), (Status::Down, true));
    assert_eq!(changes.len(), 3, "down, back, and then down for as long as it goes on");
    let turn = |turn: i64| Moment::from_millis(turn * 5_000);
    // What comes then, the first good check after the last failure, and the one that settles it.
    for (then, first, settles) in [("", 41, 53), ("x", 49, 61), ("x,", 49, 62)] {
        let all = format!("{minutes}{then}{}", ".".repeat(20));
        let (state, changes) = run_every_five_seconds(&all);
        assert_eq!((state.verdict.status, state.verdict.unstable), (Status::Up, false));
        assert_eq!(state.verdict.since, Some(turn(first)), "{then:?}");
        let last = changes.last().unwrap();
        assert_eq!((last.at, last.from), (turn(settles), turn(first)), "{then:?}");
        assert_eq!(last.outages[0].ended_at, Some(turn(first)), "{then:?}");
    }
}

#[test]
fn a_first_outage_is_over_after_two_good_checks_however_long_it_was() {
    for bad in [2, 5, 60] {
        let (state, _) = run_every_five_seconds(&format!("....{}..", "x".repeat(bad)));
        assert_eq!(state.verdict.status, Status::Up, "{bad}");
    }
}

#[test]
fn half_of_the_checks_failing_is_down_though_no_two_in_a_row_do() {
    let (state, _) = run("....x.x.x.x.x.x");
    assert_eq!((state.verdict.status, state.verdict.unstable), (Status::Down, true));
    assert_eq!(state.verdict.since, Some(minute(4)));
}

#[test]
fn a_failure_counts_only_when_our_own_line_is_proven_for_its_time() {
    let rules = Rules::default();
    let seconds = |n: u64| minute(3) + Duration::from_secs(n);
    let judged = |answered: &[Option<Moment>]| {
        let (mut state, _) = run("...");
        for (n, answered_at) in answered.iter().enumerate() {
            let proof = Proof { answered_at: *answered_at, ..Proof::default() };
            let mut failed = check("local", 3, 'x');
            failed.at = seconds(10 * n as u64);
            state.check_proven(&failed, &LIMITS, &rules, &proof);
        }
        state
    };
    let status = |answered: &[Option<Moment>]| judged(answered).verdict.status;
    assert_eq!(status(&[None, None, None]), Status::Up, "held, until the evidence runs out");
    assert_eq!(status(&[Some(seconds(0)), Some(seconds(10))]), Status::Down);
    assert_eq!(status(&[Some(seconds(0)), Some(seconds(8)), Some(seconds(8))]), Status::Up);
    // Proof that comes after the check, but soon enough.
    let mut late = judged(&[Some(seconds(0)), Some(seconds(0))]);
    assert!(late.waits(&region("local")));
    let proof = Proof { answered_at: Some(seconds(17)), ..Proof::default() };
    let change = late.proof(&region("local"), &proof, seconds(17), &LIMITS, &rules).unwrap();
    assert_eq!((change.verdict.status, change.from), (Status::Down, seconds(0)));
    // What nothing proves is unknown, and the sentence says that we doubt ourselves.
    let mut held = judged(&[None]);
    let change = held.silence(minute(10), &LIMITS).unwrap();
    assert_eq!((change.verdict.status, change.verdict.doubt), (Status::Unknown, None));
    held.check_proven(&check("local", 11, 'x'), &LIMITS, &rules, &Proof::default());
    assert_eq!(held.verdict.doubt, Some(Doubt::Line));
}

#[test]
fn a_region_in_doubt_has_no_vote_and_its_time_is_a_gap() {
    let (rules, here) = (Rules::default(), region("local"));
    let doubted = Proof { doubt: Some((Doubt::Line, minute(4))), ..Proof::default() };
    for (before, status) in [("....", Status::Up), ("..xx", Status::Down)] {
        let (mut state, _) = run(before);
        let change = state.proof(&here, &doubted, minute(5), &LIMITS, &rules).unwrap();
        assert_eq!((change.verdict.status, change.from), (Status::Unknown, minute(4)));
        assert_eq!(change.verdict.doubt, Some(Doubt::Line));
        for n in 5..8 {
            state.check_proven(&check("local", n, 'x'), &LIMITS, &rules, &doubted);
            assert_eq!(state.verdict.doubt, Some(Doubt::Line));
        }
        // The site's own next evidence ends it: nothing became better or worse meanwhile.
        let kind = if status == Status::Up { '.' } else { 'x' };
        let step = state.check(&check("local", 8, kind), &LIMITS, &rules);
        assert_eq!((state.verdict.status, state.verdict.doubt), (status, None));
        assert_eq!(step.changes[0].from, minute(8));
    }
    // Other regions go on.
    let mut state = SiteState::default();
    for place in ["ams", "syd"] {
        state.check(&check(place, 0, '.'), &LIMITS, &rules);
    }
    assert_eq!(state.proof(&region("syd"), &doubted, minute(1), &LIMITS, &rules), None);
    assert_eq!(state.verdict.status, Status::Up);
}

#[test]
fn a_clock_that_is_set_back_does_not_blind_the_judge() {
    let (mut state, _) = run("....");
    state.set_back(minute(-60));
    for n in [-60, -59] {
        state.check(&check("local", n, 'x'), &LIMITS, &Rules::default());
    }
    assert_eq!(state.verdict.status, Status::Down);
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

/// Checks of two regions, in order; those of one moment may come in any order.
fn pairs() -> impl Strategy<Value = Vec<(Check, Check)>> {
    let kind = || prop_oneof![5 => Just('.'), 2 => Just('x'), 2 => Just('~')];
    prop::collection::vec((kind(), kind(), 1_i64..4), 0..40).prop_map(|all| {
        let mut at = 0;
        let each = all.into_iter().map(|(one, other, gap)| {
            at += gap;
            (check("ams", at, one), check("syd", at, other))
        });
        each.collect()
    })
}

proptest! {
    #[test]
    fn the_order_of_regions_does_not_matter(pairs in pairs()) {
        let (mut one, mut other) = (SiteState::default(), SiteState::default());
        for (ams, syd) in &pairs {
            fold(&mut one, &[ams.clone(), syd.clone()]);
            fold(&mut other, &[syd.clone(), ams.clone()]);
            prop_assert_eq!(&one.regions, &other.regions);
            // (Since when may differ by the moment between the two.)
            prop_assert_eq!(one.verdict.status, other.verdict.status);
        }
    }

    #[test]
    fn a_gap_makes_nothing_better_or_worse_and_neither_does_a_doubt(
        checks in checks(), doubted in any::<bool>(),
    ) {
        let mut state = SiteState::default();
        fold(&mut state, &checks);
        let last = state.checked_at().unwrap_or_default();
        let confirmed: Vec<_> = state.regions.iter().map(|r| (r.name.clone(), r.status)).collect();
        let outage = state.outage.clone();
        let later = last + LIMITS.fresh_for + Duration::from_secs(1);
        if doubted {
            let proof = Proof { doubt: Some((Doubt::Line, last)), ..Proof::default() };
            for (region, _) in &confirmed {
                state.proof(region, &proof, later, &LIMITS, &Rules::default());
            }
        } else {
            state.silence(later, &LIMITS);
        }
        prop_assert_eq!(state.verdict.status, Status::Unknown);
        prop_assert_eq!(&state.outage, &outage, "it neither ends nor begins");
        for (name, before) in &confirmed {
            let now = state.region(name).unwrap().status;
            let same = if *before == Status::Up { Status::Unknown } else { *before };
            prop_assert_eq!(now, same);
        }
    }
}
