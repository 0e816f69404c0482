//! Our own side fails while something answers: no site is down for it, and no trace of it stays.

use crate::{
    server::{Mood, Server},
    service::{SOON, Service, until},
};

const SITES: usize = 6;

async fn statuses(service: &Service) -> Vec<String> {
    service.sites().await.iter().map(|site| site["status"].as_str().unwrap().to_owned()).collect()
}

async fn all_are(service: &Service, status: &str) {
    let seen = async || {
        let now = statuses(service).await;
        assert!(!now.contains(&"down".to_owned()), "{now:?}");
        now.iter().all(|is| is == status).then_some(())
    };
    until(&format!("all are {status}"), SOON, seen).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_error_for_all_sites_at_once_is_told_as_ours_and_leaves_no_outage() {
    let mut servers = Vec::new();
    let mut catalogue = String::new();
    for number in 0..SITES {
        let server = Server::start(Mood::Well).await;
        catalogue += &server.entry(&format!("site-{number}.example"));
        servers.push(server);
    }
    let mut service = Service::new(&catalogue, None);
    service.start(&[]).await;
    all_are(&service, "up").await;
    for mood in [Mood::Broken, Mood::Refusing] {
        for server in &servers {
            server.turn(mood);
        }
        all_are(&service, "unknown").await;
        let (_, front) = service.get("/").await;
        let why = "began to fail in the same way at once";
        assert!(front.contains(why) && front.contains("probably our own connection"), "{front}");
        let site = service.json("/api/v1/sites/site-0.example").await;
        assert!(site["summary"].as_str().unwrap().contains("our own connection"), "{site}");
        for server in &servers {
            server.turn(Mood::Well);
        }
        all_are(&service, "up").await;
    }
    let recorded = async || {
        let outages = service.json("/api/v1/outages").await;
        (outages["outages"].as_array().is_some_and(Vec::is_empty)).then_some(())
    };
    until("no outage is left", SOON, recorded).await;
    // One of them alone is down as ever.
    servers[0].turn(Mood::Broken);
    let down = async || (statuses(&service).await[0] == "down").then_some(());
    until("it is down", SOON, down).await;
    assert!(statuses(&service).await[1..].iter().all(|is| is == "up"));
}
