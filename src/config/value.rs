//! The types of single values in our files. Each defines the values that it accepts, and the hint
//! in place of a refused one. Pure.
//!
//! Serde reads a setting by the type of its field, which holds its bounds and its default as well:
//! `Count<1, 10_000, 512>`.

use std::{
    fmt::Display,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    ops::RangeInclusive,
    time::Duration,
};

use jiff::{Span, SpanRelativeTo};
use serde::{Deserialize, Deserializer};
use toml::Value;

/// Milliseconds, in which durations have their bounds.
pub(super) const SECOND: u64 = 1_000;
pub(super) const MINUTE: u64 = 60 * SECOND;
pub(super) const HOUR: u64 = 60 * MINUTE;
pub(super) const DAY: u64 = 24 * HOUR;

/// Declares types of values that are read by a rule, a function of the value.
macro_rules! values {
    ($($(#[$doc:meta])* $name:ident $([$param:ident: $kind:ty])? ($inner:ty) = $rule:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, serde::Deserialize)]
        #[serde(try_from = "toml::Value")]
        pub(in crate::config) struct $name $(<const $param: $kind>)? (
            pub(in crate::config) $inner,
        );

        impl $(<const $param: $kind>)? TryFrom<toml::Value> for $name $(<$param>)? {
            type Error = String;
            fn try_from(value: toml::Value) -> Result<Self, String> {
                let rule: fn(&toml::Value) -> Result<$inner, String> = $rule;
                rule(&value).map(Self)
            }
        }

        impl $(<const $param: $kind>)? From<$name $(<$param>)?> for $inner {
            fn from(value: $name $(<$param>)?) -> Self {
                value.0
            }
        }
    )*};
}
pub(super) use values;

/// Declares types of numbers with bounds and a default.
macro_rules! bounded {
    ($($(#[$doc:meta])* $name:ident($number:ty) gives $inner:ty, by $of:expr, $rule:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
        #[serde(try_from = "Value")]
        pub struct $name<const MIN: $number, const MAX: $number, const DEFAULT: $number = MIN>(
            $inner,
        );

        impl<const MIN: $number, const MAX: $number, const DEFAULT: $number>
            $name<MIN, MAX, DEFAULT>
        {
            /// The value.
            pub const fn get(self) -> $inner {
                self.0
            }
        }

        impl<const MIN: $number, const MAX: $number, const DEFAULT: $number> Default
            for $name<MIN, MAX, DEFAULT>
        {
            fn default() -> Self {
                Self($of(DEFAULT))
            }
        }

        impl<const MIN: $number, const MAX: $number, const DEFAULT: $number> TryFrom<Value>
            for $name<MIN, MAX, DEFAULT>
        {
            type Error = String;
            fn try_from(value: Value) -> Result<Self, String> {
                $rule(&value, $of(MIN)..=$of(MAX)).map(Self)
            }
        }
    )*};
}

bounded! {
    /// A whole number.
    Count(u32) gives u32, by u32::from, whole;
    /// A duration; bounds and default are in milliseconds.
    Millis(u64) gives Duration, by Duration::from_millis, duration;
    /// A size in bytes.
    Bytes(u64) gives u64, by u64::from, bytes;
}

values! {
    /// A text that is not empty.
    Text(String) = text;
    /// A text that is one line of at most `MAX` letters.
    OneLine[MAX: usize](String) = |value| line(value, MAX);
    /// An IP address, with this port unless another is given.
    IpAndPort[PORT: u16](SocketAddr) = |value| {
        value.as_str().and_then(|text| with_port(text, PORT)).ok_or_else(|| {
            let shown = shown(value);
            format!("{shown} is not an address; write such as \"9.9.9.9\" or \"9.9.9.9:{PORT}\"")
        })
    };
}

/// Reads one type and keeps another: `deserialize_with = "value::into::<_, OneLine<60>, _>"`.
pub(super) fn into<'de, D, T, U>(from: D) -> Result<U, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Into<U>,
{
    T::deserialize(from).map(Into::into)
}

/// The same for each value of a list.
pub(super) fn each<'de, D, T, U>(from: D) -> Result<Vec<U>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Into<U>,
{
    Ok(Vec::<T>::deserialize(from)?.into_iter().map(Into::into).collect())
}

/// The values of a list, or the one value in its place.
pub(super) fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

/// A value as problems name it: as it was written, but short.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Datetime(_) => "a date".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Table(_) => "a table".to_owned(),
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

/// Reads a text that is not empty.
pub(super) fn text(value: &Value) -> Result<String, String> {
    let text = value.as_str().ok_or_else(|| format!("{} is not a text", shown(value)))?;
    if text.trim().is_empty() {
        return Err("is empty; write a text, or leave the key out".to_owned());
    }
    Ok(text.to_owned())
}

/// Reads a text of one line with at most this many letters.
pub(super) fn line(value: &Value, longest: usize) -> Result<String, String> {
    let text = text(value)?.trim().to_owned();
    if text.chars().any(char::is_control) || text.chars().count() > longest {
        return Err(format!("must be one line of at most {longest} letters"));
    }
    Ok(text)
}

fn whole(value: &Value, range: RangeInclusive<u32>) -> Result<u32, String> {
    let number = value.as_integer().ok_or_else(|| {
        format!("{} is not a whole number; use such as {}", shown(value), range.start())
    })?;
    let small = number < i64::from(*range.start());
    let fits = u32::try_from(number).ok().filter(|number| range.contains(number));
    fits.ok_or_else(|| beyond(&number, ["small", "large"], small, &range, u32::to_string))
}

fn duration(value: &Value, range: RangeInclusive<Duration>) -> Result<Duration, String> {
    if let Value::Integer(number) = value {
        return Err(format!("{number} has no unit; write such as \"{}s\"", number.max(&1)));
    }
    let read = value.as_str().and_then(parse_duration).ok_or_else(|| {
        let example = show_duration(*range.start().max(&Duration::from_secs(10)));
        format!("{} is not a duration; write such as \"{example}\"", shown(value))
    })?;
    if range.contains(&read) {
        return Ok(read);
    }
    let short = read < *range.start();
    Err(beyond(&shown(value), ["short", "long"], short, &range, |d| show_duration(*d)))
}

fn bytes(value: &Value, range: RangeInclusive<u64>) -> Result<u64, String> {
    let plain = value.as_integer().and_then(|number| u64::try_from(number).ok());
    let read = plain.or_else(|| value.as_str().and_then(parse_size)).ok_or_else(|| {
        format!("{} is not a size; write such as \"64KiB\" or \"1MiB\"", shown(value))
    })?;
    if range.contains(&read) {
        return Ok(read);
    }
    let small = read < *range.start();
    Err(beyond(&shown(value), ["small", "large"], small, &range, |n| show_size(*n)))
}

/// The sentence on a value that is not within its bounds.
fn beyond<T>(
    value: &dyn Display,
    [small, large]: [&str; 2],
    below: bool,
    range: &RangeInclusive<T>,
    show: impl Fn(&T) -> String,
) -> String {
    if below {
        format!("{value} is too {small}; use {} or more", show(range.start()))
    } else {
        format!("{value} is too {large}; use {} or less", show(range.end()))
    }
}

/// Reads a duration such as `500ms`, `1m30s`, `30d` or `5 min`; a day has 24 hours.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let span: Span = text.trim().parse().ok()?;
    span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?.try_into().ok()
}

/// Writes a duration as it would be read; parts of a millisecond are dropped.
pub fn show_duration(duration: Duration) -> String {
    const UNITS: [(&str, u64); 5] =
        [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
    let mut rest = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut text = String::new();
    for (unit, millis) in UNITS {
        if rest >= millis {
            text.extend([(rest / millis).to_string().as_str(), unit]);
            rest %= millis;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// Units of sizes: powers of 1024 that say so. `MB` is not guessed at.
const SIZES: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

/// Reads a size such as `64KiB`, or a number of bytes.
fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let bytes = match unit.trim_start() {
        "" => 1,
        unit => SIZES.iter().find(|(name, _)| *name == unit)?.1,
    };
    number.parse::<u64>().ok()?.checked_mul(bytes)
}

/// Writes a size in its greatest unit that loses nothing.
pub fn show_size(bytes: u64) -> String {
    let fits = |&(_, size): &(&str, u64)| bytes >= size && bytes.is_multiple_of(size);
    match SIZES.into_iter().find(fits) {
        Some((unit, size)) => format!("{}{unit}", bytes / size),
        None => format!("{bytes}B"),
    }
}

/// Reads an address with a port; `localhost:8080` is 127.0.0.1.
pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    let local = || {
        let port = text.strip_prefix("localhost:")?.parse::<u16>().ok()?;
        Some((Ipv4Addr::LOCALHOST, port).into())
    };
    text.parse().ok().or_else(local).ok_or_else(|| {
        let text = quoted(text);
        format!("{text} is not an address with a port; write such as 127.0.0.1:8080 or [::]:8080")
    })
}

/// Reads an address with a port, or one without, which then has this port.
fn with_port(text: &str, port: u16) -> Option<SocketAddr> {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return (address.port() != 0).then_some(address);
    }
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
    Some((bare.parse::<IpAddr>().ok()?, port).into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_numbers_with_units() {
        for (text, millis) in [
            ("60s", 60_000),
            ("500ms", 500),
            ("1m", 60_000),
            ("1m30s", 90_000),
            ("2h", 7_200_000),
            ("1d", 86_400_000),
            (" 0s ", 0),
            ("90m", 5_400_000),
            ("1.5s", 1_500),
            ("5 min", 300_000),
            ("2 hours 30 minutes", 9_000_000),
            ("1w", 604_800_000),
            ("PT90S", 90_000),
        ] {
            assert_eq!(parse_duration(text), Some(Duration::from_millis(millis)), "{text}");
        }
        let huge = format!("{}d", u64::MAX);
        for bad in ["", "60", "s", "30s1m", "1s1s", "-1s", "1M", "1mo", "१s", "1h ago", &huge] {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn sizes_are_numbers_with_binary_units() {
        for (text, bytes) in
            [("1MiB", 1 << 20), ("64KiB", 65_536), ("1 GiB", 1 << 30), ("12B", 12), ("7", 7)]
        {
            assert_eq!(parse_size(text), Some(bytes), "{text}");
        }
        for bad in ["", "MiB", "1MB", "1.5MiB", "-1", "99999999999GiB", "1mib"] {
            assert_eq!(parse_size(bad), None, "{bad}");
        }
    }

    #[test]
    fn addresses_with_and_without_ports() {
        for (text, want) in [
            ("9.9.9.9", Some("9.9.9.9:53")),
            ("127.0.0.1:5353", Some("127.0.0.1:5353")),
            ("2620:fe::fe", Some("[2620:fe::fe]:53")),
            ("[2620:fe::fe]", Some("[2620:fe::fe]:53")),
            ("[2620:fe::fe]:5353", Some("[2620:fe::fe]:5353")),
            ("dns.quad9.net", None),
            ("9.9.9.9:0", None),
            ("9.9.9", None),
        ] {
            assert_eq!(with_port(text, 53), want.map(|w| w.parse().unwrap()), "{text}");
        }
        assert_eq!(listen("localhost:8080"), Ok("127.0.0.1:8080".parse().unwrap()));
        assert!(listen("8080").is_err() && listen("localhost:x").is_err());
    }

    proptest! {
        #[test]
        fn a_duration_that_is_written_reads_back(millis in 0_u64..10_000_000_000) {
            let duration = Duration::from_millis(millis);
            prop_assert_eq!(parse_duration(&show_duration(duration)), Some(duration));
        }

        #[test]
        fn a_size_that_is_written_reads_back(bytes in any::<u64>()) {
            prop_assert_eq!(parse_size(&show_size(bytes)), Some(bytes));
        }

        #[test]
        fn no_text_breaks_a_reader(text in "\\PC{0,24}|[0-9a-zA-Z.: -]{0,24}") {
            let _ = (parse_duration(&text), parse_size(&text), listen(&text), with_port(&text, 1));
        }
    }
}
