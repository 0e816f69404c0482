//! `stillup notify`: tests the channels for notifications.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{EXIT_FAILED, complain, say, tell};
use crate::{
    app,
    config::{Config, Flags},
};

#[derive(Debug, Subcommand)]
pub(super) enum NotifyCommand {
    /// Send a test message on a channel, and say what its receiver answered
    Test(Test),
}

#[derive(Debug, Args)]
pub(super) struct Test {
    /// The `name` of a `[[notify]]`
    name: String,
    #[command(flatten)]
    flags: Flags,
}

pub(super) async fn run(command: NotifyCommand) -> ExitCode {
    let NotifyCommand::Test(test) = command;
    let config = match Config::load(&test.flags) {
        Ok(config) => config,
        Err(problems) => return tell(&problems),
    };
    match app::tell_test(&config, &test.name).await {
        Ok(answer) => {
            say(format_args!("{}: the receiver took it: {answer}", test.name));
            ExitCode::SUCCESS
        }
        Err(why) => {
            for line in why.lines() {
                complain(line);
            }
            ExitCode::from(EXIT_FAILED)
        }
    }
}
