//! Duration of each part of an attempt: one timeline, on the task that probes.
//!
//! The code that begins a part calls [`enter`]; the time since the last call belongs to the part
//! before. All of an attempt happens within one task, so a task-local is enough, and the parts of
//! all hops of a chain add up.

use std::{cell::RefCell, io, net::IpAddr, pin::Pin, sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{Gate, trust::Shown};
use model::{
    failure_detail::Phase,
    outcome::{Phases, Reached},
};

/// Result of look-ups: the last name's addresses and aliases.
#[derive(Clone, Debug, Default)]
pub(super) struct ResolvedName {
    pub(super) addresses: Vec<IpAddr>,
    pub(super) cnames: Vec<Box<str>>,
}

impl ResolvedName {
    /// Takes in what was found of the other family.
    pub(super) fn join(&mut self, other: Self) {
        self.addresses.extend(other.addresses);
        let new: Vec<_> = other.cnames.into_iter().filter(|c| !self.cnames.contains(c)).collect();
        self.cnames.extend(new);
    }
}

/// Remote addresses of an attempt's connections.
#[derive(Clone, Debug, Default)]
pub(super) struct ConnectedAddresses {
    /// Address of the last connection made.
    pub(super) connected: Option<IpAddr>,
    /// Addresses that refused one, while another address of the same name took it.
    pub(super) refused: Vec<IpAddr>,
    /// Number of connections that failed.
    vain: usize,
}

/// The timeline of one attempt, and what the resolver needs to know of it.
#[derive(Debug)]
pub(super) struct Timings {
    private: bool,
    attempt: u8,
    stage: Phase,
    since: Instant,
    phases: Phases,
    found: ResolvedName,
    ways: ConnectedAddresses,
    kept_away: bool,
    gate: Option<Arc<dyn Gate>>,
    turned_back: bool,
    reached: Reached,
    shown: Shown,
}

tokio::task_local! {
    static MARKS: RefCell<Timings>;
}

impl Timings {
    pub(super) fn new(private: bool, attempt: u8) -> Self {
        let (phases, found, ways) =
            (Phases::default(), ResolvedName::default(), ConnectedAddresses::default());
        let (stage, since) = (Phase::Between, Instant::now());
        let (kept_away, turned_back, reached) = (false, false, Reached::Nothing);
        let gate = None;
        Self {
            private,
            attempt,
            stage,
            since,
            phases,
            found,
            ways,
            kept_away,
            gate,
            turned_back,
            reached,
            shown: Shown::default(),
        }
    }

    /// The same, behind a gate.
    pub(super) fn behind(self, gate: Option<Arc<dyn Gate>>) -> Self {
        Self { gate, ..self }
    }

    /// Enters a part at this moment.
    fn enter(&mut self, stage: Phase, now: Instant) {
        let took = now.duration_since(self.since).as_micros() as u32;
        let phase = match self.stage {
            Phase::Between => None,
            Phase::Dns => Some(&mut self.phases.dns),
            Phase::Connect => Some(&mut self.phases.connect),
            Phase::Tls => Some(&mut self.phases.tls),
            Phase::Wait => Some(&mut self.phases.wait),
            Phase::Transfer => Some(&mut self.phases.transfer),
        };
        if let Some(phase) = phase {
            *phase = Some(phase.unwrap_or(0).saturating_add(took));
        }
        if matches!(stage, Phase::Dns | Phase::Connect) {
            self.ways.connected = None;
        }
        (self.stage, self.since) = (stage, now);
    }
}

/// Runs an attempt with marks of its own.
pub(super) fn scope<T>(
    marks: Timings,
    attempt: Pin<&mut impl Future<Output = T>>,
) -> impl Future<Output = T> {
    MARKS.scope(RefCell::new(marks), attempt)
}

/// A part begins now; outside of an attempt nothing is noted.
pub(super) fn enter(stage: Phase) {
    enter_at(stage, Instant::now());
}

/// A part began at this moment.
pub(super) fn enter_at(stage: Phase, at: Instant) {
    MARKS.try_with(|marks| marks.borrow_mut().enter(stage, at)).ok();
}

/// Takes out of the current part the time that was lost on our own side.
pub(super) fn spare(lost: Duration) {
    MARKS.try_with(|marks| marks.borrow_mut().since += lost).ok();
}

/// The current part of the attempt.
pub(super) fn stage() -> Phase {
    MARKS.try_with(|marks| marks.borrow().stage).unwrap_or(Phase::Between)
}

/// Returns whether the target may be at a private address, and which attempt it is.
pub(super) fn asked() -> (bool, u8) {
    let asked = MARKS.try_with(|marks| {
        let marks = marks.borrow();
        (marks.private, marks.attempt)
    });
    asked.unwrap_or((false, 1))
}

/// Notes the result of a look-up.
pub(super) fn found(found: ResolvedName) {
    MARKS.try_with(|marks| marks.borrow_mut().found = found).ok();
}

/// Number of connections that may be tried to get one: `most` over the whole attempt, and one at
/// least.
pub(super) fn connections_left(most: usize) -> usize {
    let vain = MARKS.try_with(|marks| marks.borrow().ways.vain);
    most.saturating_sub(vain.unwrap_or(0)).max(1)
}

/// Notes how a connection was made: where, if it was, who refused it before, and how many were tried.
pub(super) fn connected(to: Option<IpAddr>, refused: Vec<IpAddr>, tried: usize) {
    let noted = |ways: &mut ConnectedAddresses| {
        ways.vain += tried.saturating_sub(1);
        ways.connected = to;
        ways.refused.extend(refused);
    };
    MARKS.try_with(|marks| noted(&mut marks.borrow_mut().ways)).ok();
}

/// The guard keeps the attempt away from where it was to go.
pub(super) fn keep_away() {
    MARKS.try_with(|marks| marks.borrow_mut().kept_away = true).ok();
}

/// Returns whether the guard has kept the attempt away from somewhere.
pub(super) fn kept_away() -> bool {
    MARKS.try_with(|marks| marks.borrow().kept_away).unwrap_or(false)
}

/// Asks the gate, if there is one, for a connection to this address.
///
/// # Errors
/// Fails when the gate refuses.
pub(super) fn pass_gate(address: IpAddr) -> io::Result<()> {
    let passes = MARKS.try_with(|marks| {
        let mut marks = marks.borrow_mut();
        let passes = marks.gate.as_ref().is_none_or(|gate| gate.may_connect(address));
        marks.turned_back |= !passes;
        passes
    });
    if passes.unwrap_or(true) { Ok(()) } else { Err(io::ErrorKind::QuotaExceeded.into()) }
}

/// The gate of the attempt, for what it does on the side.
pub(super) fn gate() -> Option<Arc<dyn Gate>> {
    MARKS.try_with(|marks| marks.borrow().gate.clone()).ok().flatten()
}

/// Returns whether the gate has turned the attempt back somewhere.
pub(super) fn turned_back() -> bool {
    MARKS.try_with(|marks| marks.borrow().turned_back).unwrap_or(false)
}

/// Notes that the attempt fails, but that something answered it.
pub(super) fn reached(what: Reached) {
    MARKS.try_with(|marks| marks.borrow_mut().reached = what).ok();
}

/// Farthest point that a failed attempt reached, as far as it was noted.
pub(super) fn how_far() -> Reached {
    MARKS.try_with(|marks| marks.borrow().reached).unwrap_or_default()
}

/// Reads or notes what a server showed of its certificates.
pub(super) fn shown<T: Default>(with: impl FnOnce(&mut Shown) -> T) -> T {
    MARKS.try_with(|marks| with(&mut marks.borrow_mut().shown)).unwrap_or_default()
}

/// The parts so far, for [`go_back`].
pub(super) fn so_far() -> Phases {
    MARKS.try_with(|marks| marks.borrow().phases).unwrap_or_default()
}

/// Restores the parts to those before a useless try of our own: its time is not the site's.
pub(super) fn go_back(phases: Phases) {
    enter(Phase::Between);
    MARKS.try_with(|marks| marks.borrow_mut().phases = phases).ok();
}

/// Ends the timeline; gives the parts, what the last look-up found, and where connections went.
pub(super) fn finish() -> (Phases, ResolvedName, ConnectedAddresses) {
    enter(Phase::Between);
    let all = MARKS.try_with(|marks| {
        let mut marks = marks.borrow_mut();
        (marks.phases, std::mem::take(&mut marks.found), std::mem::take(&mut marks.ways))
    });
    all.unwrap_or_default()
}
