//! Words of operators on several nodes: what is written on one of them holds on all.

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use super::*;
use crate::service::SOON;

/// Standard output of a command beside a node.
async fn said(service: &Service, arguments: &[&str]) -> String {
    let done = service.run(arguments).await;
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

/// Sends this until the node knows the token.
async fn write(service: &Service, token: &str, method: Method, path: &str, body: &Value) -> Value {
    let client = Client::new();
    let known = async || {
        let request = client.request(method.clone(), service.url(path)).bearer_auth(token);
        let answer = request.body(body.to_string()).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        if status == StatusCode::UNAUTHORIZED { Err(text) } else { Ok((status, text)) }
    };
    let (status, text) = until("the token is known", SOON, known).await;
    assert!(status.is_success(), "{status} {text}");
    serde_json::from_str(&text).unwrap()
}

/// Waits until a node has a notice with these updates, the newest first.
async fn says(service: &Service, path: &str, texts: &[&str]) {
    let said = async || {
        let Some((200, text)) = service.try_get(path).await else { return Err(Value::Null) };
        let notice: Value = serde_json::from_str(&text).unwrap();
        let updates = notice["updates"].as_array().unwrap();
        let same = texts.len() == updates.len()
            && texts.iter().zip(updates).all(|(text, update)| update["text"] == *text);
        if same { Ok(()) } else { Err(notice) }
    };
    until("the node says so", SOON, said).await;
}

/// Waits until people were told so many times.
async fn told(fleet: &Fleet, times: usize) {
    let told = async || {
        let seen = fleet.receiver.seen().len();
        assert!(seen <= times, "told too often: {seen}");
        (seen == times).then_some(()).ok_or(seen)
    };
    until("people are told", SOON, told).await;
}

#[tokio::test]
async fn what_an_operator_writes_on_one_node_holds_on_all_and_is_told_once() {
    let mut fleet = Fleet::prepare(TWO, 1, Database::one().await).await;
    for node in &mut fleet.nodes {
        node.start().await;
    }
    let recording = fleet.recording().await;
    let follower = other(recording);
    let [here, there] = [recording, follower].map(|node| &fleet.nodes[node].service);
    let token = said(here, &["token", "add", "ci", "--may", "notices,sites"]).await;
    let body = json!({ "title": "Trouble", "text": "We look." });
    let notice = write(there, &token, Method::POST, "/api/v1/notices", &body).await;
    let path = format!("/api/v1/notices/{}", notice["id"].as_str().unwrap());
    says(here, &path, &["We look."]).await;
    // The one that records tells people, who asked the other one.
    told(&fleet, 1).await;
    let site = json!({ "url": fleet.well_server.url(), "private": true });
    write(there, &token, Method::PUT, "/api/v1/sites/added", &site).await;
    let added = async || here.slugs().await.contains(&"added".to_owned()).then_some(());
    until("the site is watched by both", SOON, added).await;

    // While a node cannot reach Postgres, what is written on it holds there, and later everywhere.
    fleet.nodes[follower].cut_from_postgres();
    let updates = format!("{path}/updates");
    let waits = async || {
        there.log().contains("notices.toml: what was changed here is not on").then_some(())
    };
    write(there, &token, Method::POST, &updates, &json!({ "text": "Found." })).await;
    until("it says that the others do not have it", SOON, waits).await;
    write(here, &token, Method::POST, &updates, &json!({ "text": "It grows." })).await;
    said(here, &["token", "add", "ops", "--may", "read"]).await;
    fleet.nodes[follower].mend_to_postgres();
    for service in [here, there] {
        says(service, &path, &["It grows.", "Found.", "We look."]).await;
    }
    let kept = |service: &Service| fs::read_to_string(service.data().join("tokens.toml")).unwrap();
    let same = async || (kept(here) == kept(there)).then_some(());
    until("tokens are the same", SOON, same).await;
    assert!(kept(there).contains("ops"));
    // An end of a token is one everywhere.
    said(here, &["token", "remove", "ci"]).await;
    until("it is known on both", SOON, same).await;
    assert!(!kept(there).contains("\"ci\""));
    told(&fleet, 3).await;
}
