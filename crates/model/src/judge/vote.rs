//! The vote of the regions. A region without fresh evidence, without a confirmed status or in
//! self-doubt has no vote; `down` needs more than half of the votes; a minority is `partial`.
//!
//! A note needs the majority of the regions that have a vote and see the site answer, since one bad
//! route must not put it on every site. Two kinds need one region only: a site that is restricted
//! in one country is restricted, and not every region has the family or the address that fails.

use super::{Limits, region::RegionState};
use crate::{
    moment::Moment,
    name::Region,
    note::{Note, NoteKind},
    verdict::{Status, Verdict},
};

/// The verdict of the regions at this moment.
pub(super) fn vote(regions: &[RegionState], now: Moment, limits: &Limits) -> Verdict {
    let voters: Vec<&RegionState> = regions.iter().filter(|r| r.votes(now, limits)).collect();
    let of = |status: Status| voters.iter().copied().filter(move |r| r.status == status);
    let majority = voters.len() / 2 + 1;
    let (down, slow) = (of(Status::Down).count(), of(Status::Slow).count());

    if voters.is_empty() {
        return unknown(regions, now, limits);
    }
    if down > 0 {
        let quorum = down >= majority;
        let first = nth_since(of(Status::Down), if quorum { majority } else { 1 });
        return Verdict {
            status: if quorum { Status::Down } else { Status::Partial },
            restricted: false,
            since: first.and_then(|r| r.since),
            cause: first.and_then(|r| r.cause.clone()),
            unstable: of(Status::Down).any(|r| r.unstable),
            doubt: None,
            notes: notes(&voters, quorum),
        };
    }
    let status = if slow >= majority { Status::Slow } else { Status::Up };
    let since = match status {
        Status::Slow => nth_since(of(Status::Slow), majority).and_then(|r| r.since),
        _ => of(Status::Up).filter_map(|r| r.since).max(),
    };
    let restricted = voters.iter().any(|r| r.restricted);
    Verdict { status, restricted, since, notes: notes(&voters, false), ..Verdict::none_yet() }
}

/// Notes of these regions, in the order of their kinds, each since enough of them make it. Those
/// that see it down count for a site that is down, and the others for one that is not.
fn notes(voters: &[&RegionState], down: bool) -> Vec<Note> {
    let fits = |region: &&&RegionState| (region.status == Status::Down) == down;
    let mut all: Vec<Note> = voters.iter().filter(fits).flat_map(|r| r.notes()).collect();
    // Most sites have none.
    if all.is_empty() {
        return all;
    }
    all.sort_by_key(|note| (note.kind, note.since));
    let fitting = voters.iter().filter(fits).count();
    let told = all.chunk_by(|one, other| one.kind == other.kind).filter_map(|alike| {
        let alone = matches!(
            alike.first()?.kind,
            NoteKind::TurnedAway
                | NoteKind::Ipv4Fails
                | NoteKind::Ipv6Fails
                | NoteKind::AddressFails
        );
        alike.get(if alone { 0 } else { fitting / 2 }).copied()
    });
    told.collect()
}

/// Since when the last of the regions that see it well does so: when a quorum for `down` was lost.
pub(super) fn well_since(regions: &[RegionState], now: Moment, limits: &Limits) -> Option<Moment> {
    let well = regions.iter().filter(|r| r.votes(now, limits) && r.status != Status::Down);
    well.filter_map(|r| r.since).max()
}

/// The regions whose confirmed status matches an outage of this status.
pub(super) fn regions_at(regions: &[RegionState], status: Status) -> Vec<Region> {
    let wanted = if status == Status::Slow { Status::Slow } else { Status::Down };
    let saw = regions.iter().filter(|r| r.status == wanted);
    saw.map(|r| r.name.clone()).collect()
}

/// No evidence: since the last of it ran out, or since we doubt ourselves.
fn unknown(regions: &[RegionState], now: Moment, limits: &Limits) -> Verdict {
    let ran_out = regions.iter().filter_map(RegionState::evidence_at).max();
    let ran_out = ran_out.map(|at| (at + limits.fresh_for).min(now));
    let doubt = regions.iter().filter_map(RegionState::doubts).min_by_key(|(_, since)| *since);
    let since = match (ran_out, doubt) {
        (Some(ran_out), Some((_, doubted))) => Some(ran_out.min(doubted)),
        (ran_out, doubt) => ran_out.or(doubt.map(|(_, since)| since)),
    };
    Verdict { since, doubt: doubt.map(|(why, _)| why), ..Verdict::none_yet() }
}

/// The region whose confirmation was the `n`th, counted from 1.
fn nth_since<'a>(
    regions: impl Iterator<Item = &'a RegionState>,
    n: usize,
) -> Option<&'a RegionState> {
    let mut sorted: Vec<&RegionState> = regions.collect();
    sorted.sort_by_key(|r| r.since);
    sorted.into_iter().nth(n - 1)
}
