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
use crate::{moment::Moment, name::Slug, outcome::Cause, verdict::Status};

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
    /// Returns whether this moment is of the time in which outages of its sites are put down to it.
    pub fn spans(&self, moment: Moment) -> bool {
        moment >= self.from() && self.ended_at.is_none_or(|end| moment <= end)
    }

    /// Returns whether an outage of one of its sites that began at this moment is put down to it.
    pub fn explains(&self, started_at: Moment, status: Status, cause: Option<&Cause>) -> bool {
        self.spans(started_at) && self.may_bring(started_at, FailureSymptom::of(status, cause))
    }

    /// Until when its sites fall with the others, whatever they show. What one of them shows that falls later must be
    /// the event's own trouble: a certificate that expires in that time is the site's matter.
    pub fn falls_until(&self) -> Moment {
        let until = self.noticed_at + ProviderRules::default().within;
        self.ended_at.map_or(until, |end| end.min(until))
    }

    /// Returns whether a site of it that is bad since this moment may be so by it.
    pub(super) fn may_bring(&self, since: Moment, symptom: Option<FailureSymptom>) -> bool {
        since <= self.falls_until() || symptom.is_none_or(|symptom| self.is_of_its_trouble(symptom))
    }

    fn is_of_its_trouble(&self, symptom: FailureSymptom) -> bool {
        let Some((kind, alike)) = self.manner() else { return true };
        alike.holds(symptom)
            || symptom == FailureSymptom::Slow
            || kind.is_of_servers()
                && (symptom == FailureSymptom::Origin || symptom.is_of_broken_servers())
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
        let since = self.spans(fall.at) && self.may_bring(fall.at, Some(fall.symptom));
        fall.well_at.is_none()
            && (since || alike && fall.at > ended_at && fall.at <= ended_at + NEW_FALL_AFTER)
    }

    /// Sites that turned bad from this moment on may be bad with it.
    pub fn from(&self) -> Moment {
        self.started_at - ProviderRules::default().within
    }
}
