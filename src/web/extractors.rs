//! Extractors: what handlers read of a request.

pub(super) mod client_ip;
pub(super) mod locale;
pub(super) mod params;
