//! Knows all modules: builds them from the configuration, starts them, and ends them in order.

pub mod archive;
mod catalogue;
mod database;
mod files;
mod lifecycle;
mod meters;
mod operators;
mod refused;
mod restore;
mod serve;
mod tasks;
mod notifier;

pub use self::{
    catalogue::apply,
    refused::{Retried, refused, retry_refused},
    serve::{serve, settings},
};
pub use crate::app::notifier::tell_test;
