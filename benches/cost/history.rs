//! A long past: memory, the start, and what visitors wait for with a day, a month and a year behind it.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use crate::{
    Bench,
    home::Home,
    http::Client,
    nginx::Nginx,
    program::{Program, Sites},
    scale::{interval, settle, size},
    table::Times,
};

/// An address, made of a site's number.
type Address = fn(u64) -> String;

/// What is read.
const READS: [(&str, Address); 7] = [
    ("`/`", |_| "/".to_owned()),
    ("`/{domain}`", |site| format!("/site-{site}.example")),
    ("history of 24h", |site| history(site, "24h")),
    ("history of 7d", |site| history(site, "7d")),
    ("history of 30d", |site| history(site, "30d")),
    ("history of 90d", |site| history(site, "90d")),
    // As many addresses, so that no answer is one that was kept.
    ("`/api/v1/outages`", |site| format!("/api/v1/outages?limit={}", 50 + site % 50)),
];

fn history(site: u64, window: &str) -> String {
    format!("/api/v1/sites/site-{site}.example/history?window={window}")
}

/// 1,000 sites with a day, 30 days and a year behind them.
pub(crate) async fn measure(bench: Bench) {
    let nginx = Nginx::start();
    let count = size(1_000);
    let sites = Sites { nginx: &nginx, count, interval: interval(), tls: false };
    let mut before: Option<(u64, Vec<Times>)> = None;
    for days in [1, size(30), size(365)] {
        let home = bench.homes.with(count, days).await;
        let times = reads_with(&bench, &home, &sites, days).await;
        for (n, (what, _)) in READS.iter().enumerate() {
            let figure = times[n].told();
            let Some((first_days, first)) = &before else { continue };
            let ratio = |percent| times[n].percent(percent) / first[n].percent(percent);
            bench.table.line(
                format!("{what}, {count} sites, {days} days behind them"),
                figure,
                format!(
                    "with {first_days} day: {}; ratio {:.2} (p50), {:.2} (p99)",
                    first[n].told(),
                    ratio(50),
                    ratio(99)
                ),
                if n == 5 { "ratio 1.2; 5 ms" } else { "ratio 1.2" },
            );
        }
        before.get_or_insert((days, times));
        if days == size(365) {
            start(&bench, &home, &sites, days).await;
        }
        drop(home);
        bench.homes.forget(count, days);
    }
}

/// 10,000 sites with 90 days behind them.
pub(crate) async fn measure_wide(bench: Bench) {
    let nginx = Nginx::start();
    let (count, days) = (size(10_000), size(90));
    let sites = Sites { nginx: &nginx, count, interval: interval(), tls: false };
    let home = bench.homes.with(count, days).await;
    let times = reads_with(&bench, &home, &sites, days).await;
    for ((what, _), times) in READS.iter().zip(times) {
        bench.table.line(
            format!("{what}, {count} sites, {days} days behind them"),
            times.told(),
            "",
            "",
        );
    }
    start(&bench, &home, &sites, days).await;
    drop(home);
    bench.homes.forget(count, days);
}

/// Runs over a past until every site was looked at, reads, and tells of the memory.
async fn reads_with(bench: &Bench, home: &Arc<Home>, sites: &Sites<'_>, days: u64) -> Vec<Times> {
    let program = Program::start(home.clone(), sites).await;
    settle().await;
    let mut all = Vec::new();
    for (what, address) in READS {
        let mut client = Client::connect(program.address).await.expect("it listens");
        let mut took = Vec::new();
        for n in 0..500 {
            // Each site once if there are so many: no answer is one that was kept.
            let answer = client.get(&address(n % sites.count + 1)).await.expect("it answers");
            assert_eq!(answer.status, 200, "{what}");
            took.push(answer.took.as_secs_f64() * 1e3);
        }
        let times = Times::of(took);
        eprintln!("  {what}: {}", times.told());
        all.push(times);
    }
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
    all
}

/// From the start of the process to the first page, and until all of the past is on it.
async fn start(bench: &Bench, home: &Arc<Home>, sites: &Sites<'_>, days: u64) {
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
