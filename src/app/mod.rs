//! Knows all rooms: builds them from the configuration, starts them, and ends them in order.

mod adopted;
pub mod archive;
mod catalogue;
mod crowd;
mod database;
mod files;
mod lifecycle;
mod meters;
mod proposals;
mod restore;
mod serve;
mod tasks;
mod telling;

pub use self::{
    catalogue::apply,
    proposals::proposals,
    serve::{serve, settings},
    telling::tell_test,
};
