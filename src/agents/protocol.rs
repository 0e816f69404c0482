//! Messages between agent and node. Both ends are built from these types.
//!
//! Unknown fields are ignored, so that either end may be newer. Incompatible versions are told
//! apart by [`PROTOCOL`].

use std::{io::Read, time::Duration};

use http::HeaderName;
use serde::{Deserialize, Serialize};

use model::{
    check::Check,
    judge::network_health::CanaryResult,
    moment::Moment,
    name::{AgentName, Region, Slug},
    outcome::{Outcome, Traces},
    report::{Origin, ReportContent},
    site::Site,
};

/// The version of the protocol.
pub const PROTOCOL: u32 = 1;
/// The version of the rules by which outcomes are made. Add one when a change of the prober makes another
/// outcome of the same answer: votes by different rules are not counted together.
pub const RULES: u32 = 2;

/// Lines of a batch at most.
pub const MAX_LINES: usize = 1_000;
/// Bytes of a batch at most, before and after it is decompressed.
pub const MAX_BATCH: usize = 4 << 20;
/// Bytes of a line at most.
pub const MAX_LINE: usize = 64 << 10;
/// The time that a whole exchange may take, body included; a long poll takes its wait beside it.
pub const DEADLINE: Duration = Duration::from_secs(30);
/// The longest that a node lets an agent wait for another set of sites.
pub const MAX_WAIT: Duration = Duration::from_secs(50);
/// The age from which on a line is not taken any more.
pub const MAX_AGE: Duration = Duration::from_hours(6);
/// Largest lead of a moment over our clock, beside the known difference.
pub const MAX_AHEAD: Duration = Duration::from_secs(5);

/// Names the run of an agent that numbers its lines.
pub const BOOT: HeaderName = HeaderName::from_static("stillup-boot");
/// `1` while the agent cannot keep up with its schedule.
pub const OVERLOADED: HeaderName = HeaderName::from_static("stillup-overloaded");
/// The number of the first line of a batch.
pub const FIRST: HeaderName = HeaderName::from_static("stillup-first");
/// The agent's moment when it sends, in milliseconds.
pub const NOW: HeaderName = HeaderName::from_static("stillup-now");
/// Duration of the exchange before, in milliseconds.
pub const ROUND_TRIP: HeaderName = HeaderName::from_static("stillup-round-trip");

/// `POST /agent/v1/hello`: what an agent says first. Its name and region are those of its token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Hello {
    /// The version of its program.
    pub version: Box<str>,
    /// The version of the protocol that it speaks.
    pub protocol: u32,
    /// The version of its rules.
    pub rules: u32,
    /// Names this run of it.
    pub boot: Box<str>,
    /// True if its operator lets it look at private addresses.
    #[serde(default)]
    pub private: bool,
    /// Region that it looks from, where it knows that itself, as a node does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
}

/// The answer to [`Hello`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Welcome {
    /// The name that the agent has here.
    pub agent: AgentName,
    /// Region of the agent.
    pub region: Region,
    /// The moment of the node.
    pub now: Moment,
    /// True if lines may have [`ReportedCheck::traces_patch`].
    #[serde(default)]
    pub traces_patch: bool,
}

/// The answer to `GET /agent/v1/sites`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Assignment {
    /// All sites that the agent is to look at, and no others; `None`: those that it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sites: Option<Vec<Site>>,
    /// Addresses to look at once, now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lookups: Vec<LookupJob>,
}

/// An address to look at once, for a visitor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupJob {
    /// Names it.
    pub id: u64,
    /// The address.
    pub url: Box<str>,
    /// The time that one attempt may take, in milliseconds.
    pub timeout_ms: u32,
    /// True if the node lets its visitors look at private addresses.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
}

/// A line of `POST /agent/v1/checks`, and of an agent's outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// A check.
    Check(ReportedCheck),
    /// Result of a canary.
    Canary(CanaryResult),
    /// Lines that were lost.
    Gap(Gap),
    /// Outcome of a lookup.
    Lookup(LookupLine),
}

/// A check without its region, which is that of the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedCheck {
    /// The site.
    pub slug: Slug,
    /// Beginning, by the agent's clock.
    pub at: Moment,
    /// Outcome.
    pub outcome: Outcome,
    /// Number of attempts.
    pub attempts: u8,
    /// True if the agent could not keep up while it was made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overloaded: bool,
    /// Number of the check, by which nodes know what another one has recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Traces of the attempt.
    #[serde(default, skip_serializing_if = "Traces::is_empty")]
    pub traces: Box<Traces>,
    /// Changes of them since the check of the site before it in this run, in place of all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traces_patch: Option<TracesPatch>,
}

/// A JSON merge patch (RFC 7396) of traces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TracesPatch(pub serde_json::Map<String, serde_json::Value>);

/// Lines that were lost, since they were too old or too many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The moment of the first of them.
    pub from: Moment,
    /// The moment of the last of them.
    pub until: Moment,
    /// Number of lines lost.
    pub lost: u64,
}

impl Gap {
    /// Makes it a part of all that was lost.
    pub(super) fn add_to(&self, all: &mut Option<Self>) {
        let all = all.get_or_insert(Self { lost: 0, ..self.clone() });
        all.from = all.from.min(self.from);
        all.until = all.until.max(self.until);
        all.lost = all.lost.saturating_add(self.lost);
    }
}

/// Outcome of a lookup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupLine {
    /// Names the lookup.
    pub id: u64,
    /// Beginning.
    pub at: Moment,
    /// Outcome; `None`: the agent does not probe there.
    pub outcome: Option<Outcome>,
    /// Number of attempts.
    pub attempts: u8,
}

/// The answer to `POST /agent/v1/checks`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchReceipt {
    /// The number up to which every line is kept or refused.
    pub acked: u64,
    /// The lines that were refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedLine>,
    /// Sites to look at again soon.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub again: Vec<Slug>,
}

/// A line that was refused, alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedLine {
    /// Its number.
    pub seq: u64,
    /// Reason.
    pub why: Box<str>,
}

/// The memory that decompression may take for what was before, as a power of two: 8 MiB.
const WINDOW_LOG: u32 = 23;

/// Decompresses a zstd body of limited size; `None` when it is larger, or no zstd.
pub(super) fn inflate(body: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut decoder = zstd::Decoder::new(body).ok()?;
    decoder.window_log_max(WINDOW_LOG).ok()?;
    let mut text = Vec::new();
    decoder.take(most as u64 + 1).read_to_end(&mut text).ok()?;
    (text.len() <= most).then_some(text)
}

impl Line {
    /// The line for a report; `None` when there is nothing to report.
    pub fn of(content: ReportContent) -> Option<Self> {
        match content {
            ReportContent::Check { check, overloaded, origin } => {
                let Check { slug, at, mut outcome, attempts, .. } = check;
                let traces = std::mem::take(&mut outcome.traces);
                let check = ReportedCheck {
                    slug,
                    at,
                    outcome,
                    attempts,
                    overloaded,
                    origin,
                    traces,
                    traces_patch: None,
                };
                Some(Self::Check(check))
            }
            ReportContent::Canary(result) => Some(Self::Canary(result)),
            ReportContent::Uncounted(_) | ReportContent::Voting(_) | ReportContent::Retired => None,
        }
    }

    /// Moment of the line.
    pub fn at(&self) -> Moment {
        match self {
            Self::Check(check) => check.at,
            Self::Canary(result) => result.at,
            Self::Gap(gap) => gap.until,
            Self::Lookup(lookup) => lookup.at,
        }
    }

    /// Returns whether it is sent at once: a failure, or evidence about one.
    pub fn is_urgent(&self) -> bool {
        match self {
            Self::Check(check) => check.outcome.cause().is_some(),
            Self::Canary(_) | Self::Lookup(_) => true,
            Self::Gap(_) => false,
        }
    }
}

impl ReportedCheck {
    /// The check of this region, at this moment of the node's clock.
    pub fn into_check(self, region: Region, at: Moment) -> Check {
        let outcome = Outcome { traces: self.traces, ..self.outcome };
        Check { slug: self.slug, region, at, outcome, attempts: self.attempts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::outcome::{Answer, Failure, Phases};

    #[test]
    fn a_check_goes_over_the_wire_with_all_but_its_region_and_unknown_fields_are_passed_over() {
        let mut outcome = Outcome::failed(Failure::Reset, "as told");
        outcome.phases = Phases { dns: Some(1), ..Phases::default() };
        outcome.traces.address = Some([192, 0, 2, 1].into());
        outcome.traces.answer_print = u64::MAX;
        let region = Region::new("sydney").unwrap();
        let (slug, at) = (Slug::new("a.example").unwrap(), Moment::from_millis(1_790_000_000_123));
        let check = Check { slug, region: region.clone(), at, outcome, attempts: 3 };
        let content = ReportContent::Check { check: check.clone(), overloaded: true, origin: None };
        let line = Line::of(content).unwrap();
        assert!(line.is_urgent() && line.at() == at);
        let text = serde_json::to_string(&line).unwrap();
        assert!(!text.contains("sydney"), "{text}");
        let text = text.replacen("{\"slug\"", "{\"new\":{},\"slug\"", 1);
        let Line::Check(read) = serde_json::from_str(&text).unwrap() else { panic!("{text}") };
        assert!(read.overloaded);
        assert_eq!(read.into_check(region, at), check);
    }

    #[test]
    fn a_good_check_is_short() {
        let outcome = Outcome {
            answer: Answer::Ok,
            http_status: Some(200),
            phases: Phases { wait: Some(80_000), ..Phases::default() },
            traces: Box::default(),
            observed: Box::default(),
        };
        let (slug, at) = (Slug::new("a.example").unwrap(), Moment::from_millis(1_790_000_000_123));
        let line = ReportedCheck {
            slug,
            at,
            outcome,
            attempts: 1,
            overloaded: false,
            origin: None,
            traces: Box::default(),
            traces_patch: None,
        };
        let text = serde_json::to_string(&Line::Check(line)).unwrap();
        assert!(text.len() < 220, "{text}");
    }
}
