//! Probes sites over the network, on schedule, and keeps the results on disk until they are
//! recorded.
//!
//! - [`clock`]: the one place that reads the time.
//! - [`probe`]: one probe of a site over the network. It cannot fail: it returns an outcome.
//! - [`scheduler`]: the schedule of checks, their attempts, and the canaries.
//! - [`journal`]: a log on disk, generic over its entry.
//!
//! Uses the crate `model` alone of ours: no database, no pages, no text for people.

pub mod clock;
pub mod journal;
pub mod probe;
pub mod scheduler;
