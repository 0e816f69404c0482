//! The real probe of a site under some conditions: its delays are left out, and added to the outcome
//! afterwards.

use std::time::Duration;

use super::{
    behaviour::{hangs, names_without_pause, without_pause},
    simulated_check::{Conditions, SeenOutcome},
};
use model::{
    moment::Moment,
    outcome::{Failure, Outcome, Phases},
};
use testbed::{Behaviour, DnsAnswers, Host};

/// The behaviours to be probed for real, without their delays.
pub(super) struct ProbePlan {
    pub(super) behaviours: Vec<Behaviour>,
    /// Delay of each address before it answers.
    pauses: Vec<Duration>,
    pub(super) names: DnsAnswers,
    names_pause: Duration,
}

impl ProbePlan {
    pub(super) fn new(conditions: &Conditions, timeout: Duration) -> Self {
        let (names, names_pause) = names_without_pause(conditions.names.clone());
        // A server that answers after the time limit has not answered.
        let late_names = names_pause >= timeout;
        let names = if late_names { DnsAnswers::Silence } else { names };
        let names_pause = if late_names { Duration::ZERO } else { names_pause };
        let (behaviours, pauses) = conditions
            .behaviours
            .iter()
            .map(|behaviour| {
                let (behaviour, pause) = without_pause(behaviour.clone());
                if names_pause + pause >= timeout && !hangs(&behaviour) {
                    return (Behaviour::HangAfterRequest, Duration::ZERO);
                }
                (behaviour, pause)
            })
            .unzip();
        Self { behaviours, pauses, names, names_pause }
    }

    /// Returns whether the probe may never end by itself.
    pub(super) fn hangs(&self) -> bool {
        self.behaviours.iter().any(hangs) || is_silent(&self.names)
    }

    /// Returns whether a probe that ran out of time came as far as the site allows.
    pub(super) fn came_as_far(&self, phases: &Phases, secure: bool) -> bool {
        let far = |behaviour: &Behaviour| match behaviour {
            Behaviour::Blackhole => true,
            Behaviour::HangAfterAccept if secure => phases.tls.is_some(),
            _ => phases.wait.is_some(),
        };
        is_silent(&self.names) || self.behaviours.iter().any(far)
    }

    /// Outcome with the delays that were left out.
    pub(super) fn with_delays(
        &self,
        mut outcome: Outcome,
        ran_out: bool,
        (timeout, at): (Duration, Moment),
        hosts: &[Host],
    ) -> SeenOutcome {
        let add = |part: &mut Option<u32>, pause: Duration| {
            let pause = u32::try_from(pause.as_micros()).unwrap_or(u32::MAX);
            if let Some(part) = part {
                *part = part.saturating_add(pause);
            }
        };
        add(&mut outcome.phases.dns, self.names_pause);
        let address = outcome.traces.address;
        let host = hosts.iter().position(|host| Some(host.address()) == address);
        let pause = self.pauses.get(host.unwrap_or(0)).copied().unwrap_or_default();
        add(&mut outcome.phases.wait, pause);
        let latency =
            |phases: &Phases| Duration::from_micros(phases.latency().unwrap_or_default().into());
        let late = outcome
            .cause()
            .is_some_and(|cause| matches!(cause.failure, Failure::Timeout | Failure::Dns));
        if ran_out && late {
            // It was waited for within the part that took longest.
            let left = timeout.saturating_sub(latency(&outcome.phases));
            let Phases { dns, connect, tls, wait, transfer } = &mut outcome.phases;
            let parts = [dns, connect, tls, wait, transfer].into_iter();
            if let Some(longest) = parts.max_by_key(|part| **part) {
                add(longest, left);
            }
        }
        let took = latency(&outcome.phases).min(timeout);
        let took = if ran_out && late { timeout } else { took };
        let ends = outcome.traces.certificate_expires_at.filter(|ends| at < *ends);
        SeenOutcome { outcome, took, good_until: ends }
    }
}

/// Returns whether a look-up of the name may wait for ever.
fn is_silent(names: &DnsAnswers) -> bool {
    match names {
        DnsAnswers::Silence => true,
        DnsAnswers::Alias(_, then)
        | DnsAnswers::After(_, then)
        | DnsAnswers::Rotated(then)
        | DnsAnswers::Shuffled(then) => is_silent(then),
        DnsAnswers::Rebind(first, then) | DnsAnswers::ByFamily(first, then) => {
            is_silent(first) || is_silent(then)
        }
        _ => false,
    }
}
