//! The chart of visitors' reports: half an hour a bar over a day, with whole hours below it and the average
//! of the day as a line.

use askama::Template;

use crate::{
    i18n::{Arg, Lang},
    lookup::reports::ReportCounts,
    web::chart::{
        latency::WIDE,
        ticks::{Tick, ticks},
    },
};
use model::moment::Moment;

/// Height of the drawing, in its own units.
const TALL: u32 = 200;
const HALF_HOUR: i64 = 1_800_000;
const BARS: i64 = 48;

#[derive(Template)]
#[template(path = "reports.html")]
struct ReportsChart {
    t: Lang,
    words: String,
    /// Each half hour: its place, its height and what it says.
    bars: Vec<ReportBar>,
    /// Marks along the bottom, each with its hour.
    ticks: Vec<(Tick, String)>,
    most: String,
    /// Height of the usual level.
    level: u32,
    level_words: String,
}

struct ReportBar {
    x: u32,
    wide: u32,
    tall: u32,
    at: Moment,
    words: String,
}

/// The chart as markup; `None` when nobody reported anything.
pub(super) fn html(t: Lang, reports: &ReportCounts, now: Moment) -> Option<String> {
    let first = now.millis().div_euclid(HALF_HOUR) - BARS + 1;
    let mut sums = [0_u32; BARS as usize];
    for (at, count) in &reports.curve {
        let place = usize::try_from(at.millis().div_euclid(HALF_HOUR) - first);
        if let Some(sum) = place.ok().and_then(|place| sums.get_mut(place)) {
            *sum = sum.saturating_add(*count);
        }
    }
    let most = sums.iter().copied().max().filter(|most| *most > 0)?;
    let scaled = |value: f64| (value * f64::from(TALL) / f64::from(most)).round() as u32;
    let edge = |place: i64| (place * i64::from(WIDE) / BARS) as u32;
    let begins = |place: i64| Moment::from_millis((first + place) * HALF_HOUR);
    let bar = |(place, sum): (i64, u32)| ReportBar {
        x: edge(place),
        wide: edge(place + 1) - edge(place),
        tall: scaled(f64::from(sum)),
        at: begins(place),
        words: format!(
            "{}: {}",
            t.clock(begins(place), Moment::default()),
            t.one("reports-bar", "n", u64::from(sum))
        ),
    };
    let (level, level_words) = level(t, reports, &sums);
    let chart = ReportsChart {
        t,
        words: t.one("lookup-curve", "most", u64::from(most)),
        bars: (0..).zip(sums).map(bar).collect(),
        ticks: ticks(begins(0), begins(BARS), now)
            .into_iter()
            .map(|tick| (tick, t.hour(tick.at)))
            .collect(),
        most: t.number(f64::from(most), 0),
        level: TALL - scaled(level.min(f64::from(most))),
        level_words,
    };
    let html = chart.render();
    html.inspect_err(|error| tracing::error!(%error, "a chart could not be rendered")).ok()
}

/// Reports in half an hour as is usual; while no day is over that says so, their average of this day.
fn level(t: Lang, reports: &ReportCounts, sums: &[u32]) -> (f64, String) {
    let Some((day, days)) = reports.usual else {
        let average = sums.iter().map(|sum| f64::from(*sum)).sum::<f64>() / BARS as f64;
        return (average, t.one("reports-average", "n", shown(average)));
    };
    let usual = f64::from(day) / BARS as f64;
    let args = [("n", shown(usual)), ("days", u64::from(days).into())];
    (usual, t.with("reports-usual", args))
}

/// A number of reports with as many decimals as make it more than nothing.
fn shown(reports: f64) -> Arg<'static> {
    Arg::Decimal(reports, if reports < 0.1 { 2 } else { 1 })
}
