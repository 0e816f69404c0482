//! Reports of a prober to the node about its region, wherever the prober runs.

use std::{fmt, time::Duration};

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
        /// Number of the check, where several nodes hear it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<Origin>,
    },
    /// A check that is recorded and counts for no verdict: its prober has no vote, and others of its
    /// region have one.
    Uncounted(Check),
    /// Result of the region's canaries.
    Canary(CanaryResult),
    /// From now on the region's checks are recorded, and it has no vote for this reason; or it has
    /// one again.
    Voting(Option<WhyNot>),
    /// The region has no prober any more. Its last reports are history.
    Retired,
}

/// Number of a check in the run of the prober that made it: the same at every node that hears it,
/// whatever moment its clock gives the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Name of the run.
    pub run: Box<str>,
    /// The number, counted from 1.
    pub number: u64,
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
    /// It has only begun to probe the site, or comes back, and is not sure yet of what it sees.
    Settling,
}

/// Facts of a prober that cannot keep up with its schedule, of the last minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overload {
    /// Since when it cannot.
    pub since: Moment,
    /// Checks that were due.
    pub turns: u32,
    /// Those of them that were skipped, or began more than a second late.
    pub behind: u32,
    /// Percentage of the minute in which the event loop was late.
    pub lag_percent: u32,
}

impl fmt::Display for Overload {
    /// For operators, in English.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { since, turns, behind, lag_percent } = self;
        write!(
            f,
            "since {since} there are more checks than this prober can make: of {turns} checks in the \
             last minute {behind} were skipped or late, and its event loop was late for {lag_percent}% \
             of it; no site is called slow or down because of that"
        )
    }
}

/// A site as the regions that look at it see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Those that see it down.
    pub down: Vec<Region>,
    /// Those that see it slow.
    pub slow: Vec<Region>,
    /// Number of others that have a vote and see it well.
    pub well: usize,
    /// All that are turned away.
    pub turned_away: Vec<Region>,
}

/// Nobody looks, or it is not known from where.
pub static NOWHERE: Places =
    Places { down: Vec::new(), slow: Vec::new(), well: 0, turned_away: Vec::new() };

impl Places {
    /// Returns whether there are several, and all of them are turned away.
    pub fn all_turned_away(&self) -> bool {
        let all = self.down.len() + self.slow.len() + self.well;
        all > 1 && self.turned_away.len() == all
    }

    /// Number of places that the site answers and lets in.
    pub fn let_in(&self) -> usize {
        (self.slow.len() + self.well).saturating_sub(self.turned_away.len())
    }
}

impl WhyNot {
    /// Every reason.
    pub const ALL: [Self; 6] =
        [Self::Clock, Self::Rules, Self::Overload, Self::Network, Self::Silent, Self::Settling];

    /// Name in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Rules => "rules",
            Self::Overload => "overload",
            Self::Network => "network",
            Self::Silent => "silent",
            Self::Settling => "settling",
        }
    }
}

/// Reason why a report is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum ReportRefusal {
    /// Its moment lies ahead.
    #[error("its moment is in the future")]
    Future,
    /// It is older than anything an agent keeps.
    #[error("it is older than {} hours", MAX_AGE.as_secs() / 3_600)]
    TooOld,
}

/// The moment of a report may be so far ahead of the node's clock.
const MAX_AHEAD: Duration = Duration::from_secs(5);
/// Age of the oldest report that is taken: an agent keeps none for longer.
pub const MAX_AGE: Duration = Duration::from_hours(6);

impl Report {
    /// Reason why this report of an agent is not taken: a check is written to the table of its day,
    /// which a wrong clock must not make.
    pub fn refusal(&self) -> Option<ReportRefusal> {
        let heard = self.heard?;
        let at = match &self.content {
            ReportContent::Check { check, .. } | ReportContent::Uncounted(check) => check.at,
            ReportContent::Canary(result) => result.at,
            ReportContent::Voting(_) | ReportContent::Retired => return None,
        };
        if at > heard + MAX_AHEAD {
            return Some(ReportRefusal::Future);
        }
        (heard.since(at) > MAX_AGE).then_some(ReportRefusal::TooOld)
    }

    /// A check of the node's own prober.
    pub fn of_check(check: Check, overloaded: bool) -> Self {
        let region = check.region.clone();
        let content = ReportContent::Check { check, overloaded, origin: None };
        Self { region, heard: None, content }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::network_health::CanaryKind;

    #[test]
    fn what_an_agent_dates_in_the_future_or_long_ago_is_refused() {
        let heard = Moment::from_millis(1_790_000_000_000);
        let at = |at: Moment, heard: Option<Moment>| {
            let result = CanaryResult { kind: CanaryKind::Public, at, answered: true };
            Report { heard, ..Report::of_canary(Region::default(), result) }.refusal()
        };
        let hours = Duration::from_hours(6);
        for (moment, want) in [
            (heard + MAX_AHEAD, None),
            (heard + MAX_AHEAD + Duration::from_millis(1), Some(ReportRefusal::Future)),
            (heard - hours, None),
            (heard - hours - Duration::from_millis(1), Some(ReportRefusal::TooOld)),
            (Moment::default(), Some(ReportRefusal::TooOld)),
        ] {
            assert_eq!(at(moment, Some(heard)), want);
            assert_eq!(at(moment, None), None, "the node's own clock is the node's");
        }
    }
}
