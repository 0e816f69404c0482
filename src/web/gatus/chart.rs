//! Gatus' chart of response times: its size, lines and colours, transparent for any page.
//!
//! Two things are ours: a point is what half of the hour's good checks were not above, and an hour
//! without one is a gap, where Gatus draws a zero. Moments are of UTC.

use std::fmt::{self, Write};

use time::macros::format_description;

use crate::{
    model::{history::Point, moment::Moment},
    web::{badge::Safe, chart::path, numbers::millis},
};

/// The image, and the part of it that is drawn on, in pixels.
const WIDE: u32 = 1_280;
const TALL: u32 = 300;
const LEFT: f64 = 10.0;
const RIGHT: f64 = 1_210.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 270.0;
/// Lines across, and moments along the bottom.
const ACROSS: u32 = 5;
const ALONG: usize = 8;
/// Units of a line in a pixel.
const FINE: f64 = 10.0;

/// The chart of these hours; without any it says so.
pub(super) fn draw(name: &str, long: &str, points: &[Point]) -> String {
    let known = || points.iter().filter_map(half);
    let highest = known().reduce(f64::max);
    let spoken = match (known().reduce(f64::min), highest) {
        (Some(least), Some(most)) => {
            format!("{name}: response time {long}, {least:.0} ms to {most:.0} ms")
        }
        _ => format!("{name}: response time {long}, no data yet"),
    };
    let mut svg = String::with_capacity(16_384);
    // A string takes whatever is written.
    let _ = write_all(&mut svg, &spoken, points, highest);
    svg
}

/// What half of its checks were not above, in milliseconds.
fn half(point: &Point) -> Option<f64> {
    point.latency.map(|latency| millis(latency.p50))
}

fn write_all(
    svg: &mut String,
    spoken: &str,
    points: &[Point],
    highest: Option<f64>,
) -> fmt::Result {
    let spoken = Safe(spoken);
    write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDE}\" height=\"{TALL}\" \
         viewBox=\"0 0 {WIDE} {TALL}\" role=\"img\" aria-label=\"{spoken}\"><title>{spoken}</title>\
         <g fill=\"#777\" font-family=\"Verdana,Geneva,DejaVu Sans,sans-serif\" font-size=\"10\">"
    )?;
    let Some(highest) = highest else {
        svg.push_str(
            "<text x=\"640\" y=\"150\" text-anchor=\"middle\">no data yet</text></g></svg>",
        );
        return Ok(());
    };
    let top = (highest * 1.25).ceil().max(1.0);
    let step = (RIGHT - LEFT) / points.len().max(1) as f64;
    let x = |place: usize| LEFT + step * (place as f64 + 0.5);
    let y = |ms: f64| BOTTOM - (BOTTOM - TOP) * (ms / top).clamp(0.0, 1.0);
    let mut grid = String::new();
    for line in 0..=ACROSS {
        let ms = top * f64::from(line) / f64::from(ACROSS);
        write!(grid, "M{LEFT} {:.1}H{RIGHT}", y(ms))?;
        write!(svg, "<text x=\"{}\" y=\"{:.1}\">{ms:.0}</text>", RIGHT + 6.0, y(ms) + 3.5)?;
    }
    for (place, point) in points.iter().enumerate().step_by(points.len().div_ceil(ALONG).max(1)) {
        write!(grid, "M{:.1} {TOP}V{BOTTOM}", x(place))?;
        let (at, words) = (x(place), clock(point.at, points.len()));
        write!(svg, "<text x=\"{at:.1}\" y=\"288\" text-anchor=\"middle\">{words}</text>")?;
    }
    write!(
        svg,
        "<text transform=\"translate(1268 140) rotate(-90)\" text-anchor=\"middle\">Response time \
         (ms)</text></g><path d=\"{grid}\" fill=\"none\" stroke=\"#777\" stroke-opacity=\".16\"/>"
    )?;
    let fine = |pixels: f64| (pixels * FINE).round() as i32;
    let at = |(place, point): (usize, &Point)| Some((fine(x(place)), fine(y(half(point)?))));
    let places: Vec<_> = points.iter().enumerate().map(at).collect();
    let (mut line, mut dots) = (String::new(), String::new());
    for run in path::runs(&places) {
        path::line(&mut line, &run);
        for (x, y) in run {
            write!(dots, "M{x} {y}h0")?;
        }
    }
    write!(
        svg,
        "<g transform=\"scale(.1)\" fill=\"none\" stroke=\"#0074d9\" stroke-linejoin=\"round\" \
         stroke-linecap=\"round\"><path d=\"{line}\" stroke-width=\"15\"/>\
         <path d=\"{dots}\" stroke-width=\"40\"/></g></svg>"
    )
}

/// A moment of the bottom: the hour as Gatus writes it, or the day where there are several.
fn clock(at: Moment, hours: usize) -> String {
    let at = at.to_datetime();
    let written = if hours > 30 {
        at.format(format_description!("[day padding:none] [month repr:short]"))
    } else {
        at.format(format_description!("[hour repr:12 padding:none]:[minute][period]"))
    };
    written.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::history::Latency;

    fn hours(values: &[Option<u32>]) -> Vec<Point> {
        let begin = Moment::parse("2017-02-28T00:00:00Z").unwrap();
        let point = |(hour, half): (u32, &Option<u32>)| {
            let half = half.map(|millis| millis * 1_000);
            let latency = half.map(|p50| Latency { p50, p95: p50, p99: p50, max: p50 });
            Point { at: begin + Duration::from_hours(1) * hour, latency, ..Point::default() }
        };
        (0..).zip(values).map(point).collect()
    }

    #[test]
    fn a_gap_is_a_gap_and_the_top_has_air_above_it() {
        let svg = draw("A & <b>", "24h", &hours(&[Some(80), Some(40), None, Some(80)]));
        let read = roxmltree::Document::parse(&svg).unwrap();
        let root = read.root_element();
        assert_eq!(
            (root.attribute("width"), root.attribute("height")),
            (Some("1280"), Some("300"))
        );
        let said = "A & <b>: response time 24h, 40 ms to 80 ms";
        assert_eq!(root.attribute("aria-label"), Some(said));
        assert!(svg.contains("d=\"M1600 620l3000 1040M10600 620\""), "{svg}");
        assert_eq!(svg.matches("h0").count(), 3);
        assert!(svg.contains(">100</text>") && svg.contains(">12:00AM</text>"), "{svg}");
        assert!(!svg.contains("style"));
    }

    #[test]
    fn days_are_named_and_nothing_known_is_said() {
        let svg = draw("A", "7d", &hours(&[Some(1); 168]));
        assert!(svg.contains(">28 Feb</text>") && svg.contains(">6 Mar</text>"), "{svg}");
        assert!(draw("A", "7d", &hours(&[None; 168])).contains(">no data yet</text>"));
        assert!(draw("A", "7d", &[]).contains("no data yet"));
    }
}
