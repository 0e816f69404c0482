//! `stillup sites`: work on the catalogue of a service.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{
    FAILED,
    say::{complain, say},
    tell,
};
use crate::{
    app,
    config::{Config, Flags},
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Take the catalogue as it is in its file now, also when it drops many sites
    Apply(Apply),
    /// Print the sites that visitors look up often, as entries to be pasted into the catalogue
    Proposals(Flags),
}

#[derive(Debug, Args)]
pub(super) struct Apply {
    #[command(flatten)]
    flags: Flags,
    /// Confirm that it drops exactly this many sites
    #[arg(long, value_name = "N")]
    confirm_removals: Option<usize>,
}

pub(super) async fn run(command: Command) -> ExitCode {
    let flags = match &command {
        Command::Apply(Apply { flags, .. }) | Command::Proposals(flags) => flags,
    };
    let config = match Config::load(flags) {
        Ok(config) => config,
        Err(problems) => return tell(&problems),
    };
    let done = match command {
        Command::Apply(apply) => app::apply(&config, apply.confirm_removals).await,
        Command::Proposals(_) => proposals(&config).await,
    };
    match done {
        Ok(text) => {
            say(text);
            ExitCode::SUCCESS
        }
        Err(why) => {
            complain(why);
            ExitCode::from(FAILED)
        }
    }
}

async fn proposals(config: &Config) -> Result<String, String> {
    match app::proposals(config).await {
        // A comment, so that whatever takes this for a catalogue is not wrong.
        Ok(text) if text.is_empty() => Ok("# no site is looked up often".to_owned()),
        Ok(text) => Ok(text.trim_end().to_owned()),
        Err(error) => Err(format!("{error:#}")),
    }
}
