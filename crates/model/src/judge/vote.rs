//! The vote of the regions. A region without fresh evidence, without a confirmed status, in doubt of
//! itself or barred has no vote. `down` needs more than half of the votes, and two of three or more
//! regions that are known; less than that is `partial`.
//!
//! A region that lost its vote changes nothing for a while: what it said last counts as long as the
//! others say what they said then. One that has only begun to look, or that comes back and sees something
//! else than it said, says nothing against the others until it is sure.
//!
//! The verdict depends on the states of the regions alone, not on the order in which they came about.
//!
//! A note needs the majority of the regions that have a vote and see the site answer, since one bad
//! route there must not put it on every site. Two kinds need one region only: who is turned away in
//! one country is turned away, and not every region has the family or the address that fails.

use super::{Limits, region::RegionState};
use crate::{
    moment::Moment,
    name::Region,
    note::{Note, NoteKind},
    verdict::{Status, Verdict},
};

/// Of so many known regions at least…
const SEVERAL: usize = 3;
/// …so many have to see a site down or slow before it is.
const FLOOR: usize = 2;

/// A region with the status that it votes for.
#[derive(Clone, Copy)]
struct Voter<'a> {
    region: &'a RegionState,
    status: Status,
}

/// The regions that have a vote and are sure of what they say.
#[derive(Clone, Copy)]
struct Settled {
    any: bool,
    /// Since when the first of them sees something else than `up`.
    bad_since: Option<Moment>,
}

impl Settled {
    fn of(regions: &[RegionState], now: Moment, limits: &Limits) -> Self {
        let votes = |region: &&RegionState| region.votes(now, limits) && region.is_settled();
        let bad = regions.iter().filter(votes).filter(|region| region.status != Status::Up);
        Self {
            any: regions.iter().any(|region| votes(&region)),
            bad_since: bad.map(RegionState::turned_at).min(),
        }
    }

    /// Returns whether the vote of a region counts beside them: where they saw an outage when it came, or
    /// it has not confirmed since what it said, it has to be sure.
    fn let_count(self, region: &RegionState) -> bool {
        match region.status {
            _ if region.is_settled() => true,
            Status::Up => self.bad_since.is_none_or(|bad_since| bad_since > region.came_at()),
            _ => !self.any,
        }
    }
}

/// Returns whether what this region of them says would count at this moment, if it has a vote.
pub(super) fn counts(
    regions: &[RegionState],
    region: &RegionState,
    now: Moment,
    limits: &Limits,
) -> bool {
    Settled::of(regions, now, limits).let_count(region)
}

/// The regions whose word counts at this moment: those that have a vote, and after them those that lost
/// theirs and whose last word is kept. With the number of the first.
fn voters<'a>(regions: &'a [RegionState], now: Moment, limits: &Limits) -> (Vec<Voter<'a>>, usize) {
    let settled = Settled::of(regions, now, limits);
    let counts = |region: &&RegionState| region.votes(now, limits) && settled.let_count(region);
    let mut voters: Vec<_> = regions
        .iter()
        .filter(counts)
        .map(|region| Voter { region, status: region.status })
        .collect();
    let looking = voters.len();
    if 0 < looking && looking < regions.len() {
        let turned = voters.iter().filter(|voter| voter.region.is_settled());
        let turned_at = turned.map(|voter| voter.region.turned_at()).max().unwrap_or_default();
        let lost = regions.iter().filter(|region| !counts(region));
        voters.extend(lost.filter_map(|region| {
            Some(Voter { region, status: region.kept(turned_at, now, limits)? })
        }));
    }
    (voters, looking)
}

/// The verdict of the regions at this moment.
pub(super) fn vote(regions: &[RegionState], now: Moment, limits: &Limits) -> Verdict {
    let (voters, looking) = voters(regions, now, limits);
    if voters.is_empty() {
        return unknown(regions, now, limits);
    }
    let known = regions.iter().filter(|region| region.is_known()).count();
    let verdict = count(&voters, known);
    if looking == voters.len() {
        return verdict;
    }
    // What is to be noted is what can be seen.
    let notes = notes(&voters[..looking], verdict.status == Status::Down);
    Verdict { notes, ..verdict }
}

/// Number of regions that have to see a site down or slow before it is, of so many that have a vote and so many that
/// are known.
pub fn votes_needed(votes: usize, known: usize) -> usize {
    let floor = if known >= SEVERAL { FLOOR } else { 1 };
    (votes / 2 + 1).max(floor)
}

/// The verdict of these votes, where so many regions are known.
fn count(voters: &[Voter<'_>], known: usize) -> Verdict {
    let of = |status: Status| {
        voters.iter().filter(move |voter| voter.status == status).map(|voter| voter.region)
    };
    let needed = votes_needed(voters.len(), known);
    let (down, slow) = (of(Status::Down).count(), of(Status::Slow).count());
    if down > 0 {
        let quorum = down >= needed;
        let first = nth_since(of(Status::Down), if quorum { needed } else { 1 });
        return Verdict {
            status: if quorum { Status::Down } else { Status::Partial },
            restricted: false,
            since: first.and_then(|r| r.since),
            cause: first.and_then(|r| r.cause.clone()),
            unstable: of(Status::Down).any(|r| r.unstable),
            doubt: None,
            notes: notes(voters, quorum),
        };
    }
    let status = if slow >= needed { Status::Slow } else { Status::Up };
    let since = match status {
        Status::Slow => nth_since(of(Status::Slow), needed).and_then(|r| r.since),
        _ => of(Status::Up).filter_map(|r| r.since).max(),
    };
    let restricted = are_turned_away(voters);
    Verdict { status, restricted, since, notes: notes(voters, false), ..Verdict::none_yet() }
}

/// Returns whether all of those that get an answer are turned away. A site that lets one of them in keeps a network
/// or a country out, and not everybody.
fn are_turned_away(voters: &[Voter<'_>]) -> bool {
    let mut answered = voters.iter().filter(|voter| voter.status != Status::Down).peekable();
    answered.peek().is_some() && answered.all(|voter| voter.region.restricted)
}

/// Notes of these regions, in the order of their kinds, each since enough of them make it. Those
/// that see it down count for a site that is down, and the others for one that is not.
fn notes(voters: &[Voter<'_>], down: bool) -> Vec<Note> {
    let fits = |voter: &&Voter<'_>| (voter.status == Status::Down) == down;
    let mut all: Vec<Note> = voters.iter().filter(fits).flat_map(|v| v.region.notes()).collect();
    if !are_turned_away(voters) {
        all.retain(|note| note.kind != NoteKind::TurnedAway);
    }
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

/// The regions whose word counts at this moment, and is that of an outage of this status, in the order of their names.
pub(super) fn regions_at(
    regions: &[RegionState],
    status: Status,
    now: Moment,
    limits: &Limits,
) -> Vec<Region> {
    let wanted = if status == Status::Slow { Status::Slow } else { Status::Down };
    let (voters, _) = voters(regions, now, limits);
    let saw = voters.iter().filter(|voter| voter.status == wanted);
    let mut names: Vec<Region> = saw.map(|voter| voter.region.name.clone()).collect();
    names.sort_unstable();
    names
}

/// No evidence: since the last of it ran out, or since we doubt ourselves.
fn unknown(regions: &[RegionState], now: Moment, limits: &Limits) -> Verdict {
    let ran_out = regions.iter().filter_map(RegionState::evidence_at).max();
    let ran_out = ran_out.map(|at| (at + limits.fresh_for).min(now));
    let doubt =
        regions.iter().filter_map(RegionState::unknown_reason).min_by_key(|(_, since)| *since);
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
