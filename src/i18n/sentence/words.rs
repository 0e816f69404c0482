//! Failures, durations and times of day in words that a visitor knows. Pure.
//!
//! The functions without a language return English, for programs.

use std::{borrow::Cow, time::Duration};

use jiff::civil::DateTime;

use crate::i18n::{Arg, Lang};
use model::{
    failure_detail::FailureDetail,
    moment::Moment,
    outcome::{Cause, Failure},
    verdict::{Outage, Status},
};

/// A failure in words that a visitor knows, as the end of a sentence, without a full stop.
pub fn failure_words(failure: Failure) -> &'static str {
    match Lang::En.failure(failure) {
        Cow::Borrowed(words) => words,
        // Messages without placeables are never allocated.
        Cow::Owned(_) => failure.word(),
    }
}

/// A cause in words, with its detail in brackets, without a full stop.
pub fn cause_words(cause: &Cause) -> String {
    Lang::En.cause(cause)
}

/// Duration as people would say it, rounded down: `37 minutes`, `1 h 40 min`.
pub fn duration_words(long: Duration) -> String {
    Lang::En.duration(long)
}

/// A latency in microseconds as people read it: `84 ms`, `4.2 s`.
pub fn latency_words(micros: u32) -> String {
    Lang::En.latency(micros)
}

/// A moment as people say it today: `14:02 UTC`, with the day (and year) when it is another one.
pub fn clock_words(at: Moment, now: Moment) -> String {
    Lang::En.clock(at, now)
}

/// Message for a failure at a host that a site redirects to.
pub(super) fn id_elsewhere(cause: &Cause) -> Option<&'static str> {
    Some(match cause.failure {
        Failure::Http if is_unexpected(cause) => "elsewhere-unexpected",
        Failure::Dns => "elsewhere-dns",
        Failure::Connect => "elsewhere-connect",
        Failure::Tls => "elsewhere-tls",
        Failure::Timeout => "elsewhere-timeout",
        Failure::Reset => "elsewhere-reset",
        Failure::Protocol => "elsewhere-protocol",
        Failure::Http => "elsewhere-http",
        Failure::Body => "elsewhere-body",
        // Its message names the host itself.
        Failure::Redirect => return None,
    })
}

/// Returns whether Cloudflare says that it cannot reach the servers behind it.
fn is_origin(cause: &Cause) -> bool {
    matches!(cause.detail.place(), (FailureDetail::CloudflareOrigin { .. }, _))
}

/// Returns whether the status is no error, but not among those that the site names.
fn is_unexpected(cause: &Cause) -> bool {
    let (detail, _) = cause.detail.place();
    matches!(detail, FailureDetail::HttpStatus { .. }) && detail.status().is_some_and(|s| s < 400)
}

impl Lang {
    /// Name of a status.
    pub fn status(self, status: Status) -> Cow<'static, str> {
        self.say(match status {
            Status::Up => "status-up",
            Status::Slow => "status-slow",
            Status::Partial => "status-partial",
            Status::Down => "status-down",
            Status::Unknown => "status-unknown",
        })
    }

    /// Name of the status of an outage: in the past once it is over.
    pub fn outage_status(self, outage: &Outage) -> Cow<'static, str> {
        match outage.ended_at {
            Some(_) => self.past_status(outage.status),
            None => self.status(outage.status),
        }
    }

    /// Name of a status that a site had.
    pub fn past_status(self, status: Status) -> Cow<'static, str> {
        match status {
            Status::Slow => self.say("past-slow"),
            Status::Partial => self.say("past-partial"),
            Status::Down => self.say("past-down"),
            status => self.status(status),
        }
    }

    /// A failure in words, as the end of a sentence, without a full stop.
    pub fn failure(self, failure: Failure) -> Cow<'static, str> {
        self.say(match failure {
            Failure::Dns => "failure-dns",
            Failure::Connect => "failure-connect",
            Failure::Tls => "failure-tls",
            Failure::Timeout => "failure-timeout",
            Failure::Reset => "failure-reset",
            Failure::Protocol => "failure-protocol",
            Failure::Redirect => "failure-redirect",
            Failure::Http => "failure-http",
            Failure::Body => "failure-body",
        })
    }

    /// A cause in words, with its detail in brackets, without a full stop.
    pub fn cause(self, cause: &Cause) -> String {
        let words = match cause.failure {
            Failure::Http if is_origin(cause) => self.say("failure-origin"),
            Failure::Http if is_unexpected(cause) => self.say("failure-unexpected"),
            failure => self.failure(failure),
        };
        self.detailed(words, cause)
    }

    /// The cause of an ended outage, as the end of a sentence, without a full stop.
    pub(super) fn last_cause(self, cause: &Cause) -> String {
        let words = match cause.failure {
            Failure::Redirect => self.say("failed-redirect"),
            Failure::Http if is_origin(cause) => self.say("failed-origin"),
            Failure::Http if is_unexpected(cause) => self.say("failed-unexpected"),
            Failure::Http => self.say("failed-http"),
            Failure::Body => self.say("failed-body"),
            // The others say what was.
            told => self.failure(told),
        };
        self.detailed(words, cause)
    }

    fn detailed(self, words: Cow<'static, str>, cause: &Cause) -> String {
        let (detail, words) = match (cause.detail.place(), id_elsewhere(cause)) {
            ((detail, Some(host)), Some(id)) => {
                (detail, self.one(id, "host", host.as_str()).into())
            }
            _ => (&cause.detail, words),
        };
        // These repeat the failure.
        if matches!(detail, FailureDetail::ConnectionFailed | FailureDetail::NameLookupFailed) {
            return words.into_owned();
        }
        let said = self.detail(detail);
        match said.trim_end_matches('.') {
            "" => words.into_owned(),
            // Said once is enough.
            said if said == words => words.into_owned(),
            said => self.two("cause-detail", ("words", words), ("detail", said)),
        }
    }

    /// Duration as people would say it, rounded down: `37 minutes`, `1 h 40 min`.
    pub fn duration(self, long: Duration) -> String {
        let minutes = long.as_secs() / 60;
        let (unit, count) = match minutes {
            0..=59 => ("minutes", minutes),
            60..=1_439 if !minutes.is_multiple_of(60) => {
                let (hours, minutes) = (minutes / 60, minutes % 60);
                return self.two("hours-minutes", ("hours", hours), ("minutes", minutes));
            }
            60..=2_879 => ("hours", minutes / 60),
            _ => ("days", minutes / 1_440),
        };
        self.one(unit, "n", count)
    }

    /// For how long something has been so, as a part of a line: `for 5 minutes`, `just now`.
    pub fn for_so_long(self, long: Duration) -> String {
        if long.as_secs() < 60 {
            return self.say("line-new").into_owned();
        }
        self.one("line-long", "long", self.duration(long))
    }

    /// A latency in microseconds as people read it: `84 ms`, `4.2 s`.
    pub fn latency(self, micros: u32) -> String {
        match micros {
            0..=999 => self.say("latency-tiny").into_owned(),
            1_000..=949_999 => self.one("latency-millis", "n", u64::from((micros + 500) / 1_000)),
            _ => self.one("latency-seconds", "n", Arg::Decimal(f64::from(micros) / 1e6, 1)),
        }
    }

    /// A share as people read it: three decimals, rounded down, and a bare `100%` only when
    /// flawless.
    pub fn percent(self, share: f64) -> String {
        // A ten-millionth of slack, so that 0.29, which a double holds as a little less, stays.
        let parts = (share.clamp(0.0, 1.0) * 1e5 + 1e-7).floor();
        let decimals = if share >= 1.0 { 0 } else { 3 };
        self.one("percent", "n", Arg::Decimal(parts.min(100_000.0) / 1e3, decimals))
    }

    /// Duration of what goes on, to the second in its first minute: `25 seconds`, `37 minutes`.
    pub fn duration_so_far(self, long: Duration) -> String {
        match long.as_secs() {
            seconds @ 1..60 => self.one("seconds", "n", seconds),
            _ => self.duration(long),
        }
    }

    /// Time since then, to the second while it is recent.
    pub fn ago(self, long: Duration) -> String {
        match long.as_secs() {
            0 => self.say("ago-now").into_owned(),
            _ => self.one("ago", "long", self.duration_so_far(long)),
        }
    }

    /// A moment as people say it today: `14:02 UTC`, with the day (and year) when it is another.
    pub fn clock(self, at: Moment, now: Moment) -> String {
        let (at, now) = (at.to_utc(), now.to_utc());
        let time = at.strftime("%H:%M").to_string();
        if at.date() == now.date() {
            return self.one("clock-today", "time", time);
        }
        let mut args = self.date_args(at);
        args.push(("time", time.into()));
        if at.year() == now.year() {
            args.retain(|(name, _)| *name != "year");
            return self.with("clock-day", args);
        }
        self.with("clock-year", args)
    }

    /// A moment to the second, with its day: `3 March 2017, 14:02:31 UTC`.
    pub fn clock_second(self, at: Moment) -> String {
        let at = at.to_utc();
        let time = ("time", at.strftime("%H:%M:%S").to_string().into());
        self.with("clock-year", self.date_args(at).into_iter().chain([time]))
    }

    /// A day: `3 March 2017`.
    pub fn date(self, at: Moment) -> String {
        self.with("date", self.date_args(at.to_utc()))
    }

    /// A month: `March 2017`.
    pub fn month_of(self, at: Moment) -> String {
        let mut args = self.date_args(at.to_utc());
        args.retain(|(name, _)| *name != "day");
        self.with("month-of-year", args)
    }

    /// A time of day of UTC, for a mark on a scale: `14:00`.
    pub fn hour(self, at: Moment) -> String {
        at.to_utc().strftime("%H:%M").to_string()
    }

    /// A day in few letters, for a mark on a scale: `3 Mar`.
    pub fn day_short(self, at: Moment) -> String {
        let at = at.to_utc();
        let month = self.one("month-short", "n", u64::from(at.month().unsigned_abs()));
        self.two("day", ("day", at.day().to_string()), ("month", month))
    }

    /// A day without its year: `3 March`.
    pub fn day(self, at: Moment) -> String {
        let mut args = self.date_args(at.to_utc());
        args.retain(|(name, _)| *name != "year");
        self.with("day", args)
    }

    fn date_args(self, at: DateTime) -> Vec<(&'static str, Arg<'static>)> {
        let month = self.one("month", "n", u64::from(at.month().unsigned_abs()));
        // As text: a year has no thousands in it.
        vec![
            ("day", at.day().to_string().into()),
            ("month", month.into()),
            ("year", at.year().to_string().into()),
        ]
    }
}
