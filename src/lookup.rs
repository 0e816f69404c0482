//! A visitor's own check, now, of any public address.
//!
//! - [`Lookups::ask`] is the one way in. A thousand visitors who ask for one target cause one
//!   probe (`flights`), whose answer serves all who come within a short time (`memory`).
//! - [`confirm()`] looks, and looks again before it says that something is wrong. The command line
//!   shares it.
//! - [`rate_limit`] bounds what one visitor may cause, `desk` what all together may, `machines` what all
//!   may do to one machine.
//! - [`reports`] counts: how often a target was asked for, and who else has a problem.
//!
//! Whoever asks only waits: a probe goes on when the visitor who caused it leaves. Everything here
//! is bounded and in memory alone: a restart forgets it. It must never reach an address that is not
//! public, unless the operator trusts every visitor (`[lookup] allow_private`), and it never touches
//! what the judge says of the catalogue's sites.

mod answer;
mod confirm;
mod counts;
pub mod reports;
mod lookups;
mod flight;
mod machines;
mod once;
pub mod rate_limit;

use std::{sync::Arc, time::Duration};

pub use self::{
    confirm::{Confirmed, Through, confirm, site_of},
    flight::{Coming, LookupProgress},
};
pub use crate::lookup::{
    answer::{LookupAnswer, LookupOutcome},
    lookups::{LookupRefusal, LookupStart, Lookups, RefusalReason},
};
use model::{judge::Rules, name::Region};

/// What the operator decides about lookups.
#[derive(Clone, Debug)]
pub struct LookupSettings {
    /// True if visitors may look anything up.
    pub enabled: bool,
    /// True if they may look at private addresses and at any port.
    pub allow_private: bool,
    /// Lookups a minute that one visitor may cause.
    pub per_visitor: u32,
    /// How long one answer serves all who ask.
    pub cache: Duration,
    /// Time that one attempt may take.
    pub timeout: Duration,
    /// What is slow.
    pub rules: Rules,
    /// Where we look from.
    pub region: Region,
}

/// Lookups under way at most. No visitor has more of these places than are free, so that there is one
/// for whoever comes next: one who wants them all gets half, four get a fifth each.
const FLIGHTS: usize = 64;
/// Visitors of one /48 of IPv6, which one person may have, get so many times what one visitor gets.
const SITE: u32 = 8;
/// Answers, counts and visitors that are remembered at most, the oldest forgotten first.
const MEMORY: usize = 2_000;
/// A target is looked at again so soon at most, whoever asks.
const AGAIN: Duration = Duration::from_secs(5);

impl Lookups {
    /// Lookups that refuse everything.
    pub fn off() -> Self {
        let settings = LookupSettings {
            enabled: false,
            allow_private: false,
            per_visitor: 1,
            cache: AGAIN,
            timeout: AGAIN,
            rules: Rules::default(),
            region: Region::default(),
        };
        let clock = prober::clock::Clock::system();
        Self::new(Arc::new(confirm::NoProbe), Arc::default(), clock, settings)
    }
}

#[cfg(test)]
mod tests;
