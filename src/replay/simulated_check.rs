//! One check of a site, played at once: its attempts use outcomes that were seen before for the
//! same behaviour.
//!
//! The attempts are those of the service ([`prober::scheduler::attempt_after`]), in simulated time.
//! Without a seen outcome the check is given up, and repeated when there is one.

use std::{
    future::pending,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;

use super::{behaviour::SiteBehaviour, simulated_time::SimulatedTime};
use model::{moment::Moment, outcome::Outcome, site::Site};
use prober::{probe::Probe, scheduler::attempt_after};
use testbed::{Behaviour, DnsAnswers};

/// Conditions of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Conditions {
    /// At each address.
    pub(super) behaviours: Vec<Behaviour>,
    /// Answers about the name.
    pub(super) names: DnsAnswers,
    /// At which address it begins.
    pub(super) place: usize,
    /// Since when, if it leads elsewhere.
    scene: u32,
}

impl Conditions {
    /// Conditions of the connection with this number, which begins at this place.
    pub(super) fn new(
        current: &SiteBehaviour,
        usual: &SiteBehaviour,
        families: &[bool],
        number: u32,
        (place, scene): (usize, u32),
    ) -> Self {
        let at = |(at, ipv6): (usize, &bool)| current.towards(number, at, *ipv6, usual);
        let behaviours: Vec<_> = families.iter().enumerate().map(at).collect();
        let leads = behaviours.iter().any(|b| super::behaviour::redirect_target(b).is_some());
        let scene = if leads { scene } else { 0 };
        Self { behaviours, names: current.names.clone(), place, scene }
    }

    /// The same with packets lost so that it gets no further than this part.
    fn lost(&self, part: ProbePart) -> Self {
        let hangs = match part {
            ProbePart::Names => {
                let behaviours = vec![Behaviour::ok(); self.behaviours.len()];
                return Self { behaviours, names: DnsAnswers::Silence, place: 0, scene: 0 };
            }
            ProbePart::Connect => Behaviour::Blackhole,
            ProbePart::Handshake => Behaviour::HangAfterAccept,
            ProbePart::Answer => Behaviour::HangAfterRequest,
        };
        let behaviours = vec![hangs; self.behaviours.len()];
        Self { behaviours, names: DnsAnswers::Own, place: 0, scene: 0 }
    }
}

/// Outcome of a real probe under given conditions.
#[derive(Clone, Debug)]
pub(super) struct SeenOutcome {
    pub(super) outcome: Outcome,
    /// Its duration, in the story.
    pub(super) took: Duration,
    /// End of its validity: the certificate expires then.
    pub(super) good_until: Option<Moment>,
}

/// A finished check.
#[derive(Debug)]
pub(super) struct FinishedCheck {
    pub(super) outcome: Outcome,
    pub(super) attempts: u8,
    /// Its duration, in the story.
    pub(super) long: Duration,
    /// Number of connections to the site during it.
    pub(super) connections: u32,
}

/// A check of a site that is not probed anew, by its inputs.
#[derive(Debug)]
pub(super) struct SimulatedCheck {
    pub(super) current: SiteBehaviour,
    pub(super) usual: SiteBehaviour,
    /// For each host, whether its address is IPv6.
    pub(super) families: Vec<bool>,
    /// At how many addresses an attempt may begin.
    pub(super) places: usize,
    pub(super) scene: u32,
    /// Lost packets in a hundred on our connection.
    pub(super) loss: u8,
    /// Number of connections to the site before.
    pub(super) connections_before: u32,
    pub(super) known: Vec<(Conditions, Arc<SeenOutcome>)>,
    pub(super) at: Moment,
    pub(super) timeout: Duration,
}

impl SimulatedCheck {
    /// Conditions with so many lost packets that a part does not end.
    pub(super) fn lost(&self) -> Vec<Conditions> {
        let Self { current, usual, families, .. } = self;
        let conditions = Conditions::new(current, usual, families, 1, (0, 0));
        PARTS.iter().map(|(part, _)| conditions.lost(*part)).collect()
    }

    /// Runs the check; or returns the conditions that have to be probed first.
    pub(super) fn run(self, site: &Site, before: u8) -> Result<FinishedCheck, Conditions> {
        let time = SimulatedTime::default();
        let visitor = VirtualProber(Arc::new(AttemptState {
            given: self,
            time: time.clone(),
            connections: AtomicU32::new(0),
            missing: Mutex::default(),
        }));
        let over = time.run(attempt_after(&visitor, site, before));
        let inner = &*visitor.0;
        let missing = inner.missing.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (missing, over) {
            (None, Some(((outcome, attempts), long))) => {
                let connections = inner.connections.load(Relaxed);
                Ok(FinishedCheck { outcome, attempts, long, connections })
            }
            (Some(missing), _) => Err(missing),
            // It waited for nothing at all, which no attempt does: it has to be seen.
            (None, None) => Err(inner.conditions(1, 1)),
        }
    }
}

/// The probe of the attempts within a check.
#[derive(Clone, Debug)]
struct VirtualProber(Arc<AttemptState>);

#[derive(Debug)]
struct AttemptState {
    given: SimulatedCheck,
    time: SimulatedTime,
    connections: AtomicU32,
    missing: Mutex<Option<Conditions>>,
}

impl AttemptState {
    /// Conditions of this attempt, by the number of its connection within the check.
    fn conditions(&self, attempt: u8, number: u32) -> Conditions {
        let SimulatedCheck { current, usual, families, places, scene, connections_before, .. } =
            &self.given;
        let place = usize::from(attempt.saturating_sub(1)) % (*places).max(1);
        Conditions::new(
            current,
            usual,
            families,
            connections_before.wrapping_add(number),
            (place, *scene),
        )
    }

    /// Known outcome under these conditions, if there is one.
    fn known(&self, conditions: &Conditions) -> Option<Arc<SeenOutcome>> {
        let (_, known) = self.given.known.iter().find(|(known, _)| known == conditions)?;
        let good = known.good_until.is_none_or(|until| self.given.at < until);
        good.then(|| known.clone())
    }

    /// Outcome and duration of an attempt.
    fn attempt_outcome(&self, attempt: u8, number: u32) -> Result<(Outcome, Duration), Conditions> {
        let mut conditions = self.conditions(attempt, number);
        let mut delays = [Duration::ZERO; 4];
        if self.given.loss > 0 {
            let mut packet_loss = PacketLoss::new(&self.given, number);
            match packet_loss.delays(self.given.loss, self.given.timeout) {
                Ok(some) => delays = some,
                Err(part) => conditions = conditions.lost(part),
            }
        }
        let Some(known) = self.known(&conditions) else { return Err(conditions) };
        let (mut outcome, took) = (known.outcome.clone(), known.took);
        let phases = &mut outcome.phases;
        let parts = [&mut phases.dns, &mut phases.connect, &mut phases.tls, &mut phases.wait];
        for (part, delay) in parts.into_iter().zip(delays) {
            if let Some(part) = part {
                *part = part.saturating_add(u32::try_from(delay.as_micros()).unwrap_or(u32::MAX));
            }
        }
        Ok((outcome, took + delays.iter().sum::<Duration>()))
    }
}

impl Probe for VirtualProber {
    fn attempt<'a>(&'a self, _: &'a Site, number: u8) -> BoxFuture<'a, Outcome> {
        Box::pin(self.outcome_of(number))
    }

    fn sleep(&self, long: Duration) -> BoxFuture<'_, ()> {
        Box::pin(self.0.time.sleep(long))
    }
}

impl VirtualProber {
    async fn outcome_of(&self, attempt: u8) -> Outcome {
        let number = self.0.connections.fetch_add(1, Relaxed) + 1;
        match self.0.attempt_outcome(attempt, number) {
            Ok((outcome, took)) => {
                self.0.time.sleep(took).await;
                outcome
            }
            Err(conditions) => {
                *self.0.missing.lock().unwrap_or_else(PoisonError::into_inner) = Some(conditions);
                pending().await
            }
        }
    }
}

/// A part of a probe that lost packets delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ProbePart {
    Names,
    Connect,
    Handshake,
    Answer,
}

/// The parts, each with how long a lost packet holds it up the first time, as kernels and resolvers
/// have it; each time more, it is twice as long.
const PARTS: [(ProbePart, Duration); 4] = [
    (ProbePart::Names, Duration::from_millis(1_500)),
    (ProbePart::Connect, Duration::from_secs(1)),
    (ProbePart::Handshake, Duration::from_millis(300)),
    (ProbePart::Answer, Duration::from_millis(300)),
];

/// Chance, the same in every play of a story.
struct PacketLoss(u64);

impl PacketLoss {
    fn new(given: &SimulatedCheck, number: u32) -> Self {
        let mut hash = DefaultHasher::new();
        (given.at.millis(), given.connections_before, number).hash(&mut hash);
        Self(hash.finish() | 1)
    }

    /// Returns whether an event of this probability, in ten thousandths, happens.
    fn happens(&mut self, share: u64) -> bool {
        // Xorshift, as Marsaglia has it.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % 10_000 < share
    }

    /// Delay of each part at this rate of lost packets in a hundred; or the part that does not end
    /// in time.
    fn delays(&mut self, loss: u8, timeout: Duration) -> Result<[Duration; 4], ProbePart> {
        let share = u64::from(loss) * 100;
        let (mut delays, mut all) = ([Duration::ZERO; 4], Duration::ZERO);
        for ((part, first), delay) in PARTS.into_iter().zip(&mut delays) {
            let mut again = first;
            while self.happens(share) {
                *delay += again;
                all += again;
                again *= 2;
                if all >= timeout {
                    return Err(part);
                }
            }
        }
        Ok(delays)
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use model::{
        name::Slug,
        outcome::{Answer, Cause, Failure, Phases},
    };

    fn site() -> Site {
        Site::new(Slug::new("a.example").unwrap(), Url::parse("https://a.example/").unwrap())
    }

    fn simulated_check(
        current: &SiteBehaviour,
        known: Vec<(Conditions, Arc<SeenOutcome>)>,
    ) -> SimulatedCheck {
        SimulatedCheck {
            current: current.clone(),
            usual: SiteBehaviour::well(),
            families: vec![false],
            places: 1,
            scene: 0,
            loss: 0,
            connections_before: 0,
            known,
            at: Moment::from_millis(0),
            timeout: Duration::from_secs(10),
        }
    }

    fn known(answer: Answer, took: u64) -> Arc<SeenOutcome> {
        let phases = Phases { wait: Some(120_000), ..Phases::default() };
        let outcome = Outcome { answer, phases, ..Outcome::failed(Failure::Http, "") };
        Arc::new(SeenOutcome { outcome, took: Duration::from_secs(took), good_until: None })
    }

    #[test]
    fn what_was_not_seen_is_asked_for_and_a_turn_of_silence_takes_its_time_at_no_cost() {
        let mut current = SiteBehaviour::well();
        current.everywhere = Behaviour::HangAfterAccept;
        let missing = simulated_check(&current, Vec::new()).run(&site(), 0).unwrap_err();
        assert_eq!(missing.behaviours, [Behaviour::HangAfterAccept]);
        let silent = Answer::Failed(Cause::new(Failure::Timeout, "no answer"));
        let took =
            simulated_check(&current, vec![(missing, known(silent, 10))]).run(&site(), 0).unwrap();
        assert_eq!((took.attempts, took.long), (3, Duration::from_secs(10)));
    }

    #[test]
    fn every_other_failure_is_met_by_a_second_attempt() {
        let mut current = SiteBehaviour::well();
        current.everywhere = "flaky 2 status 502".parse().unwrap();
        let bad = known(Answer::Failed(Cause::http_status(502)), 0);
        let of =
            |number| Conditions::new(&current, &SiteBehaviour::well(), &[false], number, (0, 0));
        let all = vec![(of(1), known(Answer::Ok, 0)), (of(2), bad)];
        let run = |connections_before| {
            let given =
                SimulatedCheck { connections_before, ..simulated_check(&current, all.clone()) };
            let took = given.run(&site(), 0).unwrap();
            (took.outcome.cause().is_some(), took.attempts, took.connections)
        };
        assert_eq!((run(0), run(1), run(3)), ((false, 1, 1), (false, 2, 2), (false, 2, 2)));
    }

    #[test]
    fn lost_packets_hold_up_and_now_and_then_nothing_comes_through() {
        let given = simulated_check(&SiteBehaviour::well(), Vec::new());
        let timeout = Duration::from_secs(10);
        let all: Vec<_> =
            (0..1_000).map(|n| PacketLoss::new(&given, n).delays(30, timeout)).collect();
        let failed = all.iter().filter(|delays| delays.is_err()).count();
        let whole = all.iter().filter(|delays| **delays == Ok([Duration::ZERO; 4])).count();
        assert!((10..100).contains(&failed) && (150..350).contains(&whole), "{failed} {whole}");
        assert!((0..99).all(|n| PacketLoss::new(&given, n).delays(0, timeout).is_ok()));
    }
}
