//! Counts of lookups and of visitors' reports. Pure but for the salt of its hashes; it never
//! judges.

use std::{collections::HashMap, net::IpAddr, time::Duration};

use hashlink::LruCache;

use super::{
    counts::{DailySums, SlidingCounts},
    once::{CountedAct, Once},
};
use crate::board::Board;
use model::{moment::Moment, outcome::Reached};

/// Retention of counts: as long as they are shown.
pub const COUNTS_KEPT: Duration = Duration::from_hours(24);
const HOUR: Duration = Duration::from_hours(1);
/// A check that is older than this says nothing about our connection now.
const RECENT: Duration = Duration::from_mins(2);
/// Least number of recent checks, all without any answer, that casts doubt on our own connection.
const SILENT: usize = 3;

/// Number of lookups of a target in the last hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LookedUp {
    /// By how many visitors.
    pub times: u32,
    /// Number of them that found it down.
    pub down: u32,
}

/// Number of visitors who report a problem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportCounts {
    /// In the last hour.
    pub hour: u32,
    /// In the last day.
    pub day: u32,
    /// In each five minutes that had any, with their begin, oldest first.
    pub curve: Vec<(Moment, u32)>,
    /// On a usual day, and the number of days that say so; `None` before one day is over.
    pub usual: Option<(u32, u32)>,
}

/// Counts of lookups and reports by target.
#[derive(Debug)]
pub struct VisitorReports {
    once: Once,
    asked: LruCache<String, SlidingCounts>,
    reports: LruCache<String, SlidingCounts>,
    days: LruCache<String, DailySums>,
    /// Moment of the first count.
    begun: Option<Moment>,
}

impl VisitorReports {
    pub(super) fn new(targets: usize) -> Self {
        Self {
            once: Once::new(targets * 32),
            asked: LruCache::new(targets),
            reports: LruCache::new(targets),
            days: LruCache::new(targets),
            begun: None,
        }
    }

    /// Returns whether this visitor's asking counts: once an hour for a target.
    pub(super) fn is_new(&mut self, key: &str, visitor: IpAddr, now: Moment) -> bool {
        self.once.is_new(CountedAct::Lookup, key, visitor, now)
    }

    /// Counts visitors who looked up a target, and whether it was down.
    pub(super) fn asked(&mut self, key: &str, times: u32, down: bool, now: Moment) {
        if times == 0 {
            return;
        }
        self.begun.get_or_insert(now);
        let down = if down { times } else { 0 };
        add(&mut self.asked, key, (times, down), now);
    }

    /// Counts a visitor who has a problem with a site too; false when it was counted already.
    pub fn report(&mut self, key: &str, visitor: IpAddr, now: Moment) -> bool {
        let new = self.once.is_new(CountedAct::Report, key, visitor, now);
        if new {
            add(&mut self.reports, key, (1, 0), now);
            self.begun.get_or_insert(now);
            if !self.days.contains_key(key) {
                self.days.insert(key.to_owned(), DailySums::default());
            }
            if let Some(days) = self.days.get_mut(key) {
                days.add(1, now);
            }
        }
        new
    }

    /// Returns whether this visitor reported a problem with a site within this hour.
    pub fn has_reported(&self, key: &str, visitor: IpAddr, now: Moment) -> bool {
        self.once.is_counted(CountedAct::Report, key, visitor, now)
    }

    /// Number of lookups of a target.
    pub fn looked_up(&self, key: &str, now: Moment) -> LookedUp {
        let (times, down) = self.asked.peek(key).map_or((0, 0), |counts| counts.within(HOUR, now));
        LookedUp { times, down }
    }

    /// Number of lookups within a day of each target that had any.
    pub fn most_looked_up(&self, now: Moment) -> HashMap<&str, u32> {
        let counts = self.asked.iter();
        counts.map(|(key, counts)| (key.as_str(), counts.within(COUNTS_KEPT, now).0)).collect()
    }

    /// Reports about a site.
    pub fn reports(&self, key: &str, now: Moment) -> ReportCounts {
        let Some(counts) = self.reports.peek(key) else { return ReportCounts::default() };
        let curve = counts.since(COUNTS_KEPT, now).map(|(at, all, _)| (at, all)).collect();
        let (hour, day) = (counts.within(HOUR, now).0, counts.within(COUNTS_KEPT, now).0);
        let usual = self.days.peek(key).zip(self.begun);
        let usual = usual.and_then(|(days, begun)| days.usual(begun, now));
        ReportCounts { hour, day, curve, usual }
    }

    /// Returns whether it was looked up or reported within a day, as far as remembered.
    pub(super) fn knows(&self, key: &str) -> bool {
        self.asked.contains_key(key) || self.reports.contains_key(key)
    }
}

/// Adds visitors to the counts of a target, which are new ones if there are none.
fn add(
    of: &mut LruCache<String, SlidingCounts>,
    key: &str,
    (times, down): (u32, u32),
    now: Moment,
) {
    if !of.contains_key(key) {
        // Unlike its `entry`, this forgets the oldest.
        of.insert(key.to_owned(), SlidingCounts::default());
    }
    if let Some(counts) = of.get_mut(key) {
        counts.add(times, down, now);
    }
}

/// Returns whether our own connection is in doubt: most sites are unknown because of us, or none of
/// the sites checked just now answered.
pub(super) fn doubtful(board: &Board, now: Moment) -> bool {
    let sites = board.sites();
    let ours = sites.iter().filter(|live| live.verdict.doubt.is_some()).count();
    if ours > 1 && ours * 2 > sites.len() {
        return true;
    }
    let recent = sites.iter().filter_map(|live| live.last());
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
        let mut reports = VisitorReports::new(10);
        reports.asked("a.example", 3, true, at(0));
        reports.asked("a.example", 2, false, at(7));
        assert_eq!(reports.looked_up("a.example", at(10)), LookedUp { times: 5, down: 3 });
        assert_eq!(reports.looked_up("a.example", at(62)), LookedUp { times: 2, down: 0 });
        assert_eq!(reports.looked_up("a.example", at(90)), LookedUp::default());
        assert_eq!(reports.looked_up("b.example", at(0)), LookedUp::default());
    }

    #[test]
    fn a_report_counts_once_an_hour_for_each_visitor_and_makes_a_curve() {
        let mut reports = VisitorReports::new(10);
        let visitor = |last: u8| IpAddr::from([192, 0, 2, last]);
        assert!(reports.report("a.example", visitor(1), at(1)));
        assert!(!reports.report("a.example", visitor(1), at(2)));
        assert!(reports.report("a.example", visitor(2), at(3)));
        assert!(reports.report("a.example", visitor(1), at(61)));
        let counts = reports.reports("a.example", at(62));
        assert_eq!((counts.hour, counts.day), (1, 3));
        assert_eq!(counts.curve, [(at(0), 2), (at(60), 1)]);
        assert_eq!(reports.reports("a.example", at(26 * 60)), ReportCounts::default());
    }

    #[test]
    fn everything_is_bounded() {
        let mut reports = VisitorReports::new(5);
        for site in 0..50 {
            reports.asked(&format!("{site}.example"), 1, true, at(0));
            reports.report(&format!("{site}.example"), [192, 0, 2, 1].into(), at(0));
        }
        assert_eq!((reports.asked.len(), reports.reports.len()), (5, 5));
    }
}
