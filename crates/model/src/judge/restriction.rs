//! Restriction of robots: by the majority of the last answers, and whether it is new.
//!
//! A wall on every third request is no change, so single answers do not count. A site that never
//! turned robots away and now does may turn everybody away, so that is worth a note.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::moment::Moment;

/// The last five, whose majority counts, as bits; the newest is the lowest.
const LAST_FIVE: u16 = 0b1_1111;
/// Answers of the last sixteen that are too few to go on with: every fifth one is no wall.
const MAX_FEW: u32 = 3;
/// Time without a restriction after which one is new, and time after which one no longer is.
const USUAL_AFTER: Duration = Duration::from_hours(24 * 7);
/// Answers that let us in, and for how long at least, before it can be new that one does not.
const LET_IN_BEFORE: (u8, Duration) = (10, Duration::from_mins(30));

/// Restrictions among the last answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct RecentRestrictions {
    /// The last sixteen answers, the newest in the lowest bit; set for a restricted one.
    last: u16,
    /// Number of answers known of those.
    known: u8,
    /// True if the site is restricted.
    on: bool,
    /// The moment when it was first answered, and how often it let us in before it ever turned us
    /// away.
    let_in: Option<Moment>,
    let_in_checks: u8,
    /// The moment when the stretch of answers that turned us away began, and its last one.
    began: Moment,
    away_at: Option<Moment>,
    /// The moment when the first stretch began that is new, if the last one is: several within a
    /// week go together.
    new: Option<Moment>,
    /// True if the note holds.
    noted: bool,
}

impl RecentRestrictions {
    /// Takes an answer in.
    pub(super) fn take(&mut self, away: bool, at: Moment) {
        if away {
            if self.last & LAST_FIVE == 0 {
                self.begin(at);
            }
            self.away_at = Some(at);
        } else if self.away_at.is_none() {
            self.let_in.get_or_insert(at);
            self.let_in_checks = self.let_in_checks.saturating_add(1);
        }
        self.last = self.last << 1 | u16::from(away);
        self.known = (self.known + 1).min(16);
        let lately = (self.last & LAST_FIVE).count_ones();
        // It takes five in a row to be over, lest a wall on every second request flaps.
        let few = self.known == 16 && self.last.count_ones() <= MAX_FEW;
        let most = lately * 2 > u32::from(self.known.min(5));
        self.on = if self.on { lately > 0 && (most || !few) } else { most };
        self.noted = self.on && self.new.is_some_and(|new| at.since(new) < USUAL_AFTER);
    }

    fn begin(&mut self, at: Moment) {
        self.began = at;
        let (looks, long) = LET_IN_BEFORE;
        let known =
            self.let_in_checks >= looks && self.let_in.is_some_and(|first| at.since(first) >= long);
        self.new = match self.away_at {
            None => known.then_some(at),
            Some(last) if at.since(last) >= USUAL_AFTER => Some(at),
            Some(_) => self.new.filter(|new| at.since(*new) < USUAL_AFTER),
        };
    }

    /// Takes back a stretch that began at this moment or later: it was not the site that turned us
    /// away.
    pub(super) fn withdraw(&mut self, since: Moment) {
        if self.last & LAST_FIVE != 0 && self.began >= since {
            (self.last, self.on, self.noted) = (0, false, false);
        }
    }

    /// The site went down: how it answered before says nothing of how it answers when it is back.
    pub(super) fn interrupt(&mut self) {
        (self.last, self.known, self.on, self.noted) = (0, 0, false, false);
    }

    /// Returns whether the site is restricted.
    pub(super) fn on(&self) -> bool {
        self.on
    }

    /// Beginning of the restriction, if that is new.
    pub(super) fn new_since(&self) -> Option<Moment> {
        self.noted.then_some(self.began)
    }

    /// The clock was set back to this moment.
    pub(super) fn set_back(&mut self, now: Moment) {
        self.began = self.began.min(now);
        for at in [&mut self.let_in, &mut self.away_at, &mut self.new] {
            *at = at.map(|at| at.min(now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(state: &mut RecentRestrictions, from: i64, answers: &str) {
        for (n, kind) in answers.chars().enumerate() {
            state.take(kind == 'r', Moment::from_millis((from + n as i64) * 60_000));
        }
    }

    fn after(answers: &str) -> RecentRestrictions {
        let mut state = RecentRestrictions::default();
        take(&mut state, 0, answers);
        state
    }

    #[test]
    fn the_majority_of_the_last_five_begins_it_and_five_in_a_row_end_it() {
        for (answers, on) in [
            ("r", true),
            (".r", false),
            ("....r", false),
            ("....rr", false),
            ("....rrr", true),
            ("....r.rr", true),
            ("....rrr....", true),
            ("....rrr.....", false),
            (&"..r".repeat(20), false),
            (&"r....".repeat(20), false),
        ] {
            assert_eq!(after(answers).on(), on, "{answers}");
        }
    }

    #[test]
    fn a_wall_on_every_second_or_third_request_does_not_flap() {
        for wall in ["r.", "r..", ".r.", "..r", "..rr", "r...."] {
            let (mut state, mut flips) = (RecentRestrictions::default(), 0);
            for (n, kind) in wall.chars().cycle().take(1_440).enumerate() {
                let was = state.on();
                state.take(kind == 'r', Moment::from_millis(n as i64 * 60_000));
                flips += u32::from(state.on() != was);
            }
            assert!(flips <= 2, "{wall}: {flips}");
        }
    }

    #[test]
    fn what_our_own_side_did_is_taken_back_and_what_was_before_it_stays() {
        let minute = |n: i64| Moment::from_millis(n * 60_000);
        for (since, on) in [(31, false), (30, false), (32, true)] {
            let mut state = after(&(".".repeat(31) + "rrr"));
            state.withdraw(minute(since));
            assert_eq!((state.on(), state.new_since().is_some()), (on, on), "{since}");
            take(&mut state, 34, "r");
            assert_eq!(state.on(), on, "one more is no majority");
        }
    }

    #[test]
    fn it_is_new_where_there_was_none_for_a_week_and_no_longer_than_a_week() {
        let minute = |n: i64| Some(Moment::from_millis(n * 60_000));
        assert_eq!(after(&(".".repeat(31) + "rrr")).new_since(), minute(31));
        assert_eq!(after(&(".".repeat(20) + "rrr")).new_since(), None, "hardly known");
        assert_eq!(after("rrrrrr").new_since(), None, "never let in");
        // Once more within the week: it belongs to the first.
        let mut state = after(&(".".repeat(40) + "rrr" + &".".repeat(60)));
        assert_eq!(state.new_since(), None);
        take(&mut state, 103, "rrr");
        assert_eq!(state.new_since(), minute(103));
        // A stray one, and the next day a wall: it has been seen before.
        let mut state = after(&(".".repeat(40) + "r" + &".".repeat(1_440)));
        take(&mut state, 1_481, "rrr");
        assert_eq!(state.new_since(), minute(1_481), "the stray one was new as well");
        // After a week it is usual.
        let week = 7 * 1_440;
        let mut state = after(&(".".repeat(40) + &"r".repeat(week - 1)));
        assert!(state.new_since().is_some());
        take(&mut state, 39 + week as i64, "rrr");
        assert_eq!((state.on(), state.new_since()), (true, None));
        // And a week after it was the last time, it is new again.
        take(&mut state, 42 + week as i64, &".".repeat(week + 1));
        take(&mut state, 43 + 2 * week as i64, "rrr");
        assert!(state.new_since().is_some());
    }
}
