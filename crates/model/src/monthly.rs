//! The month of a site in figures, for its report: time looked at and not, by status, with and without
//! planned work. Pure, and exact to the millisecond.

use std::time::Duration;

use jiff::{Span as Step, civil::Date, tz::TimeZone};

use crate::{
    moment::Moment,
    planned::{PlannedWork, Stretch, joined},
    uptime::{Span, within},
    verdict::Status,
};

/// A month of a time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Month {
    /// Its text, such as `2026-11`.
    pub text: Box<str>,
    /// Its first millisecond.
    pub from: Moment,
    /// The first after it.
    pub until: Moment,
}

impl Month {
    /// Reads such as `2026-11`, a month by the clocks of a zone.
    ///
    /// # Errors
    /// The sentence that says what would be right.
    pub fn parse(text: &str, zone: &TimeZone) -> Result<Self, String> {
        let wrong = || "must be a month, such as 2026-11".to_owned();
        let (year, month) = text.split_once('-').ok_or_else(wrong)?;
        let plain =
            |part: &str, length| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
        if !plain(year, 4) || !plain(month, 2) {
            return Err(wrong());
        }
        let first =
            Date::new(year.parse().map_err(|_| wrong())?, month.parse().map_err(|_| wrong())?, 1);
        let first = first.map_err(|_| wrong())?;
        let next = first.checked_add(Step::new().months(1)).map_err(|_| wrong())?;
        let begin = |day: Date| {
            let at = zone.to_ambiguous_timestamp(day.at(0, 0, 0, 0)).compatible();
            at.map(Moment::from).map_err(|_| wrong())
        };
        Ok(Self { text: text.into(), from: begin(first)?, until: begin(next)? })
    }
}

/// Time by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeByStatus {
    /// Length of what is counted.
    pub all: Duration,
    /// Judged to be up.
    pub up: Duration,
    /// Judged to be slow, which counts as up.
    pub slow: Duration,
    /// Judged to be down in some places, which counts as up.
    pub partial: Duration,
    /// Judged to be down.
    pub down: Duration,
}

impl TimeByStatus {
    /// The time of these spans within stretches that do not overlap.
    pub fn of(spans: &[Span], stretches: &[Stretch]) -> Self {
        let mut time = Self::default();
        for stretch in stretches {
            time.all += stretch.until.since(stretch.from);
            for span in spans {
                let part = within(span, stretch.from, stretch.until);
                match span.status {
                    Status::Up => time.up += part,
                    Status::Slow => time.slow += part,
                    Status::Partial => time.partial += part,
                    Status::Down => time.down += part,
                    Status::Unknown => {}
                }
            }
        }
        time
    }

    /// Time that was judged.
    pub fn watched(&self) -> Duration {
        self.up + self.slow + self.partial + self.down
    }

    /// Time that nobody looked at, or that we doubted.
    pub fn unwatched(&self) -> Duration {
        self.all.saturating_sub(self.watched())
    }

    /// Share of judged time not down, rounded down to a hundred-thousandth; `None` unless at least half of
    /// the time was judged.
    pub fn share(&self) -> Option<f64> {
        let watched = self.watched();
        if watched.is_zero() || watched * 2 < self.all {
            return None;
        }
        let up = watched.saturating_sub(self.down).as_millis();
        Some((up * 100_000 / watched.as_millis()) as f64 / 100_000.0)
    }
}

/// Occurrences of planned work within `[from, until)`, cut to it, with whether each was announced before
/// it began.
pub fn planned_within<'w>(
    works: impl Iterator<Item = &'w PlannedWork>,
    (from, until): (Moment, Moment),
) -> Vec<(&'w PlannedWork, Stretch, bool)> {
    let mut all: Vec<_> = works
        .flat_map(|work| {
            work.occurrences(from, until).into_iter().map(move |stretch| {
                let cut = Stretch { from: stretch.from.max(from), until: stretch.until.min(until) };
                (work, cut, work.was_announced_before(&stretch))
            })
        })
        .collect();
    all.sort_by_key(|(_, stretch, _)| *stretch);
    all
}

/// The rest of `[from, until)` without these stretches.
pub fn outside(stretches: Vec<Stretch>, (from, until): (Moment, Moment)) -> Vec<Stretch> {
    let mut rest = Vec::new();
    let mut at = from;
    for stretch in joined(stretches) {
        if stretch.from > at {
            rest.push(Stretch { from: at, until: stretch.from.min(until) });
        }
        at = at.max(stretch.until);
    }
    if at < until {
        rest.push(Stretch { from: at, until });
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planned::time_zone;

    fn at(minutes: u64) -> Moment {
        Moment::parse("2026-11-01T00:00:00Z").unwrap() + Duration::from_mins(minutes)
    }

    fn span(from: u64, until: u64, status: Status) -> Span {
        Span { from: at(from), until: at(until), status }
    }

    #[test]
    fn a_month_is_as_long_as_its_zone_says() {
        let amsterdam = time_zone("Europe/Amsterdam").unwrap();
        for (text, zone, from, hours) in [
            ("2026-11", TimeZone::UTC, "2026-11-01T00:00:00.000Z", 720),
            ("2026-10", amsterdam.clone(), "2026-09-30T22:00:00.000Z", 745),
            ("2026-03", amsterdam.clone(), "2026-02-28T23:00:00.000Z", 743),
            ("2028-02", amsterdam.clone(), "2028-01-31T23:00:00.000Z", 696),
            ("2026-12", TimeZone::UTC, "2026-12-01T00:00:00.000Z", 744),
        ] {
            let month = Month::parse(text, &zone).unwrap();
            assert_eq!(month.from.to_string(), from, "{text}");
            assert_eq!(month.until.since(month.from), Duration::from_hours(hours), "{text}");
        }
        for text in ["", "2026", "2026-13", "2026-00", "26-11", "2026-1", "+026-11", "2026-11-01"] {
            assert!(Month::parse(text, &TimeZone::UTC).is_err(), "{text}");
        }
    }

    #[test]
    fn what_nobody_looked_at_is_neither_up_nor_down_and_shares_are_rounded_down() {
        let spans = [
            span(0, 300, Status::Up),
            span(300, 301, Status::Down),
            span(301, 400, Status::Unknown),
        ];
        let all = [Stretch { from: at(0), until: at(600) }];
        let time = TimeByStatus::of(&spans, &all);
        assert_eq!(
            (time.watched(), time.unwatched()),
            (Duration::from_mins(301), Duration::from_mins(299))
        );
        assert_eq!(time.share(), Some(0.99667));
        let more = [Stretch { from: at(0), until: at(603) }];
        assert_eq!(TimeByStatus::of(&spans, &more).share(), None, "most of it was not looked at");
    }

    #[test]
    fn time_without_planned_work_counts_overlapping_work_once() {
        let stretch = |from, until| Stretch { from: at(from), until: at(until) };
        let rest =
            outside(vec![stretch(10, 30), stretch(20, 40), stretch(90, 200)], (at(0), at(100)));
        assert_eq!(rest, [stretch(0, 10), stretch(40, 90)]);
        let spans =
            [span(0, 25, Status::Up), span(25, 50, Status::Down), span(50, 100, Status::Up)];
        let time = TimeByStatus::of(&spans, &rest);
        assert_eq!((time.down, time.all), (Duration::from_mins(10), Duration::from_hours(1)));
        assert_eq!(outside(vec![stretch(0, 100)], (at(0), at(100))), []);
    }
}
