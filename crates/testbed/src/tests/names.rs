//! The nameserver, asked by a stock resolver.

use std::net::IpAddr;

use hickory_resolver::{
    Resolver, TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig},
    net::{DnsError, NetError, runtime::TokioRuntimeProvider},
    proto::{
        op::ResponseCode,
        rr::{RData, RecordType},
    },
};
use tokio::time::Instant;

use super::*;
use crate::{DnsAnswers, NOWHERE, NameserverBehaviour};

fn resolver(testbed: &Testbed, transport: ConnectionConfig) -> TokioResolver {
    resolver_at(testbed.nameserver(), transport, false)
}

fn resolver_at(at: SocketAddr, mut transport: ConnectionConfig, edns: bool) -> TokioResolver {
    transport.port = at.port();
    let server = NameServerConfig::new(at.ip(), true, vec![transport]);
    let config = ResolverConfig::from_parts(None, vec![], vec![server]);
    let mut builder = Resolver::builder_with_config(config, TokioRuntimeProvider::default());
    let options = builder.options_mut();
    (options.attempts, options.timeout) = (1, SOON);
    (options.use_hosts_file, options.edns0) = (ResolveHosts::Never, edns);
    builder.build().unwrap()
}

async fn ask(testbed: &Testbed, name: &str) -> Result<Vec<IpAddr>, NetError> {
    let found = resolver(testbed, ConnectionConfig::udp()).lookup_ip(format!("{name}.")).await?;
    Ok(found.iter().collect())
}

fn code(error: &NetError) -> Option<ResponseCode> {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => Some(none.response_code),
        NetError::Dns(DnsError::ResponseCode(code)) => Some(*code),
        _ => None,
    }
}

#[tokio::test]
async fn gives_each_name_its_address_over_udp_and_tcp() {
    let (testbed, host) = bed_with("Slack.com").await;
    for transport in [ConnectionConfig::udp(), ConnectionConfig::tcp()] {
        let found = resolver(&testbed, transport).lookup_ip("SLACK.com.").await.unwrap();
        assert_eq!(found.iter().collect::<Vec<_>>(), [host.address()]);
    }
    assert!(host.lookups() >= 2);
    assert_eq!(code(&ask(&testbed, "other.test").await.unwrap_err()), Some(ResponseCode::NXDomain));
}

#[tokio::test]
async fn knows_names_in_the_letters_of_name_servers() {
    let (testbed, host) = bed_with("xn--caf-dma.nl").await;
    assert_eq!(ask(&testbed, "xn--caf-dma.nl").await.unwrap(), [host.address()]);
}

#[tokio::test]
async fn tells_the_ways_of_having_no_answer_apart() {
    let (testbed, host) = bed_with("slack.com").await;
    for (names, expected) in [
        (DnsAnswers::NxDomain, ResponseCode::NXDomain),
        (DnsAnswers::ServFail, ResponseCode::ServFail),
        (DnsAnswers::Refused, ResponseCode::Refused),
        (DnsAnswers::NotImp, ResponseCode::NotImp),
        (DnsAnswers::FormErr, ResponseCode::FormErr),
        (DnsAnswers::Empty, ResponseCode::NoError),
    ] {
        host.dns(names.clone());
        let error = ask(&testbed, "slack.com").await.unwrap_err();
        assert_eq!(code(&error), Some(expected), "{names:?}: {error:?}");
    }
    host.dns(DnsAnswers::Silence);
    assert!(timeout(NEVER, ask(&testbed, "slack.com")).await.is_err());
    host.dns(DnsAnswers::Own);
    assert_eq!(ask(&testbed, "slack.com").await.unwrap(), [host.address()]);
}

#[tokio::test]
async fn follows_a_chain_of_aliases() {
    let (testbed, host) = bed_with("slack.com").await;
    host.dns(DnsAnswers::alias(["slack.edge.test", "pop-7.cdn.test"]));
    let resolver = resolver(&testbed, ConnectionConfig::udp());
    let found = resolver.lookup("slack.com.", RecordType::A).await.unwrap();
    let said: Vec<String> = found.answers().iter().map(|record| record.data.to_string()).collect();
    assert_eq!(said, ["slack.edge.test.", "pop-7.cdn.test.", &host.address().to_string()]);
    assert!(matches!(found.answers()[0].data, RData::CNAME(_)));
    assert_eq!(ask(&testbed, "pop-7.cdn.test").await.unwrap(), [host.address()]);
    host.dns(DnsAnswers::Alias(vec!["gone.test".to_owned()], Box::new(DnsAnswers::NxDomain)));
    assert!(ask(&testbed, "slack.com").await.is_err());
}

#[tokio::test]
async fn gives_several_addresses_of_both_families_in_order() {
    let (testbed, host) = bed_with("slack.com").await;
    let list: Vec<IpAddr> =
        ["127.67.0.1", "127.67.0.2", "::1"].map(|address| address.parse().unwrap()).to_vec();
    host.dns(DnsAnswers::Addresses(list.clone()));
    let resolver = resolver(&testbed, ConnectionConfig::udp());
    let four = resolver.ipv4_lookup("slack.com.").await.unwrap();
    let four: Vec<IpAddr> =
        four.answers().iter().filter_map(|record| record.data.ip_addr()).collect();
    assert_eq!(four, list[..2]);
    let six = resolver.ipv6_lookup("slack.com.").await.unwrap();
    assert_eq!(six.answers()[0].data.ip_addr(), Some(list[2]));
}

#[tokio::test]
async fn changes_its_answer_after_the_first() {
    let (testbed, host) = bed_with("slack.com").await;
    host.dns("rebind 192.0.2.1 127.0.0.1".parse().unwrap());
    for expected in ["192.0.2.1", "127.0.0.1", "127.0.0.1"] {
        assert_eq!(
            ask(&testbed, "slack.com").await.unwrap(),
            [expected.parse::<IpAddr>().unwrap()]
        );
    }
}

#[tokio::test]
async fn answers_late() {
    let (testbed, host) = bed_with("slack.com").await;
    let pause = NEVER / 4;
    host.dns(DnsAnswers::After(pause, Box::new(DnsAnswers::Own)));
    let start = Instant::now();
    assert_eq!(ask(&testbed, "slack.com").await.unwrap(), [host.address()]);
    assert!(start.elapsed() >= pause);
}

#[tokio::test]
async fn puts_a_dead_or_a_silent_address_before_the_one_that_works() {
    let (testbed, host) = bed_with("slack.com").await;
    let hole = testbed.host_on("hole.test", host.ports()).await.unwrap();
    assert_eq!(hole.ports(), host.ports());
    hole.behave(Behaviour::Blackhole).await.unwrap();
    for (first, refused, wait) in [(NOWHERE, true, SOON), (hole.address(), false, NEVER)] {
        host.dns(DnsAnswers::Ahead(vec![first]));
        let found = ask(&testbed, "slack.com").await.unwrap();
        assert_eq!(found, [first, host.address()]);
        let mut tries = found.into_iter().map(|ip| TcpStream::connect((ip, host.ports().http)));
        let met = timeout(wait, tries.next().unwrap()).await;
        assert_eq!(met.is_ok_and(|connected| connected.is_err()), refused);
        tries.next().unwrap().await.unwrap();
    }
}

#[tokio::test]
async fn a_long_answer_needs_tcp() {
    let (testbed, host) = bed_with("slack.com").await;
    let list: Vec<IpAddr> = (0..200).map(|i| IpAddr::from([127, 67, 1, i])).collect();
    host.dns(DnsAnswers::Addresses(list.clone()));
    let resolver = resolver(&testbed, ConnectionConfig::tcp());
    let found = resolver.ipv4_lookup("slack.com.").await.unwrap();
    assert_eq!(found.answers().len(), list.len());
    let found = ask(&testbed, "slack.com").await;
    assert!(found.map_or(0, |found| found.len()) < list.len(), "cut short over UDP");
}

async fn four(resolver: &TokioResolver, name: &str) -> Vec<IpAddr> {
    let found = resolver.ipv4_lookup(format!("{name}.")).await.unwrap();
    found.answers().iter().filter_map(|record| record.data.ip_addr()).collect()
}

#[tokio::test]
async fn addresses_come_in_turns_or_in_any_order() {
    let (testbed, host) = bed_with("slack.com").await;
    let list: [IpAddr; 3] = ["127.67.0.1", "127.67.0.2", "127.67.0.3"].map(|a| a.parse().unwrap());
    let resolver = resolver(&testbed, ConnectionConfig::udp());
    host.dns("rotated at 127.67.0.1,127.67.0.2,127.67.0.3".parse().unwrap());
    for turn in 0..4 {
        let mut want = list;
        want.rotate_left(turn % 3);
        assert_eq!(four(&resolver, "slack.com").await, want);
    }
    host.dns("shuffled alias a.test at 127.67.0.1,127.67.0.2,127.67.0.3".parse().unwrap());
    let mut seen = std::collections::HashSet::new();
    for _ in 0..40 {
        let mut found = four(&resolver, "slack.com").await;
        seen.insert(found.clone());
        found.sort();
        assert_eq!(found, list);
    }
    assert!(seen.len() > 1, "never in another order");
}

#[tokio::test]
async fn each_family_has_answers_of_its_own() {
    let (testbed, host) = bed_with("slack.com").await;
    host.dns("a ok aaaa servfail".parse().unwrap());
    let resolver = resolver(&testbed, ConnectionConfig::udp());
    assert_eq!(four(&resolver, "slack.com").await, [host.address()]);
    let six = resolver.ipv6_lookup("slack.com.").await.unwrap_err();
    assert_eq!(code(&six), Some(ResponseCode::ServFail));
}

#[tokio::test]
async fn what_is_cached_comes_late_only_once() {
    let (testbed, host) = bed_with("slack.com").await;
    let pause = NEVER * 5;
    host.dns(DnsAnswers::Cached(pause, Box::new(DnsAnswers::Own)));
    for late in [true, false] {
        let start = Instant::now();
        assert_eq!(ask(&testbed, "slack.com").await.unwrap(), [host.address()]);
        assert_eq!(start.elapsed() >= pause, late);
    }
}

#[tokio::test]
async fn nameservers_stand_side_by_side_and_each_has_its_manner() {
    let (testbed, host) = bed_with("slack.com").await;
    let other = testbed.another_nameserver().await.unwrap();
    let at = |edns| resolver_at(other.at(), ConnectionConfig::udp(), edns);
    other.behave(NameserverBehaviour::Says(DnsAnswers::ServFail));
    let error = at(false).ipv4_lookup("slack.com.").await.unwrap_err();
    assert_eq!(code(&error), Some(ResponseCode::ServFail));
    assert_eq!(ask(&testbed, "slack.com").await.unwrap(), [host.address()]);

    other.behave(NameserverBehaviour::Edns(DnsAnswers::Refused));
    let error = at(true).ipv4_lookup("slack.com.").await.unwrap_err();
    assert_eq!(code(&error), Some(ResponseCode::Refused));
    assert_eq!(four(&at(false), "slack.com").await, [host.address()]);

    other.behave(NameserverBehaviour::After(NEVER / 4, Box::default()));
    let start = Instant::now();
    assert_eq!(four(&at(false), "slack.com").await, [host.address()]);
    assert!(start.elapsed() >= NEVER / 4);
    assert!(other.questions() >= 4);
}

#[tokio::test]
async fn the_root_is_there() {
    let (testbed, _) = bed_with("slack.com").await;
    let found =
        resolver(&testbed, ConnectionConfig::udp()).lookup(".", RecordType::NS).await.unwrap();
    assert_eq!(found.answers().len(), 1);
}

#[tokio::test]
async fn a_host_has_machines_that_behave_each_in_its_way() {
    let testbed = Testbed::start().await.unwrap();
    let host = testbed.host_on("slack.com", crate::Ports::FREE).await.unwrap();
    let other = testbed.another_machine(&host, None).unwrap();
    let six = testbed.another_machine(&host, Some("::1".parse().unwrap())).unwrap();
    other.behave(Behaviour::Refuse).await.unwrap();
    assert_eq!(
        four(&resolver(&testbed, ConnectionConfig::udp()), "slack.com").await,
        [host.address(), other.address()]
    );
    for (machine, there) in [(&host, true), (&other, false), (&six, true)] {
        assert_eq!(connect(machine).await.is_ok(), there, "{machine:?}");
    }
}
