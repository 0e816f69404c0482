//! Our own side: a failure counts with a proof, a doubt takes the vote, a clock may be set.

use super::*;

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
    assert_eq!(held.verdict.doubt, Some(Doubt::Alone));
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
