//! `stillup journal`: what waits for Postgres, and what it refused.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{EXIT_FAILED, complain, fail_with, note, say};
use crate::{
    app::{self, Retried},
    config::{Config, Flags},
};

#[derive(Debug, Subcommand)]
pub(super) enum JournalCommand {
    /// List the rows that Postgres refused for their contents, or retry them
    Refused(RefusedArguments),
}

#[derive(Debug, Args)]
pub(super) struct RefusedArguments {
    #[command(flatten)]
    flags: Flags,
    /// Retry them; those that Postgres takes now leave the file
    #[arg(long)]
    retry: bool,
}

pub(super) async fn run(command: JournalCommand) -> ExitCode {
    match command {
        JournalCommand::Refused(arguments) => refused(arguments).await,
    }
}

async fn refused(arguments: RefusedArguments) -> ExitCode {
    let config = match Config::load(&arguments.flags) {
        Ok(config) => config,
        Err(problems) => return fail_with(&problems),
    };
    let done = if arguments.retry {
        app::retry_refused(&config).await.map(|Retried { taken, refused }| {
            say(format_args!("{taken} rows were taken, {refused} are still refused"));
            refused == 0
        })
    } else {
        app::refused(&config).map(|rows| {
            rows.iter().for_each(say);
            note(format_args!("{} rows are set aside", rows.len()));
            true
        })
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(EXIT_FAILED),
        Err(error) => {
            complain(format_args!("{error:#}"));
            ExitCode::from(EXIT_FAILED)
        }
    }
}
