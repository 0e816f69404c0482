//! Our own side: a failure needs evidence, a doubt takes the vote, a clock may be set.

use super::*;
use crate::judge::network_health::SharedSymptom;

#[test]
fn a_failure_counts_only_when_our_own_line_is_proven_for_its_time() {
    let rules = Rules::default();
    let seconds = |n: u64| minute(3) + Duration::from_secs(n);
    let judged = |answered: &[Option<Moment>]| {
        let (mut state, _) = run("...");
        for (n, answered_at) in answered.iter().enumerate() {
            let evidence =
                NetworkEvidence { answered_at: *answered_at, ..NetworkEvidence::default() };
            let mut failed = check("local", 3, 'x');
            failed.at = seconds(10 * n as u64);
            state.check_with_evidence(&failed, &LIMITS, &rules, &evidence);
        }
        state
    };
    let status = |answered: &[Option<Moment>]| judged(answered).verdict.status;
    assert_eq!(status(&[None, None, None]), Status::Up, "held, until the evidence runs out");
    assert_eq!(status(&[Some(seconds(0)), Some(seconds(10))]), Status::Down);
    assert_eq!(status(&[Some(seconds(0)), Some(seconds(8)), Some(seconds(8))]), Status::Up);
    // Evidence that comes after the check, but soon enough.
    let mut late = judged(&[Some(seconds(0)), Some(seconds(0))]);
    assert!(late.awaits_evidence(&region("local")));
    let evidence = NetworkEvidence { answered_at: Some(seconds(17)), ..NetworkEvidence::default() };
    let change =
        late.take_evidence(&region("local"), &evidence, seconds(17), &LIMITS, &rules).unwrap();
    assert_eq!((change.verdict.status, change.from), (Status::Down, seconds(0)));
    // What nothing proves is unknown, and the sentence says that we doubt ourselves.
    let mut held = judged(&[None]);
    let change = held.silence(minute(10), &LIMITS).unwrap();
    assert_eq!((change.verdict.status, change.verdict.doubt), (Status::Unknown, None));
    held.check_with_evidence(
        &check("local", 11, 'x'),
        &LIMITS,
        &rules,
        &NetworkEvidence::default(),
    );
    assert_eq!(held.verdict.doubt, Some(SelfDoubt::Alone));
}

#[test]
fn a_region_in_doubt_has_no_vote_and_its_time_is_a_gap() {
    let (rules, here) = (Rules::default(), region("local"));
    let doubted =
        NetworkEvidence { doubt: Some((SelfDoubt::Line, minute(4))), ..NetworkEvidence::default() };
    for (before, status) in [("....", Status::Up), ("..xx", Status::Down)] {
        let (mut state, _) = run(before);
        let change = state.take_evidence(&here, &doubted, minute(5), &LIMITS, &rules).unwrap();
        assert_eq!((change.verdict.status, change.from), (Status::Unknown, minute(4)));
        assert_eq!(change.verdict.doubt, Some(SelfDoubt::Line));
        for n in 5..8 {
            state.check_with_evidence(&check("local", n, 'x'), &LIMITS, &rules, &doubted);
            assert_eq!(state.verdict.doubt, Some(SelfDoubt::Line));
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
    assert_eq!(state.take_evidence(&region("syd"), &doubted, minute(1), &LIMITS, &rules), None);
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
fn a_bad_stretch_is_never_since_before_its_outage_though_the_clock_was_set_back_and_on_again() {
    let (mut state, _) = run("....xx");
    let started_at = state.outage.as_ref().unwrap().started_at;
    state.set_back(minute(-120));
    for n in [-120, -119, 8, 9] {
        state.check(&check("local", n, 'x'), &LIMITS, &Rules::default());
    }
    assert_eq!(state.verdict.status, Status::Down);
    assert_eq!((state.verdict.since, started_at), (Some(minute(4)), minute(4)));
}

#[test]
fn a_slow_site_is_slow_again_with_its_first_answer_after_a_gap_or_a_restart() {
    let (state, _) = run("..~~~~");
    let kept = serde_json::to_string(&state).unwrap();
    let mut state: SiteState = serde_json::from_str(&kept).unwrap();
    state.silence(minute(60), &LIMITS);
    assert_eq!(state.verdict.status, Status::Unknown);
    state.check(&check("local", 60, '~'), &LIMITS, &Rules::default());
    assert_eq!(state.verdict.status, Status::Slow);
}

fn ours(symptom: SharedSymptom, from: i64) -> NetworkEvidence {
    let doubt = Some((symptom.doubt(), minute(from)));
    NetworkEvidence { doubt, symptom: Some(symptom), ..NetworkEvidence::at(minute(from)) }
}

#[test]
fn a_doubt_takes_back_what_it_covers_and_the_site_is_as_it_was() {
    let (rules, here) = (Rules::default(), region("local"));
    let refused = SharedSymptom::Refused;
    for (before, doubt, back) in [
        ("....xx", ours(refused, 4), true),
        ("....xx", ours(refused, 3), true),
        ("....xx", ours(refused, 5), false),
        ("....xx", ours(SharedSymptom::Status(503), 4), false),
        ("....xx", ours(SharedSymptom::Failing, 4), true),
        ("....xx..", ours(refused, 4), true),
        ("....~~~", ours(SharedSymptom::Slow, 4), true),
        ("....~~~", ours(refused, 4), false),
        ("....~~~", ours(SharedSymptom::Slow, 5), false),
        ("....~~~xx", ours(refused, 7), true),
    ] {
        let case = format!("{before} {doubt:?}");
        let (mut state, changes) = run(before);
        let since = doubt.doubt.unwrap().1;
        let change = state.take_evidence(&here, &doubt, minute(9), &LIMITS, &rules).unwrap();
        assert_eq!((change.verdict.status, change.from), (Status::Unknown, since), "{case}");
        let withdrawn = change.withdrawn.as_ref();
        assert_eq!(
            withdrawn.map(|w| (w.since, &w.region)),
            back.then_some((since, &here)),
            "{case}"
        );
        if back {
            let begun = changes.iter().flat_map(|change| &change.outages);
            let gone = begun.filter(|outage| withdrawn.unwrap().covers(outage)).count();
            assert!(
                gone > 0 && state.outage.as_ref().is_none_or(|o| o.started_at < since),
                "{case}"
            );
        }
        // Good checks during the doubt are no evidence: the answers may not be the site's.
        state.check_with_evidence(&check("local", 10, '.'), &LIMITS, &rules, &doubt);
        assert_eq!(state.verdict.status, Status::Unknown, "{case}");
        state.check(&check("local", 12, '.'), &LIMITS, &rules);
        let was_slow = before.contains("~~~x");
        let want = match before {
            _ if was_slow => (Status::Slow, Some(minute(4))),
            _ if back => (Status::Up, Some(minute(0))),
            _ => (state.verdict.status, state.verdict.since),
        };
        assert_eq!((state.verdict.status, state.verdict.since), want, "{case}");
        // Written down and read back it is the same.
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<SiteState>(&text).unwrap(), state, "{case}");
    }
}

#[test]
fn what_other_regions_see_as_well_is_not_taken_back() {
    let rules = Rules::default();
    let mut state = SiteState::default();
    for n in 0..4 {
        for place in ["ams", "lon", "syd"] {
            state.check(&check(place, n, if n < 2 { '.' } else { 'x' }), &LIMITS, &rules);
        }
    }
    assert_eq!(state.verdict.status, Status::Down);
    let doubt = ours(SharedSymptom::Refused, 2);
    let change = state.take_evidence(&region("syd"), &doubt, minute(4), &LIMITS, &rules);
    assert!(change.is_none_or(|change| change.withdrawn.is_none()));
    assert_eq!(state.verdict.status, Status::Down);
    assert!(state.outage.is_some());
}
