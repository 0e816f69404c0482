//! The commands and what they print.

mod check;
mod notify;
mod replay;
mod sites;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::{
    app,
    config::{self, Flags, Problem},
};

/// Is that site up right now? Probes, judges, shows, and stays up itself.
#[derive(Debug, Parser)]
#[command(name = "stillup", version, about, disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Watch the sites of the catalogue and show how they are
    Serve(Serve),
    /// Look at sites once, now: exit 0 up, 1 slow, 2 down, 3 unknown (the worst wins)
    Check(check::Arguments),
    /// Play an outage again, through the real prober, judge and pages
    Replay(replay::Replay),
    /// Work on the catalogue of a service
    #[command(subcommand)]
    Sites(sites::Command),
    /// Try the ways to tell people
    #[command(subcommand)]
    Notify(notify::Command),
}

#[derive(Debug, Args)]
struct Serve {
    #[command(flatten)]
    flags: Flags,
    /// Confirm that the catalogue drops exactly this many sites
    #[arg(long, value_name = "N")]
    confirm_removals: Option<usize>,
}

/// Exit code for a bad configuration or a service that failed.
const FAILED: u8 = 1;

impl Cli {
    /// Does what was asked; gives the exit code.
    pub async fn run(self) -> ExitCode {
        match self.command {
            Command::Serve(arguments) => serve(arguments).await,
            Command::Check(arguments) => check::run(arguments).await,
            Command::Replay(arguments) => replay::run(arguments).await,
            Command::Sites(command) => sites::run(command).await,
            Command::Notify(command) => notify::run(command).await,
        }
    }
}

async fn serve(arguments: Serve) -> ExitCode {
    let (config, catalogue) = match config::load(&arguments.flags) {
        Ok(loaded) => loaded,
        Err(problems) => return tell(&problems),
    };
    match app::serve(config, catalogue, arguments.confirm_removals).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stillup: {error:#}");
            ExitCode::from(FAILED)
        }
    }
}

/// Prints what is wrong with a configuration, each on its line.
fn tell(problems: &[Problem]) -> ExitCode {
    for problem in problems {
        eprintln!("stillup: {problem}");
    }
    ExitCode::from(FAILED)
}
