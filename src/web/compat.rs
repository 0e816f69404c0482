//! Addresses and shapes of other products, so that what reads them can read us.
//! `docs/compatibility.md` says what is served.

pub(super) mod gatus;
pub(super) mod isitup;
pub(super) mod kuma;
pub(super) mod statuspage;
