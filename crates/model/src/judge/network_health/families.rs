//! Health of the address families from here: when sites of most unrelated operators fail over one
//! family while the other works, our own side lacks it, and no site is at fault. Nor is a site to which this
//! machine has no route.

use std::{collections::HashMap, net::IpAddr, time::Duration};

use serde::{Deserialize, Serialize};

use crate::judge::network_health::route::{Route, unrelated};
use crate::{
    failure_detail::FailureDetail,
    moment::Moment,
    note::Observations,
    outcome::{Cause, Outcome},
};

/// Least number of unrelated operators whose sites fail over a family.
const MIN_OPERATORS: usize = 2;
/// Age above which an observation no longer counts.
const MAX_AGE: Duration = Duration::from_hours(1);
/// Least time between two evaluations, which read all sites.
const EVALUATION_INTERVAL: Duration = Duration::from_secs(10);
/// A failure that began this much earlier than most others is a site's own.
const OWN_FAILURE_BEFORE: Duration = Duration::from_mins(5);

/// An address family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
}

impl Family {
    /// The family of an address.
    pub fn of(address: IpAddr) -> Self {
        if address.is_ipv4() { Self::Ipv4 } else { Self::Ipv6 }
    }
}

/// Observations on the families.
#[derive(Clone, Debug, Default)]
pub(super) struct Families {
    /// The sites that have both.
    sites: HashMap<u64, FamiliesOfSite>,
    /// The sites to which this machine has no route: the first and the last check that met that.
    no_route: HashMap<u64, (Moment, Moment)>,
    lost: Option<(Family, Moment)>,
    weighed_at: Option<Moment>,
}

/// Last observation of a site over either family, IPv4 first.
#[derive(Clone, Copy, Debug)]
struct FamiliesOfSite {
    route: Route,
    /// Result of the last observation (true: it worked), its moment, and since when it was the same.
    over: [Option<(bool, Moment, Moment)>; 2],
}

impl Families {
    /// Takes the outcome of a check.
    pub(super) fn take(&mut self, outcome: &Outcome, route: Route, at: Moment) {
        let no_route = |cause: &Cause| cause.detail == FailureDetail::NetworkUnreachable;
        if outcome.cause().is_some_and(no_route) {
            self.no_route.retain(|_, (_, last)| at.since(*last) <= MAX_AGE);
            self.no_route.entry(route.site).or_insert((at, at)).1 = at;
        } else {
            self.no_route.remove(&route.site);
        }
        self.observe(&outcome.observed, route, at);
    }

    /// Moment since which this machine has no route to a site.
    pub(super) fn no_route_since(&self, site: u64) -> Option<Moment> {
        self.no_route.get(&site).map(|(first, _)| *first)
    }

    /// Takes the observations of an answer.
    fn observe(&mut self, seen: &Observations, route: Route, at: Moment) {
        let Some(answered) = seen.answered_by.map(Family::of) else { return };
        let others = || seen.failed_attempts.iter().filter_map(|attempt| attempt.address);
        let other = others().map(Family::of).find(|family| *family != answered);
        let site =
            self.sites.entry(route.site).or_insert(FamiliesOfSite { route, over: [None; 2] });
        site.route = route;
        for (family, works) in [(Some(answered), true), (other, false)] {
            let Some(family) = family else { continue };
            let known = &mut site.over[family as usize];
            let first = known.filter(|(worked, ..)| *worked == works).map_or(at, |(.., f)| f);
            *known = Some((works, at, first));
        }
        let may_change = other.is_some() || self.lost.is_some_and(|(family, _)| family == answered);
        let due = self.weighed_at.is_none_or(|weighed| at.since(weighed) >= EVALUATION_INTERVAL);
        if may_change && due {
            self.weigh(at);
        }
    }

    fn weigh(&mut self, now: Moment) {
        self.weighed_at = Some(now);
        self.sites.retain(|_, site| {
            site.over.iter().flatten().any(|(_, at, _)| now.since(*at) <= MAX_AGE)
        });
        self.lost = [Family::Ipv4, Family::Ipv6].into_iter().find_map(|family| {
            let over = |works: bool| {
                self.sites.values().filter_map(move |site| {
                    let (worked, at, first) = site.over[family as usize]?;
                    (worked == works && now.since(at) <= MAX_AGE).then_some((&site.route, first))
                })
            };
            let failing = unrelated(over(false).map(|(route, _)| route));
            let working = unrelated(over(true).map(|(route, _)| route));
            let mut since: Vec<Moment> = over(false).map(|(_, first)| first).collect();
            since.sort_unstable();
            let most = failing >= MIN_OPERATORS && failing > 2 * working;
            most.then(|| {
                (family, since.get(since.len() / 2).map_or(now, |at| *at - OWN_FAILURE_BEFORE))
            })
        });
    }

    /// The family that does not work from here, and since when it may not have.
    pub(super) fn lost(&self) -> Option<(Family, Moment)> {
        self.lost
    }

    /// The clock was set back to this moment: what was seen is forgotten.
    pub(super) fn set_back(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{note::FailedAttempt, outcome::Failure};

    const V4: &str = "192.0.2.1";
    const V6: &str = "2001:db8::1";

    fn minute(n: u64) -> Moment {
        Moment::default() + Duration::from_mins(n)
    }

    /// A check of a site of its own operator: answered over one family, perhaps after the other.
    fn look(families: &mut Families, site: u64, failed: Option<&str>, answered: &str, at: u64) {
        let attempt = |address: &str| FailedAttempt {
            address: address.parse().ok(),
            failure: Failure::Timeout,
        };
        let seen = Observations {
            answered_by: answered.parse().ok(),
            failed_attempts: failed.map(attempt).into_iter().collect(),
            ..Observations::default()
        };
        let route = Route { site, operator: site, ..Route::default() };
        families.observe(&seen, route, minute(at));
    }

    #[test]
    fn a_family_that_fails_for_most_unrelated_operators_is_ours() {
        // Failing and working sites over IPv6, and whether it is ours.
        for (failing, working, ours) in
            [(1, 0, false), (2, 0, true), (2, 1, false), (3, 1, true), (9, 4, true), (9, 5, false)]
        {
            for (failed, answered, family) in [(V6, V4, Family::Ipv6), (V4, V6, Family::Ipv4)] {
                let mut families = Families::default();
                for site in 0..working {
                    look(&mut families, 100 + site, None, failed, 9);
                }
                for site in 0..failing {
                    look(&mut families, site, Some(failed), answered, 10 + site);
                }
                let lost = families.lost().map(|(family, _)| family);
                assert_eq!(lost, ours.then_some(family), "{failing} of {}", failing + working);
            }
        }
    }

    #[test]
    fn sites_of_one_operator_tell_nothing_of_ours_and_what_works_again_is_not_lost() {
        let mut families = Families::default();
        let relations = Route { operator: 7, ..Route::default() };
        for site in 0..5 {
            let seen = Observations {
                answered_by: V4.parse().ok(),
                failed_attempts: vec![FailedAttempt {
                    address: V6.parse().ok(),
                    failure: Failure::Timeout,
                }],
                ..Observations::default()
            };
            families.observe(&seen, Route { site, ..relations }, minute(site));
        }
        assert_eq!(families.lost(), None);
        for site in 10..14 {
            look(&mut families, site, Some(V6), V4, site);
        }
        assert_eq!(families.lost().map(|(family, _)| family), Some(Family::Ipv6));
        for site in 10..14 {
            look(&mut families, site, None, V6, site + 10);
        }
        assert_eq!(families.lost(), None);
    }
}
