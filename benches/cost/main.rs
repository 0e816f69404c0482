//! What stillup costs, measured on the built program against nginx on loopback.
//!
//! Prints, in one run: CPU of a plain and of a TLS check beside a bare client that only asks and
//! counts; the rate with recording on; memory by number of sites; bytes of a check on disk. Only
//! ratios of one run mean anything: machines differ. Nothing here fails on time.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench stops at the first thing that goes wrong"
)]

mod bare;
mod nginx;
mod process;
mod program;

use std::time::Duration;

use nginx::Nginx;
use program::{Program, Run};

/// One line of the table.
struct Line {
    what: String,
    figure: String,
    beside: String,
}

#[tokio::main]
async fn main() {
    // `cargo test` builds and starts benches too; they measure only when asked to.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let nginx = Nginx::start();
    let mut lines = Vec::new();
    cost(&nginx, &mut lines, "plain", false).await;
    cost(&nginx, &mut lines, "TLS", true).await;
    rate(&nginx, &mut lines).await;
    memory(&nginx, &mut lines).await;
    println!("\n{:<44} {:>22}   reference of the same run, or goal", "what", "figure");
    for Line { what, figure, beside } in lines {
        println!("{what:<44} {figure:>22}   {beside}");
    }
}

fn millis(cpu: Duration, checks: u64) -> f64 {
    cpu.as_secs_f64() * 1_000.0 / checks.max(1) as f64
}

/// CPU of a check: 5,000 sites, each looked at every 5 s, for 20 s.
async fn cost(nginx: &Nginx, lines: &mut Vec<Line>, name: &str, tls: bool) {
    eprintln!("measuring a {name} check …");
    let sites = if tls { 2_500 } else { 5_000 };
    let program = Program::start(nginx, sites, 5, tls).await;
    let Run { checks, own, postgres, seconds } = program.measure(20).await;
    program.stop().await;
    let bare = bare::run(nginx, tls, Duration::from_secs(5)).await;
    lines.push(Line {
        what: format!("CPU of a {name} check, stillup alone"),
        figure: format!("{:.3} ms", millis(own, checks)),
        beside: format!("bare client {:.3} ms", millis(bare.cpu, bare.asked)),
    });
    lines.push(Line {
        what: format!("CPU of a {name} check, Postgres beside it"),
        figure: format!("{:.3} ms", millis(postgres, checks)),
        beside: format!("at {:.0} checks/s", checks as f64 / seconds),
    });
}

/// The highest rate with recording on: more sites than can be looked at.
async fn rate(nginx: &Nginx, lines: &mut Vec<Line>) {
    eprintln!("measuring the highest rate …");
    let program = Program::start(nginx, 75_000, 5, false).await;
    let before = program.bytes_on_disk().await;
    let run = program.measure(20).await;
    let after = program.bytes_on_disk().await;
    let bare = bare::run(nginx, false, Duration::from_secs(5)).await;
    lines.push(Line {
        what: "rate, recording on".to_owned(),
        figure: format!("{:.0} checks/s", run.checks as f64 / run.seconds),
        beside: format!("bare client {:.0}/s, goal 10,000/s", bare.asked as f64 / 5.0),
    });
    lines.push(Line {
        what: "on disk, with all indexes".to_owned(),
        figure: match (before, after) {
            (Some(before), Some(after)) if after.0 > before.0 => {
                format!(
                    "{:.0} bytes a check",
                    (after.1 - before.1) as f64 / (after.0 - before.0) as f64
                )
            }
            _ => "not measured".to_owned(),
        },
        beside: String::new(),
    });
    program.stop().await;
}

/// Memory of the process once every site was looked at and the pages were loaded.
async fn memory(nginx: &Nginx, lines: &mut Vec<Line>) {
    for (sites, goal) in [(100, ""), (1_000, "goal 30 MB"), (10_000, "goal 60 MB")] {
        eprintln!("measuring memory at {sites} sites …");
        let program = Program::start(nginx, sites, 60, false).await;
        program.measure(75).await;
        program.load_pages().await;
        lines.push(Line {
            what: format!("memory at {sites} sites, pages loaded"),
            figure: format!("{:.1} MB", program.memory()),
            beside: goal.to_owned(),
        });
        program.stop().await;
    }
}
