//! `stillup sites`: work on the catalogue of a service.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{
    EXIT_FAILED,
    say::{complain, say},
    tell,
};
use crate::{
    app,
    config::{Config, Flags},
};

#[derive(Debug, Subcommand)]
pub(super) enum SitesCommand {
    /// Take the catalogue as it is in its file now, also when it drops many sites
    Apply(Apply),
}

#[derive(Debug, Args)]
pub(super) struct Apply {
    #[command(flatten)]
    flags: Flags,
    /// Confirm that it drops exactly this many sites
    #[arg(long, value_name = "N")]
    confirm_removals: Option<usize>,
}

pub(super) async fn run(command: SitesCommand) -> ExitCode {
    let SitesCommand::Apply(apply) = command;
    let config = match Config::load(&apply.flags) {
        Ok(config) => config,
        Err(problems) => return tell(&problems),
    };
    match app::apply(&config, apply.confirm_removals).await {
        Ok(text) => {
            say(text);
            ExitCode::SUCCESS
        }
        Err(why) => {
            complain(why);
            ExitCode::from(EXIT_FAILED)
        }
    }
}
