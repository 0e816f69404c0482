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
