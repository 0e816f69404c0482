//! The charts of a site's page with their surroundings: windows to choose, values as a table, the
//! strip of days.

use std::time::Duration;

use super::past::Past;
use crate::{
    i18n::{Arg, Lang},
    web::{
        chart::{
            ChartPoint,
            days::{self, ChartDay, days},
            latency::{self, Plot, plot},
        },
        extractors::locale::Locale,
        pages::components::Stamp,
        views::numbers::WINDOWS,
    },
};

/// The chart of latencies.
pub(super) struct Graph {
    pub(super) windows: Vec<Window>,
    pub(super) plot: Option<Plot>,
    pub(super) ticks: Vec<Stamp>,
    pub(super) rows: Vec<PointRow>,
    /// Sentence for when there is nothing to draw.
    pub(super) nothing: String,
}

/// A link to another window.
pub(super) struct Window {
    pub(super) href: String,
    pub(super) word: String,
    pub(super) current: bool,
}

/// The values of one point.
pub(super) struct PointRow {
    pub(super) at: Stamp,
    pub(super) half: String,
    pub(super) most: String,
    pub(super) checks: String,
    pub(super) failed: String,
    pub(super) uptime: String,
}

/// The strip of days.
pub(super) struct DayStrip {
    pub(super) days: Vec<ChartDay>,
    pub(super) words: String,
}

const DAY: Duration = Duration::from_hours(24);

/// The chart of a window of the past.
pub(super) fn graph(locale: &Locale, path: &str, word: &str, past: Option<&Past>) -> Graph {
    let t = locale.lang;
    let window = |(name, _)| Window {
        href: locale.href(&format!("{path}?window={name}#chart")),
        word: t.say(&format!("chart-{name}")).into_owned(),
        current: name == word,
    };
    let drawn = past.and_then(|past| plot(t, &past.points, past.step));
    let long = past.is_some_and(|past| past.step * past.points.len() as u32 > DAY * 2);
    let tick = |at| if long { Stamp::day_of_year(t, at) } else { Stamp::minute(at) };
    Graph {
        windows: WINDOWS.map(window).into(),
        ticks: drawn.iter().flat_map(|plot| plot.ticks).map(tick).collect(),
        rows: past.map(|past| rows(t, past)).unwrap_or_default(),
        nothing: t.say(if past.is_some() { "chart-none" } else { "chart-away" }).into_owned(),
        plot: drawn,
    }
}

/// The values, newest first; stretches where nothing is known are left out.
fn rows(t: Lang, past: &Past) -> Vec<PointRow> {
    let ms = |value: Option<f64>| {
        value.map_or_else(|| t.say("none").into_owned(), |ms| latency::latency(t, ms))
    };
    let row = |point: &ChartPoint| PointRow {
        at: if past.step >= DAY { Stamp::day(t, point.at) } else { Stamp::full(t, point.at) },
        half: ms(point.p50),
        most: ms(point.p95),
        checks: t.number(point.checks as f64, 0),
        failed: t.number(point.failed as f64, 0),
        uptime: point.uptime.map_or_else(|| t.say("none").into_owned(), |share| t.percent(share)),
    };
    past.points.iter().rev().filter(|point| point.checks > 0).map(row).collect()
}

/// The strip of days; `None` when nothing is known of them.
pub(super) fn strip(t: Lang, points: &[ChartPoint]) -> Option<DayStrip> {
    let days = days(t, points);
    let count = |class: &str| days.iter().filter(|day| day.class == class).count();
    let (good, some, gap) = (count("good"), count("some"), count("gap"));
    if good + some == 0 {
        return None;
    }
    let args = [("good", good), ("some", some), ("gap", gap)];
    let words = t.with("days-words", args.map(|(name, count)| (name, Arg::from(count))));
    Some(DayStrip { days, words })
}

/// The size of the drawings, for the templates.
pub(super) const SIZES: [u32; 4] = [latency::WIDE, latency::TALL, days::WIDE, days::TALL];
