//! `stillup notify`: tests the channels for notifications.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{EXIT_FAILED, complain, fail_with, say};
use crate::{
    app,
    config::{Config, Flags},
};

#[derive(Debug, Subcommand)]
pub(super) enum NotifyCommand {
    /// Send a test message on a channel, and say what its receiver answered
    Test(TestArguments),
}

#[derive(Debug, Args)]
pub(super) struct TestArguments {
    /// The `name` of a `[[notify]]`
    name: String,
    #[command(flatten)]
    flags: Flags,
}

pub(super) async fn run(command: NotifyCommand) -> ExitCode {
    let NotifyCommand::Test(arguments) = command;
    let config = match Config::load(&arguments.flags) {
        Ok(config) => config,
        Err(problems) => return fail_with(&problems),
    };
    match app::tell_test(&config, &arguments.name).await {
        Ok(answer) => {
            say(format_args!("{}: the receiver took it: {answer}", arguments.name));
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
