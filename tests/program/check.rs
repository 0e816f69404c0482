//! `stillup check`: its exit codes, its sentence and its JSON.

use std::process::{Command, Output};

use serde_json::Value;

use crate::{
    server::{Mood, SLOW, Server, closed_port},
    service::Service,
};

/// A catalogue unrelated to the targets.
const OTHER: &str = "[[site]]\nurl = \"https://other.invalid/\"\n";

/// Runs `stillup` in the service with these arguments and nothing else.
async fn alone(service: &Service, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stillup"));
    command.current_dir(service.path("")).env_clear().args(arguments);
    command.env("STILLUP_DATA_DIR", service.data());
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_in_the_wrong_way_is_told_3_by_check_and_1_or_2_by_the_others() {
    let service = Service::new("", None);
    for (arguments, code) in [
        (&["check", "--config", "nope", "127.0.0.1"][..], 3),
        (&["check", "--sites", "nope", "127.0.0.1"], 3),
        (&["check"], 3),
        (&["check", "--json"], 3),
        (&["check", "--nope", "127.0.0.1"], 3),
        (&["check", "--help"], 0),
        (&["--version"], 0),
        (&["serve", "--nope"], 2),
        (&["serve", "--config", "nope"], 1),
        (&["nope"], 2),
        (&[], 2),
    ] {
        let output = alone(&service, arguments).await;
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
        let told = [&output.stdout, &output.stderr].into_iter().any(|text| !text.is_empty());
        assert!(told, "{arguments:?}");
    }
    service.write_settings("nope = 1\n");
    for (arguments, code) in [(&["check", "127.0.0.1"][..], 3), (&["serve"], 1)] {
        let output = alone(&service, arguments).await;
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("nope"), "{output:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_of_the_catalogue_is_checked_with_its_own_address_and_limits() {
    let server = Server::start(Mood::Well).await;
    let other = Server::start(Mood::Well).await;
    let (url, plain) = (server.url(), other.url());
    let service = Service::new(
        &format!(
            "[[site]]\nurl = \"{url}\"\nslug = \"toggle\"\nname = \"The Toggle\"\n\
             private = true\nexpect_status = [\"204\"]\n"
        ),
        None,
    );
    for target in ["toggle", "TOGGLE", "the toggle", url.as_str()] {
        let output = service.run(&["check", "--json", target]).await;
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(2), "{target}: {json}");
        assert_eq!((&json["slug"], &json["name"]), (&"toggle".into(), &"The Toggle".into()));
        assert_eq!(json["url"].as_str(), Some(url.as_str()), "{target}");
        assert_eq!(json["cause"]["failure"], "http", "{target}: 200 is not 204");
    }
    let output = service.run(&["check", &plain]).await;
    assert_eq!(output.status.code(), Some(0), "another port is another site: {output:?}");

    // Without a file in the default place there is no catalogue, which is fine.
    std::fs::remove_file(service.path("sites.toml")).unwrap();
    let output = alone(&service, &["check", &url]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_exits_with_the_worst_status_and_prints_a_sentence() {
    let service = Service::new(OTHER, None);
    service.write_settings(&format!("[probe]\nnameservers = [\"{}\"]\n", closed_port()));
    let servers = [Mood::Well, SLOW, Mood::Broken].map(Server::start);
    let servers = futures_util::future::join_all(servers).await;
    let [well, late, broken] = [0, 1, 2].map(|at: usize| servers[at].url());
    let refused = format!("http://{}/", closed_port());
    for (targets, code, words) in [
        (vec![well.as_str()], 0, "is up"),
        (vec![&late], 1, "slowly"),
        (vec![&refused], 2, "is down"),
        (vec![&broken], 2, "500"),
        (vec!["nope.invalid"], 2, "is down"),
        (vec!["name.example"], 3, "our own name servers are not working"),
        (vec![&refused, &well], 2, "is up"),
    ] {
        let mut arguments = vec!["check"];
        arguments.extend(&targets);
        let output = service.run(&arguments).await;
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{targets:?}: {output:?}");
        assert!(text.contains(words), "{targets:?}: {text}");
    }
    for target in ["a b", "ftp://slack.com", "http://"] {
        let output = service.run(&["check", target, &well]).await;
        assert_eq!(output.status.code(), Some(3), "{target}: {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 1, "{output:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_prints_one_json_object_a_target() {
    let service = Service::new(OTHER, None);
    let server = Server::start(Mood::Well).await;
    let well = server.url();
    let refused = format!("http://{}/", closed_port());
    let output = service.run(&["check", "--json", &well, &refused, "bad..name"]).await;
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let read: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [up, down, bad] = &read[..] else { panic!("{text}") };

    assert_eq!(up["status"], "up");
    assert_eq!(up["target"].as_str(), Some(well.as_str()));
    assert_eq!((&up["http_status"], &up["cause"]), (&200.into(), &Value::Null));
    for phase in ["connect_ms", "wait_ms", "transfer_ms"] {
        assert!(up["phases"][phase].is_f64(), "{phase}: {up}");
    }
    for phase in ["dns_ms", "tls_ms"] {
        assert!(up["phases"][phase].is_null(), "{phase}: {up}");
    }
    assert!(up["latency_ms"].is_f64() && up["checked_at"].is_string(), "{up}");

    assert_eq!((&down["status"], &down["cause"]["failure"]), (&"down".into(), &"connect".into()));
    assert!(down["cause"]["detail"].is_string() && down["http_status"].is_null(), "{down}");
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(up), keys(down));

    assert_eq!((&bad["target"], &bad["status"]), (&"bad..name".into(), &"unknown".into()));
    assert!(bad["summary"].as_str().unwrap().contains("not a name"), "{bad}");
    assert_eq!(keys(bad), keys(up));
    assert_eq!(bad.as_object().unwrap().values().filter(|v| !v.is_null()).count(), 3, "{bad}");
}
