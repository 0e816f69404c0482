//! Small pictures beside the badges: a dot that is also a shape, and the last 90 days as bars.
//!
//! Colours are visible on light and on dark; the shape or the height carries the same meaning.

use std::fmt::{self, Write};

use super::draw::Escaped;
use model::verdict::Status;

/// Days that are shown.
pub(super) const DAYS: usize = 90;

/// A day of a site.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::web) enum BadgeDay {
    /// Nothing was judged.
    Unknown,
    /// This share of its judged time was not down; it may have been slow.
    Judged(f64),
}

/// The status as a shape in its colour, 16 by 16.
pub(super) fn dot(name: &str, status: Status, word: &str) -> String {
    let shape = match status {
        Status::Up => "<circle cx=\"8\" cy=\"8\" r=\"7\" fill=\"#1f9d55\"/>",
        Status::Slow => {
            "<circle cx=\"8\" cy=\"8\" r=\"6\" fill=\"none\" stroke=\"#c98a00\" \
             stroke-width=\"2\"/><path d=\"M8 4.5v3.8l2.5 1.6\" fill=\"none\" \
             stroke=\"#c98a00\" stroke-width=\"1.8\"/>"
        }
        Status::Partial => {
            "<circle cx=\"8\" cy=\"8\" r=\"6\" fill=\"none\" stroke=\"#e06a1b\" \
             stroke-width=\"2\"/><path d=\"M8 2a6 6 0 0 1 0 12z\" fill=\"#e06a1b\"/>"
        }
        Status::Down => {
            "<path d=\"M5 1h6l4 4v6l-4 4H5l-4-4V5z\" fill=\"#dc3b3b\"/>\
             <path d=\"M5.5 5.5l5 5m0-5l-5 5\" stroke=\"#fff\" stroke-width=\"1.8\"/>"
        }
        Status::Unknown => {
            "<circle cx=\"8\" cy=\"8\" r=\"6\" fill=\"none\" stroke=\"#8a8f98\" \
             stroke-width=\"2\" stroke-dasharray=\"2.6 1.8\"/>"
        }
    };
    let (name, word) = (Escaped(name), Escaped(word));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"16\" height=\"16\" \
         viewBox=\"0 0 16 16\" role=\"img\" aria-label=\"{name}: {word}\">\
         <title>{name}: {word}</title>{shape}</svg>"
    )
}

/// The days as bars, the oldest first; days without data are low and grey, days with an outage are
/// tall.
pub(super) fn bars(name: &str, days: &[BadgeDay], spoken: &str) -> String {
    let mut svg = String::with_capacity(4_096);
    let wide = (DAYS * 4).saturating_sub(1);
    let (name, spoken) = (Escaped(name), Escaped(spoken));
    let drawn = (|| -> fmt::Result {
        write!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"20\" \
             viewBox=\"0 0 {wide} 20\" role=\"img\" aria-label=\"{name}, {spoken}\">\
             <title>{name}, {spoken}</title>"
        )?;
        for kind in [DayBar::Unknown, DayBar::Well, DayBar::Brief, DayBar::Long] {
            let (top, fill) = kind.look();
            write!(svg, "<path fill=\"{fill}\" d=\"")?;
            let of_kind = days.iter().enumerate().filter(|(_, day)| DayBar::of(**day) == kind);
            for (place, _) in of_kind {
                write!(svg, "M{} {top}h3v{}h-3z", place * 4, 20 - top)?;
            }
            svg.push_str("\"/>");
        }
        svg.push_str("</svg>");
        Ok(())
    })();
    let _ = drawn;
    svg
}

/// Look of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DayBar {
    Unknown,
    Well,
    Brief,
    Long,
}

impl DayBar {
    fn of(day: BadgeDay) -> Self {
        match day {
            BadgeDay::Unknown => Self::Unknown,
            BadgeDay::Judged(share) if share >= 1.0 => Self::Well,
            BadgeDay::Judged(share) if share >= 0.99 => Self::Brief,
            BadgeDay::Judged(_) => Self::Long,
        }
    }

    /// Its upper edge and its colour.
    fn look(self) -> (u32, &'static str) {
        match self {
            Self::Unknown => (15, "#8a8f98"),
            Self::Well => (6, "#1f9d55"),
            Self::Brief => (3, "#e09a00"),
            Self::Long => (0, "#dc3b3b"),
        }
    }
}
