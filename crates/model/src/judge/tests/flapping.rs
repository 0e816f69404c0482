//! Sites that keep changing: one outage until they have stayed up for long enough.

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

/// Checks of one region every five seconds.
fn run_every_five_seconds(kinds: &str) -> (SiteState, Vec<Change>) {
    let limits = Limits { interval: Duration::from_secs(5), ..LIMITS };
    let (mut state, mut changes) = (SiteState::default(), Vec::new());
    for (turn, kind) in kinds.chars().enumerate() {
        let mut check = check("local", 0, kind);
        check.at = Moment::from_millis(turn as i64 * 5_000);
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
    // The checks after that, the first good one after the last failure, and the one that settles
    // it.
    for (then, first, settles) in [("", 41, 53), ("x", 49, 61), ("x,", 49, 61)] {
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
fn failures_of_which_no_two_come_in_a_row_are_not_down_however_many_they_are() {
    let (state, changes) = run("....x.x.x.x.x.x.x.x");
    assert_eq!(state.verdict.status, Status::Up);
    assert_eq!(changes.last().unwrap().verdict.notes[0].kind, NoteKind::Intermittent);
    // Then two do: down since the first of them, and unstable.
    let (state, _) = run("....x.x.x.x.x.x.x.xx");
    assert_eq!((state.verdict.status, state.verdict.unstable), (Status::Down, true));
    assert_eq!(state.verdict.since, Some(minute(18)));
}

#[test]
fn hours_of_retries_and_then_a_failure_are_no_outage_of_hours() {
    // As in the field: ten hours with a retry every third minute, then one error page.
    let (state, changes) = run(&(",..".repeat(200) + "x"));
    assert!(changes.iter().all(|change| change.outages.is_empty()));
    let notes: Vec<NoteKind> = state.verdict.notes.iter().map(|note| note.kind).collect();
    assert_eq!((state.verdict.status, notes), (Status::Up, vec![NoteKind::Intermittent]));
    let (state, _) = run(&(",..".repeat(200) + "xx"));
    assert_eq!(state.outage.unwrap().started_at, minute(600));
}

#[test]
fn what_is_looked_at_every_five_seconds_has_to_fail_for_longer_than_a_restart_takes() {
    for (kinds, status) in [
        ("....xx...", Status::Up),
        ("....xx", Status::Up),
        ("....xxx", Status::Down),
        ("....xxx..", Status::Up),
    ] {
        assert_eq!(run_every_five_seconds(kinds).0.verdict.status, status, "{kinds}");
    }
    assert_eq!(
        run_every_five_seconds("....xxx").0.verdict.since,
        Some(Moment::from_millis(20_000))
    );
}

#[test]
fn a_failed_check_confirms_another_only_some_seconds_after_that_one_has_ended() {
    let down = |moments: &[(i64, u32)]| {
        let mut state = SiteState::default();
        for (at, took) in moments {
            let mut check = check("local", 0, 'x');
            check.at = Moment::from_millis(*at);
            check.outcome.phases.connect = Some(took * 1_000);
            state.check(&check, &LIMITS, &Rules::default());
        }
        state.verdict.status == Status::Down
    };
    assert!(!down(&[(0, 50), (1_000, 50), (4_999, 50)]));
    assert!(down(&[(0, 50), (5_050, 50)]));
    // One silence of ten seconds, and the next look right after it.
    assert!(!down(&[(0, 10_000), (10_000, 10_000)]));
    assert!(down(&[(0, 10_000), (10_000, 10_000), (20_000, 50)]));
    assert!(down(&[(0, 10_000), (15_000, 50)]));
}
