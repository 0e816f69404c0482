//! What is written down beside checks: last words on sites that leave, and what was known of our
//! own side when it mattered.

use crate::pipeline::Entry;
use model::{
    check::Check,
    judge::{NetworkEvidence, SiteState},
    moment::Moment,
    name::Slug,
    verdict::{Change, Outage, Status, Verdict},
};

/// What was known of our own side when a check was judged.
pub(super) fn proof_entry(check: &Check, proof: NetworkEvidence) -> Entry {
    Entry::Proof(check.slug.clone(), check.region.clone(), check.at, proof)
}

/// The last word on a site that left the catalogue: nobody looks any more, so nothing is known, and
/// an outage does not go on for ever. Said once.
pub(super) fn final_change(slug: Slug, state: SiteState, now: Moment) -> Option<Entry> {
    if state.verdict.status == Status::Unknown && state.outage.is_none() {
        return None;
    }
    let ended = |outage: Outage| Outage { ended_at: Some(now.max(outage.started_at)), ..outage };
    let verdict = Verdict { since: Some(now), ..Verdict::none_yet() };
    let outages = state.outage.map(ended).into_iter().collect();
    Some(Entry::Change(slug, Change { at: now, from: now, verdict, outages, withdrawn: None }))
}
