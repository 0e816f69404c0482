//! Numbers as the contract wants them. Pure; it must never round an outage away.

use std::time::Duration;

use crate::board::{CheckSummary, LiveSite};
use model::{moment::Moment, verdict::Status};

/// Microseconds as milliseconds, with three decimals at most.
pub(in crate::web) fn millis(micros: u32) -> f64 {
    f64::from(micros) / 1e3
}

/// The windows of uptime: name and length.
pub(in crate::web) const WINDOWS: [(&str, Duration); 4] = [
    ("24h", Duration::from_hours(24)),
    ("7d", Duration::from_hours(7 * 24)),
    ("30d", Duration::from_hours(30 * 24)),
    ("90d", Duration::from_hours(90 * 24)),
];

/// A site's uptimes in the order of [`WINDOWS`], rounded down to five decimals; never 1 when a
/// known outage touches the window.
pub(in crate::web) fn uptimes(live: &LiveSite, now: Moment) -> [Option<f64>; 4] {
    let known = &live.uptime;
    let mut shares = [known.day, known.week, known.month, known.quarter];
    for (share, (_, window)) in shares.iter_mut().zip(WINDOWS) {
        let begin = now - window;
        let touched = live.outages.iter().any(|outage| {
            outage.status == Status::Down && outage.ended_at.is_none_or(|end| end > begin)
        });
        *share = share.map(|share| round_down(share, touched));
    }
    shares
}

/// The checks of a site within the last `window`, as far as the board has them.
fn recent(live: &LiveSite, now: Moment, window: Duration) -> impl Iterator<Item = CheckSummary> {
    let begin = now - window;
    live.recent.iter().take_while(move |glance| glance.at >= begin)
}

/// The mean latency of those of them that were answered, in microseconds.
pub(in crate::web) fn mean_latency(live: &LiveSite, now: Moment, window: Duration) -> Option<u32> {
    let answered = recent(live, now, window).filter(|glance| glance.failure.is_none());
    let (mut sum, mut count) = (0, 0);
    for latency in answered.filter_map(|glance| glance.latency) {
        sum += u64::from(latency);
        count += 1;
    }
    u32::try_from(sum.checked_div(count)?).ok()
}

/// The share of them that did not fail.
pub(in crate::web) fn share_of_recent(
    live: &LiveSite,
    now: Moment,
    window: Duration,
) -> Option<f64> {
    let (mut good, mut all) = (0_u32, 0_u32);
    for glance in recent(live, now, window) {
        good += u32::from(glance.failure.is_none());
        all += 1;
    }
    (all > 0).then(|| f64::from(good) / f64::from(all))
}

/// A share rounded down to five decimals; below 1 when `flawed`.
pub(in crate::web) fn round_down(share: f64, flawed: bool) -> f64 {
    // A ten-millionth of slack, so that 0.29, which a double holds as a little less, stays 0.29.
    let parts = (share.clamp(0.0, 1.0) * 1e5 + 1e-7) as u32;
    let most = if flawed || share < 1.0 { 99_999 } else { 100_000 };
    f64::from(parts.min(most)) / 1e5
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn an_outage_never_reads_100() {
        for (share, flawed, want) in [
            (1.0, false, "100%"),
            (1.0, true, "99.999%"),
            (0.999_999_99, false, "99.999%"),
            (0.29, true, "29.000%"),
            (0.999_949_9, true, "99.994%"),
            (0.0, true, "0.000%"),
        ] {
            assert_eq!(Lang::En.percent(round_down(share, flawed)), want);
        }
        assert!((millis(84_123) - 84.123).abs() < f64::EPSILON);
    }
}
