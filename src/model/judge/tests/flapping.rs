//! Sites that keep changing: one outage until they have been good for long enough.

use super::*;

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
