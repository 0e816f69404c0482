//! Marks along the bottom of a chart: whole hours or days, none of them in the future.

use std::time::Duration;

use super::latency::WIDE;
use model::moment::Moment;

/// A mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) struct Tick {
    /// The moment.
    pub(in crate::web) at: Moment,
    /// Its place, in units of the drawing.
    pub(in crate::web) x: u32,
    /// True if it stands for a day.
    pub(in crate::web) day: bool,
}

/// Marks at most.
const MOST: u128 = 7;
const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;
/// Steps from mark to mark, in seconds.
const STEPS: [u64; 15] = [
    300,
    900,
    1_800,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    5 * DAY,
    7 * DAY,
    15 * DAY,
    30 * DAY,
    90 * DAY,
];

/// The marks of a drawing that goes from the one moment to the other.
pub(in crate::web) fn ticks(from: Moment, until: Moment, now: Moment) -> Vec<Tick> {
    let length = until.since(from).as_millis().max(1);
    let fits = |step: &&u64| length / u128::from(**step * 1_000) < MOST;
    let step = STEPS.iter().find(fits).copied().unwrap_or(90 * DAY);
    let millis = (step * 1_000) as i64;
    let first = Moment::from_millis(from.millis().div_euclid(millis) * millis);
    let at = |place: u32| first + Duration::from_secs(step) * place;
    let all = (0..=MOST as u32 + 1).map(at);
    all.filter(|at| *at >= from && *at <= until.min(now))
        .map(|at| Tick {
            at,
            x: (at.since(from).as_millis() * u128::from(WIDE) / length) as u32,
            day: step >= DAY,
        })
        .collect()
}

impl Tick {
    /// Its place as a share of the width, for text that is not stretched with the drawing.
    pub(in crate::web) fn percent(&self) -> String {
        format!("{:.1}%", f64::from(self.x) * 100.0 / f64::from(WIDE))
    }

    /// The side on which its text stands, so that none is cut at the edges.
    pub(in crate::web) fn side(&self) -> &'static str {
        match self.x {
            ..60 => "begin",
            x if x > WIDE - 60 => "end",
            _ => "middle",
        }
    }
}
