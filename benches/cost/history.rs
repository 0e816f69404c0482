//! A long past: memory, the start, and what visitors wait for with a day, a month and a year behind it.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use crate::{
    Bench,
    home::Home,
    http::HttpClient,
    nginx::Nginx,
    program::{BenchSites, Program},
    scale::{interval, settle, size},
    table::Times,
};

/// Answers of each kind: of fewer, the ninety-ninth of a hundred is that of a neighbour on the machine.
const READINGS: u64 = 1_000;

/// An address, made of a site's number.
type BenchAddress = fn(u64) -> String;

/// Addresses that are read.
const READS: [(&str, BenchAddress); 7] = [
    ("`/`", |_| "/".to_owned()),
    ("`/{domain}`", |site| format!("/site-{site}.example")),
    ("history of 24h", |site| history(site, "24h")),
    ("history of 7d", |site| history(site, "7d")),
    ("history of 30d", |site| history(site, "30d")),
    ("history of 90d", |site| history(site, "90d")),
    // As many addresses, so that no answer comes from a cache.
    ("`/api/v1/outages`", |site| format!("/api/v1/outages?limit={}", 50 + site % 50)),
];

fn history(site: u64, window: &str) -> String {
    format!("/api/v1/sites/site-{site}.example/history?window={window}")
}

/// 1,000 sites with 30 days and a year behind them, each beside the same with a day.
pub(crate) async fn measure(bench: Bench) {
    let nginx = Nginx::start();
    let count = size(1_000);
    let sites = BenchSites { nginx: &nginx, count, interval: interval(), chain: None };
    let young_home = bench.homes.with(count, 1).await;
    let young = settled(&young_home, &sites).await;
    for days in [size(30), size(365)] {
        let home = bench.homes.with(count, days).await;
        let old = settled(&home, &sites).await;
        for (n, times) in read(&[&young, &old], count).await.iter().enumerate() {
            let [first, times] = &times[..] else { continue };
            let ratio = |percent| times.percent(percent) / first.percent(percent);
            bench.table.line(
                format!("{}, {count} sites, {days} days behind them", READS[n].0),
                times.told(),
                format!(
                    "with 1 day, in turns: {}; ratio {:.2} (p50), {:.2} (p99)",
                    first.told(),
                    ratio(50),
                    ratio(99)
                ),
                match n {
                    // A month in full against an almost empty one.
                    4 => "",
                    5 => "ratio 1.2; 5 ms",
                    _ => "ratio 1.2",
                },
            );
        }
        memory(&bench, old, &sites, days).await;
        if days == size(365) {
            start(&bench, &home, &sites, days).await;
        }
        drop(home);
        bench.homes.forget(count, days);
    }
    memory(&bench, young, &sites, 1).await;
    drop(young_home);
    bench.homes.forget(count, 1);
}

/// 10,000 sites with 90 days behind them.
pub(crate) async fn measure_wide(bench: Bench) {
    let nginx = Nginx::start();
    let (count, days) = (size(10_000), size(90));
    let sites = BenchSites { nginx: &nginx, count, interval: interval(), chain: None };
    let home = bench.homes.with(count, days).await;
    let program = settled(&home, &sites).await;
    for (times, (what, _)) in read(&[&program], count).await.iter().zip(READS) {
        for times in times {
            bench.table.line(
                format!("{what}, {count} sites, {days} days behind them"),
                times.told(),
                "",
                "",
            );
        }
    }
    memory(&bench, program, &sites, days).await;
    start(&bench, &home, &sites, days).await;
    drop(home);
    bench.homes.forget(count, days);
}

/// Runs over a past until every site was checked.
async fn settled(home: &Arc<Home>, sites: &BenchSites<'_>) -> Program {
    let program = Program::start(home.clone(), sites).await;
    settle().await;
    program
}

/// Reads from these programs alternately, so that disturbances of the machine affect all alike;
/// returns the times of each, by address.
async fn read(programs: &[&Program], sites: u64) -> Vec<Vec<Times>> {
    let mut all = Vec::new();
    for (what, address) in READS {
        let mut clients = Vec::new();
        for program in programs {
            clients.push((HttpClient::connect(program.address).await.expect("it listens"), vec![]));
        }
        for n in 0..READINGS {
            // Each site once if there are so many: no answer comes from a cache.
            let path = address(n % sites + 1);
            for (client, took) in &mut clients {
                let answer = client.get(&path).await.expect("it answers");
                assert_eq!(answer.status, 200, "{what}");
                took.push(answer.took.as_secs_f64() * 1e3);
            }
        }
        let times: Vec<Times> = clients.into_iter().map(|(_, took)| Times::of(took)).collect();
        let told: Vec<String> = times.iter().map(Times::told).collect();
        eprintln!("  {what}: {}", told.join(" and "));
        all.push(times);
    }
    all
}

/// Loads every kind of page, reports the memory, and ends the program.
async fn memory(bench: &Bench, program: Program, sites: &BenchSites<'_>, days: u64) {
    program.load_pages().await;
    bench.table.line(
        format!("memory at {} sites, {days} days behind them", sites.count),
        format!("{:.1} MB", program.memory()),
        "",
        match (sites.count, days) {
            (1_000, 365) => "60 MB",
            (10_000, _) => "150 MB",
            _ => "",
        },
    );
    program.stop().await;
}

/// From the start of the process to the first page, and until all of the past is on it.
async fn start(bench: &Bench, home: &Arc<Home>, sites: &BenchSites<'_>, days: u64) {
    let program = Program::begin(home.clone(), sites);
    let mut page = None;
    while page.is_none() {
        assert!(program.started.elapsed() < Duration::from_mins(2), "there is no page");
        page = program.get("/").await.filter(|answer| answer.status == 200);
        sleep(Duration::from_millis(5)).await;
    }
    let first = program.started.elapsed();
    let bytes = page.map_or(0, |page| page.body.len());
    let path = format!("/api/v1/sites/site-{}.example", sites.count);
    loop {
        assert!(program.started.elapsed() < Duration::from_mins(2), "there is no past");
        let site = program.get(&path).await.map(|answer| answer.text()).unwrap_or_default();
        if !site.is_empty() && !site.contains("\"30d\":null") {
            break;
        }
        sleep(Duration::from_millis(10)).await;
    }
    bench.table.line(
        format!("start to the first page, {} sites, {days} days behind them", sites.count),
        format!("{:.2} s", first.as_secs_f64()),
        format!(
            "{bytes} bytes; with every uptime after {:.2} s, the start of Postgres included",
            program.started.elapsed().as_secs_f64()
        ),
        if sites.count == 1_000 { "1 s" } else { "" },
    );
    program.stop().await;
}
