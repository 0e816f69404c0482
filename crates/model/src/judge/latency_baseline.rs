//! Usual latency of a site in one region: a slowly moving median, and one for each hour of the
//! week.
//!
//! Latencies are kept as logarithms, so that a step is a ratio. The median moves a small step
//! towards each latency, whatever its size: an hour ten times slower moves it by a fifth, a new
//! normal is usual after half a day. After a day the hours of the week are noted too, one byte
//! each, and they count once four weeks are known.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::moment::Moment;

/// Latencies needed before any is usual.
const MIN_LATENCIES: u16 = 10;
/// Parts of a doubling.
pub(super) const PARTS: u32 = 2_048;
/// Parts that the middle moves by for a minute's latency.
const STEP: u16 = 8;
/// Steps of an hour's byte; eight make a doubling.
const COARSE: u16 = 256;
/// Largest change of an hour's byte in one week: half a doubling.
const MAX_WEEKLY_CHANGE: u8 = 4;
/// Latencies that an hour needs to be noted.
const MIN_IN_AN_HOUR: u8 = 5;
const HOURS: usize = 168;
const DAY: i64 = 86_400;
/// Seconds of latencies that have to be known before a site is held against its own usual.
const SETTLED_AFTER: i64 = 3_600;

/// Usual latency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LatencyBaseline {
    /// The middle, in parts of a doubling of a microsecond.
    middle: u16,
    /// Latencies that it has seen; stops counting when there are plenty.
    known: u16,
    /// The moment when it began.
    born: Moment,
    /// The latency before this one.
    last: Moment,
    week: Option<Box<Week>>,
}

/// The middle of each hour of the week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Week {
    #[serde(serialize_with = "to_hex", deserialize_with = "from_hex")]
    hours: [u8; HOURS],
    /// The current hour since the epoch, its median and the number of latencies in it.
    hour: i64,
    middle: u16,
    count: u8,
}

impl LatencyBaseline {
    /// Takes in the latency of an answer, in microseconds. From slow answers it learns four times
    /// slower.
    pub(super) fn learn(&mut self, micros: u32, at: Moment, slow: bool) {
        let value = log(micros);
        if self.known == 0 {
            (self.middle, self.born) = (value, at);
        } else {
            let seconds = at.since(self.last).as_secs().min(600);
            let paced = (u64::from(STEP) * seconds / 60).max(1) as u16;
            // At first the median moves quickly, but never by slow answers.
            let step = if slow && self.known >= MIN_LATENCIES {
                (paced / 4).max(1)
            } else {
                paced.max(2 * PARTS as u16 / self.known.max(1))
            };
            self.middle = moved(self.middle, value, step);
        }
        // A new site may find its median at once; later that would forget.
        self.known = if self.known < 400 { self.known + 1 } else { u16::MAX };
        self.last = at;
        if self.week.is_none() && at.seconds() - self.born.seconds() > DAY {
            self.week = Some(Box::new(Week::starting(at)));
        }
        if let Some(week) = &mut self.week {
            week.learn(value, at);
        }
    }

    /// The clock was set back to this moment.
    pub(super) fn set_back(&mut self, now: Moment) {
        (self.born, self.last) = (self.born.min(now), self.last.min(now));
    }

    /// The usual latency at this moment, in microseconds.
    pub(super) fn at(&self, at: Moment) -> Option<u32> {
        if self.known < MIN_LATENCIES {
            return None;
        }
        let month = at.seconds() - self.born.seconds() > 28 * DAY;
        let of_hour = self.week.as_ref().filter(|_| month).map_or(0, |week| week.of(at));
        // A site that has become slower for good is usual before all its hours are.
        Some(unlog(self.middle.max(of_hour)))
    }

    /// Usual latency at this moment, in microseconds: `None` in the first hour, lest a site that
    /// begins slow learns that from itself and is called quick.
    pub(super) fn settled(&self, at: Moment) -> Option<u32> {
        self.at(at).filter(|_| self.is_settled())
    }

    /// Returns whether the site has been known for long enough to be held against itself.
    pub(super) fn is_settled(&self) -> bool {
        self.last.seconds() - self.born.seconds() >= SETTLED_AFTER
    }

    /// The middle of the latencies that it has seen, however few, in microseconds.
    pub(super) fn so_far(&self) -> Option<u32> {
        (self.known > 0).then(|| unlog(self.middle))
    }

    /// The usual latency at the last one's moment.
    pub(super) fn now(&self) -> Option<u32> {
        self.at(self.last)
    }
}

impl Week {
    fn starting(at: Moment) -> Self {
        Self { hours: [0; HOURS], hour: hour(at), middle: 0, count: 0 }
    }

    fn learn(&mut self, value: u16, at: Moment) {
        let now = hour(at);
        if now != self.hour {
            self.note();
            (self.hour, self.count) = (now, 0);
        }
        self.middle = match self.count {
            0 => value,
            count => moved(self.middle, value, (PARTS as u16 / u16::from(count)).max(64)),
        };
        self.count = self.count.saturating_add(1);
    }

    /// Notes the hour that has ended.
    fn note(&mut self) {
        if self.count < MIN_IN_AN_HOUR {
            return;
        }
        let seen = (self.middle / COARSE).clamp(1, 255) as u8;
        let place = &mut self.hours[self.hour.rem_euclid(HOURS as i64) as usize];
        *place = match *place {
            0 => seen,
            known if seen > known => known.saturating_add(MAX_WEEKLY_CHANGE.min(seen - known)),
            known => known - MAX_WEEKLY_CHANGE.min(known - seen),
        };
    }

    /// The middle of an hour, rounded to the middle of its byte; 0 when it is not known.
    fn of(&self, at: Moment) -> u16 {
        match self.hours[hour(at).rem_euclid(HOURS as i64) as usize] {
            0 => 0,
            known => u16::from(known) * COARSE + COARSE / 2,
        }
    }
}

fn hour(at: Moment) -> i64 {
    at.seconds().div_euclid(3_600)
}

fn moved(from: u16, to: u16, by: u16) -> u16 {
    if to > from { from + by.min(to - from) } else { from - by.min(from - to) }
}

pub(super) fn log(micros: u32) -> u16 {
    (f64::from(micros.max(1)).log2() * f64::from(PARTS)) as u16
}

fn unlog(parts: u16) -> u32 {
    (f64::from(parts) / f64::from(PARTS)).exp2().round() as u32
}

fn to_hex<S: Serializer>(hours: &[u8; HOURS], to: S) -> Result<S::Ok, S::Error> {
    use std::fmt::Write;
    let text = hours.iter().fold(String::with_capacity(2 * HOURS), |mut text, hour| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{hour:02x}");
        text
    });
    to.serialize_str(&text)
}

fn from_hex<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; HOURS], D::Error> {
    let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
    let mut hours = [0; HOURS];
    for (hour, digits) in hours.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).map_err(de::Error::custom)?;
        *hour = u8::from_str_radix(digits, 16).map_err(de::Error::custom)?;
    }
    Ok(hours)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A minute each, from a moment on.
    fn learn(usual: &mut LatencyBaseline, from: i64, minutes: i64, micros: impl Fn(i64) -> u32) {
        for minute in from..from + minutes {
            usual.learn(micros(minute), Moment::from_millis(minute * 60_000), false);
        }
    }

    fn near(usual: &LatencyBaseline, minute: i64, want: u32) {
        let is = usual.at(Moment::from_millis(minute * 60_000)).unwrap();
        let share = f64::from(is) / f64::from(want);
        assert!((0.8..1.25).contains(&share), "{is} is not about {want}");
    }

    #[test]
    fn ten_latencies_make_it_usual_and_a_bad_first_one_is_soon_forgotten() {
        let mut usual = LatencyBaseline::default();
        learn(&mut usual, 0, 9, |_| 100_000);
        assert_eq!(usual.now(), None);
        let mut usual = LatencyBaseline::default();
        learn(&mut usual, 0, 60, |minute| if minute == 0 { 5_000_000 } else { 100_000 });
        near(&usual, 60, 100_000);
    }

    #[test]
    fn a_slow_hour_changes_little_and_a_new_normal_is_learned_in_a_day() {
        let mut usual = LatencyBaseline::default();
        learn(&mut usual, 0, 1_000, |_| 100_000);
        learn(&mut usual, 1_000, 60, |_| 1_000_000);
        near(&usual, 1_060, 120_000);
        learn(&mut usual, 1_060, 1_440, |_| 1_000_000);
        near(&usual, 2_500, 1_000_000);
    }

    #[test]
    fn half_of_the_answers_ten_times_slower_do_not_become_usual() {
        let mut usual = LatencyBaseline::default();
        learn(&mut usual, 0, 1_000, |_| 100_000);
        learn(&mut usual, 1_000, 600, |m| if m % 2 == 0 { 1_000_000 } else { 100_000 });
        near(&usual, 1_600, 100_000);
    }

    #[test]
    fn after_four_weeks_each_hour_of_the_week_has_its_own() {
        let daily = |minute: i64| if (minute / 60) % 24 == 12 { 600_000 } else { 100_000 };
        let mut usual = LatencyBaseline::default();
        learn(&mut usual, 0, 29 * 1_440, daily);
        let noon = 29 * 1_440 + 12 * 60;
        near(&usual, noon, 600_000);
        near(&usual, noon + 180, 100_000);
        let kept = serde_json::to_string(&usual).unwrap();
        assert_eq!(serde_json::from_str::<LatencyBaseline>(&kept).unwrap(), usual);
        assert!(kept.len() < 600, "{}", kept.len());
    }
}
