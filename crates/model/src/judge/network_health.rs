//! Health of our own side: packets travel, and name servers answer. A pure fold over the checks of
//! all sites of one region, and over the canaries, which are asked only when there is need.
//!
//! Any answer, even an error or a refusal, proves the route that it came over. When most sites
//! fail, nothing is answered and the canaries do not answer either, the region doubts itself.
//!
//! Answers may be our own side's doing as well: when most unrelated sites turn bad with the same
//! symptom, the region doubts itself until a canary or a later check clears it.

mod route_evidence;
mod families;
mod peer_pace;
mod last_check;
mod recent;
mod symptom;
mod route;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use self::{
    families::Families,
    recent::{PeerEvidence, RecentEvidence},
    symptom::CanaryLayer,
};
pub use self::{families::Family, peer_pace::PeerPace};
pub use self::{
    last_check::CheckNews,
    symptom::{Answerer, SharedSymptom},
};
use crate::judge::network_evidence::NetworkEvidence;
pub use crate::judge::network_health::route::{OperatorCounts, Route};
use crate::judge::network_health::route_evidence::RouteEvidence;
use crate::{
    check::Check,
    moment::Moment,
    name::Slug,
    outcome::{Failure, Reached},
    verdict::SelfDoubt,
};

/// Subject of a canary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CanaryKind {
    /// The route to the internet.
    Public,
    /// The route to our own network.
    Private,
    /// Our name servers.
    Names,
    /// Connections that we make: accepted, and not refused.
    Connections,
    /// Answers that we get: from the intended server, over a secure connection.
    Answers,
    /// Names that always exist: known to our name servers.
    KnownNames,
}

/// Result of the canaries of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CanaryResult {
    /// Kind of canary.
    pub kind: CanaryKind,
    /// Moment when one of them answered, or when they were asked in vain.
    pub at: Moment,
    /// True if one of them answered.
    pub answered: bool,
}

/// Our own side in one region.
#[derive(Clone, Debug, Default)]
pub struct NetworkHealth {
    public: RouteEvidence,
    private: RouteEvidence,
    names: RouteEvidence,
    /// Recent evidence on the public and on the private route.
    recent: [RecentEvidence; 2],
    /// Health of both address families from here.
    families: Families,
    /// Moment of the last result of the canaries.
    asked: Option<Moment>,
}

impl NetworkHealth {
    /// Says how many operators there are.
    pub fn set_operators(&mut self, operators: OperatorCounts) {
        self.public.operators = operators.public;
        self.private.operators = operators.private;
        self.names.operators = operators.names;
        for (place, recent) in self.recent.iter_mut().enumerate() {
            recent.unrelated = operators.unrelated[place];
            recent.named = operators.unrelated_names[place];
            recent.pace.operators = operators.pacing[place];
        }
    }

    /// Takes in what a check says of our own side, and what of it is news.
    pub fn take(&mut self, check: &Check, route: Route, news: impl Into<CheckNews>) {
        let news = news.into();
        self.recent[usize::from(route.private)].take(check, route, news);
        self.families.take(&check.outcome, route, check.at);
        let at = check.at;
        let reached = check.outcome.reached();
        let failed = check.outcome.cause().is_some();
        let lost = check.outcome.cause().is_some_and(|cause| cause.failure == Failure::Dns);
        // A route is proven for the moment of the answer, not for that of the request: a lost
        // packet is sent again, and by then a cut may be over. When a second attempt was answered,
        // the moment is not known.
        if check.attempts > 1 && !failed {
            return;
        }
        let took = Duration::from_micros(check.outcome.phases.latency().unwrap_or(0).into());
        let came = at + took;
        if route.named {
            if lost && reached == Reached::Nothing {
                return self.names.failed(route.operator, at, news.failing);
            }
            self.names.answered(came);
            self.names.note_reference_site(&check.slug, reached);
        }
        let evidence = if route.private { &mut self.private } else { &mut self.public };
        match reached {
            Reached::Machine => {
                evidence.answered(came);
                evidence.note_reference_site(&check.slug, reached);
            }
            Reached::NameServer => {}
            Reached::Nothing => evidence.failed(route.operator, at, news.failing),
        }
    }

    /// Takes a result of the canaries.
    pub fn take_canary_result(&mut self, canary: CanaryResult) {
        self.asked = self.asked.max(Some(canary.at));
        let layer = match canary.kind {
            CanaryKind::Public => return self.public.take_canary_result(canary),
            CanaryKind::Private => return self.private.take_canary_result(canary),
            CanaryKind::Names => return self.names.take_canary_result(canary),
            CanaryKind::Connections => CanaryLayer::Connection,
            CanaryKind::Answers => CanaryLayer::Answer,
            CanaryKind::KnownNames => CanaryLayer::Name,
        };
        let private = layer == CanaryLayer::Name;
        for recent in self.recent.iter_mut().take(1 + usize::from(private)) {
            if canary.answered {
                recent.clear(layer, canary.at);
            } else {
                recent.deny(layer, canary.at);
            }
        }
    }

    /// Evidence about our own side for a site on this route.
    pub fn evidence(&self, route: Route) -> NetworkEvidence {
        let (evidence, route_doubt) = if route.private {
            (&self.private, self.private_doubt())
        } else {
            (&self.public, self.public.doubt.map(|since| (self.public.doubt_reason(), since)))
        };
        // Where no other site is on the private network, the internet stands in for it.
        let other = self.public.answered_at.filter(|_| route.private && self.private.is_alone());
        // Name servers are asked over our own connection: when that is cut, the connection is the
        // reason. So it is where nothing has ever answered.
        let never = self.names.answered_at.is_none() && !self.names.canary_known;
        let cut = |canary: CanaryResult| (self.public.canary_known || never) && !canary.answered;
        let why =
            if self.public.canary.is_some_and(cut) { SelfDoubt::Line } else { SelfDoubt::Names };
        let of_names = self.names.doubt.map(|since| (why, since)).filter(|_| route.named);
        let recent = &self.recent[usize::from(route.private)];
        // The whole line may be down, or this machine has one address family alone.
        let no_route = self.families.no_route_since(route.site);
        let no_route = no_route.map(|since| (SelfDoubt::Alone, since));
        let silence = route_doubt.or(of_names).or(no_route);
        let shared = recent.doubt_of(route.site);
        let weighed = recent.weigh(route.site);
        let pace = recent.pace_beside(route.site);
        NetworkEvidence {
            answered_at: evidence.answered_at.max(other),
            names_at: self.names.answered_at,
            doubt: silence.or(shared.map(|(why, since, _)| (why, since))),
            symptom: shared.map(|(.., symptom)| symptom).filter(|_| silence.is_none()),
            overloaded: pace == PeerPace::Late,
            pace,
            lost_family: self.families.lost(),
            weighed: weighed != PeerEvidence::Alone,
            well_at: match weighed {
                PeerEvidence::Against(at) => Some(at),
                PeerEvidence::Alone | PeerEvidence::Open => None,
            },
            barred: None,
        }
    }

    /// The address family that does not work from here, and since when it may not have.
    pub fn lost_family(&self) -> Option<(Family, Moment)> {
        self.families.lost()
    }

    /// Moment since which a reference site should be checked, to show whether the failure of this
    /// one is our own; `None` when there is no need.
    pub fn wants_reference_sites(&self, route: Route) -> Option<Moment> {
        self.recent[usize::from(route.private)].wants_reference_sites(route.site)
    }

    /// Returns whether the last answer of a site came from the site itself, as far as other sites
    /// show.
    pub fn is_own_answerer(&self, route: Route) -> bool {
        self.recent[usize::from(route.private)].is_own_answerer(route.site)
    }

    /// Reason for doubting the private route.
    fn private_doubt(&self) -> Option<(SelfDoubt, Moment)> {
        let (private, public) = (&self.private, &self.public);
        let since = private.doubt?;
        if private.is_alone() {
            // One site that is silent while the internet answers is silent by itself.
            let silent = public.canary.is_some_and(|c| !c.answered && c.at >= since);
            let fails = public.operators == 0 || !public.failing.is_empty();
            return (silent && fails).then_some((SelfDoubt::Alone, since));
        }
        // What is cut off is the private network, and not us, as long as the internet answers.
        let sure = private.canary_known || public.doubt.is_some();
        Some((if sure { SelfDoubt::Line } else { SelfDoubt::Alone }, since))
    }

    /// Returns whether the canaries should be asked: something failed and nothing has proven the
    /// route.
    pub fn wants_canaries(&self) -> bool {
        let silent = [&self.public, &self.private, &self.names].iter().any(|evidence| {
            evidence.doubt.is_some()
                || evidence.open.is_some_and(|open| evidence.asked() < Some(open))
        });
        silent
            || self
                .recent
                .iter()
                .filter_map(RecentEvidence::waits_since)
                .any(|at| self.asked < Some(at))
    }

    /// Another site that answered last over the route of this one: an answer of it proves the route
    /// where the canaries cannot.
    pub fn reference_site(&self, route: Route, of: &Slug) -> Option<&Slug> {
        let evidence = if route.private { &self.private } else { &self.public };
        let other = Some(&self.public).filter(|_| route.private && self.private.is_alone());
        let open = [(evidence, evidence), (&self.names, &self.names)].into_iter();
        open.chain(other.map(|other| (evidence, other))).find_map(|(evidence, other)| {
            evidence.open?;
            other.reference_site.as_ref().filter(|slug| *slug != of)
        })
    }

    /// Returns whether our own connection to the internet is in doubt, or the answers that come
    /// over it.
    pub fn is_public_doubted(&self) -> bool {
        let routes = [&self.public, &self.names];
        self.recent[0].doubt().is_some() || routes.iter().any(|evidence| evidence.doubt.is_some())
    }

    /// Returns whether anything of our own is in doubt.
    pub fn is_doubted(&self) -> bool {
        let routes = [&self.public, &self.private, &self.names];
        let answers = self.recent.iter().any(|recent| recent.doubt().is_some());
        answers || routes.iter().any(|evidence| evidence.doubt.is_some())
    }

    /// The clock was set back to this moment.
    pub fn set_back(&mut self, now: Moment) {
        for evidence in [&mut self.public, &mut self.private, &mut self.names] {
            evidence.set_back(now);
        }
        for recent in &mut self.recent {
            recent.set_back(now);
        }
        self.families.set_back();
        self.asked = None;
    }
}

#[cfg(test)]
mod tests;
