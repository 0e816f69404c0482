//! Starting, ending, and what is refused in words.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Output,
    time::Duration,
};

use serde_json::Value;
use tokio::{net::TcpListener, time::Instant};

use crate::{
    server::{Mood, Server, closed_port},
    service::{SOON, Service, send, until},
};

/// More than an end takes on a busy machine, and less than any wait of a start that a signal has to
/// cut short.
const AT_ONCE: Duration = Duration::from_secs(20);

/// Asserts that it failed with one sentence, and returns it.
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = String::from_utf8_lossy(&output.stderr);
    let said: Vec<_> = text.lines().filter(|line| line.starts_with("stillup: ")).collect();
    assert_eq!(said.len(), 1, "{text}");
    said[0].to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_database_it_serves_says_so_and_ends_in_order_on_sigint_and_sigterm() {
    let well = Server::start(Mood::Well).await;
    let url = format!("postgres://stillup@{}/stillup?sslmode=disable", closed_port());
    let mut service = Service::new(&well.entry("well.example"), Some(url));
    for signal in ["INT", "TERM"] {
        service.start(&[]).await;
        let up = async || {
            let site = service.json("/api/v1/sites/well.example").await;
            (site["status"] == "up").then_some(())
        };
        // The start waits a while for what Postgres remembers.
        until("the site is up", SOON, up).await;
        for path in ["/", "/well.example"] {
            let away = async || {
                let (status, page) = service.get(path).await;
                assert_eq!(status, 200, "{page}");
                page.contains("waiting for its database").then_some(())
            };
            until("the page says that the record waits", SOON, away).await;
        }
        let ready = service.json("/readyz").await;
        assert_eq!(ready["status"], "degraded", "{ready}");
        assert!(service.json("/api/v1/status").await["record"]["waiting"].as_u64() > Some(0));
        service.signal(signal);
        let asked = Instant::now();
        let ended = service.ended().await;
        assert_eq!(ended.code(), Some(0), "{signal}: {}", service.log());
        assert!(asked.elapsed() < AT_ONCE, "{signal} took {:?}", asked.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_private_postgres_ctrl_c_ends_both_and_the_history_is_there_again() {
    let well = Server::start(Mood::Well).await;
    let mut service = Service::new(&well.entry("well.example"), None);
    service.start(&[]).await;
    let up = async || {
        let site = service.json("/api/v1/sites/well.example").await;
        (site["status"] == "up").then(|| site["since"].clone())
    };
    let since = until("the site is up", SOON, up).await;
    service.signal("INT");
    let asked = Instant::now();
    assert_eq!(service.ended().await.code(), Some(0), "{}", service.log());
    assert!(asked.elapsed() < AT_ONCE, "it took {:?}", asked.elapsed());
    assert!(service.postmaster().is_none(), "Postgres still runs");
    service.start(&[]).await;
    assert_eq!(service.json("/api/v1/sites/well.example").await["since"], since);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_service_on_the_same_data_and_a_taken_port_are_refused_in_one_sentence() {
    let well = Server::start(Mood::Well).await;
    let url = || Some(format!("postgres://stillup@127.0.0.1:{}/stillup", 9));
    let mut service = Service::new(&well.entry("well.example"), url());
    service.start(&[]).await;
    let said = refused(&service.run(&["serve", "--listen", "127.0.0.1:0"]).await);
    let data = service.data().canonicalize().unwrap();
    assert!(said.contains(data.to_str().unwrap()) && said.contains("process "), "{said}");

    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let other = Service::new(&well.entry("well.example"), url());
    let said = refused(&other.run(&["serve", "--listen", &address]).await);
    assert!(said.contains(&format!("cannot listen on {address}")), "{said}");
}

#[tokio::test]
async fn all_mistakes_of_a_catalogue_are_told_at_once() {
    let text = "[[site]]\nurl = \"ftp://a.example/\"\n\n[[site]]\nurl = \"https://b.example/\"\n\
                interval = \"1s\"\n\n[[site]]\nurl = \"https://c.example/\"\nnmae = \"C\"\n";
    let service = Service::new(text, None);
    let output = service.run(&["serve", "--listen", "127.0.0.1:0"]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    for place in ["sites.toml:2", "sites.toml:6", "sites.toml:10"] {
        assert!(said.contains(place), "{place} is not in: {said}");
    }
    for word in ["ftp", "interval", "nmae"] {
        assert!(said.contains(word), "{word} is not in: {said}");
    }
    assert!(!service.data().join("postgres").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_postgres_holds_no_end_up_and_nothing_is_lost() {
    let well = Server::start(Mood::Well).await;
    let mut service = Service::new(&well.entry("well.example"), None);
    service.start(&[]).await;
    let some = async || recorded(&service).await.first().cloned();
    until("a check is recorded", SOON, some).await;
    let (postmaster, _) = service.postmaster().unwrap();
    let frozen = family(postmaster);
    for pid in &frozen {
        send("STOP", *pid);
    }
    let waits = async || {
        let status = service.json("/api/v1/status").await;
        (status["record"]["waiting"].as_u64() > Some(1)).then_some(())
    };
    // Two of them are an interval apart: what is done seconds after a start waits as well by then.
    until("two checks wait", SOON, waits).await;
    let seen = service.json("/api/v1/sites/well.example").await["checked_at"].clone();
    let asked = Instant::now();
    service.signal("INT");
    let ended = service.ended().await;
    let took = asked.elapsed();
    for pid in &frozen {
        send("CONT", *pid);
    }
    assert!(took < AT_ONCE, "it took {took:?}");
    assert_eq!(ended.code(), Some(1), "its Postgres still runs: {}", service.log());
    assert!(service.log().contains("was told to stop and still runs"), "{}", service.log());

    // The start waits for the old Postgres to end; a signal then is heeded as ever.
    service.start(&[]).await;
    let there = async || recorded(&service).await.contains(&seen).then_some(());
    until("what waited is recorded", SOON, there).await;
}

/// Moments of the site's checks, as the record has them.
async fn recorded(service: &Service) -> Vec<Value> {
    let (status, body) = service.get("/api/v1/sites/well.example/checks").await;
    // Until Postgres is there it is not asked.
    let answer: Value = serde_json::from_str(&body).unwrap();
    let checks = answer["checks"].as_array().filter(|_| status == 200);
    checks.into_iter().flatten().map(|check| check["at"].clone()).collect()
}

/// A process and its children.
fn family(pid: u32) -> Vec<u32> {
    let path = format!("/proc/{pid}/task/{pid}/children");
    let children = std::fs::read_to_string(path).unwrap();
    let children = children.split_whitespace().map(|pid| pid.parse().unwrap());
    std::iter::once(pid).chain(children).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_while_the_start_waits_for_postgres_is_heeded_at_once() {
    let well = Server::start(Mood::Well).await;
    let url = format!("postgres://stillup@{}/stillup?sslmode=disable", closed_port());
    let mut service = Service::new(&well.entry("well.example"), Some(url));
    service.start(&[]).await;
    let asked = Instant::now();
    service.signal("TERM");
    assert_eq!(service.ended().await.code(), Some(0), "{}", service.log());
    assert!(asked.elapsed() < AT_ONCE, "it took {:?}", asked.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_while_a_postgres_is_made_is_heeded_and_the_next_start_makes_it() {
    let well = Server::start(Mood::Well).await;
    let mut service = Service::new(&well.entry("well.example"), None);
    let programs = programs_that_never_make_one(&service);
    service.set_programs(Some(programs));
    service.start(&[]).await;
    let home = service.data().join("postgres");
    let begun = async || fs::read_to_string(home.join("db.new/child")).ok()?.trim().parse().ok();
    let child: u32 = until("it is being made", SOON, begun).await;
    let asked = Instant::now();
    service.signal("INT");
    assert_eq!(service.ended().await.code(), Some(0), "{}", service.log());
    assert!(asked.elapsed() < AT_ONCE, "it took {:?}", asked.elapsed());
    let gone = async || (!Path::new(&format!("/proc/{child}")).exists()).then_some(());
    until("what it started has ended", SOON, gone).await;
    let left: Vec<_> =
        fs::read_dir(&home).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["run"], "only the empty directory of the socket is left");

    service.set_programs(None);
    // With the real programs, at any point of the start.
    for _ in 0..3 {
        service.start(&[]).await;
        let asked = Instant::now();
        service.signal("TERM");
        assert_eq!(service.ended().await.code(), Some(0), "{}", service.log());
        assert!(asked.elapsed() < AT_ONCE, "it took {:?}", asked.elapsed());
        assert!(service.postmaster().is_none(), "Postgres still runs");
    }
    service.start(&[]).await;
    let some = async || recorded(&service).await.first().cloned();
    until("a check is recorded", SOON, some).await;
}

/// The machine's Postgres, but for an `initdb` that begins, heeds no SIGTERM and never ends.
fn programs_that_never_make_one(service: &Service) -> PathBuf {
    let dir = service.path("programs");
    fs::create_dir(&dir).unwrap();
    let real = "$(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin 2>/dev/null | head -n 1)";
    for name in ["pg_ctl", "postgres", "createdb"] {
        script(&dir.join(name), &format!("exec \"{real}/{name}\" \"$@\""));
    }
    let begin = r#"trap '' TERM
while [ "$1" != -D ]; do shift; done
mkdir "$2"
sleep 600 &
echo $! >"$2/child"
wait"#;
    script(&dir.join("initdb"), begin);
    dir
}

fn script(path: &Path, text: &str) {
    fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_few_open_files_it_looks_at_fewer_sites_at_a_time_says_so_and_goes_on() {
    let silent = Server::start(Mood::Silent).await;
    let many: String = (0..30).map(|n| silent.entry(&format!("silent-{n}.example"))).collect();
    let well = Server::start(Mood::Well).await;
    let catalogue = format!("{many}{}", well.entry("well.example"));
    let mut service = Service::new(&catalogue, None).with_open_files(200);
    service.start(&[]).await;
    let looked = async || {
        let silent = service.json("/api/v1/sites/silent-29.example").await;
        let well = service.json("/api/v1/sites/well.example").await;
        (well["status"] == "up" && !silent["checked_at"].is_null()).then(|| silent.clone())
    };
    let silent = until("all are looked at", Duration::from_mins(1), looked).await;
    assert_ne!(silent["cause"]["failure"], "connect", "{silent}");
    let log = service.log();
    assert!(log.contains("the limit of open files leaves room for 5 probes"), "{log}");
    assert!(!log.contains("Too many open files"), "{log}");
    service.signal("TERM");
    assert_eq!(service.ended().await.code(), Some(0), "{}", service.log());
}
