//! The strip of days: one bar a day, whose colour and height say by one rule how the day was.

use std::{borrow::Cow, time::Duration};

use super::{ChartPoint, edge};
use crate::i18n::{Arg, Lang};
use model::{moment::Moment, verdict::Outage};

/// Width and height of the drawing, in its own units.
pub(in crate::web) const WIDE: u32 = 1820;
/// See [`WIDE`].
pub(in crate::web) const TALL: u32 = 80;

/// Kind of a day; the rule is the same for every site and stands in the legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum DayKind {
    /// Nothing was judged.
    Gap,
    /// Neither down nor slow.
    Good,
    /// Slow, partly down, or down for less than an hour.
    Troubled,
    /// Down for an hour or longer.
    Bad,
}

/// Time down from which on a day is bad.
const LONG: u64 = 3_600_000;
/// Outages of a day that are named.
const NAMED: usize = 3;
const DAY: Duration = Duration::from_hours(24);

impl DayKind {
    /// All of them, in the order of the legend.
    pub(in crate::web) const ALL: [Self; 4] = [Self::Good, Self::Troubled, Self::Bad, Self::Gap];

    fn of(point: &ChartPoint) -> Self {
        match point.down_ms {
            _ if point.uptime.is_none() => Self::Gap,
            LONG.. => Self::Bad,
            0 if point.slow_ms + point.partial_ms == 0 => Self::Good,
            _ => Self::Troubled,
        }
    }

    /// Its name in the style sheet and in the messages of the legend.
    pub(in crate::web) fn word(self) -> &'static str {
        match self {
            Self::Gap => "gap",
            Self::Good => "good",
            Self::Troubled => "some",
            Self::Bad => "bad",
        }
    }

    /// Height of its bar, so that colour alone says nothing.
    pub(in crate::web) fn tall(self) -> u32 {
        match self {
            Self::Gap => TALL / 4,
            Self::Good => TALL * 5 / 8,
            Self::Troubled => TALL * 13 / 16,
            Self::Bad => TALL,
        }
    }
}

/// One day.
#[derive(Debug, PartialEq)]
pub(in crate::web) struct ChartDay {
    pub(in crate::web) x: u32,
    pub(in crate::web) wide: u32,
    pub(in crate::web) kind: DayKind,
    /// The day as an address has it.
    pub(in crate::web) key: String,
    pub(in crate::web) date: String,
    /// The uptime in words.
    pub(in crate::web) uptime: String,
    /// Time down, in words; empty when it was not.
    pub(in crate::web) down: String,
    /// All of it with its outages, in words.
    pub(in crate::web) words: String,
}

/// A bar for each day, oldest first, with what these outages did to it.
pub(in crate::web) fn days(
    t: Lang,
    points: &[ChartPoint],
    outages: &[Cow<'_, Outage>],
    now: Moment,
) -> Vec<ChartDay> {
    let count = points.len();
    let day = |(place, point): (usize, &ChartPoint)| {
        let (x, end) = (edge(place, count, WIDE), edge(place + 1, count, WIDE));
        let kind = DayKind::of(point);
        let date = t.date(point.at);
        let is_down = point.down_ms > 0;
        let share = point.uptime.map(|share| if is_down { share.min(0.999_99) } else { share });
        let uptime = share.map_or_else(|| t.say("days-gap").into(), |s| t.percent(s));
        let long = Duration::from_millis(point.down_ms);
        let down = if is_down { t.duration(long) } else { String::new() };
        let mut words = vec![match kind {
            DayKind::Gap => t.two("day-gap", ("date", &date), ("none", &uptime)),
            _ if is_down => {
                let args = [("date", &date), ("uptime", &uptime), ("long", &down)];
                t.with("day-down", args.map(|(name, text)| (name, Arg::from(text))))
            }
            _ => t.two("day-good", ("date", &date), ("uptime", &uptime)),
        }];
        words.extend(named(t, point.at, outages, now));
        ChartDay {
            x,
            wide: (end - x).saturating_sub(4).max(2),
            kind,
            key: point.at.to_utc().date().to_string(),
            date,
            uptime,
            down,
            words: words.join(" · "),
        }
    };
    points.iter().enumerate().map(day).collect()
}

/// The outages that touch the day which begins then, each in a few words, the longest first.
fn named(t: Lang, begins: Moment, outages: &[Cow<'_, Outage>], now: Moment) -> Vec<String> {
    let ends = begins + DAY;
    let within = |outage: &&Outage| {
        let until = outage.ended_at.unwrap_or(now).min(ends);
        until.since(outage.started_at.max(begins))
    };
    let touches =
        |outage: &&Outage| outage.started_at < ends && outage.ended_at.unwrap_or(now) > begins;
    let mut those: Vec<&Outage> = outages.iter().map(|outage| &**outage).filter(touches).collect();
    those.sort_by_key(|outage| std::cmp::Reverse(within(outage)));
    let more = those.len().saturating_sub(NAMED);
    let mut words: Vec<String> = those
        .into_iter()
        .take(NAMED)
        .map(|outage| {
            let (status, long) = (t.outage_status(outage), t.duration(within(&outage)));
            let said = t.two("day-outage", ("status", status), ("long", long));
            match &outage.cause {
                Some(cause) => {
                    t.two("cause-detail", ("words", said), ("detail", t.failure(cause.failure)))
                }
                None => said,
            }
        })
        .collect();
    if more > 0 {
        words.push(t.one("provider-events-more", "n", more));
    }
    words
}
