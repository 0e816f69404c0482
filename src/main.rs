//! The thin binary.

use std::{io::IsTerminal, process::ExitCode};

use stillup::cli::Cli;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    filter::Targets, fmt::layer, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

#[cfg(feature = "jemalloc")]
#[global_allocator]
static MEMORY: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let wanted = std::env::var("RUST_LOG").ok().filter(|text| !text.trim().is_empty());
    let filter = wanted.and_then(|text| text.parse().ok()).unwrap_or_else(|| {
        Targets::new()
            .with_default(LevelFilter::INFO)
            .with_targets([("sqlx", LevelFilter::WARN), ("hickory_server", LevelFilter::WARN)])
    });
    let ansi = std::io::stderr().is_terminal();
    let log = layer().with_target(false).with_ansi(ansi).with_writer(std::io::stderr);
    // Without the last, a log whose reader has left (`2>&1 | head`) would end the process with a
    // panic.
    registry().with(filter).with(log.log_internal_errors(false)).init();
    cli.run().await
}
