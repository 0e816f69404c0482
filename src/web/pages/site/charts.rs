//! The drawings of a site's page, as figures for the template's SVG: the phases of the last check
//! and the strip of the last ones. Both have their figures in a table as well.

use crate::{
    board::{Glance, Watched},
    model::{
        outcome::Failure,
        sentence::{failure_words, latency_words},
    },
};

/// How long each part of the last check took.
pub(super) struct PhaseBar {
    pub(super) parts: Vec<Part>,
    pub(super) total: String,
    pub(super) failed: bool,
}

/// One part of a bar that is 1000 wide.
pub(super) struct Part {
    pub(super) class: &'static str,
    pub(super) label: &'static str,
    pub(super) x: u32,
    pub(super) wide: u32,
    pub(super) words: String,
}

/// The last checks, oldest first, each 10 wide and at most 60 high.
pub(super) struct Strip {
    pub(super) bars: Vec<Bar>,
    pub(super) words: String,
}

/// One check.
pub(super) struct Bar {
    pub(super) x: usize,
    pub(super) y: u32,
    pub(super) tall: u32,
    pub(super) failed: bool,
    pub(super) words: String,
}

const LABELS: [(&str, &str); 5] = [
    ("dns", "Look-up"),
    ("connect", "Connection"),
    ("tls", "Encryption"),
    ("wait", "Waiting"),
    ("transfer", "Transfer"),
];

/// The bar of the newest check; `None` when no phase was reached.
pub(super) fn phases(watched: &Watched) -> Option<PhaseBar> {
    let last = watched.last()?;
    let total = last.outcome.phases.latency().filter(|total| *total > 0)?;
    let mut x = 0;
    let mut parts = Vec::new();
    for ((class, label), micros) in LABELS.into_iter().zip(last.outcome.phases.parts()) {
        let Some(micros) = micros else { continue };
        let wide = (u64::from(micros) * 1000 / u64::from(total)) as u32;
        parts.push(Part { class, label, x, wide, words: latency_words(micros) });
        x += wide;
    }
    // What rounding left over belongs to the end, so that the bar is whole.
    if let Some(end) = parts.last_mut() {
        end.wide += 1000 - x;
    }
    let failed = last.outcome.cause().is_some();
    Some(PhaseBar { parts, total: latency_words(total), failed })
}

/// The strip; `None` before the first check.
pub(super) fn strip(watched: &Watched) -> Option<Strip> {
    let recent: Vec<Glance> = watched.recent.iter().rev().collect();
    if recent.is_empty() {
        return None;
    }
    let count = recent.len();
    let most = recent.iter().filter_map(answered).max().unwrap_or(0).max(1);
    let bars = recent.iter().enumerate().map(|(place, glance)| bar(place, glance, most));
    let failed = recent.iter().filter(|glance| glance.failure.is_some()).count();
    let words = match failed {
        0 => format!("The last {count} checks, oldest first: all were answered."),
        _ => format!("The last {count} checks, oldest first: {failed} failed."),
    };
    Some(Strip { bars: bars.collect(), words })
}

fn bar(place: usize, glance: &Glance, most: u32) -> Bar {
    let share = answered(glance).map_or(1.0, |micros| f64::from(micros) / f64::from(most));
    let tall = (8.0 + 52.0 * share) as u32;
    let words = match (glance.failure, glance.latency) {
        (Some(failure), _) => Failure::word(failure).to_owned() + ": " + failure_words(failure),
        (None, Some(micros)) => latency_words(micros),
        (None, None) => "answered".to_owned(),
    };
    Bar { x: place * 10 + 1, y: 60 - tall, tall, failed: glance.failure.is_some(), words }
}

/// The latency of a check that was answered.
fn answered(glance: &Glance) -> Option<u32> {
    glance.latency.filter(|_| glance.failure.is_none())
}
