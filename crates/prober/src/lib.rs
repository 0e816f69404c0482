//! Looks at sites over the network, on schedule, and keeps what came of it until somebody has it.
//!
//! - [`clock`]: the one place that reads the time.
//! - [`probe`]: one look at a site over the network. It cannot fail: it returns an outcome.
//! - [`scheduler`]: which site is probed when, its attempts, and the canaries.
//! - [`journal`]: a log on disk, generic over its entry.
//!
//! Uses the crate `model` alone of ours: no database, no pages, no text for people.

pub mod clock;
pub mod journal;
pub mod probe;
pub mod scheduler;
