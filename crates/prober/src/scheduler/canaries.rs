//! The canaries: addresses of others that prove our own connection and name servers. They are asked
//! only when something failed and no site proves the connection.
//!
//! A connection alone proves nothing against a box on our side that answers in the place of others:
//! canaries at the port of HTTPS are asked for an answer too, which no other machine can give. Nor
//! does it prove anything of sites with names while our name servers lie: then it does not count.

use std::{
    future::Future,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::{net::TcpStream, sync::mpsc, time::timeout};
use url::Url;

use crate::{
    clock::Clock,
    probe::{Probe, ProbeTarget, Prober},
};
use model::{
    address::is_public,
    judge::network_health::{CanaryKind, CanaryResult},
    name::Region,
    report::Report,
    site::Expect,
    site_request::SiteRequest,
};

/// The time that a canary may take.
const CANARY_TIMEOUT: Duration = Duration::from_secs(3);

/// The port of HTTPS.
const HTTPS: u16 = 443;
/// A name that is always there, and always at these addresses: that of a server of the root zone.
const KNOWN_NAME: &str = "a.root-servers.net";
const KNOWN_ADDRESSES: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(198, 41, 0, 4)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0x503, 0xba3e, 0, 0, 0, 2, 0x30)),
];

/// The canaries and the means to ask them.
#[derive(Clone, Debug)]
pub struct Canaries {
    /// The region that they speak for.
    pub region: Region,
    /// Addresses that take connections over TCP.
    pub addresses: Vec<SocketAddr>,
    /// Knows our name servers.
    pub prober: Prober,
    /// Gives moments.
    pub clock: Clock,
}

impl Canaries {
    /// Asks the canaries at each request, until the channel is closed.
    pub async fn run(self, mut requests: mpsc::Receiver<()>, reports: mpsc::Sender<Report>) {
        while requests.recv().await.is_some() {
            tokio::join!(
                self.report(CanaryKind::Public, self.any_connects(true, true), &reports),
                self.report(CanaryKind::Private, self.any_connects(false, true), &reports),
                self.report(CanaryKind::Names, self.names(), &reports),
                self.report(
                    CanaryKind::Connections,
                    self.with_true_names(self.any_connects(true, false)),
                    &reports
                ),
                self.report(CanaryKind::Answers, self.with_true_names(self.answers()), &reports),
                self.report(CanaryKind::KnownNames, self.known_names(), &reports),
            );
        }
    }

    async fn report(
        &self,
        kind: CanaryKind,
        ask: impl Future<Output = bool>,
        reports: &mpsc::Sender<Report>,
    ) {
        let asked = self.clock.now();
        let answered = ask.await;
        let at = if answered { self.clock.now() } else { asked };
        // A closed channel means that the service is ending.
        let result = CanaryResult { kind, at, answered };
        let _ = reports.send(Report::of_canary(self.region.clone(), result)).await;
    }

    /// Returns whether one of the public addresses, or of the others, takes a connection; or
    /// refuses it, where that is an answer.
    async fn any_connects(&self, public: bool, or_refuses: bool) -> bool {
        let ours = self.addresses.iter().filter(|at| is_public(at.ip()) == public);
        any(ours.map(|at| connects(at, or_refuses))).await
    }

    /// Returns whether one of the public addresses answers a request over a connection that is
    /// safe.
    async fn answers(&self) -> bool {
        let ours = self.addresses.iter().filter(|at| is_public(at.ip()) && at.port() == HTTPS);
        any(ours.map(|at| self.answer(at))).await
    }

    async fn answer(&self, at: &SocketAddr) -> bool {
        // An address makes a URL.
        let Ok(url) = Url::parse(&format!("https://{at}/")) else { return false };
        let expect = Expect { statuses: vec![(100, 599)], ..Expect::default() };
        let request = SiteRequest::default();
        let (timeout, private) = (CANARY_TIMEOUT, false);
        let target =
            ProbeTarget { url: &url, timeout, expect: &expect, request: &request, private };
        self.prober.probe(&target, 1).await.http_status.is_some()
    }

    /// Returns whether this is so, and our name servers do not lie.
    async fn with_true_names(&self, is_so: impl Future<Output = bool>) -> bool {
        is_so.await && self.known_names().await
    }

    async fn known_names(&self) -> bool {
        let know = self.prober.name_servers_know(KNOWN_NAME, &KNOWN_ADDRESSES);
        timeout(CANARY_TIMEOUT, know).await.unwrap_or(false)
    }

    async fn names(&self) -> bool {
        timeout(CANARY_TIMEOUT, self.prober.name_servers_answer()).await.unwrap_or(false)
    }
}

/// Returns whether any of these is so.
async fn any(asked: impl Iterator<Item = impl Future<Output = bool>>) -> bool {
    let mut tries: FuturesUnordered<_> = asked.collect();
    while let Some(answered) = tries.next().await {
        if answered {
            return true;
        }
    }
    false
}

async fn connects(at: &SocketAddr, or_refuses: bool) -> bool {
    match timeout(CANARY_TIMEOUT, TcpStream::connect(at)).await {
        Ok(Ok(_)) => true,
        Ok(Err(error)) => or_refuses && error.kind() == std::io::ErrorKind::ConnectionRefused,
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;
    use crate::probe::ProberSettings;
    use model::{moment::Moment, report::ReportContent};

    async fn say(addresses: Vec<SocketAddr>) -> Vec<(CanaryKind, bool)> {
        let settings = ProberSettings {
            user_agent: "test".into(),
            max_body: 1,
            max_redirects: 1,
            // Nothing listens there.
            nameservers: vec!["127.0.0.1:1".parse().unwrap()],
            ca_file: None,
        };
        let prober = Prober::new(&settings).unwrap();
        let clock = Clock::starting_at(Moment::from_millis(1_700_000_000_000));
        let (ask, asked) = mpsc::channel(1);
        let (say, mut said) = mpsc::channel(8);
        ask.send(()).await.unwrap();
        drop(ask);
        let region = Region::default();
        Box::pin(Canaries { region, addresses, prober, clock }.run(asked, say)).await;
        let mut all = Vec::new();
        while let Some(report) = said.recv().await {
            let ReportContent::Canary(control) = report.content else { panic!("{report:?}") };
            all.push((control.kind, control.answered));
        }
        all.sort_by_key(|(line, _)| *line as u8);
        all
    }

    #[tokio::test]
    async fn each_line_is_answered_for_and_one_control_is_enough() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let there = listener.local_addr().unwrap();
        let all = |private| {
            let asked = [
                CanaryKind::Public,
                CanaryKind::Private,
                CanaryKind::Names,
                CanaryKind::Connections,
                CanaryKind::Answers,
                CanaryKind::KnownNames,
            ];
            asked.map(|line| (line, line == CanaryKind::Private && private))
        };
        assert_eq!(Box::pin(say(vec![there])).await, all(true));
        assert_eq!(Box::pin(say(Vec::new())).await, all(false));
    }
}
