//! The drawings of a site's page, as figures for the template's SVG: the phases of the last check
//! and the strip of the last ones. Both have their figures in a table as well.

use crate::{
    board::{CheckSummary, LiveSite},
    i18n::Lang,
    web::pages::components::Stamp,
};
use model::{moment::Moment, outcome::Failure};

/// Duration of each phase of the last check.
pub(super) struct PhaseBar {
    pub(super) parts: Vec<PhasePart>,
    pub(super) total: String,
    pub(super) failed: bool,
    /// All of it in words.
    pub(super) words: String,
}

/// One part of a bar that is 1000 wide.
pub(super) struct PhasePart {
    pub(super) class: &'static str,
    pub(super) label: String,
    pub(super) x: u32,
    pub(super) wide: u32,
    pub(super) words: String,
}

/// The last checks, oldest first, each 10 wide and at most 60 high.
pub(super) struct CheckStrip {
    pub(super) bars: Vec<CheckBar>,
    pub(super) words: String,
    /// Moments of the first and the last of them.
    pub(super) ends: [Stamp; 2],
    /// The longest, which the tallest bar stands for.
    pub(super) most: String,
}

/// One check.
pub(super) struct CheckBar {
    pub(super) x: usize,
    pub(super) y: u32,
    pub(super) tall: u32,
    pub(super) failed: bool,
    /// `good`, `slow` or `bad`, as the judge takes it.
    pub(super) class: &'static str,
    pub(super) at: Moment,
    pub(super) words: String,
}

const PHASES: [&str; 5] = ["dns", "connect", "tls", "wait", "transfer"];

/// The bar of the newest check; `None` when no phase was reached.
pub(super) fn phases(t: Lang, live: &LiveSite) -> Option<PhaseBar> {
    let last = live.last()?;
    let total = last.outcome.phases.latency().filter(|total| *total > 0)?;
    let mut x = 0;
    let mut parts = Vec::new();
    for (class, micros) in PHASES.into_iter().zip(last.outcome.phases.parts()) {
        let Some(micros) = micros else { continue };
        let wide = (u64::from(micros) * 1000 / u64::from(total)) as u32;
        let label = t.say(&format!("phase-{class}")).into_owned();
        parts.push(PhasePart { class, label, x, wide, words: t.latency(micros) });
        x += wide;
    }
    // What rounding left over belongs to the end, so that the bar is whole.
    if let Some(end) = parts.last_mut() {
        end.wide += 1000 - x;
    }
    // An answer that is not the right one came whole.
    let is_whole = |failure| matches!(failure, Failure::Http | Failure::Body);
    let failed = last.outcome.cause().is_some_and(|cause| !is_whole(cause.failure));
    let total = t.latency(total);
    let each: Vec<_> = parts.iter().map(|part| format!("{} {}", part.label, part.words)).collect();
    let words = t.two("site-phases", ("total", &total), ("parts", each.join("; ")));
    Some(PhaseBar { parts, total, failed, words })
}

/// The strip; `None` before the first check.
/// A check above `limit` microseconds is slow.
pub(super) fn strip(
    t: Lang,
    newest_first: &[CheckSummary],
    limit: u32,
    now: Moment,
) -> Option<CheckStrip> {
    let recent: Vec<&CheckSummary> = newest_first.iter().rev().collect();
    if recent.is_empty() {
        return None;
    }
    let count = recent.len();
    let most = recent.iter().filter_map(|glance| answered(glance)).max().unwrap_or(0).max(1);
    let bar = |(place, glance): (usize, &&CheckSummary)| bar(t, place, glance, (most, limit));
    let bars = recent.iter().enumerate().map(bar);
    let ends = [recent.first()?.at, recent.last()?.at].map(|at| Stamp::new(t, at, now));
    let failed = recent.iter().filter(|glance| glance.failure.is_some()).count();
    let words = match failed {
        0 => t.one("site-recent-good", "n", count),
        _ => t.two("site-recent-bad", ("n", count), ("failed", failed)),
    };
    Some(CheckStrip { bars: bars.collect(), words, ends, most: t.latency(most) })
}

fn bar(t: Lang, place: usize, glance: &CheckSummary, (most, limit): (u32, u32)) -> CheckBar {
    let share = answered(glance).map_or(1.0, |micros| f64::from(micros) / f64::from(most));
    let tall = (8.0 + 52.0 * share) as u32;
    let words = match (glance.failure, glance.latency) {
        (Some(failure), _) => Failure::word(failure).to_owned() + ": " + &t.failure(failure),
        (None, Some(micros)) => t.latency(micros),
        (None, None) => t.say("answered").into_owned(),
    };
    let failed = glance.failure.is_some();
    let class = match glance.latency {
        _ if failed => "bad",
        Some(micros) if micros > limit => "slow",
        _ => "good",
    };
    // The script puts the time into the visitor's zone.
    let words = format!("{}: {words}", t.clock(glance.at, Moment::default()));
    CheckBar { x: place * 10 + 1, y: 60 - tall, tall, failed, class, at: glance.at, words }
}

/// The latency of a check that was answered.
fn answered(glance: &CheckSummary) -> Option<u32> {
    glance.latency.filter(|_| glance.failure.is_none())
}
