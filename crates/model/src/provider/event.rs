//! A provider event: one cause of many outages, with the evidence for it. Pure.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    cause::Fall,
    dependency::Role,
    events::{NEW_FALL_AFTER, ProviderRules},
    kind::TroubleKind,
    symptom::{Alike, FailureSymptom},
};
use crate::{moment::Moment, name::Slug};

/// A stretch in which a provider seemed to fail. A provider has at most one event with a given
/// start, and at most one that has not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderEvent {
    /// The provider's slug.
    pub provider: Box<str>,
    /// The moment when the first of the sites turned bad that opened it.
    pub started_at: Moment,
    /// The moment when we saw that they have one cause.
    pub noticed_at: Moment,
    /// Since when what they had in common is over; `None` while it lasts.
    pub ended_at: Option<Moment>,
    /// Every site that was bad with it at some time, in order.
    pub sites: BTreeSet<Slug>,
    /// Evidence for the event, as of when it was noticed; `None` for events older than this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<ProviderEvidence>,
    /// The moment when we took it back; `None` while it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<Moment>,
}

/// Evidence that a provider seems to fail, as of when the event was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderEvidence {
    /// Role of the provider for the sites.
    pub role: Role,
    /// Symptom that the sites have in common.
    pub alike: Alike,
    /// Seconds between the falls of the first and of the last.
    pub seconds: u32,
    /// Number of its sites that fell.
    pub affected: u32,
    /// Number of its sites.
    pub of: u32,
    /// Number of sites elsewhere that fell alike.
    pub elsewhere: u32,
    /// Number of sites elsewhere.
    pub elsewhere_of: u32,
}

impl ProviderEvent {
    /// Returns whether an outage of one of its sites that began at this moment is put down to it.
    pub fn explains(&self, started_at: Moment) -> bool {
        started_at >= self.from() && self.ended_at.is_none_or(|end| started_at <= end)
    }

    /// Symptom that its sites have in common, widened to all symptoms of failing servers: some of
    /// them may only be slow.
    pub(super) fn manner(&self) -> Option<(TroubleKind, Alike)> {
        let alike = self.evidence?.alike;
        Some(match TroubleKind::of(alike) {
            TroubleKind::Servers => (TroubleKind::Mixed, alike.widened()),
            kind => (kind, alike),
        })
    }

    /// Returns whether a fall is left over from the ended event: the site is still bad since it, or
    /// bad again soon after it with the same symptom or slow.
    pub(super) fn left_over(&self, fall: &Fall) -> bool {
        let Some(ended_at) = self.ended_at else { return false };
        let alike = self.manner().is_none_or(|(_, alike)| {
            alike.holds(fall.symptom)
                || matches!(fall.symptom, FailureSymptom::Origin | FailureSymptom::Slow)
        });
        let since = fall.at >= self.from() && fall.at <= ended_at;
        fall.well_at.is_none()
            && (since || alike && fall.at > ended_at && fall.at <= ended_at + NEW_FALL_AFTER)
    }

    /// Sites that turned bad from this moment on may be bad with it.
    pub fn from(&self) -> Moment {
        self.started_at - ProviderRules::default().within
    }
}
