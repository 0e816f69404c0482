//! Several name servers: which one decides, and which one is charged with the time.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;

use super::lab::{TestProbe, failed_with, settings};
use crate::probe::{Probe, Prober, ProberSettings};
use model::{
    failure_detail::FailureDetail,
    outcome::{Answer, Failure, Outcome},
};
use testbed::{Host, Nameserver, Ports, Testbed};

/// A host, and two name servers that know it.
struct NameServerLab {
    testbed: Testbed,
    second: Nameserver,
    host: Host,
    prober: Prober,
}

impl NameServerLab {
    async fn new(first: &str, second: &str) -> Self {
        let testbed = Testbed::start().await.unwrap();
        let host = testbed.host_on("name.example", Ports::FREE).await.unwrap();
        let other = testbed.another_nameserver().await.unwrap();
        testbed.names().behave(first.parse().unwrap());
        other.behave(second.parse().unwrap());
        let nameservers = vec![testbed.nameserver(), other.at()];
        let prober = Prober::new(&ProberSettings { nameservers, ..settings() }).unwrap();
        Self { testbed, second: other, host, prober }
    }

    /// A look, and how long it took by the clock.
    async fn probe(&self) -> (Outcome, Duration) {
        let start = Instant::now();
        let probe = TestProbe { timeout: Duration::from_secs(10), ..TestProbe::default() };
        let outcome = probe.at(&self.prober, &self.host.http_url()).await;
        (outcome, start.elapsed())
    }
}

fn dns(outcome: &Outcome) -> Duration {
    Duration::from_micros(outcome.phases.dns.unwrap().into())
}

#[tokio::test]
async fn one_that_fails_never_decides_while_another_answers() {
    let failing = ["servfail", "refused", "notimp", "formerr", "silence", "after 1s servfail"];
    for (first, second) in failing.iter().flat_map(|bad| [(*bad, "ok"), ("ok", *bad)]) {
        let lab = NameServerLab::new(first, second).await;
        let (outcome, took) = lab.probe().await;
        assert_eq!(outcome.answer, Answer::Ok, "{first}, {second}");
        assert!(took < Duration::from_secs(5), "{first}, {second} took {took:?}");
        if first == "silence" || first == "after 1s servfail" {
            // What was lost to our own server is no part of the site's time.
            let lost = took.saturating_sub(dns(&outcome));
            assert!(lost > Duration::from_millis(450), "{first}, {second}: {outcome:?}, {took:?}");
        }
        assert!(lab.prober.name_servers_answer().await, "{first}, {second}");
    }
}

#[tokio::test]
async fn of_those_that_answer_the_first_of_the_list_decides() {
    let error = |code| Some(FailureDetail::NameServerError { code });
    let cases = [
        ("ok", "nxdomain", None),
        ("ok", "empty", None),
        ("nxdomain", "ok", Some(FailureDetail::NoSuchName)),
        ("empty", "ok", Some(FailureDetail::NoAddress)),
        ("servfail", "nxdomain", Some(FailureDetail::NoSuchName)),
        ("refused", "empty", Some(FailureDetail::NoAddress)),
        ("silence", "nxdomain", Some(FailureDetail::NoSuchName)),
        ("after 800ms", "nxdomain", None),
        ("after 800ms nxdomain", "ok", None),
        ("servfail", "refused", error(2)),
        ("formerr", "notimp", error(1)),
    ];
    let looks = cases.map(|(first, second, why)| async move {
        let (outcome, took) = NameServerLab::new(first, second).await.probe().await;
        match why {
            None => assert_eq!(outcome.answer, Answer::Ok, "{first}, {second}"),
            Some(detail) => failed_with(&outcome, Failure::Dns, &detail),
        }
        assert!(took < Duration::from_secs(8), "{first}, {second} took {took:?}");
    });
    join_all(looks).await;
}

#[tokio::test]
async fn whether_they_answer_at_all_is_asked_in_the_same_way() {
    let cases = [
        ("ok", "ok", true),
        ("silence", "ok", true),
        ("servfail", "ok", true),
        ("ok", "refused", true),
        ("servfail", "refused", false),
        // The root is there: who does not know it knows nothing.
        ("nxdomain", "nxdomain", false),
        ("nxdomain", "ok", false),
    ];
    for (first, second, want) in cases {
        let lab = NameServerLab::new(first, second).await;
        assert_eq!(lab.prober.name_servers_answer().await, want, "{first}, {second}");
    }
    let lab = NameServerLab::new("silence", "silence").await;
    let asked = lab.prober.name_servers_answer();
    assert!(tokio::time::timeout(Duration::from_secs(2), asked).await.is_err());
}

#[tokio::test]
async fn slow_ones_are_slow_and_not_down() {
    let slow = [1_600, 2_000, 2_900, 3_500, 5_000, 7_000];
    let manners = slow.into_iter().flat_map(|late| {
        [(late, format!("after {late}ms"), true), (late, format!("cached {late}ms ok"), false)]
    });
    let looks = manners.map(|(late, words, by_server)| async move {
        let lab = NameServerLab::new("ok", "ok").await;
        if by_server {
            lab.testbed.names().behave(words.parse().unwrap());
            lab.second.behave(words.parse().unwrap());
        } else {
            lab.host.dns(words.parse().unwrap());
        }
        let (outcome, _) = lab.probe().await;
        assert_eq!(outcome.answer, Answer::Ok, "{words}");
        let (least, most) = (late - 600, late + 2_900);
        let took = dns(&outcome).as_millis();
        assert!((least..most).contains(&took), "{words} took {took} ms");
    });
    join_all(looks).await;
}

#[tokio::test]
async fn a_dead_one_costs_little_and_then_nothing_until_it_is_back() {
    let lab = NameServerLab::new("silence", "ok").await;
    assert_eq!(lab.probe().await.0.answer, Answer::Ok);
    let mut quickest = Duration::MAX;
    for _ in 0..6 {
        let (outcome, took) = lab.probe().await;
        assert_eq!(outcome.answer, Answer::Ok);
        quickest = quickest.min(took);
    }
    assert!(quickest < Duration::from_millis(450), "{quickest:?}");
    // It answers again, and is the first of the list again.
    lab.testbed.names().behave("ok".parse().unwrap());
    lab.second.behave("after 200ms".parse().unwrap());
    lab.probe().await;
    let before = lab.second.questions();
    lab.second.behave("nxdomain".parse().unwrap());
    assert_eq!(lab.probe().await.0.answer, Answer::Ok);
    assert_eq!(lab.second.questions(), before, "the second is asked only when there is need");
}

#[tokio::test]
async fn nothing_is_sent_that_old_servers_refuse() {
    for says in ["formerr", "notimp", "refused", "silence"] {
        let lab = NameServerLab::new(&format!("edns {says}"), &format!("edns {says}")).await;
        assert_eq!(lab.probe().await.0.answer, Answer::Ok, "{says}");
    }
}

#[tokio::test]
async fn lost_packets_are_sent_again() {
    let lab = NameServerLab::new("loses 2", "loses 2").await;
    for _ in 0..4 {
        let (outcome, took) = lab.probe().await;
        assert_eq!(outcome.answer, Answer::Ok);
        assert!(took < Duration::from_secs(6), "{took:?}");
    }
}

#[tokio::test]
async fn a_long_answer_comes_over_tcp() {
    let lab = NameServerLab::new("ok", "ok").await;
    let mut list: Vec<String> = (1..=150).map(|n| format!("127.67.2.{n}")).collect();
    list[0] = lab.host.address().to_string();
    lab.host.dns(format!("at {}", list.join(",")).parse().unwrap());
    let (outcome, _) = lab.probe().await;
    assert_eq!(outcome.answer, Answer::Ok);
    assert_eq!(outcome.traces.addresses.len(), 64, "as many as are kept");
}
