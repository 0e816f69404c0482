//! Targets that must be public never reach an address that is not.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use hickory_resolver::proto::rr::RecordType;

use url::Url;

use super::lab::{
    LIMIT, Look, Says, Server, a, aaaa, all_at, failed, names, prober, reply, resolving, says,
    serve_at, settings,
};
use crate::{
    model::{
        outcome::{Answer, Failure},
        site::Expect,
    },
    probe::{
        Prober, Settings, Target,
        chain::Chain,
        marks::{self, Marks},
    },
};

/// A server at every address of the machine, IPv6 included.
async fn everywhere() -> Server {
    serve_at("::", |mut stream| async move {
        use tokio::io::AsyncWriteExt;
        stream.write_all(&reply("200 OK", "", b"inside")).await.ok();
    })
    .await
}

#[tokio::test]
async fn a_written_address_that_is_special_is_not_reached() {
    let (server, prober) = (everywhere().await, prober());
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "0",
        "127.0.0.1.",
        "%31%32%37.0.0.1",
        "127。0。0。1",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
    ] {
        for scheme in ["http", "https"] {
            let url = server.named(scheme, host);
            let outcome = Look::public().at(&prober, &url).await;
            failed(&outcome, Failure::Connect, "is not a public address");
            assert_eq!(outcome.phases.latency(), None, "{host}");
        }
    }
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn a_name_of_a_special_address_is_not_reached() {
    let server = everywhere().await;
    for (v4, v6) in [
        (Some("127.0.0.1"), None),
        (Some("10.0.0.1"), None),
        (Some("169.254.169.254"), None),
        (Some("0.0.0.0"), None),
        (None, Some("::1")),
        (None, Some("::ffff:127.0.0.1")),
        (Some("192.168.1.1"), Some("fd00::1")),
    ] {
        let at = names(move |_, kind| {
            Says::Records(match kind {
                RecordType::A => v4.map(a).into_iter().collect(),
                _ => v6.map(aaaa).into_iter().collect(),
            })
        });
        let prober = resolving(at.await);
        let outcome = Look::public().at(&prober, &server.named("http", "name.example")).await;
        failed(&outcome, Failure::Dns, "which is not a public address");
    }
    for name in ["localhost", "LOCALHOST", "localhost.", "app.localhost"] {
        let outcome = Look::public().at(&prober(), &server.named("http", name)).await;
        failed(&outcome, Failure::Dns, "which is not a public address");
    }
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn localhost_is_reached_by_those_who_may() {
    let server = says(reply("200 OK", "", b"inside")).await;
    let outcome = Look::default().at(&prober(), &server.named("http", "localhost")).await;
    assert_eq!(outcome.answer, Answer::Ok);
}

#[tokio::test]
async fn of_mixed_answers_only_the_public_ones_are_tried() {
    let server = everywhere().await;
    // Public, and nobody listens there: a sink for misdirected questions (RFC 7535).
    let at = names(|_, kind| match kind {
        RecordType::A => Says::Records(vec![a("127.0.0.1"), a("192.31.196.1"), a("10.0.0.1")]),
        _ => Says::Records(vec![aaaa("::1")]),
    });
    let prober = resolving(at.await);
    for attempt in 1..=4 {
        let look = Look { attempt, private: false, ..Look::within(150) };
        let outcome = look.at(&prober, &server.named("http", "name.example")).await;
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
    let look = Look { private: false, ..Look::within(150) };
    for _ in 0..3 {
        let before = asked.load(Ordering::SeqCst);
        let outcome = look.at(&prober, &server.named("http", "name.example")).await;
        assert!(outcome.cause().is_some(), "{outcome:?}");
        assert!(asked.load(Ordering::SeqCst) - before <= 2, "one look-up for one connection");
    }
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn a_redirect_to_a_special_address_is_not_followed() {
    let inside = everywhere().await;
    let settings = Settings { nameservers: vec![all_at("127.0.0.1").await], ..settings() };
    let prober = Prober::new(&settings).unwrap();
    let start = Url::parse("http://192.31.196.1/").unwrap();
    let expect = Expect::default();
    let target = Target { url: &start, timeout: LIMIT, expect: &expect, private: false };
    for host in ["127.0.0.1", "[::1]", "2130706433", "inside.example", "localhost"] {
        // Loopback cannot play the public first hop; the chain begins after it.
        let next = Url::parse(&inside.named("http", host)).unwrap();
        let cause = marks::scope(Marks::new(false, 1), async {
            let mut chain = Chain::new(&prober.client, &settings, &target);
            chain.go(next)?;
            chain.follow().await
        });
        let cause = cause.await.unwrap_err();
        assert_eq!(cause.failure, Failure::Redirect, "{host}: {cause:?}");
        assert!(cause.detail.contains("not a public address"), "{host}: {cause:?}");
    }
    assert_eq!(inside.accepted(), 0);
}
