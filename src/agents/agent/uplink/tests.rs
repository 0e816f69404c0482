//! The work with a node that refuses, stalls or forgets.

use std::{collections::BTreeSet, future::pending, sync::atomic::AtomicU64};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderMap, StatusCode, header};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::oneshot,
    time::pause,
};
use url::Url;

use super::*;
use crate::{
    agents::{
        agent::outbox::{self, Inlet},
        protocol::{DEADLINE, FIRST, PROTOCOL, RULES, RefusedLine},
    },
    token::{Token, TokenKind},
};
use model::{
    outcome::{Failure, Outcome},
    report::ReportContent,
};
use prober::{
    probe::{Prober, ProberSettings},
    scheduler::SchedulerStats,
};

/// A node that takes lines by a rule of the test.
#[derive(Debug, Default)]
struct TestNode {
    /// Takes lines, fills this outbox, and answers with this status as if it had not taken them.
    loses: Mutex<Option<(Inlet, StatusCode)>>,
    /// A batch with this in it is refused.
    poison: &'static str,
    /// Lines that were taken, with their numbers.
    taken: Mutex<Vec<(u64, String)>>,
}

async fn checks(State(node): State<Arc<TestNode>>, headers: HeaderMap, body: Bytes) -> Response {
    let text = String::from_utf8(zstd::decode_all(&body[..]).unwrap()).unwrap();
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    if !node.poison.is_empty() && text.contains(node.poison) {
        return (StatusCode::BAD_REQUEST, kind, "{\"detail\":\"no\"}").into_response();
    }
    let first: u64 = headers[&FIRST].to_str().unwrap().parse().unwrap();
    let lines: Vec<(u64, String)> = (first..).zip(text.lines().map(str::to_owned)).collect();
    let acked = lines.last().unwrap().0;
    node.taken.lock().unwrap().extend(lines);
    if let Some((mut inlet, status)) = node.loses.lock().unwrap().take() {
        while inlet.put([line("later.example", 9)].iter()).is_ok() {}
        return (status, kind, "{}").into_response();
    }
    let refused = RefusedLine { seq: acked, why: "as told".into() };
    Json(BatchReceipt { acked, refused: vec![refused], again: Vec::new() }).into_response()
}

async fn serve(node: Arc<TestNode>) -> String {
    let router = Router::new().route("/agent/v1/checks", post(checks)).with_state(node);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// An uplink to the node at this address, and its outbox.
fn uplink(url: &str, dir: &TempDir) -> (Uplink, Inlet, Outlet) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (url, clock) = (Url::parse(url).unwrap(), Clock::system());
    let token = Token::generate(TokenKind::Agent).unwrap();
    let turns = Arc::new(SchedulerStats::default());
    let core = Core::new(url, token, "run", None, clock.clone(), turns).unwrap();
    let (again, _) = mpsc::channel(1);
    let (visited, _) = mpsc::channel(1);
    let prober = Prober::new(&ProberSettings {
        user_agent: "stillup/test".to_owned(),
        max_body: 1_024,
        max_redirects: 5,
        nameservers: vec!["127.0.0.1:53".parse().unwrap()],
        ca_file: None,
    });
    let (inlet, outlet) = outbox::open_with(dir.path(), 64 << 10, 80 << 10).unwrap();
    let uplink = Uplink {
        number: 0,
        core: Arc::new(core),
        hello: Hello {
            version: "0".into(),
            protocol: PROTOCOL,
            rules: RULES,
            boot: "run".into(),
            private: false,
            region: None,
        },
        sites: Arc::new(SiteChoice::unused(&["a".into()])),
        signal: Arc::new(Signal::default()),
        again,
        clock: clock.clone(),
        stats: Arc::new(AgentStats::default()),
        stop: CancellationToken::new(),
        refused: CancellationToken::new(),
        region: Mutex::new(None),
        patches: AtomicBool::new(false),
        visits: Visits::new(prober.unwrap(), clock, false, visited),
    };
    (uplink, inlet, outlet)
}

fn line(slug: &str, second: u64) -> Line {
    let check = model::check::Check {
        slug: Slug::new(slug).unwrap(),
        region: Region::default(),
        at: Clock::system().now() - Duration::from_secs(60 - second),
        outcome: Outcome::failed(Failure::Reset, "as told"),
        attempts: 1,
    };
    Line::of(ReportContent::Check { check, overloaded: false, origin: None }).unwrap()
}

#[tokio::test]
async fn a_line_that_a_node_takes_in_no_way_is_found_by_halves_and_left_out_alone() {
    let node = Arc::new(TestNode { poison: "poison.example", ..TestNode::default() });
    let (url, dir) = (serve(node.clone()).await, tempfile::tempdir().unwrap());
    let (uplink, mut inlet, outlet) = uplink(&url, &dir);
    let slug = |n: u64| match n {
        7 | 23 => "poison.example".to_owned(),
        n => format!("s{n}.example"),
    };
    let lines: Vec<Line> = (0..50).map(|n| line(&slug(n), n)).collect();
    inlet.put(lines.iter()).unwrap();
    uplink.stop.cancel();
    assert_eq!(uplink.send(outlet).await, None);

    let taken = node.taken.lock().unwrap();
    let numbers: BTreeSet<u64> = taken.iter().map(|(number, _)| *number).collect();
    assert_eq!((taken.len(), numbers.len()), (48, 48), "{taken:?}");
    let names: Vec<String> = (0..50).filter(|n| ![7, 23].contains(n)).map(slug).collect();
    for ((_, line), name) in taken.iter().zip(names) {
        assert!(line.contains(&name), "in their order: {line} is not of {name}");
    }
    // Two were left out here, and of every batch that was taken the node refused a line.
    let batches = uplink.stats.refused.load(Relaxed) - 2;
    assert!((3..20).contains(&batches), "{batches}");
    assert_eq!(uplink.stats.acknowledged.load(Relaxed), 48);
}

#[tokio::test]
async fn lines_that_are_given_up_leave_their_numbers_to_no_others() {
    // Away, and there without taking a greeting: it knows no way to greet it.
    for status in [StatusCode::SERVICE_UNAVAILABLE, StatusCode::CONFLICT] {
        let (node, dir) = (Arc::new(TestNode::default()), tempfile::tempdir().unwrap());
        let (uplink, mut inlet, outlet) = uplink(&serve(node.clone()).await, &dir);
        let lines: Vec<Line> = (0..3).map(|n| line("first.example", n)).collect();
        inlet.put(lines.iter()).unwrap();
        *node.loses.lock().unwrap() = Some((inlet, status));
        uplink.stop.cancel();
        assert_eq!(uplink.send(outlet).await, None);
        let taken = node.taken.lock().unwrap();
        let numbers: BTreeSet<u64> = taken.iter().map(|(number, _)| *number).collect();
        assert_eq!(taken.len(), numbers.len(), "{status}");
        assert!(taken[3].1.starts_with("{\"gap\"") && taken[3].0 == 4, "{:?}", taken[3]);
        assert!(taken[4].1.contains("later.example"), "{:?}", taken[4]);
    }
}

#[tokio::test]
async fn whatever_answers_at_once_and_makes_no_sense_is_not_asked_without_end() {
    let (asked, sent) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (count_asked, count_sent) = (asked.clone(), sent.clone());
    let other_sites = async move || {
        let tag = count_asked.fetch_add(1, Relaxed).to_string();
        ([(header::ETAG, tag)], "{\"sites\":[]}")
    };
    let stranger = async move || {
        count_sent.fetch_add(1, Relaxed);
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (StatusCode::CONFLICT, kind, "{}")
    };
    let welcome = "{\"agent\":\"a\",\"region\":\"syd\",\"now\":\"2026-11-30T00:00:00.000Z\"}";
    let router = Router::new()
        .route("/agent/v1/hello", post(async move || welcome))
        .route("/agent/v1/sites", get(other_sites))
        .route("/agent/v1/checks", post(stranger));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let dir = tempfile::tempdir().unwrap();
    let (uplink, mut inlet, outlet) = uplink(&url, &dir);
    inlet.put([line("a.example", 1)].iter()).unwrap();
    uplink.signal.tell(Duration::ZERO);
    let working = async { tokio::join!(uplink.follow(), uplink.send(outlet)) };
    assert!(tokio::time::timeout(Duration::from_millis(1_500), working).await.is_err());
    let (asked, sent) = (asked.load(Relaxed), sent.load(Relaxed));
    assert!((2..=7).contains(&asked) && (1..=4).contains(&sent), "{asked} {sent}");
}

#[tokio::test]
async fn an_answer_that_stalls_in_its_body_holds_up_nothing_for_ever() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (tell, told) = oneshot::channel();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = vec![0; 16 << 10];
        let _ = stream.read(&mut head).await;
        let begun =
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{";
        stream.write_all(begun).await.unwrap();
        tell.send(()).unwrap();
        pending::<()>().await;
    });
    let dir = tempfile::tempdir().unwrap();
    let (uplink, _inlet, _outlet) = uplink(&url, &dir);
    let core = uplink.core.clone();
    let asking = tokio::spawn(async move { core.assignment(None, Duration::ZERO).await });
    told.await.unwrap();
    // From here on, time passes whenever there is nothing else to do.
    pause();
    let begun = Instant::now();
    assert!(matches!(asking.await.unwrap(), Err(Failed::Away(_))));
    assert!(begun.elapsed() <= DEADLINE + Duration::from_secs(1), "{:?}", begun.elapsed());
}
