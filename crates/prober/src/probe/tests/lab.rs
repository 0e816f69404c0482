//! A prober, and how to look with it.

use std::{net::SocketAddr, time::Duration};

use url::Url;

pub(super) use super::{servers::*, test_name_server::*};
use crate::probe::{ProbeTarget, Prober, ProberSettings};
use model::{
    failure_detail::FailureDetail,
    outcome::{Failure, Outcome},
    site::Expect,
    site_request::SiteRequest,
};

pub(super) const AGENT: &str = "stillup/0.0 (+https://stillup.example/about)";
/// Limit of a look; one that is told well before it did not wait for it.
pub(super) const LIMIT: Duration = Duration::from_secs(5);
pub(super) const MAX_BODY: usize = 256 * 1024;

pub(super) fn settings() -> ProberSettings {
    ProberSettings {
        user_agent: AGENT.to_owned(),
        max_body: MAX_BODY,
        max_redirects: 5,
        // No name server is asked unless a test says so.
        nameservers: vec!["127.0.0.1:9".parse().unwrap()],
        ca_file: None,
    }
}

pub(super) fn prober() -> Prober {
    Prober::new(&settings()).unwrap()
}

pub(super) fn resolving(nameserver: SocketAddr) -> Prober {
    Prober::new(&ProberSettings { nameservers: vec![nameserver], ..settings() }).unwrap()
}

/// Settings of a probe; the usual ones by default.
#[derive(Clone, Debug)]
pub(super) struct TestProbe {
    pub(super) timeout: Duration,
    pub(super) expect: Expect,
    pub(super) request: SiteRequest,
    pub(super) private: bool,
    pub(super) attempt: u8,
}

impl Default for TestProbe {
    fn default() -> Self {
        Self {
            timeout: LIMIT,
            expect: Expect::default(),
            request: SiteRequest::default(),
            private: true,
            attempt: 1,
        }
    }
}

impl TestProbe {
    pub(super) fn within(millis: u64) -> Self {
        Self { timeout: Duration::from_millis(millis), ..Self::default() }
    }

    pub(super) fn public() -> Self {
        Self { private: false, ..Self::default() }
    }

    pub(super) fn text(text: &str) -> Self {
        let expect = Expect { text: Some(text.into()), ..Expect::default() };
        Self { expect, ..Self::default() }
    }

    pub(super) fn statuses(low: u16, high: u16) -> Self {
        let expect = Expect { statuses: vec![(low, high)], ..Expect::default() };
        Self { expect, ..Self::default() }
    }

    pub(super) async fn at(&self, prober: &Prober, url: &str) -> Outcome {
        let url = Url::parse(url).unwrap();
        let target = ProbeTarget {
            url: &url,
            timeout: self.timeout,
            expect: &self.expect,
            request: &self.request,
            private: self.private,
        };
        prober.probe(&target, self.attempt).await
    }
}

/// Looks the usual way.
pub(super) async fn probe(url: &str) -> Outcome {
    TestProbe::default().at(&prober(), url).await
}

/// Asserts that the probe failed with this failure, and returns its detail.
#[track_caller]
pub(super) fn failed(outcome: &Outcome, failure: Failure) -> &FailureDetail {
    let cause = outcome.cause().unwrap_or_else(|| panic!("it did not fail: {outcome:?}"));
    assert_eq!(cause.failure, failure, "{cause:?}");
    &cause.detail
}

/// Asserts that the probe failed with this failure and exactly this detail.
#[track_caller]
pub(super) fn failed_with(outcome: &Outcome, failure: Failure, detail: &FailureDetail) {
    assert_eq!(failed(outcome, failure), detail);
}
