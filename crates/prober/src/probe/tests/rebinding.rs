//! Names and redirects that lead from the public internet to the inside.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use hickory_resolver::proto::rr::RecordType;
use url::Url;

use super::lab::{
    LIMIT, Says, TestProbe, a, aaaa, all_at, everywhere, names, reply, resolving, says, settings,
};
use crate::probe::{
    Blocked, Bounds, ProbeTarget, Prober, ProberSettings,
    context::{self, AttemptContext},
    redirects::RedirectChain,
};
use model::{
    failure_detail::FailureDetail, outcome::Failure, site::Expect, site_request::SiteRequest,
};

#[tokio::test]
async fn of_mixed_answers_only_the_public_ones_are_tried() {
    let server = everywhere().await;
    // Public, and nothing listens there: a sink for misdirected questions (RFC 7535).
    let at = names(|_, kind| match kind {
        RecordType::A => Says::Records(vec![a("127.0.0.1"), a("192.31.196.1"), a("10.0.0.1")]),
        _ => Says::Records(vec![aaaa("::1")]),
    });
    let prober = resolving(at.await);
    for attempt in 1..=4 {
        let probe = TestProbe { attempt, private: false, ..TestProbe::within(150) };
        let outcome = probe.at(&prober, &server.named("http", "name.example")).await;
        let cause = outcome.cause().unwrap();
        assert!(matches!(cause.failure, Failure::Timeout | Failure::Connect), "{cause:?}");
    }
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn a_name_that_changes_its_answer_is_not_reached() {
    let server = everywhere().await;
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let at = names(move |_, kind| {
        let first = count.fetch_add(1, Ordering::SeqCst) < 2;
        match kind {
            RecordType::A => {
                Says::Records(vec![a(if first { "192.31.196.1" } else { "127.0.0.1" })])
            }
            _ => Says::Records(Vec::new()),
        }
    });
    let prober = resolving(at.await);
    let probe = TestProbe { private: false, ..TestProbe::within(150) };
    for _ in 0..3 {
        let before = asked.load(Ordering::SeqCst);
        let outcome = probe.at(&prober, &server.named("http", "name.example")).await;
        assert!(outcome.cause().is_some(), "{outcome:?}");
        assert!(asked.load(Ordering::SeqCst) - before <= 2, "one look-up for one connection");
    }
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn a_redirect_to_a_special_address_is_not_followed() {
    let inside = everywhere().await;
    let settings = ProberSettings { nameservers: vec![all_at("127.0.0.1").await], ..settings() };
    let prober = Prober::new(&settings).unwrap();
    let start = Url::parse("http://192.31.196.1/").unwrap();
    let expect = Expect::default();
    let request = SiteRequest::default();
    let (timeout, private) = (LIMIT, false);
    let target = ProbeTarget { url: &start, timeout, expect: &expect, request: &request, private };
    for host in [
        "127.0.0.1",
        "[::1]",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "inside.example",
        "localhost",
        "a.localhost",
    ] {
        // Loopback cannot play the public first hop; the chain begins after it.
        let next = Url::parse(&inside.named("http", host)).unwrap();
        let went = pin!(async {
            let mut chain = RedirectChain::new(&prober.client, &settings, &target);
            chain.hop_to(next)?;
            chain.follow().await
        });
        let cause = context::scope(AttemptContext::new(false, 1), went).await.unwrap_err();
        assert_eq!(cause.failure, Failure::Redirect, "{host}: {cause:?}");
        let special = matches!(
            cause.detail,
            FailureDetail::SpecialAddress { .. } | FailureDetail::ResolvesToSpecialAddress { .. }
        );
        assert!(special, "{host}: {cause:?}");
    }
    assert_eq!(inside.accepted(), 0);
}

#[tokio::test]
async fn a_visit_goes_to_the_ports_that_it_may_and_no_others() {
    let inside = everywhere().await;
    let elsewhere = url_port(&inside.named("http", "127.0.0.1"));
    let first = says(reply(
        "302 Found",
        &format!("location: {}\r\n", inside.named("http", "127.0.0.1")),
        b"",
    ))
    .await;
    let url = Url::parse(&first.named("http", "127.0.0.1")).unwrap();
    let expect = Expect::default();
    // Loopback plays the internet here, so that ports alone decide.
    let request = SiteRequest::default();
    let (timeout, private) = (LIMIT, true);
    let target = ProbeTarget { url: &url, timeout, expect: &expect, request: &request, private };
    let prober = Prober::new(&settings()).unwrap();
    let own = url.port().unwrap();
    for (ports, want) in [
        (vec![own], Some(Blocked { by_redirect: true, too_often: false })),
        (vec![elsewhere], Some(Blocked { by_redirect: false, too_often: false })),
        (vec![own, elsewhere], None),
    ] {
        let before = inside.accepted();
        let visited =
            prober.visit(&target, 1, Bounds { ports: Some(ports.leak()), gate: None }).await;
        assert_eq!(visited.as_ref().err().copied(), want, "{visited:?}");
        assert_eq!(inside.accepted() > before, want.is_none());
    }
}

fn url_port(url: &str) -> u16 {
    Url::parse(url).unwrap().port().unwrap()
}
