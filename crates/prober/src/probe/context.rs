//! Context of the attempt under way, kept with the task that probes: the time that each phase took,
//! where its connections went, and what its guards and certificates said.
//!
//! The code that begins a phase calls [`enter`]; the time since the last call belongs to the phase
//! before. All of an attempt happens within one task, so a task-local is enough, and the phases of
//! all hops of a chain of redirects add up.

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
    /// The same, also while the next one is made.
    last: Option<IpAddr>,
    /// Addresses that refused one, while another address of the same name took it.
    pub(super) refused: Vec<IpAddr>,
    /// Number of connections that failed.
    failed: usize,
}

/// State of one attempt.
#[derive(Debug)]
pub(super) struct AttemptContext {
    /// True if the target may be at a private address.
    private: bool,
    /// Number of the attempt, from 1.
    attempt: u8,
    phase: Phase,
    since: Instant,
    phases: Phases,
    resolved: ResolvedName,
    connections: ConnectedAddresses,
    /// True if the guard against private addresses and ports stopped it somewhere.
    blocked: bool,
    gate: Option<Arc<dyn Gate>>,
    /// True if the gate stopped it somewhere.
    refused_by_gate: bool,
    reached: Reached,
    shown: Shown,
}

tokio::task_local! {
    static CONTEXT: RefCell<AttemptContext>;
}

impl AttemptContext {
    pub(super) fn new(private: bool, attempt: u8) -> Self {
        Self {
            private,
            attempt,
            phase: Phase::Between,
            since: Instant::now(),
            phases: Phases::default(),
            resolved: ResolvedName::default(),
            connections: ConnectedAddresses::default(),
            blocked: false,
            gate: None,
            refused_by_gate: false,
            reached: Reached::Nothing,
            shown: Shown::default(),
        }
    }

    /// The same, behind a gate.
    pub(super) fn behind(self, gate: Option<Arc<dyn Gate>>) -> Self {
        Self { gate, ..self }
    }

    /// Enters a phase at this moment.
    fn enter(&mut self, next: Phase, now: Instant) {
        let took = now.duration_since(self.since).as_micros() as u32;
        let ended = match self.phase {
            Phase::Between => None,
            Phase::Dns => Some(&mut self.phases.dns),
            Phase::Connect => Some(&mut self.phases.connect),
            Phase::Tls => Some(&mut self.phases.tls),
            Phase::Wait => Some(&mut self.phases.wait),
            Phase::Transfer => Some(&mut self.phases.transfer),
        };
        if let Some(ended) = ended {
            *ended = Some(ended.unwrap_or(0).saturating_add(took));
        }
        if matches!(next, Phase::Dns | Phase::Connect) {
            self.connections.connected = None;
        }
        (self.phase, self.since) = (next, now);
    }
}

/// Runs an attempt with a context of its own.
pub(super) fn scope<T>(
    context: AttemptContext,
    attempt: Pin<&mut impl Future<Output = T>>,
) -> impl Future<Output = T> {
    CONTEXT.scope(RefCell::new(context), attempt)
}

/// Enters a phase; outside of an attempt nothing is noted.
pub(super) fn enter(phase: Phase) {
    enter_at(phase, Instant::now());
}

/// Enters a phase that began at this moment.
pub(super) fn enter_at(phase: Phase, at: Instant) {
    CONTEXT.try_with(|context| context.borrow_mut().enter(phase, at)).ok();
}

/// Takes out of the current phase the time that was lost on our own side.
pub(super) fn exclude(lost: Duration) {
    CONTEXT.try_with(|context| context.borrow_mut().since += lost).ok();
}

/// The current phase of the attempt.
pub(super) fn phase() -> Phase {
    CONTEXT.try_with(|context| context.borrow().phase).unwrap_or(Phase::Between)
}

/// Returns whether the target may be at a private address, and the number of the attempt.
pub(super) fn private_and_attempt() -> (bool, u8) {
    let both = CONTEXT.try_with(|context| {
        let context = context.borrow();
        (context.private, context.attempt)
    });
    both.unwrap_or((false, 1))
}

/// Notes the result of a look-up.
pub(super) fn note_resolved(name: ResolvedName) {
    CONTEXT.try_with(|context| context.borrow_mut().resolved = name).ok();
}

/// Number of connections that may be tried to get one: `most` over the whole attempt, and one at
/// least.
pub(super) fn connections_left(most: usize) -> usize {
    let failed = CONTEXT.try_with(|context| context.borrow().connections.failed);
    most.saturating_sub(failed.unwrap_or(0)).max(1)
}

/// Notes how a connection was made: where, if it was, who refused it before, and how many were tried.
pub(super) fn note_connections(to: Option<IpAddr>, refused: Vec<IpAddr>, tried: usize) {
    let note = |connections: &mut ConnectedAddresses| {
        connections.failed += tried.saturating_sub(1);
        connections.connected = to;
        connections.last = to.or(connections.last);
        connections.refused.extend(refused);
    };
    CONTEXT.try_with(|context| note(&mut context.borrow_mut().connections)).ok();
}

/// Notes that the guard stopped the attempt.
pub(super) fn note_blocked() {
    CONTEXT.try_with(|context| context.borrow_mut().blocked = true).ok();
}

/// Returns whether the guard has stopped the attempt somewhere.
pub(super) fn is_blocked() -> bool {
    CONTEXT.try_with(|context| context.borrow().blocked).unwrap_or(false)
}

/// Asks the gate, if there is one, for a connection to this address.
///
/// # Errors
/// Fails when the gate refuses.
pub(super) fn ask_gate(address: IpAddr) -> io::Result<()> {
    let passes = CONTEXT.try_with(|context| {
        let mut context = context.borrow_mut();
        // A machine that redirects to itself asked for that connection.
        let same = context.connections.last == Some(address);
        let passes = same || context.gate.as_ref().is_none_or(|gate| gate.may_connect(address));
        context.refused_by_gate |= !passes;
        passes
    });
    if passes.unwrap_or(true) { Ok(()) } else { Err(io::ErrorKind::QuotaExceeded.into()) }
}

/// The gate of the attempt, for what it does on the side.
pub(super) fn gate() -> Option<Arc<dyn Gate>> {
    CONTEXT.try_with(|context| context.borrow().gate.clone()).ok().flatten()
}

/// Returns whether the gate has refused the attempt a connection.
pub(super) fn is_refused_by_gate() -> bool {
    CONTEXT.try_with(|context| context.borrow().refused_by_gate).unwrap_or(false)
}

/// Notes that the attempt fails, but that something answered it.
pub(super) fn note_reached(what: Reached) {
    CONTEXT.try_with(|context| context.borrow_mut().reached = what).ok();
}

/// Farthest point that a failed attempt reached, as far as it was noted.
pub(super) fn farthest() -> Reached {
    CONTEXT.try_with(|context| context.borrow().reached).unwrap_or_default()
}

/// Reads or notes what a server showed of its certificates.
pub(super) fn shown<T: Default>(with: impl FnOnce(&mut Shown) -> T) -> T {
    CONTEXT.try_with(|context| with(&mut context.borrow_mut().shown)).unwrap_or_default()
}

/// The phases so far, for [`restore_phases`].
pub(super) fn phases() -> Phases {
    CONTEXT.try_with(|context| context.borrow().phases).unwrap_or_default()
}

/// Restores the phases to those before a useless try of our own: its time is not the site's.
pub(super) fn restore_phases(phases: Phases) {
    enter(Phase::Between);
    CONTEXT.try_with(|context| context.borrow_mut().phases = phases).ok();
}

/// Ends the attempt; gives its phases, the result of the last look-up, and where connections went.
pub(super) fn finish() -> (Phases, ResolvedName, ConnectedAddresses) {
    enter(Phase::Between);
    let all = CONTEXT.try_with(|context| {
        let mut context = context.borrow_mut();
        let resolved = std::mem::take(&mut context.resolved);
        (context.phases, resolved, std::mem::take(&mut context.connections))
    });
    all.unwrap_or_default()
}
