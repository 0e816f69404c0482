//! One site as the board shows it: the catalogue's words, the verdict, the last checks.

use std::{sync::Arc, time::Duration};

use super::recent::RecentChecks;
use model::{
    check::Check,
    judge::{Limits, RegionState, SiteState},
    moment::Moment,
    name::Region,
    note::NoteKind,
    outcome::{Cause, Failure, Phases, Traces},
    provider::{Dependency, Member, ProviderEvent, ProviderStatus, Role},
    report::{MAX_AGE, Places, WhyNot},
    site::Site,
    uptime::Uptime,
    validity::Validity,
    verdict::{Outage, Status, Verdict, Withdrawn},
};

/// Outages that are shown.
const OUTAGES: usize = 10;
const MILLISECOND: Duration = Duration::from_millis(1);

/// One site as the board shows it.
#[derive(Clone, Debug)]
pub struct LiveSite {
    /// The site as the catalogue has it.
    pub site: Arc<Site>,
    /// Its place in the catalogue.
    pub place: usize,
    /// The provider that was found out, whatever the catalogue says.
    pub found: Option<Box<str>>,
    /// DNS operator of its name, and when that was found.
    pub names: Option<(Box<str>, Moment)>,
    /// Issuer of its certificate.
    pub authority: Option<Box<str>>,
    /// A provider of it, while that seems to be failing and this site with it.
    pub failing: Option<Arc<ProviderStatus>>,
    /// The verdict in force.
    pub verdict: Verdict,
    /// Until when it rests on evidence.
    pub fresh_until: Option<Moment>,
    /// The usual latency in microseconds, once it is known.
    pub usual: Option<u32>,
    /// The moment when the newest check was that the verdict rests on.
    pub(super) judged_at: Option<Moment>,
    /// Moment of the recheck that the judge requested last.
    pub recheck_at: Option<Moment>,
    /// View of each region, in the order of their names.
    pub regions: Vec<RegionView>,
    /// The last checks of all regions, newest first.
    pub recent: RecentChecks,
    /// The last outages, newest first; of one start, the worst first.
    pub outages: Vec<Outage>,
    /// The providers that failed with some of these outages, each with the start of the outage.
    pub(super) attributed: Vec<(Moment, Box<str>)>,
    /// True if the record was asked, and had no more outages than these.
    pub all_outages: bool,
    /// Uptime by window.
    pub uptime: Uptime,
}

/// Last check of one region, and the status confirmed there.
#[derive(Clone, Debug)]
pub struct RegionView {
    /// The region.
    pub region: Region,
    /// Status confirmed there.
    pub status: Status,
    /// Cause, while that is `down`.
    pub cause: Option<Cause>,
    /// Its last check.
    pub check: Arc<Check>,
    /// Since when it is so, once something is confirmed.
    pub since: Option<Moment>,
    /// The moment when the node heard of its last check.
    pub heard_at: Option<Moment>,
    /// Until when its last evidence holds, by the node's clock.
    pub fresh_until: Option<Moment>,
    /// Reason why it has no vote, other than silence.
    pub barred: Option<WhyNot>,
    /// True if what it says counts beside the other regions, as long as it has a vote.
    pub counts: bool,
}

impl RegionView {
    /// The state of a region as its last check alone tells it.
    fn new(check: &Arc<Check>) -> Self {
        Self {
            region: check.region.clone(),
            status: Status::Unknown,
            cause: None,
            check: check.clone(),
            since: None,
            heard_at: None,
            fresh_until: None,
            barred: None,
            counts: false,
        }
    }

    /// Takes what the judge knows of the region.
    fn take(&mut self, state: &SiteState, limits: &Limits) {
        let known = state.region(&self.region);
        self.status = known.map_or(Status::Unknown, |region| region.status);
        self.cause = known.and_then(|region| region.cause.clone());
        self.since = known.and_then(|region| region.since);
        self.heard_at = known.and_then(RegionState::heard_at);
        self.fresh_until = known.and_then(|region| region.fresh_until(limits));
        self.barred = known.and_then(RegionState::barred_or_doubting);
        self.counts = state.counts(&self.region, limits);
    }

    /// Returns whether it has a vote that counts.
    pub fn votes(&self, now: Moment) -> bool {
        self.why_not(now).is_none()
    }

    /// Reason why it has none.
    pub fn why_not(&self, now: Moment) -> Option<WhyNot> {
        let silent = self.fresh_until.is_none_or(|until| until < now).then_some(WhyNot::Silent);
        self.barred.or(silent).or((!self.counts).then_some(WhyNot::Settling))
    }
}

/// One check at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckSummary {
    /// Moment of the check.
    pub at: Moment,
    /// From where.
    pub region: Region,
    /// Kind of failure; `None` when it did not fail.
    pub failure: Option<Failure>,
    /// True if robots were turned away.
    pub restricted: bool,
    /// The HTTP status, if there was a reply.
    pub http_status: Option<u16>,
    /// Latency in microseconds.
    pub latency: Option<u32>,
    /// Attempts it took.
    pub attempts: u8,
}

impl From<&Check> for CheckSummary {
    fn from(check: &Check) -> Self {
        Self {
            at: check.at,
            region: check.region.clone(),
            failure: check.outcome.cause().map(|c| c.failure),
            restricted: check.outcome.restricted(),
            http_status: check.outcome.http_status,
            latency: check.outcome.phases.latency(),
            attempts: check.attempts,
        }
    }
}

impl LiveSite {
    /// A site of which nothing is known yet.
    pub(super) fn new(site: Arc<Site>) -> Self {
        Self {
            site,
            place: 0,
            found: None,
            names: None,
            authority: None,
            failing: None,
            verdict: Verdict::none_yet(),
            fresh_until: None,
            usual: None,
            judged_at: None,
            recheck_at: None,
            regions: Vec::new(),
            recent: RecentChecks::default(),
            outages: Vec::new(),
            attributed: Vec::new(),
            all_outages: false,
            uptime: Uptime::default(),
        }
    }

    /// The slug of its provider: what the catalogue says, or else what was found out.
    pub fn provider(&self) -> Option<&str> {
        self.site.provider.as_deref().or(self.found.as_deref())
    }

    /// Every provider that it depends on, and for what; who serves it first.
    pub fn dependencies(&self) -> impl Iterator<Item = Dependency<'_>> {
        let of = |role| move |provider| Dependency { provider, role };
        let names = self.names.as_ref().map(|(slug, _)| &**slug);
        let declared = self.site.depends_on.iter().map(|slug| &**slug);
        let known = self.provider().map(of(Role::Serves)).into_iter();
        known
            .chain(declared.map(of(Role::Declared)))
            .chain(names.map(of(Role::Names)))
            .chain(self.authority.as_deref().map(of(Role::Certificate)))
    }

    /// Returns whether it counts among the sites of a provider: what it is served by, or depends on
    /// as the catalogue says; or, with an event, what that is about.
    pub fn is_at(&self, provider: &str, event: Option<&ProviderEvent>) -> bool {
        let evidence = event.and_then(|event| event.evidence);
        let role = evidence.map_or(Role::Serves, |evidence| evidence.role);
        let about = |d: Dependency<'_>| match role {
            Role::Serves | Role::Declared => matches!(d.role, Role::Serves | Role::Declared),
            role => d.role == role,
        };
        event.is_some_and(|event| event.sites.contains(&self.site.slug))
            || self.dependencies().any(|d| d.provider == provider && about(d))
    }

    /// The site as a provider's status counts it, with the status that is shown.
    pub fn member(&self, status: Status) -> Member<'_> {
        Member {
            slug: &self.site.slug,
            status,
            since: self.verdict.since,
            cause: self.verdict.cause.as_ref(),
            bad_with: None,
            intermittent: self.verdict.notes(NoteKind::Intermittent),
        }
    }

    /// Returns whether it lately began to turn robots away, which may be all that the machines of
    /// this provider do while it fails.
    pub fn is_turned_away_by(&self, standing: &ProviderStatus) -> bool {
        let away = self.verdict.notes.iter().find(|note| note.kind == NoteKind::TurnedAway);
        away.is_some_and(|note| standing.may_turn_away(self.dependencies(), note.since))
    }

    /// Moment of the last check, from anywhere; by an earlier run, if this one has made none yet.
    pub fn checked_at(&self) -> Option<Moment> {
        self.last().map(|check| check.at).max(self.judged_at)
    }

    /// The newest check of any region.
    pub fn last(&self) -> Option<&Check> {
        self.regions.iter().map(|seen| &*seen.check).max_by_key(|check| check.at)
    }

    /// The latency of the newest check that was answered, in microseconds.
    pub fn latency(&self) -> Option<u32> {
        let check = self.last().filter(|check| check.outcome.cause().is_none())?;
        check.outcome.phases.latency()
    }

    /// The phases of the newest check.
    pub fn phases(&self) -> Phases {
        self.last().map(|check| check.outcome.phases).unwrap_or_default()
    }

    /// Traces of the newest check.
    pub fn traces(&self) -> Option<&Traces> {
        self.last().map(|check| &*check.outcome.traces)
    }

    /// The site as the regions with a vote see it. One that saw it down and is not heard any more is in it
    /// while the verdict says so.
    pub fn places(&self, now: Moment) -> Places {
        let partial = self.verdict.status == Status::Partial;
        let mut places = Places::default();
        for seen in &self.regions {
            let kept = partial && seen.status == Status::Down && seen.barred.is_none();
            if !seen.votes(now) && !kept {
                continue;
            }
            if seen.check.outcome.restricted() {
                places.turned_away.push(seen.region.clone());
            }
            match seen.status {
                Status::Down => places.down.push(seen.region.clone()),
                Status::Slow => places.slow.push(seen.region.clone()),
                _ => places.well += 1,
            }
        }
        places
    }

    /// The moment when the certificate ends, as any region saw it last.
    pub fn certificate_expires_at(&self) -> Option<Moment> {
        self.certificate().map(|certificate| certificate.ends_at)
    }

    /// The time for which the certificate is valid that ends first of those that the regions saw last.
    pub fn certificate(&self) -> Option<Validity> {
        let seen = self.regions.iter().filter_map(|seen| {
            let traces = &seen.check.outcome.traces;
            let ends_at = traces.certificate_expires_at?;
            Some(Validity { begins_at: traces.certificate_begins_at, ends_at })
        });
        seen.min_by_key(|certificate| certificate.ends_at)
    }

    /// Returns whether the verdict rests on evidence at this moment.
    pub fn is_fresh(&self, now: Moment) -> bool {
        self.fresh_until.is_some_and(|until| now <= until)
    }

    /// From when on `recent` has every check of every region; `None` when it has none.
    pub fn checks_since(&self) -> Option<Moment> {
        let oldest = |region: Option<&Region>| {
            let of = self.recent.iter().filter(|g| region.is_none_or(|r| g.region == *r));
            of.map(|glance| glance.at).min()
        };
        if !self.recent.is_full() {
            return oldest(None);
        }
        // Old checks are dropped in the order of arrival, and regions do not arrive in step.
        let held = self.recent.iter().filter_map(|glance| oldest(Some(&glance.region)));
        let gone = self.regions.iter().filter(|seen| oldest(Some(&seen.region)).is_none());
        held.chain(gone.map(|seen| seen.check.at + MILLISECOND)).max()
    }

    /// From when on `outages` has every outage that began; `None`: of none is it known.
    pub fn outages_since(&self) -> Option<Moment> {
        if self.all_outages {
            return Some(Moment::from_millis(i64::MIN));
        }
        let oldest = self.outages.last().map(|outage| outage.started_at);
        if self.outages.len() >= OUTAGES {
            // Another that began in that moment may have been dropped.
            return oldest.map(|at| at + MILLISECOND);
        }
        // Without an answer of the record, only outages since the start are known.
        oldest.into_iter().chain(self.checks_since()).min()
    }

    /// Slug of the provider whose event explains an outage of this start.
    pub fn put_down_to(&self, started_at: Moment) -> Option<&str> {
        let known = self.attributed.iter().find(|(at, _)| *at == started_at);
        known.map(|(_, provider)| &**provider)
    }

    /// The outages of this event that are not attributed to a provider yet.
    pub(super) fn unexplained(&self, event: &ProviderEvent) -> impl Iterator<Item = Moment> {
        let mine = self.outages.iter().filter(|outage| {
            event.explains(outage.started_at, outage.status, outage.cause.as_ref())
        });
        mine.map(|outage| outage.started_at).filter(|at| self.put_down_to(*at).is_none())
    }

    /// Puts the outage of this start down to a provider, unless it has one.
    pub(super) fn attribute(&mut self, started_at: Moment, provider: &str) {
        let shown = self.outages.iter().any(|outage| outage.started_at == started_at);
        if shown && self.put_down_to(started_at).is_none() {
            self.attributed.push((started_at, provider.into()));
        }
    }

    /// Takes back that outages are attributed to the provider of an event.
    pub(super) fn clear(&mut self, event: &ProviderEvent) {
        self.attributed.retain(|(at, slug)| *slug != event.provider || !event.spans(*at));
    }

    pub(super) fn take_check(&mut self, check: &Arc<Check>) {
        let glance = CheckSummary::from(&**check);
        self.recent.push(&glance);
        let seen = RegionView::new(check);
        match self.regions.binary_search_by(|s| s.region.cmp(&check.region)) {
            Ok(place) => self.regions[place] = seen,
            Err(place) => {
                self.regions.reserve_exact(1);
                self.regions.insert(place, seen);
            }
        }
    }

    pub(super) fn take_state(&mut self, state: &SiteState) {
        self.verdict = state.verdict.clone();
        let limits = Limits::of(&self.site);
        self.fresh_until = state.fresh_until(&limits);
        self.usual = state.usual();
        self.judged_at = state.checked_at();
        for seen in &mut self.regions {
            seen.take(state, &limits);
        }
    }

    pub(super) fn take_outages(&mut self, touched: &[Outage]) {
        for outage in touched {
            let known = |o: &Outage| (o.started_at, o.status) == (outage.started_at, outage.status);
            self.outages.retain(|o| !known(o));
            self.outages.push(outage.clone());
        }
        self.keep_outages();
    }

    pub(super) fn withdraw(&mut self, withdrawn: &Withdrawn) {
        self.outages.retain(|outage| !withdrawn.covers(outage));
        self.keep_outages();
    }

    fn keep_outages(&mut self) {
        self.outages.sort_by_key(|o| std::cmp::Reverse((o.started_at, o.status as u8)));
        self.all_outages &= self.outages.len() <= OUTAGES;
        self.outages.truncate(OUTAGES);
        let Self { outages, attributed, .. } = self;
        attributed.retain(|(at, _)| outages.iter().any(|outage| outage.started_at == *at));
    }

    /// Takes the last check of a region by an earlier run, unless this run has one from there.
    pub(super) fn take_last(&mut self, check: &Arc<Check>) {
        let place = self.regions.binary_search_by(|seen| seen.region.cmp(&check.region));
        let Err(place) = place else { return };
        // One that was silent for so long may have retired since.
        let newest = self.regions.iter().map(|seen| seen.check.at).max();
        if newest.is_some_and(|newest| newest.since(check.at) > MAX_AGE) {
            return;
        }
        let fails = check.outcome.cause().is_some();
        // The confirmed status comes with the next check; until then, only the last check counts.
        let status = match (self.verdict.status, fails) {
            (Status::Down | Status::Partial, true) => Status::Down,
            (_, true) => Status::Unknown,
            (Status::Slow, false) => Status::Slow,
            (_, false) => Status::Up,
        };
        let down = status == Status::Down;
        let cause = check.outcome.cause().filter(|_| down).cloned();
        self.regions.reserve_exact(1);
        let known = RegionView::new(check);
        let fresh_until = Some(check.at + Limits::of(&self.site).fresh_for);
        let (heard_at, counts) = (Some(check.at), status != Status::Unknown);
        let seen = RegionView { status, cause, heard_at, fresh_until, counts, ..known };
        self.regions.insert(place, seen);
    }

    pub(super) fn fill(&mut self, glances: &[CheckSummary], outages: &[Outage], all: bool) {
        self.recent.fill(glances);
        // While another node recorded, this one may have named them by other checks.
        let renamed = |own: &Outage| {
            let as_recorded = |o: &Outage| o.may_be(own.status, own.started_at);
            let same = |o: &Outage| (o.started_at, o.status) == (own.started_at, own.status);
            outages.iter().any(as_recorded) && !outages.iter().any(same)
        };
        self.outages.retain(|own| !renamed(own));
        let known: Vec<_> = self.outages.iter().map(|o| (o.started_at, o.status)).collect();
        let missing = outages.iter().filter(|o| !known.contains(&(o.started_at, o.status)));
        self.outages.extend(missing.cloned());
        self.all_outages = all;
        self.keep_outages();
    }
}
