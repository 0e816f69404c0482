//! Costs of stillup, measured on the built program, each line beside a reference of the same run.
//!
//! ```text
//! cargo bench --bench cost [-- THEME...]        all themes unless some are named
//! BENCH_SCALE=20 cargo bench --bench cost       a twentieth of sites and days: for trying out
//! ```
//!
//! The themes are [`THEMES`]. One that fails is named and the others still run. The table at the
//! end is in Markdown. Only ratios of one run mean anything: machines differ. Nothing here fails on
//! time.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a theme stops at the first thing that goes wrong"
)]

#[path = "../../examples/past/making/mod.rs"]
mod making;

mod agents;
mod bare;
mod buckets;
mod chains;
mod checks;
mod day;
mod gaps;
mod history;
mod home;
mod http;
mod memory;
mod metrics;
mod nginx;
mod process;
mod program;
mod record;
mod scale;
mod statics;
mod table;
mod virtual_node;
mod web;
mod wrk;

use std::{pin::Pin, process::ExitCode};

use home::Homes;
use table::ResultTable;
use tokio::signal::unix::{SignalKind, signal};

/// As in the program, so that memory is comparable.
#[cfg(feature = "jemalloc")]
#[global_allocator]
static MEMORY: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// State shared by all themes.
#[derive(Clone)]
struct Bench {
    table: ResultTable,
    /// Homes that were made, for every theme that wants the same.
    homes: Homes,
}

type Measured = Pin<Box<dyn Future<Output = ()> + Send>>;
type Measure = fn(Bench) -> Measured;

/// The themes, in the order in which they run.
const THEMES: &[(&str, Measure)] = &[
    ("checks", |bench| Box::pin(checks::measure(bench))),
    ("memory", |bench| Box::pin(memory::measure(bench))),
    ("agents", |bench| Box::pin(agents::measure(bench))),
    ("record", |bench| Box::pin(record::measure(bench))),
    ("web", |bench| Box::pin(web::measure(bench))),
    ("past", |bench| Box::pin(history::measure(bench))),
    ("wide", |bench| Box::pin(history::measure_wide(bench))),
    ("day", |bench| Box::pin(day::measure(bench))),
];

/// Ctrl-C, or a timeout's SIGTERM.
async fn told_to_end() {
    let mut end = signal(SignalKind::terminate()).expect("signals can be heard");
    tokio::select! {
        _ = end.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test` builds and starts benches too; they measure only as a bench.
    if !words.iter().any(|word| word == "--bench") {
        return ExitCode::SUCCESS;
    }
    let asked: Vec<&String> = words.iter().filter(|word| !word.starts_with('-')).collect();
    let known = |word: &&&String| !THEMES.iter().any(|(name, _)| name == **word);
    if let Some(word) = asked.iter().find(known) {
        let names: Vec<_> = THEMES.iter().map(|(name, _)| *name).collect();
        eprintln!("there is no theme `{word}`; there are {}", names.join(", "));
        return ExitCode::FAILURE;
    }
    let bench = Bench { table: ResultTable::default(), homes: Homes::default() };
    let mut good = true;
    for (name, measure) in THEMES {
        if !asked.is_empty() && !asked.iter().any(|word| word == name) {
            continue;
        }
        bench.table.theme(name);
        let mut running = tokio::spawn(measure(bench.clone()));
        let ended = tokio::select! {
            ended = &mut running => ended.map_err(|error| error.to_string()),
            () = told_to_end() => {
                // What it started ends when it is dropped.
                running.abort();
                drop(running.await);
                eprintln!("stopped");
                bench.homes.clear();
                return ExitCode::FAILURE;
            }
        };
        if let Err(error) = ended {
            bench.table.failed(name, &error);
            good = false;
        }
        bench.table.theme_ended(name);
    }
    bench.homes.clear();
    bench.table.print(&asked);
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
