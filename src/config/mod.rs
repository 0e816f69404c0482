//! `stillup.toml`, `sites.toml`, stories to be replayed, flags and environment, checked. Loading reads, and has no effects.
//!
//! - [`load()`] gives the [`Config`] and the [`Catalogue`], or every [`Problem`] of all files at once.
//! - Flag before environment before file before default; an empty variable is not set.
//! - What was typed ([`Flags`], the tables of TOML) is never used elsewhere; what is checked is.
//! - A catalogue that would remove many sites at once is refused by [`guard`].
//!
//! No room below sees TOML, and a password is in [`DatabaseUrl`] or nowhere.

mod address;
mod authorities;
mod catalogue;
mod duration;
mod file;
mod flags;
pub mod guard;
mod keys;
mod load;
mod machine;
mod network;
mod notify;
mod problem;
mod report;
mod secret;
mod sections;
mod settings;
mod site;
mod size;
mod story;
mod suggest;
mod typed;
mod value;

pub use self::{
    catalogue::Catalogue,
    duration::show as show_duration,
    flags::Flags,
    load::load,
    problem::{Problem, lines},
    secret::DatabaseUrl,
    settings::{Config, Judge, Lookup, Notify, Probe, Retention, Web},
    site::Defaults,
    size::show as show_size,
    story::{Does, Expectation, Scene, Seen, Server, Story, Words},
};
