//! `stillup token`: tokens of operators and their programs, for the API and the operator's page.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{fail_with, note, planned::finish_change, rough_duration, say};
use crate::{
    app,
    config::{Config, Flags, OperatorToken},
};
use model::{moment::Moment, name::AgentName, permission::Permission};
use prober::clock::Clock;

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Make a token: it is printed once, and kept nowhere
    Add(AddToken),
    /// Show the tokens and what each may do
    List(Flags),
    /// End the tokens of a name, or one of them, at once
    Remove(RemoveToken),
}

#[derive(Debug, Args)]
pub(super) struct AddToken {
    /// The name of its holder, which the audit shows: 1 to 63 of a-z, 0-9 and '-'
    #[arg(value_parser = AgentName::new)]
    name: AgentName,
    /// Permissions: read, check, notices, planned, sites; several with commas between them
    #[arg(long, required = true, value_delimiter = ',', value_parser = Permission::parse)]
    may: Vec<Permission>,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Args)]
pub(super) struct RemoveToken {
    /// The name of its holder
    #[arg(value_parser = AgentName::new)]
    name: AgentName,
    /// End this token alone, by the part of it between its underscores
    #[arg(long, value_name = "ID")]
    token: Option<String>,
    #[command(flatten)]
    flags: Flags,
}

pub(super) fn run(command: TokenCommand) -> ExitCode {
    let flags = match &command {
        TokenCommand::Add(AddToken { flags, .. })
        | TokenCommand::List(flags)
        | TokenCommand::Remove(RemoveToken { flags, .. }) => flags,
    };
    let config = match Config::load(flags) {
        Ok(config) => config,
        Err(problems) => return fail_with(&problems),
    };
    let (operator, now) = (app::operator(&config, &config.data_dir), Clock::system().now());
    let done = match command {
        TokenCommand::Add(AddToken { name, may, .. }) => {
            operator.add_token(name.as_str(), &may, now).map(|token| {
                // Alone on the standard output, so that it can go straight into a file.
                say(token.expose());
                note("this token is shown once. Send it as: Authorization: Bearer TOKEN");
            })
        }
        TokenCommand::List(_) => {
            let tokens = operator.tokens();
            tokens.iter().for_each(|token| say(line(token, now)));
            if tokens.is_empty() {
                note("there are no tokens: stillup token add NAME --may read,notices,planned");
            }
            Ok(())
        }
        TokenCommand::Remove(RemoveToken { name, token, .. }) => {
            operator.remove_token(name.as_str(), token.as_deref(), now)
        }
    };
    finish_change(done)
}

/// A token in a line.
fn line(token: &OperatorToken, now: Moment) -> String {
    let may: Vec<&str> = token.may.iter().map(|permission| permission.word()).collect();
    let (name, id, may) = (&token.name, &token.id, may.join(","));
    format!("{name} may {may}; token {id}, {} old", rough_duration(now.since(token.added_at)))
}
