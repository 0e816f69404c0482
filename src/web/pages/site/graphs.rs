//! The charts of a site's page with their surroundings: windows and regions to choose, rows of values, the
//! strip of days.

use std::{borrow::Cow, time::Duration};

use super::site_history::SiteHistory;
use crate::{
    board::LiveSite,
    i18n::{Arg, Lang},
    web::{
        Shared,
        chart::{
            ChartPoint,
            days::{self, ChartDay, DayKind, days},
            latency::{self, MAX_SLICES, Plot, PlotScale, plot},
            ticks::Tick,
        },
        extractors::locale::Locale,
        links,
        pages::components::{Stamp, tied},
        views::numbers::WINDOWS,
    },
};
use model::{moment::Moment, name::Region, verdict::Outage};

/// The chart of latencies.
pub(in crate::web::pages) struct Graph {
    t: Lang,
    /// True if a point is a day.
    pub(in crate::web::pages) by_day: bool,
    pub(in crate::web::pages) windows: Vec<ChartChoice>,
    /// Regions to choose from, if there are several.
    pub(in crate::web::pages) regions: Vec<ChartChoice>,
    pub(in crate::web::pages) plot: Option<Plot>,
    /// Address of the page that has the values as a table.
    pub(in crate::web::pages) values: Option<String>,
    /// The values, where no other page has them.
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

/// A link to another window or region.
pub(in crate::web::pages) struct ChartChoice {
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
    /// Time down.
    pub(in crate::web::pages) down: Option<String>,
}

/// The values of an hour or, in a longer window, of a day.
pub(super) struct RowGroup {
    pub(super) at: Stamp,
    /// All of it in a few words.
    pub(super) words: String,
    /// The worst in it, for the style sheet.
    pub(super) class: &'static str,
    /// True if its parts tell more than all of it: some are bad, others are not.
    pub(super) open: bool,
    pub(super) rows: Vec<PointRow>,
}

/// The strip of days.
pub(super) struct DayStrip {
    pub(super) days: Vec<ChartDay>,
    pub(super) words: String,
    pub(super) legend: [(DayKind, String); 4],
    /// The date of the first.
    pub(super) first: String,
}

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// Points that a chart has at least.
const LEAST_POINTS: usize = 12;

/// The chart of a window of the past.
pub(super) fn graph(
    shared: &Shared,
    locale: &Locale,
    live: &LiveSite,
    (word, region): (&str, Option<&Region>),
    past: Option<&SiteHistory>,
) -> Graph {
    let slug = live.site.slug.as_str();
    let (windows, regions) = choices(locale, live, &links::site(slug), (word, region));
    let chosen = region.map(|region| format!("&region={region}")).unwrap_or_default();
    let values = locale.href(&format!("{}?window={word}{chosen}", links::values(slug)));
    Graph { windows, regions, values: Some(values), ..drawn(shared, locale.lang, live, past) }
}

/// Links to the other windows and, if there are several, regions of a page that shows these.
pub(super) fn choices(
    locale: &Locale,
    live: &LiveSite,
    path: &str,
    (word, region): (&str, Option<&Region>),
) -> (Vec<ChartChoice>, Vec<ChartChoice>) {
    let t = locale.lang;
    let href = |window: &str, region: Option<&Region>| {
        let region = region.map(|region| format!("&region={region}")).unwrap_or_default();
        locale.href(&format!("{path}?window={window}{region}#chart"))
    };
    let window = |(name, _)| ChartChoice {
        href: href(name, region),
        word: t.say(&format!("chart-{name}")).into_owned(),
        current: name == word,
    };
    let all = ChartChoice {
        href: href(word, None),
        word: t.say("chart-all-regions").into_owned(),
        current: region.is_none(),
    };
    let each = live.regions.iter().map(|seen| ChartChoice {
        href: href(word, Some(&seen.region)),
        word: seen.region.to_string(),
        current: region == Some(&seen.region),
    });
    // One place alone is nothing that a visitor can choose.
    let several = live.regions.len() > 1;
    let regions = std::iter::once(all).chain(each).filter(|_| several).collect();
    (WINDOWS.map(window).into(), regions)
}

/// The chart of a stretch of the past, which cannot be changed for another, with its values.
pub(in crate::web::pages) fn stretch(
    shared: &Shared,
    t: Lang,
    live: &LiveSite,
    past: &SiteHistory,
) -> Graph {
    Graph { rows: rows(t, past), ..drawn(shared, t, live, Some(past)) }
}

fn drawn(shared: &Shared, t: Lang, live: &LiveSite, past: Option<&SiteHistory>) -> Graph {
    let scale = |past: &SiteHistory| PlotScale {
        step: past.step,
        interval: live.site.interval,
        limit: f64::from(slow_limit(shared, live)) / 1e3,
        now: shared.second(),
    };
    Graph {
        t,
        by_day: past.is_some_and(|past| past.step >= DAY),
        windows: Vec::new(),
        regions: Vec::new(),
        values: None,
        rows: Vec::new(),
        nothing: nothing(t, past),
        plot: past.and_then(|past| {
            let plot = plot(t, since_watched(past, live), scale(past))?;
            Some(Plot { words: tied(&plot.words), ..plot })
        }),
    }
}

/// Sentence for when there is nothing to show.
pub(super) fn nothing(t: Lang, past: Option<&SiteHistory>) -> String {
    t.say(if past.is_some() { "chart-none" } else { "chart-away" }).into_owned()
}

/// The points from the first that the site was watched in: before it there is nothing to draw.
fn since_watched<'a>(past: &'a SiteHistory, live: &LiveSite) -> &'a [ChartPoint] {
    let since = live.uptime.since;
    let is_before = |point: &&ChartPoint| since.is_some_and(|since| point.at + past.step <= since);
    let before = past.points.iter().take_while(is_before).count();
    &past.points[before.min(past.points.len().saturating_sub(LEAST_POINTS))..]
}

/// Latency above which a check of this site is slow, in microseconds, as the judge has it.
pub(super) fn slow_limit(shared: &Shared, live: &LiveSite) -> u32 {
    let rules = &shared.web.rules;
    let micros = |length: Duration| u32::try_from(length.as_micros()).unwrap_or(u32::MAX);
    live.site.slow_after.map_or_else(
        || {
            let floor = micros(rules.slow_floor);
            live.usual.map_or(floor, |u| floor.max(u.saturating_mul(rules.slow_factor)))
        },
        micros,
    )
}

/// The values, newest first, in as many rows as the chart has slices; what nothing is known of is left out.
pub(super) fn rows(t: Lang, past: &SiteHistory) -> Vec<PointRow> {
    let row = |points: &[ChartPoint]| {
        let at = points.first()?.at;
        let at = if past.step >= DAY { Stamp::day(t, at) } else { Stamp::full(t, at) };
        PointRow::of(t, points, at)
    };
    let many = past.points.len().div_ceil(MAX_SLICES).max(1);
    past.points.rchunks(many).filter_map(row).collect()
}

/// The same by hour, or by day in a longer window.
pub(super) fn groups(t: Lang, past: &SiteHistory, now: Moment) -> Vec<RowGroup> {
    let whole = if past.step < HOUR { HOUR } else { DAY };
    let slice = past.step * past.points.len().div_ceil(MAX_SLICES).max(1) as u32;
    let place =
        |point: &ChartPoint, long: Duration| point.at.millis().div_euclid(long.as_millis() as i64);
    // The last of a chart is the first of the table.
    let mut above = now;
    let mut all = Vec::new();
    for points in past.points.chunk_by(|a, b| place(a, whole) == place(b, whole)).rev() {
        let Some(begin) = points.first().map(|point| point.at) else { continue };
        let slices = points.chunk_by(|a, b| place(a, slice) == place(b, slice)).rev();
        let row = |slice: &[ChartPoint]| {
            PointRow::of(t, slice, Stamp::end(t, slice.first()?.at, begin, now))
        };
        let rows: Vec<PointRow> = slices.filter_map(row).collect();
        if rows.is_empty() {
            continue;
        }
        let at = if whole < DAY { Stamp::end(t, begin, above, now) } else { Stamp::day(t, begin) };
        let mut seen = points.iter().filter(|point| point.checks > 0).map(trouble);
        let worst = seen.clone().max().unwrap_or_default();
        all.push(RowGroup {
            at,
            words: tied(&latency::told(t, points)),
            class: ["", "slow", "down"][usize::from(worst)],
            open: worst > 0 && seen.any(|trouble| trouble == 0),
            rows,
        });
        above = begin;
    }
    all
}

/// Badness of a point: 2 if the site was down, 1 if it was slow. A check that failed by itself is none.
fn trouble(point: &ChartPoint) -> u8 {
    if point.down_ms > 0 { 2 } else { u8::from(point.slow_ms > 0) }
}

impl PointRow {
    /// The values of these points together; `None` without checks.
    fn of(t: Lang, points: &[ChartPoint], at: Stamp) -> Option<Self> {
        let none = || t.say("none").into_owned();
        let sum = |of: fn(&ChartPoint) -> u64| points.iter().map(of).sum::<u64>();
        let down = Duration::from_millis(sum(|point| point.down_ms));
        let checks = sum(|point| point.checks);
        (checks > 0).then(|| Self {
            at,
            half: latency::typical(t, points).map_or_else(none, |ms| tied(&ms)),
            most: latency::slowest(points).map_or_else(none, |ms| tied(&latency::latency(t, ms))),
            checks: t.number(checks as f64, 0),
            failed: t.number(sum(|point| point.failed) as f64, 0),
            down: (!down.is_zero()).then(|| tied(&t.duration(down))),
        })
    }
}

/// The strip of days; `None` when nothing is known of them.
pub(super) fn strip(
    t: Lang,
    points: &[ChartPoint],
    outages: &[Cow<'_, Outage>],
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
    let first = points.first().map_or_else(String::new, |point| t.day(point.at));
    Some(DayStrip { days, words, legend, first })
}

/// The size of the drawings, for the templates.
pub(in crate::web::pages) const SIZES: [u32; 4] =
    [latency::WIDE, latency::TALL, days::WIDE, days::TALL];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_told_in_a_line_and_shown_in_parts_where_these_differ() {
        let now = Moment::parse("2017-03-01T14:00:00Z").unwrap();
        let step = Duration::from_mins(5);
        let point = |n: u32| {
            let ago = 288 - n;
            let hours = ago.div_ceil(12);
            ChartPoint {
                at: now - step * ago,
                checks: 10,
                // Ten minutes of the third hour back, the whole fifth, and a quarter of the ninth.
                failed: if (ago == 30 || ago == 31) || hours == 5 { 4 } else { 0 },
                down_ms: if hours == 5 { 300_000 } else { 0 },
                slow_ms: if (106..=108).contains(&ago) { 300_000 } else { 0 },
                p50: Some(f64::from(80 + n % 3)),
                p95: Some(120.0),
                ..ChartPoint::default()
            }
        };
        let past = SiteHistory { points: (0..288).map(point).collect(), step };
        let groups = groups(Lang::En, &past, now);
        assert_eq!(groups.len(), 24);
        assert_eq!(groups.iter().map(|group| group.rows.len()).sum::<usize>(), 96);
        for (place, group) in groups.iter().enumerate() {
            let (class, open, words) = match place {
                2 => ("", false, "80 ms to 82 ms; 8 of 120 checks failed"),
                4 => ("down", false, "80 ms to 82 ms; 48 of 120 checks failed; down for 1 hour"),
                8 => ("slow", true, "80 ms to 82 ms; slow for 15 minutes"),
                _ => ("", false, "80 ms to 82 ms"),
            };
            let told = group.words.replace('\u{a0}', " ");
            assert_eq!((group.class, group.open, &*told), (class, open, words), "{place}");
        }
        // The day is said where it is another one than that above.
        let days = groups.iter().filter(|group| group.at.to_string().contains("February"));
        assert_eq!(days.count(), 1);
        let silent = SiteHistory {
            points: vec![ChartPoint { at: now, checks: 3, failed: 3, ..ChartPoint::default() }],
            step,
        };
        let told = super::groups(Lang::Nl, &silent, now).remove(0).words;
        assert_eq!(told.replace('\u{a0}', " "), "alle 3 controles mislukt");
    }
}
