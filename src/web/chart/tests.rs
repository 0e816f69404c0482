//! Charts from points: gaps stay gaps, outages are seen, drawings stay within their sides.

use std::time::Duration;

use proptest::prelude::*;

use super::{
    days::{DayKind, days},
    latency::{PlotScale, TALL, WIDE, plot},
    ticks::ticks,
    *,
};
use crate::i18n::Lang;
use model::{
    outcome::{Cause, Failure},
    verdict::{Outage, Status},
};

const HOUR: Duration = Duration::from_hours(1);

fn midnight() -> Moment {
    Moment::parse("2017-02-28T00:00:00Z").unwrap()
}

/// A site that is looked at every minute, long ago.
fn scale(step: Duration) -> PlotScale {
    let now = midnight() + HOUR * 24 * 400;
    PlotScale { step, interval: Duration::from_mins(1), limit: 1_000.0, now }
}

fn point(hour: u32, p50: Option<f64>) -> ChartPoint {
    ChartPoint {
        at: midnight() + HOUR * hour,
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
    let plot = plot(Lang::En, &points, scale(HOUR)).unwrap();
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
    let plot = plot(Lang::Nl, &points, scale(HOUR)).unwrap();
    // As wide as it was long: 37 of 60 minutes.
    assert_eq!(plot.outages, [Shade { x: 666, wide: 411 }]);
    assert!(plot.gaps.is_empty());
    assert!(plot.slices[1].words.contains("37 minuten"), "{}", plot.slices[1].words);
    // Some of the checks may have been answered, with an error.
    assert!(plot.slices[1].words.contains("alle controles mislukten"), "{}", plot.slices[1].words);
}

#[test]
fn nothing_known_is_no_chart() {
    assert!(plot(Lang::En, &[], scale(HOUR)).is_none());
    assert!(plot(Lang::En, &[point(0, None)], scale(HOUR)).is_none());
}

#[test]
fn a_day_is_green_amber_or_red_by_one_rule_and_names_its_outages() {
    let day = |number: u32, down_ms: u64, slow_ms: u64| ChartPoint {
        uptime: Some(1.0 - down_ms as f64 / 86_400_000.0),
        down_ms,
        slow_ms,
        ..point(number * 24, Some(1.0))
    };
    let mut brief = day(0, 86, 0);
    brief.uptime = Some(0.999_999);
    let points = [
        brief,
        point(24, None),
        day(2, 0, 0),
        day(3, 0, 60_000),
        day(4, 3_599_999, 0),
        day(5, 3_600_000, 0),
    ];
    let outage = Outage {
        status: Status::Down,
        started_at: midnight() + HOUR * 24 * 4 + HOUR * 23,
        ended_at: Some(midnight() + HOUR * 24 * 5 + Duration::from_mins(12)),
        cause: Some(Cause::new(Failure::Http, "")),
        regions: vec![],
    };
    let drawn =
        days(Lang::En, &points, &[std::borrow::Cow::Borrowed(&outage)], midnight() + HOUR * 24 * 6);
    let kinds: Vec<_> = drawn.iter().map(|day| day.kind).collect();
    assert_eq!(
        kinds,
        [
            DayKind::Troubled,
            DayKind::Gap,
            DayKind::Good,
            DayKind::Troubled,
            DayKind::Troubled,
            DayKind::Bad
        ]
    );
    assert_eq!((drawn[0].uptime.as_str(), drawn[2].uptime.as_str()), ("99.999%", "100%"));
    assert!(!drawn[3].words.contains("down"), "{}", drawn[3].words);
    assert!(drawn[4].words.contains(" · down for 1 hour ("), "{}", drawn[4].words);
    assert!(drawn[5].words.contains(" · down for 12 minutes ("), "{}", drawn[5].words);
    assert_eq!(drawn[5].key, "2017-03-05");
    // Height says the same as colour.
    let heights: Vec<_> = DayKind::ALL.map(DayKind::tall).into();
    assert!(heights.iter().all(|tall| heights.iter().filter(|other| *other == tall).count() == 1));
}

#[test]
fn marks_are_whole_hours_or_days_and_none_is_to_come() {
    let at = |text: &str| Moment::parse(text).unwrap();
    for (from, until, now, want) in [
        (
            "2026-11-28T16:10:00Z",
            "2026-11-29T16:15:00Z",
            "2026-11-29T16:12:00Z",
            &["2026-11-28T18", "2026-11-29T00", "2026-11-29T06", "2026-11-29T12"][..],
        ),
        (
            "2026-11-22T16:00:00Z",
            "2026-11-29T17:00:00Z",
            "2026-11-29T16:12:00Z",
            &["2026-11-23T00", "2026-11-25T00", "2026-11-27T00", "2026-11-29T00"],
        ),
        (
            "2026-11-29T10:00:00Z",
            "2026-11-29T12:00:00Z",
            "2026-11-29T11:01:00Z",
            &["2026-11-29T10:00", "2026-11-29T10:30", "2026-11-29T11:00"],
        ),
    ] {
        let marks: Vec<_> =
            ticks(at(from), at(until), at(now)).iter().map(|t| t.at.to_string()).collect();
        assert_eq!(marks.len(), want.len(), "{marks:?}");
        assert!(marks.iter().zip(want).all(|(mark, want)| mark.starts_with(want)), "{marks:?}");
    }
}

#[test]
fn a_site_that_is_looked_at_seldom_has_no_gaps_between_its_looks() {
    let points: Vec<_> =
        (0..12).map(|hour| point(hour, Some(80.0).filter(|_| hour % 3 == 0))).collect();
    let seldom = PlotScale { interval: HOUR * 3, ..scale(HOUR) };
    let drawn = plot(Lang::En, &points, seldom).unwrap();
    assert!(drawn.gaps.is_empty(), "{:?}", drawn.gaps);
    assert_eq!(drawn.line.matches('M').count(), 1, "{}", drawn.line);
    assert!(drawn.slices[1].words.contains("no check was due"));
    let often = plot(Lang::En, &points, scale(HOUR)).unwrap();
    assert_eq!(often.gaps.len(), 4);
}

#[test]
fn slow_stretches_and_the_limit_are_marked_where_the_limit_is_near() {
    let mut points: Vec<_> = (0..4).map(|hour| point(hour, Some(700.0))).collect();
    points[1].slow_ms = 3_600_000;
    let drawn = plot(Lang::En, &points, scale(HOUR)).unwrap();
    assert_eq!(drawn.slow, [Shade { x: 500, wide: 500 }]);
    assert!(drawn.limit.is_some() && drawn.limit_words == "slow above 1.0 s");
    assert!(drawn.slices[1].words.ends_with("slow for 1 hour"), "{}", drawn.slices[1].words);
    let quick: Vec<_> = (0..4).map(|hour| point(hour, Some(40.0))).collect();
    assert!(plot(Lang::En, &quick, scale(HOUR)).unwrap().limit.is_none());
}

proptest! {
    #[test]
    fn drawings_stay_within_their_sides(
        latencies in prop::collection::vec(prop::option::of(0.0_f64..1e7), 1..800),
    ) {
        let points: Vec<_> =
            latencies.iter().enumerate().map(|(hour, ms)| point(hour as u32, *ms)).collect();
        if let Some(plot) = plot(Lang::En, &points, scale(HOUR)) {
            let end = plot.slices.last().unwrap();
            prop_assert!(end.x + end.wide <= WIDE + 1 && plot.slices.len() <= 96);
            let first = plot.line[1..].split(' ').nth(1).unwrap();
            let first: u32 = first.split(['l', 'M']).next().unwrap().parse().unwrap();
            prop_assert!(first <= TALL);
        }
    }
}
