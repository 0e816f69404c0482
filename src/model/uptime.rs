//! Uptime: the share of judged time that was not down.

/// Shares from 0 to 1 of judged time that was not `down`, by window; `None` where no time was
/// judged. Time without evidence counts as neither.
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
}
