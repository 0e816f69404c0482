//! The vote of several regions.

use super::*;

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

#[test]
fn an_outage_names_every_region_that_saw_it_whenever_it_did() {
    let mut state = SiteState::default();
    let regions =
        [("ams", "........."), ("nyc", "........."), ("par", ".xxxxx..."), ("syd", "...xxxx..")];
    let (mut told, mut joins) = (Vec::new(), 0);
    for at in 0..9 {
        for (place, kinds) in regions {
            let kind = kinds.as_bytes()[at as usize].into();
            let effect = state.check(&check(place, at, kind), &LIMITS, &Rules::default());
            joins += effect.changes.iter().filter(|change| change.outages_only).count();
            let outages = effect.changes.into_iter().flat_map(|change| change.outages);
            told.extend(outages.map(|outage| {
                let seen: Vec<&str> = outage.regions.iter().map(Region::as_str).collect();
                (outage.status, outage.started_at, outage.ended_at, seen.join(" "))
            }));
        }
    }
    let partial = |ended, seen: &str| (Status::Partial, minute(1), ended, seen.to_owned());
    let want =
        [partial(None, "par"), partial(None, "par syd"), partial(Some(minute(7)), "par syd")];
    assert_eq!(told, want);
    assert_eq!(joins, 1, "that a region joins is no new verdict");
}

#[test]
fn an_outage_names_the_regions_whose_word_counts_and_no_other_that_said_the_same_once() {
    // What syd sees first, and the minutes without a check of it until the others see the site down.
    for (case, syd, before, want) in [
        ("long silent", "xx", 90, "ams nyc"),
        ("silent, and others have changed their minds since", "xx", 10, "ams nyc"),
        ("it looks and is sure", "xx", 0, "ams nyc syd"),
    ] {
        let mut state = SiteState::default();
        let mut told = Vec::new();
        let mut play = |place: &str, at: i64, kind: char| {
            let effect = state.check(&check(place, at, kind), &LIMITS, &Rules::default());
            told.extend(effect.changes.into_iter().flat_map(|change| change.outages));
        };
        let begins = 3 + before;
        for at in 0..begins {
            for (place, kind) in [("ams", '.'), ("nyc", '.')] {
                play(place, at, kind);
            }
            if let Some(kind) = syd.chars().nth(at as usize) {
                play("syd", at, kind);
            }
        }
        for at in begins..begins + 2 {
            for place in ["ams", "nyc"] {
                play(place, at, 'x');
            }
            if before == 0 {
                play("syd", at, 'x');
            }
        }
        let down: Vec<String> = told
            .iter()
            .filter(|outage| outage.status == Status::Down)
            .map(|outage| outage.regions.iter().map(Region::as_str).collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(down.last().map(String::as_str), Some(want), "{case}: {told:?}");
    }
}

#[test]
fn a_region_whose_word_is_kept_is_named_with_the_outage_that_it_holds_up() {
    let mut state = SiteState::default();
    let mut told = Vec::new();
    let regions = [("ams", "........"), ("nyc", "..xxxxxx"), ("syd", "..xxx   ")];
    for at in 0..8 {
        for (place, kinds) in regions {
            let kind = kinds.chars().nth(at as usize).filter(|kind| *kind != ' ');
            let Some(kind) = kind else { continue };
            let effect = state.check(&check(place, at, kind), &LIMITS, &Rules::default());
            told.extend(effect.changes.into_iter().flat_map(|change| change.outages));
        }
    }
    assert_eq!(state.verdict.status, Status::Down, "nyc, and what syd said last");
    let names = |outage: &Outage| -> Vec<String> {
        outage.regions.iter().map(|region| region.as_str().to_owned()).collect()
    };
    assert_eq!(told.last().map(names), Some(vec!["nyc".to_owned(), "syd".to_owned()]));
    assert!(told.iter().all(|outage| outage.regions.is_sorted()), "{told:?}");
}

#[test]
fn a_site_that_turns_away_some_regions_and_lets_others_in_is_not_restricted() {
    let verdict = |kinds: [&str; 3]| {
        let mut state = SiteState::default();
        for at in 0..6 {
            for (place, kinds) in ["ams", "nyc", "syd"].into_iter().zip(kinds) {
                let kind = kinds.as_bytes()[at].into();
                state.check(&check(place, at as i64, kind), &LIMITS, &Rules::default());
            }
        }
        (state.verdict.status, state.verdict.restricted)
    };
    for (kinds, want) in [
        (["rrrrrr", "rrrrrr", "rrrrrr"], (Status::Up, true)),
        (["......", "rrrrrr", "rrrrrr"], (Status::Up, false)),
        (["......", "......", "rrrrrr"], (Status::Up, false)),
        // Whoever sees it down cannot say that it lets anybody in.
        (["xxxxxx", "rrrrrr", "rrrrrr"], (Status::Partial, false)),
    ] {
        assert_eq!(verdict(kinds), want, "{kinds:?}");
    }
}

#[test]
fn a_verdict_follows_the_one_before_though_its_check_comes_from_a_slower_region() {
    let mut state = SiteState::default();
    let mut settled = Vec::new();
    let late = |place: &str, at: i64, seconds: u64, kind: char| Check {
        at: minute(at) + std::time::Duration::from_secs(seconds),
        ..check(place, at, kind)
    };
    for at in 0..6 {
        let kind = if at > 2 { 'x' } else { '.' };
        // What the last one looked at first is heard last.
        for (place, seconds) in [("ams", 20), ("nyc", 12), ("syd", 5)] {
            let effect = state.check(&late(place, at, seconds, kind), &LIMITS, &Rules::default());
            settled.extend(effect.changes.iter().map(|change| (change.at, change.verdict.status)));
        }
    }
    assert_eq!(state.verdict.status, Status::Down);
    assert!(settled.is_sorted_by(|one, other| one.0 < other.0), "{settled:?}");
    assert_eq!(settled.last().unwrap().1, Status::Down);
    assert!(settled.iter().any(|change| change.1 == Status::Partial), "{settled:?}");
}
