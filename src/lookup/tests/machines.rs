//! Many names that lead to one machine, by the real prober: what reaches the machine is bounded.

use std::{net::IpAddr, sync::Arc, time::Duration};

use crate::{
    board::Board,
    lookup::{LookupSettings, LookupStart, Lookups},
};
use model::{judge::Rules, name::Region};
use prober::{
    clock::Clock,
    probe::{self, Prober},
};
use testbed::{DnsAnswers, Testbed};

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_many_names_lead_to_is_left_in_peace() {
    let testbed = Testbed::start().await.unwrap();
    let victim = testbed.host("victim.test").await.unwrap();
    let settings = probe::ProberSettings {
        user_agent: "stillup/test".to_owned(),
        max_body: 1024,
        max_redirects: 5,
        nameservers: vec![testbed.nameserver()],
        ca_file: None,
    };
    let prober = Arc::new(Prober::new(&settings).unwrap());
    let settings = LookupSettings {
        enabled: true,
        allow_private: true,
        per_visitor: 10_000,
        cache: Duration::from_secs(30),
        timeout: Duration::from_secs(2),
        rules: Rules::default(),
        region: Region::default(),
    };
    let lookups = Lookups::new(prober, Arc::new(Board::new()), Clock::system(), settings);
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
