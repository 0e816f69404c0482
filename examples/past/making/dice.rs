//! Random numbers that are the same for the same seed (`SplitMix64`), and the nature of a site: its
//! rhythm, its spread, its bad minutes.

use std::{ops::Range, time::Duration};

use model::{
    failure_detail::FailureDetail,
    moment::Moment,
    name::Region,
    outcome::{Answer, Cause, Failure, Phases},
};
use stillup::store::RecordedCheck;

/// Minutes of a day; a site is checked once in each.
pub(crate) const MINUTES: u64 = 24 * 60;
/// Detail of a check of a site that is down.
pub(crate) const DETAIL: &str = r#"{"kind":"timed_out","phase":"wait","after_ms":10000}"#;

struct Dice(u64);

impl Dice {
    fn of(parts: [u64; 3]) -> Self {
        let mix = |state: u64, part: u64| {
            (state ^ part).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29)
        };
        Self(parts.into_iter().fold(0x5717_1109, mix))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn roll(&mut self, below: u64) -> u64 {
        self.next() % below
    }

    /// Around this, as the sum of four dice is.
    fn around(&mut self, middle: u64) -> u32 {
        let (spread, rolled) = (middle / 8 + 1, self.next());
        let sum: u64 = (0..4).map(|n| (((rolled >> (16 * n)) & 0xFFFF) * spread) >> 16).sum();
        (middle + sum).saturating_sub(spread * 2) as u32
    }
}

/// The minutes of a day in which a site is down, if any: about once in twelve days.
pub(crate) fn down(seed: u64, site: u64, day: u64) -> Option<Range<u64>> {
    let mut dice = Dice::of([seed ^ 0xD0, site, day]);
    if dice.roll(12) != 0 {
        return None;
    }
    let from = dice.roll(MINUTES - 60);
    Some(from..from + 3 + dice.roll(45))
}

/// Constants of a site.
pub(crate) struct Nature {
    seed: u64,
    site: u64,
    /// Its usual time to the first byte, in microseconds.
    usual: u64,
    /// Moment of its check within the minute, in milliseconds.
    turn: u64,
}

impl Nature {
    pub(crate) fn of(seed: u64, site: u64) -> Self {
        let usual = 20_000 + Dice::of([seed, site, u64::MAX]).roll(150_000);
        let turn = Dice::of([seed, site, u64::MAX - 1]).roll(59_900);
        Self { seed, site, usual, turn }
    }

    /// Its check of one minute of a day.
    pub(crate) fn check(&self, number: u64, day: Moment, minute: u64, down: bool) -> RecordedCheck {
        let mut dice = Dice::of([self.seed, self.site, number * MINUTES + minute]);
        let at = day + Duration::from_millis(minute * 60_000 + self.turn + dice.roll(12));
        let region = Region::default();
        if down {
            let detail: FailureDetail = serde_json::from_str(DETAIL).unwrap();
            let answer = Answer::Failed(Cause::new(Failure::Timeout, detail));
            let (http_status, phases) = (None, Phases::default());
            return RecordedCheck { at, region, answer, http_status, phases, attempts: 3 };
        }
        // Busy by day, quiet by night, and one in two hundred comes late.
        let busy = self.usual + self.usual * (minute / 60).abs_diff(3).min(12) / 40;
        let wait = if dice.roll(200) == 0 { busy * 6 } else { busy };
        let phases = Phases {
            dns: Some(dice.around(900)),
            connect: Some(dice.around(self.usual / 8)),
            tls: Some(dice.around(self.usual / 4)),
            wait: Some(dice.around(wait)),
            transfer: Some(dice.around(400)),
        };
        let (answer, http_status) = (Answer::Ok, Some(200));
        RecordedCheck { at, region, answer, http_status, phases, attempts: 1 }
    }

    /// A day of its checks.
    pub(crate) fn day(&self, number: u64, day: Moment) -> Vec<RecordedCheck> {
        let down = down(self.seed, self.site, number).unwrap_or(0..0);
        let check = |minute| self.check(number, day, minute, down.contains(&minute));
        (0..MINUTES).map(check).collect()
    }
}
