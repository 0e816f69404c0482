//! The commands and what they print.
//!
//! A reader that left (`stillup check … | head -1`) is no error: nothing more is printed, and the exit
//! code still counts. `println!` would panic there, so commands print with [`say`], [`note`] and
//! [`complain`].

mod agents;
mod archive;
mod check;
mod journal;
mod notice;
mod notify;
mod planned;
mod probe;
mod replay;
mod report;
mod sites;
mod token;
mod wait;

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write},
    process::ExitCode,
    time::Duration,
};

use clap::{Args, Parser, Subcommand};

use crate::{
    app,
    config::{self, ConfigProblem, Flags, show_duration},
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
    /// Watch the sites of the catalogue and serve their status
    Serve(ServeArguments),
    /// Run an agent: probe from another region and report to a service
    Probe(probe::ProbeArguments),
    /// Check sites once, now: exit 0 up, 1 slow, 2 down, 3 unknown (the worst counts)
    Check(check::CheckArguments),
    /// Wait until a site is up or down: exit 0 once it is, 3 when the time has run out
    Wait(wait::WaitArguments),
    /// Replay an outage through the real prober, judge and pages
    Replay(replay::ReplayArguments),
    /// Validate, compare and apply a catalogue; convert the lists of other tools
    #[command(subcommand)]
    Sites(sites::SitesCommand),
    /// Manage the agents that report to a service
    #[command(subcommand)]
    Agents(agents::AgentsCommand),
    /// Export checks and verdict changes, whole days at a time
    Export(archive::ExportArguments),
    /// Import exported lines; what is recorded already stays as it is
    Import(archive::ImportArguments),
    /// Rebuild the rollups of whole days from the checks
    Rollup(archive::RollupArguments),
    /// Inspect rows that Postgres refused
    #[command(subcommand)]
    Journal(journal::JournalCommand),
    /// Announce and cancel planned work
    #[command(subcommand)]
    Planned(planned::PlannedCommand),
    /// Open, update and close notices about trouble
    #[command(subcommand)]
    Notice(notice::NoticeCommand),
    /// Write the monthly report on sites: outages, planned work, time without checks
    Report(report::ReportArguments),
    /// Manage tokens for changes over the API and for the operator's page
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Test notification channels
    #[command(subcommand)]
    Notify(notify::NotifyCommand),
}

#[derive(Debug, Args)]
struct ServeArguments {
    #[command(flatten)]
    flags: Flags,
    /// Confirm that the catalogue drops exactly this many sites
    #[arg(long, value_name = "N")]
    confirm_removals: Option<usize>,
}

/// Exit code for a bad configuration or a service that failed.
const EXIT_FAILED: u8 = 1;

impl Cli {
    /// Reads the command line. Mistakes in it, help and version are printed.
    ///
    /// # Errors
    /// Fails with the exit code, when there is nothing to run.
    pub fn read() -> Result<Self, ExitCode> {
        Self::try_parse().map_err(|error| {
            // When the output is closed, the exit code still counts.
            let _ = error.print();
            let words: Vec<_> = std::env::args_os().skip(1).take(2).collect();
            let words: Vec<_> = words.iter().filter_map(|word| word.to_str()).collect();
            match (error.exit_code(), words.as_slice()) {
                // To those who check, 2 is a site that is down.
                (1.., ["check", ..]) => ExitCode::from(check::EXIT_UNKNOWN),
                // To those who compare, it is a catalogue that differs.
                (1.., ["sites", "diff"]) => ExitCode::from(EXIT_FAILED),
                (code, _) => ExitCode::from(u8::try_from(code).unwrap_or(EXIT_FAILED)),
            }
        })
    }

    /// Runs the command; returns the exit code.
    pub async fn run(self) -> ExitCode {
        match self.command {
            Command::Serve(arguments) => serve(arguments).await,
            Command::Probe(arguments) => probe::run(arguments).await,
            Command::Check(arguments) => check::run(arguments).await,
            Command::Wait(arguments) => wait::run(arguments).await,
            Command::Replay(arguments) => replay::run(arguments).await,
            Command::Sites(command) => sites::run(command).await,
            Command::Agents(command) => agents::run(command).await,
            Command::Export(arguments) => archive::export(arguments).await,
            Command::Import(arguments) => archive::import(arguments).await,
            Command::Rollup(arguments) => archive::rollup(arguments).await,
            Command::Journal(command) => journal::run(command).await,
            Command::Planned(command) => planned::run(command),
            Command::Notice(command) => notice::run(command),
            Command::Token(command) => token::run(command),
            Command::Report(arguments) => report::run(arguments).await,
            Command::Notify(command) => notify::run(command).await,
        }
    }
}

async fn serve(arguments: ServeArguments) -> ExitCode {
    let (config, catalogue) = match config::load(&arguments.flags) {
        Ok(loaded) => loaded,
        Err(problems) => return fail_with(&problems),
    };
    let ServeArguments { flags, confirm_removals } = arguments;
    finish(app::serve(&flags, config, catalogue, confirm_removals).await)
}

/// Prints the error of a command, if it failed; returns the exit code.
fn finish(done: anyhow::Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(format_args!("{error:#}"));
            ExitCode::from(EXIT_FAILED)
        }
    }
}

/// A duration in its largest units, without the smaller ones.
fn rough_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let whole = match seconds {
        0..120 => seconds,
        120..7_200 => seconds / 60 * 60,
        7_200..172_800 => seconds / 3_600 * 3_600,
        _ => seconds / 86_400 * 86_400,
    };
    show_duration(Duration::from_secs(whole))
}

/// Prints what is wrong with files and flags, each on its line; returns the exit code.
fn fail_with(problems: &[ConfigProblem]) -> ExitCode {
    for problem in problems {
        complain(problem);
    }
    ExitCode::from(EXIT_FAILED)
}

/// Prints a line on the standard output. Where it cannot be written, such as on a full disk, that
/// is reported.
fn say(line: impl Display) {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            complain(format_args!("the standard output cannot be written: {error}"));
        }
        _ => {}
    }
}

/// Prints what is wrong, on the standard error.
fn complain(wrong: impl Display) {
    note(format_args!("stillup: {wrong}"));
}

/// Prints a line on the standard error.
fn note(line: impl Display) {
    // When the output is closed, the exit code still counts.
    drop(writeln!(io::stderr(), "{line}"));
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn no_command_has_two_flags_of_one_name() {
        Cli::command().debug_assert();
    }
}
