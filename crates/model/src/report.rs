//! Reports of a prober to the node about its region, wherever the prober runs.

use serde::{Deserialize, Serialize};

use crate::{check::Check, judge::network_health::CanaryResult, moment::Moment, name::Region};

/// One report of a prober.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Region of the prober. For an agent it is that of its token.
    pub region: Region,
    /// Moment when the node received it; `None` from the node's own prober, which shares the node's
    /// clock.
    pub heard: Option<Moment>,
    /// Content of the report.
    pub content: ReportContent,
}

/// Content of a report, the same on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportContent {
    /// A check of a site.
    Check {
        /// The check.
        check: Check,
        /// True if the prober could not keep up while it was made: its latency says nothing of the
        /// site.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        overloaded: bool,
    },
    /// Result of the region's canaries.
    Canary(CanaryResult),
    /// From now on the region's checks are recorded, and it has no vote for this reason; or it has
    /// one again.
    Voting(Option<WhyNot>),
    /// The region has no prober any more. Its last reports are history.
    Retired,
}

/// Reason why a region has no vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WhyNot {
    /// Its clock is wrong.
    Clock,
    /// It probes by other rules than the node judges by.
    Rules,
    /// It cannot keep up with its checks.
    Overload,
    /// It does not trust its own network.
    Network,
    /// No report has come lately.
    Silent,
}

impl WhyNot {
    /// Name in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Rules => "rules",
            Self::Overload => "overload",
            Self::Network => "network",
            Self::Silent => "silent",
        }
    }
}

impl Report {
    /// A check of the node's own prober.
    pub fn of_check(check: Check, overloaded: bool) -> Self {
        let region = check.region.clone();
        Self { region, heard: None, content: ReportContent::Check { check, overloaded } }
    }

    /// A result of the canaries of the node's own region.
    pub fn of_canary(region: Region, result: CanaryResult) -> Self {
        Self { region, heard: None, content: ReportContent::Canary(result) }
    }
}

impl From<Check> for Report {
    fn from(check: Check) -> Self {
        Self::of_check(check, false)
    }
}
