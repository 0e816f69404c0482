//! History for the charts of a site's page. Without an answer of the record it comes from memory,
//! as far as that goes.

use std::time::Duration;

use crate::{
    board::{CheckSummary, LiveSite},
    web::{Shared, cache::record::HistoryWindow, chart::ChartPoint, views::numbers::WINDOWS},
};
use model::{
    history::{self, History},
    moment::Moment,
    name::Region,
    verdict::Status,
};

/// A window of the past in points.
#[derive(Debug)]
pub(in crate::web::pages) struct SiteHistory {
    /// Every point of the window, oldest first.
    pub(in crate::web::pages) points: Vec<ChartPoint>,
    /// Length of each point.
    pub(in crate::web::pages) step: Duration,
}

/// Points of what memory has.
const FIVE_MINUTES: Duration = Duration::from_mins(5);

/// The window with this name, the shortest for any other name.
pub(super) fn window(word: Option<&str>) -> (&'static str, Duration) {
    let found = WINDOWS.into_iter().find(|(name, _)| Some(*name) == word);
    found.unwrap_or(WINDOWS[0])
}

/// The last such time of a site, as one region saw it or all together.
pub(super) async fn read(
    shared: &Shared,
    live: &LiveSite,
    region: Option<&Region>,
    length: Duration,
    now: Moment,
) -> Option<SiteHistory> {
    let (slug, window) = (&live.site.slug, HistoryWindow::Last(length));
    let Some(recalled) = shared.histories.of(shared, slug, region, window).await else {
        return remembered(live, region, length, now);
    };
    let history = &recalled.value;
    let memory = if recalled.fresh { None } else { remembered(live, region, length, now) };
    Some(memory.map_or_else(|| SiteHistory::of(history), |memory| memory.with(history)))
}

impl SiteHistory {
    /// Every bucket as a point.
    pub(in crate::web::pages) fn of(history: &History) -> Self {
        let points = history.buckets.iter().map(ChartPoint::from).collect();
        Self { points, step: history.step.length() }
    }

    /// The last points, at most so many.
    pub(super) fn last(&self, most: usize) -> &[ChartPoint] {
        &self.points[self.points.len().saturating_sub(most)..]
    }

    /// Points from memory, with those of the record's last answer where it has more.
    fn with(mut self, history: &History) -> Self {
        let Some(from) = self.points.first().map(|point| point.at) else { return self };
        let over = |point: &&history::HistoryPoint| {
            point.at >= from && point.at + FIVE_MINUTES <= history.as_of
        };
        for known in history.buckets.iter().filter(over) {
            let place = (known.at.since(from).as_millis() / FIVE_MINUTES.as_millis()) as usize;
            if let Some(ours) = self.points.get_mut(place)
                && known.checks >= ours.checks
            {
                *ours = known.into();
            }
        }
        self
    }
}

/// The last checks in memory, in points of five minutes; only for the shortest window.
fn remembered(
    live: &LiveSite,
    region: Option<&Region>,
    length: Duration,
    now: Moment,
) -> Option<SiteHistory> {
    if length > WINDOWS[0].1 || live.recent.is_empty() {
        return None;
    }
    let count = (length.as_secs() / FIVE_MINUTES.as_secs()) as usize;
    let millis = FIVE_MINUTES.as_millis() as i64;
    let end = Moment::from_millis(now.millis().div_euclid(millis) * millis) + FIVE_MINUTES;
    let from = end - FIVE_MINUTES * count as u32;
    let mut latencies: Vec<Vec<u32>> = vec![Vec::new(); count];
    let begin = |place: usize| ChartPoint {
        at: from + FIVE_MINUTES * place as u32,
        ..ChartPoint::default()
    };
    let mut points: Vec<ChartPoint> = (0..count).map(begin).collect();
    let of = |glance: &CheckSummary| region.is_none_or(|region| glance.region == *region);
    for glance in live.recent.iter().filter(|glance| glance.at >= from && of(glance)) {
        let place = (glance.at.since(from).as_millis() / FIVE_MINUTES.as_millis()) as usize;
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
        // A site is judged as a whole.
        if region.is_none() {
            point.down_ms = lasted(live, Status::Down, point.at, now);
            point.slow_ms = lasted(live, Status::Slow, point.at, now);
        }
    }
    Some(SiteHistory { points, step: FIVE_MINUTES })
}

/// Time within these five minutes that outages of this status took, in milliseconds.
fn lasted(live: &LiveSite, status: Status, from: Moment, now: Moment) -> u64 {
    let until = (from + FIVE_MINUTES).min(now);
    let those = live.outages.iter().filter(|outage| outage.status == status);
    let within = those
        .map(|outage| outage.ended_at.unwrap_or(now).min(until).since(outage.started_at.max(from)));
    within.sum::<Duration>().as_millis() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{name::Slug, rollup::BucketLength};

    #[test]
    fn memory_goes_on_where_the_record_ends_and_the_fuller_of_both_is_drawn() {
        let from = Moment::parse("2026-03-01T12:00:00Z").unwrap();
        let point = |n: u32, checks| ChartPoint {
            at: from + FIVE_MINUTES * n,
            checks,
            ..ChartPoint::default()
        };
        let known = |n: u32, checks| history::HistoryPoint {
            at: from + FIVE_MINUTES * n - FIVE_MINUTES * 2,
            checks,
            ..history::HistoryPoint::default()
        };
        let history = History {
            slug: Slug::new("a.example").unwrap(),
            step: BucketLength::FiveMinutes,
            buckets: [9, 9, 5, 0, 5, 2].into_iter().zip(0..).map(|(c, n)| known(n, c)).collect(),
            // In the midst of the last.
            as_of: from + FIVE_MINUTES * 3 + FIVE_MINUTES / 2,
        };
        let points = [0, 1, 5, 5, 4].into_iter().zip(0..).map(|(c, n)| point(n, c)).collect();
        let past = SiteHistory { points, step: FIVE_MINUTES }.with(&history);
        let checks: Vec<_> = past.points.iter().map(|point| point.checks).collect();
        assert_eq!(checks, [5, 1, 5, 5, 4]);
        assert!(past.points.iter().zip(0..).all(|(point, n)| point.at == from + FIVE_MINUTES * n));
    }
}
