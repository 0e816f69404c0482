//! Charts, as figures for the templates' SVG: a line of latencies, a strip of days.
//!
//! Pure: from plain points to coordinates and words. Time without checks is a gap, never a zero.
//! Nothing is styled here, and no figure is only drawn: each is in words as well.

pub(super) mod days;
pub(super) mod latency;
pub(super) mod ticks;

use super::views::numbers::millis;
use model::{history, moment::Moment};

/// One stretch of time in a chart.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct ChartPoint {
    /// The moment when it begins.
    pub(super) at: Moment,
    /// Checks in it.
    pub(super) checks: u64,
    /// Those that failed.
    pub(super) failed: u64,
    /// The share of judged time that was not down.
    pub(super) uptime: Option<f64>,
    /// Judged time that was down, in milliseconds.
    pub(super) down_ms: u64,
    /// Judged time that was slow, in milliseconds.
    pub(super) slow_ms: u64,
    /// Judged time that was down in some places, in milliseconds.
    pub(super) partial_ms: u64,
    /// Latency that half of the checks were not above, in milliseconds.
    pub(super) p50: Option<f64>,
    /// The same for 95 of 100.
    pub(super) p95: Option<f64>,
}

impl From<&history::HistoryPoint> for ChartPoint {
    fn from(point: &history::HistoryPoint) -> Self {
        Self {
            at: point.at,
            checks: point.checks,
            failed: point.failed,
            uptime: point.judged.uptime(),
            down_ms: point.judged.down,
            slow_ms: point.judged.slow,
            partial_ms: point.judged.partial,
            p50: point.latency.map(|latency| millis(latency.p50)),
            p95: point.latency.map(|latency| millis(latency.p95)),
        }
    }
}

/// A stretch of a drawing, with what it shows in words.
#[derive(Debug, PartialEq)]
pub(super) struct Slice {
    pub(super) x: u32,
    pub(super) wide: u32,
    /// The moment when it begins.
    pub(super) at: Moment,
    pub(super) words: String,
}

/// A stretch of a drawing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shade {
    pub(super) x: u32,
    pub(super) wide: u32,
}

/// Neighbouring points for which something holds, as stretches of a drawing so wide.
fn shades(holds: &[bool], wide: u32) -> Vec<Shade> {
    let edge = |place: usize| edge(place, holds.len(), wide);
    let mut place = 0;
    let mut shades = Vec::new();
    for run in holds.chunk_by(|one, other| one == other) {
        let (from, to) = (edge(place), edge(place + run.len()));
        if run.first() == Some(&true) {
            shades.push(Shade { x: from, wide: (to - from).max(1) });
        }
        place += run.len();
    }
    shades
}

/// Beginning of place number `place` of `count`.
fn edge(place: usize, count: usize, wide: u32) -> u32 {
    (place as u64 * u64::from(wide) / count.max(1) as u64) as u32
}

#[cfg(test)]
mod tests;
