//! Pace of the answers of all sites over one line: is it a site that is slow, or our line?
//!
//! A line that loses packets makes each answer late or not by chance, so that no single answer of
//! another site tells. Many together do: each quick one says a little for the site, and each late one
//! says more against it.

use std::{collections::VecDeque, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{judge::network_health::route::Route, moment::Moment};

/// Answers that are remembered.
const ANSWERS: usize = 64;
/// Quick answers of others that show that the line is well, as long as none of them is late.
const ENOUGH: i32 = 9;
/// Quick answers that a late answer of another site outweighs. On a line that makes three answers of
/// four late, nine quick ones more than that come hardly once in 50,000 looks.
const LATE: i32 = 2;
/// The newest answers of others, and the late ones among them from which on it is too early to tell.
const NEWEST: (usize, usize) = (5, 2);
/// The last answers of others of which half are late when our line is strained: so many of them at
/// least, and at most, of the last minutes.
const STRAINED: (usize, usize) = (5, 16);
const LATELY: Duration = Duration::from_mins(3);

/// Evidence of unrelated sites' pace about a site whose answers are late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeerPace {
    /// Nobody can tell, or nobody needs to: it counts by itself.
    #[default]
    Alone,
    /// They have been quick from this moment on.
    QuickSince(Moment),
    /// They have not told yet.
    Open,
    /// They are late as well: it is our line.
    Late,
}

impl PeerPace {
    /// Returns whether the site is judged by its own pace alone.
    pub(in crate::judge) fn is_alone(&self) -> bool {
        *self == Self::Alone
    }

    /// Returns whether a site that has been slow since this moment is so by itself.
    pub(in crate::judge) fn confirms(self, since: Moment) -> bool {
        match self {
            Self::Alone => true,
            Self::QuickSince(quick) => since <= quick,
            Self::Open | Self::Late => false,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct PacedAnswer {
    route: Route,
    at: Moment,
    late: bool,
}

/// The last answers of sites that are not known to be slow.
#[derive(Clone, Debug, Default)]
pub(super) struct PaceEvidence {
    answers: VecDeque<PacedAnswer>,
    /// Operators that are not related, of sites whose pace may tell of our line.
    pub(super) operators: usize,
}

impl PaceEvidence {
    /// Takes in an answer that was late or not.
    pub(super) fn take(&mut self, route: Route, at: Moment, late: bool) {
        if self.answers.len() == ANSWERS {
            self.answers.pop_front();
        }
        self.answers.push_back(PacedAnswer { route, at, late });
    }

    /// A site is known to be slow: its answers tell nothing of the line.
    pub(super) fn leave_out(&mut self, site: u64) {
        self.answers.retain(|answer| answer.route.site != site);
    }

    /// Evidence about the late answers of this site.
    pub(super) fn of(&self, route: Route) -> PeerPace {
        if self.operators < 2 {
            return PeerPace::Alone;
        }
        let others = || self.answers.iter().rev().filter(|other| !other.route.is_related(&route));
        let Some(newest) = others().next() else { return PeerPace::Open };
        let (least, most) = STRAINED;
        let lately = || others().take(most).filter(|other| other.at + LATELY >= newest.at);
        let (late, all) = (lately().filter(|other| other.late).count(), lately().count());
        if all >= least && late * 2 >= all {
            return PeerPace::Late;
        }
        let (newest, too_many) = NEWEST;
        if others().take(newest).filter(|other| other.late).count() >= too_many {
            return PeerPace::Open;
        }
        let mut sum = 0;
        for other in others() {
            sum += if other.late { -LATE } else { 1 };
            if sum >= ENOUGH {
                return PeerPace::QuickSince(other.at);
            }
        }
        PeerPace::Open
    }

    /// Forgets all answers: what was seen in doubt is no evidence of what comes after it.
    pub(super) fn forget(&mut self) {
        self.answers.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Moment {
        Moment::from_millis(second * 1_000)
    }

    fn route(site: u64) -> Route {
        Route { site: 1 + site, operator: 100 + site, ..Route::default() }
    }

    /// Answers of other sites, one a second, `x` for a late one: what they say of site 0.
    fn said(sites: u64, answers: &str) -> PeerPace {
        let mut pace = PaceEvidence { operators: sites as usize, ..PaceEvidence::default() };
        for (n, answer) in (0..).zip(answers.chars()) {
            pace.take(route(1 + n % sites.saturating_sub(1).max(1)), at(n as i64), answer == 'x');
        }
        pace.of(route(0))
    }

    #[test]
    fn others_that_were_quick_since_it_was_slow_say_that_it_is_the_site() {
        use PeerPace::{Alone, Late, Open, QuickSince};
        for (sites, answers, want) in [
            (1, "", Alone),
            (1, "xxxxxxxxx", Alone),
            (2, "", Open),
            (2, "........", Open),
            (2, ".........", QuickSince(at(0))),
            (2, "...............", QuickSince(at(6))),
            // One late answer takes two more quick ones; and lucky ones among many are no proof.
            (4, "......x...", Open),
            (4, "......x.....", QuickSince(at(0))),
            (4, "xx......", Open),
            (4, "x.xx.x..x.xx", Late),
            (4, "xxx..", Late),
            (4, "xxx", Open),
            (16, "...x....x.....x", Open),
            (16, "........x....x.....x", QuickSince(at(2))),
            (16, "..........x....x.....x.......", QuickSince(at(17))),
            // Our line has been full for seconds, after minutes in which it was not.
            (4, ".......................xx", Open),
            // What was long before does not count.
            (4, "xxxxxxxxxxxxxxxx.........", QuickSince(at(16))),
        ] {
            assert_eq!(said(sites, answers), want, "{answers:?} of {sites}");
        }
    }

    #[test]
    fn what_is_slow_since_before_the_others_were_quick_is_so_by_itself() {
        assert!(PeerPace::Alone.confirms(at(9)));
        assert!(PeerPace::QuickSince(at(9)).confirms(at(9)));
        assert!(!PeerPace::QuickSince(at(9)).confirms(at(10)));
        assert!(!PeerPace::Open.confirms(at(0)) && !PeerPace::Late.confirms(at(0)));
    }

    #[test]
    fn related_sites_and_those_that_are_known_to_be_slow_do_not_tell() {
        let mut pace = PaceEvidence { operators: 3, ..PaceEvidence::default() };
        for n in 0..20 {
            pace.take(Route { site: 7, ..route(0) }, at(n), true);
            pace.take(route(1), at(n), true);
            pace.take(route(2), at(n), false);
        }
        assert_eq!(pace.of(route(0)), PeerPace::Late);
        pace.leave_out(route(1).site);
        assert_eq!(pace.of(route(0)), PeerPace::QuickSince(at(11)));
    }
}
