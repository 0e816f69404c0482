//! Several regions, each with a clock and a connection of its own.

use super::*;
use crate::report::WhyNot;

fn rules() -> Rules {
    Rules::default()
}

/// A check that the node hears at this second, by a clock that is so many seconds off.
fn hear(state: &mut SiteState, place: &str, second: i64, off: i64, kind: char) -> Vec<Change> {
    let mut check = check(place, 0, kind);
    check.at = Moment::from_millis((second + off) * 1_000);
    let trust = NetworkEvidence::at(check.at);
    let heard = Some(Moment::from_millis(second * 1_000));
    state.check_heard(&check, heard, &LIMITS, &rules(), &trust).changes
}

fn second(n: i64) -> Moment {
    Moment::from_millis(n * 1_000)
}

/// All regions see the same for so many minutes.
fn all(state: &mut SiteState, places: &[(&str, char)], minutes: std::ops::Range<i64>) {
    for minute in minutes {
        for (n, (place, kind)) in (0..).zip(places) {
            hear(state, place, minute * 60 + n, 0, *kind);
        }
    }
}

#[test]
fn a_check_that_is_not_later_than_its_regions_last_changes_nothing() {
    let mut state = SiteState::default();
    all(&mut state, &[("ams", '.'), ("nyc", '.'), ("syd", '.')], 0..5);
    hear(&mut state, "nyc", 301, 0, 'x');
    let before = state.clone();
    for (place, at) in [("syd", 242), ("syd", 60), ("nyc", 301)] {
        let off = at - 310;
        assert_eq!(hear(&mut state, place, 310, off, 'x'), [], "{place} {at}");
    }
    assert_eq!(state, before, "nobody forgets what is not confirmed yet");
}

#[test]
fn verdicts_of_the_same_moment_are_settled_one_after_the_other() {
    let mut state = SiteState::default();
    all(&mut state, &[("ams", '.'), ("nyc", '.'), ("syd", '.')], 0..5);
    for place in ["ams", "nyc", "syd"] {
        hear(&mut state, place, 300, 0, 'x');
    }
    let changes = ["ams", "nyc", "syd"].map(|place| hear(&mut state, place, 310, 0, 'x'));
    let changes: Vec<_> = changes.iter().flatten().map(|c| (c.verdict.status, c.at)).collect();
    let later = |millis| second(310) + Duration::from_millis(millis);
    // The last one is no news of the site, but of who sees it.
    let want = [(Status::Partial, later(0)), (Status::Down, later(1)), (Status::Down, later(2))];
    assert_eq!(changes, want);
}

#[test]
fn the_clock_of_a_region_that_was_set_back_makes_no_other_forget() {
    let mut state = SiteState::default();
    all(&mut state, &[("ams", '.'), ("syd", '.')], 0..5);
    hear(&mut state, "syd", 301, 0, 'x');
    let syd = state.region(&region("syd")).unwrap().clone();
    state.set_back_region(&region("ams"), second(200));
    assert_eq!(state.region(&region("syd")), Some(&syd));
    assert!(state.last_at(&region("ams")) < Some(second(200)));
}

#[test]
fn a_clock_that_is_minutes_ahead_ends_nobodys_evidence() {
    for off in [-200, 200] {
        let mut state = SiteState::default();
        for minute in 0..10 {
            hear(&mut state, "ams", minute * 60, 0, '.');
            hear(&mut state, "nyc", minute * 60 + 1, 0, '.');
            hear(&mut state, "syd", minute * 60 + 2, off, if minute < 5 { '.' } else { 'x' });
            for place in ["ams", "nyc", "syd"] {
                let known = state.region(&region(place)).unwrap();
                assert_eq!(known.why_not(second(minute * 60 + 3), &LIMITS), None, "{place} {off}");
            }
        }
        assert_eq!(state.verdict.status, Status::Partial, "{off}");
        assert!(state.verdict.since <= state.checked_at(), "never in the future");
    }
}

#[test]
fn one_of_three_known_regions_alone_says_partial_and_never_down() {
    let mut state = SiteState::default();
    all(&mut state, &[("ams", '.'), ("nyc", '.'), ("syd", '.')], 0..5);
    // An hour later nobody but Sydney looks.
    all(&mut state, &[("syd", '.')], 65..70);
    assert_eq!(state.verdict.status, Status::Up);
    all(&mut state, &[("syd", 'x')], 70..75);
    assert_eq!(state.verdict.status, Status::Partial);
    let ams = state.region(&region("ams")).unwrap();
    assert_eq!(ams.why_not(second(75 * 60), &LIMITS), Some(WhyNot::Silent));
}

#[test]
fn an_agent_that_comes_or_goes_changes_no_verdict() {
    let (up, down) = ('.', 'x');
    for (kinds, gone, status) in [
        ([up, up, up], "ams", Status::Up),
        ([down, up, up], "ams", Status::Partial),
        ([down, up, up], "nyc", Status::Partial),
        ([down, down, up], "ams", Status::Down),
        ([down, down, up], "syd", Status::Down),
        ([down, down, down], "syd", Status::Down),
    ] {
        let places = ["ams", "nyc", "syd"].into_iter().zip(kinds).collect::<Vec<_>>();
        let rest: Vec<_> = places.iter().copied().filter(|(name, _)| *name != gone).collect();
        let mut state = SiteState::default();
        all(&mut state, &[("ams", up), ("nyc", up), ("syd", up)], 0..3);
        all(&mut state, &places, 3..6);
        let since = state.verdict.since;
        // It flaps: ten minutes away, one there.
        for round in 0..4 {
            let from = 6 + round * 11;
            all(&mut state, &rest, from..from + 10);
            let what = format!("{kinds:?} without {gone}, round {round}");
            assert_eq!((state.verdict.status, state.verdict.since), (status, since), "{what}");
            all(&mut state, &places, from + 10..from + 11);
            assert_eq!((state.verdict.status, state.verdict.since), (status, since), "{what}");
        }
    }
}

#[test]
fn what_a_region_said_that_stays_away_is_let_go_of_and_the_outage_ends_then() {
    let mut state = SiteState::default();
    all(&mut state, &[("ams", '.'), ("nyc", '.'), ("syd", '.')], 0..3);
    all(&mut state, &[("ams", '.'), ("nyc", '.'), ("syd", 'x')], 3..6);
    assert_eq!(state.verdict.status, Status::Partial);
    let begun = state.outage.as_ref().unwrap().started_at;
    let mut changes = Vec::new();
    for minute in 6..60 {
        for (n, place) in (0..).zip(["ams", "nyc"]) {
            changes.extend(hear(&mut state, place, minute * 60 + n, 0, '.'));
        }
    }
    let [change] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!(change.verdict.status, Status::Up);
    let ended = change.outages[0].ended_at.unwrap();
    assert!(ended > begun + KEPT_AT_LEAST && ended == change.at, "{ended:?}");
}

/// A verdict is kept at least so long.
const KEPT_AT_LEAST: Duration = Duration::from_mins(30);

#[test]
fn a_region_that_is_barred_has_no_vote_and_says_why_and_one_that_retired_is_gone() {
    let mut state = SiteState::default();
    all(&mut state, &[("ams", '.'), ("nyc", '.'), ("syd", 'x')], 0..5);
    assert_eq!(state.verdict.status, Status::Partial);
    let wrong = NetworkEvidence { barred: Some(WhyNot::Clock), ..NetworkEvidence::default() };
    let now = second(301);
    let change = state.take_evidence(&region("syd"), &wrong, now, &LIMITS, &rules()).unwrap();
    assert_eq!((change.verdict.status, change.verdict.since), (Status::Up, Some(now)));
    assert_eq!(change.outages[0].ended_at, Some(now));
    let syd = state.region(&region("syd")).unwrap();
    assert_eq!(syd.why_not(now, &LIMITS), Some(WhyNot::Clock));
    // What it sees is known all the same.
    assert_eq!(syd.status, Status::Down);
    assert_eq!(hear(&mut state, "syd", 302, 0, 'x').len(), 1, "barred no more");
    assert_eq!(state.verdict.status, Status::Partial);
    let change = state.retire(&region("syd"), second(303), &LIMITS).unwrap();
    assert_eq!((change.verdict.status, state.regions.len()), (Status::Up, 2));
    assert_eq!(state.retire(&region("syd"), second(304), &LIMITS), None);
}

#[test]
fn slow_from_one_region_of_three_is_not_slow_and_is_known() {
    let mut state = SiteState::default();
    all(&mut state, &[("ams", '.'), ("nyc", '.'), ("syd", '.')], 0..3);
    all(&mut state, &[("ams", '.'), ("nyc", '.'), ("syd", '~')], 3..9);
    assert_eq!(state.verdict.status, Status::Up);
    assert_eq!(state.region(&region("syd")).unwrap().status, Status::Slow);
    all(&mut state, &[("ams", '.'), ("nyc", '~'), ("syd", '~')], 9..15);
    assert_eq!(state.verdict.status, Status::Slow);
}

const PLACES: [&str; 5] = ["ams", "fra", "nyc", "sin", "syd"];

/// Looks of two to five regions: of each, once a minute, the kind; or none.
fn looks() -> impl Strategy<Value = (usize, Vec<Vec<Option<char>>>)> {
    let kind = prop_oneof![5 => Just(Some('.')), 3 => Just(Some('x')), 1 => Just(Some('~')), 1 => Just(None)];
    (2_usize..=5).prop_flat_map(move |count| {
        let minute = prop::collection::vec(kind.clone(), count);
        (Just(count), prop::collection::vec(minute, 1..25))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn shuffled_doubled_late_and_by_wrong_clocks_the_verdicts_are_those_in_order(
        (count, looks) in looks(),
        offsets in prop::collection::vec(-600_i64..600, 5),
        again in prop::collection::vec((0_usize..25, 0_usize..5, 1_usize..5), 0..20),
        turn in prop::collection::vec(0_usize..5, 25),
    ) {
        let (mut plain, mut rough) = (SiteState::default(), SiteState::default());
        for (minute, kinds) in looks.iter().enumerate() {
            let base = minute as i64 * 60;
            for (n, kind) in kinds.iter().enumerate() {
                let Some(kind) = kind else { continue };
                hear(&mut plain, PLACES[n], base, 0, *kind);
            }
            // The same, in another order, by clocks that are minutes off; and what was heard before
            // once more, or only now what was lost then.
            for n in (0..count).map(|n| (n + turn[minute]) % count) {
                if let Some(kind) = kinds[n] {
                    hear(&mut rough, PLACES[n], base, offsets[n], kind);
                }
                for (at, place, back) in &again {
                    let (place, past) = (place % count, minute.checked_sub(*back));
                    let seen = looks[minute][place].is_some() && place == n;
                    if *at != minute || !seen { continue }
                    let Some(past) = past else { continue };
                    let late = looks[past][place].unwrap_or('x');
                    let late_by = past as i64 * 60 - base + offsets[place];
                    let changes = hear(&mut rough, PLACES[place], base, late_by, late);
                    prop_assert_eq!(changes, vec![]);
                }
            }
            prop_assert_eq!(plain.verdict.status, rough.verdict.status, "minute {}", minute);
            for place in &PLACES[..count] {
                let status = |state: &SiteState| state.region(&region(place)).map(|r| r.status);
                prop_assert_eq!(status(&plain), status(&rough));
            }
        }
    }
}
