//! A service that has no CPU for a while: it says so, and no site is slow or down because of it.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::{
    house::{House, SOON, until},
    server::{Mood, Server},
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
    let mut house = House::new(&catalogue, None);
    house.start(&[]).await;
    let count = async |house: &House, status: &str| {
        house.json("/api/v1/status").await[status].as_u64().unwrap()
    };
    let all_up = async || (count(&house, "up").await == SITES as u64).then_some(());
    until("all sites are up", SOON, all_up).await;

    house.signal("STOP");
    sleep(STOPPED).await;
    house.signal("CONT");

    let overloaded = async || {
        let reasons = house.json("/readyz").await["reasons"].to_string();
        reasons.contains("were skipped or late").then_some(())
    };
    until("it says that it cannot keep up", SOON, overloaded).await;
    let (_, page) = house.get("/").await;
    assert!(page.contains("more checks to make than it can manage"), "{page}");
    let (_, metrics) = house.get("/metrics").await;
    assert!(metrics.lines().any(|line| line == "stillup_overloaded 1"), "{metrics}");
    let end = Instant::now() + STOPPED;
    while Instant::now() < end {
        let status = house.json("/api/v1/status").await;
        for blamed in ["slow", "partial", "down"] {
            assert_eq!(status[blamed], 0, "{status}");
        }
        sleep(Duration::from_millis(500)).await;
    }
    until("all sites are up again", SOON, async || {
        (count(&house, "up").await == SITES as u64).then_some(())
    })
    .await;
    assert!(house.json("/api/v1/status").await["overloaded_since"].is_string());
}
