//! Verdicts after sequences of outcomes.

use std::sync::{Arc, atomic::Ordering};

use tokio::time::Instant;

use super::lab::{Lab, failed, lab, ok};
use crate::lookup::{LookupOutcome, LookupProgress, LookupStart};
use model::{
    check::Check,
    failure_detail::{FailureDetail, Phase},
    judge::SiteState,
    name::{Region, Slug},
    outcome::{Failure, Outcome, Reached},
    site::Site,
    verdict::{SelfDoubt, Status},
};

#[tokio::test(start_paused = true)]
async fn what_is_wrong_is_confirmed_before_it_is_said() {
    let (good, slow, reset) = (ok(50_000), ok(3_000_000), failed(Failure::Reset));
    for (sees, status, looks) in [
        (vec![good.clone()], Status::Up, 1),
        (vec![reset.clone()], Status::Down, 6),
        (vec![reset.clone(), good.clone()], Status::Up, 2),
        // Two of three addresses are dead: a check would find the third.
        (vec![reset.clone(), reset.clone(), good.clone()], Status::Up, 3),
        ([vec![reset.clone(); 5], vec![good.clone()]].concat(), Status::Up, 6),
        (vec![failed(Failure::Timeout)], Status::Down, 6),
        (vec![slow.clone()], Status::Slow, 2),
        (vec![slow, good], Status::Up, 2),
    ] {
        let lab = lab(sees.into_iter().map(Some));
        let answered = lab.answer("slack.com").await;
        let verdict = answered.verdict().unwrap();
        assert_eq!((verdict.status, lab.looks()), (status, looks), "{verdict:?}");
        assert_eq!(answered.confirmed().unwrap().check.attempts, looks as u8);
        assert_eq!(verdict.since, None, "we had not looked before");
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_nobody_gives_us_says_nothing_when_our_name_servers_are_silent() {
    let dns = |reached| {
        let mut outcome = failed(Failure::Dns);
        outcome.traces.reached = reached;
        outcome
    };
    let (silent, no_such_name) = (dns(Reached::Nothing), dns(Reached::NameServer));
    for (sees, names_answer, status, doubt) in [
        (silent.clone(), false, Status::Unknown, Some(SelfDoubt::Names)),
        (silent, true, Status::Down, None),
        (no_such_name, false, Status::Down, None),
        (failed(Failure::Timeout), false, Status::Down, None),
        (failed(Failure::Tls), false, Status::Down, None),
    ] {
        let lab = lab([Some(sees.clone())]);
        lab.fake.names.store(names_answer, Ordering::SeqCst);
        let answered = lab.answer("slack.com").await;
        let verdict = answered.verdict().unwrap();
        assert_eq!((verdict.status, verdict.doubt), (status, doubt), "{sees:?}");
        let of_names = answered.summary().contains("our own name servers are not working");
        assert_eq!(of_names, doubt.is_some(), "{}", answered.summary());
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_never_left_this_machine_says_nothing_of_the_site() {
    let lab = lab([Some(Outcome::failed(Failure::Connect, FailureDetail::NetworkUnreachable))]);
    let verdict = lab.answer("https://slack.com").await.verdict().unwrap();
    assert_eq!((verdict.status, verdict.doubt), (Status::Unknown, Some(SelfDoubt::Alone)));
}

#[tokio::test(start_paused = true)]
async fn a_name_that_leads_to_one_that_does_not_exist_is_down_and_not_nameless() {
    let target = "gone.hosting.example".into();
    for (detail, status) in [
        (FailureDetail::NoSuchName, Status::Unknown),
        (FailureDetail::NoSuchAliasTarget { target }, Status::Down),
    ] {
        let mut outcome = Outcome::failed(Failure::Dns, detail);
        outcome.traces.reached = Reached::NameServer;
        let answered = lab([Some(outcome)]).answer("slack.com").await;
        assert_eq!(answered.verdict().unwrap().status, status, "{}", answered.summary());
        assert_eq!(answered.is_nameless(), status == Status::Unknown);
    }
}

#[tokio::test(start_paused = true)]
async fn a_site_with_plain_http_alone_is_found_when_the_scheme_was_our_guess() {
    let late = |phase| FailureDetail::TimedOut { phase, after_ms: 9_000 };
    let there = FailureDetail::ConnectionRefused.into();
    let elsewhere = FailureDetail::Elsewhere { host: "b.example".into(), detail: there };
    for (failure, detail, plain) in [
        (Failure::Connect, FailureDetail::ConnectionRefused, true),
        (Failure::Timeout, late(Phase::Connect), true),
        (Failure::Timeout, FailureDetail::ConnectionUnanswered, true),
        (Failure::Timeout, late(Phase::Tls), false),
        (Failure::Timeout, late(Phase::Wait), false),
        (Failure::Tls, FailureDetail::NotTls, false),
        (Failure::Connect, elsewhere, false),
    ] {
        let lab = || lab([Some(Outcome::failed(failure, detail.clone()))]).with_plain(ok(1_000));
        let answered = lab().answer("slack.com").await;
        let status = if plain { Status::Up } else { Status::Down };
        assert_eq!(answered.verdict().unwrap().status, status, "{detail:?}");
        let scheme = if plain { "http" } else { "https" };
        assert_eq!(answered.confirmed().unwrap().site.url.scheme(), scheme, "{detail:?}");
        let answered = lab().answer("https://slack.com").await;
        assert_eq!(answered.verdict().unwrap().status, Status::Down, "{detail:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_is_silent_at_both_ports_takes_no_longer_for_it() {
    let silent = || Outcome::failed(Failure::Timeout, FailureDetail::ConnectionUnanswered);
    let mut took = Vec::new();
    for asked in ["https://slack.com", "slack.com"] {
        let lab = lab([Some(silent())]).with_plain(silent());
        let start = Instant::now();
        assert_eq!(lab.answer(asked).await.verdict().unwrap().status, Status::Down);
        took.push(start.elapsed());
    }
    assert!(took[1] <= took[0] * 3 / 2, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_site_that_comes_back_over_https_is_not_told_over_plain_http() {
    let sees =
        [failed(Failure::Connect), failed(Failure::Connect), failed(Failure::Connect), ok(1)];
    let lab = lab(sees.map(Some)).with_plain(ok(1_000));
    let answered = lab.answer("slack.com").await;
    assert_eq!(answered.confirmed().unwrap().site.url.scheme(), "https");
    assert_eq!(answered.verdict().unwrap().status, Status::Up);
}

#[tokio::test(start_paused = true)]
async fn the_way_to_the_answer_is_told() {
    let lab = lab([Some(failed(Failure::Tls))]);
    let Ok(LookupStart::Coming(mut coming)) = lab.ask("slack.com", 1, false) else { panic!() };
    assert!(matches!(coming.now(), LookupProgress::Looking));
    let Some(LookupProgress::Again(Some(cause))) = coming.next().await else { panic!() };
    assert_eq!(cause.failure, Failure::Tls);
    assert!(matches!(coming.next().await, Some(LookupProgress::Done(_))));
    assert!(coming.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn where_we_do_not_go_there_is_no_verdict_but_a_sentence() {
    let lab = lab([None]);
    let answered = lab.answer("intranet.example").await;
    assert!(answered.verdict().is_none() && answered.confirmed().is_none());
    assert!(answered.summary().contains("not on the public internet"));
    assert_eq!(lab.looks(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lookup_that_breaks_is_no_answer_and_may_be_asked_again() {
    let lab = lab([Some(ok(1))]);
    for _ in 0..2 {
        let Ok(LookupStart::Coming(mut coming)) = lab.ask("broken.example", 1, false) else {
            panic!()
        };
        assert!(coming.answer().await.is_none());
    }
    assert_eq!(lab.looks(), 2);
}

#[tokio::test(start_paused = true)]
async fn when_nothing_that_we_watch_answers_we_doubt_ourselves() {
    for (failure, doubt) in [(Failure::Connect, true), (Failure::Http, false)] {
        let lab = lab([Some(failed(Failure::Timeout))]);
        show(&lab, failure);
        let answered = lab.answer("slack.com").await;
        assert_eq!(matches!(answered.seen, LookupOutcome::Doubt(_)), doubt, "{answered:?}");
        let want = if doubt { Status::Unknown } else { Status::Down };
        assert_eq!(answered.verdict().unwrap().status, want);
    }
}

/// Four sites of the catalogue, one of which failed so; the others gave no answer at all.
pub(super) fn show(lab: &Lab, failure: Failure) {
    let site = |name: &str| {
        Arc::new(Site::new(Slug::new(name).unwrap(), format!("https://{name}/").parse().unwrap()))
    };
    let sites: Vec<_> = ["a.test", "b.test", "c.test", "d.test"].into_iter().map(site).collect();
    lab.board.set_catalogue(&sites);
    for site in &sites {
        let first = site.slug.as_str() == "a.test";
        let mut outcome = failed(if first { failure } else { Failure::Connect });
        outcome.http_status = (first && failure == Failure::Http).then_some(503);
        let (slug, region, at) = (site.slug.clone(), Region::default(), lab.lookups.now());
        let check = Arc::new(Check { slug, region, at, outcome, attempts: 2 });
        lab.board.show(&check, &SiteState::default(), &[]);
    }
}
