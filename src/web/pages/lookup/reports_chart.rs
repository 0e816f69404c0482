//! The chart of visitors' reports: half an hour a bar over a day, with whole hours below it and the usual
//! level as a line, once a day is over that says what is usual.

use askama::Template;

use crate::{
    i18n::Lang,
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
    /// Height of the usual level, and its words.
    usual: Option<(u32, String)>,
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
    let usual = reports.usual.map(|(day, days)| {
        let level = scaled((f64::from(day) / BARS as f64).min(f64::from(most)));
        let words = t.two("reports-usual", ("n", u64::from(day)), ("days", u64::from(days)));
        (TALL - level, words)
    });
    let chart = ReportsChart {
        t,
        words: t.one("reports-chart", "most", u64::from(most)),
        bars: (0..).zip(sums).map(bar).collect(),
        ticks: ticks(begins(0), begins(BARS), now)
            .into_iter()
            .map(|tick| (tick, t.hour(tick.at)))
            .collect(),
        most: t.number(f64::from(most), 0),
        usual,
    };
    let html = chart.render();
    html.inspect_err(|error| tracing::error!(%error, "a chart could not be rendered")).ok()
}
