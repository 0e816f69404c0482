//! Full size, or a part of it for trying out (`BENCH_SCALE=20`: a twentieth).

/// What sizes are divided by.
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
