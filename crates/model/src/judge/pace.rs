//! Slow or quick: answers compared with the usual latency, confirmed by runs and by shares.
//!
//! One slow answer proves nothing. Several in a row do, and so do many of the last dozen. Quick
//! answers in a row end it; more of them when quick and slow are mixed. Where a share of slow
//! answers is usual, as with a cache that misses now and then, it takes more: a number that is
//! improbable by chance.

use serde::{Deserialize, Serialize};

use super::{Rules, latency_spread::LatencySpread, network_health::PeerPace};
use crate::moment::Moment;

/// Answers whose share counts, and the number of slow ones that is too many: half, adjusted for
/// chance.
const DOZEN: (u32, u32) = (12, 5);
/// Factor by which more quick answers are needed to end a mixed stretch.
const MIXED: u32 = 3;
/// Probability below which it is no chance: a check a minute is half a million a year.
const CHANCE: f64 = 1e-7;
/// Answers that have to be known before their share is.
const ENOUGH: u32 = 60;
/// From which share on, and up to which, quick and slow are usually mixed.
const MIXTURE: (f64, f64) = (0.05, 0.7);

/// Checks of one kind in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Streak {
    pub(super) first: Moment,
    pub(super) count: u32,
}

impl Streak {
    /// Adds a check to a streak, or begins one with it.
    pub(super) fn extend(streak: &mut Option<Self>, at: Moment) -> Self {
        let extended = match *streak {
            Some(Self { first, count }) => Self { first, count: count.saturating_add(1) },
            None => Self { first: at, count: 1 },
        };
        *streak = Some(extended);
        extended
    }

    /// Returns whether it has this many checks.
    pub(super) fn reaches(&self, count: u32) -> bool {
        self.count >= count
    }
}

/// Pace of a site by its last answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pace {
    slow: Option<Streak>,
    quick: Option<Streak>,
    /// The last dozen, the newest in the lowest bit; set for a slow one.
    dozen: u16,
    /// The moment when the slow ones of the dozen were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    slows: Vec<Moment>,
    /// True if quick and slow come mixed.
    mixed: bool,
    /// Slow answers in a row that are needed.
    #[serde(default)]
    wanted: u32,
    #[serde(default)]
    spread: LatencySpread,
    /// The last of the slow answers of the run, in microseconds: they are learned when it is over.
    #[serde(default)]
    last: u32,
}

/// An answer's latency, and what it is held against.
#[derive(Clone, Copy, Debug)]
pub(super) struct MeasuredAnswer {
    /// In microseconds.
    pub(super) latency: u32,
    /// Latency above which it is slow.
    pub(super) threshold: u32,
    /// True if the site is held to be slow.
    pub(super) slow: bool,
    /// True if the site has been known for long enough to say what is usual.
    pub(super) settled: bool,
    /// Evidence of other sites' pace.
    pub(super) beside: PeerPace,
}

/// Decision after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pacing {
    /// It is slow, since then.
    Slow(Moment),
    /// It is quick, since then.
    Quick(Moment),
    /// Nothing yet.
    Open,
}

impl Pace {
    /// Takes an answer in.
    pub(super) fn take(&mut self, answered: MeasuredAnswer, at: Moment, rules: &Rules) -> Pacing {
        let MeasuredAnswer { latency, threshold, slow, .. } = answered;
        let is_slow = latency > threshold;
        if is_slow {
            self.slows.push(at);
            self.mixed |= slow && self.quick.is_some();
            self.quick = None;
            Streak::extend(&mut self.slow, at);
            self.last = latency;
        } else {
            if let Some(run) = self.slow.take() {
                self.spread.learn(self.last, run.count.min(255) as u8, slow);
            }
            self.spread.learn(latency, 1, slow);
            Streak::extend(&mut self.quick, at);
        }
        self.dozen = (self.dozen << 1 | u16::from(is_slow)) & ((1 << DOZEN.0) - 1);
        let gone = self.slows.len().saturating_sub(self.dozen.count_ones() as usize);
        self.slows.drain(..gone);
        let (above, known) = (self.spread.above(threshold), f64::from(self.spread.known().max(1)));
        let share = above / known;
        self.wanted = run_wanted(at_most(above) / known).max(rules.slow_after);
        if slow {
            self.leave(share, answered.settled, at, rules)
        } else {
            self.enter(is_slow, answered, at, rules)
        }
    }

    fn enter(
        &mut self,
        is_slow: bool,
        answered: MeasuredAnswer,
        at: Moment,
        rules: &Rules,
    ) -> Pacing {
        let own = |run: &Streak| answered.beside.confirms(run.first);
        if let Some(run) = self.slow.filter(|run| run.reaches(self.wanted)).filter(own) {
            return Pacing::Slow(run.first);
        }
        if is_slow && answered.settled && self.dozen.count_ones() >= rules.slow_after {
            // What was usual before the dozen; the run is not among what is learned.
            let slow = self.dozen.count_ones();
            let run = self.slow.map_or(0, |run| run.count).min(slow);
            let known = self.spread.known().saturating_sub(DOZEN.0 - run);
            let above = self.spread.above(answered.threshold) - f64::from(slow - run);
            let share = (at_most(above.max(0.0)) / f64::from(known.max(1))).min(1.0);
            let since = self.slows.first().copied().unwrap_or(at);
            let many = slow >= of_dozen_wanted(share).max(rules.slow_after);
            if known >= ENOUGH && many && answered.beside.confirms(since) {
                self.mixed = true;
                return Pacing::Slow(since);
            }
        }
        Pacing::Open
    }

    fn leave(&mut self, share: f64, settled: bool, at: Moment, rules: &Rules) -> Pacing {
        let wanted = rules.quick_after * if self.mixed { MIXED } else { 1 };
        let run = self.quick.filter(|run| run.reaches(wanted));
        let known = settled && self.spread.known() >= ENOUGH;
        let (least, most) = MIXTURE;
        let as_usual = known
            && (least..most).contains(&share)
            && f64::from(self.dozen.count_ones()) <= f64::from(DOZEN.0) * share;
        let since = match (run, self.quick) {
            (Some(run), _) => run.first,
            (None, Some(quick)) if as_usual => quick.first,
            (None, None) if as_usual => at,
            _ => return Pacing::Open,
        };
        (self.mixed, self.dozen) = (false, 0);
        self.slows.clear();
        Pacing::Quick(since)
    }

    /// Returns whether the last answers call for a recheck.
    pub(super) fn unconfirmed(&self, slow: bool, rules: &Rules) -> bool {
        let within =
            |run: Option<Streak>, from, to| run.is_some_and(|run| (from..to).contains(&run.count));
        if slow {
            return within(self.quick, 1, rules.quick_after);
        }
        // Where slow answers are usual, one is no reason to look again.
        let from = if self.wanted > rules.slow_after { rules.slow_after } else { 1 };
        within(self.slow, from, self.wanted)
    }

    /// Returns whether so many answers in a row would have shown a slow site: as many quick ones, or a
    /// dozen.
    pub(super) fn is_told_by(&self, answers: u32, rules: &Rules) -> bool {
        answers >= DOZEN.0 || (answers >= rules.slow_after && self.dozen == 0)
    }

    /// Forgets what was not confirmed.
    pub(super) fn forget(&mut self) {
        let spread = std::mem::take(&mut self.spread);
        *self = Self { mixed: self.mixed, spread, ..Self::default() };
    }
}

/// Upper bound of the usual number, where this many were seen.
fn at_most(seen: f64) -> f64 {
    seen + 1.5 * seen.sqrt()
}

/// Slow answers in a row that are too many, where this share is usual.
fn run_wanted(share: f64) -> u32 {
    if share <= 0.0 {
        return 1;
    }
    // A share of nearly one is a run of thousands.
    (CHANCE.ln() / share.min(0.999).ln()).ceil() as u32
}

/// Slow answers of a dozen that are too many, where this share is usual.
fn of_dozen_wanted(share: f64) -> u32 {
    let (all, least) = DOZEN;
    // The probability of this many or more of them, from the most down.
    let (mut chance, mut wanted) = (0.0, all + 1);
    let mut routes = 1.0;
    for slow in (least..=all).rev() {
        chance += routes * share.powi(slow as i32) * (1.0 - share).powi((all - slow) as i32);
        if chance > CHANCE {
            break;
        }
        wanted = slow;
        routes = routes * f64::from(slow) / f64::from(all - slow + 1);
    }
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_takes_grows_with_what_is_usual() {
        let wanted = [0.0, 0.004, 0.01, 0.05, 0.15, 0.3, 0.5]
            .map(|share| (run_wanted(share).max(3), of_dozen_wanted(share)));
        let want = [(3, 5), (3, 5), (4, 5), (6, 8), (9, 11), (14, 13), (24, 13)];
        assert_eq!(wanted, want);
    }
}
