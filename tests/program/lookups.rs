//! Visitors who look up what the catalogue does not have.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::sleep,
};

use crate::{
    house::House,
    server::{Mood, Server},
};

/// A site that takes its time, and counts who comes.
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
    let (site, probes) = slow_site(Duration::from_millis(800)).await;
    let watched = Server::start(Mood::Well).await;
    let mut house = House::new(&watched.entry("watched.test"), None);
    house.write_settings("[lookup]\nallow_private = true\nper_visitor = 1\n");
    house.start(&[]).await;
    let paths =
        [format!("/{site}"), format!("/{site}.json"), format!("/api/v1/lookup?target={site}")];
    let asks = (0..1_000).map(|n| house.get(&paths[n % 3]));
    let answers = futures_util::future::join_all(asks).await;
    for (status, body) in &answers {
        assert!(*status == 200 && body.contains(&site), "{status}: {body}");
    }
    let up = answers.iter().filter(|(_, body)| body.contains(" is up.") || body.contains(":1,"));
    assert_eq!(up.count(), 1_000);
    assert_eq!(probes.load(Ordering::SeqCst), 1);
    // One a minute is spent; what is at hand is given all the same.
    assert_eq!(house.get(&paths[0]).await.0, 200);
    let (status, body) = house.get("/api/v1/lookup?target=127.0.0.1:9").await;
    assert_eq!(status, 429, "{body}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn visitors_are_kept_from_the_inside_unless_the_operator_says_so() {
    let (site, probes) = slow_site(Duration::ZERO).await;
    let watched = Server::start(Mood::Well).await;
    let mut house = House::new(&watched.entry("watched.test"), None);
    house.start(&[]).await;
    let port = site.rsplit(':').next().unwrap();
    for target in [site.clone(), format!("localhost:{port}"), format!("2130706433:{port}")] {
        let (status, body) = house.get(&format!("/api/v1/lookup?target={target}")).await;
        assert!(status == 400 && body.contains("\"parameter\":\"target\""), "{target}: {body}");
        assert_eq!(house.get(&format!("/{target}")).await.0, 404, "{target}");
    }
    assert_eq!(probes.load(Ordering::SeqCst), 0);
}
