//! Slow: against the usual, above a floor, and never because of one sample.

use super::*;

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

/// Repeatable chance: from 0 to below 1.
fn dice(seed: &mut u64) -> f64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as f64 / (1_u64 << 31) as f64
}

/// A day and a half of a cache, and how often the verdict changed after the first hour.
fn flips(hit: f64, miss: f64, share: f64) -> usize {
    let mut seed = 7;
    let mixed = (0..2_160).map(|_| {
        let mean = if dice(&mut seed) < share { miss } else { hit };
        (mean * (0.8 + 0.4 * dice(&mut seed))) as u32
    });
    let said: Vec<_> = paces(mixed).into_iter().map(|(status, _)| status).collect();
    said[60..].windows(2).filter(|pair| pair[0] != pair[1]).count()
}

#[test]
fn a_share_of_slow_answers_that_is_usual_is_no_trouble() {
    for (hit, miss, share) in [
        (80.0, 900.0, 0.3),
        (80.0, 1_400.0, 0.1),
        (80.0, 1_400.0, 0.3),
        (80.0, 1_400.0, 0.5),
        (80.0, 4_000.0, 0.15),
    ] {
        let flips = flips(hit, miss, share);
        assert!(flips <= 1, "{hit} or {miss}, {share}: {flips}");
    }
}

#[test]
fn a_mixed_site_that_is_slow_each_time_or_twice_as_often_is_found_and_so_is_a_new_mixture() {
    let mut seed = 11;
    let mut mixed = |share: f64, count: usize| {
        let one = |_| if dice(&mut seed) < share { 1_400 } else { 80 };
        (0..count).map(one).collect::<Vec<u32>>()
    };
    let (usual, quick) = (mixed(0.3, 1_440), vec![80; 1_440]);
    let half = mixed(0.5, 30);
    let last = |latencies: &[&[u32]]| *paces(latencies.concat()).last().unwrap();
    let (status, since) = last(&[&usual, &[1_400; 16]]);
    assert_eq!(status, Status::Slow);
    assert!(since >= Some(minute(1_430)), "{since:?}");
    let (status, since) = last(&[&quick, &half]);
    assert_eq!(status, Status::Slow, "half of the answers, where none were slow");
    assert!(since >= Some(minute(1_440)), "{since:?}");
    assert_eq!(last(&[&usual, &[1_400; 16], &usual[..60]]).0, Status::Up, "and it ends");
}

#[test]
fn a_slow_stretch_begins_at_one_of_the_last_dozen_answers_however_long_slow_ones_have_come() {
    let seldom: Vec<u32> = (0..1_440).map(|n| if n % 11 == 0 { 2_000 } else { 80 }).collect();
    let said = paces([seldom, vec![2_000; 12]].concat());
    let (status, since) = *said.last().unwrap();
    assert_eq!(status, Status::Slow);
    assert!(since >= Some(minute(1_428)), "{since:?}");
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
