//! The entry for visitors: cached answers, lookups under way, limits.

use std::{
    collections::HashMap,
    net::IpAddr,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use futures_util::{
    Stream, StreamExt,
    stream::{self, BoxStream, Fuse},
};
use hashlink::LruCache;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::timeout,
};

use super::{
    Elsewhere, LookupSettings, MAX_ANSWERS, MAX_FLIGHTS, PROBE_AGAIN_AFTER, SITE_FACTOR,
    SeenElsewhere,
    confirm::{confirm, longest, site_of},
    machines::Machines,
    rate_limit::{Quota, RateLimiter},
    visit::Visit,
};
use crate::board::Board;
use crate::lookup::{
    answer::{Coming, LookupAnswer, LookupOutcome, LookupProgress},
    reports::{VisitorReports, doubtful},
};
use model::{
    moment::Moment,
    network::masked,
    target::{Refused, Target},
};
use prober::{
    clock::Clock,
    probe::{Gate, VisitorProbe},
};

/// Time that a visitor waits for other places once our own look is over.
const WAIT_FOR_OTHERS: Duration = Duration::from_secs(1);

/// Answers visitors. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Lookups(Arc<LookupState>);

#[derive(Debug)]
struct LookupState {
    probe: Arc<dyn VisitorProbe>,
    board: Arc<Board>,
    clock: Clock,
    settings: LookupSettings,
    room: Arc<Semaphore>,
    /// Gate for every connection of every lookup.
    gate: Arc<dyn Gate>,
    /// Other places to probe from, once they are known.
    elsewhere: OnceLock<Arc<dyn Elsewhere>>,
    state: Mutex<DeskState>,
}

#[derive(Debug)]
struct DeskState {
    known: LruCache<String, Arc<LookupAnswer>>,
    flights: HashMap<String, Flight>,
    visitors: RateLimiter<IpAddr>,
    /// Of visitors of one /48 together.
    sites: RateLimiter<IpAddr>,
    /// Number of slots in use by each visitor, and by each /48.
    places: HashMap<IpAddr, usize>,
    reports: VisitorReports,
}

#[derive(Debug)]
struct Flight {
    progress: watch::Receiver<LookupProgress>,
    /// Number of visitors waiting for it.
    asked: u32,
}

/// Answer to a request for a lookup.
#[derive(Debug)]
pub enum LookupStart {
    /// An answer that is not old.
    Known(Arc<LookupAnswer>),
    /// The probe is under way.
    Coming(Coming),
}

/// Reason for refusing a new lookup, with the last known answer.
#[derive(Debug)]
pub struct LookupRefusal {
    /// Reason.
    pub why: RefusalReason,
    /// Wait after which another request may succeed, if waiting helps.
    pub retry_after: Option<Duration>,
    /// The last answer that we have.
    pub last: Option<Arc<LookupAnswer>>,
}

/// Reason why a lookup is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusalReason {
    /// There are no lookups here.
    Off,
    /// The target cannot be probed.
    Target(Refused),
    /// The visitor's budget is spent.
    Budget,
    /// Too many lookups are under way.
    Busy,
}

impl LookupRefusal {
    fn of(why: RefusalReason) -> Self {
        Self { why, retry_after: None, last: None }
    }
}

impl Lookups {
    /// Lookups by this prober. The board shows whether our own connection works.
    pub fn new(
        probe: Arc<dyn VisitorProbe>,
        board: Arc<Board>,
        clock: Clock,
        settings: LookupSettings,
    ) -> Self {
        let state = DeskState {
            known: LruCache::new(MAX_ANSWERS),
            flights: HashMap::new(),
            visitors: RateLimiter::new(settings.per_visitor, MAX_ANSWERS * 8),
            sites: RateLimiter::new(
                settings.per_visitor.saturating_mul(SITE_FACTOR),
                MAX_ANSWERS * 8,
            ),
            places: HashMap::new(),
            reports: VisitorReports::new(MAX_ANSWERS),
        };
        let (room, state) = (Arc::new(Semaphore::new(MAX_FLIGHTS)), Mutex::new(state));
        let gate = Arc::new(Machines::new(clock.clone()));
        let elsewhere = OnceLock::new();
        Self(Arc::new(LookupState { probe, board, clock, settings, room, gate, elsewhere, state }))
    }

    /// Probes from other places as well from now on.
    pub fn set_elsewhere(&self, elsewhere: Arc<dyn Elsewhere>) {
        // The first ones stay: there is one set of other places.
        drop(self.0.elsewhere.set(elsewhere));
    }

    /// Returns whether visitors may look anything up.
    pub fn enabled(&self) -> bool {
        self.0.settings.enabled
    }

    /// Settings of lookups.
    pub fn settings(&self) -> &LookupSettings {
        &self.0.settings
    }

    /// Remaining quota of a visitor.
    pub fn left(&self, visitor: IpAddr) -> Quota {
        let now = self.0.clock.now();
        self.lock().visitors.peek(&visitor, now)
    }

    /// Time for which one answer serves all visitors.
    pub fn serves(&self) -> Duration {
        self.0.settings.cache
    }

    /// Longest duration of a lookup.
    pub fn longest(&self) -> Duration {
        longest(self.0.settings.timeout)
    }

    /// Reads a target as typed, as far as it may be probed.
    ///
    /// # Errors
    /// Fails when it may not.
    pub fn read(&self, text: &str) -> Result<Target, Refused> {
        let target = Target::read(text)?;
        if self.0.settings.allow_private {
            return target.for_the_trusted();
        }
        target.for_visitors()
    }

    /// Requests a lookup of a target. `again` requests a new probe although there is an answer;
    /// that answer may still be served for a few seconds.
    ///
    /// # Errors
    /// Fails when lookups are disabled, or a limit is reached.
    pub fn ask(
        &self,
        target: &Target,
        visitor: IpAddr,
        again: bool,
    ) -> Result<LookupStart, LookupRefusal> {
        let LookupState { settings, clock, room, .. } = &*self.0;
        if !settings.enabled {
            return Err(LookupRefusal::of(RefusalReason::Off));
        }
        let (key, now) = (target.key(), clock.now());
        let mut guard = self.lock();
        let state = &mut *guard;
        if let Some(flight) = state.flights.get_mut(&key) {
            flight.asked += u32::from(state.reports.is_new(&key, visitor, now));
            return Ok(LookupStart::Coming(Coming { progress: flight.progress.clone() }));
        }
        let last = state.known.get(&key).cloned();
        let serves = if again { PROBE_AGAIN_AFTER.min(settings.cache) } else { settings.cache };
        if let Some(known) = last.clone().filter(|known| known.age(now) < serves) {
            if state.reports.is_new(&key, visitor, now) {
                state.reports.asked(&key, 1, known.is_down(), now);
            }
            return Ok(LookupStart::Known(known));
        }
        let (site, free) = (masked(visitor, 32, 48), room.available_permits());
        let fair = state.places.get(&site).is_none_or(|has| *has < free);
        let Some(permit) = room.clone().try_acquire_owned().ok().filter(|_| fair) else {
            let retry_after = Some(Duration::from_secs(2));
            return Err(LookupRefusal { why: RefusalReason::Busy, retry_after, last });
        };
        if let Err(wait) = state.take(visitor, site, now) {
            return Err(LookupRefusal {
                why: RefusalReason::Budget,
                retry_after: Some(wait),
                last,
            });
        }
        *state.places.entry(site).or_default() += 1;
        let place = LookupSlot { lookups: self.clone(), site, _permit: permit };
        let (tell, progress) = watch::channel(LookupProgress::Looking);
        let asked = u32::from(state.reports.is_new(&key, visitor, now));
        let flight = Flight { progress: progress.clone(), asked };
        state.flights.insert(key.clone(), flight);
        drop(guard);
        tokio::spawn(self.clone().fly(key, target.clone(), tell, place));
        Ok(LookupStart::Coming(Coming { progress }))
    }

    /// The last answer for a target, however old.
    pub fn last(&self, key: &str) -> Option<Arc<LookupAnswer>> {
        self.lock().known.get(key).cloned()
    }

    /// Counts a visitor of the page of a site that we watch among those who look it up.
    pub fn count_visit(&self, slug: &str, visitor: IpAddr, down: bool) {
        let now = self.0.clock.now();
        let reports = &mut self.lock().reports;
        if reports.is_new(slug, visitor, now) {
            reports.asked(slug, 1, down, now);
        }
    }

    /// Does something with the counts of the crowd.
    pub fn reports<T>(&self, with: impl FnOnce(&mut VisitorReports) -> T) -> T {
        with(&mut self.lock().reports)
    }

    /// Returns whether a target is known here, so that something may be counted for it.
    pub fn knows(&self, key: &str) -> bool {
        let state = self.lock();
        state.known.peek(key).is_some()
            || state.flights.contains_key(key)
            || state.reports.knows(key)
    }

    /// The moment now.
    pub fn now(&self) -> Moment {
        self.0.clock.now()
    }

    /// One lookup, in a task of its own: no visitor's leaving ends it.
    async fn fly(
        self,
        key: String,
        target: Target,
        tell: watch::Sender<LookupProgress>,
        place: LookupSlot,
    ) {
        let mut landing = Landing { lookups: &self, key: &key, answered: None };
        let (asked, mut elsewhere) = self.look_elsewhere(&target);
        let mut others = Others::default();
        let seen = {
            let mut own = pin!(self.look(&target, &tell));
            loop {
                tokio::select! {
                    seen = &mut own => break seen,
                    Some(seen) = elsewhere.next() => others.0.push(seen),
                }
            }
        };
        // The visitor waits for our own look, and for the slowest place only a little longer.
        let rest = timeout(WAIT_FOR_OTHERS, others.gather(&mut elsewhere)).await;
        let (at, known) = (self.0.clock.now(), others.in_order());
        // Whoever has not answered by the end of the stream does not look.
        let waiting = if rest.is_ok() { 0 } else { asked - known.len() };
        let answered = LookupAnswer { target: target.clone(), at, seen, elsewhere: known, waiting };
        let answered = Arc::new(answered);
        landing.answered = Some(answered.clone());
        // Later visitors find it among the answers.
        drop(landing);
        tell.send_replace(LookupProgress::Done(answered.clone()));
        drop((place, tell));
        if rest.is_err() {
            others.gather(&mut elsewhere).await;
            self.complete(&key, &answered, others.in_order());
        }
    }

    /// The same from other places, as far as there are any.
    fn look_elsewhere(&self, target: &Target) -> (usize, Fuse<BoxStream<'static, SeenElsewhere>>) {
        let LookupState { elsewhere, settings, .. } = &*self.0;
        let places = elsewhere.get();
        let seen =
            places.map(|places| places.probe(target, settings.timeout, settings.allow_private));
        let (asked, seen) = seen.unwrap_or_else(|| (0, stream::empty().boxed()));
        (asked, seen.fuse())
    }

    /// Adds to an answer what other places said later, unless there is a newer one.
    fn complete(&self, key: &str, answered: &Arc<LookupAnswer>, elsewhere: Vec<SeenElsewhere>) {
        let whole = LookupAnswer { elsewhere, waiting: 0, ..LookupAnswer::clone(answered) };
        let mut state = self.lock();
        if let Some(known) = state.known.get_mut(key)
            && Arc::ptr_eq(known, answered)
        {
            *known = Arc::new(whole);
        }
    }

    async fn look(&self, target: &Target, tell: &watch::Sender<LookupProgress>) -> LookupOutcome {
        let LookupState { probe, board, clock, settings, gate, .. } = &*self.0;
        let site = site_of(target, settings.timeout, settings.allow_private);
        let by = (&settings.rules, &settings.region, clock);
        let visit = Visit::new(&**probe, gate);
        let confirmed = confirm(&visit, target, site, by, |check| {
            tell.send_replace(LookupProgress::Again(check.outcome.cause().cloned()));
        });
        let confirmed = match visit.unless_blocked(confirmed).await {
            Ok(confirmed) => Box::new(confirmed),
            Err(blocked) => return LookupOutcome::Blocked(blocked),
        };
        let failed = confirmed.check.outcome.http_status.is_none();
        if failed && doubtful(board, clock.now()) {
            LookupOutcome::Doubt(confirmed)
        } else {
            LookupOutcome::Verdict(confirmed)
        }
    }

    // A poisoned lock guards counts and answers, each of which is whole: going on is better.
    fn lock(&self) -> MutexGuard<'_, DeskState> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Outcomes from other places so far.
#[derive(Debug, Default)]
struct Others(Vec<SeenElsewhere>);

impl Others {
    /// Gathers outcomes until there are no more.
    async fn gather(&mut self, elsewhere: &mut (impl Stream<Item = SeenElsewhere> + Unpin)) {
        while let Some(seen) = elsewhere.next().await {
            self.0.push(seen);
        }
    }

    /// In the order of their regions.
    fn in_order(&self) -> Vec<SeenElsewhere> {
        let mut all = self.0.clone();
        all.sort_by(|one, other| one.region.cmp(&other.region));
        all
    }
}

impl DeskState {
    /// Takes one lookup from what a visitor has left, and from what its /48 has.
    fn take(&mut self, visitor: IpAddr, site: IpAddr, now: Moment) -> Result<(), Duration> {
        self.visitors.take(visitor, now).map_err(|quota| quota.next)?;
        if visitor.is_ipv6() {
            self.sites.take(site, now).map_err(|quota| quota.next)?;
        }
        Ok(())
    }
}

/// A slot for a lookup under way; released when this is dropped.
struct LookupSlot {
    lookups: Lookups,
    site: IpAddr,
    _permit: OwnedSemaphorePermit,
}

impl Drop for LookupSlot {
    fn drop(&mut self) {
        let mut state = self.lookups.lock();
        if let Some(has) = state.places.get_mut(&self.site) {
            *has -= 1;
            if *has == 0 {
                state.places.remove(&self.site);
            }
        }
    }
}

/// Ends a flight, also when its task breaks.
struct Landing<'a> {
    lookups: &'a Lookups,
    key: &'a str,
    answered: Option<Arc<LookupAnswer>>,
}

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        let mut state = self.lookups.lock();
        let asked = state.flights.remove(self.key).map_or(0, |flight| flight.asked);
        let Some(answered) = self.answered.take() else { return };
        let (down, now) = (answered.is_down(), answered.at);
        state.reports.asked(self.key, asked, down, now);
        state.known.insert(self.key.to_owned(), answered);
    }
}
