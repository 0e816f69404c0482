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
    /// Where we looked from.
    pub region: Region,
    /// The moment when the turn's first attempt began.
    pub at: Moment,
    /// What the final attempt saw.
    pub outcome: Outcome,
    /// How many attempts it took; more than one and a good outcome is "passed after a retry".
    pub attempts: u8,
}
