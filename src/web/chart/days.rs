//! The strip of days: one bar a day, red from the top for as much of it as was down.

use std::time::Duration;

use super::{ChartPoint, edge};
use crate::i18n::{Arg, Lang};

/// Width and height of the drawing, in its own units.
pub(in crate::web) const WIDE: u32 = 1820;
/// See [`WIDE`].
pub(in crate::web) const TALL: u32 = 80;

/// One day.
#[derive(Debug, PartialEq)]
pub(in crate::web) struct ChartDay {
    pub(in crate::web) x: u32,
    pub(in crate::web) wide: u32,
    /// `good`, `some` or `gap`.
    pub(in crate::web) class: &'static str,
    /// Height of the red part of the bar, from the top.
    pub(in crate::web) red: u32,
    pub(in crate::web) date: String,
    /// The uptime in words.
    pub(in crate::web) uptime: String,
    /// Time down, in words; empty when it was not.
    pub(in crate::web) down: String,
    pub(in crate::web) words: String,
}

/// A bar for each day, oldest first.
pub(in crate::web) fn days(t: Lang, points: &[ChartPoint]) -> Vec<ChartDay> {
    let count = points.len();
    let day = |(place, point): (usize, &ChartPoint)| {
        let (x, end) = (edge(place, count, WIDE), edge(place + 1, count, WIDE));
        let wide = (end - x).saturating_sub(4).max(2);
        let date = t.date(point.at);
        let Some(share) = point.uptime else {
            let none = t.say("site-uptime-none").into_owned();
            let words = t.two("day-gap", ("date", &date), ("none", &none));
            return ChartDay {
                x,
                wide,
                class: "gap",
                red: 0,
                date,
                uptime: none,
                down: String::new(),
                words,
            };
        };
        let is_down = point.down_ms > 0;
        let uptime = t.percent(if is_down { share.min(0.999_99) } else { share });
        let words = t.two("day-good", ("date", &date), ("uptime", &uptime));
        if !is_down {
            return ChartDay {
                x,
                wide,
                class: "good",
                red: 0,
                date,
                uptime,
                down: String::new(),
                words,
            };
        }
        let down = t.duration(Duration::from_millis(point.down_ms));
        // A short outage must be seen as well.
        let red = (f64::from(TALL) * (1.0 - share)).max(f64::from(TALL) / 4.0) as u32;
        let args = [
            ("date", Arg::from(&date)),
            ("uptime", Arg::from(&uptime)),
            ("long", Arg::from(&down)),
        ];
        let words = t.with("day-down", args);
        ChartDay { x, wide, class: "some", red, date, uptime, down, words }
    };
    points.iter().enumerate().map(day).collect()
}
