//! A check: the stamped outcome of one probe.

use serde::{Deserialize, Serialize};

use super::{
    moment::Moment,
    name::{Region, Slug},
    outcome::Outcome,
};

/// The stamped outcome of one probe. Checks of one site and region have different moments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The site.
    pub slug: Slug,
    /// Region that made the check.
    pub region: Region,
    /// Start of the probe's first attempt.
    pub at: Moment,
    /// Outcome of the final attempt.
    pub outcome: Outcome,
    /// Number of attempts; more than one with a good outcome is "passed after a retry".
    pub attempts: u8,
}
