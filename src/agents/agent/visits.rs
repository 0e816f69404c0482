//! Lookups for visitors of a node, with the same guard that the node's own have: none of them reaches a
//! private address, or more than web sites' ports, unless both operators allow it.

use std::{sync::Arc, time::Duration};

use tokio::sync::{Semaphore, mpsc};

use crate::{
    agents::protocol::{LookupJob, LookupLine},
    lookup::{Visit, confirm, gate, site_of},
};
use model::{judge::Rules, name::Region, target::Target};
use prober::{
    clock::Clock,
    probe::{Gate, Prober},
};

/// Lookups at a time; further ones get no answer.
const MAX_VISITS: usize = 16;
/// No attempt takes longer than this, whatever a node says.
const MAX_TIMEOUT: Duration = Duration::from_secs(10);

/// Looks up what nodes ask for. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Visits {
    prober: Prober,
    clock: Clock,
    allow_private: bool,
    gate: Arc<dyn Gate>,
    slots: Arc<Semaphore>,
    /// Channel for the outcome, with the number of the node that requested it.
    tell: mpsc::Sender<(usize, LookupLine)>,
}

impl Visits {
    pub(super) fn new(
        prober: Prober,
        clock: Clock,
        allow_private: bool,
        tell: mpsc::Sender<(usize, LookupLine)>,
    ) -> Self {
        let (gate, slots) = (gate(clock.clone()), Arc::new(Semaphore::new(MAX_VISITS)));
        Self { prober, clock, allow_private, gate, slots, tell }
    }

    /// Begins a lookup for a node, in a task of its own.
    pub(super) fn begin(&self, core: usize, job: LookupJob) {
        let Ok(slot) = self.slots.clone().try_acquire_owned() else { return };
        let visits = self.clone();
        tokio::spawn(async move {
            let line = visits.look(job).await;
            // A closed channel means that the agent is ending.
            drop(visits.tell.send((core, line)).await);
            drop(slot);
        });
    }

    async fn look(&self, job: LookupJob) -> LookupLine {
        let at = self.clock.now();
        let private = job.private && self.allow_private;
        let target = Target::read(&job.url).and_then(|target| {
            if private { target.for_the_trusted() } else { target.for_visitors() }
        });
        let Ok(target) = target else {
            return LookupLine { id: job.id, at, outcome: None, attempts: 0 };
        };
        let timeout = Duration::from_millis(job.timeout_ms.into()).min(MAX_TIMEOUT);
        let site = site_of(&target, timeout, private);
        let by = (&Rules::default(), &Region::default(), &self.clock);
        let visit = Visit::new(&self.prober, &self.gate);
        let seen = visit.unless_blocked(confirm(&visit, &target, site, by, |_| {})).await;
        // What our own connection or name servers cause says nothing about the target.
        let seen = seen.ok().filter(|confirmed| confirmed.verdict.doubt.is_none());
        let seen = seen.map(|confirmed| confirmed.check);
        let attempts = seen.as_ref().map_or(0, |check| check.attempts);
        LookupLine { id: job.id, at, outcome: seen.map(|check| check.outcome), attempts }
    }
}
