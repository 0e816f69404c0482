//! Visitors who look up what the catalogue does not have.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::sleep,
};

use crate::{
    server::{Mood, Server},
    service::{SOON, Service, until},
};

/// A site that answers slowly, and counts connections.
async fn slow_site(takes: Duration) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let count = Arc::new(AtomicUsize::new(0));
    let told = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut asked = Vec::new();
                while !asked.ends_with(b"\r\n\r\n") {
                    if !stream.read_buf(&mut asked).await.is_ok_and(|read| read > 0) {
                        return;
                    }
                }
                sleep(takes).await;
                let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
                drop(stream.write_all(answer.as_bytes()).await);
            });
        }
    });
    (address, told)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_lookups_of_one_slow_site_are_one_probe_and_all_are_answered() {
    // The limit of an ordinary user is below a thousand visitors.
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
    let (site, probes) = slow_site(Duration::from_millis(800)).await;
    let watched = Server::start(Mood::Well).await;
    let mut service = Service::new(&watched.entry("watched.test"), None);
    service.write_settings(
        "[lookup]\nallow_private = true\nper_visitor = 1\n\
                          [web]\nconnections_per_visitor = 2000\n",
    );
    service.start(&[]).await;
    let paths =
        [format!("/{site}"), format!("/{site}.json"), format!("/api/v1/lookup?target={site}")];
    let asks = (0..1_000).map(|n| service.get(&paths[n % 3]));
    let answers = futures_util::future::join_all(asks).await;
    for (status, body) in &answers {
        assert!(*status == 200 && body.contains(&site), "{status}: {body}");
    }
    let up = answers.iter().filter(|(_, body)| body.contains(" is up.") || body.contains(":1,"));
    assert_eq!(up.count(), 1_000);
    assert_eq!(probes.load(Ordering::SeqCst), 1);
    // The one of this minute is used up; cached answers are served all the same.
    assert_eq!(service.get(&paths[0]).await.0, 200);
    let (status, body) = service.get("/api/v1/lookup?target=127.0.0.1:9").await;
    assert_eq!(status, 429, "{body}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn visitors_are_kept_from_the_inside_unless_the_operator_says_so() {
    let (site, probes) = slow_site(Duration::ZERO).await;
    let watched = Server::start(Mood::Well).await;
    let mut service = Service::new(&watched.entry("watched.test"), None);
    service.start(&[]).await;
    let port = site.rsplit(':').next().unwrap();
    for target in [site.clone(), format!("localhost:{port}"), format!("2130706433:{port}")] {
        let (status, body) = service.get(&format!("/api/v1/lookup?target={target}")).await;
        assert!(status == 400 && body.contains("\"parameter\":\"target\""), "{target}: {body}");
        assert_eq!(service.get(&format!("/{target}")).await.0, 404, "{target}");
    }
    assert_eq!(probes.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_budget_there_is_429_with_the_last_answer_as_page_as_json_and_as_text() {
    let (site, probes) = slow_site(Duration::ZERO).await;
    let watched = Server::start(Mood::Well).await;
    let mut service = Service::new(&watched.entry("watched.test"), None);
    service.write_settings("[lookup]\nallow_private = true\nper_visitor = 1\ncache = \"1s\"\n");
    service.start(&[]).await;
    assert_eq!(service.get(&format!("/{site}")).await.0, 200);
    let api = format!("GET /api/v1/lookup?target={site}&again=1");
    let spent = async || (service.ask(&api, &[]).await.0 == 429).then_some(());
    until("the answer is old, and the budget spent", SOON, spent).await;
    let (page, text) = (format!("GET /{site}?again=1"), format!("GET /{site}"));
    for (ask, line, words) in [
        (&api, "accept: */*", "\"status\":\"up\""),
        (&page, "accept: text/html", "This is what we knew last."),
        (&page, "accept-language: nl", "Dit is wat we het laatst wisten."),
        (&text, "user-agent: curl/8", "What we knew last:\n"),
    ] {
        let (status, head, body) = service.ask(ask, &[line]).await;
        let wait = head.split_once("\r\nretry-after: ").and_then(|(_, rest)| rest.lines().next());
        let wait: u64 = wait.unwrap_or_default().parse().unwrap_or_default();
        assert!(status == 429 && (1..=60).contains(&wait), "{ask}: {head}");
        assert!(body.contains(words), "{ask}: {body}");
        assert!(body.contains(&format!("{site} ")), "{ask}: {body}");
    }
    assert_eq!(probes.load(Ordering::SeqCst), 1);
}
