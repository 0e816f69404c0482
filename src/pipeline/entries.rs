//! Entries of the journal beside checks: final changes of sites that leave, and evidence about our
//! own side when it mattered.

use crate::pipeline::Entry;
use model::{
    check::Check,
    judge::{NetworkEvidence, SiteState},
    moment::Moment,
    name::Slug,
    verdict::{Change, Outage, Status, Verdict},
};

/// Evidence about our own side at the judgement of a check.
pub(super) fn proof_entry(check: &Check, proof: NetworkEvidence) -> Entry {
    Entry::Proof(check.slug.clone(), check.region.clone(), check.at, proof)
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
    Some(Entry::Change(slug, Change { at: now, from: now, verdict, outages, withdrawn: None }))
}
