//! What was before, as the charts of a site's page want it. What the record does not tell now is
//! told from memory, as far as it goes.

use std::time::Duration;

use crate::{
    board::Watched,
    model::moment::Moment,
    web::{Shared, chart::Point, numbers::WINDOWS, recall::history::Stretch},
};

/// A window of the past in points.
#[derive(Debug)]
pub(super) struct Past {
    /// Every point of the window, oldest first.
    pub(super) points: Vec<Point>,
    /// How long each is.
    pub(super) step: Duration,
}

/// Points of what memory has.
const FIVE: Duration = Duration::from_mins(5);

/// The window that this word names, the shortest when it names none.
pub(super) fn window(word: Option<&str>) -> (&'static str, Duration) {
    let found = WINDOWS.into_iter().find(|(name, _)| Some(*name) == word);
    found.unwrap_or(WINDOWS[0])
}

/// The last so many hours or days of a site.
pub(super) async fn read(
    shared: &Shared,
    watched: &Watched,
    length: Duration,
    now: Moment,
) -> Option<Past> {
    let slug = &watched.site.slug;
    let Some(recalled) = shared.histories.of(shared, slug, Stretch::Last(length)).await else {
        return remembered(watched, length, now);
    };
    let history = &recalled.history;
    let step = history.step.length();
    let known = history.buckets.iter().map(Point::from);
    let memory = if recalled.fresh { None } else { remembered(watched, length, now) };
    let Some(mut past) = memory else { return Some(Past { points: known.collect(), step }) };
    // What happened since the record was asked is in memory only.
    let from = past.points.first().map_or(now, |point| point.at);
    for point in known.filter(|point| point.at >= from && point.at + step <= history.as_of) {
        let place = (point.at.since(from).as_millis() / step.as_millis()) as usize;
        if let Some(ours) = past.points.get_mut(place) {
            *ours = point;
        }
    }
    Some(past)
}

/// The last checks in memory, in points of five minutes; only for the shortest window.
fn remembered(watched: &Watched, length: Duration, now: Moment) -> Option<Past> {
    if length > WINDOWS[0].1 || watched.recent.is_empty() {
        return None;
    }
    let count = (length.as_secs() / FIVE.as_secs()) as usize;
    let millis = FIVE.as_millis() as i64;
    let end = Moment::from_millis(now.millis().div_euclid(millis) * millis) + FIVE;
    let from = end - FIVE * count as u32;
    let mut latencies: Vec<Vec<u32>> = vec![Vec::new(); count];
    let begin = |place: usize| Point { at: from + FIVE * place as u32, ..Point::default() };
    let mut points: Vec<Point> = (0..count).map(begin).collect();
    for glance in watched.recent.iter().filter(|glance| glance.at >= from) {
        let place = (glance.at.since(from).as_millis() / FIVE.as_millis()) as usize;
        let Some(point) = points.get_mut(place) else { continue };
        point.checks += 1;
        match glance.latency.filter(|_| glance.failure.is_none()) {
            Some(micros) => latencies[place].push(micros),
            None => point.failed += u64::from(glance.failure.is_some()),
        }
    }
    for (point, latencies) in points.iter_mut().zip(&mut latencies) {
        latencies.sort_unstable();
        let at = |percent: usize| {
            let rank = (latencies.len() * percent).div_ceil(100).max(1) - 1;
            latencies.get(rank).map(|micros| f64::from(*micros) / 1e3)
        };
        (point.p50, point.p95) = (at(50), at(95));
        point.down_ms = down(watched, point.at, now);
    }
    Some(Past { points, step: FIVE })
}

/// How much of the five minutes from here an outage took, in milliseconds.
fn down(watched: &Watched, from: Moment, now: Moment) -> u64 {
    let until = (from + FIVE).min(now);
    let downs = watched.outages.iter().filter(|o| o.status == crate::model::verdict::Status::Down);
    let within = downs
        .map(|outage| outage.ended_at.unwrap_or(now).min(until).since(outage.started_at.max(from)));
    within.sum::<Duration>().as_millis() as u64
}
