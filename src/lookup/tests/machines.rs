//! Many names that lead to one machine, by the real prober: what reaches the machine is bounded.

use std::{
    collections::HashSet,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::{
    board::Board,
    lookup::{LookupSettings, LookupStart, Lookups},
};
use model::{
    judge::Rules,
    name::Region,
    outcome::{Failure, Outcome},
    site::Site,
    verdict::Status,
};
use prober::{
    clock::Clock,
    probe::{self, Blocked, Gate, Prober, VisitorProbe},
};
use testbed::{DnsAnswers, Testbed};

fn prober(testbed: &Testbed) -> Prober {
    let settings = probe::ProberSettings {
        user_agent: "stillup/test".to_owned(),
        max_body: 1024,
        max_redirects: 5,
        nameservers: vec![testbed.nameserver()],
        ca_file: None,
    };
    Prober::new(&settings).unwrap()
}

fn settings() -> LookupSettings {
    LookupSettings {
        enabled: true,
        allow_private: true,
        per_visitor: 10_000,
        cache: Duration::from_secs(30),
        timeout: Duration::from_secs(2),
        rules: Rules::default(),
        region: Region::default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_many_names_lead_to_is_left_in_peace() {
    let testbed = Testbed::start().await.unwrap();
    let victim = testbed.host("victim.test").await.unwrap();
    let prober = Arc::new(prober(&testbed));
    let lookups = Lookups::new(prober, Arc::new(Board::new()), Clock::system(), settings());
    let port = victim.ports().http;
    let (mut answered, mut put_off, mut busy) = (0, 0, 0);
    for number in 0..200_u32 {
        let name = format!("name{number}.test");
        let host = testbed.host(&name).await.unwrap();
        host.dns(DnsAnswers::Addresses(vec![victim.address()]));
        let target = lookups.read(&format!("http://{name}:{port}")).unwrap();
        // Each from another /48.
        let visitor: IpAddr = format!("2001:db8:{number:x}::1").parse().unwrap();
        match lookups.ask(&target, visitor, false) {
            Ok(LookupStart::Coming(mut coming)) => {
                let seen = coming.answer().await.unwrap();
                if seen.is_put_off() {
                    assert!(seen.verdict().is_none(), "nobody looked, so nothing is said of it");
                    put_off += 1;
                } else {
                    answered += 1;
                }
            }
            _ => busy += 1,
        }
    }
    // Sixty at once, and one a second: the testbed is quick.
    assert!((60..100).contains(&answered), "{answered} {put_off} {busy}");
    assert!(victim.connections() < 100, "{} connections", victim.connections());
    assert_eq!(answered + put_off, 200);
}

/// A server that sends everybody to itself, for ever, and the number of its connections.
async fn circle() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (at, count) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let counter = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut head = [0; 1024];
                let _ = stream.read(&mut head).await;
                let reply = b"HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n";
                let _ = stream.write_all(reply).await;
            });
        }
    });
    (at, count)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_sends_visitors_in_circles_is_asked_little_and_turns_no_other_visitor_away() {
    let testbed = Testbed::start().await.unwrap();
    let (at, connections) = circle().await;
    let prober = Arc::new(prober(&testbed));
    let lookups = Lookups::new(prober, Arc::new(Board::new()), Clock::system(), settings());
    for number in 0..8 {
        let name = format!("circle{number}.test");
        let host = testbed.host(&name).await.unwrap();
        host.dns(DnsAnswers::Addresses(vec![at.ip()]));
        let target = lookups.read(&format!("http://{name}:{}", at.port())).unwrap();
        let visitor: IpAddr = format!("2001:db8:{number:x}::1").parse().unwrap();
        let Ok(LookupStart::Coming(mut coming)) = lookups.ask(&target, visitor, false) else {
            panic!("nobody has asked before");
        };
        let seen = coming.answer().await.unwrap();
        assert!(!seen.is_put_off(), "{number}");
        let verdict = seen.verdict().unwrap();
        assert_eq!(verdict.status, Status::Down);
        assert_eq!(verdict.cause.as_ref().unwrap().failure, Failure::Redirect);
    }
    // Two attempts each, of the first request and five redirects.
    assert_eq!(connections.load(Ordering::SeqCst), 8 * 2 * 6);
}

/// Counts the connections that a gate lets through.
#[derive(Debug)]
struct CountedGate(Arc<dyn Gate>, Arc<Mutex<Vec<IpAddr>>>);

impl Gate for CountedGate {
    fn may_connect(&self, address: IpAddr) -> bool {
        self.1.lock().unwrap().push(address);
        self.0.may_connect(address)
    }
}

/// A prober whose connections are counted.
#[derive(Debug)]
struct CountedProber(Prober, Arc<Mutex<Vec<IpAddr>>>);

impl VisitorProbe for CountedProber {
    fn attempt_for_visitor<'a>(
        &'a self,
        site: &'a Site,
        number: u8,
        gate: &'a Arc<dyn Gate>,
    ) -> BoxFuture<'a, Result<Outcome, Blocked>> {
        Box::pin(async move {
            let gate: Arc<dyn Gate> = Arc::new(CountedGate(Arc::clone(gate), Arc::clone(&self.1)));
            self.0.attempt_for_visitor(site, number, &gate).await
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_with_thousands_of_addresses_that_refuse_is_a_handful_of_connections() {
    let testbed = Testbed::start().await.unwrap();
    let host = testbed.host("many.test").await.unwrap();
    let many = (0..4_000_u32).map(|n| IpAddr::from([127, 9, (n >> 8) as u8, n as u8]));
    host.dns(DnsAnswers::Addresses(many.collect()));
    let connections = Arc::new(Mutex::new(Vec::new()));
    let prober = CountedProber(prober(&testbed), Arc::clone(&connections));
    let lookups =
        Lookups::new(Arc::new(prober), Arc::new(Board::new()), Clock::system(), settings());
    let target = lookups.read(&format!("many.test:{}", host.ports().http)).unwrap();
    let visitor: IpAddr = "2001:db8::1".parse().unwrap();
    let Ok(LookupStart::Coming(mut coming)) = lookups.ask(&target, visitor, false) else {
        panic!("nobody has asked before");
    };
    assert!(coming.answer().await.unwrap().verdict().is_some());
    let connections = connections.lock().unwrap();
    let addresses: HashSet<&IpAddr> = connections.iter().collect();
    assert!(
        connections.len() <= 40 && addresses.len() <= 12,
        "{} connections to {} addresses",
        connections.len(),
        addresses.len()
    );
}
