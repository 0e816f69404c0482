//! Readers of single values: each takes a TOML value and gives what it means, or says in words
//! what would be right. Pure.

use std::{fmt::Display, ops::RangeInclusive, time::Duration};

use toml::de::DeValue;

use super::{duration, size};

/// How a value is named in a problem: as it was written, but short.
pub(super) fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => quoted(text),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// A text in quotes, cut when it is long.
pub(super) fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(80).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("{short:?}")
}

/// A text that is not empty.
pub(super) fn text(value: &DeValue<'_>) -> Result<String, String> {
    let text = value.as_str().ok_or_else(|| format!("{} is not a text", shown(value)))?;
    if text.trim().is_empty() {
        return Err("is empty; write a text, or leave the key out".to_owned());
    }
    Ok(text.to_owned())
}

/// A text that is one line of at most so many letters.
pub(super) fn line(longest: usize) -> impl Fn(&DeValue<'_>) -> Result<String, String> {
    move |value| {
        let text = text(value)?.trim().to_owned();
        if text.chars().any(char::is_control) || text.chars().count() > longest {
            return Err(format!("must be one line of at most {longest} letters"));
        }
        Ok(text)
    }
}

/// `true` or `false`.
pub(super) fn flag(value: &DeValue<'_>) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| format!("{} is not true or false", shown(value)))
}

/// A whole number in a range.
pub(super) fn whole(range: RangeInclusive<u32>) -> impl Fn(&DeValue<'_>) -> Result<u32, String> {
    move |value| {
        let number = integer(value).ok_or_else(|| {
            format!("{} is not a whole number; use such as {}", shown(value), range.start())
        })?;
        u32::try_from(number).ok().filter(|n| range.contains(n)).ok_or_else(|| {
            beyond(&number, number < i64::from(*range.start()), &range, u32::to_string)
        })
    }
}

/// The number of an integer value.
pub(super) fn integer(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// A duration in a range.
pub(super) fn duration(
    range: RangeInclusive<Duration>,
) -> impl Fn(&DeValue<'_>) -> Result<Duration, String> {
    move |value| {
        let example = duration::show(*range.start().max(&Duration::from_secs(10)));
        if let Some(number) = integer(value) {
            return Err(format!("{number} has no unit; write such as \"{}s\"", number.max(1)));
        }
        let read = value.as_str().and_then(duration::parse).ok_or_else(|| {
            format!("{} is not a duration; write such as \"{example}\"", shown(value))
        })?;
        if range.contains(&read) {
            return Ok(read);
        }
        let short = read < *range.start();
        let word = if short { "short" } else { "long" };
        Err(bound(&shown(value), word, short, &range, |d| duration::show(*d)))
    }
}

/// A size in bytes in a range.
pub(super) fn bytes(range: RangeInclusive<u64>) -> impl Fn(&DeValue<'_>) -> Result<u64, String> {
    move |value| {
        let plain = integer(value).and_then(|n| u64::try_from(n).ok());
        let read = plain.or_else(|| value.as_str().and_then(size::parse)).ok_or_else(|| {
            format!("{} is not a size; write such as \"64KiB\" or \"1MiB\"", shown(value))
        })?;
        if range.contains(&read) {
            return Ok(read);
        }
        Err(beyond(&shown(value), read < *range.start(), &range, |n| size::show(*n)))
    }
}

fn beyond<T>(
    value: &dyn Display,
    small: bool,
    range: &RangeInclusive<T>,
    show: impl Fn(&T) -> String,
) -> String {
    bound(value, if small { "small" } else { "large" }, small, range, show)
}

fn bound<T>(
    value: &dyn Display,
    word: &str,
    below: bool,
    range: &RangeInclusive<T>,
    show: impl Fn(&T) -> String,
) -> String {
    if below {
        format!("{value} is too {word}; use {} or more", show(range.start()))
    } else {
        format!("{value} is too {word}; use {} or less", show(range.end()))
    }
}
