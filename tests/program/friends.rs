//! Other people's programs read what the service serves: a feed reader, a client of status pages,
//! Shields' own drawing of badges, and Prometheus' check of metrics.
//!
//! `scripts/friends.sh` installs them.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{
    server::{Mood, Server},
    service::{SOON, Service, until},
};

/// A service that has seen one site up and one down.
async fn service() -> (Service, [Server; 2]) {
    let servers = [Server::start(Mood::Well).await, Server::start(Mood::Refusing).await];
    let catalogue = servers[0].entry("well.example")
        + "name = \"Well\"\naliases = [\"12\", \"core_well\"]\n"
        + &servers[1].entry("gone.example")
        + "name = \"Gone & <b>away</b>\"\n";
    let mut service = Service::new(&catalogue, None);
    service.start(&[]).await;
    until("both are judged", SOON, async || {
        let seen = service.json("/api/v1/status").await;
        (seen["up"] == 1 && seen["down"] == 1).then_some(())
    })
    .await;
    (service, servers)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs one of them to its good end.
async fn well(program: PathBuf, arguments: Vec<String>, input: Option<String>) {
    let ran = tokio::task::spawn_blocking(move || {
        let mut command = Command::new(&program);
        command.args(&arguments).env("FRIENDS", root().join(".tools/friends"));
        command.current_dir(root().join("tests/friends"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let started = command.spawn();
        let mut child = started.unwrap_or_else(|error| {
            panic!("{}: {error}; run scripts/setup.sh test", program.display())
        });
        let mut stdin = child.stdin.take().unwrap();
        let ours = input.unwrap_or_default();
        let writes = std::thread::spawn(move || drop(stdin.write_all(ours.as_bytes())));
        let output = child.wait_with_output().unwrap();
        writes.join().unwrap();
        output
    });
    let output = ran.await.unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}

fn python() -> PathBuf {
    root().join(".tools/friends/venv/bin/python")
}

fn asked(service: &Service, script: &str, slug: &str) -> Vec<String> {
    vec![script.to_owned(), service.url(""), slug.to_owned()]
}

#[tokio::test]
async fn other_peoples_programs_read_us_without_complaint() {
    let (service, servers) = service().await;
    well(python(), asked(&service, "feeds.py", "gone.example"), None).await;
    well(python(), asked(&service, "statuspage.py", "gone.example"), None).await;
    well("node".into(), asked(&service, "statuspage.mjs", "gone.example"), None).await;
    for (slug, word, colour) in
        [("well.example", "up", "brightgreen"), ("gone.example", "down", "red")]
    {
        let mut arguments = asked(&service, "badges.mjs", slug);
        arguments.extend([word.to_owned(), colour.to_owned()]);
        well("node".into(), arguments, None).await;
    }
    let (status, figures) = service.get("/metrics").await;
    assert_eq!(status, 200);
    for name in ["stillup_turns_taken_total ", "stillup_queue_checks ", "\nprobe_success{"] {
        assert!(figures.contains(name), "{name}");
    }
    well("promtool".into(), vec!["check".into(), "metrics".into()], Some(figures)).await;
    // Badges of those who moved here.
    let (_, badge) = service.get("/api/badge/12/status").await;
    assert!(badge.contains("aria-label=\"Status: Up\""), "{badge}");
    let (_, badge) = service.get("/api/v1/endpoints/core_well/health/badge.svg").await;
    assert!(badge.contains("aria-label=\"health: up\""), "{badge}");
    // The record has the days soon after; until then the board shows today.
    let (_, bars) = service.get("/badge/gone.example/bar90.svg").await;
    assert_eq!(bars.matches("h3v").count(), 90);
    drop(servers);
}
