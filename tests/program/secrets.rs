//! Secrets of a site's request: they reach the site's own origin, and nothing else that anybody can see.

use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::service::{SOON, Service, until};

/// Text that every secret has in it.
const MARK: &str = "swordfish";

/// A server that keeps what it is asked, and always gives the same answer.
struct AskedServer {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl AskedServer {
    async fn start(answer: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let keep = asked.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (keep, answer) = (keep.clone(), answer.clone());
                tokio::spawn(async move {
                    let mut bytes = Vec::new();
                    let is_whole = |bytes: &[u8]| {
                        let text = String::from_utf8_lossy(bytes).to_lowercase();
                        let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
                        let length =
                            head.split_once("content-length: ").map_or("0", |(_, rest)| rest);
                        body.len() >= length.lines().next().unwrap_or("0").parse().unwrap_or(0)
                    };
                    while !is_whole(&bytes)
                        && stream.read_buf(&mut bytes).await.is_ok_and(|n| n > 0)
                    {
                    }
                    keep.lock().unwrap().push(String::from_utf8_lossy(&bytes).into_owned());
                    drop(stream.write_all(answer.as_bytes()).await);
                });
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(head: &str, body: &str) -> String {
    format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

/// Every file below a folder that has the mark in it.
fn marked(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            marked(&path, found);
        } else if fs::read(&path)
            .is_ok_and(|bytes| bytes.windows(MARK.len()).any(|part| part == MARK.as_bytes()))
        {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
}

const PATHS: [&str; 22] = [
    "/",
    "/own",
    "/away",
    "/own?window=30d",
    "/outages",
    "/operate",
    "/api",
    "/openapi.json",
    "/api/v1/status",
    "/api/v1/sites",
    "/api/v1/sites?format=http_sd",
    "/api/v1/sites/own",
    "/api/v1/sites/away",
    "/api/v1/sites/away/checks",
    "/api/v1/outages",
    "/api/v1/regions",
    "/api/v2/summary.json",
    "/feed.atom",
    "/feed.json",
    "/metrics",
    "/readyz",
    "/sites/own/report?format=json",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_of_a_request_reach_its_own_origin_and_are_seen_nowhere_else() {
    let other = AskedServer::start(answer("200 OK", "fine")).await;
    let leads =
        |status: &str| answer(&format!("{status}\r\nlocation: http://{}/next", other.address), "");
    let (own, away) = tokio::join!(
        AskedServer::start(answer("500 Internal Server Error", "no")),
        // It repeats the body of a POST.
        AskedServer::start(leads("307 Temporary Redirect"))
    );
    let site = |slug: &str, at: SocketAddr| {
        format!(
            "[[site]]\nslug = \"{slug}\"\nurl = \"http://{at}/\"\nprivate = true\ninterval = \"5s\"\nmethod = \"POST\"\n\
             body = \"{MARK}-body\"\nheaders = {{ X-Plain = \"{MARK}-plain\", Authorization = {{ file = \"key\" }}, \
             Cookie = \"{MARK}=1\" }}\n"
        )
    };
    let mut service = Service::new(&(site("own", own.address) + &site("away", away.address)), None);
    fs::write(service.path("key"), format!("Bearer {MARK}-file\n")).unwrap();
    service.start(&[]).await;
    assert!(service.run(&["token", "add", "a", "--may", "read"]).await.status.success());
    let all_asked = async || {
        let enough = [&own, &away, &other].iter().all(|server| server.asked().len() >= 2);
        enough.then_some(())
    };
    until("all were asked", SOON, all_asked).await;
    let down = async || (service.json("/api/v1/sites/own").await["status"] == "down").then_some(());
    until("it is down, with its reason", SOON, down).await;
    for asked in [own.asked(), away.asked()].concat() {
        for secret in
            ["x-plain: swordfish-plain", "authorization: bearer swordfish-file", "swordfish-body"]
        {
            assert!(asked.to_lowercase().contains(secret), "{secret}: {asked}");
        }
    }
    for asked in other.asked() {
        assert!(!asked.contains(MARK), "told to another origin: {asked}");
        assert!(asked.starts_with("GET /next"), "{asked}");
    }
    for path in PATHS {
        let (_, head, body) =
            service.ask(&format!("GET {path}"), &["accept: text/html, */*"]).await;
        assert!(!head.contains(MARK) && !body.contains(MARK), "{path}");
    }
    let file = service.path("sites.toml").display().to_string();
    for arguments in [
        &["export", "--from", "2020-01-01"][..],
        &["sites", "check", &file],
        &["sites", "diff", &file],
        &["check", "away"],
        &["check", "--json", "own"],
    ] {
        let done = service.run(arguments).await;
        let said = [done.stdout, done.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(!said.is_empty() || arguments[1] == "diff", "{arguments:?}");
        assert!(!said.contains(MARK), "{arguments:?}: {said}");
    }
    assert!(!service.log().contains(MARK), "{}", service.log());
    service.signal("INT");
    assert!(service.ended().await.success());
    let mut found = Vec::new();
    marked(&service.data(), &mut found);
    // The copy of the catalogue, with what stands in the catalogue itself.
    assert_eq!(found, ["catalogue.toml"]);
    let mode = fs::metadata(service.data().join("catalogue.toml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "for its owner's eyes alone");
}
