//! Recent checks over one route, a site's last one each: when most unrelated sites turn bad with
//! the same symptom, it is our own side, until a canary or a later check clears it.
//!
//! Bounded: in a large catalogue the turns of a few seconds are enough.

use std::{collections::VecDeque, time::Duration};

use super::{
    last_check::{CheckNews, LastCheck},
    peer_pace::{PaceEvidence, PeerPace},
    symptom::{CanaryLayer, SharedSymptom},
};
use crate::judge::network_health::route::{Route, unrelated};
use crate::{check::Check, moment::Moment, verdict::SelfDoubt};

/// Sites whose last check is remembered.
const MAX_CHECKS: usize = 256;
/// Sites that turn bad within this time turn bad together: an interval or two.
const TOGETHER: Duration = Duration::from_mins(2);
/// Least number of unrelated operators with the same symptom, where there are many.
const MAX_NEEDED: usize = 10;
/// Least number of unrelated operators that must fail. With fewer, a failure with an answer counts
/// by itself, unless a canary shows that it is ours.
const MIN_OPERATORS: usize = 4;
/// The same where the names of all of them lead to one address, where each of them fails.
const MIN_ASTRAY: usize = 2;
/// Time for which a failure waits for checks of other sites; twice as long when others fail alike.
const PEER_WAIT: Duration = Duration::from_secs(30);
/// Number of operators above which another is checked soon anyway.
const MANY_OPERATORS: usize = 20;
/// Checks that show whether a doubt is over, where there are many sites.
const REVIEWED_CHECKS: usize = 8;
/// Time after which pages and addresses that are new count as the sites' own, and silence while the
/// canaries answer: most troubles of our own side are over by then.
const ACCEPT_AFTER: Duration = Duration::from_hours(1);
/// A doubt that comes back within this time after its end is the same one.
const SAME_DOUBT: Duration = Duration::from_mins(2);
/// Time for which most sites have to show something else before an accepted symptom is doubted anew.
const GONE_FOR: Duration = Duration::from_mins(10);

/// A doubt of our own side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OwnDoubt {
    pub(super) symptom: SharedSymptom,
    /// First of the checks behind it.
    pub(super) since: Moment,
    made_at: Moment,
    /// Moment when it was made first: it may have ended and come back since.
    began_at: Moment,
}

/// A symptom that has lasted so long that it counts as the sites' own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct AcceptedSymptom {
    symptom: SharedSymptom,
    /// The last moment when not most sites showed something else.
    shown_at: Moment,
}

/// Evidence of other sites about the failure of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PeerEvidence {
    /// It counts by itself.
    Alone,
    /// An unrelated site was up at this moment.
    Against(Moment),
    /// It is not known yet whether our own side is at fault.
    Open,
}

/// Sites that show a symptom, and sites that do not.
#[derive(Clone, Copy, Debug, Default)]
struct SymptomCount {
    bad: usize,
    well: usize,
    first: Moment,
    well_at: Moment,
}

/// The checks of the last minutes.
#[derive(Clone, Debug, Default)]
pub(super) struct RecentEvidence {
    checks: VecDeque<LastCheck>,
    /// Unrelated operators of sites that can be evidence about our own side.
    pub(super) unrelated: usize,
    /// Those of them whose sites have a name.
    pub(super) named: usize,
    /// Answers of sites that are not known to be slow, and which of them were late.
    pub(super) pace: PaceEvidence,
    doubt: Option<OwnDoubt>,
    /// The doubt before, and when it ended.
    ended: Option<(OwnDoubt, Moment)>,
    accepted: Vec<AcceptedSymptom>,
    /// True if a name that always exists was not known when it was asked for last.
    unknown_name: bool,
    /// Sites that came in.
    turns: u64,
    /// Moment of the last success of a canary, by [`CanaryLayer`].
    cleared: [Option<Moment>; 3],
    seen: Moment,
}

impl RecentEvidence {
    /// Takes a check.
    pub(super) fn take(&mut self, check: &Check, route: Route, news: CheckNews) {
        let mut last = LastCheck::of(check, route, news);
        self.turns += 1;
        last.turn = self.turns;
        if let Some(place) = self.checks.iter().position(|known| known.route.site == route.site)
            && let Some(before) = self.checks.remove(place)
        {
            last.follow(&before);
        }
        self.make_room();
        self.checks.push_back(last);
        self.seen = self.seen.max(last.at);
        self.forget_accepted();
        if news.was_slow {
            self.pace.leave_out(route.site);
        } else if !last.failed && !news.distorted {
            self.pace.take(route, last.at, news.slow);
        }
        if self.doubt.is_some() {
            return self.review();
        }
        if let Some((symptom, since)) = last.symptoms().find_map(|symptom| self.judge(symptom)) {
            self.make_doubt(symptom, since);
            self.accept_if_due();
        }
    }

    /// Forgets the site that came in longest ago. Those that fail are checked again sooner, and
    /// must not outstay the others for it: then a few of them would look like most.
    fn make_room(&mut self) {
        let oldest = || self.checks.iter().enumerate().min_by_key(|(_, last)| last.turn);
        if self.checks.len() >= MAX_CHECKS
            && let Some((place, _)) = oldest()
        {
            self.checks.remove(place);
        }
    }

    /// Takes a success of a canary, which is evidence against the symptoms of a layer.
    pub(super) fn clear(&mut self, layer: CanaryLayer, at: Moment) {
        let cleared = &mut self.cleared[layer as usize];
        *cleared = (*cleared).max(Some(at));
        self.unknown_name &= layer != CanaryLayer::Name;
        if self.doubt.is_some_and(|doubt| self.is_cleared(doubt.symptom, doubt.since)) {
            self.end();
            // It was none of ours.
            self.ended = None;
        }
    }

    /// Takes a failure of a canary that used to succeed for a layer. If names that always exist are
    /// unknown, our own side is at fault; for the rest it decides where sites are too few.
    pub(super) fn deny(&mut self, layer: CanaryLayer, at: Moment) {
        let known = self.cleared[layer as usize].is_some();
        self.unknown_name |= known && layer == CanaryLayer::Name;
        let can_tell = layer == CanaryLayer::Name || self.unrelated < MIN_OPERATORS;
        if self.doubt.is_some() || !can_tell || !known {
            return;
        }
        let of_layer = |own: &SharedSymptom| own.fails() && own.layer() == Some(layer);
        let shown = self.checks.iter().filter(|last| last.news).find_map(|last| {
            let astray = last.leads_astray().filter(|_| layer == CanaryLayer::Name);
            astray.or(last.symptom.filter(of_layer))
        });
        let Some(symptom) = shown else { return };
        let SymptomCount { bad, well, first, .. } = self.count(symptom);
        if bad > 0 && well == 0 && first <= at {
            self.make_doubt(symptom, first);
        }
    }

    /// The doubt that is in force.
    pub(super) fn doubt(&self) -> Option<(SelfDoubt, Moment)> {
        self.doubt.map(|ours| (ours.symptom.doubt(), ours.since))
    }

    /// The doubt that is in force for a site, and the symptom behind it. Where others are silent, a site that
    /// is well was reached.
    pub(super) fn doubt_of(&self, site: u64) -> Option<(SelfDoubt, Moment, SharedSymptom)> {
        let reached = |ours: &OwnDoubt| {
            let last = self.last_check(site).filter(|_| ours.symptom == SharedSymptom::Silent);
            last.is_some_and(|last| last.at >= ours.since && !last.failed)
        };
        let ours = self.doubt.filter(|ours| !reached(ours))?;
        Some((ours.symptom.doubt(), ours.since, ours.symptom))
    }

    /// Evidence of others' pace about this site's last answer, if that was late.
    pub(super) fn pace_beside(&self, site: u64) -> PeerPace {
        let late = self.last_check(site).filter(|last| last.symptom == Some(SharedSymptom::Slow));
        late.map_or(PeerPace::Alone, |last| self.pace.of(last.route))
    }

    /// Evidence of other sites about the last failure of this site.
    pub(super) fn weigh(&self, site: u64) -> PeerEvidence {
        let Some((last, symptom)) = self
            .last_check(site)
            .and_then(|last| Some((last, last.symptom?)))
            .filter(|(last, own)| last.news && own.fails() && !self.is_accepted(*own))
        else {
            return PeerEvidence::Alone;
        };
        if self.seen <= last.onset + PEER_WAIT && self.may_be_led_astray(last) {
            return PeerEvidence::Open;
        }
        if !self.has_other_evidence(symptom) {
            return PeerEvidence::Alone;
        }
        let count = self.count(symptom);
        let patience = PEER_WAIT * if count.bad > 1 { 2 } else { 1 };
        let astray = || self.is_led_astray(last);
        // A doubt that has just ended may come back.
        let waited = self.seen > last.onset + patience && self.doubt_before(symptom).is_none();
        if waited || self.is_cleared(symptom, count.first) && !astray() {
            PeerEvidence::Alone
        } else if count.well > 0 && count.well >= count.bad {
            PeerEvidence::Against(count.well_at)
        } else {
            PeerEvidence::Open
        }
    }

    /// Moment since which a failure has waited that the canaries could decide.
    pub(super) fn waits_since(&self) -> Option<Moment> {
        if self.doubt.is_some() {
            return Some(self.seen);
        }
        let mut newest: Vec<(SharedSymptom, &LastCheck)> = Vec::new();
        for last in self.checks.iter().filter(|last| last.news) {
            let Some(own) = last.symptom.filter(|own| own.fails()) else { continue };
            match newest.iter_mut().find(|(shown, _)| *shown == own) {
                Some((_, known)) if known.onset >= last.onset => {}
                Some((_, known)) => *known = last,
                None => newest.push((own, last)),
            }
        }
        let open = newest.into_iter().filter(|(own, last)| {
            // Where many are checked, the next check decides.
            (self.unrelated < MANY_OPERATORS || self.count(*own).bad > 1)
                && self.weigh(last.route.site) == PeerEvidence::Open
        });
        open.map(|(_, last)| last.onset).max()
    }

    /// Moment since which other sites should be checked, to show whether our own side is at fault;
    /// `None` when there is no need.
    pub(super) fn wants_reference_sites(&self, site: u64) -> Option<Moment> {
        let last = self.last_check(site).filter(|_| self.doubt.is_none())?;
        if self.pace_beside(site) == PeerPace::Open {
            return Some(last.at);
        }
        let open = self.weigh(site) == PeerEvidence::Open;
        let own = last.symptom.filter(|_| open).map(|symptom| self.count(symptom));
        let shared = || self.answerers(last).find(|count| count.bad > 1 && count.well < count.bad);
        own.or_else(shared).map(|count| count.first)
    }

    /// Returns whether the new answerer of this site is its own, as far as others show.
    pub(super) fn is_own_answerer(&self, site: u64) -> bool {
        let own = |count: SymptomCount| count.bad <= 1 && (count.well > 0 || self.unrelated < 2);
        self.last_check(site).is_none_or(|last| self.answerers(last).all(own))
    }

    /// Returns whether its name leads elsewhere than before, and it is not known whether our name servers
    /// still know what always exists.
    fn may_be_led_astray(&self, last: &LastCheck) -> bool {
        let known = self.cleared[CanaryLayer::Name as usize];
        known.is_some_and(|at| at < last.onset)
            && last.leads_astray().is_some_and(|address| !self.is_accepted(address))
    }

    /// Returns whether something else is in the place of the site that is in the place of others as
    /// well.
    fn is_led_astray(&self, last: &LastCheck) -> bool {
        last.symptoms().filter(|own| own.is_elsewhere() && !self.is_accepted(*own)).any(|own| {
            let SymptomCount { bad, well, .. } = self.count(own);
            bad > 1 && well < bad
        })
    }

    fn last_check(&self, site: u64) -> Option<&LastCheck> {
        self.checks.iter().rev().find(|last| last.route.site == site)
    }

    /// The sites with the answerer that is new in this check.
    fn answerers(&self, last: &LastCheck) -> impl Iterator<Item = SymptomCount> + use<'_> {
        let is_answerer =
            |s: &SharedSymptom| matches!(s, SharedSymptom::LeadsTo(_) | SharedSymptom::Page(_));
        last.symptoms().filter(is_answerer).map(|symptom| self.count(symptom))
    }

    /// The clock was set back.
    pub(super) fn set_back(&mut self, now: Moment) {
        self.checks.clear();
        self.pace.forget();
        (self.ended, self.unknown_name) = (None, false);
        self.accepted.clear();
        (self.seen, self.cleared) = (self.seen.min(now), [None; 3]);
        if let Some(doubt) = &mut self.doubt {
            (doubt.since, doubt.made_at) = (doubt.since.min(now), doubt.made_at.min(now));
            doubt.began_at = doubt.began_at.min(now);
        }
    }

    /// Operators that may show a symptom.
    fn operators(&self, symptom: SharedSymptom) -> usize {
        match symptom {
            SharedSymptom::UnknownName | SharedSymptom::Address(_) => self.named,
            _ => self.unrelated,
        }
    }

    /// Returns whether there can be evidence about a symptom: from unrelated sites, or a canary.
    fn has_other_evidence(&self, symptom: SharedSymptom) -> bool {
        let by_canary = symptom.layer().is_some_and(|layer| self.cleared[layer as usize].is_some());
        by_canary || self.operators(symptom) >= MIN_OPERATORS
    }

    fn is_cleared(&self, symptom: SharedSymptom, first: Moment) -> bool {
        let cleared = symptom.layer().and_then(|layer| self.cleared[layer as usize]);
        cleared.is_some_and(|at| at >= first)
    }

    fn count(&self, symptom: SharedSymptom) -> SymptomCount {
        let lately = |last: &&LastCheck| last.onset + TOGETHER >= self.seen;
        let bad = || self.showing(symptom).filter(lately);
        let Some(first) = bad().map(|last| last.onset).min() else {
            return SymptomCount::default();
        };
        let since = |last: &&LastCheck| last.at >= first && last.is_well(symptom);
        let well = || self.checks.iter().filter(since);
        SymptomCount {
            bad: unrelated(bad().map(|last| &last.route)),
            well: unrelated(well().map(|last| &last.route)),
            first,
            well_at: well().map(|last| last.at).max().unwrap_or_default(),
        }
    }

    /// The last checks that show a symptom. Failures that are the sites' own are no part of any others.
    fn showing(&self, symptom: SharedSymptom) -> impl Iterator<Item = &LastCheck> {
        let own = move |last: &LastCheck| {
            symptom == SharedSymptom::Failing
                && last.symptom.is_some_and(|own| self.is_accepted(own))
        };
        self.checks.iter().filter(move |last| last.shows(symptom) && !own(last))
    }

    /// A symptom that most unrelated sites show, and since when.
    fn judge(&self, symptom: SharedSymptom) -> Option<(SharedSymptom, Moment)> {
        let operators = self.operators(symptom);
        // Sites may well move to one address, but not to one where nothing is.
        let astray = self.showing(symptom).all(|last| last.leads_astray() == Some(symptom));
        let least = if astray { MIN_ASTRAY } else { MIN_OPERATORS };
        let alone = self.showing(symptom).nth(1).is_none();
        if operators < least || alone || self.is_accepted(symptom) {
            return None;
        }
        let most = (operators / 2 + 1).clamp(least, MAX_NEEDED);
        let SymptomCount { bad, well, first, .. } = self.count(symptom);
        let enough = match symptom {
            SharedSymptom::Slow => bad >= most && well * 3 <= bad * 2,
            // Whatever the failures: nearly no site may be up.
            SharedSymptom::Failing => bad >= most && well * 6 <= bad,
            // A line may be cut but for the way to a site or two.
            SharedSymptom::Silent => bad >= most && well * 4 <= bad,
            // Name servers that know one name can be believed.
            SharedSymptom::UnknownName => bad >= most && well == 0,
            _ => bad >= most && well * 3 < bad,
        };
        (enough && !self.is_cleared(symptom, first)).then_some((symptom, first))
    }

    /// Doubts our own side because of a symptom that is shown since this moment. One that has only just ended
    /// goes on: otherwise it would never last for as long as makes a symptom the sites' own.
    fn make_doubt(&mut self, symptom: SharedSymptom, since: Moment) {
        let before = self.doubt_before(symptom);
        self.doubt = Some(OwnDoubt {
            symptom,
            since: before.map_or(since, |before| before.since.min(since)),
            made_at: self.seen,
            began_at: before.map_or(self.seen, |before| before.began_at),
        });
    }

    /// The doubt that ended a moment ago, if this symptom would be of the same trouble.
    fn doubt_before(&self, symptom: SharedSymptom) -> Option<OwnDoubt> {
        let (before, at) = self.ended?;
        let same = before.symptom.may_become(symptom) && self.seen <= at + SAME_DOUBT;
        same.then_some(before)
    }

    /// Ends the doubt if the last checks no longer show the symptom behind it.
    fn review(&mut self) {
        let Some(OwnDoubt { symptom, made_at, .. }) = self.doubt else { return };
        let most = match symptom {
            SharedSymptom::Slow | SharedSymptom::Silent => 2 * REVIEWED_CHECKS,
            _ => REVIEWED_CHECKS,
        };
        let window = self.operators(symptom).clamp(1, most);
        let telling = self
            .checks
            .iter()
            .rev()
            .filter(|last| last.at > made_at && (last.shows(symptom) || last.is_well(symptom)));
        let well = telling.take(window).filter(|last| last.is_well(symptom)).count();
        let over = match symptom {
            SharedSymptom::Slow => well * 4 >= window * 3,
            SharedSymptom::UnknownName => well > 0,
            SharedSymptom::Silent => well * 4 >= window,
            _ => well * 2 >= window,
        };
        if over {
            self.end();
        } else {
            self.accept_if_due();
        }
    }

    /// Takes the symptom behind a doubt for the sites' own if it has lasted long enough, and all else that several
    /// of these sites show: one trouble is doubted once, whatever it is called.
    fn accept_if_due(&mut self) {
        let due = |ours: &OwnDoubt| {
            self.seen > ours.began_at + ACCEPT_AFTER && self.is_acceptable(ours.symptom)
        };
        let Some(OwnDoubt { symptom, .. }) = self.doubt.filter(due) else { return };
        let shown = self.showing(symptom).flat_map(LastCheck::symptoms);
        let shown: Vec<_> = shown.filter(|shown| self.is_acceptable(*shown)).collect();
        let is_shared =
            |own: &&SharedSymptom| shown.iter().filter(|other| other == own).count() > 1;
        let mut own = vec![symptom];
        own.extend(shown.iter().filter(is_shared));
        for symptom in own {
            if !self.is_accepted(symptom) {
                self.accepted.push(AcceptedSymptom { symptom, shown_at: self.seen });
            }
        }
        self.end();
    }

    /// Returns whether a symptom may be the sites' own after a while, though most of them show it.
    fn is_acceptable(&self, symptom: SharedSymptom) -> bool {
        match symptom {
            SharedSymptom::Silent => self.canary_connects(),
            SharedSymptom::Address(_) => !self.unknown_name,
            _ => symptom.may_be_new(),
        }
    }

    /// Returns whether a canary takes connections now.
    fn canary_connects(&self) -> bool {
        let connected = self.cleared[CanaryLayer::Connection as usize];
        connected.is_some_and(|at| at + TOGETHER >= self.seen)
    }

    fn is_accepted(&self, symptom: SharedSymptom) -> bool {
        self.accepted.iter().any(|accepted| accepted.symptom == symptom)
    }

    /// Forgets what was the sites' own and is gone: one site that is well for a moment is no end of it.
    fn forget_accepted(&mut self) {
        let Self { accepted, checks, seen, .. } = self;
        accepted.retain_mut(|AcceptedSymptom { symptom, shown_at }| {
            let shown = checks.iter().filter(|last| last.still_shows(*symptom)).count();
            let well = checks.iter().filter(|last| last.is_well(*symptom)).count();
            if shown > 0 && well <= shown {
                *shown_at = *seen;
            }
            *seen <= *shown_at + GONE_FOR
        });
    }

    /// Ends the doubt. Checks during it are no evidence about the time after it.
    fn end(&mut self) {
        self.ended = self.doubt.take().map(|ours| (ours, self.seen));
        self.checks.clear();
        self.pace.forget();
    }
}
