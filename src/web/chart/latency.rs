//! The chart of latencies: the middle one as a line, 95 of 100 as a band above it, outages and
//! gaps shaded.

use std::{fmt::Write, time::Duration};

use super::{
    ChartPoint, Shade, Slice, edge, shades,
    ticks::{Tick, ticks},
};
use crate::i18n::{Arg, Lang};
use model::moment::Moment;

/// Width and height of the drawing, in its own units.
pub(in crate::web) const WIDE: u32 = 2000;
/// See [`WIDE`].
pub(in crate::web) const TALL: u32 = 400;
/// Slices that can be pointed at, and rows of the table.
pub(in crate::web) const MAX_SLICES: usize = 96;

/// Scales and limits that a chart is drawn by, beside its points.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct PlotScale {
    /// Time that a point covers.
    pub(in crate::web) step: Duration,
    /// Interval of the site's checks; more than two of them without a check are a gap.
    pub(in crate::web) interval: Duration,
    /// Latency above which the site is slow, in milliseconds.
    pub(in crate::web) limit: f64,
    /// The moment after which nothing is known yet.
    pub(in crate::web) now: Moment,
}

/// The drawing.
#[derive(Debug)]
pub(in crate::web) struct Plot {
    /// The line of the middle latencies.
    pub(in crate::web) line: String,
    /// The band between it and 95 of 100.
    pub(in crate::web) band: String,
    pub(in crate::web) outages: Vec<Shade>,
    pub(in crate::web) slow: Vec<Shade>,
    pub(in crate::web) gaps: Vec<Shade>,
    pub(in crate::web) slices: Vec<Slice>,
    /// The latencies at top and middle of the drawing, in words.
    pub(in crate::web) top: String,
    pub(in crate::web) middle: String,
    /// Height of the limit above which the site is slow, when it is in the drawing.
    pub(in crate::web) limit: Option<i32>,
    /// The limit in words.
    pub(in crate::web) limit_words: String,
    /// Whole hours or days along the bottom.
    pub(in crate::web) ticks: Vec<Tick>,
    /// All of it in a sentence.
    pub(in crate::web) words: String,
}

/// The chart of points; `None` when none of them has a latency.
pub(in crate::web) fn plot(t: Lang, points: &[ChartPoint], scale: PlotScale) -> Option<Plot> {
    let (first, last) = (points.first()?, points.last()?);
    let highest = points.iter().filter_map(|p| p.p95.or(p.p50)).reduce(f64::max)?;
    // A limit that is far above would flatten all that there is.
    let limit = Some(scale.limit).filter(|limit| *limit <= highest * 2.0);
    let top = nice(limit.map_or(highest, |limit| limit.max(highest)));
    let y = |ms: f64| {
        let share = (ms / top).clamp(0.0, 1.0);
        (f64::from(TALL) * (1.0 - share)).round() as i32
    };
    let place = |index: usize, ms: Option<f64>| {
        let (from, to) = (edge(index, points.len(), WIDE), edge(index + 1, points.len(), WIDE));
        Some(((from.midpoint(to)) as i32, y(ms?)))
    };
    let gaps = gaps(points, scale);
    // Between two turns of a site there is nothing to know: the line goes on.
    let idle = |index: usize| points[index].checks == 0 && !gaps[index];
    let across = |value: fn(&ChartPoint) -> Option<f64>| -> Vec<_> {
        let known = points.iter().enumerate().filter(|(index, _)| !idle(*index));
        known.map(|(index, point)| place(index, value(point))).collect()
    };
    let half = (edge(1, points.len(), WIDE) / 2) as i32;
    let middle = across(|point| point.p50);
    let above = across(|point| point.p50.and(point.p95.or(point.p50)));
    let (mut line, mut band) = (String::new(), String::new());
    for (low, high) in runs(&middle).zip(runs(&above)) {
        let (low, mut high) = (widened(low, half), widened(high, half));
        write_path(&mut line, &low);
        high.extend(low.into_iter().rev());
        write_path(&mut band, &high);
        band.push('z');
    }
    Some(Plot {
        line,
        band,
        outages: shares(points, scale.step, |point| point.down_ms),
        slow: shares(points, scale.step, |point| point.slow_ms),
        gaps: shades(&gaps, WIDE),
        slices: slices(t, points, &gaps, scale.step),
        top: latency(t, top),
        middle: latency(t, top / 2.0),
        limit: limit.map(y),
        limit_words: t.one("chart-limit", "limit", latency(t, scale.limit)),
        ticks: ticks(first.at, last.at + scale.step, scale.now),
        words: words(t, points),
    })
}

/// Of each point, whether nothing is known of it that should be: what is no longer than two turns of the
/// site is no gap, nor is the last stretch, which is not over.
fn gaps(points: &[ChartPoint], scale: PlotScale) -> Vec<bool> {
    let mut gaps = Vec::with_capacity(points.len());
    for run in points.chunk_by(|one, other| (one.checks == 0) == (other.checks == 0)) {
        let begins = run.first().map_or(scale.now, |point| point.at);
        let ends = run.last().map_or(scale.now, |point| point.at + scale.step);
        let open = ends >= scale.now;
        let long = ends.min(scale.now).since(begins);
        let least = if open { scale.interval * 2 + scale.step } else { scale.interval * 2 };
        let gap = run.first().is_some_and(|point| point.checks == 0) && long > least.min(WHOLE);
        gaps.extend(run.iter().map(|_| gap));
    }
    gaps
}

/// A site that is looked at seldom has no day without a look.
const WHOLE: Duration = Duration::from_hours(24 * 2);

/// Stretches of a drawing that are as long as what `millis` says of each point: a short outage is narrow
/// in a long window, and never too narrow to be seen.
fn shares(
    points: &[ChartPoint],
    step: Duration,
    millis: impl Fn(&ChartPoint) -> u64,
) -> Vec<Shade> {
    let edge = |place: usize| edge(place, points.len(), WIDE);
    let (mut shades, mut place) = (Vec::new(), 0);
    for run in points.chunk_by(|one, other| (millis(one) > 0) == (millis(other) > 0)) {
        let (from, to) = (edge(place), edge(place + run.len()));
        place += run.len();
        let part = |point: Option<&ChartPoint>| {
            let share = point.map_or(0.0, |p| millis(p) as f64 / step.as_millis().max(1) as f64);
            (f64::from(edge(1)) * share.clamp(0.0, 1.0)).round() as u32
        };
        if run.first().is_none_or(|point| millis(point) == 0) {
            continue;
        }
        // It begins within the first point and ends within the last.
        let (x, end) = match run.len() {
            1 => (from, from + part(run.first())),
            _ => (
                edge(place - run.len() + 1) - part(run.first()),
                edge(place - 1) + part(run.last()),
            ),
        };
        shades.push(Shade { x, wide: end.min(to).saturating_sub(x).max(LEAST) });
    }
    shades
}

/// Width of what is too short to be seen.
const LEAST: u32 = 6;

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

fn slices(t: Lang, points: &[ChartPoint], gaps: &[bool], step: Duration) -> Vec<Slice> {
    let many = points.len().div_ceil(MAX_SLICES).max(1);
    let slice = |(place, points_in): (usize, &[ChartPoint])| {
        let x = edge(place * many, points.len(), WIDE);
        let end = edge(place * many + points_in.len(), points.len(), WIDE);
        let gap = gaps[place * many..].iter().take(points_in.len()).any(|gap| *gap);
        let at = points_in.first().map_or(Moment::default(), |point| point.at);
        Slice { x, wide: (end - x).max(1), at, words: slice_words(t, points_in, gap, step) }
    };
    points.chunks(many).enumerate().map(slice).collect()
}

/// Middle latency of some stretches: percentiles cannot be averaged, so it is their range.
pub(in crate::web) fn typical(t: Lang, points: &[ChartPoint]) -> Option<String> {
    let p50 = points.iter().filter_map(|point| point.p50);
    let [least, most] = [p50.clone().reduce(f64::min)?, p50.reduce(f64::max)?];
    let [least, most] = [least, most].map(|ms| latency(t, ms));
    Some(if least == most { least } else { t.two("chart-from-to", ("from", least), ("to", most)) })
}

/// Latency in milliseconds that at most 5 of 100 checks of each of these stretches were above.
pub(in crate::web) fn slowest(points: &[ChartPoint]) -> Option<f64> {
    points.iter().filter_map(|point| point.p95).reduce(f64::max)
}

/// The values of a stretch in a few words, without its time.
pub(in crate::web) fn told(t: Lang, points: &[ChartPoint]) -> String {
    let sum = |of: fn(&ChartPoint) -> u64| points.iter().map(of).sum::<u64>();
    let (checks, failed) = (sum(|point| point.checks), sum(|point| point.failed));
    let failed = (failed > 0).then(|| match failed {
        all if all == checks => t.one("values-failed-all", "n", all),
        some => t.two("values-failed", ("failed", some), ("checks", checks)),
    });
    let said: Vec<String> = typical(t, points).into_iter().chain(failed).collect();
    with_trouble(t, said.join("; "), points)
}

/// Adds for how long a stretch was down and slow.
fn with_trouble(t: Lang, mut said: String, points: &[ChartPoint]) -> String {
    let down = points.iter().map(|point| point.down_ms).sum();
    let slow = points.iter().map(|point| point.slow_ms).sum();
    for (id, long) in [("chart-slice-down", down), ("chart-slice-slow", slow)] {
        if long > 0 {
            let long = t.duration(Duration::from_millis(long));
            said = t.two(id, ("said", said), ("long", long));
        }
    }
    said
}

/// Text of a slice.
fn slice_words(t: Lang, points: &[ChartPoint], gap: bool, step: Duration) -> String {
    let Some(first) = points.first() else { return String::new() };
    let when = when(t, first.at, step);
    let said = match (typical(t, points), slowest(points)) {
        (Some(middle), Some(high)) => {
            let args = [("when", when), ("middle", middle), ("high", latency(t, high))];
            t.with("chart-slice", args.map(|(name, text)| (name, Arg::from(text))))
        }
        _ if points.iter().all(|point| point.checks == 0) => {
            t.one(if gap { "chart-slice-gap" } else { "chart-slice-idle" }, "when", when)
        }
        _ => t.one("chart-slice-failed", "when", when),
    };
    with_trouble(t, said, points)
}

/// The moment that a slice begins at: a day for days, else day and time.
fn when(t: Lang, at: Moment, step: Duration) -> String {
    if step >= Duration::from_hours(24) { t.date(at) } else { t.clock(at, Moment::default()) }
}

fn words(t: Lang, points: &[ChartPoint]) -> String {
    let most = points.iter().filter_map(|point| point.p50).reduce(f64::max).unwrap_or(0.0);
    let high = latency(t, slowest(points).unwrap_or(most));
    t.two("chart-words", ("typical", typical(t, points).unwrap_or_default()), ("high", high))
}

/// Runs of neighbouring values that are there, each as points.
fn runs(values: &[Option<(i32, i32)>]) -> impl Iterator<Item = Vec<(i32, i32)>> {
    let there = values.chunk_by(|one, other| one.is_some() == other.is_some());
    there.map(|run| run.iter().flatten().copied().collect()).filter(|run: &Vec<_>| !run.is_empty())
}

/// Writes an SVG path to the first point and by lines to all others, in whole numbers and short:
/// `M0 9l5-3 5 2`.
fn write_path(to: &mut String, points: &[(i32, i32)]) {
    let Some(((mut x, mut y), rest)) = points.split_first().map(|(first, rest)| (*first, rest))
    else {
        return;
    };
    // Writing to a string cannot fail.
    let _ = write!(to, "M{x} {y}");
    for (place, point) in rest.iter().enumerate() {
        let (right, down) = (point.0 - x, point.1 - y);
        let lead = if place == 0 {
            "l"
        } else if right < 0 {
            ""
        } else {
            " "
        };
        let gap = if down < 0 { "" } else { " " };
        let _ = write!(to, "{lead}{right}{gap}{down}");
        (x, y) = *point;
    }
}
