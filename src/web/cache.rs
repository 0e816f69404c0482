//! Caches: whole responses of hot routes, and what the record said last.

pub(super) mod history;
pub(super) mod key;
pub(super) mod outages;
pub(super) mod queries;
pub(super) mod responses;
