//! `stillup check`: its exit codes, its sentence and its JSON.

use serde_json::Value;

use crate::{
    house::House,
    server::{Mood, SLOW, Server, closed_port},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_exits_with_the_worst_status_and_prints_a_sentence() {
    let house = House::new("", None);
    house.write_settings(&format!("[probe]\nnameservers = [\"{}\"]\n", closed_port().await));
    let servers = [Mood::Well, SLOW, Mood::Broken].map(Server::start);
    let servers = futures_util::future::join_all(servers).await;
    let [well, late, broken] = [0, 1, 2].map(|at: usize| servers[at].url());
    let refused = format!("http://{}/", closed_port().await);
    for (targets, code, words) in [
        (vec![well.as_str()], 0, "is up"),
        (vec![&late], 1, "slowly"),
        (vec![&refused], 2, "is down"),
        (vec![&broken], 2, "500"),
        (vec!["nope.invalid"], 2, "is down"),
        (vec![&refused, &well], 2, "is up"),
    ] {
        let mut arguments = vec!["check"];
        arguments.extend(&targets);
        let output = house.run(&arguments).await;
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{targets:?}: {output:?}");
        assert!(text.contains(words), "{targets:?}: {text}");
    }
    for target in ["a b", "ftp://slack.com", "http://"] {
        let output = house.run(&["check", target, &well]).await;
        assert_eq!(output.status.code(), Some(3), "{target}: {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 1, "{output:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_prints_one_json_object_a_target() {
    let house = House::new("", None);
    let server = Server::start(Mood::Well).await;
    let well = server.url();
    let refused = format!("http://{}/", closed_port().await);
    let output = house.run(&["check", "--json", &well, &refused]).await;
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let read: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [up, down] = &read[..] else { panic!("{text}") };

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
}
