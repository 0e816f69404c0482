//! Charts from points: gaps stay gaps, outages are seen, drawings stay within their sides.

use std::time::Duration;

use proptest::prelude::*;

use super::{
    days::{self, days},
    latency::{TALL, WIDE, plot},
    *,
};
use crate::i18n::Lang;

const HOUR: Duration = Duration::from_hours(1);

fn point(hour: u32, p50: Option<f64>) -> ChartPoint {
    ChartPoint {
        at: Moment::parse("2017-02-28T00:00:00Z").unwrap() + HOUR * hour,
        checks: u64::from(p50.is_some()),
        uptime: p50.map(|_| 1.0),
        p50,
        p95: p50.map(|ms| ms * 1.5),
        ..ChartPoint::default()
    }
}

#[test]
fn a_gap_breaks_the_line_and_is_shaded() {
    let points: Vec<_> = (0..5).map(|hour| point(hour, Some(80.0).filter(|_| hour != 2))).collect();
    let plot = plot(Lang::En, &points, HOUR).unwrap();
    assert_eq!(plot.line, "M200 187l400 0M1400 187l400 0");
    assert_eq!(plot.gaps, [Shade { x: 800, wide: 400 }]);
    assert_eq!((plot.top.as_str(), plot.middle.as_str()), ("150 ms", "75 ms"));
    assert!(plot.outages.is_empty());
    assert_eq!(plot.slices.len(), 5);
    assert!(plot.slices[2].words.contains("no data"), "{}", plot.slices[2].words);
}

#[test]
fn an_outage_is_shaded_and_said() {
    let mut points: Vec<_> = (0..3).map(|hour| point(hour, Some(80.0))).collect();
    points[1] = ChartPoint { checks: 9, failed: 9, down_ms: 37 * 60_000, ..point(1, None) };
    let plot = plot(Lang::Nl, &points, HOUR).unwrap();
    assert_eq!(plot.outages, [Shade { x: 666, wide: 667 }]);
    assert!(plot.gaps.is_empty());
    assert!(plot.slices[1].words.contains("37 minuten"), "{}", plot.slices[1].words);
}

#[test]
fn nothing_known_is_no_chart() {
    assert!(plot(Lang::En, &[], HOUR).is_none());
    assert!(plot(Lang::En, &[point(0, None)], HOUR).is_none());
}

#[test]
fn a_short_outage_is_seen_and_never_reads_100() {
    let mut bad = point(0, Some(1.0));
    (bad.uptime, bad.down_ms) = (Some(0.999_999), 86);
    let drawn = days(Lang::En, &[bad, point(24, None), point(48, Some(1.0))]);
    assert_eq!(drawn.iter().map(|day| day.class).collect::<Vec<_>>(), ["some", "gap", "good"]);
    assert_eq!((drawn[0].red, drawn[0].uptime.as_str()), (days::TALL / 4, "99.999%"));
    assert_eq!(drawn[2].uptime, "100%");
}

proptest! {
    #[test]
    fn drawings_stay_within_their_sides(
        latencies in prop::collection::vec(prop::option::of(0.0_f64..1e7), 1..800),
    ) {
        let points: Vec<_> =
            latencies.iter().enumerate().map(|(hour, ms)| point(hour as u32, *ms)).collect();
        if let Some(plot) = plot(Lang::En, &points, HOUR) {
            let end = plot.slices.last().unwrap();
            prop_assert!(end.x + end.wide <= WIDE + 1 && plot.slices.len() <= 96);
            let first = plot.line[1..].split(' ').nth(1).unwrap();
            let first: u32 = first.split(['l', 'M']).next().unwrap().parse().unwrap();
            prop_assert!(first <= TALL);
        }
    }
}
