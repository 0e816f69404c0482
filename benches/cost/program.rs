//! The built program, run from outside with a catalogue of its own.

use std::{
    fmt::Write as _,
    fs,
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep},
};

use crate::{nginx::Nginx, process};

/// A running stillup; ended when dropped.
pub(crate) struct Program {
    child: Child,
    dir: TempDir,
    address: SocketAddr,
}

/// What was measured over a time.
pub(crate) struct Run {
    /// Checks that Postgres took.
    pub(crate) checks: u64,
    /// CPU of stillup itself.
    pub(crate) own: Duration,
    /// CPU of its Postgres.
    pub(crate) postgres: Duration,
    pub(crate) seconds: f64,
}

impl Program {
    /// Starts it with so many sites of one interval, and waits until it serves.
    pub(crate) async fn start(nginx: &Nginx, sites: usize, interval: u32, tls: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let (scheme, target) = (if tls { "https" } else { "http" }, nginx.address(tls));
        let mut catalogue = String::new();
        for n in 0..sites {
            writeln!(
                catalogue,
                "[[site]]\nurl = \"{scheme}://{target}/{n}\"\nslug = \"s{n}.bench\"\nprivate = true\n\
                 interval = \"{interval}s\"\ntimeout = \"4s\"\ntags = [\"bench\"]"
            )
            .unwrap();
        }
        fs::write(dir.path().join("sites.toml"), catalogue).unwrap();
        let settings = format!("[probe]\nconcurrency = 512\nca_file = {:?}\n", nginx.ca_file());
        fs::write(dir.path().join("stillup.toml"), settings).unwrap();
        let path = |name: &str| dir.path().join(name);
        let child = Command::new(env!("CARGO_BIN_EXE_stillup"))
            .arg("serve")
            .args(["--listen", &address.to_string()])
            .arg("--config")
            .arg(path("stillup.toml"))
            .arg("--sites")
            .arg(path("sites.toml"))
            .arg("--data-dir")
            .arg(path("data"))
            .env_remove("DATABASE_URL")
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let program = Self { child, dir, address };
        while program.get("/readyz").await.is_none() {
            sleep(Duration::from_millis(100)).await;
        }
        program
    }

    /// Lets it run for a while to settle, then measures for so many seconds.
    pub(crate) async fn measure(&self, seconds: u64) -> Run {
        sleep(Duration::from_secs(10)).await;
        let (began, checks) = (Instant::now(), self.recorded().await);
        let (own, postgres) = self.cpu();
        sleep(Duration::from_secs(seconds)).await;
        let after = self.cpu();
        Run {
            checks: self.recorded().await - checks,
            own: after.0.saturating_sub(own),
            postgres: after.1.saturating_sub(postgres),
            seconds: began.elapsed().as_secs_f64(),
        }
    }

    fn cpu(&self) -> (Duration, Duration) {
        (
            process::cpu(self.child.id()),
            self.postmaster().map_or(Duration::ZERO, process::cpu_of_family),
        )
    }

    fn postmaster(&self) -> Option<u32> {
        let folder = self.dir.path().join("data/postgres");
        let found = [folder.join("postmaster.pid"), folder.join("db/postmaster.pid")];
        let text = found.iter().find_map(|path| fs::read_to_string(path).ok())?;
        text.lines().next()?.parse().ok()
    }

    /// Checks that Postgres took since the start.
    pub(crate) async fn recorded(&self) -> u64 {
        self.metric("stillup_checks_recorded_total").await.unwrap_or(0)
    }

    /// Rows and bytes of all checks, as Postgres says.
    pub(crate) async fn bytes_on_disk(&self) -> Option<(u64, u64)> {
        let rows = self.recorded().await;
        let base = self.dir.path().join("data/postgres");
        let bytes = size_of_tables(&base)?;
        Some((rows, bytes))
    }

    async fn metric(&self, name: &str) -> Option<u64> {
        let text = self.get("/metrics").await?;
        let line = text.lines().find(|line| line.starts_with(name))?;
        line.rsplit(' ').next()?.parse::<f64>().ok().map(|value| value as u64)
    }

    /// Loads the pages as visitors do.
    pub(crate) async fn load_pages(&self) {
        for _ in 0..20 {
            for path in ["/", "/s1.bench", "/api/v1/sites", "/badge/s1.bench.svg", "/metrics"] {
                assert!(self.get(path).await.is_some(), "{path}");
            }
        }
    }

    /// Resident memory in MB.
    pub(crate) fn memory(&self) -> f64 {
        process::memory(self.child.id())
    }

    /// The body of a page, if it is there with 200.
    async fn get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(self.address).await.ok()?;
        let ask = format!("GET {path} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n");
        stream.write_all(ask.as_bytes()).await.ok()?;
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).await.ok()?;
        let text = String::from_utf8_lossy(&reply).into_owned();
        text.starts_with("HTTP/1.1 200").then_some(text)
    }

    /// Ends it as Ctrl-C does.
    pub(crate) async fn stop(mut self) {
        drop(Command::new("kill").args(["-INT", &self.child.id().to_string()]).status());
        while self.child.try_wait().unwrap().is_none() {
            sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
    }
}

/// Bytes of the tables' and indexes' files of the private Postgres, write-ahead log apart.
fn size_of_tables(base: &std::path::Path) -> Option<u64> {
    let mut total = 0;
    for entry in fs::read_dir(base).ok()?.flatten() {
        let (path, data) = (entry.path(), entry.metadata().ok()?);
        if data.is_dir() && entry.file_name() != "pg_wal" {
            total += size_of_tables(&path).unwrap_or(0);
        } else if data.is_file() {
            total += data.len();
        }
    }
    Some(total)
}
