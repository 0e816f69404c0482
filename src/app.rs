//! Knows all modules: builds them from the configuration, starts them, and ends them in order.

mod agents;
pub mod archive;
mod catalogue;
mod database;
mod files;
mod lifecycle;
mod meters;
mod operators;
mod probe;
mod refused;
mod restore;
mod serve;
mod tasks;
mod notifier;

pub use self::{
    agents::{NewToken, add_agent, list_agents, remove_agent},
    catalogue::apply,
    probe::{ProbeOrder, probe},
    refused::{Retried, refused, retry_refused},
    serve::{serve, settings},
};
pub use crate::app::notifier::tell_test;
