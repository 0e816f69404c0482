//! The latencies of a site's last 24 hours, by the hour: 80 bytes, since every site has them.
//!
//! A process begins with the record's values; hours without any check are gaps.

use model::moment::Moment;

/// Hours that are kept.
pub const HOURS: usize = 24;

/// The latencies of the last 24 hours.
#[derive(Clone, Copy, Debug, Default)]
pub struct DayLatencies {
    /// Hours since 1970 of the newest one; 0 before the first check.
    newest: u32,
    /// The mean of each in milliseconds, by hours since 1970 modulo [`HOURS`].
    means: [u16; HOURS],
    /// Number of latencies in the mean; at most 255.
    counts: [u8; HOURS],
}

impl DayLatencies {
    /// Takes the latency of a check that was answered, in microseconds. Hours more than a day
    /// before the newest are dropped.
    pub(super) fn take(&mut self, at: Moment, micros: u32) {
        let Some(place) = self.place(at) else { return };
        let count = self.counts[place].saturating_add(1);
        let millis = millis(micros);
        let (mean, weight) = (u32::from(self.means[place]), u32::from(count));
        self.means[place] = ((mean * (weight - 1) + millis) / weight) as u16;
        self.counts[place] = count;
    }

    /// Takes the mean of `count` latencies of an hour, unless more of that hour are known already.
    pub(super) fn fill(&mut self, at: Moment, mean_micros: u32, count: u64) {
        let Some(place) = self.place(at) else { return };
        let count = u8::try_from(count).unwrap_or(u8::MAX);
        if count > self.counts[place] {
            self.means[place] = millis(mean_micros) as u16;
            self.counts[place] = count;
        }
    }

    /// Index of a moment's hour; `None` when it is a day before the newest.
    fn place(&mut self, at: Moment) -> Option<usize> {
        let hour = hour(at);
        if hour > self.newest {
            for passed in self.newest.max(hour.saturating_sub(HOURS as u32)) + 1..=hour {
                self.counts[passed as usize % HOURS] = 0;
            }
            self.newest = hour;
        }
        (self.newest - hour < HOURS as u32).then_some(hour as usize % HOURS)
    }

    /// The mean latency of each hour in milliseconds, oldest first, the last one that of `now`.
    pub fn hours(&self, now: Moment) -> [Option<u16>; HOURS] {
        let last = hour(now);
        std::array::from_fn(|place| {
            let hour = (last + place as u32 + 1).checked_sub(HOURS as u32)?;
            let known = hour <= self.newest && self.newest - hour < HOURS as u32;
            let slot = hour as usize % HOURS;
            (known && self.counts[slot] > 0).then(|| self.means[slot])
        })
    }
}

fn millis(micros: u32) -> u32 {
    (micros / 1000).clamp(1, u32::from(u16::MAX))
}

fn hour(at: Moment) -> u32 {
    u32::try_from(at.seconds() / 3600).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn hours_are_means_and_what_was_not_seen_is_a_gap() {
        let now = Moment::parse("2017-02-28T14:10:00Z").unwrap();
        let ago = |hours: u64| now - Duration::from_hours(hours);
        let mut day = DayLatencies::default();
        assert_eq!(day.hours(now), [None; HOURS]);
        for (hours, millis) in [(3, 90), (3, 110), (1, 70), (0, 80), (2, 60), (40, 1)] {
            day.take(ago(hours), millis * 1000);
        }
        assert_eq!(day.hours(now)[19..], [None, Some(100), Some(60), Some(70), Some(80)]);
        // The record fills gaps, and the hours of which it has more.
        for (hours, millis, count) in [(4, 120, 60), (3, 500, 1), (2, 65, 60), (30, 1, 60)] {
            day.fill(ago(hours), millis * 1000, count);
        }
        assert_eq!(day.hours(now)[19..], [Some(120), Some(100), Some(65), Some(70), Some(80)]);
        day.take(now + Duration::from_hours(23), 5_000);
        let later = day.hours(now + Duration::from_hours(23));
        assert_eq!((later[0], later[23]), (Some(80), Some(5)));
        assert_eq!(later[1..23], [None; 22]);
        assert_eq!(day.hours(now + Duration::from_hours(60)), [None; HOURS]);
    }
}
