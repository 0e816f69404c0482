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
