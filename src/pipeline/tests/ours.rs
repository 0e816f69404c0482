//! Our own side fails while something answers: no site is down for it, on the board and in
//! Postgres.

use std::net::Ipv4Addr;

use super::*;
use model::{
    failure_detail::FailureDetail,
    judge::network_health::{CanaryKind, CanaryResult, Family},
    name::Region,
    note::{FailedAttempt, Observations},
    outcome::{Phases, Reached},
    verdict::SelfDoubt,
};

fn names(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("site.operator-{n}.example")).collect()
}

/// A check that was answered with this status.
fn answered(slug: &str, millis: i64, status: u16) -> Check {
    let failure = (status >= 500).then_some(Failure::Http);
    let mut check = check(slug, 0, failure);
    check.at = Moment::from_millis(START + millis);
    check.outcome.http_status = Some(status);
    check
}

/// The judge of these sites, each seen up once.
fn judging(names: &[String]) -> Judge {
    let mut judging = Judge::new(Rules::default(), HashMap::new()).doubting();
    let sites: Vec<_> = names.iter().map(|name| site(name)).collect();
    judging.set_sites(&sites, Moment::from_millis(START));
    for name in names {
        judging.check(&answered(name, 0, 200));
    }
    judging.silence(Moment::from_millis(START + 1_000));
    judging
}

#[test]
fn a_proxy_that_answers_for_all_makes_nobody_down_and_all_are_as_they_were() {
    for count in [4, 16, 40] {
        let names = names(count);
        let mut judging = judging(&names);
        let gap = 60_000 / count as i64;
        // A failure is rechecked soon.
        let looks = names.iter().enumerate().flat_map(|(n, name)| {
            [0, 5_000, 10_000].map(|again| (60_000 + gap * n as i64 + again, name))
        });
        let mut looks: Vec<_> = looks.collect();
        looks.sort_unstable();
        let mut statuses = Vec::new();
        for (millis, name) in looks {
            judging.check(&answered(name, millis, 503));
            judging.silence(Moment::from_millis(START + millis));
            statuses.extend(
                names
                    .iter()
                    .map(|name| judging.state(&Slug::new(name).unwrap()).unwrap().verdict.status),
            );
        }
        assert!(!statuses.contains(&Status::Down), "{count}");
        for name in &names {
            let verdict = &judging.state(&Slug::new(name).unwrap()).unwrap().verdict;
            assert_eq!(verdict.status, Status::Unknown, "{count}");
            assert_eq!(verdict.doubt, Some(SelfDoubt::Intercepted), "{count}");
        }
        assert!(judging.is_in_doubt());
        for (n, name) in names.iter().enumerate() {
            judging.check(&answered(name, 200_000 + gap * n as i64, 200));
        }
        for (n, name) in names.iter().enumerate() {
            judging.check(&answered(name, 260_000 + gap * n as i64, 200));
            let verdict = &judging.state(&Slug::new(name).unwrap()).unwrap().verdict;
            let want = (Status::Up, Some(Moment::from_millis(START)));
            assert_eq!((verdict.status, verdict.since), want, "{count}");
        }
        assert!(!judging.is_in_doubt());
    }
}

#[test]
fn names_that_all_lead_to_one_dead_address_make_nobody_down_though_the_controls_answer() {
    let names = names(16);
    let mut judging = Judge::new(Rules::default(), HashMap::new()).doubting();
    let sites: Vec<_> = names.iter().map(|name| site(name)).collect();
    judging.set_sites(&sites, Moment::from_millis(START));
    let look = |n: usize, millis: i64, astray: bool| {
        let mut seen = answered(&names[n], millis, 200);
        let own = Ipv4Addr::new(20 + n as u8, 1, 2, 3);
        seen.outcome.traces.address = Some(own.into());
        if astray {
            seen = check(&names[n], 0, Some(Failure::Timeout));
            seen.at = Moment::from_millis(START + millis);
            seen.outcome.phases = Phases { connect: Some(3_000_000), ..Phases::default() };
            seen.outcome.traces.reached = Reached::NameServer;
            seen.outcome.traces.addresses = vec![Ipv4Addr::new(9, 9, 9, 10).into()];
        }
        seen
    };
    let control = |judging: &mut Judge, millis| {
        for kind in [CanaryKind::Public, CanaryKind::Connections, CanaryKind::KnownNames] {
            let at = Moment::from_millis(START + millis);
            let result = CanaryResult { kind, at, answered: true };
            judging.take_canary_result(&Region::default(), result);
        }
    };
    for n in 0..16 {
        judging.check(&look(n, n as i64, false));
    }
    // Each in its turn within a minute, and again soon.
    let turns = (0..16)
        .flat_map(|n| [0, 8_000, 16_000].map(|again| (60_000 + 3_750 * n as i64 + again, n)));
    let mut turns: Vec<_> = turns.collect();
    turns.sort_unstable();
    for (millis, n) in turns {
        judging.check(&look(n, millis, true));
        control(&mut judging, millis + 100);
        judging.silence(Moment::from_millis(START + millis + 4_000));
        for name in &names {
            let status = judging.state(&Slug::new(name).unwrap()).unwrap().verdict.status;
            assert_ne!(status, Status::Down, "{name} after {millis} ms");
        }
    }
    let doubt = judging.state(&Slug::new(&names[15]).unwrap()).unwrap().verdict.doubt;
    assert_eq!(doubt, Some(SelfDoubt::Names));
}

#[test]
fn sites_that_fail_alike_beside_one_that_is_well_are_down_in_time() {
    let names = names(4);
    let mut judging = judging(&names);
    let judged = judging.check(&answered(&names[0], 60_000, 503)).unwrap();
    assert!(judged.effect.awaits_evidence && judged.effect.recheck);
    assert_eq!(judged.reference_sites.len(), 2, "others are looked at for it");
    for reference_site in &judged.reference_sites {
        judging.check(&answered(reference_site.as_str(), 65_000, 200));
    }
    judging.check(&answered(&names[0], 65_100, 503));
    judging.check(&answered(&names[1], 66_000, 200));
    judging.silence(Moment::from_millis(START + 67_000));
    let verdict = &judging.state(&Slug::new(&names[0]).unwrap()).unwrap().verdict;
    let want = (Status::Down, Some(Moment::from_millis(START + 60_000)));
    assert_eq!((verdict.status, verdict.since), want);
}

#[test]
fn all_sites_of_one_provider_are_down_with_it() {
    let names = names(3);
    let mut judging = judging(&names);
    for name in &names {
        judging.served_by(&Slug::new(name).unwrap(), "aws");
    }
    for again in 0..2 {
        for (n, name) in names.iter().enumerate() {
            judging.check(&answered(name, 60_000 + 5_000 * again + n as i64, 503));
        }
    }
    for name in &names {
        let verdict = &judging.state(&Slug::new(name).unwrap()).unwrap().verdict;
        assert_eq!(verdict.status, Status::Down, "{name}");
    }
}

#[tokio::test]
async fn what_slipped_through_is_taken_back_on_the_board_in_postgres_and_after_a_kill() {
    let (dir, store) = (tempfile::tempdir().unwrap(), store().await);
    let names = names(16);
    let judging = Judge::new(Rules::default(), HashMap::new()).doubting();
    let pipeline = build_with(dir.path(), 1 << 30, judging, &clock());
    let all: Vec<_> = names.iter().map(|name| site(name)).collect();
    pipeline.sites.send_replace(all.into());
    pipeline.until(|board| board.sites().len() == 16).await;
    pipeline.send(names.iter().map(|name| answered(name, 0, 200))).await;
    // The first one fails while two others are still well, twice: it is down.
    for (millis, n, status) in [
        (1_000, 0, 503),
        (1_100, 1, 200),
        (1_200, 2, 200),
        (6_000, 0, 503),
        (6_100, 1, 200),
        (6_200, 2, 200),
    ] {
        pipeline.send([answered(&names[n], millis, status)]).await;
    }
    let is = |board: &Board, status| board.site(&names[0]).unwrap().verdict.status == status;
    pipeline.until(|board| is(board, Status::Down)).await;
    assert_eq!(pipeline.board.site(&names[0]).unwrap().outages.len(), 1);
    // Then all do.
    let rest = names.iter().enumerate();
    pipeline.send(rest.map(|(n, name)| answered(name, 7_000 + 10 * n as i64, 503))).await;
    pipeline.until(|board| is(board, Status::Unknown)).await;
    let shown = pipeline.board.site(&names[0]).unwrap();
    assert_eq!((shown.outages.len(), shown.verdict.doubt), (0, Some(SelfDoubt::Intercepted)));
    // Killed before Postgres had any of it: the next one writes it.
    pipeline.kill();
    let pipeline = build(dir.path(), 1 << 30, HashMap::new());
    pipeline.link.send_replace(Some(store.clone()));
    pipeline.end().await;
    let outages = store.outages(&Slug::new(&names[0]).unwrap(), 10).await.unwrap();
    assert!(outages.is_empty(), "{outages:?}");
    let until = Moment::from_millis(START + 60_000);
    let spans = store.spans(&Slug::new(&names[0]).unwrap(), until).await.unwrap();
    let said: Vec<_> = spans.iter().map(|span| (span.status, span.from.millis() - START)).collect();
    assert_eq!(said, [(Status::Up, 0), (Status::Unknown, 1_000)]);
}

/// A look at a site of both families: answered over IPv4, after a failure over IPv6 at times.
fn over_ipv4(slug: &str, millis: i64, ipv6_fails: bool) -> Check {
    let mut check = answered(slug, millis, 200);
    check.attempts = if ipv6_fails { 2 } else { 1 };
    let failed = FailedAttempt { address: "2001:db8::1".parse().ok(), failure: Failure::Timeout };
    *check.outcome.observed = Observations {
        answered_by: "192.0.2.1".parse().ok(),
        failed_attempts: ipv6_fails.then_some(failed).into_iter().collect(),
        ..Observations::default()
    };
    check
}

#[test]
fn own_ipv6_that_hangs_is_no_note_on_any_site() {
    for (count, failing, noted) in [(1, 1, 1), (2, 2, 0), (8, 8, 0), (8, 1, 1)] {
        let names = names(count);
        let mut judging = judging(&names);
        // Sites that do not fail are seen over IPv6 now and then.
        for turn in 1..40 {
            for (n, name) in names.iter().enumerate() {
                let millis = turn * 60_000 + n as i64 * 1_000;
                let mut check = over_ipv4(name, millis, n < failing && turn % 2 == 0);
                if n >= failing && turn % 2 == 0 {
                    check.outcome.observed.answered_by = "2001:db8::2".parse().ok();
                }
                judging.check(&check);
                judging.silence(check.at);
            }
        }
        let notes =
            |name: &String| judging.state(&Slug::new(name).unwrap()).unwrap().verdict.notes.clone();
        let told = names.iter().filter(|name| !notes(name).is_empty()).count();
        assert_eq!(told, noted, "{failing} of {count}");
        let lost = if noted == 0 { vec![Family::Ipv6] } else { vec![] };
        assert_eq!(judging.lost_families(), lost, "{failing} of {count}");
    }
}

#[test]
fn a_site_to_which_this_machine_has_no_route_is_not_down_and_what_was_before_stays() {
    let names = names(6);
    let failing = |name: &str, millis, detail| {
        let mut check = answered(name, millis, 200);
        check.outcome = Outcome::failed(Failure::Connect, detail);
        check.outcome.traces.reached = Reached::Nothing;
        check
    };
    // Minute since which the site is silent, and since which there is no route; status and doubt after it.
    for (silent, no_route, want) in [
        (99, 3, (Status::Unknown, Some(SelfDoubt::Alone))),
        (3, 99, (Status::Down, None)),
        (3, 20, (Status::Unknown, Some(SelfDoubt::Alone))),
    ] {
        let mut judging = judging(&names);
        let mut withdrawn = false;
        for turn in 1..40 {
            for (n, name) in names.iter().enumerate() {
                let millis = turn * 60_000 + n as i64 * 1_000;
                let check = match n {
                    0 if turn >= no_route => {
                        failing(name, millis, FailureDetail::NetworkUnreachable)
                    }
                    0 if turn >= silent => {
                        failing(name, millis, FailureDetail::ConnectionUnanswered)
                    }
                    _ => answered(name, millis, 200),
                };
                let judged = judging.check(&check);
                let changes = judged.into_iter().flat_map(|judged| judged.effect.changes);
                withdrawn |= changes.into_iter().any(|change| change.withdrawn.is_some());
                judging.silence(check.at);
            }
        }
        let verdict =
            |name: &String| judging.state(&Slug::new(name).unwrap()).unwrap().verdict.clone();
        let seen = verdict(&names[0]);
        assert_eq!((seen.status, seen.doubt), want, "{silent} {no_route}");
        assert!(!withdrawn, "a real outage stays in the record: {silent} {no_route}");
        assert!(names[1..].iter().all(|other| verdict(other).status == Status::Up));
    }
}
