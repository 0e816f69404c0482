//! Recent checks over one route, a site's last one each: when most unrelated sites turn bad with
//! the same symptom, it is our own side, until a canary or a later check clears it.
//!
//! Bounded: in a large catalogue a few seconds of checks are enough.

use std::{collections::VecDeque, time::Duration};

use super::{
    peer_pace::{PaceEvidence, PeerPace},
    symptom::{Answerer, CanaryLayer, SharedSymptom},
};
use crate::judge::network_health::route::{Route, unrelated};
use crate::{check::Check, moment::Moment, verdict::SelfDoubt};

/// Checks that are remembered.
const MAX_CHECKS: usize = 64;
/// Sites that turn bad within this time turn bad together: an interval or two.
const TOGETHER: Duration = Duration::from_mins(2);
/// Least number of unrelated operators with the same symptom, where there are many.
const MAX_NEEDED: usize = 10;
/// Least number of unrelated operators that must fail. With fewer, a failure with an answer counts
/// by itself, unless a canary shows that it is ours.
const MIN_OPERATORS: usize = 4;
/// Time for which a failure waits for checks of other sites; twice as long when others fail alike.
const PEER_WAIT: Duration = Duration::from_secs(30);
/// Number of operators above which another is checked soon anyway.
const MANY_OPERATORS: usize = 20;
/// Checks that show whether a doubt is over, where there are many sites.
const REVIEWED_CHECKS: usize = 8;
/// Time after which pages that are new and good count as the sites' own.
const ACCEPT_PAGES_AFTER: Duration = Duration::from_hours(1);

/// News of a check of a site, as the judge knows it.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and all may be true")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckNews {
    /// The site was not known to be down.
    pub failing: bool,
    /// It was not known to turn robots away.
    pub turned_away: bool,
    /// The answer came several times later than usual.
    pub slow: bool,
    /// It was not known to be slow.
    pub slowing: bool,
    /// It was known to be slow.
    pub was_slow: bool,
    /// Its prober could not keep up: its pace says nothing of our line.
    pub distorted: bool,
    /// The answerer, where it is not the one before; 0 where it is.
    pub answerer: Answerer,
}

impl From<bool> for CheckNews {
    fn from(failing: bool) -> Self {
        Self { failing, ..Self::default() }
    }
}

/// The last check of a site.
#[derive(Clone, Copy, Debug)]
struct LastCheck {
    route: Route,
    at: Moment,
    /// Since when it has shown what it shows.
    onset: Moment,
    failed: bool,
    symptom: Option<SharedSymptom>,
    /// True if the symptom is new.
    news: bool,
    answerer: Answerer,
}

impl LastCheck {
    fn of(check: &Check, route: Route, news: CheckNews) -> Self {
        let symptom = SharedSymptom::of(check, news.slow);
        let is_news = match symptom {
            Some(SharedSymptom::TurnedAway(_)) => news.turned_away,
            Some(SharedSymptom::Slow) => news.slowing,
            _ => news.failing,
        };
        Self {
            route,
            at: check.at,
            onset: check.at,
            failed: check.outcome.cause().is_some(),
            symptom,
            news: is_news,
            answerer: news.answerer,
        }
    }

    /// Takes over since when it shows what it shows.
    fn follow(&mut self, before: &Self) {
        let same = |one: u64, two: u64| one != 0 && one == two;
        if self.symptom.is_some() && self.symptom == before.symptom && before.news {
            (self.onset, self.news) = (before.onset, true);
        } else if same(self.answerer.page, before.answerer.page)
            || same(self.answerer.leads_to, before.answerer.leads_to)
        {
            self.onset = before.onset;
        }
    }

    fn shows(&self, symptom: SharedSymptom) -> bool {
        match symptom {
            SharedSymptom::LeadsTo(host) => self.answerer.leads_to == host,
            SharedSymptom::Page(page) => self.answerer.page == page,
            SharedSymptom::Failing => self.news && self.symptom.is_some_and(SharedSymptom::fails),
            _ => self.news && self.symptom == Some(symptom),
        }
    }

    /// Returns whether it is evidence against this symptom.
    fn is_well(&self, symptom: SharedSymptom) -> bool {
        if symptom == SharedSymptom::UnknownName {
            // Whatever became of it, its name is known.
            let known = self.symptom.is_some_and(|own| own != SharedSymptom::UnknownName);
            return self.route.named && (known || !self.failed);
        }
        let fine = match self.symptom {
            None => !self.failed,
            Some(SharedSymptom::Slow) => symptom != SharedSymptom::Slow,
            // As well as ever.
            Some(SharedSymptom::TurnedAway(_)) => !self.news,
            Some(_) => false,
        };
        fine && !self.shows(symptom)
    }

    /// All that it shows.
    fn symptoms(&self) -> impl Iterator<Item = SharedSymptom> + use<> {
        let own = self.symptom.filter(|_| self.news);
        let failing = own.filter(|own| own.fails()).map(|_| SharedSymptom::Failing);
        let leads_to = Some(self.answerer.leads_to).filter(|host| *host != 0);
        let page = Some(self.answerer.page).filter(|page| *page != 0);
        let answerer = [leads_to.map(SharedSymptom::LeadsTo), page.map(SharedSymptom::Page)];
        [own, failing].into_iter().chain(answerer).flatten()
    }
}

/// A doubt of our own side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OwnDoubt {
    pub(super) symptom: SharedSymptom,
    /// First of the checks behind it.
    pub(super) since: Moment,
    made_at: Moment,
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
    /// Moment of the last success of a canary, by [`CanaryLayer`].
    cleared: [Option<Moment>; 3],
    seen: Moment,
}

impl RecentEvidence {
    /// Takes a check.
    pub(super) fn take(&mut self, check: &Check, route: Route, news: CheckNews) {
        let mut last = LastCheck::of(check, route, news);
        if let Some(place) = self.checks.iter().position(|known| known.route.site == route.site)
            && let Some(before) = self.checks.remove(place)
        {
            last.follow(&before);
        }
        if self.checks.len() == MAX_CHECKS {
            self.checks.pop_front();
        }
        self.checks.push_back(last);
        self.seen = self.seen.max(last.at);
        if news.was_slow {
            self.pace.leave_out(route.site);
        } else if !last.failed && !news.distorted {
            self.pace.take(route, last.at, news.slow);
        }
        if self.doubt.is_some() {
            return self.review();
        }
        self.doubt = last.symptoms().find_map(|symptom| self.judge(symptom));
    }

    /// Takes a success of a canary, which is evidence against the symptoms of a layer.
    pub(super) fn clear(&mut self, layer: CanaryLayer, at: Moment) {
        let cleared = &mut self.cleared[layer as usize];
        *cleared = (*cleared).max(Some(at));
        if self.doubt.is_some_and(|doubt| self.is_cleared(doubt.symptom, doubt.since)) {
            self.end();
        }
    }

    /// Takes a failure of a canary that used to succeed for a layer. If names that always exist are
    /// unknown, our own side is at fault; for the rest it decides where sites are too few.
    pub(super) fn deny(&mut self, layer: CanaryLayer, at: Moment) {
        let can_tell = layer == CanaryLayer::Name || self.unrelated < MIN_OPERATORS;
        if self.doubt.is_some() || !can_tell || self.cleared[layer as usize].is_none() {
            return;
        }
        let of_layer = |own: &SharedSymptom| own.fails() && own.layer() == Some(layer);
        let shown = self
            .checks
            .iter()
            .filter(|last| last.news)
            .find_map(|last| last.symptom.filter(of_layer));
        let Some(symptom) = shown else { return };
        let SymptomCount { bad, well, first, .. } = self.count(symptom);
        if bad > 0 && well == 0 && first <= at {
            self.doubt = Some(OwnDoubt { symptom, since: first, made_at: self.seen });
        }
    }

    /// The doubt that is in force.
    pub(super) fn doubt(&self) -> Option<(SelfDoubt, Moment)> {
        self.doubt.map(|ours| (ours.symptom.doubt(), ours.since))
    }

    /// Symptom behind the doubt.
    pub(super) fn symptom(&self) -> Option<SharedSymptom> {
        self.doubt.map(|ours| ours.symptom)
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
            .filter(|(last, own)| last.news && own.fails() && self.has_other_evidence(*own))
        else {
            return PeerEvidence::Alone;
        };
        let count = self.count(symptom);
        let patience = PEER_WAIT * if count.bad > 1 { 2 } else { 1 };
        if self.is_cleared(symptom, count.first) || self.seen > last.onset + patience {
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
        let open = self.checks.iter().filter(|last| {
            let failing = last.symptom.filter(|own| own.fails() && last.news);
            // Where many are checked, the next check decides.
            let asked = |own| self.unrelated < MANY_OPERATORS || self.count(own).bad > 1;
            failing.is_some_and(asked) && self.weigh(last.route.site) == PeerEvidence::Open
        });
        open.map(|last| last.onset).max()
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
        (self.seen, self.cleared) = (self.seen.min(now), [None; 3]);
        if let Some(doubt) = &mut self.doubt {
            (doubt.since, doubt.made_at) = (doubt.since.min(now), doubt.made_at.min(now));
        }
    }

    /// Operators that may show a symptom.
    fn operators(&self, symptom: SharedSymptom) -> usize {
        if symptom == SharedSymptom::UnknownName { self.named } else { self.unrelated }
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
        let bad = || self.checks.iter().filter(lately).filter(|last| last.shows(symptom));
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

    /// The doubt that most unrelated sites make that show a symptom.
    fn judge(&self, symptom: SharedSymptom) -> Option<OwnDoubt> {
        let shown = |last: &&LastCheck| last.shows(symptom);
        let operators = self.operators(symptom);
        if operators < MIN_OPERATORS || self.checks.iter().filter(shown).nth(1).is_none() {
            return None;
        }
        let most = (operators / 2 + 1).clamp(MIN_OPERATORS, MAX_NEEDED);
        let SymptomCount { bad, well, first, .. } = self.count(symptom);
        let enough = match symptom {
            SharedSymptom::Slow => bad >= most && well * 3 <= bad * 2,
            // Whatever the failures: nearly no site may be up.
            SharedSymptom::Failing => bad >= most && well * 6 <= bad,
            // Name servers that know one name can be believed.
            SharedSymptom::UnknownName => bad >= most && well == 0,
            _ => bad >= most && well * 3 < bad,
        };
        (enough && !self.is_cleared(symptom, first)).then_some(OwnDoubt {
            symptom,
            since: first,
            made_at: self.seen,
        })
    }

    /// Returns whether the last checks still show the symptom behind the doubt.
    fn review(&mut self) {
        let Some(OwnDoubt { symptom, made_at, .. }) = self.doubt else { return };
        let slow = symptom == SharedSymptom::Slow;
        let window =
            self.unrelated.clamp(1, if slow { 2 * REVIEWED_CHECKS } else { REVIEWED_CHECKS });
        let telling = self
            .checks
            .iter()
            .rev()
            .filter(|last| last.at > made_at && (last.shows(symptom) || last.is_well(symptom)));
        let well = telling.take(window).filter(|last| last.is_well(symptom)).count();
        let over = match symptom {
            SharedSymptom::Slow => well * 4 >= window * 3,
            SharedSymptom::UnknownName => well > 0,
            _ => well * 2 >= window,
        };
        let good = matches!(
            symptom,
            SharedSymptom::LeadsTo(_) | SharedSymptom::Page(_) | SharedSymptom::TurnedAway(_)
        );
        if over || good && self.seen > made_at + ACCEPT_PAGES_AFTER {
            self.end();
        }
    }

    /// Ends the doubt. Checks during it are no evidence about the time after it.
    fn end(&mut self) {
        self.doubt = None;
        self.checks.clear();
        self.pace.forget();
    }
}
