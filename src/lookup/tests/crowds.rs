//! Many visitors: one probe, bounded memory, limits.

use std::time::Duration;

use tokio::time::{advance, sleep};

use super::lab::{lab, lab_with, ok};
use crate::lookup::{LookupStart, MAX_ANSWERS, MAX_FLIGHTS, RefusalReason, reports::LookedUp};

#[tokio::test(start_paused = true)]
async fn a_thousand_who_ask_for_one_site_cause_one_look_and_all_are_answered() {
    let lab = lab([Some(ok(1_000))]);
    let mut waiting = Vec::new();
    for visitor in 0..1_000_u32 {
        let Ok(LookupStart::Coming(mut coming)) = lab.ask("slack.com", visitor as u8, false) else {
            panic!("visitor {visitor} is not let in");
        };
        waiting.push(async move { coming.answer().await });
    }
    let answers = futures_util::future::join_all(waiting).await;
    assert!(answers.iter().all(|answer| answer.as_ref().is_some_and(|a| !a.is_down())));
    assert_eq!(lab.looks(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_look_goes_on_when_all_who_wait_for_it_leave() {
    let lab = lab([Some(ok(1_000))]);
    drop(lab.ask("slack.com", 1, false).unwrap());
    tokio::task::yield_now().await;
    drop(lab.ask("slack.com", 2, false).unwrap());
    sleep(Duration::from_secs(2)).await;
    assert!(matches!(lab.ask("slack.com", 3, false), Ok(LookupStart::Known(_))));
    assert_eq!(lab.looks(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_serves_all_for_a_while_and_looking_again_has_a_pace() {
    let lab = lab([Some(ok(1_000))]);
    lab.answer("slack.com").await;
    let known = |again| matches!(lab.ask("slack.com", 1, again), Ok(LookupStart::Known(_)));
    advance(Duration::from_secs(4)).await;
    assert!(known(false) && known(true));
    advance(Duration::from_secs(2)).await;
    assert!(known(false) && !known(true));
    sleep(Duration::from_secs(2)).await;
    advance(Duration::from_secs(28)).await;
    assert!(known(false));
    advance(Duration::from_secs(2)).await;
    assert!(!known(false));
    sleep(Duration::from_secs(2)).await;
    assert_eq!(lab.looks(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_visitor_has_a_budget_that_answers_at_hand_do_not_touch() {
    let lab = lab_with(2, [Some(ok(1_000))]);
    lab.answer("a.example").await;
    lab.answer("b.example").await;
    for _ in 0..10 {
        assert!(matches!(lab.ask("a.example", 1, false), Ok(LookupStart::Known(_))));
    }
    let refusal = lab.ask("c.example", 1, false).unwrap_err();
    assert_eq!((refusal.why, refusal.last.is_none()), (RefusalReason::Budget, true));
    // Two a minute, and two seconds have gone.
    let wait = refusal.retry_after.unwrap().as_secs();
    assert!((28..=29).contains(&wait), "{wait}");
    advance(Duration::from_secs(10)).await;
    let refusal = lab.ask("a.example", 1, true).unwrap_err();
    assert!(refusal.last.is_some(), "what was known last is given all the same");
    assert!(lab.ask("c.example", 2, false).is_ok(), "others have their own");
    assert!(lab.ask("c.example", 1, false).is_ok(), "and to wait with others costs nothing");
}

#[tokio::test(start_paused = true)]
async fn lookups_under_way_and_answers_in_memory_are_bounded() {
    let lab = lab_with(10_000, [Some(ok(1_000))]);
    for site in 0..MAX_FLIGHTS {
        assert!(lab.ask(&format!("{site}.example"), site as u8, false).is_ok());
    }
    let refusal = lab.ask("one-more.example", 200, false).unwrap_err();
    assert_eq!(refusal.why, RefusalReason::Busy);
    assert!(refusal.retry_after.is_some());
    assert!(lab.ask("0.example", 2, false).is_ok(), "to wait for one that is under way is free");
    sleep(Duration::from_secs(2)).await;
    for site in 0..MAX_ANSWERS + 50 {
        sleep(Duration::from_millis(100)).await;
        lab.ask(&format!("s{site}.example"), 1, false).unwrap();
    }
    sleep(Duration::from_secs(2)).await;
    assert!(!lab.lookups.knows("0.example") && lab.lookups.knows("s2040.example"));
}

#[tokio::test(start_paused = true)]
async fn who_asks_is_counted_once_an_hour() {
    let lab = lab_with(100, [Some(ok(1_000))]);
    for visitor in [1, 2, 2, 3] {
        lab.ask("slack.com", visitor, false).unwrap();
    }
    sleep(Duration::from_secs(2)).await;
    for visitor in [3, 4] {
        lab.ask("slack.com", visitor, false).unwrap();
    }
    let looked_up =
        lab.lookups.reports(|reports| reports.looked_up("slack.com", lab.lookups.now()));
    assert_eq!(looked_up, LookedUp { times: 4, down: 0 });
}

#[tokio::test(start_paused = true)]
async fn visitors_who_want_every_place_leave_one_for_whoever_comes_next() {
    let lab = lab_with(10_000, [Some(ok(1_000))]);
    for (visitors, share) in [(1, 32), (4, 13), (20, 4)] {
        let mut taken = vec![0; visitors];
        for site in 0..MAX_FLIGHTS * 2 {
            for (visitor, taken) in taken.iter_mut().enumerate() {
                let target = format!("{visitors}-{visitor}-{site}.example");
                let asked = lab.ask(&target, visitor as u8, false);
                *taken += usize::from(asked.is_ok());
            }
        }
        assert!(taken.iter().all(|taken| (1..=share).contains(taken)), "{taken:?}");
        // However long they hold on, each newcomer is let in.
        let target = format!("{visitors}-newcomer.example");
        assert!(matches!(lab.ask(&target, 200, false), Ok(LookupStart::Coming(_))), "{taken:?}");
        sleep(Duration::from_secs(2)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_visitors_of_a_48_have_one_share_and_one_budget() {
    let lab = lab_with(2, [Some(ok(1_000))]);
    let ask = |site: u32, net: u32| {
        let visitor = format!("2001:db8:{:x}:{:x}::1", net >> 16, net & 0xffff).parse().unwrap();
        let target = lab.lookups.read(&format!("{net}-{site}.example")).unwrap();
        lab.lookups.ask(&target, visitor, false).map(drop).map_err(|refusal| refusal.why)
    };
    // From as many /64s as there are, each of which has two slots.
    let mut taken = 0;
    for net in 0..500 {
        taken += u32::from(ask(0, net).is_ok());
        sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(taken, 16, "before, it was one for each /64");
    assert_eq!(ask(1, 600), Err(RefusalReason::Budget));
    sleep(Duration::from_secs(2)).await;
    assert_eq!(ask(1, 1 << 16), Ok(()), "the next /48 has its own");
}
