//! Our own judge in a world: its checks, attempts and canaries on virtual time. The judge is the
//! product's own, with its memory of all sites and of our own side.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

use model::{
    check::Check,
    judge::{
        Rules,
        network_health::{CanaryKind, CanaryResult},
    },
    moment::Moment,
    name::{Region, Slug},
    outcome::{Answer, Cause, Failure, Outcome, Phases},
    restriction::Restriction,
    site::Site,
    verdict::Change,
};
use stillup::pipeline::{Entry, Judge, Reception};

use crate::{
    track::Track,
    world::{Attempt, MINUTE, Ms, SECOND, TrueWorld},
};

/// Canaries that are asked.
const CONTROLS: [CanaryKind; 5] = [
    CanaryKind::Public,
    CanaryKind::Names,
    CanaryKind::Connections,
    CanaryKind::Answers,
    CanaryKind::KnownNames,
];

/// Address to which names lead that are led astray.
const ASTRAY: Ipv4Addr = Ipv4Addr::new(11, 0, 0, 1);

/// Start of the worlds, in milliseconds.
const EPOCH: Ms = 1_700_000_000_000;
/// Time after which a second attempt hedges a silent first one.
const HEDGE_AFTER: Ms = 3_333;
const TIMEOUT: Ms = 10_000;

/// Settings that may be varied.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) rules: Rules,
    /// A failed check is repeated after this time.
    pub(crate) come_back: Ms,
}

impl Default for Policy {
    fn default() -> Self {
        Self { rules: Rules::default(), come_back: 5 * SECOND }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum QueuedEvent {
    Done { seat: usize },
    Control { region: usize, line: u8, asked: Ms, answered: bool },
    Second,
    SaidStatus { seat: usize, extra: bool },
}

/// One site from one region.
struct JudgedSeat {
    site: usize,
    region: usize,
    busy: bool,
    extra: bool,
    tried: u8,
    begun: Ms,
    /// Attempts so far, and the moment of its next check.
    nth: u32,
    due: Ms,
    check: Check,
}

/// The judge at work.
struct JudgeWork<'a> {
    world: &'a TrueWorld,
    policy: &'a Policy,
    judging: Judge,
    seats: Vec<JudgedSeat>,
    slugs: HashMap<Slug, usize>,
    tracks: Vec<Track>,
    events: BinaryHeap<Reverse<(Ms, QueuedEvent)>>,
    asked: Vec<Ms>,
    ticks_until: Ms,
    ticking: bool,
}

/// Verdicts of our judge in a world, for each site.
pub(crate) fn judge(world: &TrueWorld, policy: &Policy) -> Vec<Track> {
    let sites: Vec<Arc<Site>> =
        (0..world.sites.len()).map(|n| site(n, world.interval(), n < world.served)).collect();
    let regions: Vec<Region> =
        (0..world.regions).filter_map(|n| Region::new(&format!("r{n}")).ok()).collect();
    let mut judging = Judge::new(policy.rules.clone(), HashMap::new()).doubting();
    judging.set_sites(&sites, Moment::from_millis(EPOCH));
    let mut work = JudgeWork {
        world,
        policy,
        judging,
        seats: Vec::new(),
        slugs: sites.iter().enumerate().map(|(n, site)| (site.slug.clone(), n)).collect(),
        tracks: vec![Track::default(); sites.len()],
        events: BinaryHeap::new(),
        asked: vec![-MINUTE; world.regions],
        ticks_until: 0,
        ticking: false,
    };
    for (n, site) in sites.iter().enumerate() {
        for (r, region) in regions.iter().enumerate() {
            let seat = work.seats.len();
            let place = crate::chance::share([world.seed, n as u64, r as u64, 3]);
            let place = place * world.interval() as f64;
            work.events
                .push(Reverse((place as Ms, QueuedEvent::SaidStatus { seat, extra: false })));
            work.seats.push(JudgedSeat {
                site: n,
                region: r,
                busy: false,
                extra: false,
                tried: 0,
                begun: 0,
                nth: 0,
                due: 0,
                check: blank(&site.slug, region),
            });
        }
    }
    // As the service does at its start: what has answered once says more when it does not.
    for region in 0..world.regions {
        work.put_questions(region, 0);
    }
    work.run();
    work.tracks
}

impl JudgeWork<'_> {
    fn run(&mut self) {
        while let Some(Reverse((now, event))) = self.events.pop() {
            if now >= self.world.length {
                break;
            }
            match event {
                QueuedEvent::SaidStatus { seat, extra } => self.turn(seat, extra, now),
                QueuedEvent::Done { seat } => self.done(seat, now),
                QueuedEvent::Second => self.second(now),
                QueuedEvent::Control { region, line, asked, answered } => {
                    let line = CONTROLS[usize::from(line)];
                    let at = self.moment_of(region, asked);
                    let control = CanaryResult { kind: line, at, answered };
                    let region = self.region(region);
                    self.judging.take_canary_result(&region, control);
                }
            }
        }
        for track in &mut self.tracks {
            track.end(self.world.length);
        }
    }

    fn moment(&self, at: Ms) -> Moment {
        Moment::from_millis(EPOCH + self.world.clock(at))
    }

    /// Moment by the clock of a region.
    fn moment_of(&self, region: usize, at: Ms) -> Moment {
        Moment::from_millis(EPOCH + self.world.clock_of(region, at))
    }

    fn region(&self, region: usize) -> Region {
        self.seats[region].check.region.clone()
    }

    fn turn(&mut self, seat: usize, extra: bool, now: Ms) {
        if extra {
            self.seats[seat].extra = false;
        } else {
            let due = now + self.world.interval();
            self.seats[seat].due = due;
            self.events.push(Reverse((due, QueuedEvent::SaidStatus { seat, extra })));
        }
        let JudgedSeat { site, region, tried, nth, busy, .. } = self.seats[seat];
        if busy || !self.world.looks(region, now) {
            return;
        }
        let (seen, attempts, ends) = attempts(self.world, (site, region), now, (tried, nth));
        let track = &mut self.tracks[site];
        (track.looks, track.failed) =
            (track.looks + 1, track.failed + u64::from(seen.failure.is_some()));
        let at = self.moment_of(region, now);
        let here = &mut self.seats[seat];
        here.busy = true;
        here.begun = now;
        // It begins with the next address, or with one that was not tried when all failed.
        here.tried = tried.wrapping_add(if seen.failure.is_some() { attempts } else { 1 });
        here.nth = nth.wrapping_add(u32::from(attempts));
        here.check.at = at;
        here.check.attempts = attempts;
        fill(&mut here.check.outcome, seen, site);
        self.events.push(Reverse((ends, QueuedEvent::Done { seat })));
    }

    fn done(&mut self, seat: usize, now: Ms) {
        let here = &mut self.seats[seat];
        here.busy = false;
        let (site, region) = (here.site, here.region);
        if !self.world.looks(region, now) {
            return;
        }
        // Those of another region come from an agent.
        let heard = (region > 0).then(|| Moment::from_millis(EPOCH + self.world.clock(now)));
        let heard = self.judging.hear(&here.check, heard, false);
        let Some(Reception::Judged(judged)) = heard else { return };
        if judged.effect.recheck {
            self.again(seat, now);
        }
        for reference_site in judged.reference_sites {
            if let Some(site) = self.slugs.get(&reference_site).copied() {
                self.again(site * self.world.regions + region, now);
            }
        }
        for change in &judged.effect.changes {
            self.say(site, now, change);
        }
        if judged.effect.awaits_evidence {
            self.ticks_until = now + 20 * SECOND;
        }
        self.ask(region, now);
        let eventful = !(self.world.cuts.is_empty()
            && self.world.nameless.is_empty()
            && self.world.ourside.is_empty()
            && self.world.jumps.is_empty());
        if !self.ticking && (eventful || now < self.ticks_until) {
            self.ticking = true;
            self.events.push(Reverse(((now / SECOND + 1) * SECOND, QueuedEvent::Second)));
        }
    }

    fn again(&mut self, seat: usize, now: Ms) {
        let soon = now + self.policy.come_back;
        // A scheduled check about then serves as well.
        if (soon - SECOND..=soon + SECOND).contains(&self.seats[seat].due) {
            return;
        }
        if !std::mem::replace(&mut self.seats[seat].extra, true) {
            self.events.push(Reverse((soon, QueuedEvent::SaidStatus { seat, extra: true })));
        }
    }

    /// Asks the controls, if there is need and it was not just done.
    fn ask(&mut self, region: usize, now: Ms) {
        if now < self.asked[region] + 2 * SECOND
            || !self.judging.wants_canaries(&self.region(region))
        {
            return;
        }
        self.put_questions(region, now);
    }

    fn put_questions(&mut self, region: usize, now: Ms) {
        self.asked[region] = now;
        for (line, control) in (0..).zip(CONTROLS) {
            let answered = region > 0 || self.world.control(control, now);
            let said = now + if answered { 50 } else { 3 * SECOND };
            self.events
                .push(Reverse((said, QueuedEvent::Control { region, line, asked: now, answered })));
        }
    }

    fn second(&mut self, now: Ms) {
        for region in 0..self.world.regions {
            self.ask(region, now);
        }
        let at = self.moment(now);
        for entry in self.judging.silence(at) {
            if let Entry::Change(slug, change) = entry
                && let Some(site) = self.slugs.get(&slug).copied()
            {
                self.say(site, now, &change);
            }
        }
        self.ticking = false;
        if now < self.ticks_until {
            self.ticking = true;
            self.events.push(Reverse((now + SECOND, QueuedEvent::Second)));
        }
    }

    fn say(&mut self, site: usize, now: Ms, change: &Change) {
        let verdict = &change.verdict;
        let since = verdict.since.map_or(now, |since| since.millis() - EPOCH);
        let track = &mut self.tracks[site];
        track.say(now, verdict.status, since);
        track.note(now, verdict);
        if let Some(withdrawn) = &change.withdrawn {
            track.withdraw(withdrawn.since.millis() - EPOCH);
        }
    }
}

/// The attempts of one check, as the scheduler makes them: outcome, number and end.
fn attempts(
    world: &TrueWorld,
    (site, region): (usize, usize),
    at: Ms,
    (tried, nth): (u8, u32),
) -> (Attempt, u8, Ms) {
    let look = |at: Ms, n: u8| {
        let numbers = (tried.wrapping_add(n), nth.wrapping_add(u32::from(n)));
        world.attempt(site, region, at, numbers)
    };
    let (mut begin, mut n) = (at, 1);
    // Failures that come quickly are tried again at once.
    let mut first = look(begin, n);
    while first.failure.is_some() && first.took <= HEDGE_AFTER && n < 3 {
        begin += first.took;
        n += 1;
        first = look(begin, n);
    }
    let ends = begin + first.took;
    if first.failure.is_none() || first.took <= HEDGE_AFTER || n == 3 {
        return (first, n, ends);
    }
    // A silent one is hedged by another, which ends with it.
    let mut other = begin + HEDGE_AFTER;
    while n < 3 {
        n += 1;
        let seen = look(other, n);
        if seen.failure.is_none() && other + seen.took <= begin + TIMEOUT {
            return (seen, n, ends.max(other + seen.took));
        }
        other += seen.took.min(HEDGE_AFTER);
    }
    (first, n, ends.max(begin + TIMEOUT))
}

fn fill(outcome: &mut Outcome, seen: Attempt, site: usize) {
    let micros = Some(seen.took as u32 * 1_000);
    let mut phases = Phases::default();
    match seen.failure {
        Some(Failure::Dns) => phases.dns = micros,
        Some(Failure::Timeout) if seen.took >= TIMEOUT => phases.connect = micros,
        _ => phases.wait = micros,
    }
    outcome.phases = phases;
    outcome.http_status = seen.status;
    outcome.traces.answer_print = seen.page;
    let address = if seen.astray { ASTRAY } else { (9 << 24 | site as u32).into() };
    outcome.traces.addresses.clear();
    outcome.traces.addresses.push(IpAddr::V4(address));
    outcome.traces.reached = seen.reached;
    match seen.failure {
        Some(failure) => outcome.answer = Answer::Failed(Cause::new(failure, "as told")),
        None if seen.turned_away => {
            if !outcome.restricted() {
                outcome.answer = Answer::Restricted(Restriction::of_status(403));
            }
        }
        None => outcome.answer = Answer::Ok,
    }
}

fn blank(slug: &Slug, region: &Region) -> Check {
    let outcome = Outcome {
        answer: Answer::Ok,
        http_status: None,
        phases: Phases::default(),
        traces: Box::default(),
        observed: Box::default(),
    };
    Check {
        slug: slug.clone(),
        region: region.clone(),
        at: Moment::default(),
        outcome,
        attempts: 1,
    }
}

#[expect(clippy::expect_used, reason = "the names are written here")]
fn site(n: usize, interval: Ms, served: bool) -> Arc<Site> {
    let host = if TrueWorld::named(n) {
        format!("site.operator-{n}.example")
    } else {
        format!("9.9.{}.{}", n / 250, n % 250 + 1)
    };
    let url = format!("http://{host}/").parse().expect("a URL");
    let interval = Duration::from_millis(interval as u64);
    let provider = served.then(|| "cloudflare".into());
    Arc::new(Site { interval, provider, ..Site::new(Slug::new(&host).expect("a slug"), url) })
}
