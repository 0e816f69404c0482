//! `stillup.toml`, `sites.toml`, stories to be replayed, flags and environment, checked. Loading reads, and has no effects.
//!
//! - [`load()`] gives the [`Config`] and the [`Catalogue`], or every [`ConfigProblem`] of all files at once.
//! - Flag before environment before file before default; an empty variable is not set.
//! - Serde reads the tables of TOML ([`table`]); the type of a field has its bounds and its default
//!   ([`value`]).
//! - A catalogue that would remove many sites at once is refused by [`removals`].
//!
//! No module below sees TOML, and a password is in [`DatabaseUrl`] or nowhere.

mod catalogue;
mod database_url;
mod files;
mod flags;
mod notice_keys;
mod notices;
mod notify;
mod planned;
mod problem;
pub mod removals;
mod secrets;
mod sections;
mod settings;
mod site;
mod site_request;
mod site_url;
mod story;
mod table;
mod tokens;
mod value;

pub use self::{
    catalogue::{Catalogue, catalogue_files},
    database_url::DatabaseUrl,
    files::FileMark,
    flags::Flags,
    notice_keys::hides,
    notices::{notice_updates, notices},
    notify::Notify,
    planned::{MAX_WORKS, planned},
    problem::{ConfigProblem, problem_lines},
    sections::{
        AgentAddress, JudgeSettings, LookupPolicy, NodesSettings, ProbeSettings, PublishSettings,
        PublishTarget, Retention, WebSettings,
    },
    settings::{Config, load},
    site::Defaults,
    site_request::is_header_of_ours,
    story::{Expectation, Observation, Story, StoryBehaviour, StoryScene, StoryServer, WordsAbout},
    tokens::{OperatorToken, tokens},
    value::{Bytes, Count, Millis, parse_duration, show_duration, show_size},
};
