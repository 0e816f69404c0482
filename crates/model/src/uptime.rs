//! Uptime: the share of judged time that was not `down`, exact at the edges of its window.
//!
//! It is computed from verdict changes, never by counting checks, so that a faster recheck while a
//! site is down does not bend it. Time that was not judged counts as neither.

use std::time::Duration;

use super::{moment::Moment, verdict::Status};

const DAY: Duration = Duration::from_hours(24);

/// The longest window: what lies further back is not needed.
pub const LONGEST_WINDOW: Duration = Duration::from_hours(24 * 90);

/// A verdict change, as far as uptime needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusChange {
    /// From when the verdict holds.
    pub from: Moment,
    /// The moment when it was settled.
    pub at: Moment,
    /// The verdict.
    pub status: Status,
}

/// A stretch of time with one status; the end is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its first millisecond.
    pub from: Moment,
    /// The first after it.
    pub until: Moment,
    /// Status during the span.
    pub status: Status,
}

/// Shares of judged time not `down`, 0 to 1, in the windows that end now; `None` where less than half
/// of the window was judged: a figure for a time that nobody watched would say what nobody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Uptime {
    /// The last 24 hours.
    pub day: Option<f64>,
    /// The last 7 days.
    pub week: Option<f64>,
    /// The last 30 days.
    pub month: Option<f64>,
    /// The last 90 days.
    pub quarter: Option<f64>,
    /// The first moment within the longest window that was judged.
    pub since: Option<Moment>,
}

impl Uptime {
    /// The uptimes at this moment, from spans that reach back over [`LONGEST_WINDOW`].
    pub fn of(spans: &[Span], now: Moment) -> Self {
        let last = |days: u32| {
            let (judged, down) = judged(spans, now - DAY * days, now);
            (judged * 2 >= DAY * days).then(|| share_of(judged, down))
        };
        let mut known = spans.iter().filter(|span| span.status != Status::Unknown);
        let since = known.find(|span| span.until > now - LONGEST_WINDOW);
        Self {
            day: last(1),
            week: last(7),
            month: last(30),
            quarter: last(90),
            since: since.map(|span| span.from.max(now - LONGEST_WINDOW)),
        }
    }
}

/// The spans of one site until now, from its changes in the order in which they were settled.
///
/// Each lasts until the next begins. A change reaches back to its `from`, but not before an earlier
/// change that begins later: that one had been confirmed, and stays.
pub fn spans(marks: &[StatusChange], now: Moment) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::with_capacity(marks.len());
    for mark in marks {
        let mut from = mark.from.min(now);
        if let Some(last) = spans.last_mut() {
            if from < last.from {
                from = mark.at.max(last.from).min(now);
            }
            last.until = from;
        }
        spans.push(Span { from, until: now, status: mark.status });
    }
    spans
}

/// Part of a span that lies in `[from, until)`.
pub fn within(span: &Span, from: Moment, until: Moment) -> Duration {
    span.until.min(until).since(span.from.max(from))
}

/// The share of judged time in `[from, until)` that was not `down`; `None` when none was judged.
///
/// `partial` is up: most regions reach the site.
pub fn share(spans: &[Span], from: Moment, until: Moment) -> Option<f64> {
    let (judged, down) = judged(spans, from, until);
    (judged > Duration::ZERO).then(|| share_of(judged, down))
}

/// Judged time of `[from, until)`, and the part of it that was `down`.
fn judged(spans: &[Span], from: Moment, until: Moment) -> (Duration, Duration) {
    let (mut judged, mut down) = (Duration::ZERO, Duration::ZERO);
    for span in spans.iter().filter(|s| s.status != Status::Unknown) {
        let part = within(span, from, until);
        judged += part;
        if span.status == Status::Down {
            down += part;
        }
    }
    (judged, down)
}

fn share_of(judged: Duration, down: Duration) -> f64 {
    judged.saturating_sub(down).as_millis() as f64 / judged.as_millis() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Moment {
        Moment::from_millis(seconds * 1000)
    }

    fn mark(from: i64, settled: i64, status: Status) -> StatusChange {
        StatusChange { from: at(from), at: at(settled), status }
    }

    #[test]
    fn counts_down_time_from_its_retroactive_start_and_leaves_gaps_out() {
        let marks = [
            mark(0, 5, Status::Up),
            mark(100, 110, Status::Down),
            mark(200, 210, Status::Up),
            mark(300, 320, Status::Unknown),
            mark(400, 400, Status::Up),
        ];
        let spans = spans(&marks, at(500));
        assert_eq!(share(&spans, at(0), at(500)), Some(0.75));
        assert_eq!(share(&spans, at(150), at(250)), Some(0.5));
        assert_eq!(share(&spans, at(100), at(200)), Some(0.0));
        assert_eq!(share(&spans, at(300), at(400)), None);
        assert_eq!(share(&spans, at(199), at(400)), Some(100.0 / 101.0));
    }

    #[test]
    fn a_change_does_not_undo_what_was_confirmed_before_it() {
        let marks = [
            mark(0, 0, Status::Up),
            mark(50, 60, Status::Partial),
            mark(70, 80, Status::Down),
            mark(50, 90, Status::Partial),
        ];
        let spans = spans(&marks, at(100));
        assert_eq!(share(&spans, at(0), at(100)), Some(0.8));
    }

    #[test]
    fn windows_end_now_and_differ() {
        let day = 86_400;
        let marks = [mark(-day * 89, -day * 89, Status::Down), mark(0, 0, Status::Up)];
        let uptime = Uptime::of(&spans(&marks, at(day)), at(day));
        assert_eq!((uptime.day, uptime.week), (Some(1.0), Some(1.0 / 7.0)));
        assert_eq!(uptime.quarter, Some(1.0 / 90.0));
        assert_eq!(uptime.since, Some(at(-day * 89)));
        assert_eq!(Uptime::of(&[], at(0)), Uptime::default());
    }

    #[test]
    fn a_window_of_which_less_than_half_was_judged_has_no_share() {
        let (hour, day) = (3_600, 86_400);
        let known = |marks: &[StatusChange]| {
            let uptime = Uptime::of(&spans(marks, at(0)), at(0));
            let windows = [uptime.day, uptime.week, uptime.month, uptime.quarter];
            (windows.map(|share| share.is_some()), uptime.since)
        };
        for (watched, want) in [
            (1, [false; 4]),
            (12, [true, false, false, false]),
            (84, [true, true, false, false]),
            (15 * 24, [true, true, true, false]),
            (45 * 24, [true; 4]),
        ] {
            let begin = -watched * hour;
            let (windows, since) = known(&[mark(begin, begin, Status::Up)]);
            assert_eq!((windows, since), (want, Some(at(begin))), "{watched} hours");
        }
        // A gap counts as unwatched, and what was before the windows says nothing of since when.
        let gap = [
            mark(-day * 200, -day * 200, Status::Unknown),
            mark(-day * 2, -day * 2, Status::Up),
            mark(-hour * 20, -hour * 20, Status::Unknown),
            mark(-hour, -hour, Status::Up),
        ];
        assert_eq!(known(&gap), ([false; 4], Some(at(-day * 2))));
        assert_eq!(known(&[mark(-day * 200, -day * 200, Status::Up)]).1, Some(at(-day * 90)));
    }

    proptest! {
        #[test]
        fn a_share_is_within_0_and_1_and_spans_are_in_order(
            steps in prop::collection::vec((0_i64..500, 0_i64..90, 0_usize..5), 0..40),
        ) {
            let mut settled = 0;
            let marks: Vec<StatusChange> = steps.iter().map(|&(step, back, status)| {
                settled += step;
                mark(settled - back, settled, Status::ALL[status])
            }).collect();
            let spans = spans(&marks, at(settled));
            prop_assert!(spans.windows(2).all(|w| w[0].from <= w[0].until && w[0].until == w[1].from));
            let all = share(&spans, at(-100), at(settled));
            prop_assert!(all.is_none_or(|s| (0.0..=1.0).contains(&s)));
        }
    }
}
