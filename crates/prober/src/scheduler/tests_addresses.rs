//! Sites at several addresses, probed with the real prober: checks cover each of them, whatever the
//! order in DNS answers.

use std::{collections::BTreeSet, net::IpAddr, time::Duration};

use futures_util::future::join_all;
use url::Url;

use super::attempts::attempt_after;
use crate::probe::{Prober, ProberSettings};
use model::{
    name::Slug,
    outcome::{Failure, Outcome},
    site::Site,
};
use testbed::{Behaviour, DnsAnswers, Host, Ports, Testbed};

/// A site of two machines; the second one has trouble.
struct AddressLab {
    testbed: Testbed,
    host: Host,
    other: Host,
    _files: tempfile::TempDir,
    prober: Prober,
}

impl AddressLab {
    async fn new(at: Option<&str>) -> Self {
        let testbed = Testbed::start().await.unwrap();
        let host = testbed.host_on("name.example", Ports::FREE).await.unwrap();
        let at = at.map(|at| at.parse().unwrap());
        let other = testbed.another_machine(&host, at).unwrap();
        let files = tempfile::tempdir().unwrap();
        let ca_file = files.path().join("ca.pem");
        std::fs::write(&ca_file, testbed.ca_pem()).unwrap();
        let prober = Prober::new(&ProberSettings {
            user_agent: "test".to_owned(),
            max_body: 1_000,
            max_redirects: 5,
            nameservers: vec![testbed.nameserver()],
            ca_file: Some(ca_file),
        });
        Self { testbed, host, other, _files: files, prober: prober.unwrap() }
    }

    fn site(&self) -> Site {
        let url = Url::parse(&self.host.https_url()).unwrap();
        let slug = Slug::new("name.example").unwrap();
        Site { private: true, timeout: Duration::from_secs(3), ..Site::new(slug, url) }
    }

    /// Outcomes of this many checks, each of which passes, with their numbers of attempts.
    async fn turns(&self, number: u8) -> Vec<(Outcome, u8)> {
        let site = self.site();
        let turns = (0..number).map(|before| attempt_after(&self.prober, &site, before));
        let seen = join_all(turns).await;
        assert!(seen.iter().all(|(outcome, _)| outcome.cause().is_none()), "{seen:?}");
        seen
    }
}

/// Addresses and kinds of the failed attempts of these checks, and the addresses that answered.
fn addresses(seen: &[(Outcome, u8)]) -> (BTreeSet<(Option<IpAddr>, Failure)>, BTreeSet<IpAddr>) {
    let failed = seen.iter().flat_map(|(outcome, _)| &outcome.observed.failed_attempts);
    let failed = failed.map(|attempt| (attempt.address, attempt.failure)).collect();
    (failed, seen.iter().filter_map(|(outcome, _)| outcome.observed.answered_by).collect())
}

/// Both machines begin every other check, and those of the bad one take a second attempt.
async fn seen_in_every_other_turn(
    trouble: &str,
    failure: Failure,
    order: DnsAnswers,
    at: Option<&str>,
) {
    let lab = AddressLab::new(at).await;
    lab.host.dns(order.clone());
    lab.other.behave(trouble.parse::<Behaviour>().unwrap()).await.unwrap();
    let seen = lab.turns(4).await;
    let again = seen.iter().filter(|(_, attempts)| *attempts == 2).count();
    assert_eq!(again, 2, "{trouble}, {order:?}, {at:?}: {seen:?}");
    let (bad, good) = ((Some(lab.other.address()), failure), lab.host.address());
    let want = (BTreeSet::from([bad]), BTreeSet::from([good]));
    assert_eq!(addresses(&seen), want, "{trouble}, {order:?}, {at:?}");
}

#[tokio::test]
async fn a_machine_in_trouble_is_seen_in_every_other_turn_whatever_the_order_of_answers() {
    for at in [None, Some("::1")] {
        for (trouble, failure) in [
            ("status 502", Failure::Http),
            ("cert wrong-name", Failure::Tls),
            ("close", Failure::Reset),
        ] {
            for order in [
                DnsAnswers::Own,
                DnsAnswers::Rotated(Box::default()),
                DnsAnswers::Shuffled(Box::default()),
            ] {
                seen_in_every_other_turn(trouble, failure, order, at).await;
            }
        }
        for trouble in ["hang", "hang-after-request"] {
            let order = DnsAnswers::Rotated(Box::default());
            seen_in_every_other_turn(trouble, Failure::Timeout, order, at).await;
        }
    }
}

#[tokio::test]
async fn an_address_that_refuses_is_seen_and_costs_no_attempt() {
    for at in [None, Some("::1")] {
        let lab = AddressLab::new(at).await;
        lab.other.behave(Behaviour::Refuse).await.unwrap();
        let seen = lab.turns(4).await;
        assert!(seen.iter().all(|(_, attempts)| *attempts == 1), "{seen:?}");
        let bad = (Some(lab.other.address()), Failure::Connect);
        assert_eq!(addresses(&seen).0, BTreeSet::from([bad]));
    }
}

#[tokio::test]
async fn both_families_answer_in_turns() {
    let lab = AddressLab::new(Some("::1")).await;
    let seen = lab.turns(4).await;
    let by: Vec<bool> =
        seen.iter().map(|(outcome, _)| outcome.observed.answered_by.unwrap().is_ipv6()).collect();
    assert_eq!(by, [true, false, true, false]);
    assert!(addresses(&seen).0.is_empty());
}

#[tokio::test]
async fn a_network_that_we_do_not_have_is_no_trouble_of_the_site() {
    let lab = AddressLab::new(None).await;
    let there = lab.host.address();
    // Unique local addresses, which lead nowhere from here.
    let away = ["fd5e::1", "fd5e::2"].map(|a| a.parse().unwrap());
    lab.host.dns(DnsAnswers::Addresses([&away[..], &[there]].concat()));
    let seen = lab.turns(4).await;
    assert!(addresses(&seen).0.is_empty(), "{seen:?}");
}

#[tokio::test]
async fn what_is_slow_to_look_up_is_slow_although_it_is_quick_the_second_time() {
    let lab = AddressLab::new(None).await;
    let site = Site { timeout: Duration::from_secs(9), ..lab.site() };
    lab.host.dns("cached 3500ms ok".parse().unwrap());
    let (outcome, attempts) = attempt_after(&lab.prober, &site, 0).await;
    let latency = outcome.phases.latency().unwrap();
    assert!(outcome.cause().is_none() && attempts == 1, "{outcome:?}");
    assert!((3_400_000..5_000_000).contains(&latency), "{latency}");
    drop(lab.testbed);
}
