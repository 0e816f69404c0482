//! Targets that must be public never reach an address that is not.

use hickory_resolver::proto::rr::RecordType;

use super::lab::{
    Says, TestProbe, a, aaaa, everywhere, failed, names, prober, reply, resolving, says,
};
use model::{
    failure_detail::FailureDetail,
    outcome::{Answer, Failure},
};

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
            let outcome = TestProbe::public().at(&prober, &url).await;
            let detail = failed(&outcome, Failure::Connect);
            assert!(matches!(detail, FailureDetail::SpecialAddress { .. }), "{host}: {detail:?}");
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
        let outcome = TestProbe::public().at(&prober, &server.named("http", "name.example")).await;
        let detail = failed(&outcome, Failure::Dns);
        let special = matches!(detail, FailureDetail::ResolvesToSpecialAddress { .. });
        assert!(special, "{detail:?}");
    }
    for name in ["localhost", "LOCALHOST", "localhost.", "app.localhost"] {
        let outcome = TestProbe::public().at(&prober(), &server.named("http", name)).await;
        let detail = failed(&outcome, Failure::Dns);
        let special = matches!(detail, FailureDetail::ResolvesToSpecialAddress { .. });
        assert!(special, "{detail:?}");
    }
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn localhost_is_reached_by_those_who_may() {
    let server = says(reply("200 OK", "", b"inside")).await;
    let outcome = TestProbe::default().at(&prober(), &server.named("http", "localhost")).await;
    assert_eq!(outcome.answer, Answer::Ok);
}
