//! `stillup replay`: plays an outage again, or recorded checks through the judge.

use std::{
    fs::File, future::pending, io::BufReader, net::SocketAddr, path::PathBuf, process::ExitCode,
};

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::{EXIT_FAILED, complain, fail_with, finish, say};
use crate::{
    config::{Catalogue, ConfigProblem, Defaults, Story},
    i18n::sentence::cause_words,
    replay::{self, Options, VerdictChange},
};
use model::judge::Rules;

#[derive(Debug, Args)]
pub(super) struct ReplayArguments {
    /// A story (TOML, such as those in outages/), or recorded checks (JSON lines: FILE.jsonl)
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Speed, as a multiple of real time [default: the story's own]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3_600))]
    speed: Option<u32>,
    /// Address that the pages are served at
    #[arg(
        long,
        env = "STILLUP_LISTEN",
        value_name = "ADDRESS:PORT",
        default_value = "127.0.0.1:8080"
    )]
    listen: SocketAddr,
    /// Let the pages stay when the story is over, until Ctrl-C
    #[arg(long)]
    stay: bool,
    /// Play the story as fast as possible, without pages, and report unmet expectations
    #[arg(long, conflicts_with_all = ["speed", "stay", "sites"])]
    check: bool,
    /// For recorded checks: the catalogue with the limits of their sites
    #[arg(long, value_name = "FILE")]
    sites: Option<PathBuf>,
}

pub(super) async fn run(arguments: ReplayArguments) -> ExitCode {
    if arguments.file.extension().is_some_and(|kind| kind == "jsonl") {
        return match judge(&arguments) {
            Ok(()) => ExitCode::SUCCESS,
            Err(problems) => fail_with(&problems),
        };
    }
    let story = match Story::load(&arguments.file, &replay::understands) {
        Ok(story) => story,
        Err(problems) => return fail_with(&problems),
    };
    if arguments.check {
        return check(&arguments, story).await;
    }
    let speed = arguments.speed.unwrap_or(story.speed);
    let options = Options { speed, listen: arguments.listen, stay: arguments.stay };
    let played = tokio::select! {
        played = replay::play(story, options) => played,
        () = until_signal() => Ok(()),
    };
    finish(played)
}

/// Plays a story and reports its unmet expectations.
async fn check(arguments: &ReplayArguments, story: Story) -> ExitCode {
    let count = story.expectations.len();
    let unmet = tokio::select! {
        checked = replay::check(story) => checked,
        () = until_signal() => return ExitCode::from(EXIT_FAILED),
    };
    match unmet {
        Ok(unmet) if unmet.is_empty() => {
            say(format_args!("All is as expected ({count} expectations)."));
            ExitCode::SUCCESS
        }
        Ok(unmet) => {
            for unmet in &unmet {
                complain(format_args!("{}:{unmet}", arguments.file.display()));
            }
            ExitCode::from(EXIT_FAILED)
        }
        Err(error) => {
            complain(format_args!("{error:#}"));
            ExitCode::from(EXIT_FAILED)
        }
    }
}

/// Waits for SIGINT or SIGTERM; what was made for the play is then cleared away.
async fn until_signal() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// Plays recorded checks through the judge, and prints every change of verdict.
fn judge(arguments: &ReplayArguments) -> Result<(), Vec<ConfigProblem>> {
    let file = arguments.file.display().to_string();
    let catalogue = match &arguments.sites {
        Some(path) => Some(Catalogue::load(path, &Defaults::default())?),
        None => None,
    };
    let sites = catalogue.as_ref().map_or(&[][..], Catalogue::sites);
    let cannot =
        |error| vec![ConfigProblem::new(file.as_str(), format!("cannot be read: {error}"))];
    let recorded = BufReader::new(File::open(&arguments.file).map_err(cannot)?);
    let told = |change: VerdictChange| say(line(&change));
    let checks = replay::judge(recorded, &file, sites, &Rules::default(), told);
    say(format_args!("{} checks were judged.", checks.map_err(|problem| vec![problem])?));
    Ok(())
}

fn line(change: &VerdictChange) -> String {
    let VerdictChange { at, slug, was, verdict } = change;
    let since = verdict.since.map(|since| format!(", since {since}")).unwrap_or_default();
    let why = verdict.cause.as_ref().map(|cause| format!(": {}", cause_words(cause)));
    let restricted = if verdict.restricted { " (restricted)" } else { "" };
    let notes: Vec<&str> = verdict.notes.iter().map(|note| note.kind.word()).collect();
    let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) };
    let (was, is) = (was.word(), verdict.status.word());
    format!("{at} {slug}: {was} → {is}{restricted}{notes}{since}{}", why.unwrap_or_default())
}
