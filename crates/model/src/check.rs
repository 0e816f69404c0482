//! A check: one stamped outcome of a turn.

use serde::{Deserialize, Serialize};

use super::{
    moment::Moment,
    name::{Region, Slug},
    outcome::Outcome,
};

/// One stamped outcome of a turn. Checks of one site and region have different moments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The site.
    pub slug: Slug,
    /// Region that made the check.
    pub region: Region,
    /// The moment when the turn's first attempt began.
    pub at: Moment,
    /// Outcome of the final attempt.
    pub outcome: Outcome,
    /// Number of attempts; more than one with a good outcome is "passed after a retry".
    pub attempts: u8,
}
