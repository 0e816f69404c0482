//! Checks that needed a second attempt: how many of the last ones, and since when that is often.
//!
//! A retry that passes hides a failure that visitors meet: one of two machines behind a name is
//! dead, say. Each such check alone is noise; half of the last sixteen are not. One of five machines shows
//! in hours only: in more of the last hundred and twenty-eight than chance brings.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Rules;
use crate::moment::Moment;

/// The last sixteen checks among all.
const LAST_SIXTEEN: u32 = 0xffff;
/// Troubled checks among the last sixteen that request rechecks, to know in minutes.
const RECHECK_FROM: u32 = 3;
/// Rechecks until the trouble has been gone for as many checks: a site that always has a little
/// trouble is not rechecked all the time.
const MAX_RECHECKS: u8 = 48;
/// Troubled checks among the last thirty-two above which the trouble is not over, though the last
/// sixteen have few: one dead machine of three shows by chance.
const OVER_BELOW: u32 = 6;
/// Troubled checks among the last hundred and twenty-eight that are often as well: where one attempt of twenty
/// is lost by chance, so many come once in decades.
const OFTEN_IN_LONG: u32 = 24;
/// Time over which they must be spread: what is seen within minutes is seen by the last sixteen.
const LONG: Duration = Duration::from_mins(30);
/// Number of them among the last sixty-four at or below which that is over.
const SELDOM_IN_LONG: u32 = 3;

/// The last checks, and the trouble that they show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct RecentTrouble {
    /// The last thirty-two, the newest in the lowest bit; set for trouble.
    checks: u32,
    /// The ninety-six before those, in the same way; the newest word first.
    #[serde(skip_serializing_if = "is_calm")]
    earlier: [u32; 3],
    /// The moment when the troubled ones of all these were.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    moments: Vec<Moment>,
    /// Since when trouble is often.
    often: Option<Moment>,
    /// True if the long row of checks showed it first: that row also says when it is over.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    in_long: bool,
    /// Rechecks that were requested.
    rechecks: u8,
    /// True if the next check should come soon.
    soon: bool,
}

impl RecentTrouble {
    /// Takes a check: whether it failed, or passed only after another attempt.
    pub(super) fn take(&mut self, troubled: bool, at: Moment, rules: &Rules) {
        self.note(troubled);
        let count = self.count();
        if troubled {
            self.moments.push(at);
        }
        self.moments.drain(..self.moments.len().saturating_sub(self.count_in_long() as usize));
        match self.often {
            None if count >= rules.often => self.begin(count),
            None if self.is_often_in_long(at) => {
                self.begin(self.count_in_long());
                self.in_long = true;
            }
            Some(_) if self.is_over(count, rules) => self.end(),
            _ => {}
        }
        self.request_recheck(troubled, count);
    }

    fn note(&mut self, troubled: bool) {
        let mut next = u32::from(troubled);
        for word in std::iter::once(&mut self.checks).chain(&mut self.earlier) {
            let last = *word >> 31;
            *word = *word << 1 | next;
            next = last;
        }
    }

    /// It is often since the first of this many troubled checks.
    fn begin(&mut self, count: u32) {
        let first = self.moments.len().saturating_sub(count as usize);
        self.often = self.moments.get(first).copied();
    }

    fn is_often_in_long(&self, at: Moment) -> bool {
        self.count_in_long() >= OFTEN_IN_LONG
            && self.moments.first().is_some_and(|first| at.since(*first) >= LONG)
    }

    fn is_over(&self, count: u32, rules: &Rules) -> bool {
        if self.in_long {
            return self.checks.count_ones() + self.earlier[0].count_ones() <= SELDOM_IN_LONG;
        }
        count <= 1 || (count <= rules.seldom && self.checks.count_ones() <= OVER_BELOW)
    }

    /// It is often no more, and what was before says nothing of what comes.
    fn end(&mut self) {
        (self.often, self.in_long) = (None, false);
        (self.checks, self.earlier) = (self.checks & LAST_SIXTEEN, [0; 3]);
        self.moments.drain(..self.moments.len().saturating_sub(self.count_in_long() as usize));
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
        (self.checks & LAST_SIXTEEN).count_ones()
    }

    fn count_in_long(&self) -> u32 {
        self.checks.count_ones() + self.earlier.iter().map(|word| word.count_ones()).sum::<u32>()
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
            (self.checks, self.earlier) = (0, [0; 3]);
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

fn is_calm(words: &[u32; 3]) -> bool {
    *words == [0; 3]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The look at which the note begins and the one at which it ends; `x` is a troubled look.
    fn noted(looks: &str) -> Vec<(usize, bool)> {
        noted_every(Duration::from_millis(1), looks)
    }

    fn noted_by_minute(looks: &str) -> Vec<(usize, bool)> {
        noted_every(Duration::from_mins(1), looks)
    }

    fn noted_every(interval: Duration, looks: &str) -> Vec<(usize, bool)> {
        let (mut trouble, mut was, mut said) = (RecentTrouble::default(), false, Vec::new());
        for (n, kind) in looks.chars().enumerate() {
            let at = Moment::from_millis(0) + interval * n as u32;
            trouble.take(kind == 'x', at, &Rules::default());
            let kept = serde_json::to_string(&trouble).unwrap();
            assert_eq!(serde_json::from_str::<RecentTrouble>(&kept).unwrap(), trouble);
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
    fn a_fifth_of_the_looks_is_often_after_two_hours_and_an_hour_without_ends_it() {
        let fifth = |looks: usize| "x....".repeat(looks / 5);
        assert_eq!(noted_by_minute(&fifth(1_000)), [(115, true)]);
        assert_eq!(noted_by_minute(&(fifth(200) + &".".repeat(60))), [(115, true), (244, false)]);
        // Now and then two hours without: it is the same.
        let lucky = fifth(200) + &".".repeat(30) + &fifth(200);
        assert_eq!(noted_by_minute(&lucky), [(115, true)]);
        // One of twenty, and one of eight, is chance.
        assert_eq!(noted_by_minute(&("x".to_owned() + &".".repeat(19)).repeat(200)), []);
        assert_eq!(noted_by_minute(&("x".to_owned() + &".".repeat(7)).repeat(200)), []);
        // Half of them first: when that is over, it is over.
        let half = "x.".repeat(30) + &".".repeat(14) + &fifth(100);
        assert_eq!(noted_by_minute(&half), [(14, true), (72, false)]);
    }

    #[test]
    fn the_note_of_a_site_of_which_every_fifth_answer_fails_by_chance_does_not_come_and_go() {
        for seed in 0..8_u64 {
            let (mut trouble, mut chance, mut changes) = (RecentTrouble::default(), seed, 0);
            for minute in 0..20_000 {
                // Knuth's generator for MMIX.
                chance = chance
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let (failed, was) = ((chance >> 33).is_multiple_of(5), trouble.often().is_some());
                let at = Moment::from_millis(minute * 60_000);
                trouble.take(failed, at, &Rules::default());
                changes += u32::from(was != trouble.often().is_some());
            }
            assert!(changes < 10 && trouble.often().is_some(), "{seed}: {changes}");
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
