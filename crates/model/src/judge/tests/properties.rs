//! Properties that hold for any checks.

use super::*;

fn checks() -> impl Strategy<Value = Vec<Check>> {
    let kind = prop_oneof![
        5 => Just('.'), 2 => Just('x'), 1 => Just('d'), 2 => Just('~'), 1 => Just('r'), 2 => Just(',')
    ];
    let place = prop_oneof![Just("ams"), Just("nyc"), Just("syd")];
    prop::collection::vec((kind, place, 0_i64..5), 0..60).prop_map(|all| {
        // Checks of several regions may be heard in the same moment.
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
    #![proptest_config(ProptestConfig::with_cases(1_000))]

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
    fn an_outage_begins_at_a_failed_check_of_its_last_run_and_has_no_long_calm_in_it(
        kinds in prop::collection::vec(prop_oneof![4 => Just(','), 2 => Just('.'), 3 => Just('x')], 0..120),
    ) {
        let all: Vec<Check> =
            kinds.iter().enumerate().map(|(n, kind)| check("local", n as i64, *kind)).collect();
        let (mut state, hold) = (SiteState::default(), LIMITS.hold(&Rules::default()));
        for change in fold(&mut state, &all) {
            for outage in change.outages {
                let until = outage.ended_at.unwrap_or(change.at);
                let begin = (outage.started_at.millis() / 60_000) as usize;
                prop_assert_eq!(&kinds[begin..begin + 2], &['x', 'x'], "never at an answered one");
                // What is recorded as down is failures, with calms that are too short to say so.
                let mut calm = 0;
                let end = (until.millis() / 60_000) as usize;
                for kind in &kinds[begin..end] {
                    calm = if *kind == 'x' { 0 } else { calm + 1 };
                    prop_assert!(minute(calm) <= minute(0) + hold, "{:?}", &kinds[begin..end]);
                }
            }
        }
    }

    #[test]
    fn outages_follow_one_another_and_changes_go_forward(checks in checks()) {
        let mut state = SiteState::default();
        let changes = fold(&mut state, &checks);
        for pair in changes.windows(2) {
            prop_assert!(pair[0].at < pair[1].at, "one after the other");
        }
        let touched = changes.iter().flat_map(|c| &c.outages);
        for outage in touched.filter(|o| o.ended_at.is_some()) {
            prop_assert!(outage.ended_at >= Some(outage.started_at));
        }
        prop_assert_eq!(state.outage.is_some_and(|o| o.ended_at.is_some()), false);
    }
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
    #![proptest_config(ProptestConfig::with_cases(1_000))]

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
            let evidence = NetworkEvidence { doubt: Some((SelfDoubt::Line, last)), ..NetworkEvidence::default() };
            for (region, _) in &confirmed {
                state.take_evidence(region, &evidence, later, &LIMITS, &Rules::default());
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

    #[test]
    fn three_regions_in_any_order_say_the_same(
        rounds in prop::collection::vec((any::<[u8; 3]>(), 0_usize..6, 1_i64..4), 0..40),
    ) {
        const ORDERS: [[usize; 3]; 6] =
            [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        let (mut one, mut other, mut at) = (SiteState::default(), SiteState::default(), 0);
        for (kinds, order, gap) in rounds {
            at += gap;
            let all = ["ams", "nyc", "syd"].iter().zip(kinds).map(|(place, kind)| {
                check(place, at, ['.', '.', '.', 'x', 'x', '~'][usize::from(kind) % 6])
            });
            let all: Vec<Check> = all.collect();
            fold(&mut one, &all);
            fold(&mut other, &ORDERS[order].map(|place| all[place].clone()));
            prop_assert_eq!(&one.regions, &other.regions);
            prop_assert_eq!(one.verdict.status, other.verdict.status);
        }
    }

    #[test]
    fn whatever_is_proven_or_doubted_a_verdict_rests_on_fresh_evidence(
        rounds in prop::collection::vec((any::<u8>(), any::<u8>(), 1_i64..5), 1..60),
    ) {
        let (mut state, rules) = (SiteState::default(), Rules::default());
        let (mut at, mut proven_at, mut good, mut failed) = (0, None, false, false);
        for (kind, evidence, gap) in rounds {
            at += gap;
            let kind = ['.', 'x', '~', 'd', 'r'][usize::from(kind) % 5];
            let evidence = match evidence % 4 {
                0 => NetworkEvidence::default(),
                1 => NetworkEvidence { doubt: Some((SelfDoubt::Line, minute(at))), ..NetworkEvidence::default() },
                2 => NetworkEvidence { overloaded: true, ..NetworkEvidence::at(minute(at)) },
                _ => NetworkEvidence::at(minute(at)),
            };
            state.check_with_evidence(&check("local", at, kind), &LIMITS, &rules, &evidence);
            let answers = !matches!(kind, 'x' | 'd');
            if answers || evidence.answered_at.is_some() {
                proven_at = Some(minute(at));
            }
            (good, failed) = (good || answers, failed || !answers);
            let status = state.verdict.status;
            let fresh = proven_at.is_some_and(|last| minute(at) <= last + LIMITS.fresh_for);
            prop_assert!(status == Status::Unknown || fresh);
            prop_assert!(!matches!(status, Status::Up | Status::Slow) || good);
            prop_assert!(status != Status::Down || failed);
        }
    }
}
