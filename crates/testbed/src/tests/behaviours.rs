//! Behaviours that refuse, hang or break the protocol; addresses, and the end of a testbed.

use std::collections::BTreeSet;

use tokio::time::Instant;

use super::*;
use crate::{HttpAnswer, Ports};

#[tokio::test]
async fn refuses_and_comes_back() {
    let (testbed, host) = behaving("slack.com", Behaviour::Refuse).await;
    for _ in 0..3 {
        host.behave(Behaviour::Refuse).await.unwrap();
        assert_eq!(connect(&host).await.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
        host.behave(Behaviour::ok()).await.unwrap();
        assert_eq!(statuses(&testbed, &host).await.map(Result::unwrap), [200, 200]);
    }
}

#[tokio::test]
async fn a_black_hole_lets_nobody_connect() {
    let (testbed, host) = behaving("slack.com", Behaviour::Blackhole).await;
    assert!(timeout(NEVER, connect(&host)).await.is_err());
    host.behave(Behaviour::ok()).await.unwrap();
    assert_eq!(statuses(&testbed, &host).await.map(Result::unwrap), [200, 200]);
}

#[tokio::test]
async fn a_change_leaves_older_connections_as_they_were() {
    let (_bed, host) = behaving("slack.com", Behaviour::HangAfterRequest).await;
    let mut old = connect(&host).await.unwrap();
    let met = async || (host.connections() > 0).then_some(());
    until("the host has the connection", SOON, met).await;
    host.behave(Behaviour::Refuse).await.unwrap();
    assert!(timeout(NEVER, old.read_u8()).await.is_err());
}

#[tokio::test]
async fn listens_on_ipv6_as_well() {
    let testbed = Testbed::start().await.unwrap();
    let host = testbed.host_on("slack.com", Ports::FREE).await.unwrap();
    let six = "::1".parse().unwrap();
    host.also_on(six).await.unwrap();
    let mut stream = TcpStream::connect((six, host.ports().http)).await.unwrap();
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    assert!(text.contains("The testbed says 200"));
}

#[tokio::test]
async fn many_hosts_in_several_beds_do_not_meet() {
    let beds = [Testbed::start().await.unwrap(), Testbed::start().await.unwrap()];
    let mut addresses = BTreeSet::new();
    for testbed in &beds {
        for i in 0..150 {
            let host = testbed.host(&format!("site-{i}.test")).await.unwrap();
            assert!(addresses.insert(host.address()));
            connect(&host).await.unwrap();
        }
        let [first, again] =
            [testbed.host("site-0.test").await, testbed.host("SITE-0.test.").await];
        assert_eq!(first.unwrap().address(), again.unwrap().address());
    }
}

#[tokio::test]
async fn all_ends_with_the_bed() {
    let (testbed, host) = behaving("slack.com", Behaviour::HangAfterRequest).await;
    let mut inside = connect(&host).await.unwrap();
    let nameserver = testbed.nameserver();
    drop(testbed);
    assert_eq!(timeout(SOON, inside.read(&mut [0])).await.unwrap().unwrap_or(0), 0);
    let ended = async || {
        let closed = connect(&host).await.is_err() && TcpStream::connect(nameserver).await.is_err();
        closed.then_some(())
    };
    until("nothing listens any more", SOON, ended).await;
}

#[tokio::test]
async fn hangs_say_nothing_and_do_not_close() {
    for (behaviour, said, read) in [
        (Behaviour::HangAfterAccept, false, 0),
        (Behaviour::HangAfterRequest, false, 1),
        (Behaviour::HangMidAnswer, true, 1),
    ] {
        let (_bed, host) = behaving("slack.com", behaviour.clone()).await;
        let mut stream = connect(&host).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let mut bytes = Vec::new();
        assert!(timeout(NEVER, stream.read_to_end(&mut bytes)).await.is_err(), "{behaviour:?}");
        assert_eq!(!bytes.is_empty(), said, "{behaviour:?}");
        assert_eq!((host.connections(), host.hits()), (1, read), "{behaviour:?}");
    }
}

#[tokio::test]
async fn the_tls_handshake_hangs() {
    let (testbed, host) = behaving("slack.com", Behaviour::HangAfterAccept).await;
    let visit = client(&testbed, &host).get(host.https_url()).send();
    assert!(timeout(NEVER, visit).await.is_err());
}

#[tokio::test]
async fn resets_are_resets_and_closes_are_closes() {
    use io::ErrorKind::ConnectionReset;
    for (behaviour, said, reset) in [
        (Behaviour::ResetOnAccept, "", true),
        (Behaviour::ResetMidAnswer, "This is the beginning", true),
        (Behaviour::CloseMidAnswer, "This is the beginning", false),
        (Behaviour::CloseAfterRequest, "", false),
        (Behaviour::NotHttp, "not the protocol", false),
    ] {
        let (_bed, host) = behaving("slack.com", behaviour.clone()).await;
        let (text, ended) = converse(&host).await;
        assert!(text.contains(said), "{behaviour:?}: {text:?}");
        let kind = ended.map_err(|error| error.kind());
        assert_eq!(kind, if reset { Err(ConnectionReset) } else { Ok(()) }, "{behaviour:?}");
    }
}

#[tokio::test]
async fn a_stock_client_fails_on_each_over_both_schemes() {
    for behaviour in [
        Behaviour::ResetOnAccept,
        Behaviour::ResetMidAnswer,
        Behaviour::CloseMidAnswer,
        Behaviour::CloseAfterRequest,
        Behaviour::NotHttp,
    ] {
        let (testbed, host) = behaving("slack.com", behaviour.clone()).await;
        for url in [host.http_url(), host.https_url()] {
            let visit = async { client(&testbed, &host).get(&url).send().await?.bytes().await };
            let failed = timeout(SOON, visit).await.unwrap();
            assert!(failed.is_err(), "{behaviour:?} at {url}");
        }
    }
}

#[tokio::test]
async fn drips_byte_by_byte() {
    let pause = Duration::from_millis(2);
    let (testbed, host) =
        behaving("slack.com", Behaviour::Drip(pause, HttpAnswer::ok().body("slow"))).await;
    for url in [host.http_url(), host.https_url()] {
        let start = Instant::now();
        let page = client(&testbed, &host).get(url).send().await.unwrap();
        assert_eq!(page.text().await.unwrap(), "slow");
        assert!(start.elapsed() > 50 * pause, "{:?}", start.elapsed());
    }
}
