//! Doors, addresses and the end of a testbed.

use std::collections::BTreeSet;

use super::*;
use crate::Ports;

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
