//! The chart of latencies: the middle one as a line, 95 of 100 as a band above it, outages and
//! gaps shaded.

use std::time::Duration;

use super::{ChartPoint, Shade, Slice, edge, path, shades};
use crate::i18n::{Arg, Lang};
use model::moment::Moment;

/// Width and height of the drawing, in its own units.
pub(in crate::web) const WIDE: u32 = 2000;
/// See [`WIDE`].
pub(in crate::web) const TALL: u32 = 400;
/// Slices that can be pointed at.
const MAX_SLICES: usize = 96;

/// The drawing.
#[derive(Debug)]
pub(in crate::web) struct Plot {
    /// The line of the middle latencies.
    pub(in crate::web) line: String,
    /// The band between it and 95 of 100.
    pub(in crate::web) band: String,
    pub(in crate::web) outages: Vec<Shade>,
    pub(in crate::web) gaps: Vec<Shade>,
    pub(in crate::web) slices: Vec<Slice>,
    /// The latencies at top and middle of the drawing, in words.
    pub(in crate::web) top: String,
    pub(in crate::web) middle: String,
    /// Moments along the bottom, evenly spread from side to side.
    pub(in crate::web) ticks: [Moment; 5],
    /// All of it in a sentence.
    pub(in crate::web) words: String,
}

/// The chart of points of this length; `None` when none of them has a latency.
pub(in crate::web) fn plot(t: Lang, points: &[ChartPoint], step: Duration) -> Option<Plot> {
    let (first, last) = (points.first()?, points.last()?);
    let highest = points.iter().filter_map(|p| p.p95.or(p.p50)).reduce(f64::max)?;
    let top = nice(highest);
    let y = |ms: f64| {
        let share = (ms / top).clamp(0.0, 1.0);
        (f64::from(TALL) * (1.0 - share)).round() as i32
    };
    let place = |index: usize, ms: Option<f64>| {
        let (from, to) = (edge(index, points.len(), WIDE), edge(index + 1, points.len(), WIDE));
        Some(((from.midpoint(to)) as i32, y(ms?)))
    };
    let across = |value: fn(&ChartPoint) -> Option<f64>| -> Vec<_> {
        points.iter().enumerate().map(|(index, point)| place(index, value(point))).collect()
    };
    let half = (edge(1, points.len(), WIDE) / 2) as i32;
    let middle = across(|point| point.p50);
    let above = across(|point| point.p50.and(point.p95.or(point.p50)));
    let (mut line, mut band) = (String::new(), String::new());
    for (low, high) in path::runs(&middle).zip(path::runs(&above)) {
        let (low, mut high) = (widened(low, half), widened(high, half));
        path::line(&mut line, &low);
        high.extend(low.into_iter().rev());
        path::line(&mut band, &high);
        band.push('z');
    }
    let length = last.at.since(first.at);
    Some(Plot {
        line,
        band,
        outages: shades(points, WIDE, |point| point.down_ms > 0),
        // The last stretch is not over: that nothing is in it yet is no gap.
        gaps: shades(points, WIDE, |point| point.checks == 0 && point.at < last.at),
        slices: slices(t, points, step),
        top: latency(t, top),
        middle: latency(t, top / 2.0),
        ticks: [0, 1, 2, 3, 4].map(|quarter| first.at + (length + step) * quarter / 4),
        words: words(t, points),
    })
}

/// A lone point has no line: it gets one as wide as it is long.
fn widened(points: Vec<(i32, i32)>, half: i32) -> Vec<(i32, i32)> {
    match points[..] {
        [(x, y)] => vec![(x - half, y), (x + half, y)],
        _ => points,
    }
}

/// The next of 1, 2, 5, 10 and so on.
fn nice(ms: f64) -> f64 {
    let ms = ms.clamp(1.0, 1e7);
    let ten = 10_f64.powf(ms.log10().floor());
    [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.5, 10.0]
        .map(|n| n * ten)
        .into_iter()
        .find(|n| *n >= ms)
        .unwrap_or(ms)
}

/// A latency in milliseconds as people read it.
pub(in crate::web) fn latency(t: Lang, ms: f64) -> String {
    t.latency((ms * 1e3).clamp(0.0, 4e9) as u32)
}

fn slices(t: Lang, points: &[ChartPoint], step: Duration) -> Vec<Slice> {
    let many = points.len().div_ceil(MAX_SLICES).max(1);
    let slice = |(place, points_in): (usize, &[ChartPoint])| {
        let x = edge(place * many, points.len(), WIDE);
        let end = edge(place * many + points_in.len(), points.len(), WIDE);
        Slice { x, wide: (end - x).max(1), words: slice_words(t, points_in, step) }
    };
    points.chunks(many).enumerate().map(slice).collect()
}

/// Text of a slice: percentiles of several stretches cannot be averaged, so it gives their range.
fn slice_words(t: Lang, points: &[ChartPoint], step: Duration) -> String {
    let Some(first) = points.first() else { return String::new() };
    let when = when(t, first.at, step);
    let p50 = points.iter().filter_map(|point| point.p50);
    let least = p50.clone().reduce(f64::min).map(|ms| latency(t, ms));
    let most = p50.reduce(f64::max).map(|ms| latency(t, ms));
    let p95 = points.iter().filter_map(|point| point.p95).reduce(f64::max);
    let down: u64 = points.iter().map(|point| point.down_ms).sum();
    let mut said = match (least, most, p95) {
        (Some(least), Some(most), Some(p95)) => {
            let middle = if least == most {
                least
            } else {
                t.two("chart-from-to", ("from", least), ("to", most))
            };
            let args = [("when", when), ("middle", middle), ("high", latency(t, p95))];
            t.with("chart-slice", args.map(|(name, text)| (name, Arg::from(text))))
        }
        _ if points.iter().all(|point| point.checks == 0) => t.one("chart-slice-gap", "when", when),
        _ => t.one("chart-slice-failed", "when", when),
    };
    if down > 0 {
        let long = t.duration(Duration::from_millis(down));
        said = t.two("chart-slice-down", ("said", said), ("long", long));
    }
    said
}

/// The moment that a slice begins at: a day for days, else day and time.
fn when(t: Lang, at: Moment, step: Duration) -> String {
    if step >= Duration::from_hours(24) { t.date(at) } else { t.clock(at, Moment::default()) }
}

fn words(t: Lang, points: &[ChartPoint]) -> String {
    let p50 = points.iter().filter_map(|point| point.p50);
    let least = p50.clone().reduce(f64::min).unwrap_or(0.0);
    let most = p50.reduce(f64::max).unwrap_or(0.0);
    let high = points.iter().filter_map(|point| point.p95).reduce(f64::max).unwrap_or(most);
    let args = [("least", least), ("most", most), ("high", high)];
    t.with("chart-words", args.map(|(name, ms)| (name, Arg::from(latency(t, ms)))))
}
