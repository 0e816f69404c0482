//! `stillup wait`: probes a site until it is up, or down.

use std::{process::ExitCode, time::Duration};

use clap::{Args, ValueEnum};
use tokio::time::{Instant, sleep, timeout_at};

use super::{EXIT_FAILED, check::CheckContext, complain, note, say};
use crate::config::{Flags, parse_duration, show_duration};
use model::{target::without_login, verdict::Status};

/// Time between two checks.
const PAUSE: Duration = Duration::from_secs(5);
/// Longest wait.
const MAX_TIMEOUT: Duration = Duration::from_hours(30 * 24);
/// Exit code when the time ran out.
const EXIT_RAN_OUT: u8 = 3;

#[derive(Debug, Args)]
pub(super) struct WaitArguments {
    /// A site of the catalogue, a name, an address or a URL
    #[arg(value_name = "TARGET")]
    target: String,
    /// The state to wait for
    #[arg(long, value_enum, default_value_t = WantedState::Up)]
    until: WantedState,
    /// Longest wait
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = read_timeout)]
    timeout: Duration,
    #[command(flatten)]
    flags: Flags,
}

/// A state that can be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum WantedState {
    /// Up, if slow
    Up,
    /// Down
    Down,
}

impl WantedState {
    /// Returns whether a site with this status is so.
    fn is(self, status: Status) -> bool {
        match self {
            Self::Up => matches!(status, Status::Up | Status::Slow),
            Self::Down => matches!(status, Status::Down | Status::Partial),
        }
    }
}

fn read_timeout(text: &str) -> Result<Duration, String> {
    let read = parse_duration(text).filter(|long| !long.is_zero() && *long <= MAX_TIMEOUT);
    read.ok_or_else(|| format!("write such as 90s or 1h, up to {}", show_duration(MAX_TIMEOUT)))
}

pub(super) async fn run(arguments: WaitArguments) -> ExitCode {
    let WaitArguments { target, until, timeout, flags } = arguments;
    let Ok(context) = CheckContext::new(&flags) else { return ExitCode::from(EXIT_FAILED) };
    let shown = without_login(&target);
    let deadline = Instant::now() + timeout;
    let mut last = None;
    loop {
        match timeout_at(deadline, context.check(&target)).await {
            Ok(Ok(seen)) if until.is(seen.verdict.status) => {
                say(seen.summary());
                return ExitCode::SUCCESS;
            }
            Ok(Ok(seen)) => {
                if last.replace(seen.verdict.status) != Some(seen.verdict.status) {
                    note(seen.summary());
                }
            }
            Ok(Err(why)) => {
                complain(format_args!("{shown:?}: {why}"));
                return ExitCode::from(EXIT_FAILED);
            }
            Err(_) => break,
        }
        if timeout_at(deadline, sleep(PAUSE)).await.is_err() {
            break;
        }
    }
    complain(format_args!("{shown:?}: it did not happen within {}", show_duration(timeout)));
    ExitCode::from(EXIT_RAN_OUT)
}
