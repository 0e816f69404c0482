//! CPU of a plain and of a TLS check beside a bare client that only requests and counts, and the
//! highest rate with recording on.

use std::time::Duration;

use crate::{
    Bench,
    bare::{self, Bare},
    home::Home,
    nginx::Nginx,
    program::{Program, Run, Sites},
    scale::seconds,
};

pub(crate) async fn measure(bench: Bench) {
    let nginx = Nginx::start();
    cost(&bench, &nginx, "plain", false).await;
    cost(&bench, &nginx, "TLS", true).await;
    rate(&bench, &nginx).await;
}

fn millis(cpu: Duration, checks: u64) -> f64 {
    cpu.as_secs_f64() * 1_000.0 / checks.max(1) as f64
}

/// CPU of a check: thousands of sites, each checked every 5 s, for 20 s.
async fn cost(bench: &Bench, nginx: &Nginx, name: &str, tls: bool) {
    let count = if tls { 2_500 } else { 5_000 };
    let program = Program::start(Home::new(), &Sites { nginx, count, interval: 5, tls }).await;
    let Run { checks, own, postgres, seconds } = program.measure(10, seconds(20)).await;
    program.stop().await;
    let bare = bare::run(nginx, tls, Duration::from_secs(5)).await;
    own_cost(bench, &format!("CPU of a {name} check"), (own, checks), &bare, tls);
    bench.table.line(
        format!("CPU of Postgres for a {name} check"),
        format!("{:.3} ms", millis(postgres, checks)),
        format!("at {:.0} checks/s", checks as f64 / seconds),
        "",
    );
}

/// The CPU of the program itself, recording on, beside the bare client's.
fn own_cost(bench: &Bench, what: &str, (own, checks): (Duration, u64), bare: &Bare, tls: bool) {
    let (ours, bare) = (millis(own, checks), millis(bare.cpu, bare.asked));
    bench.table.line(
        what,
        format!("{ours:.3} ms, {:.2} times the bare client", ours / bare),
        format!("bare client {bare:.3} ms"),
        if tls { "2.2 times" } else { "0.10 ms, 1.6 times" },
    );
}

/// The highest rate with recording on: more sites than can be checked.
async fn rate(bench: &Bench, nginx: &Nginx) {
    let sites = Sites { nginx, count: 75_000, interval: 5, tls: false };
    let program = Program::start(Home::new(), &sites).await;
    let run = program.measure(10, seconds(20)).await;
    program.stop().await;
    let bare = bare::run(nginx, false, Duration::from_secs(5)).await;
    bench.table.line(
        "rate, recording on",
        format!("{:.0} checks/s", run.checks as f64 / run.seconds),
        format!("bare client {:.0}/s", bare.asked as f64 / 5.0),
        "10,000/s",
    );
    own_cost(bench, "CPU of a plain check at that rate", (run.own, run.checks), &bare, false);
}
