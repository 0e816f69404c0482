//! The spark beside a site's name: its last day in 48 by 14 units, a line of latencies with
//! outages as full bars. Nothing where nothing is known.

use super::path;

/// One part of the day in a sparkline.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::web) struct SparkPart {
    /// Latency in milliseconds.
    pub(in crate::web) latency: Option<f32>,
    /// True if it was down in it.
    pub(in crate::web) down: bool,
}

/// Height of a sparkline.
const TALL: f32 = 14.0;
/// Width of a sparkline.
const WIDE: usize = 48;

/// The drawing, as paths.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::web) struct Spark {
    pub(in crate::web) line: String,
    pub(in crate::web) bars: String,
}

/// The spark of a day; `None` when nothing is known of it. The height is a share of twice the
/// usual, so that a calm day is a calm line.
pub(in crate::web) fn spark(parts: &[SparkPart]) -> Option<Spark> {
    let mut known: Vec<f32> = parts.iter().filter_map(|part| part.latency).collect();
    if known.is_empty() && !parts.iter().any(|part| part.down) {
        return None;
    }
    known.sort_by(f32::total_cmp);
    let usual = known.get(known.len() / 2).copied().unwrap_or(1.0).max(0.001);
    let x = |place: usize| (place * WIDE / parts.len().max(1)) as i32;
    let half = (WIDE / parts.len().max(1) / 2) as i32;
    let point = |(place, part): (usize, &SparkPart)| {
        let share = (part.latency? / usual / 3.0).clamp(0.0, 1.0);
        Some((x(place) + half, (TALL - 1.0 - share * (TALL - 2.0)).round() as i32))
    };
    let points: Vec<_> = parts.iter().enumerate().map(point).collect();
    let mut spark = Spark::default();
    for run in path::runs(&points) {
        let run = if let [(x, y)] = run[..] { vec![(x - 1, y), (x + 1, y)] } else { run };
        path::line(&mut spark.line, &run);
    }
    for (place, _) in parts.iter().enumerate().filter(|(_, part)| part.down) {
        path::line(&mut spark.bars, &[(x(place) + half, 0), (x(place) + half, TALL as i32)]);
    }
    Some(spark)
}
