//! An agent: its memory, its CPU for a check, and what it sends; and how many checks of agents a node
//! takes, judges and records.

use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderMap, StatusCode, header};
use model::{
    moment::Moment,
    name::{AgentName, Region},
    site::Site,
};
use stillup::{
    agents::protocol::{Assignment, BatchReceipt, FIRST, PROTOCOL, RULES, Welcome},
    token::{Token, TokenKind},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Instant, sleep},
};

use crate::{
    Bench,
    home::Home,
    making::slug,
    nginx::{Nginx, free},
    process,
    program::{BenchSites, Program},
    scale::{interval, seconds, settle, size},
    table::now,
};

/// Agents that report to the node, each from a region of its own.
const AGENTS: usize = 4;
/// Lines of a batch.
const LINES: u64 = 1_000;

pub(crate) async fn measure(bench: Bench) {
    let nginx = Nginx::start();
    for (full, goal) in [(1_000, "20 MB"), (10_000, "40 MB")] {
        of_agent(&bench, &nginx, size(full), goal).await;
    }
    of_node(&bench, &nginx).await;
}

/// Cost of an agent with so many sites.
async fn of_agent(bench: &Bench, nginx: &Nginx, count: u64, goal: &str) {
    let node = Arc::new(FakeNode::new(nginx, count));
    let core = serve(node.clone()).await;
    let wire = Wire::to(core).await;
    let agent = BenchAgent::start(wire.address);
    settle().await;
    let (checks, sent, bodies) = (node.checks(), wire.sent(), node.bytes());
    let (begun, cpu) = (Instant::now(), process::cpu(agent.0.id()));
    sleep(Duration::from_secs(seconds(u64::from(interval())))).await;
    let (checks, sent) = (node.checks() - checks, wire.sent() - sent);
    let (bodies, cpu) = (node.bytes() - bodies, process::cpu(agent.0.id()).saturating_sub(cpu));
    let each = |all: f64| all / checks.max(1) as f64;
    let rate = format!("{:.0} checks/s", checks as f64 / begun.elapsed().as_secs_f64());
    bench.table.line(
        format!("memory of an agent at {count} sites"),
        format!("{:.1} MB", process::memory(agent.0.id())),
        rate.clone(),
        goal,
    );
    bench.table.line(
        format!("bytes that an agent sends for a check, {count} sites"),
        format!("{:.0}", each(sent as f64)),
        format!(
            "{:.0} of them in compressed bodies, the rest is HTTP/1.1; {rate}",
            each(bodies as f64)
        ),
        "40",
    );
    bench.table.line(
        format!("CPU of a check at an agent, {count} sites"),
        format!("{:.3} ms", each(cpu.as_secs_f64() * 1e3)),
        rate,
        "",
    );
}

/// A node that only hands out sites and counts what comes.
struct FakeNode {
    assignment: Vec<u8>,
    checks: AtomicU64,
    bytes: AtomicU64,
}

impl FakeNode {
    fn new(nginx: &Nginx, count: u64) -> Self {
        let address = nginx.address(None);
        let site = |n: u64| {
            let url = format!("http://{address}/{n}").parse().unwrap();
            let interval = Duration::from_secs(interval().into());
            let timeout = Duration::from_secs(4);
            Site { private: true, interval, timeout, ..Site::new(slug(n), url) }
        };
        let sites = Some((1..=count).map(site).collect());
        let assignment = Assignment { sites, lookups: Vec::new() };
        let assignment = serde_json::to_vec(&assignment).unwrap();
        Self { assignment, checks: AtomicU64::new(0), bytes: AtomicU64::new(0) }
    }

    fn checks(&self) -> u64 {
        self.checks.load(Relaxed)
    }

    fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }
}

async fn serve(node: Arc<FakeNode>) -> SocketAddr {
    let router = Router::new()
        .route("/agent/v1/hello", post(hello))
        .route("/agent/v1/sites", get(sites))
        .route("/agent/v1/checks", post(checks))
        .with_state(node);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn hello() -> Response {
    let region = Region::new("there").unwrap();
    let agent = AgentName::new("bench").unwrap();
    Json(Welcome { agent, region, now: now(), traces_patch: true }).into_response()
}

async fn sites(State(node): State<Arc<FakeNode>>, headers: HeaderMap) -> Response {
    if headers.contains_key(header::IF_NONE_MATCH) {
        sleep(Duration::from_secs(50)).await;
        return StatusCode::NOT_MODIFIED.into_response();
    }
    ([(header::ETAG, "\"all\"")], node.assignment.clone()).into_response()
}

async fn checks(State(node): State<Arc<FakeNode>>, headers: HeaderMap, body: Bytes) -> Response {
    let text = zstd::decode_all(&body[..]).unwrap();
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let (mut count, mut checks) = (0, 0);
    for line in lines {
        count += 1;
        checks += u64::from(line.starts_with(b"{\"check\""));
    }
    node.checks.fetch_add(checks, Relaxed);
    node.bytes.fetch_add(body.len() as u64, Relaxed);
    let first: u64 = headers[&FIRST].to_str().unwrap().parse().unwrap();
    Json(BatchReceipt { acked: first + count - 1, ..BatchReceipt::default() }).into_response()
}

/// A relay that counts what is sent through it.
struct Wire {
    address: SocketAddr,
    sent: Arc<AtomicU64>,
}

impl Wire {
    async fn to(core: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, sent) = (listener.local_addr().unwrap(), Arc::new(AtomicU64::new(0)));
        let count = sent.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let count = count.clone();
                tokio::spawn(relay(stream, core, count));
            }
        });
        Self { address, sent }
    }

    fn sent(&self) -> u64 {
        self.sent.load(Relaxed)
    }
}

async fn relay(stream: TcpStream, core: SocketAddr, sent: Arc<AtomicU64>) {
    let Ok(other) = TcpStream::connect(core).await else { return };
    let (mut from, mut back) = stream.into_split();
    let (mut answers, mut to) = other.into_split();
    tokio::spawn(async move { tokio::io::copy(&mut answers, &mut back).await });
    let mut piece = vec![0; 64 << 10];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        sent.fetch_add(length as u64, Relaxed);
        if to.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
}

/// The built program as an agent; ended when dropped.
struct BenchAgent(
    Child,
    #[expect(dead_code, reason = "it is there as long as the agent")] Arc<Home>,
);

impl BenchAgent {
    fn start(core: SocketAddr) -> Self {
        let home = Home::new();
        let (token, settings) = (home.path("token"), home.path("stillup.toml"));
        fs::write(&token, Token::generate(TokenKind::Agent).unwrap().expose()).unwrap();
        fs::set_permissions(&token, fs::Permissions::from_mode(0o600)).unwrap();
        let listen = free();
        let text =
            format!("[probe]\nlisten = \"{listen}\"\nconcurrency = 512\n[judge]\ncontrols = []\n");
        fs::write(&settings, text).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_stillup"))
            .args(["probe", "--allow-private", "--core", &format!("http://{core}")])
            .arg("--token-file")
            .arg(token)
            .arg("--config")
            .arg(settings)
            .arg("--data-dir")
            .arg(home.data())
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Self(child, home)
    }
}

impl Drop for BenchAgent {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Rate of agents' checks that a node takes.
async fn of_node(bench: &Bench, nginx: &Nginx) {
    let count = size(20_000);
    // Its own prober has next to nothing to do.
    let sites = BenchSites { nginx, count, interval: 3_600, chain: None };
    let program = Program::start(Home::new(), &sites).await;
    let sent = Arc::new(AtomicU64::new(0));
    let mut agents = Vec::new();
    for n in 0..AGENTS {
        let token = program.add_agent(&format!("agent-{n}"), &format!("region-{n}"));
        let run = format!("bench{n}");
        agents.push(tokio::spawn(report(program.address, token, run, count, sent.clone())));
    }
    sleep(Duration::from_secs(10)).await;
    let (begun, before) = (Instant::now(), sent.load(Relaxed));
    let run = program.measure(0, seconds(20)).await;
    let (reported, seconds) = (sent.load(Relaxed) - before, begun.elapsed().as_secs_f64());
    agents.iter().for_each(tokio::task::JoinHandle::abort);
    let each = |cpu: Duration, checks: u64| cpu.as_secs_f64() * 1e6 / checks.max(1) as f64;
    let (own, postgres) = (each(run.own, reported), each(run.postgres, run.checks));
    bench.table.line(
        format!("checks of {AGENTS} agents that a node takes and judges, {count} sites"),
        format!("{:.0}/s", reported as f64 / seconds),
        format!(
            "{own:.1} µs of the node's CPU each; recorded meanwhile {:.0}/s, {postgres:.1} µs of Postgres' \
             CPU each; two cores alone would have time for {:.0}/s",
            run.checks as f64 / run.seconds,
            2e6 / (own + postgres)
        ),
        "50,000/s",
    );
    program.stop().await;
}

/// Reports checks of all sites in turn, batch after batch, as an agent does.
async fn report(node: SocketAddr, token: String, run: String, count: u64, sent: Arc<AtomicU64>) {
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = reqwest::Client::new();
    let url = |path: &str| format!("http://{node}/agent/v1/{path}");
    let hello = format!(
        r#"{{"version":"0","protocol":{PROTOCOL},"rules":{RULES},"boot":"{run}","private":true}}"#
    );
    loop {
        let greeting = client.post(url("hello")).bearer_auth(&token).body(hello.clone());
        if greeting.send().await.is_ok_and(|response| response.status() == StatusCode::OK) {
            break;
        }
        sleep(Duration::from_millis(500)).await;
    }
    let (mut first, mut site) = (1, 0);
    loop {
        let at = now();
        let lines: Vec<String> = (0..LINES)
            .map(|n| {
                site = site % count + 1;
                line(site, at - Duration::from_millis(LINES - n), n, (&run, first + n))
            })
            .collect();
        let body = zstd::encode_all(lines.join("\n").as_bytes(), 1).unwrap();
        let request = client
            .post(url("checks"))
            .bearer_auth(&token)
            .header(header::CONTENT_ENCODING, "zstd")
            .header("stillup-now", now().millis())
            .header("stillup-boot", &run)
            .header("stillup-first", first);
        let Ok(response) = request.body(body).send().await else { return };
        if response.status() == StatusCode::OK {
            first += LINES;
            sent.fetch_add(LINES, Relaxed);
        } else {
            // Not now, or past the limit of one token.
            sleep(Duration::from_millis(100)).await;
        }
    }
}

/// A good check with all that an agent says of one.
fn line(site: u64, at: Moment, n: u64, (run, number): (&str, u64)) -> String {
    let (slug, connect, wait) = (slug(site), 10_000 + n * 7, 60_000 + n * 13);
    format!(
        "{{\"check\":{{\"slug\":\"{slug}\",\"at\":\"{at}\",\"outcome\":{{\"answer\":\"ok\",\
         \"http_status\":200,\"phases\":{{\"dns\":null,\"connect\":{connect},\"tls\":null,\
         \"wait\":{wait},\"transfer\":120}}}},\"attempts\":1,\
         \"origin\":{{\"run\":\"{run}\",\"number\":{number}}},\
         \"traces\":{{\"address\":\"127.0.0.1\",\"http_version\":\"http11\",\
         \"answer_print\":1234567890123456789,\"hints\":[[\"server\",\"nginx\"]]}}}}}}"
    )
}
