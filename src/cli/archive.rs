//! `stillup export`, `import` and `rollup`: the record as lines, and its sums made again.

use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};

use super::{EXIT_FAILED, fail_with, finish, note};
use crate::{
    app::archive::{self, Done},
    config::{Config, Flags},
};
use model::moment::Moment;

/// Characters of the bar.
const WIDTH: u64 = 30;

/// Format of the lines.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum LineFormat {
    /// A JSON object a line: checks and verdict changes
    Jsonl,
    /// Comma-separated values: checks only, for spreadsheets; they are not imported again
    Csv,
}

impl From<LineFormat> for archive::Format {
    fn from(format: LineFormat) -> Self {
        match format {
            LineFormat::Jsonl => Self::Jsonl,
            LineFormat::Csv => Self::Csv,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    #[command(flatten)]
    flags: Flags,
    /// Format of the lines
    #[arg(long, value_enum, default_value = "jsonl")]
    format: LineFormat,
    /// The file to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Resume an interrupted export to the same file
    #[arg(long)]
    resume: bool,
    /// Checks from this day or moment (UTC) on
    #[arg(long, value_name = "TIME", value_parser = moment)]
    from: Option<Moment>,
    /// Checks before this day or moment (UTC)
    #[arg(long, value_name = "TIME", value_parser = moment)]
    to: Option<Moment>,
}

#[derive(Debug, Args)]
pub(super) struct ImportArguments {
    #[command(flatten)]
    flags: Flags,
    /// The file to read, of lines of JSON
    file: PathBuf,
    /// Resume an interrupted import of the same file
    #[arg(long)]
    resume: bool,
}

#[derive(Debug, Args)]
pub(super) struct RollupArguments {
    #[command(flatten)]
    flags: Flags,
    /// The first day (UTC) whose rollups are made again
    #[arg(long, value_name = "TIME", value_parser = moment)]
    from: Moment,
    /// Until this day or moment (UTC)
    #[arg(long, value_name = "TIME", value_parser = moment)]
    to: Moment,
}

pub(super) async fn export(arguments: ExportArguments) -> ExitCode {
    let ExportArguments { flags, format, output, resume, from, to } = arguments;
    let options = archive::Export { format: format.into(), output, resume, from, until: to };
    with_config(&flags, async |config| {
        in_order(from, to)?;
        let mut bar = ProgressBar::new("days");
        let checks = archive::export(config, &options, &mut |done| bar.show(done)).await?;
        bar.end(&format!("{checks} checks were exported"));
        Ok(())
    })
    .await
}

pub(super) async fn import(arguments: ImportArguments) -> ExitCode {
    let ImportArguments { flags, file, resume } = arguments;
    let options = archive::Import { file, resume };
    with_config(&flags, async |config| {
        let mut bar = ProgressBar::new("bytes");
        let new = archive::import(config, &options, &mut |done| bar.show(done)).await?;
        bar.end(&format!("{} checks and {} changes were new", new.checks, new.changes));
        Ok(())
    })
    .await
}

pub(super) async fn rollup(arguments: RollupArguments) -> ExitCode {
    let RollupArguments { flags, from, to } = arguments;
    with_config(&flags, async |config| {
        in_order(Some(from), Some(to))?;
        let mut bar = ProgressBar::new("days");
        let hours = archive::roll_up(config, from, to, &mut |done| bar.show(done)).await?;
        bar.end(&format!("{hours} hours were summed"));
        Ok(())
    })
    .await
}

/// Refuses a time that ends before it begins: nothing would be done, in silence.
fn in_order(from: Option<Moment>, to: Option<Moment>) -> Result<()> {
    if let (Some(from), Some(to)) = (from, to) {
        ensure!(
            from < to,
            "--from {from} is not before --to {to}: the first is in, the last is not"
        );
    }
    Ok(())
}

/// Does the work with the configuration of these flags; returns the exit code.
async fn with_config(flags: &Flags, work: impl AsyncFnOnce(&Config) -> Result<()>) -> ExitCode {
    let config = match Config::load(flags) {
        Ok(config) => config,
        Err(problems) => return fail_with(&problems),
    };
    match work(&config).await {
        Err(error) if has_lost_reader(&error) => ExitCode::from(EXIT_FAILED),
        done => finish(done),
    }
}

/// Returns whether it failed because the reader of the lines has left, as `head` does when it has
/// enough.
fn has_lost_reader(error: &anyhow::Error) -> bool {
    let io = error.root_cause().downcast_ref::<std::io::Error>();
    io.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

fn moment(text: &str) -> Result<Moment, String> {
    let day = || Moment::parse(&format!("{text}T00:00:00Z"));
    Moment::parse(text).or_else(|_| day()).map_err(|_| {
        "write a day such as 2026-03-01 or a time such as 2026-03-01T12:00:00Z".to_owned()
    })
}

/// A progress bar on the terminal for long commands; silent without a terminal.
#[derive(Debug)]
struct ProgressBar {
    on_terminal: bool,
    unit: &'static str,
    shown: String,
}

impl ProgressBar {
    /// A bar that counts in these.
    fn new(unit: &'static str) -> Self {
        Self { on_terminal: std::io::stderr().is_terminal(), unit, shown: String::new() }
    }

    /// Shows how far it is.
    fn show(&mut self, done: Done) {
        let line = line(done, self.unit);
        if self.on_terminal && line != self.shown {
            let mut to = std::io::stderr().lock();
            // A terminal that is gone is no reason to end the work.
            drop(write!(to, "\r{line}\x1b[K"));
            drop(to.flush());
            self.shown = line;
        }
    }

    /// Says what came of it.
    fn end(&self, sentence: &str) {
        let clear = if self.on_terminal { "\r\x1b[K" } else { "" };
        note(format_args!("{clear}{sentence}"));
    }
}

fn line(Done { done, of, checks }: Done, unit: &str) -> String {
    let done = done.min(of);
    let full = (done * WIDTH).checked_div(of).unwrap_or(0) as usize;
    let percent = (done * 100).checked_div(of).unwrap_or(0);
    let (full, empty) = ("#".repeat(full), ".".repeat(WIDTH as usize - full));
    let checks = if checks > 0 { format!(", {checks} checks") } else { String::new() };
    format!("[{full}{empty}] {percent:3} % of {of} {unit}{checks}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_ends_before_it_begins_is_refused() {
        let day = |text: &str| Some(moment(text).unwrap());
        for (from, to, good) in [
            (day("2026-11-01"), day("2026-11-02"), true),
            (day("2026-11-02"), day("2026-11-01"), false),
            (day("2026-11-01"), day("2026-11-01"), false),
            (day("2026-11-01"), None, true),
            (None, day("2026-11-01"), true),
        ] {
            assert_eq!(in_order(from, to).is_ok(), good, "{from:?} {to:?}");
        }
    }

    #[test]
    fn a_bar_is_as_full_as_the_work_is_done() {
        let at = |done, of| line(Done { done, of, checks: 7 }, "days");
        assert_eq!(
            at(1, 2),
            format!("[{}{}]  50 % of 2 days, 7 checks", "#".repeat(15), ".".repeat(15))
        );
        assert!(at(9, 2).contains("100 %") && at(0, 0).contains("  0 %"));
    }
}
