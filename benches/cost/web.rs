//! Hot answers with 1,000 sites with history, beside nginx serving the same bytes from files, and
//! the delay of probes under that load.

use std::{net::SocketAddr, time::Duration};

use tokio::time::{Instant, sleep};

use crate::{
    Bench,
    http::{HttpClient, HttpReply},
    metrics::Metrics,
    nginx::Nginx,
    program::{BenchSites, Program},
    scale::{interval, seconds, settle, size},
    statics::Statics,
    table::Times,
    wrk::{self, Ask, Load},
};

/// The paths, the least share of nginx's rate, and the longest p99 in milliseconds.
const HOT: [(&str, f64, f64); 4] = [
    ("/badge/site-1.example.svg", 0.5, 10.0),
    ("/api/v1/sites/site-1.example", 0.5, 10.0),
    ("/api/v1/status", 0.5, 10.0),
    ("/", 0.3, 48.0),
];

pub(crate) async fn measure(bench: Bench) {
    let nginx = Nginx::start();
    let count = size(1_000);
    let home = bench.homes.with(count, size(365)).await;
    let sites = BenchSites { nginx: &nginx, count, interval: interval(), chain: None };
    let program = Program::start(home.clone(), &sites).await;
    settle().await;

    let quiet = Watch::over(&program).await;
    sleep(Duration::from_secs(seconds(60))).await;
    let quiet = quiet.end(&program).await;

    let mut answers = Vec::new();
    for (path, ..) in HOT {
        let answer = program.get(path).await.expect("it answers");
        assert_eq!(answer.status, 200, "{path}");
        answers.push((path.to_owned(), answer));
    }
    let statics = Statics::start(&answers).await;
    let loaded = Watch::over(&program).await;
    let dir = home.path("");
    for ((path, answer), (_, share, p99)) in answers.iter().zip(HOT) {
        for random in [false, true] {
            let ask = if random { Ask::WithQuery(&dir) } else { Ask::Plain };
            let ours = load(program.address, path, seconds(8), ask).await;
            let theirs = load(statics.address, path, seconds(6), ask).await;
            line(&bench, (path, answer, random), (&ours, &theirs), (share, p99));
        }
        cache(&bench, &program, path).await;
    }
    scrapes(&bench, &program, count).await;
    probes(&bench, &quiet, &loaded.end(&program).await);
    bench.table.line("memory after these loads", format!("{:.1} MB", program.memory()), "", "");
    program.stop().await;
}

/// A moment to warm up, and then what counts.
async fn load(to: SocketAddr, path: &str, seconds: u64, ask: Ask<'_>) -> Load {
    wrk::load(to, path, 1, ask).await;
    wrk::load(to, path, seconds, ask).await
}

/// Saving of the response cache: the same answer from it, and made for each request.
async fn cache(bench: &Bench, program: &Program, path: &str) {
    let cached = load(program.address, path, seconds(4), Ask::Plain).await;
    let made = load(program.address, path, seconds(4), Ask::PastCache).await;
    bench.table.line(
        format!("`{path}` from the response cache"),
        format!("{:.1} times the rate {}", cached.rate / made.rate, cached.trouble),
        format!(
            "made for each request: {:.0}/s, p99 {:.1} ms {}",
            made.rate, made.p99, made.trouble
        ),
        "",
    );
}

/// Cost of a scrape of `/metrics`.
async fn scrapes(bench: &Bench, program: &Program, count: u64) {
    let mut client = HttpClient::connect(program.address).await.expect("it listens");
    let (mut took, mut bytes) = (Vec::new(), 0);
    for _ in 0..100 {
        let answer = client.get("/metrics").await.expect("it answers");
        assert_eq!(answer.status, 200);
        bytes = answer.body.len();
        took.push(answer.took.as_secs_f64() * 1e3);
    }
    let times = Times::of(took).told();
    bench.table.line(format!("`/metrics`, {count} sites"), times, format!("{bytes} bytes"), "");
}

fn line(
    bench: &Bench,
    (path, answer, random): (&str, &HttpReply, bool),
    (ours, theirs): (&Load, &Load),
    (share, p99): (f64, f64),
) {
    let (head, body) = (answer.head.len(), answer.body.len());
    let query = if random { "?_=RANDOM" } else { "" };
    let name = format!("`{path}{query}`, {head} + {body} bytes");
    let ratio = ours.rate / theirs.rate;
    bench.table.line(
        format!("{name}: rate"),
        format!("{:.0}/s, {ratio:.2} of nginx {}", ours.rate, ours.trouble),
        format!("nginx, files of the same bytes: {:.0}/s {}", theirs.rate, theirs.trouble),
        if share < 0.5 { format!("{share} and 6,000/s") } else { format!("{share}") },
    );
    bench.table.line(
        format!("{name}: p99 at 64 connections"),
        format!("{:.1} ms (p50 {:.1})", ours.p99, ours.p50),
        format!("nginx {:.1} ms (p50 {:.1})", theirs.p99, theirs.p50),
        format!("{p99} ms"),
    );
}

/// Looks at the figures of probing over a time.
struct Watch {
    before: Metrics,
    began: Instant,
}

/// Results of the probes during it.
struct LoadFigures {
    before: Metrics,
    after: Metrics,
    seconds: f64,
}

impl Watch {
    async fn over(program: &Program) -> Self {
        Self { before: program.metrics().await, began: Instant::now() }
    }

    async fn end(self, program: &Program) -> LoadFigures {
        let seconds = self.began.elapsed().as_secs_f64();
        LoadFigures { before: self.before, after: program.metrics().await, seconds }
    }
}

impl LoadFigures {
    fn more(&self, name: &str, with: &str) -> f64 {
        self.after.sum(name, with) - self.before.sum(name, with)
    }

    fn told(&self) -> String {
        let phase = |phase: &str, share: f64| {
            let name = "stillup_check_phase_seconds";
            let with = format!("phase=\"{phase}\"");
            1e3 * self.after.quantile(&self.before, name, &with, share)
        };
        format!(
            "{:.0} turns in {:.0} s, {:.0} skipped; connect p95 ≤ {:.0} ms, wait p95 ≤ {:.0} ms, \
             p99 ≤ {:.0} ms; most overdue {:.1} s; slow {:.0}, down {:.0}, unknown {:.0}",
            self.more("stillup_turns_taken_total", ""),
            self.seconds,
            self.more("stillup_turns_skipped_total", ""),
            phase("connect", 0.95),
            phase("wait", 0.95),
            phase("wait", 0.99),
            self.after.sum("stillup_most_overdue_seconds", ""),
            self.after.sum("stillup_sites", "\"slow\""),
            self.after.sum("stillup_sites", "\"down\""),
            self.after.sum("stillup_sites", "\"unknown\""),
        )
    }
}

fn probes(bench: &Bench, quiet: &LoadFigures, loaded: &LoadFigures) {
    bench.table.line(
        "probes under all that load",
        loaded.told(),
        format!("without a load: {}", quiet.told()),
        "none skipped, none slow",
    );
}
