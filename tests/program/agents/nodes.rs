//! One agent of several nodes, a node that is started anew, and how agents are deployed.

use std::process::{Command, Output};

use sqlx::{Connection, PgConnection};
use stillup::private_postgres::throwaway;

use super::*;
use crate::server::closed_port;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_several_nodes_gets_every_check_once_also_those_of_a_time_when_it_was_away() {
    let server = Server::start(Mood::Well).await;
    let (one, other) = (throwaway::database().await.unwrap(), throwaway::database().await.unwrap());
    let mut services = Vec::new();
    for database in [&one, &other] {
        let mut service = Service::new(&server.entry("well.example"), Some(database.url()));
        service.write_settings("region = \"amsterdam\"\n");
        service.start(&[]).await;
        services.push(service);
    }
    // The other node knows the same token.
    let token = add(&services[0], "syd-1", "sydney").await;
    add(&services[1], "syd-1", "sydney").await;
    let mut from = PgConnection::connect_with(&one.options()).await.unwrap();
    let mut to = PgConnection::connect_with(&other.options()).await.unwrap();
    let (id, sha256): (String, Vec<u8>) =
        sqlx::query_as("SELECT id, sha256 FROM agent_tokens").fetch_one(&mut from).await.unwrap();
    let copied = sqlx::query("UPDATE agent_tokens SET id = $1, sha256 = $2").bind(id).bind(sha256);
    copied.execute(&mut to).await.unwrap();

    let relay = Relay::to(&services[0]).await;
    let mut agent = AgentProcess::new(&relay.url(), &token, "");
    agent.cores.push(services[1].url("").trim_end_matches('/').to_owned());
    // The first one was never there: the sites are those of the next.
    agent.cores.insert(0, format!("http://{}", closed_port()));
    agent.start().await;
    for service in &services {
        let some =
            async || (moments(service, "well.example", "sydney").await.len() >= 2).then_some(());
        until("both have its checks", SOON, some).await;
    }
    relay.lead(None);
    let cut_at = Clock::system().now();
    let goes_on = async || {
        let all = moments(&services[1], "well.example", "sydney").await;
        (all.iter().filter(|at| **at > cut_at).count() >= 2).then_some(())
    };
    until("one that is away holds up no other", SOON, goes_on).await;
    relay.lead(Some(address_of(&services[0])));
    let all = async || {
        let all = moments(&services[0], "well.example", "sydney").await;
        (all.iter().filter(|at| **at > cut_at).count() >= 2).then_some(all)
    };
    let all = until("it gets what it missed", SOON, all).await;
    let same = async || {
        let others = moments(&services[1], "well.example", "sydney").await;
        all.iter().all(|at| others.contains(at)).then_some(())
    };
    until("both have the same", SOON, same).await;
    for pair in all.windows(2) {
        assert!(pair[1] > pair[0] && pair[1].since(pair[0]) < Duration::from_secs(16), "{all:?}");
    }
    // Removed at one node, it goes on for the other.
    assert!(services[0].run(&["agents", "remove", "syd-1"]).await.status.success());
    let left = async || agent.log().contains("does not know our token").then_some(());
    until("the first one refuses it", SOON, left).await;
    let before = agent.figure("stillup_agent_checks_total").await;
    let probes =
        async || (agent.figure("stillup_agent_checks_total").await > before + 1).then_some(());
    until("it goes on", SOON, probes).await;
    assert_eq!(agent.end("TERM").await, Some(0), "{}", agent.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checks_of_a_clock_that_is_off_are_not_doubled_when_the_node_is_started_anew() {
    let (mut service, _server) = node().await;
    let mut scripted = Scripted::new(&service, "syd-1", "sydney", 3).await;
    let known = async || (scripted.hello(RULES).await == StatusCode::OK).then_some(());
    until("the node knows it", SOON, known).await;
    let lines = [scripted.check(9), scripted.check(6), scripted.check(3)];
    let (status, receipt) = scripted.checks(1, &lines).await;
    assert_eq!((status, &receipt["acked"]), (StatusCode::OK, &json!(3)));
    let all = async || {
        let all = moments(&service, "well.example", "sydney").await;
        (all.len() == 3).then_some(all)
    };
    let first = until("they are there", SOON, all).await;
    // The agent did not hear that they were taken.
    service.signal("INT");
    assert!(service.ended().await.success());
    service.start(&[]).await;
    scripted.core = service.url("").trim_end_matches('/').to_owned();
    let known = async || (scripted.hello(RULES).await == StatusCode::OK).then_some(());
    until("the node knows it again", SOON, known).await;
    let again = [&lines[..], &[scripted.check(0)]].concat();
    let (status, receipt) = scripted.checks(1, &again).await;
    assert_eq!((status, &receipt["acked"]), (StatusCode::OK, &json!(4)));
    let all = async || {
        let all = moments(&service, "well.example", "sydney").await;
        (all.len() > 3).then_some(all)
    };
    let second = until("the new one is there", SOON, all).await;
    assert_eq!((second.len(), &second[..3]), (4, &first[..]));

    // An agent that is removed while the node is away leaves no silent region behind.
    service.signal("INT");
    assert!(service.ended().await.success());
    assert!(service.run(&["agents", "remove", "syd-1"]).await.status.success());
    service.start(&[]).await;
    let gone = async || {
        let site = service.json("/api/v1/sites/well.example").await;
        let regions = site["regions"].as_array().unwrap().clone();
        let ours = regions.iter().any(|seen| seen["region"] == "amsterdam");
        let theirs = regions.iter().any(|seen| seen["region"] == "sydney");
        (ours && !theirs).then_some(()).ok_or(regions)
    };
    until("the region is gone", SOON, gone).await;
    assert_eq!(moments(&service, "well.example", "sydney").await.len(), 4, "its history stays");
}

/// Text of a file of the repository.
fn file(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn the_units_and_the_compose_file_start_the_program_as_it_is() {
    let program = env!("CARGO_BIN_EXE_stillup");
    let help = |command: &str| {
        let Output { stdout, .. } =
            Command::new(program).args([command, "--help"]).output().unwrap();
        String::from_utf8(stdout).unwrap()
    };
    let readme = file("README.md");
    let serve = readme.split("```ini\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let units =
        [("stillup-probe", file("deploy/stillup-probe.service")), ("stillup", serve.to_owned())];
    let dir = tempfile::tempdir().unwrap();
    for (name, unit) in &units {
        let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
        let mut words = line.split(' ');
        assert_eq!(words.next(), Some("/usr/local/bin/stillup"));
        let help = help(words.next().unwrap());
        for flag in words.filter(|word| word.starts_with("--")) {
            assert!(help.contains(&format!("{flag} ")), "{name}: {flag}");
        }
        let path = dir.path().join(format!("{name}.service"));
        fs::write(&path, unit.replace("/usr/local/bin/stillup", program)).unwrap();
        match Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&path).output() {
            Ok(Output { status, stderr, .. }) => {
                let told = String::from_utf8_lossy(&stderr).into_owned();
                assert!(status.success() && told.is_empty(), "{name}: {told}");
            }
            Err(_) => eprintln!("SKIPPED: there is no systemd-analyze to verify {name} with"),
        }
    }
    let compose = file("deploy/agent-compose.yml");
    let help = help("probe");
    let variables = compose.lines().filter_map(|line| line.trim().split_once(": "));
    let variables = variables.map(|(name, _)| name).filter(|name| name.starts_with("STILLUP_"));
    let variables: Vec<&str> = variables.collect();
    assert_eq!(variables, ["STILLUP_TOKEN_FILE", "STILLUP_DATA_DIR"]);
    assert!(variables.iter().all(|name| help.contains(name)), "{help}");
    assert!(compose.contains("[\"probe\", \"--core\",") && help.contains("--core "));
}
