//! Knows all modules: builds them from the configuration, starts them, and ends them in order.

mod agents;
pub mod archive;
mod catalogue;
mod copies;
mod database;
mod files;
mod lifecycle;
mod meters;
mod operators;
mod publisher;
mod probe;
mod refused;
mod report;
mod restore;
mod serve;
mod shared_files;
mod tasks;
mod nodes;
mod notifier;

pub use self::{
    agents::{NewToken, add_agent, list_agents, remove_agent},
    catalogue::{apply, catalogue_in_force},
    probe::{ProbeOrder, probe},
    refused::{Retried, refused, retry_refused},
    report::month_report,
    serve::{serve, settings},
};
pub use crate::app::notifier::tell_test;

use std::path::Path;

use crate::{
    config::Config,
    operator::{AddedSites, Operator},
};

/// The files that people change in the data directory `data` of this configuration.
pub(crate) fn operator(config: &Config, data: &Path) -> Operator {
    Operator::open(data, AddedSites::open(data, &config.sites, config.defaults()))
}
