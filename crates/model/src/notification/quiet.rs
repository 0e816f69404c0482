//! Quiet hours: a stretch of every day, by the clocks of a time zone. Pure; the zones are compiled in.

use std::fmt;

use jiff::{
    Timestamp,
    civil::Time,
    tz::{TimeZone, TimeZoneDatabase},
};

use super::rule::Topic;
use crate::moment::Moment;

/// Quiet hours of a channel.
#[derive(Clone, PartialEq, Eq)]
pub struct Quiet {
    /// Beginning, in local time.
    from: Time,
    /// End, in local time; on the next day unless it is later than the beginning.
    to: Time,
    zone: TimeZone,
    /// Topics that are sent all the same.
    even: Vec<Topic>,
}

impl Quiet {
    /// Reads `22:00-07:00` and the name of a time zone (`Europe/Amsterdam`).
    ///
    /// # Errors
    /// Fails when the hours cannot be read, or there is no such time zone.
    pub fn new(hours: &str, zone: &str, even: Vec<Topic>) -> Result<Self, BadQuiet> {
        let time = |text: &str| {
            let text = text.trim();
            let plain = text.len() == 5 && text.bytes().all(|b| b.is_ascii_digit() || b == b':');
            let (hour, minute) = text.split_once(':').filter(|_| plain)?;
            Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
        };
        let ends = hours.split_once('-').and_then(|(from, to)| Some((time(from)?, time(to)?)));
        let (from, to) = ends.filter(|(from, to)| from != to).ok_or(BadQuiet::Hours)?;
        let zone = TimeZoneDatabase::bundled().get(zone).map_err(|_| BadQuiet::Zone)?;
        Ok(Self { from, to, zone, even })
    }

    /// The moment when they end, if this topic at this moment falls within them.
    pub fn end(&self, topic: Topic, at: Moment) -> Option<Moment> {
        if self.even.contains(&topic) {
            return None;
        }
        let here =
            Timestamp::from_millisecond(at.millis()).ok()?.to_zoned_datetime(self.zone.clone());
        let (time, day) = (here.time(), here.date());
        let over_night = self.to < self.from;
        let late = over_night && time >= self.from;
        let within = late || time < self.to && (over_night || time >= self.from);
        let last_day = if late { day.tomorrow().ok()? } else { day };
        let end = last_day.to_datetime(self.to).to_zoned_datetime(self.zone.clone()).ok()?;
        let end = Moment::from_millis(end.timestamp().as_millisecond());
        // Where clocks are set back an hour comes twice: what is past cannot be waited for.
        (within && end > at).then_some(end)
    }
}

impl fmt::Debug for Quiet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let zone = self.zone.iana_name().unwrap_or("UTC");
        write!(f, "{}-{} {zone}, but for {:?}", self.from, self.to, self.even)
    }
}

/// Reason why quiet hours cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadQuiet {
    /// The hours are not two times of the day.
    Hours,
    /// There is no such time zone.
    Zone,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn end(hours: &str, zone: &str, at: &str) -> Option<String> {
        let quiet = Quiet::new(hours, zone, vec![Topic::Down]).unwrap();
        let at = Moment::parse(at).unwrap();
        assert_eq!(quiet.end(Topic::Down, at), None, "what is let through is let through");
        quiet.end(Topic::Slow, at).map(|end| end.to_string())
    }

    #[test]
    fn they_go_by_the_clocks_of_their_zone_summer_and_winter() {
        for (hours, zone, at, want) in [
            ("22:00-07:00", "UTC", "2026-01-10T21:59:59Z", None),
            ("22:00-07:00", "UTC", "2026-01-10T22:00:00Z", Some("2026-01-11T07:00:00.000Z")),
            ("22:00-07:00", "UTC", "2026-01-11T06:59:59Z", Some("2026-01-11T07:00:00.000Z")),
            ("22:00-07:00", "UTC", "2026-01-11T07:00:00Z", None),
            ("12:30-13:30", "UTC", "2026-01-11T13:00:00Z", Some("2026-01-11T13:30:00.000Z")),
            ("12:30-13:30", "UTC", "2026-01-11T02:00:00Z", None),
            (
                "22:00-07:00",
                "Europe/Amsterdam",
                "2026-01-10T21:30:00Z",
                Some("2026-01-11T06:00:00.000Z"),
            ),
            (
                "22:00-07:00",
                "Europe/Amsterdam",
                "2026-07-10T20:30:00Z",
                Some("2026-07-11T05:00:00.000Z"),
            ),
            // The night when clocks go forward is an hour shorter, the one when they go back longer.
            (
                "22:00-07:00",
                "Europe/Amsterdam",
                "2026-03-28T21:00:00Z",
                Some("2026-03-29T05:00:00.000Z"),
            ),
            (
                "22:00-07:00",
                "Europe/Amsterdam",
                "2026-10-24T20:00:00Z",
                Some("2026-10-25T06:00:00.000Z"),
            ),
            // An end that the change to summer time skips is an hour later; of one that occurs
            // twice, the first counts.
            (
                "23:00-02:30",
                "Europe/Amsterdam",
                "2026-03-28T23:00:00Z",
                Some("2026-03-29T01:30:00.000Z"),
            ),
            (
                "23:00-02:30",
                "Europe/Amsterdam",
                "2026-10-24T23:00:00Z",
                Some("2026-10-25T00:30:00.000Z"),
            ),
            ("23:00-02:30", "Europe/Amsterdam", "2026-10-25T01:15:00Z", None),
            (
                "22:00-00:00",
                "Asia/Kolkata",
                "2026-01-10T17:00:00Z",
                Some("2026-01-10T18:30:00.000Z"),
            ),
        ] {
            assert_eq!(end(hours, zone, at).as_deref(), want, "{hours} {zone} {at}");
        }
    }

    #[test]
    fn what_is_not_two_times_or_no_zone_is_refused() {
        for hours in
            ["", "22-7", "22:00", "22:00-22:00", "24:00-07:00", "+2:00-07:00", "22:00-7:00"]
        {
            assert_eq!(Quiet::new(hours, "UTC", vec![]), Err(BadQuiet::Hours), "{hours}");
        }
        assert_eq!(Quiet::new("22:00-07:00", "Europe/Atlantis", vec![]), Err(BadQuiet::Zone));
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader_of_quiet_hours(
            hours in "\\PC{0,12}|[0-9]{0,3}:[0-9]{0,3}-[0-9]{0,3}:[0-9]{0,3}",
            zone in "\\PC{0,12}|UTC|Europe/Amsterdam",
            at in any::<i64>(),
        ) {
            if let Ok(quiet) = Quiet::new(&hours, &zone, Vec::new()) {
                let at = Moment::from_millis(at);
                prop_assert!(quiet.end(Topic::Down, at).is_none_or(|end| end >= at));
            }
        }
    }
}
