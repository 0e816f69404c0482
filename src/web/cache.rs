//! Caches: whole responses of hot routes, and what was read from Postgres.
//!
//! Each is bounded in bytes; what was used longest ago is forgotten first.

pub(super) mod key;
pub(super) mod query;
pub(super) mod record;
pub(super) mod responses;
