//! The charts of a site's page with their surroundings: windows to choose, values as a table, the
//! strip of days.

use std::time::Duration;

use super::past::Past;
use crate::{
    board::LiveSite,
    i18n::{Arg, Lang},
    web::{
        Shared,
        chart::{
            ChartPoint,
            days::{self, ChartDay, DayKind, days},
            latency::{self, Plot, PlotScale, plot},
            ticks::Tick,
        },
        extractors::locale::Locale,
        links,
        pages::components::Stamp,
        views::numbers::WINDOWS,
    },
};
use model::{moment::Moment, verdict::Outage};

/// The chart of latencies.
pub(in crate::web::pages) struct Graph {
    t: Lang,
    /// True if a point is a day.
    pub(in crate::web::pages) by_day: bool,
    pub(in crate::web::pages) windows: Vec<Window>,
    pub(in crate::web::pages) plot: Option<Plot>,
    pub(in crate::web::pages) rows: Vec<PointRow>,
    /// Sentence for when there is nothing to draw.
    pub(in crate::web::pages) nothing: String,
}

impl Graph {
    /// The words of a mark along the bottom.
    pub(in crate::web::pages) fn mark(&self, tick: &Tick) -> String {
        if tick.day { self.t.day_short(tick.at) } else { self.t.hour(tick.at) }
    }
}

/// A link to another window.
pub(in crate::web::pages) struct Window {
    pub(in crate::web::pages) href: String,
    pub(in crate::web::pages) word: String,
    pub(in crate::web::pages) current: bool,
}

/// The values of one point.
pub(in crate::web::pages) struct PointRow {
    pub(in crate::web::pages) at: Stamp,
    pub(in crate::web::pages) half: String,
    pub(in crate::web::pages) most: String,
    pub(in crate::web::pages) checks: String,
    pub(in crate::web::pages) failed: String,
    pub(in crate::web::pages) uptime: String,
}

/// The strip of days.
pub(super) struct DayStrip {
    pub(super) days: Vec<ChartDay>,
    pub(super) words: String,
    pub(super) legend: [(DayKind, String); 4],
}

const DAY: Duration = Duration::from_hours(24);

/// The chart of a window of the past.
pub(super) fn graph(
    shared: &Shared,
    locale: &Locale,
    watched: &LiveSite,
    word: &str,
    past: Option<&Past>,
) -> Graph {
    let t = locale.lang;
    let path = links::site(watched.site.slug.as_str());
    let window = |(name, _)| Window {
        href: locale.href(&format!("{path}?window={name}#chart")),
        word: t.say(&format!("chart-{name}")).into_owned(),
        current: name == word,
    };
    Graph { windows: WINDOWS.map(window).into(), ..stretch(shared, t, watched, past) }
}

/// The chart of a stretch of the past, which cannot be changed for another.
pub(in crate::web::pages) fn stretch(
    shared: &Shared,
    t: Lang,
    watched: &LiveSite,
    past: Option<&Past>,
) -> Graph {
    let scale = |past: &Past| PlotScale {
        step: past.step,
        interval: watched.site.interval,
        limit: f64::from(slow_limit(shared, watched)) / 1e3,
        now: shared.second(),
    };
    Graph {
        t,
        by_day: past.is_some_and(|past| past.step >= DAY),
        windows: Vec::new(),
        rows: past.map(|past| rows(t, past)).unwrap_or_default(),
        nothing: t.say(if past.is_some() { "chart-none" } else { "chart-away" }).into_owned(),
        plot: past.and_then(|past| plot(t, &past.points, scale(past))),
    }
}

/// Latency above which a check of this site is slow, in microseconds, as the judge has it.
pub(super) fn slow_limit(shared: &Shared, watched: &LiveSite) -> u32 {
    let rules = &shared.web.rules;
    let micros = |length: Duration| u32::try_from(length.as_micros()).unwrap_or(u32::MAX);
    watched.site.slow_after.map_or_else(
        || {
            let floor = micros(rules.slow_floor);
            watched.usual.map_or(floor, |u| floor.max(u.saturating_mul(rules.slow_factor)))
        },
        micros,
    )
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
pub(super) fn strip(
    t: Lang,
    points: &[ChartPoint],
    outages: &[&Outage],
    now: Moment,
) -> Option<DayStrip> {
    let days = days(t, points, outages, now);
    let count = |kind| days.iter().filter(|day| day.kind == kind).count();
    let [good, some, bad, gap] = DayKind::ALL.map(count);
    if good + some + bad == 0 {
        return None;
    }
    let args = [("good", good), ("bad", some + bad), ("gap", gap)];
    let words = t.with("days-words", args.map(|(name, count)| (name, Arg::from(count))));
    let legend = DayKind::ALL.map(|kind| (kind, t.say(&format!("days-{}", kind.word())).into()));
    Some(DayStrip { days, words, legend })
}

/// The size of the drawings, for the templates.
pub(in crate::web::pages) const SIZES: [u32; 4] =
    [latency::WIDE, latency::TALL, days::WIDE, days::TALL];
