//! A moment: milliseconds since 1970-01-01T00:00:00Z, and its RFC 3339 text.
//!
//! Eight bytes, ordered, without a time zone. The text always has milliseconds and a `Z`, so that
//! moments sort as text as they sort as numbers.

use std::{
    fmt,
    ops::{Add, Sub},
    time::Duration,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// A point in time, in whole milliseconds since the Unix epoch (UTC).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

/// The last millisecond of the year 9999: no text of ours is longer than RFC 3339 allows.
const LAST: i64 = 253_402_300_799_999;
/// The first millisecond of the year 1.
const FIRST: i64 = -62_135_596_800_000;

impl Moment {
    /// The moment so many milliseconds after the epoch, held within the years 1 to 9999.
    pub const fn from_millis(millis: i64) -> Self {
        match millis {
            ..FIRST => Self(FIRST),
            FIRST..=LAST => Self(millis),
            _ => Self(LAST),
        }
    }

    /// Milliseconds since the epoch.
    pub fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// How long after `earlier` this is; zero when it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The same moment as a date and time of the `time` crate.
    pub fn to_datetime(self) -> OffsetDateTime {
        let at = OffsetDateTime::from_unix_timestamp(self.seconds());
        let at = at.unwrap_or(OffsetDateTime::UNIX_EPOCH);
        at.replace_millisecond(self.0.rem_euclid(1_000) as u16).unwrap_or(at)
    }

    /// Reads RFC 3339 text with any offset; parts of a millisecond are dropped.
    ///
    /// # Errors
    /// When the text is not an RFC 3339 date and time.
    pub fn parse(text: &str) -> Result<Self, time::error::Parse> {
        OffsetDateTime::parse(text, &Rfc3339).map(Self::from)
    }

    /// As RFC 3339 writes it, in milliseconds.
    pub fn text(self) -> [u8; 24] {
        // By hand, since every check, state and bucket has some: a general formatter takes a
        // microsecond for each.
        let at = self.to_datetime();
        let (year, month, day) = at.to_calendar_date();
        let mut text = *b"0000-00-00T00:00:00.000Z";
        for (end, value) in [
            (4, u32::try_from(year).unwrap_or(0)),
            (7, u32::from(u8::from(month))),
            (10, u32::from(day)),
            (13, u32::from(at.hour())),
            (16, u32::from(at.minute())),
            (19, u32::from(at.second())),
            (23, u32::from(at.millisecond())),
        ] {
            put(&mut text[..end], value);
        }
        text
    }
}

impl From<OffsetDateTime> for Moment {
    fn from(at: OffsetDateTime) -> Self {
        Self::from_millis(at.unix_timestamp() * 1_000 + i64::from(at.millisecond()))
    }
}

impl Add<Duration> for Moment {
    type Output = Self;
    fn add(self, by: Duration) -> Self {
        Self::from_millis(self.0.saturating_add(millis(by)))
    }
}

impl Sub<Duration> for Moment {
    type Output = Self;
    fn sub(self, by: Duration) -> Self {
        Self::from_millis(self.0.saturating_sub(millis(by)))
    }
}

/// Whole milliseconds, held within what a moment can have.
fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.text()).unwrap_or_default())
    }
}

/// Writes a number's digits over the zeros at the end of a text.
fn put(text: &mut [u8], mut value: u32) {
    for digit in text.iter_mut().rev() {
        if value == 0 {
            return;
        }
        *digit += (value % 10) as u8;
        value /= 10;
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(std::str::from_utf8(&self.text()).unwrap_or_default())
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::format_description;

    use super::*;

    proptest! {
        #[test]
        fn every_moment_is_written_as_the_calendar_has_it(millis in -62_135_596_800_000..=LAST) {
            let at = Moment::from_millis(millis);
            let format = format_description!(
                "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
            );
            prop_assert_eq!(at.to_string(), at.to_datetime().format(format).unwrap());
            prop_assert_eq!(Moment::parse(&at.to_string()).unwrap(), at);
        }
    }

    #[test]
    fn text_has_milliseconds_and_reads_back() {
        let at = Moment::from_millis(1_488_303_420_007);
        assert_eq!(at.to_string(), "2017-02-28T17:37:00.007Z");
        assert_eq!(Moment::parse("2017-02-28T09:37:00.0079-08:00").unwrap(), at);
        assert!(Moment::parse("yesterday").is_err());
    }

    #[test]
    fn never_overflows() {
        let end = Moment::from_millis(i64::MAX) + Duration::from_secs(u64::MAX / 1000);
        assert_eq!(end.to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!(Moment::default().since(end), Duration::ZERO);
    }
}
