//! Views: the state of one noun at a moment, shared by page, API, badge and feed.

pub(super) mod incidents;
pub(super) mod lookup;
pub(super) mod numbers;
pub(super) mod outage;
pub(super) mod overview;
pub(super) mod provider;
pub(super) mod site;
