//! Failures, durations and times of day in words that a visitor knows. Pure.

use std::time::Duration;

use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use crate::model::{
    moment::Moment,
    outcome::{Cause, Failure},
};

/// A failure in words that a visitor knows, as the end of a sentence, without a full stop.
pub fn failure_words(failure: Failure) -> &'static str {
    match failure {
        Failure::Dns => "its address could not be looked up",
        Failure::Connect => "no connection could be made",
        Failure::Tls => "no safe connection could be made",
        Failure::Timeout => "it took too long to answer",
        Failure::Reset => "it broke the connection off before the answer was whole",
        Failure::Protocol => "what came back was not a web page",
        Failure::Redirect => "it sends visitors round without arriving",
        Failure::Http => "it answers with an error",
        Failure::Body => "its page is not what it should be",
    }
}

/// A cause in words, with its detail in brackets, without a full stop.
pub fn cause_words(cause: &Cause) -> String {
    let words = failure_words(cause.failure);
    match cause.detail.trim().trim_end_matches('.') {
        "" => words.to_owned(),
        detail => format!("{words} ({detail})"),
    }
}

/// How long, in one unit that people would use, rounded down: `37 minutes`.
pub fn duration_words(long: Duration) -> String {
    let minutes = long.as_secs() / 60;
    let (count, unit) = match minutes {
        0 => return "less than a minute".to_owned(),
        1..=119 => (minutes, "minute"),
        120..=2_879 => (minutes / 60, "hour"),
        _ => (minutes / 1_440, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// A latency in microseconds as people read it: `84 ms`, `4.2 s`.
pub fn latency_words(micros: u32) -> String {
    match micros {
        0..=999 => "less than 1 ms".to_owned(),
        1_000..=949_999 => format!("{} ms", (micros + 500) / 1_000),
        _ => format!("{:.1} s", f64::from(micros) / 1e6),
    }
}

const TIME: &[BorrowedFormatItem<'_>] = format_description!("[hour]:[minute] UTC");
const DAY: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:long], [hour]:[minute] UTC");
const YEAR: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");

/// A moment as people say it today: `14:02 UTC`, with the day (and year) when it is another one.
pub fn clock_words(at: Moment, now: Moment) -> String {
    let (at, now): (OffsetDateTime, OffsetDateTime) = (at.to_datetime(), now.to_datetime());
    let format = if at.date() == now.date() {
        TIME
    } else if at.year() == now.year() {
        DAY
    } else {
        YEAR
    };
    at.format(format).unwrap_or_else(|_| "some time ago".to_owned())
}
