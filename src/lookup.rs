//! A visitor's own check, now, of any public address.
//!
//! - [`Lookups::ask`] is the one way in. A thousand visitors who ask for one target cause one probe
//!   (`flights`), whose answer serves all who come within a short time (`memory`).
//! - [`confirm()`] probes, and probes again before it reports a failure. The command line shares it.
//! - [`rate_limit`] limits one visitor, `desk` all together, `machines` the load on one machine.
//! - [`reports`] counts lookups of a target and visitors who report a problem.
//!
//! Visitors only wait: a probe goes on when the visitor who caused it leaves. Everything here is
//! bounded and in memory alone: a restart forgets it. It must never reach an address that is not
//! public, unless the operator trusts every visitor (`[lookup] allow_private`), and it never
//! changes a verdict of the judge on the catalogue's sites.

mod answer;
mod confirm;
mod counts;
pub mod reports;
mod lookups;
mod machines;
mod once;
pub mod rate_limit;
mod visit;

use std::{fmt, sync::Arc, time::Duration};

use futures_util::stream::BoxStream;

pub use self::{
    confirm::{Confirmed, confirm, site_of},
    machines::gate,
    visit::Visit,
};
pub use crate::lookup::{
    answer::{Coming, LookupAnswer, LookupOutcome, LookupProgress},
    lookups::{LookupRefusal, LookupStart, Lookups, RefusalReason},
};
use model::{judge::Rules, name::Region, outcome::Outcome, target::Target};

/// Settings of lookups.
#[derive(Clone, Debug)]
pub struct LookupSettings {
    /// True if visitors may look anything up.
    pub enabled: bool,
    /// True if they may look at private addresses and at any port.
    pub allow_private: bool,
    /// Lookups a minute that one visitor may cause.
    pub per_visitor: u32,
    /// Time for which one answer serves all visitors.
    pub cache: Duration,
    /// Time limit of one attempt.
    pub timeout: Duration,
    /// Rules for calling a site slow.
    pub rules: Rules,
    /// Region of the prober.
    pub region: Region,
}

/// Lookups under way at most. No visitor holds more of these slots than are free, so that one is
/// left for the next visitor: one who wants them all gets half, four get a fifth each.
const MAX_FLIGHTS: usize = 64;
/// Factor by which the limits of a /48 of IPv6, which one person may have, exceed those of one
/// visitor.
const SITE_FACTOR: u32 = 8;
/// Answers, counts and visitors that are remembered at most, the oldest forgotten first.
const MAX_ANSWERS: usize = 2_000;
/// Minimum time between two probes of a target, for any visitors.
const PROBE_AGAIN_AFTER: Duration = Duration::from_secs(5);

impl Lookups {
    /// Lookups that refuse everything.
    pub fn off() -> Self {
        let settings = LookupSettings {
            enabled: false,
            allow_private: false,
            per_visitor: 1,
            cache: PROBE_AGAIN_AFTER,
            timeout: PROBE_AGAIN_AFTER,
            rules: Rules::default(),
            region: Region::default(),
        };
        let clock = prober::clock::Clock::system();
        Self::new(Arc::new(visit::NoProbe), Arc::default(), clock, settings)
    }
}

/// Probes targets from other places.
pub trait Elsewhere: Send + Sync + fmt::Debug {
    /// Probes a target once from every other region that can, each attempt within this time; `private`
    /// lets it be at a private address where the region's operator does so too. Gives how many regions are asked, and
    /// their outcomes as they come; the stream ends after the last one, and regions that take too long are left
    /// out.
    fn probe(
        &self,
        target: &Target,
        timeout: Duration,
        private: bool,
    ) -> (usize, BoxStream<'static, SeenElsewhere>);
}

/// Outcome of a lookup from another region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenElsewhere {
    /// The region.
    pub region: Region,
    /// Outcome of its last attempt.
    pub outcome: Outcome,
}

#[cfg(test)]
mod tests;
