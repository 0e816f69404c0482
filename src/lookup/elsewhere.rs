//! Lookups from other places, for as far as there are any: "is it just me?" is answered better from more
//! than one.

use std::{fmt, time::Duration};

use futures_util::stream::BoxStream;

use model::{name::Region, outcome::Outcome, target::Target};

/// Probes targets from other places.
pub trait Elsewhere: Send + Sync + fmt::Debug {
    /// Probes a target once from every other region that can, each attempt within this time; `private`
    /// lets it be at a private address where the region's operator does so too. The stream has the outcomes
    /// as they come, and ends after the last one; regions that take too long are left out.
    fn probe(
        &self,
        target: &Target,
        timeout: Duration,
        private: bool,
    ) -> BoxStream<'static, SeenElsewhere>;
}

/// Outcome of a lookup from another region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenElsewhere {
    /// The region.
    pub region: Region,
    /// Outcome of its last attempt.
    pub outcome: Outcome,
}
