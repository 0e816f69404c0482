//! Full size, or a part of it for trying out (`BENCH_SCALE=20`: a twentieth).

use std::time::Duration;

use tokio::time::sleep;

/// Divisor of all sizes.
pub(crate) fn divisor() -> u64 {
    std::env::var("BENCH_SCALE").ok().and_then(|text| text.parse().ok()).unwrap_or(1).max(1)
}

/// A number of sites, days or checks.
pub(crate) fn size(full: u64) -> u64 {
    (full / divisor()).max(full.min(2))
}

/// Seconds of measuring: shorter at a smaller scale, never too short to see anything.
pub(crate) fn seconds(full: u64) -> u64 {
    if divisor() == 1 { full } else { (full / 4).max(2) }
}

/// Seconds between two checks of a site.
pub(crate) fn interval() -> u32 {
    if divisor() == 1 { 60 } else { 10 }
}

/// Lets every site be checked once, and the backlog be read.
pub(crate) async fn settle() {
    sleep(Duration::from_secs(u64::from(interval()) + 15)).await;
}
