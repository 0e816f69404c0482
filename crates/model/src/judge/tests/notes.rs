//! Notes beside the status: of each kind, by several regions, and as changes.

use super::*;
use crate::note::{FailedAttempt, Note, NoteKind, Observations, ObservedPage, Peculiarity};

fn kinds(verdict: &Verdict) -> Vec<NoteKind> {
    verdict.notes.iter().map(|note| note.kind).collect()
}

#[test]
fn a_site_of_which_half_is_dead_fails_now_and_then_and_is_up() {
    // Every other request fails: one change when it begins, one when it is over.
    let (state, changes) = run(&("...".to_owned() + &",".repeat(20)));
    assert_eq!((state.verdict.status, state.verdict.since), (Status::Up, Some(minute(0))));
    assert_eq!(state.verdict.notes, [Note { kind: NoteKind::Intermittent, since: minute(3) }]);
    assert_eq!((changes.len(), changes[1].at), (2, minute(10)));
    assert!(changes[1].outages.is_empty());
    let (state, changes) = run(&(",".repeat(120) + &".".repeat(60)));
    assert_eq!((state.verdict.notes.len(), changes.len()), (0, 3));
    assert_eq!(changes[2].at, minute(120 + 14));
}

#[test]
fn looks_that_may_show_that_it_fails_now_and_then_come_soon() {
    let again = |before: &str, kind| {
        let (mut state, _) = run(before);
        let next = check("local", before.len() as i64, kind);
        state.check(&next, &LIMITS, &Rules::default()).recheck
    };
    assert!(!again("..,.", ','), "two of sixteen are chance");
    assert!(again("..,.,.", ','));
    assert!(!again("..,.,,", '.'));
    assert!(again("..,.,,,", '.'));
    assert!(!again(&",".repeat(9), ','), "it is known");
}

#[test]
fn an_outage_is_no_failing_now_and_then() {
    let (state, changes) = run(&("....".to_owned() + &"x".repeat(40) + &".".repeat(20)));
    assert!(changes.iter().all(|change| change.verdict.notes.is_empty()));
    assert_eq!(state.verdict.status, Status::Up);
}

#[test]
fn a_site_that_always_let_us_in_and_now_turns_us_away_says_since_when() {
    let (state, changes) = run(&(".".repeat(40) + "rrrrr"));
    assert_eq!((state.verdict.status, state.verdict.restricted), (Status::Up, true));
    assert_eq!(state.verdict.notes, [Note { kind: NoteKind::TurnedAway, since: minute(40) }]);
    assert_eq!(changes.last().unwrap().at, minute(42));
    let (state, _) = run(&(".".repeat(40) + "rrrrr....."));
    assert_eq!((state.verdict.restricted, state.verdict.notes.len()), (false, 0));
    let (state, _) = run(&"r".repeat(60));
    assert_eq!((state.verdict.restricted, state.verdict.notes.len()), (true, 0), "its way");
}

#[test]
fn a_site_that_turned_us_away_before_it_went_down_is_called_so_again_only_if_it_does() {
    let before = ".".repeat(40) + "rrrrrxxxxx";
    let (state, _) = run(&(before.clone() + ".."));
    assert_eq!((state.verdict.status, state.verdict.restricted), (Status::Up, false));
    assert_eq!(state.verdict.notes, []);
    let (state, _) = run(&(before + "rr"));
    assert_eq!((state.verdict.status, state.verdict.restricted), (Status::Up, true));
    assert_eq!(state.verdict.notes, [Note { kind: NoteKind::TurnedAway, since: minute(50) }]);
}

#[test]
fn a_wall_on_every_third_request_changes_nothing() {
    let (state, changes) = run(&"..r".repeat(480));
    assert_eq!((state.verdict.restricted, changes.len()), (false, 1));
}

/// Checks of one region, a minute apart, of which this was observed.
fn observed(all: impl IntoIterator<Item = Observations>) -> (SiteState, Vec<Change>) {
    let (mut state, mut changes) = (SiteState::default(), Vec::new());
    for (n, seen) in all.into_iter().enumerate() {
        let mut check = check("local", n as i64, '.');
        check.attempts += seen.failed_attempts.len() as u8;
        *check.outcome.observed = seen;
        changes.extend(state.check(&check, &LIMITS, &Rules::default()).changes);
    }
    (state, changes)
}

#[test]
fn over_ipv6_it_fails_until_it_answers_over_ipv6_again() {
    let address = |six| if six { "2001:db8::1" } else { "192.0.2.1" }.parse().unwrap();
    let look = |first: bool, fails: bool| Observations {
        failed_attempts: if fails && first {
            vec![FailedAttempt { address: Some(address(true)), failure: Failure::Http }]
        } else {
            Vec::new()
        },
        answered_by: Some(address(first && !fails)),
        ..Observations::default()
    };
    let looks = |count: usize, fails| (0..count).map(move |n| look(n % 2 == 1, fails));
    let (state, _) = observed(looks(10, false).chain(looks(12, true)));
    assert_eq!(state.verdict.notes, [Note { kind: NoteKind::Ipv6Fails, since: minute(11) }]);
    let (state, changes) = observed(looks(10, false).chain(looks(12, true)).chain(looks(2, false)));
    assert_eq!((state.verdict.notes.len(), changes.len()), (0, 3));
}

#[test]
fn a_good_status_with_an_unusual_page_is_up_with_a_note() {
    let page = |bytes, error_title, led_to: Option<&str>| Observations {
        page: Some(ObservedPage { bytes, error_title, led_to: led_to.map(Into::into) }),
        ..Observations::default()
    };
    for (odd, kind) in [
        (page(0, false, None), NoteKind::PageShrunk),
        (page(20_000, true, None), NoteKind::PageIsError),
        (page(20_000, false, Some("sedo.com")), NoteKind::LeadsElsewhere),
    ] {
        let usual = || (0..40).map(|_| page(20_000, false, None));
        let (state, changes) = observed(usual().chain((0..3).map(|_| odd.clone())));
        assert_eq!(state.verdict.notes, [Note { kind, since: minute(40) }]);
        assert_eq!((state.verdict.status, changes.len()), (Status::Up, 2));
        let (state, _) = observed(usual().chain((0..3).map(|_| odd.clone())).chain(usual()));
        assert_eq!(kinds(&state.verdict), []);
    }
}

#[test]
fn whose_limit_a_peculiar_answer_is_stands_with_the_verdict() {
    let peculiarity = Some(Peculiarity::OldTls);
    let (state, _) = observed([Observations { peculiarity, ..Observations::default() }]);
    assert_eq!(kinds(&state.verdict), [NoteKind::OldTls]);
}

#[test]
fn a_note_needs_most_of_the_regions_but_where_all_are_turned_away_one_for_which_it_is_new() {
    let notes = |regions: [&str; 3]| {
        let mut state = SiteState::default();
        let longest = regions.iter().map(|kinds| kinds.len()).max().unwrap();
        for n in 0..longest {
            for (place, kinds) in ["ams", "nyc", "syd"].iter().zip(regions) {
                let kind = kinds.chars().nth(n).unwrap();
                state.check(&check(place, n as i64, kind), &LIMITS, &Rules::default());
            }
        }
        kinds(&state.verdict)
    };
    let (well, troubled) = (".".repeat(40), ".".repeat(30) + &",".repeat(10));
    let (away, down) = (".".repeat(35) + "rrrrr", ".".repeat(35) + "xxxxx");
    assert_eq!(notes([&well, &well, &troubled]), [], "its own bad way there");
    assert_eq!(notes([&well, &troubled, &troubled]), [NoteKind::Intermittent]);
    let always = "r".repeat(40);
    assert_eq!(notes([&always, &always, &away]), [NoteKind::TurnedAway]);
    assert_eq!(notes([&well, &away, &away]), [], "it lets people in elsewhere");
    assert_eq!(notes([&troubled, &troubled, &down]), [NoteKind::Intermittent], "partial");
    assert_eq!(notes([&troubled, &down, &down]), [], "down says it all");
}

#[test]
fn a_note_is_not_told_without_evidence_and_is_there_again_with_it() {
    let (mut state, _) = run(&",".repeat(12));
    let since = state.verdict.notes[0].since;
    let change = state.silence(minute(30), &LIMITS).unwrap();
    assert_eq!((change.verdict.status, change.verdict.notes.len()), (Status::Unknown, 0));
    state.check(&check("local", 31, '.'), &LIMITS, &Rules::default());
    assert_eq!(state.verdict.notes, [Note { kind: NoteKind::Intermittent, since }]);
}
