//! CPU of a plain check and of checks over TLS with chains of each kind, beside a bare client that only
//! requests and counts, with full handshakes; and the highest rates with recording on.

use std::time::Duration;

use tokio::time::sleep;

use crate::{
    Bench,
    bare::{self, Bare},
    chains::CertificateChain,
    home::Home,
    nginx::Nginx,
    program::{BenchSites, Program, ProgramRun},
    scale::{seconds, size},
};

pub(crate) async fn measure(bench: Bench) {
    let nginx = Nginx::start();
    cost(&bench, &nginx, None).await;
    let mut simple = None;
    for chain in CertificateChain::ALL {
        let ours = cost(&bench, &nginx, Some(chain)).await;
        let first = *simple.get_or_insert(ours);
        if chain != CertificateChain::P256 {
            bench.table.line(
                format!("a check with {} beside one with the simple chain", chain.words()),
                format!("{:.2} times", ours / first),
                format!("{ours:.3} ms and {first:.3} ms"),
                if chain == CertificateChain::P384 { "1.25 times" } else { "" },
            );
        }
    }
    rate(&bench, &nginx, None, 75_000, "10,000/s").await;
    rate(&bench, &nginx, Some(CertificateChain::P384), 30_000, "5,000/s").await;
}

fn millis(cpu: Duration, checks: u64) -> f64 {
    cpu.as_secs_f64() * 1_000.0 / checks.max(1) as f64
}

fn words(chain: Option<CertificateChain>) -> String {
    chain.map_or("plain check".to_owned(), |chain| format!("TLS check, {}", chain.words()))
}

/// CPU of a check in milliseconds: thousands of sites, each checked every 5 s, for 20 s.
async fn cost(bench: &Bench, nginx: &Nginx, chain: Option<CertificateChain>) -> f64 {
    let count = size(if chain.is_some() { 2_500 } else { 5_000 });
    let program =
        Program::start(Home::new(), &BenchSites { nginx, count, interval: 5, chain }).await;
    let run = program.measure(10, seconds(20)).await;
    program.stop().await;
    let bare = bare::run(nginx, chain, Duration::from_secs(5)).await;
    let what = words(chain);
    let ours = own_cost(bench, &format!("CPU of a {what}"), &run, &bare, chain);
    bench.table.line(
        format!("CPU of Postgres for a {what}"),
        format!("{:.3} ms", millis(run.postgres, run.checks)),
        format!("at {:.0} checks/s", run.checks as f64 / run.seconds),
        "",
    );
    told(bench, &what, &run);
    ours
}

/// The CPU of the program itself, recording on, beside the bare client's.
fn own_cost(
    bench: &Bench,
    what: &str,
    run: &ProgramRun,
    bare: &Bare,
    chain: Option<CertificateChain>,
) -> f64 {
    let (ours, bare) = (millis(run.own, run.checks), millis(bare.cpu, bare.asked));
    bench.table.line(
        what,
        format!("{ours:.3} ms, {:.2} times the bare client", ours / bare),
        format!("bare client {bare:.3} ms"),
        match chain {
            None => "0.10 ms, 1.6 times",
            Some(CertificateChain::P256) => "2.2 times",
            Some(_) => "",
        },
    );
    ours
}

/// Sites that are well and are called something else; and whether it knows that it is too slow.
fn told(bench: &Bench, what: &str, run: &ProgramRun) {
    bench.table.line(
        format!("sites called slow or down: {what}"),
        format!("{:.0}", run.blamed),
        if run.overloaded { "it says that it cannot keep up" } else { "it keeps up" },
        "0",
    );
}

/// The highest rate with recording on: more sites than can be checked.
async fn rate(
    bench: &Bench,
    nginx: &Nginx,
    chain: Option<CertificateChain>,
    count: u64,
    goal: &str,
) {
    let sites = BenchSites { nginx, count: size(count), interval: 5, chain };
    let program = Program::start(Home::new(), &sites).await;
    sleep(Duration::from_secs(10)).await;
    program.catch_up().await;
    let run = program.measure(0, seconds(20)).await;
    program.stop().await;
    let bare = bare::run(nginx, chain, Duration::from_secs(5)).await;
    let what = words(chain);
    bench.table.line(
        format!("rate, recording on: {what}"),
        format!("{:.0} checks/s", run.checks as f64 / run.seconds),
        format!("bare client {:.0}/s", bare.asked as f64 / 5.0),
        goal,
    );
    own_cost(bench, &format!("CPU at that rate: {what}"), &run, &bare, chain);
    told(bench, &format!("{what}, at that rate"), &run);
}
