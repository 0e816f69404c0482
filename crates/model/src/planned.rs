//! Planned work: what was announced, and when it is. Pure.
//!
//! No occurrence is stored and no timer is set: whether work is planned is a function of what was
//! announced and of a moment. Planned work never changes a verdict.

mod recurrence;

use std::time::Duration;

use jiff::{
    Span,
    civil::{Date, DateTime},
    tz::{Offset, TimeZone, TimeZoneDatabase},
};

pub use self::recurrence::Recurrence;
use self::recurrence::Until;
use crate::{moment::Moment, scope::Scope, site::Site};

/// Shortest and longest duration of one occurrence.
pub const SHORTEST: Duration = Duration::from_mins(1);
/// Longest duration of one occurrence.
pub const LONGEST: Duration = Duration::from_hours(24 * 30);
/// Occurrences that are returned at once.
const MAX_OCCURRENCES: usize = 2_000;
/// Occurrences that are compared with the duration.
const COMPARED: usize = 60;
/// Time ahead in which the next occurrence is looked for.
const HORIZON: Duration = Duration::from_hours(24 * 800);

/// Work that was announced, once or recurring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedWork {
    /// Its name in addresses, for ever.
    pub id: Box<str>,
    /// A few words.
    pub name: Box<str>,
    /// More words; may be empty.
    pub text: Box<str>,
    /// The sites that it is about.
    pub scope: Scope,
    /// Its times.
    pub times: WorkTimes,
    /// Moment of the announcement, if it is known.
    pub announced_at: Option<Moment>,
    /// Moment since which it is cancelled: what was under way ended then.
    pub cancelled_at: Option<Moment>,
    /// The one who announced it.
    pub by: Box<str>,
}

/// The times of planned work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkTimes {
    /// First beginning, by the clocks of the zone.
    pub starts: DateTime,
    /// Time zone of the beginnings.
    pub zone: TimeZone,
    /// Elapsed time of each occurrence.
    pub lasts: Duration,
    /// Rule of recurrence; `None`: once.
    pub repeats: Option<Recurrence>,
    /// Days on which it does not begin.
    pub except: Vec<Date>,
}

/// Reason why times cannot be those of planned work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadTimes {
    /// The rule leaves no day on which it begins.
    Never,
    /// An occurrence lasts longer than until the next one begins.
    Overlapping,
}

/// The time zone of this name, from data that is compiled in.
pub fn time_zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

/// A stretch of planned time; the end is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch {
    /// Its first millisecond.
    pub from: Moment,
    /// The first after it.
    pub until: Moment,
}

impl WorkTimes {
    /// Times whose occurrences do not run into each other.
    ///
    /// # Errors
    /// Fails when there is no occurrence, or when two overlap.
    pub fn new(
        starts: DateTime,
        zone: TimeZone,
        lasts: Duration,
        repeats: Option<Recurrence>,
        except: Vec<Date>,
    ) -> Result<Self, BadTimes> {
        let times = Self { starts, zone, lasts, repeats, except };
        let begins: Vec<Moment> = times.begins(Date::MIN).take(COMPARED).collect();
        if begins.is_empty() {
            return Err(BadTimes::Never);
        }
        if begins.windows(2).any(|two| two[1].since(two[0]) < lasts) {
            return Err(BadTimes::Overlapping);
        }
        Ok(times)
    }

    /// The name of its zone.
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// Returns whether its first beginning is after a moment.
    #[must_use]
    pub fn begins_after(&self, at: Moment) -> bool {
        self.begins(Date::MIN).next().is_some_and(|first| first > at)
    }

    /// Beginnings on this local day or later, in order. A time that the change to summer time skips is
    /// shifted by as much, and of a time that comes twice the first counts.
    fn begins(&self, from: Date) -> impl Iterator<Item = Moment> {
        let once = self.repeats.is_none().then_some(self.starts.date());
        let days = self.repeats.iter().flat_map(move |rule| rule.days(self.starts.date(), from));
        once.into_iter()
            .chain(days)
            .map(|day| day.to_datetime(self.starts.time()))
            .take_while(|at| self.is_before_end(*at))
            .filter(|at| !self.except.contains(&at.date()))
            .filter_map(|at| Some(self.zone.to_ambiguous_timestamp(at).compatible().ok()?.into()))
    }

    fn is_before_end(&self, local: DateTime) -> bool {
        match self.repeats.as_ref().and_then(Recurrence::until) {
            None => true,
            Some(Until::Local(end)) => local <= end,
            Some(Until::Utc(end)) => {
                let end = Offset::UTC.to_timestamp(end);
                let at = self.zone.to_ambiguous_timestamp(local).compatible();
                at.ok().zip(end.ok()).is_some_and(|(at, end)| at <= end)
            }
        }
    }

    /// Occurrences that overlap `[from, until)`, in order.
    fn occurrences(&self, from: Moment, until: Moment) -> impl Iterator<Item = Stretch> {
        let lasts = self.lasts;
        // A day more on either side, as days are local.
        let earliest = from
            .to_timestamp()
            .to_zoned_datetime(self.zone.clone())
            .date()
            .saturating_sub(Span::new().days((lasts.as_secs() / 86_400) as i64 + 2));
        self.begins(earliest)
            .take_while(move |at| *at < until)
            .map(move |at| Stretch { from: at, until: at + lasts })
            .filter(move |stretch| stretch.until > from)
    }
}

impl PlannedWork {
    /// Occurrences that overlap `[from, until)`, in order; one that was cancelled under way ends there.
    pub fn occurrences(&self, from: Moment, until: Moment) -> Vec<Stretch> {
        let end = self.cancelled_at;
        self.times
            .occurrences(from, until)
            .map(|stretch| Stretch {
                until: end.map_or(stretch.until, |end| end.min(stretch.until)),
                ..stretch
            })
            .filter(|stretch| stretch.from < stretch.until && stretch.until > from)
            .take(MAX_OCCURRENCES)
            .collect()
    }

    /// The occurrence under way at a moment.
    pub fn at(&self, at: Moment) -> Option<Stretch> {
        self.occurrences(at, at + Duration::from_millis(1)).last().copied()
    }

    /// The first occurrence that begins after a moment.
    pub fn next(&self, after: Moment) -> Option<Stretch> {
        if self.cancelled_at.is_some() {
            return None;
        }
        let mut found = self.times.occurrences(after, after + HORIZON);
        found.find(|stretch| stretch.from > after)
    }

    /// True if an occurrence was announced before it began; only such time may be told apart in uptime,
    /// or anybody could announce an outage away.
    pub fn was_announced_before(&self, stretch: &Stretch) -> bool {
        self.announced_at.is_some_and(|at| at < stretch.from)
    }

    /// Returns whether it is about this site.
    pub fn is_about(&self, site: &Site, provider: Option<&str>) -> bool {
        self.scope.is_about(site, provider)
    }
}

/// The end of the planned time that covers a moment, over occurrences that follow on each other;
/// `None` when none does.
pub fn planned_until(stretches: &[Stretch], at: Moment) -> Option<Moment> {
    let covers = |at: Moment| {
        let all = stretches.iter().filter(|stretch| stretch.from <= at && at < stretch.until);
        all.map(|stretch| stretch.until).max()
    };
    let mut end = covers(at)?;
    while let Some(later) = covers(end) {
        end = later;
    }
    Some(end)
}

/// Stretches joined where they overlap or touch, in order.
pub fn joined(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    stretches.sort_unstable();
    let mut joined: Vec<Stretch> = Vec::with_capacity(stretches.len());
    for stretch in stretches {
        match joined.last_mut().filter(|last| stretch.from <= last.until) {
            Some(last) => last.until = last.until.max(stretch.until),
            None => joined.push(stretch),
        }
    }
    joined
}

#[cfg(test)]
mod tests;
