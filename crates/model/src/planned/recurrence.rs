//! Rules of recurrence: the part of RFC 5545 that planned work needs. Pure.
//!
//! A rule gives local days in the order of the calendar; the clock and its zone are added by the
//! times. What is not known is refused by its name, and never read as something near it.

use std::fmt;

use jiff::{
    Span,
    civil::{Date, DateTime, Time, Weekday},
};

/// The parts of a rule that are known.
const KNOWN: &str = "FREQ, INTERVAL, BYDAY, BYMONTHDAY, COUNT and UNTIL";
/// Largest interval.
const MAX_INTERVAL: u32 = 366;
/// Most times that a rule can count.
const MAX_COUNT: u32 = 1_000;
/// Periods that are looked at for the next day: a rule may name a day that never comes.
const MAX_PERIODS: u32 = 5_000;

/// Unit of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frequency {
    Daily,
    Weekly,
    Monthly,
}

/// A weekday, or the nth of it in the month, from the end if negative; 0 is every one.
type NthWeekday = (i8, Weekday);

/// Last moment of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// By the clocks of the work's zone.
    Local(DateTime),
    /// In UTC.
    Utc(DateTime),
}

/// A rule of recurrence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recurrence {
    text: Box<str>,
    frequency: Frequency,
    interval: u32,
    days: Vec<NthWeekday>,
    month_days: Vec<i8>,
    count: Option<u32>,
    until: Option<Until>,
}

impl Recurrence {
    /// Reads such as `FREQ=MONTHLY;BYDAY=1SU`.
    ///
    /// # Errors
    /// The sentence that says which part is not known or not right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let upper = text.to_ascii_uppercase();
        let bare = upper.strip_prefix("RRULE:").unwrap_or(&upper);
        let mut given: Vec<(&str, &str)> = Vec::new();
        for part in bare.split(';').filter(|part| !part.is_empty()) {
            let (name, value) =
                part.split_once('=').ok_or_else(|| format!("{part:?} is not NAME=VALUE"))?;
            if given.iter().any(|(known, _)| *known == name) {
                return Err(format!("{name} is there twice"));
            }
            given.push((name, value));
        }
        let mut rule = Self {
            text: bare.into(),
            frequency: Frequency::Daily,
            interval: 1,
            days: Vec::new(),
            month_days: Vec::new(),
            count: None,
            until: None,
        };
        rule.frequency = match given.iter().find(|(name, _)| *name == "FREQ") {
            Some((_, "DAILY")) => Frequency::Daily,
            Some((_, "WEEKLY")) => Frequency::Weekly,
            Some((_, "MONTHLY")) => Frequency::Monthly,
            Some((_, other)) => {
                return Err(format!(
                    "FREQ={} is not known; use DAILY, WEEKLY or MONTHLY",
                    short(other)
                ));
            }
            None => return Err("has no FREQ; write such as \"FREQ=WEEKLY;BYDAY=SU\"".to_owned()),
        };
        for (name, value) in given {
            rule.take(name, value)?;
        }
        rule.checked()
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), String> {
        let number = |most: u32| {
            let plain = value.bytes().all(|b| b.is_ascii_digit());
            let number = value.parse().ok().filter(|n| plain && (1..=most).contains(n));
            number.ok_or_else(|| {
                format!("{name}={} is not a whole number from 1 to {most}", short(value))
            })
        };
        match name {
            "FREQ" => {}
            "INTERVAL" => self.interval = number(MAX_INTERVAL)?,
            "COUNT" => self.count = Some(number(MAX_COUNT)?),
            "UNTIL" => self.until = Some(until(value)?),
            "BYDAY" => self.days = value.split(',').map(day).collect::<Result<_, _>>()?,
            "BYMONTHDAY" => {
                self.month_days = value.split(',').map(month_day).collect::<Result<_, _>>()?;
            }
            other => return Err(format!("{} is not known here; use {KNOWN}", short(other))),
        }
        Ok(())
    }

    fn checked(mut self) -> Result<Self, String> {
        if self.count.is_some() && self.until.is_some() {
            return Err("has both COUNT and UNTIL; leave one out".to_owned());
        }
        if self.frequency != Frequency::Monthly
            && let Some((nth, _)) = self.days.iter().find(|(nth, _)| *nth != 0)
        {
            return Err(format!("BYDAY with a number ({nth}) needs FREQ=MONTHLY"));
        }
        if self.frequency == Frequency::Weekly && !self.month_days.is_empty() {
            return Err("BYMONTHDAY needs FREQ=MONTHLY or FREQ=DAILY".to_owned());
        }
        self.month_days.sort_unstable();
        self.month_days.dedup();
        Ok(self)
    }

    /// The rule as text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its last moment.
    pub(super) fn until(&self) -> Option<Until> {
        self.until
    }

    /// The days of the rule for work that starts on `first`, in order; those before `from` may be
    /// left out.
    pub(super) fn days(&self, first: Date, from: Date) -> impl Iterator<Item = Date> {
        // What is counted is counted from the start.
        let begin = if self.count.is_some() { 0 } else { self.period_of(first, from) };
        let most = self.count.map_or(usize::MAX, |count| count as usize);
        let periods =
            (begin..begin.saturating_add(MAX_PERIODS)).map_while(move |n| self.period(first, n));
        periods.flatten().filter(move |day| *day >= first).take(most)
    }

    /// Number of a period that is not after this day.
    fn period_of(&self, first: Date, day: Date) -> u32 {
        let since = |span: Result<jiff::Span, jiff::Error>| {
            span.map_or(0, |span| span.get_days().max(0) as u32)
        };
        let days = since(day.since(first));
        let units = match self.frequency {
            Frequency::Daily => days,
            Frequency::Weekly => days / 7,
            Frequency::Monthly => days / 31,
        };
        (units / self.interval).saturating_sub(1)
    }

    /// The days of a period by its number; `None` beyond the calendar.
    fn period(&self, first: Date, number: u32) -> Option<Vec<Date>> {
        let steps = i64::from(number) * i64::from(self.interval);
        Some(match self.frequency {
            Frequency::Daily => {
                let day = later(first, steps)?;
                let fits = self.is_named_weekday(day) && self.is_named_month_day(day);
                if fits { vec![day] } else { Vec::new() }
            }
            Frequency::Weekly => {
                let monday = steps * 7 - i64::from(first.weekday().to_monday_zero_offset());
                let week = (0..7).map_while(|n| later(first, monday + n));
                let plain = |day: &Date| self.days.is_empty() && day.weekday() == first.weekday();
                let named = |day: &Date| !self.days.is_empty() && self.is_named_weekday(*day);
                week.filter(|day| plain(day) || named(day)).collect()
            }
            Frequency::Monthly => {
                let months = Span::new().try_months(steps).ok()?;
                let month = first.first_of_month().checked_add(months).ok()?;
                let all = (0..i64::from(month.days_in_month())).filter_map(|n| later(month, n));
                all.filter(|day| self.is_of_month(first, *day)).collect()
            }
        })
    }

    fn is_of_month(&self, first: Date, day: Date) -> bool {
        if self.days.is_empty() && self.month_days.is_empty() {
            return day.day() == first.day();
        }
        self.is_named_weekday(day) && self.is_named_month_day(day)
    }

    fn is_named_weekday(&self, day: Date) -> bool {
        let (number, length) = (day.day(), day.days_in_month());
        let (nth, nth_last) = ((number - 1) / 7 + 1, -((length - number) / 7 + 1));
        let names = |(n, weekday): &NthWeekday| {
            *weekday == day.weekday() && (*n == 0 || *n == nth || *n == nth_last)
        };
        self.days.is_empty() || self.days.iter().any(names)
    }

    fn is_named_month_day(&self, day: Date) -> bool {
        let (number, length) = (day.day(), day.days_in_month());
        let named = |n: &i8| *n == number || *n == number - length - 1;
        self.month_days.is_empty() || self.month_days.iter().any(named)
    }
}

impl fmt::Display for Recurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The day this many days later; `None` beyond the calendar.
fn later(day: Date, days: i64) -> Option<Date> {
    day.checked_add(Span::new().try_days(days).ok()?).ok()
}

/// A part of a rule as problems name it.
fn short(text: &str) -> String {
    text.chars().take(40).collect::<String>().escape_debug().to_string()
}

/// `SU`, `1SU` or `-1FR`.
fn day(text: &str) -> Result<NthWeekday, String> {
    let wrong =
        || format!("BYDAY={} is not a weekday; write such as SU, 1SU to 5SU, or -1SU", short(text));
    let at = text.len().checked_sub(2).filter(|at| text.is_char_boundary(*at)).ok_or_else(wrong)?;
    let (number, name) = text.split_at(at);
    let weekday = match name {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return Err(wrong()),
    };
    match number {
        "" => Ok((0, weekday)),
        "-1" => Ok((-1, weekday)),
        "1" | "2" | "3" | "4" | "5" | "+1" | "+2" | "+3" | "+4" | "+5" => {
            Ok((number.trim_start_matches('+').parse().map_err(|_| wrong())?, weekday))
        }
        _ => Err(wrong()),
    }
}

/// `1` to `31`, or `-1` to `-31` from the end.
fn month_day(text: &str) -> Result<i8, String> {
    let number = text.parse::<i8>().ok().filter(|n| (1..=31).contains(&n.abs()));
    number.ok_or_else(|| {
        format!("BYMONTHDAY={} is not a day of the month; use 1 to 31 or -1 to -31", short(text))
    })
}

/// `20261231`, `20261231T235959`, or the latter in UTC with a `Z`.
fn until(text: &str) -> Result<Until, String> {
    let wrong = || {
        format!("UNTIL={} is not a day; write such as 20261231 or 20261231T235959Z", short(text))
    };
    let (digits, utc) = text.strip_suffix('Z').map_or((text, false), |rest| (rest, true));
    let (day, time) =
        digits.split_once('T').map_or((digits, None), |(day, time)| (day, Some(time)));
    let plain =
        |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    if !plain(day, 8) || !time.map_or(!utc, |time| plain(time, 6)) {
        return Err(wrong());
    }
    let number = |text: &str| text.parse::<i16>().map_err(|_| wrong());
    let date = Date::new(number(&day[..4])?, number(&day[4..6])? as i8, number(&day[6..])? as i8)
        .map_err(|_| wrong())?;
    let Some(time) = time else { return Ok(Until::Local(date.at(23, 59, 59, 0))) };
    let part = |from: usize| number(&time[from..from + 2]).map(|n| n as i8);
    let time = Time::new(part(0)?, part(2)?, part(4)?, 0).map_err(|_| wrong())?;
    let at = date.to_datetime(time);
    Ok(if utc { Until::Utc(at) } else { Until::Local(at) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_refused_by_its_name() {
        for (text, want) in [
            ("", "has no FREQ"),
            ("BYDAY=SU", "has no FREQ"),
            ("FREQ=YEARLY", "FREQ=YEARLY is not known; use DAILY, WEEKLY or MONTHLY"),
            ("FREQ=DAILY;BYSETPOS=1", "BYSETPOS is not known here; use FREQ, INTERVAL"),
            ("FREQ=DAILY;WKST=SU", "WKST is not known here"),
            ("FREQ=DAILY;BYHOUR=3", "BYHOUR is not known here"),
            ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0 is not a whole number from 1 to 366"),
            ("FREQ=DAILY;COUNT=1001", "COUNT=1001 is not a whole number from 1 to 1000"),
            ("FREQ=DAILY;COUNT=+5", "COUNT=+5 is not a whole number"),
            ("FREQ=DAILY;COUNT=5;UNTIL=20261231", "has both COUNT and UNTIL"),
            ("FREQ=WEEKLY;BYDAY=1SU", "BYDAY with a number (1) needs FREQ=MONTHLY"),
            ("FREQ=MONTHLY;BYDAY=6SU", "BYDAY=6SU is not a weekday"),
            ("FREQ=MONTHLY;BYDAY=-2SU", "BYDAY=-2SU is not a weekday"),
            ("FREQ=MONTHLY;BYDAY=XX", "BYDAY=XX is not a weekday"),
            ("FREQ=MONTHLY;BYDAY=é", "BYDAY=é is not a weekday"),
            ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY=0 is not a day of the month"),
            ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY=32 is not a day of the month"),
            ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY needs FREQ=MONTHLY or FREQ=DAILY"),
            ("FREQ=DAILY;UNTIL=2026-12-31", "UNTIL=2026-12-31 is not a day"),
            ("FREQ=DAILY;UNTIL=20261331", "UNTIL=20261331 is not a day"),
            ("FREQ=DAILY;UNTIL=20261231Z", "UNTIL=20261231Z is not a day"),
            ("FREQ=DAILY;FREQ=DAILY", "FREQ is there twice"),
            ("FREQ", "\"FREQ\" is not NAME=VALUE"),
        ] {
            let told = Recurrence::parse(text).unwrap_err();
            assert!(told.starts_with(want), "{text}: {told}");
        }
        let rule = Recurrence::parse("rrule:freq=weekly;byday=su;").unwrap();
        assert_eq!(rule.text(), "FREQ=WEEKLY;BYDAY=SU;");
    }
}
