//! What the crowd does: how often a target was asked for, who else has a problem, and what the
//! operator may want to watch. Pure but for the salt of its hashes; it never judges.

use std::{collections::VecDeque, net::IpAddr, time::Duration};

use hashlink::LruCache;

use super::once::{Once, What};
use crate::{
    board::Board,
    model::{moment::Moment, outcome::Reached},
};

/// Length of one bucket of a count.
const BUCKET: i64 = 300_000;
/// Buckets that are kept: a day.
const BUCKETS: i64 = 288;
/// Buckets of an hour.
const HOUR: i64 = 12;
/// So many visitors in an hour make a target worth watching.
const WORTH: u32 = 20;
/// Proposals that are remembered.
const PROPOSALS: usize = 20;
/// A check that is older than this says nothing about our connection now.
const RECENT: Duration = Duration::from_mins(2);
/// So many recent checks at least, all without any answer, make us doubt ourselves.
const SILENT: usize = 3;

/// Counts of one target in buckets of five minutes, oldest first; empty ones are left out.
#[derive(Clone, Debug, Default)]
struct Counts(VecDeque<(i64, u32, u32)>);

impl Counts {
    /// Adds to the bucket of this moment, and forgets what is older than a day.
    fn add(&mut self, all: u32, bad: u32, now: Moment) {
        let bucket = now.millis().div_euclid(BUCKET);
        match self.0.back_mut() {
            // A clock that was set back counts in the newest bucket.
            Some((at, a, b)) if *at >= bucket => {
                (*a, *b) = (a.saturating_add(all), b.saturating_add(bad));
            }
            _ => self.0.push_back((bucket, all, bad)),
        }
        while self.0.front().is_some_and(|(at, ..)| *at <= bucket - BUCKETS) {
            self.0.pop_front();
        }
    }

    /// The sums of the last buckets.
    fn last(&self, buckets: i64, now: Moment) -> (u32, u32) {
        let first = now.millis().div_euclid(BUCKET) - buckets;
        let sum = |(a, b): (u32, u32), (_, all, bad): &(i64, u32, u32)| {
            (a.saturating_add(*all), b.saturating_add(*bad))
        };
        self.0.iter().filter(|(at, ..)| *at > first).fold((0, 0), sum)
    }
}

/// How often a target was looked up in the last hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LookedUp {
    /// By how many visitors.
    pub times: u32,
    /// How many of them were told that it is down.
    pub down: u32,
}

/// How many visitors say that they have a problem too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reports {
    /// In the last hour.
    pub hour: u32,
    /// In the last day.
    pub day: u32,
    /// In each five minutes that had any, with their begin, oldest first.
    pub curve: Vec<(Moment, u32)>,
}

/// What the crowd does.
#[derive(Debug)]
pub struct Crowd {
    once: Once,
    asked: LruCache<String, Counts>,
    reports: LruCache<String, Counts>,
    proposals: VecDeque<String>,
}

impl Crowd {
    pub(super) fn new(targets: usize) -> Self {
        Self {
            once: Once::new(targets * 32),
            asked: LruCache::new(targets),
            reports: LruCache::new(targets),
            proposals: VecDeque::new(),
        }
    }

    /// Whether this visitor's asking counts: once an hour for a target.
    pub(super) fn is_new(&mut self, key: &str, visitor: IpAddr, now: Moment) -> bool {
        self.once.is_new(What::Ask, key, visitor, now)
    }

    /// Counts visitors who asked for a target, and what they were told.
    pub(super) fn asked(&mut self, key: &str, times: u32, down: bool, now: Moment) {
        if times == 0 {
            return;
        }
        let hour = with(&mut self.asked, key, |counts| {
            counts.add(times, if down { times } else { 0 }, now);
            counts.last(HOUR, now).0
        });
        let hour = hour.unwrap_or_default();
        if hour >= WORTH && !self.proposals.iter().any(|known| known == key) {
            tracing::info!(
                site = key,
                visitors = hour,
                "looked up by many visitors: it may be worth a place in the catalogue"
            );
            self.proposals.push_back(key.to_owned());
            if self.proposals.len() > PROPOSALS {
                self.proposals.pop_front();
            }
        }
    }

    /// Counts a visitor who has a problem with a site too; false when it was counted already.
    pub fn report(&mut self, key: &str, visitor: IpAddr, now: Moment) -> bool {
        let new = self.once.is_new(What::Report, key, visitor, now);
        if new {
            with(&mut self.reports, key, |counts| counts.add(1, 0, now));
        }
        new
    }

    /// How often a target was looked up.
    pub fn looked_up(&self, key: &str, now: Moment) -> LookedUp {
        let (times, down) = self.asked.peek(key).map_or((0, 0), |counts| counts.last(HOUR, now));
        LookedUp { times, down }
    }

    /// What visitors say of a site.
    pub fn reports(&self, key: &str, now: Moment) -> Reports {
        let Some(counts) = self.reports.peek(key) else { return Reports::default() };
        let first = now.millis().div_euclid(BUCKET) - BUCKETS;
        let curve = counts.0.iter().filter(|(at, ..)| *at > first);
        let curve = curve.map(|(at, all, _)| (Moment::from_millis(at * BUCKET), *all)).collect();
        let (hour, day) = (counts.last(HOUR, now).0, counts.last(BUCKETS, now).0);
        Reports { hour, day, curve }
    }

    /// Targets that many visitors look up, with how many did in the last hour: proposals for the
    /// catalogue.
    pub fn proposals(&self, now: Moment) -> Vec<(String, u32)> {
        let of = |key: &String| (key.clone(), self.looked_up(key, now).times);
        self.proposals.iter().map(of).collect()
    }
}

/// Does something with the counts of a target, which are new ones if there are none.
fn with<T>(
    of: &mut LruCache<String, Counts>,
    key: &str,
    does: impl FnOnce(&mut Counts) -> T,
) -> Option<T> {
    if !of.contains_key(key) {
        // Unlike its `entry`, this forgets the oldest.
        of.insert(key.to_owned(), Counts::default());
    }
    of.get_mut(key).map(does)
}

/// Whether our own connection is in doubt: all sites that we looked at just now gave no answer.
pub(super) fn doubtful(board: &Board, now: Moment) -> bool {
    let sites = board.sites();
    let recent = sites.iter().filter_map(|watched| watched.last());
    let mut recent = recent.filter(|check| now.since(check.at) < RECENT).peekable();
    let mut silent = 0;
    recent.peek().is_some()
        && recent.inspect(|_| silent += 1).all(|check| check.outcome.reached() != Reached::Machine)
        && silent >= SILENT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Moment {
        Moment::from_millis(minute * 60_000)
    }

    #[test]
    fn counts_are_of_the_last_hour_and_the_last_day() {
        let mut crowd = Crowd::new(10);
        crowd.asked("a.example", 3, true, at(0));
        crowd.asked("a.example", 2, false, at(7));
        assert_eq!(crowd.looked_up("a.example", at(10)), LookedUp { times: 5, down: 3 });
        assert_eq!(crowd.looked_up("a.example", at(62)), LookedUp { times: 2, down: 0 });
        assert_eq!(crowd.looked_up("a.example", at(90)), LookedUp::default());
        assert_eq!(crowd.looked_up("b.example", at(0)), LookedUp::default());
    }

    #[test]
    fn a_report_counts_once_an_hour_for_each_visitor_and_makes_a_curve() {
        let mut crowd = Crowd::new(10);
        let visitor = |last: u8| IpAddr::from([192, 0, 2, last]);
        assert!(crowd.report("a.example", visitor(1), at(1)));
        assert!(!crowd.report("a.example", visitor(1), at(2)));
        assert!(crowd.report("a.example", visitor(2), at(3)));
        assert!(crowd.report("a.example", visitor(1), at(61)));
        let reports = crowd.reports("a.example", at(62));
        assert_eq!((reports.hour, reports.day), (1, 3));
        assert_eq!(reports.curve, [(at(0), 2), (at(60), 1)]);
        assert_eq!(crowd.reports("a.example", at(26 * 60)), Reports::default());
    }

    #[test]
    fn what_many_look_up_is_proposed_once() {
        let mut crowd = Crowd::new(100);
        for minute in 0..40 {
            crowd.asked("a.example", 1, false, at(minute));
        }
        crowd.asked("b.example", 5, false, at(40));
        assert_eq!(crowd.proposals(at(40)), [("a.example".to_owned(), 40)]);
        for site in 0..100 {
            crowd.asked(&format!("{site}.example"), 50, false, at(40));
        }
        assert_eq!(crowd.proposals(at(40)).len(), PROPOSALS);
    }

    #[test]
    fn everything_is_bounded() {
        let mut crowd = Crowd::new(5);
        for minute in 0..20_000 {
            crowd.asked("a.example", 1, true, at(minute));
        }
        assert!(crowd.asked.peek("a.example").unwrap().0.len() <= BUCKETS as usize);
        for site in 0..50 {
            crowd.asked(&format!("{site}.example"), 1, true, at(0));
            crowd.report(&format!("{site}.example"), [192, 0, 2, 1].into(), at(0));
        }
        assert_eq!((crowd.asked.len(), crowd.reports.len()), (5, 5));
    }
}
