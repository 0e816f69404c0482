//! A moment: milliseconds since 1970-01-01T00:00:00Z, and its RFC 3339 text.
//!
//! Eight bytes, ordered, without a time zone. The text always has milliseconds and a `Z`, so that
//! moments sort as text as they sort as numbers.

use std::{
    borrow::Cow,
    fmt,
    ops::{Add, Sub},
    time::Duration,
};

use jiff::{
    Timestamp, civil,
    fmt::{StdFmtWrite, temporal::DateTimePrinter},
    tz::Offset,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::OffsetDateTime;

/// A point in time, in whole milliseconds since the Unix epoch (UTC).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

/// The last millisecond that is before the year 10000 in every time zone: RFC 3339 has four digits.
const LAST: i64 = 253_402_207_199_999;
/// The first millisecond of the year 1.
const FIRST: i64 = -62_135_596_800_000;
/// The milliseconds of every text of ours.
const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

impl Moment {
    /// The moment this many milliseconds after the epoch, clamped to the years 1 to 9999.
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

    /// Time elapsed from `earlier` to this moment; zero if `earlier` is not before it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The same moment as jiff has it.
    pub fn to_timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or_default()
    }

    /// Its date and its time of day, in UTC.
    pub fn to_utc(self) -> civil::DateTime {
        Offset::UTC.to_datetime(self.to_timestamp())
    }

    /// The same moment as a date and time of the `time` crate, which Postgres' columns are made of.
    pub fn to_datetime(self) -> OffsetDateTime {
        let at = OffsetDateTime::from_unix_timestamp(self.seconds());
        let at = at.unwrap_or(OffsetDateTime::UNIX_EPOCH);
        at.replace_millisecond(self.0.rem_euclid(1_000) as u16).unwrap_or(at)
    }

    /// Reads RFC 3339 text with any offset; parts of a millisecond are dropped.
    ///
    /// # Errors
    /// Fails when the text is not an RFC 3339 date and time.
    pub fn parse(text: &str) -> Result<Self, jiff::Error> {
        text.parse().map(|at: Timestamp| Self::from(at))
    }
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self::from_millis(at.as_nanosecond().div_euclid(1_000_000) as i64)
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
        PRINTER.print_timestamp(&self.to_timestamp(), StdFmtWrite(f)).map_err(|_| fmt::Error)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(from)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_moment_is_read_as_it_is_written_and_sorts_as_text(
            one in FIRST..=LAST,
            other in FIRST..=LAST,
        ) {
            let [one, other] = [one, other].map(Moment::from_millis);
            let texts = [one, other].map(|at| at.to_string());
            prop_assert_eq!(texts[0].len(), 24);
            prop_assert_eq!(texts[0].cmp(&texts[1]), one.cmp(&other));
            prop_assert_eq!(Moment::parse(&texts[0]).unwrap(), one);
            prop_assert_eq!(Moment::from(one.to_datetime()), one);
            prop_assert_eq!(one.to_utc().to_string()[..19].to_owned(), texts[0][..19].to_owned());
        }
    }

    #[test]
    fn text_has_milliseconds_and_reads_back() {
        let at = Moment::from_millis(1_488_303_420_007);
        assert_eq!(at.to_string(), "2017-02-28T17:37:00.007Z");
        assert_eq!(Moment::parse("2017-02-28T09:37:00.0079-08:00").unwrap(), at);
        let early = Moment::parse("1969-12-31T23:59:59.9999Z").unwrap();
        assert_eq!(early, Moment::from_millis(-1));
        for bad in ["yesterday", "", "2017-02-28", "2017-02-28T17:37:00", "2017-02-30T17:37:00Z"] {
            assert!(Moment::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn never_overflows() {
        let end = Moment::from_millis(i64::MAX) + Duration::from_secs(u64::MAX / 1000);
        assert_eq!(end.to_string(), "9999-12-30T21:59:59.999Z");
        assert_eq!(Moment::default().since(end), Duration::ZERO);
    }
}
