//! The thin binary.

use std::{io::IsTerminal, process::ExitCode};

use stillup::cli::Cli;
use tracing_subscriber::EnvFilter;

#[global_allocator]
static MEMORY: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,hickory_server=warn"));
    let ansi = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_target(false);
    // Without the last, a log whose reader has left (`2>&1 | head`) would end the process with a
    // panic.
    log.with_ansi(ansi).with_writer(std::io::stderr).log_internal_errors(false).init();
    cli.run().await
}
