//! The layers around the route table, one a file.

pub(super) mod compression;
pub(super) mod etag;
pub(super) mod headers;
pub(super) mod metrics;
pub(super) mod rate_limit;
pub(super) mod timeout;
