//! Agents that send what they should not, and whatever stands where a node should be.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    body::Bytes,
    response::IntoResponse,
    routing::{get, post},
};
use http::HeaderMap;
use model::{
    name::{AgentName, Region, Slug},
    outcome::{Failure, Outcome},
    site::Site,
};
use stillup::{
    agents::protocol::{Assignment, BatchReceipt, FIRST, Line, LookupJob, ReportedCheck, Welcome},
    token::{Token, TokenKind},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{Instant, sleep},
};

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_an_agent_sends_stops_the_node_or_reaches_what_is_not_its_own() {
    let (service, _server) = node().await;
    let scripted = Scripted::new(&service, "odd-1", "paris", 0).await;
    let known = async || (scripted.hello(RULES).await == StatusCode::OK).then_some(());
    until("the node knows it", SOON, known).await;

    // Somebody else's words drip in beside all that follows.
    let dripping = tokio::spawn(drip(address_of(&service), scripted.token.clone()));

    // So many at once fill no memory.
    let (one, other) = (address_of(&service), scripted.token.clone());
    let more: Vec<_> = (0..3).map(|_| tokio::spawn(drip(one.clone(), other.clone()))).collect();
    let full = async || {
        let (status, _) = scripted.send(1, Vec::new(), None).await;
        (status == StatusCode::SERVICE_UNAVAILABLE).then_some(()).ok_or(status)
    };
    until("there is no room for more", SOON, full).await;
    more.iter().for_each(tokio::task::JoinHandle::abort);
    let room = async || {
        let (status, _) = scripted.send(1, Vec::new(), None).await;
        (status == StatusCode::OK).then_some(()).ok_or(status)
    };
    until("there is room again", SOON, room).await;

    // Whole bodies that are too much, or are not what they say.
    let bomb = zstd::encode_all(&vec![b' '; 100 << 20][..], 1).unwrap();
    let many = vec![b"{}".to_vec(); 1_001].join(&b'\n');
    let large = vec![b'x'; (4 << 20) + 1];
    for (body, encoding) in [
        (bomb, Some("zstd")),
        (b"no zstd at all".to_vec(), Some("zstd")),
        (many, None),
        (large, None),
    ] {
        let (status, problem) = scripted.send(1, body, encoding).await;
        assert_eq!((status, &problem["status"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!(413)));
    }
    assert_eq!(scripted.send(1, Vec::new(), Some("br")).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(scripted.send(0, Vec::new(), None).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(scripted.send(1, Vec::new(), None).await.0, StatusCode::OK);

    // Lines: each alone is refused, or taken for what it is.
    let odd = ReportedCheck {
        slug: Slug::new("well.example").unwrap(),
        at: Moment::from_millis(scripted.now() - 4_000),
        outcome: Outcome::failed(Failure::Dns, "a NUL \0, and \u{202e} letters"),
        attempts: u8::MAX,
        overloaded: true,
        origin: None,
        traces: Box::default(),
        traces_patch: None,
    };
    let deep = "[".repeat(60_000);
    let lines: [&[u8]; 9] = [
        &scripted.check(8).into_bytes(),
        b"{\"check\":",
        deep.as_bytes(),
        b"\xff\xfe\x00",
        &scripted.check(-3_600).into_bytes(),
        &scripted.check(7 * 3_600).into_bytes(),
        // Of no site of ours: passed over.
        &scripted.check_of("elsewhere.example", 5).into_bytes(),
        &serde_json::to_vec(&Line::Check(odd)).unwrap(),
        b"{\"gap\":{\"from\":\"1970-01-01T00:00:00Z\",\"until\":\"2100-01-01T00:00:00Z\",\"lost\":18446744073709551615}}",
    ];
    let (status, receipt) = scripted.send(1, lines.join(&b'\n'), None).await;
    assert_eq!((status, &receipt["acked"]), (StatusCode::OK, &json!(9)), "{receipt}");
    let refused: Vec<u64> =
        receipt["refused"].as_array().unwrap().iter().map(|r| r["seq"].as_u64().unwrap()).collect();
    assert_eq!(refused, [2, 3, 4, 5, 6, 9], "{receipt}");
    // Numbers that were there already, or go back, or are the largest there are.
    for (first, acked) in [(3, 9), (1, 9), (u64::MAX, u64::MAX), (5, u64::MAX)] {
        let (status, receipt) = scripted.checks(first, &[scripted.check(1)]).await;
        assert_eq!((status, &receipt["acked"]), (StatusCode::OK, &json!(acked)), "{first}");
    }

    let good = async || {
        let all = moments(&service, "well.example", "paris").await;
        (all.len() >= 3).then_some(all.len()).ok_or(all)
    };
    assert_eq!(until("what was good is there", SOON, good).await, 3);
    assert_eq!(service.slugs().await, ["well.example"]);
    let (_, checks) = service.get("/api/v1/sites/well.example/checks?region=paris").await;
    assert!(checks.contains("a NUL  , and"), "{checks}");

    // Tokens that are none, or are another's.
    for token in ["", "sua_", "Bearer", &"x".repeat(100_000), "sua_00000000_0123456789abcdef"] {
        let request = scripted.client.get(format!("{}/agent/v1/sites", scripted.core));
        let status = request.bearer_auth(token).send().await.unwrap().status();
        let denied = [401, 431, 503].contains(&status.as_u16());
        assert!(denied, "{status} for {} letters", token.len());
    }
    let held = dripping.await.unwrap();
    assert!(held < Duration::from_secs(45), "a body that never ends held on for {held:?}");
    assert_eq!(scripted.hello(RULES).await, StatusCode::OK);
}

/// Sends a body so slowly that it never ends; gives how long the node bore it.
async fn drip(address: String, token: String) -> Duration {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /agent/v1/checks HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
         stillup-boot: drip\r\nstillup-first: 1\r\ncontent-length: 1000000\r\n\r\n"
    );
    let begun = Instant::now();
    stream.write_all(head.as_bytes()).await.unwrap();
    let (mut reads, mut writes) = stream.split();
    let mut answer = [0; 12];
    let drips = async {
        while writes.write_all(b" ").await.is_ok() {
            sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::select! {
        () = drips => {}
        _ = reads.read_exact(&mut answer) => assert_eq!(&answer[9..], b"503"),
        () = sleep(Duration::from_mins(1)) => {}
    }
    begun.elapsed()
}

/// Something that stands where a node should be and always gives this answer.
async fn impostor(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut head = vec![0; 64 << 10];
                let _ = stream.read(&mut head).await;
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    address
}

fn answer(status: &str, kind: &str, more: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\n{more}content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_stands_where_the_node_should_be_an_agent_goes_on_and_loses_nothing() {
    let (service, _server) = node().await;
    let relay = Relay::to(&service).await;
    let token = add(&service, "syd-1", "sydney").await;
    let mut agent = AgentProcess::new(&relay.url(), &token, "");
    agent.start().await;
    let two = async || (moments(&service, "well.example", "sydney").await.len() >= 2).then_some(());
    until("its checks arrive", SOON, two).await;

    let (json, page) = ("application/json", "text/html");
    let bomb = zstd::encode_all(&vec![b' '; 100 << 20][..], 1).unwrap();
    for said in [
        answer("500 Internal Server Error", "application/problem+json", "", b"{}"),
        answer("401 Unauthorized", page, "", b"<h1>Please log in to the hotel's network</h1>"),
        answer("302 Found", page, "location: https://portal.example/\r\n", b""),
        answer("200 OK", page, "", b"<h1>Welcome</h1>"),
        answer("200 OK", json, "", b"{\"acked\":0}"),
        answer("200 OK", json, "", b"null"),
        answer("200 OK", json, "content-encoding: zstd\r\n", &bomb),
        b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(),
        Vec::new(),
    ] {
        relay.lead(Some(impostor(said).await));
        let before = agent.figure("stillup_agent_checks_total").await;
        let probes =
            async || (agent.figure("stillup_agent_checks_total").await > before).then_some(());
        until("it goes on", SOON, probes).await;
    }
    // The catalogue is another one when it is back.
    let server = Server::start(Mood::Well).await;
    let both = server.entry("well.example") + &server.entry("new.example");
    service.write_catalogue(&both);
    let back_at = Clock::system().now();
    relay.lead(Some(address_of(&service)));
    let new = async || (moments(&service, "new.example", "sydney").await.len() >= 2).then_some(());
    until("it looks at what is new", SOON, new).await;
    assert_eq!(agent.figure("stillup_agent_sites").await, 2);
    let all = async || {
        let all = moments(&service, "well.example", "sydney").await;
        all.last().is_some_and(|last| *last > back_at).then_some(all)
    };
    let all = until("all its checks arrive", SOON, all).await;
    for pair in all.windows(2) {
        assert!(pair[1] > pair[0] && pair[1].since(pair[0]) < Duration::from_secs(16), "{all:?}");
    }
    assert_eq!(agent.figure("stillup_agent_lost_total").await, 0);
    assert_eq!(agent.end("TERM").await, Some(0), "{}", agent.log());
}

/// A node that somebody else controls, and the lines that an agent sends to it.
async fn stolen(victim: &str) -> (String, Arc<Mutex<Vec<Line>>>) {
    let site = |slug: &str, private| {
        let url = format!("http://{victim}/").parse().unwrap();
        let interval = Duration::from_secs(5);
        Site { private, interval, ..Site::new(Slug::new(slug).unwrap(), url) }
    };
    let job = |id, private| LookupJob {
        id,
        url: format!("http://{victim}/").into(),
        timeout_ms: 2_000,
        private,
    };
    let assignment = Assignment {
        sites: Some(vec![site("open.example", false), site("private.example", true)]),
        lookups: vec![job(1, false), job(2, true)],
    };
    let welcome = Welcome {
        agent: AgentName::new("a").unwrap(),
        region: Region::new("sydney").unwrap(),
        now: Clock::system().now(),
        traces_patch: false,
    };
    let lines = Arc::new(Mutex::new(Vec::new()));
    let heard = lines.clone();
    let checks = async move |headers: HeaderMap, body: Bytes| {
        let text = zstd::decode_all(&body[..]).unwrap();
        let new: Vec<Line> = text
            .split(|byte| *byte == b'\n')
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect();
        let first: u64 = headers[&FIRST].to_str().unwrap().parse().unwrap();
        let acked = first + new.len() as u64 - 1;
        heard.lock().unwrap().extend(new);
        Json(BatchReceipt { acked, again: vec![], ..BatchReceipt::default() })
    };
    let sites = async move |headers: HeaderMap| {
        if headers.contains_key("if-none-match") {
            sleep(Duration::from_secs(5)).await;
            return StatusCode::NOT_MODIFIED.into_response();
        }
        ([("etag", "\"1\"")], Json(assignment.clone())).into_response()
    };
    let router = Router::new()
        .route("/agent/v1/hello", post(async move || Json(welcome.clone())))
        .route("/agent/v1/sites", get(sites))
        .route("/agent/v1/checks", post(checks));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, lines)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stolen_node_reaches_no_private_address_of_an_agents_network() {
    let victim = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (core, lines) = stolen(&victim.local_addr().unwrap().to_string()).await;
    let token = Token::generate(TokenKind::Agent).unwrap();
    let mut agent = AgentProcess::new(&core, token.expose(), "");
    agent.allow_private = false;
    agent.start().await;
    let answered = async || {
        let lines = lines.lock().unwrap().clone();
        let lookups = lines.iter().filter_map(|line| match line {
            Line::Lookup(lookup) => Some(lookup),
            _ => None,
        });
        let (asked, looked) = (lookups.clone().count(), lookups.filter(|l| l.outcome.is_some()));
        assert_eq!(looked.count(), 0, "{lines:?}");
        let checks = lines.iter().filter_map(|line| match line {
            Line::Check(check) => Some(check),
            _ => None,
        });
        let checks: Vec<_> =
            checks.map(|check| (check.slug.clone(), check.outcome.cause().is_some())).collect();
        (asked == 2 && !checks.is_empty()).then_some(checks).ok_or(lines)
    };
    let checks = until("it answers", SOON, answered).await;
    let open = Slug::new("open.example").unwrap();
    assert!(checks.iter().all(|(slug, failed)| *slug == open && *failed), "{checks:?}");
    let reached = tokio::time::timeout(Duration::from_millis(100), victim.accept()).await;
    assert!(reached.is_err(), "it was reached: {reached:?}");
}
