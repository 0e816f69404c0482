//! Checks that needed a second attempt: how many of the last ones, and since when that is often.
//!
//! A retry that passes hides a failure that visitors meet: one of two machines behind a name is
//! dead, say. Each such check alone is noise; half of the last sixteen are not.

use serde::{Deserialize, Serialize};

use super::Rules;
use crate::moment::Moment;

/// Troubled checks among the last sixteen that request rechecks, to know in minutes.
const RECHECK_FROM: u32 = 3;
/// Rechecks until the trouble has been gone for as many checks: a site that always has a little
/// trouble is not rechecked all the time.
const MAX_RECHECKS: u8 = 48;
/// Troubled checks among the last thirty-two above which the trouble is not over, though the last
/// sixteen have few: one dead machine of three shows by chance.
const OVER_BELOW: u32 = 6;

/// The last checks, and the trouble that they show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct RecentTrouble {
    /// The last thirty-two, the newest in the lowest bit; set for trouble.
    checks: u32,
    /// The moment when the troubled ones of the last sixteen were.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    moments: Vec<Moment>,
    /// Since when trouble is often.
    often: Option<Moment>,
    /// Rechecks that were requested.
    rechecks: u8,
    /// True if the next check should come soon.
    soon: bool,
}

impl RecentTrouble {
    /// Takes a check: whether it failed, or passed only after another attempt.
    pub(super) fn take(&mut self, troubled: bool, at: Moment, rules: &Rules) {
        self.checks = self.checks << 1 | u32::from(troubled);
        let count = self.count();
        if troubled {
            self.moments.push(at);
        }
        self.moments.drain(..self.moments.len().saturating_sub(count as usize));
        let over = count <= 1 || (count <= rules.seldom && self.checks.count_ones() <= OVER_BELOW);
        self.often = match self.often {
            None if count >= rules.often => self.moments.first().copied(),
            Some(_) if over => None,
            known => known,
        };
        self.request_recheck(troubled, count);
    }

    fn request_recheck(&mut self, troubled: bool, count: u32) {
        if count <= 1 {
            self.rechecks = self.rechecks.saturating_sub(1);
        }
        let suspects = count > RECHECK_FROM || (troubled && count == RECHECK_FROM);
        self.soon = suspects && self.often.is_none() && self.rechecks < MAX_RECHECKS;
        self.rechecks += u8::from(self.soon);
    }

    /// Troubled checks among the last sixteen.
    pub(super) fn count(&self) -> u32 {
        (self.checks & 0xffff).count_ones()
    }

    /// Since when the site fails now and then, if it does.
    pub(super) fn often(&self) -> Option<Moment> {
        self.often
    }

    /// Returns whether a recheck would help.
    pub(super) fn soon(&self) -> bool {
        self.soon
    }

    /// Forgets a suspicion: there was no check for a while, or what was seen cannot be trusted.
    pub(super) fn forget(&mut self) {
        self.soon = false;
        if self.often.is_none() {
            self.checks = 0;
            self.moments.clear();
        }
    }

    /// The clock was set back to this moment.
    pub(super) fn set_back(&mut self, now: Moment) {
        for at in &mut self.moments {
            *at = (*at).min(now);
        }
        self.often = self.often.map(|since| since.min(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The look at which the note begins and the one at which it ends; `x` is a troubled look.
    fn noted(looks: &str) -> Vec<(usize, bool)> {
        let (mut trouble, mut was, mut said) = (RecentTrouble::default(), false, Vec::new());
        for (n, kind) in looks.chars().enumerate() {
            trouble.take(kind == 'x', Moment::from_millis(n as i64), &Rules::default());
            let is = trouble.often().is_some();
            if is != was {
                said.push((n, is));
            }
            was = is;
        }
        said
    }

    #[test]
    fn half_of_the_last_sixteen_begin_it_and_a_calm_stretch_ends_it() {
        for (looks, want) in [
            ("................", vec![]),
            ("x.x.x.x.x.x.x", vec![]),
            ("x.x.x.x.x.x.x.x", vec![(14, true)]),
            ("xxxxxxxx", vec![(7, true)]),
            ("xxxxxxx.........xxxxxxx", vec![]),
            ("xxxxxxxx.............", vec![(7, true)]),
            ("xxxxxxxx..............x", vec![(7, true)]),
            ("xxxxxxxx...............", vec![(7, true), (22, false)]),
            // One of three is seldom gone for good after a lucky stretch.
            ("xx.xx.xx.xx..........x..x......", vec![(10, true)]),
        ] {
            assert_eq!(noted(looks), want, "{looks}");
        }
    }

    #[test]
    fn it_is_since_the_first_troubled_look_of_the_sixteen() {
        for (looks, since) in [("x..x.......x.xxxxxxx", 3), (&("x....".repeat(40) + "xxxxxx"), 190)]
        {
            let (mut trouble, rules) = (RecentTrouble::default(), Rules::default());
            for (n, kind) in looks.chars().enumerate() {
                trouble.take(kind == 'x', Moment::from_millis(n as i64), &rules);
            }
            assert_eq!(trouble.often(), Some(Moment::from_millis(since)), "{looks}");
        }
    }

    #[test]
    fn looks_on_top_of_the_turns_are_few_however_long_a_little_trouble_lasts() {
        let (mut trouble, rules) = (RecentTrouble::default(), Rules::default());
        let mut soon = 0;
        for n in 0..10_000 {
            trouble.take(n % 4 == 0, Moment::from_millis(n), &rules);
            soon += u32::from(trouble.soon());
        }
        assert_eq!((soon, trouble.often()), (u32::from(MAX_RECHECKS), None));
    }
}
