//! The built program, run from outside with a catalogue of its own.

use std::{
    fmt::Write as _,
    fs,
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use tokio::time::{Instant, sleep};

use crate::{
    chains::CertificateChain,
    home::Home,
    http::{HttpClient, HttpReply},
    metrics::Metrics,
    nginx::{Nginx, free},
    process,
};

/// Longest time of a start.
const PATIENCE: Duration = Duration::from_mins(2);

/// Checks that wait for Postgres at most when the record has caught up, about a second's.
const MOST_WAITING: f64 = 20_000.0;

/// Sites on nginx, all with one interval. Their slugs are those of [`crate::making`].
pub(crate) struct BenchSites<'a> {
    pub(crate) nginx: &'a Nginx,
    pub(crate) count: u64,
    /// Seconds.
    pub(crate) interval: u32,
    /// The chain that they show; `None`: plain HTTP.
    pub(crate) chain: Option<CertificateChain>,
}

/// A running stillup; ended when dropped.
pub(crate) struct Program {
    child: Child,
    home: Arc<Home>,
    pub(crate) address: SocketAddr,
    /// Time of its start.
    pub(crate) started: Instant,
}

/// Measurements over a time.
pub(crate) struct ProgramRun {
    /// Checks that Postgres took.
    pub(crate) checks: u64,
    /// CPU of stillup itself.
    pub(crate) own: Duration,
    /// CPU of its Postgres.
    pub(crate) postgres: Duration,
    pub(crate) seconds: f64,
    /// Sites that are called slow or down at its end, all of which are well.
    pub(crate) blamed: f64,
    /// True if it says then that it cannot keep up.
    pub(crate) overloaded: bool,
}

impl Program {
    /// Starts it, and waits until it serves.
    pub(crate) async fn start(home: Arc<Home>, sites: &BenchSites<'_>) -> Self {
        let program = Self::begin(home, sites);
        while program.get("/readyz").await.is_none_or(|answer| answer.status != 200) {
            assert!(program.started.elapsed() < PATIENCE, "it does not become ready");
            sleep(Duration::from_millis(100)).await;
        }
        program
    }

    /// Starts it.
    pub(crate) fn begin(home: Arc<Home>, sites: &BenchSites<'_>) -> Self {
        let BenchSites { nginx, count, interval, chain } = sites;
        let scheme = if chain.is_some() { "https" } else { "http" };
        let target = nginx.address(*chain);
        let mut catalogue = String::new();
        for n in 1..=*count {
            writeln!(
                catalogue,
                "[[site]]\nurl = \"{scheme}://{target}/{n}\"\nslug = \"site-{n}.example\"\n\
                 name = \"Site {n}\"\nprivate = true\ninterval = \"{interval}s\"\n\
                 timeout = \"4s\"\ntags = [\"bench\"]"
            )
            .unwrap();
        }
        fs::write(home.path("sites.toml"), catalogue).unwrap();
        let settings = format!("[probe]\nconcurrency = 512\nca_file = {:?}\n", nginx.ca_file());
        fs::write(home.path("stillup.toml"), settings).unwrap();
        let address = free();
        let started = Instant::now();
        let child = Command::new(env!("CARGO_BIN_EXE_stillup"))
            .arg("serve")
            .args(["--listen", &address.to_string()])
            .arg("--config")
            .arg(home.path("stillup.toml"))
            .arg("--sites")
            .arg(home.path("sites.toml"))
            .arg("--data-dir")
            .arg(home.data())
            .env_remove("DATABASE_URL")
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, home, address, started }
    }

    /// Makes a token for an agent.
    pub(crate) fn add_agent(&self, name: &str, region: &str) -> String {
        let added = Command::new(env!("CARGO_BIN_EXE_stillup"))
            .args(["agents", "add", name, "--region", region])
            .arg("--config")
            .arg(self.home.path("stillup.toml"))
            .arg("--sites")
            .arg(self.home.path("sites.toml"))
            .arg("--data-dir")
            .arg(self.home.data())
            .env_remove("DATABASE_URL")
            .output()
            .unwrap();
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
        String::from_utf8(added.stdout).unwrap().trim().to_owned()
    }

    /// Lets it run for a while to settle, then measures for this many seconds.
    pub(crate) async fn measure(&self, settle: u64, seconds: u64) -> ProgramRun {
        sleep(Duration::from_secs(settle)).await;
        let (began, checks) = (Instant::now(), recorded(&self.metrics().await));
        let (own, postgres) = self.cpu();
        sleep(Duration::from_secs(seconds)).await;
        let (after, metrics) = (self.cpu(), self.metrics().await);
        let called = |status| metrics.sum("stillup_sites", status);
        ProgramRun {
            checks: recorded(&metrics) - checks,
            blamed: called("\"slow\"") + called("\"down\"") + called("\"partial\""),
            overloaded: metrics.sum("stillup_overloaded", "") > 0.0,
            own: after.0.saturating_sub(own),
            postgres: after.1.saturating_sub(postgres),
            seconds: began.elapsed().as_secs_f64(),
        }
    }

    /// Waits until Postgres has nearly all checks that were made. The first verdict on each site is a
    /// change, which costs the record much more than a check.
    pub(crate) async fn catch_up(&self) {
        loop {
            sleep(Duration::from_secs(1)).await;
            let waiting = self.metrics().await.sum("stillup_checks_waiting", "");
            if waiting < MOST_WAITING {
                return;
            }
            assert!(self.started.elapsed() < 2 * PATIENCE, "{waiting} checks wait for Postgres");
        }
    }

    fn cpu(&self) -> (Duration, Duration) {
        (
            process::cpu(self.child.id()),
            self.home.postmaster().map_or(Duration::ZERO, process::cpu_of_family),
        )
    }

    /// All its figures now.
    pub(crate) async fn metrics(&self) -> Metrics {
        let answer = self.get("/metrics").await.expect("it has figures");
        Metrics::read(&answer.text())
    }

    /// Loads the pages as visitors do.
    pub(crate) async fn load_pages(&self) {
        for _ in 0..20 {
            for path in [
                "/",
                "/site-1.example",
                "/api/v1/sites",
                "/badge/site-1.example.svg",
                "/metrics",
                "/outages",
                "/api/v1/sites/site-2.example/history?window=90d",
            ] {
                let answer = self.get(path).await;
                assert!(answer.is_some_and(|answer| answer.status == 200), "{path}");
            }
        }
    }

    /// Resident memory in MB.
    pub(crate) fn memory(&self) -> f64 {
        process::memory(self.child.id())
    }

    /// One answer on a connection of its own, if there is any.
    pub(crate) async fn get(&self, path: &str) -> Option<HttpReply> {
        HttpClient::connect(self.address).await?.get(path).await
    }

    /// Ends it as Ctrl-C does.
    pub(crate) async fn stop(mut self) {
        drop(Command::new("kill").args(["-INT", &self.child.id().to_string()]).status());
        while self.child.try_wait().unwrap().is_none() {
            sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Checks that Postgres took since the start.
fn recorded(metrics: &Metrics) -> u64 {
    metrics.sum("stillup_checks_recorded_total", "") as u64
}

impl Drop for Program {
    fn drop(&mut self) {
        // Its Postgres ends with its home.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
