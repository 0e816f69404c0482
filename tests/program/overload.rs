//! A service that has no CPU, or no open files, for a while: it goes on, and no site is slow or down
//! because of it.

use std::{process::Command, time::Duration};

use tokio::time::{Instant, sleep};

use crate::{
    server::{Mood, Server},
    service::{SOON, Service, until},
};

/// Sites, each of which answers after a while, so that some are always being waited for.
const SITES: usize = 12;
const LATE: Mood = Mood::Late(400);
/// Time for which the service is stopped: several turns of every site.
const STOPPED: Duration = Duration::from_secs(13);

#[tokio::test]
async fn a_service_that_was_stopped_says_that_it_missed_turns_and_blames_no_site() {
    let mut servers = Vec::new();
    for _ in 0..SITES {
        servers.push(Server::start(LATE).await);
    }
    let entries = servers.iter().enumerate();
    let catalogue: String =
        entries.map(|(n, server)| server.entry(&format!("site-{n}.example"))).collect();
    let mut service = Service::new(&catalogue, None);
    service.start(&[]).await;
    let count = async |service: &Service, status: &str| {
        service.json("/api/v1/status").await[status].as_u64().unwrap()
    };
    let all_up = async || (count(&service, "up").await == SITES as u64).then_some(());
    until("all sites are up", SOON, all_up).await;

    service.signal("STOP");
    sleep(STOPPED).await;
    service.signal("CONT");

    let overloaded = async || {
        let reasons = service.json("/readyz").await["reasons"].to_string();
        reasons.contains("were skipped or late").then_some(())
    };
    until("it says that it cannot keep up", SOON, overloaded).await;
    let (_, page) = service.get("/").await;
    assert!(page.contains("more checks to make than we can manage"), "{page}");
    let (_, metrics) = service.get("/metrics").await;
    assert!(metrics.lines().any(|line| line == "stillup_overloaded 1"), "{metrics}");
    let end = Instant::now() + STOPPED;
    while Instant::now() < end {
        let status = service.json("/api/v1/status").await;
        for blamed in ["slow", "partial", "down"] {
            assert_eq!(status[blamed], 0, "{status}");
        }
        sleep(Duration::from_millis(500)).await;
    }
    until("all sites are up again", SOON, async || {
        (count(&service, "up").await == SITES as u64).then_some(())
    })
    .await;
    assert!(service.json("/api/v1/status").await["overloaded_since"].is_string());
}

/// Fewer than are open, so that no connection and no part of the journal can be opened; and enough.
const OPEN_FILES: [&str; 2] = ["8", "1024"];

#[tokio::test]
async fn a_service_without_open_files_goes_on_and_records_once_it_has_some() {
    let server = Server::start(Mood::Late(5)).await;
    let mut service = Service::new(&server.entry("site.example"), None);
    service.start(&[]).await;
    let status = async |service: &Service| {
        let (_, body) = service.try_get("/api/v1/status").await?;
        serde_json::from_str::<serde_json::Value>(&body).ok()
    };
    let is_up = async || status(&service).await.filter(|status| status["up"] == 1).map(drop);
    until("the site is up", SOON, is_up).await;

    let pid = service.process().unwrap().to_string();
    for most in OPEN_FILES {
        let limit = format!("--nofile={most}:");
        let set = Command::new("prlimit").args([&limit, "--pid", &pid]).status().unwrap();
        assert!(set.success(), "{limit}");
        // Some turns, and some writes of the record.
        sleep(Duration::from_secs(4)).await;
    }
    assert!(service.log().contains("Too many open files"), "{}", service.log());
    let is_well = async || {
        let status = status(&service).await?;
        (status["up"] == 1 && status["record"]["away_since"].is_null()).then_some(())
    };
    until("the site is up and recorded", SOON, is_well).await;
}
