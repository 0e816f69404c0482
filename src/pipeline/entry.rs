//! Entries of the journal, one a line.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use model::{
    check::Check,
    judge::{NetworkEvidence, SiteState},
    moment::Moment,
    name::{Region, Slug},
    provider::ProviderEvent,
    report::Origin,
    verdict::{Change, Outage, Status, Verdict},
};

/// An entry to be recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Entry {
    /// Number of the check that follows, where several nodes hear it.
    Origin(Origin),
    /// A check that was judged.
    Check(Arc<Check>),
    /// A check of an agent that was judged, and the moment when the node heard it.
    Heard(Arc<Check>, Moment),
    /// A check that is no evidence: it came after newer ones or too late, or its prober could not keep
    /// up. It is recorded and changed no verdict.
    Late(Arc<Check>),
    /// A verdict that it changed, after the check.
    Change(Slug, Change),
    /// Evidence about our own side, for a site and a region: before a check of that moment, or
    /// without one.
    Evidence(Slug, Region, Moment, NetworkEvidence),
    /// State of the judge for a site.
    State(Slug, SiteState),
    /// A provider that seems to be failing, or to have failed.
    Event(ProviderEvent),
    /// A region that nobody looks from any more, since this moment.
    Retired(Region, Moment),
    /// From here on this node records, in the term of this number. Of what is before only checks that
    /// nobody has recorded are of use: the states that follow were made from them and the record.
    TakenOver(i64),
}

impl Entry {
    /// The check that is to be recorded, if it is one.
    pub fn check(&self) -> Option<&Arc<Check>> {
        match self {
            Self::Check(check) | Self::Heard(check, _) | Self::Late(check) => Some(check),
            _ => None,
        }
    }
}

/// Evidence about our own side at the judgement of a check.
pub(super) fn evidence_entry(check: &Check, evidence: NetworkEvidence) -> Entry {
    Entry::Evidence(check.slug.clone(), check.region.clone(), check.at, evidence)
}

/// A change, if there is one, and the state after it, from which another node can go on.
pub(super) fn changed(
    slug: &Slug,
    change: Option<Change>,
    state: &SiteState,
    entries: &mut Vec<Entry>,
) {
    if let Some(change) = change {
        entries.push(Entry::Change(slug.clone(), change));
        entries.push(Entry::State(slug.clone(), state.clone()));
    }
}

/// Final change of a site that left the catalogue: it is no longer checked, so its status is
/// unknown, and an outage does not go on for ever. Made once.
pub(super) fn final_change(slug: Slug, state: SiteState, now: Moment) -> Option<Entry> {
    if state.verdict.status == Status::Unknown && state.outage.is_none() {
        return None;
    }
    let ended = |outage: Outage| Outage { ended_at: Some(now.max(outage.started_at)), ..outage };
    let verdict = Verdict { since: Some(now), ..Verdict::none_yet() };
    let outages = state.outage.map(ended).into_iter().collect();
    Some(Entry::Change(
        slug,
        Change { at: now, from: now, verdict, outages, withdrawn: None, outages_only: false },
    ))
}
