//! Lookups from other places, for as far as there are any: "is it just me?" is answered better from more
//! than one.

use std::{fmt, time::Duration};

use futures_util::future::BoxFuture;

use model::{name::Region, outcome::Outcome, target::Target};

/// Probes targets from other places.
pub trait Elsewhere: Send + Sync + fmt::Debug {
    /// Probes a target once from every other region that can, each attempt within this time; `private`
    /// lets it be at a private address where the region's operator does so too. Regions that do not answer
    /// in time are left out.
    fn probe(
        &self,
        target: &Target,
        timeout: Duration,
        private: bool,
    ) -> BoxFuture<'static, Vec<SeenElsewhere>>;
}

/// Outcome of a lookup from another region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenElsewhere {
    /// The region.
    pub region: Region,
    /// Outcome of its last attempt.
    pub outcome: Outcome,
}
